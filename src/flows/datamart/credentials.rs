//! Credentials: announced by a letter with a one-time link, made when they are first shown, and kept as digests only.
//!
//! No secret travels in a letter and none waits anywhere to be shown: what the page shows did not exist before.

use crate::app::App;
use crate::base::id::{EnrolmentId, KeyId, KeySecretId, LinkId, TimelineId};
use crate::base::{Fault, Seconds, Secret};
use crate::flows::operate::create_key::SECRET_PREFIX;
use crate::flows::platform::generic_agent;
use crate::flows::platform::issue_token::{TokenWish, issue};
use crate::flows::record::record;
use crate::flows::tell;
use crate::mail::Notice;
use crate::platform::developer::Developer;
use crate::platform::personal_token::OwnData;
use crate::platform::role::Role;
use crate::platform::wish::{Enrolment, Happening, Kind};
use crate::store::audit::Entry;
use crate::store::keys::Registered;
use crate::store::{Conn, accounts, developer_keys, enrolments, key_approvals, keys, links, personal_tokens};

use super::enter::DeveloperGuest;
use super::link::{self, Purpose};
use super::register::LETTERS_AN_HOUR;
use super::sample_mls;

/// Which credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those of a key that no enrolment led to: the demo key, or one issued by hand.
    Key(KeyId),
    /// Those of the key that an enrolment led to.
    Enrolment(EnrolmentId),
}

impl Of {
    fn subject(self) -> String {
        match self {
            Self::Key(id) => format!("key:{id}"),
            Self::Enrolment(id) => format!("enrolment:{id}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        let id: i64 = id.parse().ok()?;
        match kind {
            "key" => Some(Self::Key(KeyId(id))),
            "enrolment" => Some(Self::Enrolment(EnrolmentId(id))),
            _ => None,
        }
    }
}

/// Makes the link of a letter; those sent before work no more. Inside the caller's write.
pub fn link(app: &App, conn: &mut Conn, of: Of, developer: &Developer) -> Result<String, Fault> {
    let subject = of.subject();
    links::void(conn, Purpose::Credentials.name(), &subject, app.now())?;
    link::make(app, conn, Purpose::Credentials, &subject, &developer.facts.email, &developer.id.to_string())
}

/// The demo key of a developer, with its `client_id`.
pub fn demo_key(conn: &mut Conn, developer: &Developer) -> Result<Option<(KeyId, String)>, Fault> {
    match (developer.identity_id, sample_mls::id()) {
        (Some(identity), Some(mls)) => developer_keys::of_mls(conn, identity, &mls),
        _ => Ok(None),
    }
}

/// What came of asking for another link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is on its way.
    Sent,
    /// Too many were sent within the hour.
    TooMany,
    /// The token was taken back: no link leads to another one.
    TakenBack,
}

/// Sends the developer another link. One write. `None` where these credentials are not his.
pub fn send_again(app: &App, conn: &mut Conn, guest: &DeveloperGuest, of: Of) -> Result<Option<Again>, Fault> {
    let Some(found) = mine(conn, guest, of)? else { return Ok(None) };
    if taken_back(conn, &found)? {
        return Ok(Some(Again::TakenBack));
    }
    let since = app.now() - Seconds::hours(1);
    if links::made_since(conn, Purpose::Credentials.name(), &of.subject(), since)? >= LETTERS_AN_HOUR {
        return Ok(Some(Again::TooMany));
    }
    let address = link(app, conn, of, &guest.developer)?;
    let notice = Notice {
        subject: "Your credentials".to_owned(),
        name: guest.developer.facts.name(),
        paragraphs: vec![
            "you asked for a link to the credentials of one of your keys.".to_owned(),
            "The page creates new credentials: an earlier token stops working when you open it.".to_owned(),
        ],
        facts: vec![("Application", found.registered.key.name.clone()), ("Key", found.registered.key.key.clone())],
        action: Some(("Show my credentials", address)),
        closing: "The link works once, for seven days, and only for you.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&guest.developer.facts.email)?)?;
    record(conn, &Entry { client: Some(found.registered.key.key), ..guest.entry(app, "credentials.requested", &of.subject()) })?;
    Ok(Some(Again::Sent))
}

/// Whether somebody took back the token of the developer's key: the one it speaks for, or staff. Then it takes a new approval, or staff who
/// issue one, for the key to have a token again; its developer alone does not get there.
fn taken_back(conn: &mut Conn, mine: &Mine) -> Result<bool, Fault> {
    let key = &mine.registered.key;
    Ok(key.has(Role::SingleSession) && personal_tokens::taken_back(conn, key.id)?)
}

/// A key of the developer's, and the enrolment that led to it.
struct Mine {
    registered: Registered,
    enrolment: Option<Enrolment>,
}

fn mine(conn: &mut Conn, guest: &DeveloperGuest, of: Of) -> Result<Option<Mine>, Fault> {
    let Some(identity) = guest.developer.identity_id else { return Ok(None) };
    let (key, enrolment) = match of {
        Of::Key(key) => (Some(key), None),
        Of::Enrolment(id) => {
            let enrolment = enrolments::of(conn, guest.developer.id, id)?;
            (enrolment.as_ref().and_then(|enrolment| enrolment.key_id), enrolment)
        }
    };
    let Some(key) = key else { return Ok(None) };
    if !developer_keys::is_of(conn, key, identity)? {
        return Ok(None);
    }
    let Some(registered) = keys::get(conn, key)? else { return Ok(None) };
    if enrolment.is_none() && !stands_alone(conn, &registered)? {
        return Ok(None);
    }
    Ok(Some(Mine { registered, enrolment }))
}

/// Whether a key has credentials to show without an enrolment: the demo key, and one issued by hand. By any other there would be more
/// than was approved: a token of the generic agent for who was allowed one agent's, a secret without the password.
fn stands_alone(conn: &mut Conn, registered: &Registered) -> Result<bool, Fault> {
    let key = &registered.key;
    let demo = key.has(Role::SingleSession) && key.mls_id.is_some() && key.mls_id == sample_mls::id();
    Ok(demo || key_approvals::of_key(conn, key.id)?.is_some())
}

/// What a link would show, without showing it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The application.
    pub name: String,
    /// The `client_id`.
    pub client_id: String,
    /// Whether a token will be shown; a secret otherwise.
    pub token: bool,
}

/// Why a link shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It works no more.
    Over,
    /// It is another developer's.
    NotYours,
    /// The key or the account it speaks for is switched off.
    Closed,
    /// The token was taken back.
    TakenBack,
}

/// What is behind a link. Reads only.
///
/// Refuses: see [`Refusal`].
pub fn behind(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: LinkId) -> Result<Result<Waiting, Refusal>, Fault> {
    Ok(found(app, conn, guest, id)?.map(|(_, mine)| Waiting {
        name: mine.registered.key.name.clone(),
        client_id: mine.registered.key.key.clone(),
        token: mine.registered.key.has(Role::SingleSession),
    }))
}

fn found(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: LinkId) -> Result<Result<(Of, Mine), Refusal>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::Credentials, id)? else { return Ok(Err(Refusal::Over)) };
    if link.detail != guest.developer.id.to_string() {
        return Ok(Err(Refusal::NotYours));
    }
    let Some(of) = Of::parse(&link.subject) else { return Ok(Err(Refusal::Over)) };
    let Some(mine) = mine(conn, guest, of)? else { return Ok(Err(Refusal::Over)) };
    if !mine.registered.key.enabled || mine.registered.key.deleted_at.is_some() {
        return Ok(Err(Refusal::Closed));
    }
    Ok(if taken_back(conn, &mine)? { Err(Refusal::TakenBack) } else { Ok((of, mine)) })
}

/// Credentials, shown now and never again.
pub struct Shown {
    /// Which key.
    pub key: KeyId,
    /// The application.
    pub name: String,
    /// The `client_id`.
    pub client_id: String,
    /// The personal token.
    pub token: Option<Secret>,
    /// The client secret.
    pub secret: Option<Secret>,
}

/// Makes the credentials of a key and shows them; the link is used up. One write.
///
/// Refuses: see [`Refusal`].
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, id: LinkId) -> Result<Result<Shown, Refusal>, Fault> {
    let now = app.now();
    // Who takes the token back at this moment is before the look or after this write.
    if let Ok((_, mine)) = found(app, conn, guest, id)? {
        keys::hold(conn, mine.registered.key.id)?;
    }
    let (of, mine) = match found(app, conn, guest, id)? {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    if !links::use_up(conn, id, now)? {
        return Ok(Err(Refusal::Over));
    }
    let registered = &mine.registered;
    let mut shown = Shown {
        key: registered.key.id,
        name: registered.key.name.clone(),
        client_id: registered.key.key.clone(),
        token: None,
        secret: None,
    };
    if registered.key.has(Role::SingleSession) {
        match token(app, conn, &mine)? {
            Some(value) => shown.token = Some(value),
            None => return Ok(Err(Refusal::Closed)),
        }
    } else {
        let secret = Secret::generate(SECRET_PREFIX, &app.random);
        let row = KeySecretId(app.random.small_id(now));
        keys::add_secret(conn, row, registered.key.id, "datamart", &secret.digest(), None, now)?;
        // Programs that still use the one before have a day to change.
        keys::expire_other_secrets(conn, registered.key.id, row, now + Seconds::days(1))?;
        shown.secret = Some(secret);
    }
    if let Some(mut enrolment) = mine.enrolment {
        enrolment.revealed_at = Some(now);
        if !enrolments::save(conn, &enrolment)? {
            return Err(Fault::unavailable("the enrollment changed at the same moment"));
        }
        let line = Happening { at: now, kind: Kind::Revealed, place: None, actor: guest.developer.facts.name(), words: String::new() };
        enrolments::tell(conn, TimelineId(app.random.id(now)), enrolment.id, &line, None)?;
    }
    record(conn, &Entry { client: Some(shown.client_id.clone()), ..guest.entry(app, "credentials.shown", &of.subject()) })?;
    app.keys.forget();
    Ok(Ok(shown))
}

/// The token of the account a key was approved for, or of its MLS's generic agent.
fn token(app: &App, conn: &mut Conn, mine: &Mine) -> Result<Option<Secret>, Fault> {
    let now = app.now();
    let by_hand = match mine.enrolment {
        Some(_) => None,
        None => key_approvals::of_key(conn, mine.registered.key.id)?,
    };
    let named = match (&mine.enrolment, &by_hand) {
        (Some(enrolment), _) => enrolment.account_id.clone(),
        (None, Some(approval)) => approval.account_id.clone(),
        (None, None) => None,
    };
    let holder = match (named, &mine.registered.key.mls_id) {
        (Some(account), _) => account,
        (None, Some(mls)) => generic_agent::of(&app.random, conn, mls, now)?,
        (None, None) => return Ok(None),
    };
    let Some(account) = accounts::get(conn, &holder)? else { return Ok(None) };
    let own_data: Option<OwnData> = match (&mine.enrolment, &by_hand) {
        (Some(enrolment), _) => enrolment.wish.own_data,
        (None, approval) => approval.as_ref().and_then(|approval| approval.own_data),
    };
    let created_by = match (&mine.enrolment, &by_hand) {
        (Some(_), _) => "datamart",
        (None, Some(_)) => "by_hand",
        (None, None) => "activation",
    };
    let created_by = created_by.to_owned();
    let wish = TokenWish { registered: &mine.registered, account: &account, own_data, created_by };
    Ok(issue(&app.random, conn, wish, now)?.ok().map(|issued| issued.value))
}
