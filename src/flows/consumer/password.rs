//! A consumer's password, forgotten and set anew by a link in a letter.

use crate::app::App;
use crate::base::id::LinkId;
use crate::base::{Fault, Secret};
use crate::flows::datamart::link::{self, Purpose};
use crate::flows::record::{Caller, record, unknown_address};
use crate::identity::consumer::Consumer;
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::{Conn, consumer_sessions, consumers, links};

use super::enter::ConsumerGuest;
use super::sign_up::actor;
use super::{accounts, letters};

/// Sends a link by which the password of whoever has this address can be set anew; nothing where nobody has it. One write.
pub fn forgotten(app: &App, conn: &mut Conn, caller: &Caller, email: &str) -> Result<(), Fault> {
    let Some(kept) = consumers::by_email(conn, email)? else {
        // Whoever waits for the answer waits for a write either way.
        return record(conn, &unknown_address(app, caller, email));
    };
    if letters::reset(app, conn, caller, &kept.consumer, false)? {
        let line = Entry { subject: Some(actor(&kept.consumer.id)), ..caller.entry(app, "reset.requested", false, app.now()) };
        record(conn, &line)?;
    }
    Ok(())
}

/// The consumer whose password a link sets anew; `None` where it works no more, also because the password was changed since it was sent.
pub fn behind(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<Consumer>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::ConsumerReset, id)? else { return Ok(None) };
    let Ok(consumer) = link.detail.parse() else { return Ok(None) };
    let Some(kept) = consumers::get(conn, &consumer)? else { return Ok(None) };
    let changed_since = kept.consumer.tokens_valid_after.is_some_and(|at| at > link.created_at());
    let fits = kept.consumer.may_sign_in() && !changed_since && kept.consumer.email == link.address;
    Ok(fits.then_some(kept.consumer))
}

/// Sets the new password: everything from before is over and nobody is signed in. One write. `false` where the link works no more.
pub fn set(app: &App, conn: &mut Conn, caller: &Caller, id: LinkId, hash: &str) -> Result<bool, Fault> {
    let now = app.now();
    let Some(consumer) = behind(app, conn, id)? else { return Ok(false) };
    if !links::use_up(conn, id, now)? {
        return Ok(false);
    }
    links::void(conn, Purpose::ConsumerReset.name(), &email_key(&consumer.email), now)?;
    accounts::set_password(app, conn, caller, &consumer, hash, None)?;
    record(conn, &Entry { subject: Some(actor(&consumer.id)), ..caller.entry(app, "reset.done", false, now) })?;
    Ok(true)
}

/// Changes the password of who is signed in: every other session is over, and so is everything issued. Answers the new secret of the session
/// that stays. One write.
///
/// # Errors
/// [`Fault::Unavailable`] where that session was ended meanwhile: whoever was thrown out changes nothing.
pub fn change(app: &App, conn: &mut Conn, guest: &ConsumerGuest, hash: &str) -> Result<Secret, Fault> {
    let (now, session) = (app.now(), guest.session.id);
    accounts::set_password(app, conn, &guest.caller, &guest.consumer, hash, Some(session))?;
    links::void(conn, Purpose::ConsumerReset.name(), &email_key(&guest.consumer.email), now)?;
    let secret = Secret::new(app.random.token());
    if !consumer_sessions::renew(conn, session, &secret.digest(), now, guest.session.ends_at)? {
        return Err(Fault::unavailable("the session ended while the password was changed"));
    }
    Ok(secret)
}
