//! Issuing a key by hand, on an approval whose record is kept: who, when, in which document.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, KeyApprovalId, KeyId};
use crate::flows::datamart::credentials::{self, Of};
use crate::flows::datamart::demo_key::standing;
use crate::flows::platform::own_data;
use crate::flows::record::record;
use crate::flows::tell;
use crate::identity::account::{Account, UserType};
use crate::mail::Notice;
use crate::platform::developer::Developer;
use crate::platform::form::Problems;
use crate::platform::hand_issue::{Approval, Typed, Wish};
use crate::platform::plan::Credential;
use crate::platform::role::Role;
use crate::protocol::client::{ClientKind, Policy};
use crate::protocol::redirect::RedirectUri;
use crate::store::audit::Entry;
use crate::store::keys::NewKey;
use crate::store::mlses::{self, Mls};
use crate::store::{Conn, accounts, developer_keys, developers, key_approvals, keys};

use super::enter::Guest;

/// The MLS for which a key can be issued: the one whose staff it is, or for the platform's staff the one of that id.
pub fn mls(conn: &mut Conn, guest: &Guest, chosen: Option<&str>) -> Result<Option<Mls>, Fault> {
    match chosen {
        None => mlses::get(conn, &guest.account.mls_id),
        Some(id) => id.parse::<AccountId>().ok().map(|id| mlses::get(conn, &id)).transpose().map(Option::flatten),
    }
}

/// Every MLS, for the platform's staff to choose from.
pub fn mlses(conn: &mut Conn) -> Result<Vec<Mls>, Fault> {
    mlses::all(conn)
}

/// Issues a key; its developer gets a letter with a one-time link to what belongs to it. One write.
///
/// Refuses: all that is wrong with the form, field by field; without a record of the approval there is no key.
pub fn issue(app: &App, conn: &mut Conn, guest: &Guest, mls: &Mls, typed: &Typed) -> Result<Result<KeyId, Problems>, Fault> {
    let now = app.now();
    let wish = match Wish::parse(typed, &now.day()) {
        Ok(wish) => wish,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut problems = Problems::default();
    for uri in &wish.redirect_uris {
        if let Err(why) = RedirectUri::register(uri, ClientKind::Confidential) {
            problems.note("redirect_uris", format!("An address {why}."));
        }
    }
    let developer = match developers::by_email(conn, &wish.developer)? {
        Some((found, _)) => developers::held(conn, found.id)?.filter(Developer::may_build),
        None => None,
    };
    if developer.is_none() {
        problems.note("developer", "No activated developer has this address. Let them register first.");
    }
    let holder = match &wish.login {
        Some(login) => holder(conn, mls, login, &wish, &mut problems)?,
        None => None,
    };
    let (true, Some(developer)) = (problems.is_empty(), developer) else { return Ok(Err(problems)) };
    let Some(identity) = developer.identity_id else { return Err(Fault::broken("an activated developer has no identity")) };

    let id = KeyId(app.random.small_id(now));
    let client_id = app.random.client_id();
    let (roles, policy) = match wish.credential {
        Credential::Bearer => (vec![wish.role, Role::SingleSession], standing()),
        Credential::OpenId => (vec![wish.role], Policy { verified: true, ..Policy::default() }),
    };
    let new = NewKey {
        id,
        mls_id: Some(&mls.id),
        name: &wish.application,
        key: &client_id,
        kind: ClientKind::Confidential.name(),
        application_uri: &wish.website,
        redirect_uris: &wish.redirect_uris,
        roles: &roles,
        policy: &policy,
        comments: &format!("issued by hand; approved by {} on {}: {}", wish.approved_by, wish.approved_on, wish.document),
    };
    keys::add(conn, &new, now)?;
    developer_keys::bind(conn, id, identity, &mls.id)?;
    let approval = Approval {
        approved_by: wish.approved_by.clone(),
        approved_on: wish.approved_on.clone(),
        document: wish.document.clone(),
        recorded_by: guest.account.id.to_string(),
        recorded_at: now,
        account_id: holder.map(|account| account.id),
        own_data: wish.own_data,
    };
    key_approvals::add(conn, KeyApprovalId(app.random.id(now)), id, &approval)?;
    let line = Entry {
        client: Some(client_id.clone()),
        subject: Some(id.to_string()),
        reason: Some("by_hand".to_owned()),
        ..guest.entry(app, "key.created")
    };
    record(conn, &line)?;
    announce(app, conn, mls, &wish, &developer, id, client_id)?;
    Ok(Ok(id))
}

/// For whom a token is to speak.
fn holder(conn: &mut Conn, mls: &Mls, login: &str, wish: &Wish, problems: &mut Problems) -> Result<Option<Account>, Fault> {
    let found = accounts::by_login(conn, login)?.map(|(account, _)| account);
    let found = found.filter(|account| account.mls_id == mls.id && account.active && account.user_type != UserType::Mls);
    match &found {
        None => problems.note("login", format!("No one at {} with this login name has data to read.", mls.name)),
        Some(account) if wish.own_data.is_some_and(|own| own_data::owner(account, own).is_none()) => {
            problems.note("own_data", format!("{} has no such listings of its own.", account.profile.name));
        }
        Some(_) => {}
    }
    Ok(found)
}

fn announce(app: &App, conn: &mut Conn, mls: &Mls, wish: &Wish, developer: &Developer, id: KeyId, client_id: String) -> Result<(), Fault> {
    let address = credentials::link(app, conn, Of::Key(id), developer)?;
    let shown = match wish.credential {
        Credential::Bearer => "Its token",
        Credential::OpenId => "Its secret",
    };
    let notice = Notice {
        subject: "Your key is issued".to_owned(),
        name: developer.facts.name(),
        paragraphs: vec![format!("{} has issued a key for you. {shown} is shown once, on the page behind this link.", mls.name)],
        facts: vec![("Application", wish.application.clone()), ("MLS", mls.name.clone()), ("Key", client_id)],
        action: Some(("Show my credentials", address)),
        closing: "The link works once, for seven days, and only for you: you have to sign in.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)
}
