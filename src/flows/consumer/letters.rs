//! Letters to home buyers. What agents and strangers wrote stands in them as words and never makes a link.

use crate::app::App;
use crate::base::{Fault, Seconds, Timestamp};
use crate::flows::datamart::link::{self, Purpose};
use crate::flows::record::{Caller, record};
use crate::flows::tell;
use crate::identity::account::Account;
use crate::identity::consumer::Consumer;
use crate::mail::{Notice, device, moment, said};
use crate::platform::contact::Contact;
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::{Conn, links};

/// How many letters of one kind somebody else can cause to one address in an hour.
const LETTERS_AN_HOUR: i64 = 3;

/// Whether one more letter of this kind may go to that address; where not, the audit says so.
fn may_write(app: &App, conn: &mut Conn, caller: &Caller, purpose: Purpose, address: &str, event: &'static str) -> Result<bool, Fault> {
    let now = app.now();
    if links::made_since(conn, purpose.name(), &email_key(address), now - Seconds::hours(1))? < LETTERS_AN_HOUR {
        return Ok(true);
    }
    record(conn, &Entry { reason: Some("too_many_letters".to_owned()), ..caller.entry(app, event, true, now) })?;
    Ok(false)
}

/// Asks a contact to take the portal account that an agent made. Answers whether a letter is on its way.
pub fn invitation(app: &App, conn: &mut Conn, caller: &Caller, agent: &Account, portal: &str, contact: &Contact) -> Result<bool, Fault> {
    let address = &contact.facts.email;
    if !may_write(app, conn, caller, Purpose::Invitation, address, "contact.invited")? {
        return Ok(false);
    }
    links::void_detail(conn, Purpose::Invitation.name(), contact.id.as_str(), app.now())?;
    let link = link::make(app, conn, Purpose::Invitation, &email_key(address), address, contact.id.as_str())?;
    let agents = said(&agent.profile.name);
    let notice = Notice {
        subject: format!("{agents} invites you to {portal}"),
        name: contact.facts.display_name.clone(),
        paragraphs: vec![
            format!("{agents} would like to share listings with you, and invites you to create a login at the portal named below."),
            "Open the page below to create it. If you do nothing, nothing happens.".to_owned(),
        ],
        facts: vec![("Portal", portal.to_owned()), ("Office", agent.profile.office.clone()), ("MLS", agent.mls_name.clone())],
        action: Some(("Create login", link)),
        closing: "The link works once, for 14 days. If you do not know who wrote to you, do nothing.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(address)?)?;
    Ok(true)
}

/// Asks whoever reads the letters of an address whether the sign-up was theirs.
pub fn verification(app: &App, conn: &mut Conn, caller: &Caller, consumer: &Consumer, portal: &str) -> Result<bool, Fault> {
    if !may_write(app, conn, caller, Purpose::ConsumerVerify, &consumer.email, "consumer.registered")? {
        return Ok(false);
    }
    let link = link::make(app, conn, Purpose::ConsumerVerify, &email_key(&consumer.email), &consumer.email, consumer.id.as_str())?;
    let notice = Notice {
        subject: "Please confirm your e-mail address".to_owned(),
        name: consumer.name.clone(),
        paragraphs: vec![
            "someone, most likely you, signed up with this address.".to_owned(),
            "To go on, open the page below and enter the password you chose.".to_owned(),
        ],
        facts: vec![("Portal", portal.to_owned())],
        action: Some(("Confirm your e-mail address", link)),
        closing: "The link works for 24 hours. If it was not you, do nothing: without the password nothing happens.".to_owned(),
        site: app.settings.issuer.clone(),
    };
    tell::letter(app, conn, notice.letter(&consumer.email)?)?;
    Ok(true)
}

/// Sends a consumer a link by which the password can be set anew; `again` is for who signs up though there is a login already.
pub fn reset(app: &App, conn: &mut Conn, caller: &Caller, consumer: &Consumer, again: bool) -> Result<bool, Fault> {
    let key = email_key(&consumer.email);
    if !may_write(app, conn, caller, Purpose::ConsumerReset, &consumer.email, "reset.requested")? {
        return Ok(false);
    }
    links::void(conn, Purpose::ConsumerReset.name(), &key, app.now())?;
    let link = link::make(app, conn, Purpose::ConsumerReset, &key, &consumer.email, consumer.id.as_str())?;
    let happened = if again {
        "someone, most likely you, wanted to sign up with this address, but you have a login already: sign in with it."
    } else {
        "someone, most likely you, asked for a new password of your login."
    };
    let notice = Notice {
        subject: if again { "You have a login already" } else { "Choose a new password" }.to_owned(),
        name: consumer.name.clone(),
        paragraphs: vec![happened.to_owned(), "If you no longer know your password, choose a new one on the page below.".to_owned()],
        action: Some(("Choose a new password", link)),
        closing: "The link works once, for 30 minutes. If it was not you, do nothing: your password stays as it is.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&consumer.email)?)?;
    Ok(true)
}

/// Tells a consumer that the password was changed.
pub fn password_changed(app: &App, conn: &mut Conn, caller: &Caller, consumer: &Consumer, now: Timestamp) -> Result<(), Fault> {
    let notice = Notice {
        subject: "Your password was changed".to_owned(),
        name: consumer.name.clone(),
        paragraphs: vec!["the password of your login was changed. Every session is signed out, and sites must ask you again.".to_owned()],
        facts: vec![
            ("When", moment(now)),
            ("From", caller.peer.map_or_else(|| "an unknown address".to_owned(), |peer| peer.to_string())),
            ("Device", device(&caller.user_agent)),
        ],
        closing: "If it was you, there is nothing to do. If it was not, choose a new password at once.".to_owned(),
        site: app.settings.issuer.clone(),
        ..Notice::default()
    };
    tell::letter(app, conn, notice.letter(&consumer.email)?)
}
