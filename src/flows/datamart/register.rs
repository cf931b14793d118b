//! Registering as a developer, and proving that the address is one's own.

use crate::app::App;
use crate::base::id::{DeveloperId, LinkId};
use crate::base::peer::line_of;
use crate::base::{Digest, Fault, Seconds, Timestamp};
use crate::flows::record::{Caller, record};
use crate::flows::tell;
use crate::hashing::Verdict;
use crate::identity::password::StoredHash;
use crate::identity::throttle::Rule;
use crate::mail::Notice;
use crate::platform::developer::Developer;
use crate::platform::form::email_key;
use crate::platform::registration::{self, Event, PROMISED, Registration, TERMS_VERSION};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, developers, links, throttles};

use super::enter::actor;
use super::link::{self, Purpose};
use super::password;

/// How many letters somebody else can cause to one address in an hour.
pub const LETTERS_AN_HOUR: i64 = 3;
const HOUR: Seconds = Seconds::hours(1);
/// To how many of the platform's staff a registration is told.
const MOST_TOLD: i64 = 20;

/// Counts a try of somebody whom nobody knows yet; `Err` says until when none is taken.
pub fn admit(app: &App, conn: &mut Conn, caller: &Caller, what: &str) -> Result<Result<(), Timestamp>, Fault> {
    if app.settings.sign_ins_per_minute == 0 {
        return Ok(Ok(()));
    }
    let peer = caller.peer.map_or_else(|| "unknown".to_owned(), |peer| line_of(peer).to_string());
    throttles::count(conn, Rule::Address(app.settings.sign_ins_per_minute.into()), &format!("{what}:{peer}"), app.now())
}

/// Takes a registration and asks by letter whether the address is theirs. One write.
///
/// Whether somebody has registered with the address before is told to nobody but who reads its letters.
pub fn submit(app: &App, conn: &mut Conn, caller: &Caller, facts: &Registration, hash: &str) -> Result<(), Fault> {
    let now = app.now();
    if let Some((developer, _)) = developers::by_email(conn, &facts.email)? {
        return password::send_link(app, conn, caller, &developer, true);
    }
    let key = email_key(&facts.email);
    if links::made_since(conn, Purpose::Verify.name(), &key, now - HOUR)? >= LETTERS_AN_HOUR {
        return record(
            conn,
            &Entry { reason: Some("too_many_letters".to_owned()), ..caller.entry(app, "developer.registered", true, now) },
        );
    }
    let id = DeveloperId(app.random.small_id(now));
    developers::add(conn, id, facts, hash, TERMS_VERSION, now)?;
    let address = link::make(app, conn, Purpose::Verify, &key, &facts.email, &id.to_string())?;
    let notice = Notice {
        subject: "Please confirm your e-mail address".to_owned(),
        name: facts.name(),
        paragraphs: vec![
            "someone, most likely you, registered with this address as a developer.".to_owned(),
            "To go on, open the page below and enter the password you chose.".to_owned(),
        ],
        facts: vec![("Company", facts.company.clone())],
        action: Some(("Confirm your e-mail address", address)),
        closing: "The link works for 24 hours. If it was not you, do nothing: without the password nothing happens.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&facts.email)?)?;
    record(conn, &Entry { subject: Some(format!("developer:{id}")), ..caller.entry(app, "developer.registered", false, now) })
}

/// A guess at the password of a registration that may be looked at.
pub struct Asked {
    /// Whose registration it is.
    pub developer: Developer,
    /// The stored hash.
    pub stored: Option<StoredHash>,
    bucket: String,
}

/// The registration that a link of a letter is about; `None` where the link works no more.
pub fn behind(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<(Developer, String)>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::Verify, id)? else { return Ok(None) };
    let developer = DeveloperId(link.detail.parse().map_err(Fault::broken)?);
    let found = developers::get(conn, developer)?;
    Ok(found.filter(|(developer, _)| registration::next(developer.state, Event::Verify, developer.submitted_at, app.now()).is_ok()))
}

/// Counts a guess at the password of a registration; `Err` says until when none is taken, `None` that the link works no more. One write.
pub fn guess(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<Result<Asked, Timestamp>>, Fault> {
    let Some((developer, hash)) = behind(app, conn, id)? else { return Ok(None) };
    let bucket = format!("verify:{}", Digest::of(developer.id.to_string().as_bytes()).hex());
    Ok(Some(match throttles::count(conn, Rule::Account, &bucket, app.now())? {
        Ok(()) => Ok(Asked { developer, stored: StoredHash::parse(&hash), bucket }),
        Err(until) => Err(until),
    }))
}

/// What came of proving an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is theirs; the staff has to decide now.
    Done,
    /// The password does not fit.
    Wrong,
    /// The link works no more, or the address is another developer's by now.
    Over,
}

/// Takes the address as proved where the password fits. One write.
pub fn verify(app: &App, conn: &mut Conn, caller: &Caller, id: LinkId, asked: &Asked, verdict: &Verdict) -> Result<Verified, Fault> {
    let now = app.now();
    let line = |event: &str, refused| Entry { subject: Some(actor(&asked.developer)), ..caller.entry(app, event, refused, now) };
    if !verdict.matches {
        record(conn, &Entry { reason: Some("password_wrong".to_owned()), ..line("developer.verified", true) })?;
        return Ok(Verified::Wrong);
    }
    if behind(app, conn, id)?.is_none() || !links::use_up(conn, id, now)? || !developers::verify(conn, &asked.developer, now)? {
        return Ok(Verified::Over);
    }
    throttles::clear(conn, &asked.bucket)?;
    let facts = &asked.developer.facts;
    let notice = Notice {
        subject: "We received your registration".to_owned(),
        name: facts.name(),
        paragraphs: vec![
            "thank you: your address is confirmed, and your registration is with the platform's staff.".to_owned(),
            format!("You will hear from us within {PROMISED} business days."),
        ],
        action: Some(("See its status", format!("{}/developers", app.settings.issuer))),
        closing: "You do not need to do anything until then.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&facts.email)?)?;
    tell_staff(app, conn, &asked.developer)?;
    record(conn, &Entry { actor: Some(actor(&asked.developer)), ..line("developer.verified", false) })?;
    Ok(Verified::Done)
}

/// Tells the platform's staff of a registration that waits for them.
fn tell_staff(app: &App, conn: &mut Conn, developer: &Developer) -> Result<(), Fault> {
    let facts = &developer.facts;
    for member in accounts::platform_staff(conn, MOST_TOLD)? {
        let Some(to) = member.profile.primary_email() else { continue };
        let notice = Notice {
            subject: "A developer registered".to_owned(),
            name: member.profile.name.clone(),
            paragraphs: vec![format!("a developer's registration waits for you. An answer is promised within {PROMISED} business days.")],
            facts: vec![("Developer", facts.name()), ("Company", facts.company.clone())],
            action: Some(("Review the registration", format!("{}/admin/registrations/{}", app.settings.issuer, developer.id))),
            closing: "You get this e-mail because you are on the platform's staff.".to_owned(),
            site: app.settings.issuer.clone(),
        };
        tell::letter(app, conn, notice.letter(to)?)?;
    }
    Ok(())
}
