//! A developer's password: forgotten and set anew by a link in a letter, or changed.

use crate::app::App;
use crate::base::id::{DeveloperId, LinkId};
use crate::base::{Fault, Seconds, Secret, Timestamp};
use crate::flows::record::{Caller, record, unknown_address};
use crate::flows::tell;
use crate::mail::{Notice, device, moment};
use crate::platform::developer::Developer;
use crate::store::audit::Entry;
use crate::store::links::Link;
use crate::store::{Conn, developer_sessions, developers, links, throttles};

use super::enter::{DeveloperGuest, actor};
use super::link::{self, Purpose};
use super::register::LETTERS_AN_HOUR;
use super::sign_in;

/// Sends a link by which the password of whoever has this address can be set anew; nothing where nobody has it. One write.
pub fn forgotten(app: &App, conn: &mut Conn, caller: &Caller, email: &str) -> Result<(), Fault> {
    match developers::by_email(conn, email)?.filter(|(developer, _)| developer.may_sign_in()) {
        Some((developer, _)) => send_link(app, conn, caller, &developer, false),
        // Whoever waits for the answer waits for a write either way.
        None => record(conn, &unknown_address(app, caller, email)),
    }
}

/// Sends a developer the link, unless too many were sent within the hour; those sent before work no more. `again` is for who registers anew.
pub fn send_link(app: &App, conn: &mut Conn, caller: &Caller, developer: &Developer, again: bool) -> Result<(), Fault> {
    let now = app.now();
    let subject = developer.id.to_string();
    if links::made_since(conn, Purpose::Reset.name(), &subject, now - Seconds::hours(1))? >= LETTERS_AN_HOUR {
        return record(
            conn,
            &Entry { reason: Some("too_many_letters".to_owned()), ..line(app, caller, developer, "reset.requested", true) },
        );
    }
    links::void(conn, Purpose::Reset.name(), &subject, now)?;
    let address = link::make(app, conn, Purpose::Reset, &subject, &developer.facts.email, "")?;
    let happened = if again {
        "someone, most likely you, wanted to register as a developer with this address, but you are registered already."
    } else {
        "someone, most likely you, asked for a new password of your developer account."
    };
    let notice = Notice {
        subject: if again { "You are registered already" } else { "Choose a new password" }.to_owned(),
        name: developer.facts.name(),
        paragraphs: vec![happened.to_owned(), "If you no longer know your password, choose a new one on the page below.".to_owned()],
        action: Some(("Choose a new password", address)),
        closing: "The link works once, for 30 minutes. If it was not you, do nothing: your password stays as it is.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)?;
    record(conn, &line(app, caller, developer, "reset.requested", false))
}

/// The developer whose password a link sets anew; `None` where it works no more, also because the password was changed since it was sent.
pub fn behind(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<(Link, Developer)>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::Reset, id)? else { return Ok(None) };
    let Some((developer, _)) = developers::get(conn, DeveloperId(link.subject.parse().map_err(Fault::broken)?))? else { return Ok(None) };
    let changed_since = developer.sessions_valid_after.is_some_and(|at| at > link.created_at());
    Ok((developer.may_sign_in() && !changed_since).then_some((link, developer)))
}

/// Sets the new password: every session from before is over and nobody is signed in. One write. `false` where the link works no more.
pub fn set(app: &App, conn: &mut Conn, caller: &Caller, id: LinkId, hash: &str) -> Result<bool, Fault> {
    let now = app.now();
    let Some((_, developer)) = behind(app, conn, id)? else { return Ok(false) };
    if !links::use_up(conn, id, now)? {
        return Ok(false);
    }
    links::void(conn, Purpose::Reset.name(), &developer.id.to_string(), now)?;
    developers::set_password(conn, developer.id, hash, now)?;
    developer_sessions::end_all(conn, developer.id, None, now)?;
    // Strangers' guesses keep nobody out who reads the letters of the address.
    throttles::clear(conn, &sign_in::bucket(&developer.facts.email))?;
    tell_changed(app, conn, caller, &developer, now)?;
    record(conn, &line(app, caller, &developer, "reset.done", false))?;
    Ok(true)
}

/// Changes the password of who is signed in: every other session is over. Answers the new secret of the one that stays. One write.
///
/// # Errors
/// [`Fault::Unavailable`] where that session was ended meanwhile: whoever was thrown out changes nothing.
pub fn change(app: &App, conn: &mut Conn, guest: &DeveloperGuest, hash: &str) -> Result<Secret, Fault> {
    let now = app.now();
    let id = guest.developer.id;
    developers::set_password(conn, id, hash, now)?;
    developer_sessions::end_all(conn, id, Some(guest.session.id), now)?;
    links::void(conn, Purpose::Reset.name(), &id.to_string(), now)?;
    let secret = Secret::new(app.random.token());
    if !developer_sessions::renew(conn, guest.session.id, &secret.digest(), now)? {
        return Err(Fault::unavailable("the session ended while the password was changed"));
    }
    tell_changed(app, conn, &guest.caller, &guest.developer, now)?;
    record(conn, &guest.entry(app, "password.changed", &actor(&guest.developer)))?;
    Ok(secret)
}

fn tell_changed(app: &App, conn: &mut Conn, caller: &Caller, developer: &Developer, now: Timestamp) -> Result<(), Fault> {
    let notice = Notice {
        subject: "Your password was changed".to_owned(),
        name: developer.facts.name(),
        paragraphs: vec!["the password of your developer account was changed. Every other session is signed out.".to_owned()],
        facts: vec![
            ("When", moment(now)),
            ("From", caller.peer.map_or_else(|| "an unknown address".to_owned(), |peer| peer.to_string())),
            ("Device", device(&caller.user_agent)),
        ],
        closing: "If it was you, there is nothing to do. If it was not, write to us at once.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&developer.facts.email)?)
}

fn line(app: &App, caller: &Caller, developer: &Developer, event: &str, refused: bool) -> Entry {
    Entry { subject: Some(actor(developer)), ..caller.entry(app, event, refused, app.now()) }
}
