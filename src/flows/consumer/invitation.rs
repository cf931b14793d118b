//! Taking the login that an agent made for a contact: by the link in the letter, as somebody new or as who one is already.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::LinkId;
use crate::flows::datamart::link::{self, Purpose};
use crate::flows::record::{Caller, record};
use crate::identity::consumer::{Consumer, ConsumerSession};
use crate::platform::contact::Contact;
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::{Conn, consumers, contacts, links};

use super::look::{self, Host};
use super::sign_in::{self, Opened};
use super::sign_up::{self, Newcomer, actor};

/// An invitation that was opened.
pub struct Invited {
    /// By whom, to which portal.
    pub host: Host,
    /// As whom.
    pub contact: Contact,
    /// Who has that address already.
    pub known: Option<Consumer>,
}

/// What a link of a letter invites to; `None` where it works no more, also because the contact is gone, taken, closed or has another
/// address by now.
pub fn behind(app: &App, conn: &mut Conn, id: LinkId) -> Result<Option<Invited>, Fault> {
    let Some(link) = link::get(app, conn, Purpose::Invitation, id)? else { return Ok(None) };
    let Ok(contact) = link.detail.parse() else { return Ok(None) };
    let Some(contact) = contacts::by_id(conn, &contact)? else { return Ok(None) };
    let fits = contact.consumer_id.is_none() && contact.may_enter() && email_key(&contact.facts.email) == email_key(&link.address);
    if !fits {
        return Ok(None);
    }
    let Some(host) = look::host_of(app, conn, &contact.account_id)? else { return Ok(None) };
    let known = consumers::by_email(conn, &contact.facts.email)?.map(|kept| kept.consumer);
    Ok(Some(Invited { host, contact, known }))
}

/// Takes the login as somebody new: the letter proved the address. One write. `None` where the link works no more.
pub fn take_new(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    id: LinkId,
    (new, hash): (&Newcomer, &str),
    held: Option<&ConsumerSession>,
) -> Result<Option<Opened>, Fault> {
    let now = app.now();
    let Some(Invited { contact, known: None, .. }) = behind(app, conn, id)? else { return Ok(None) };
    if !links::use_up(conn, id, now)? {
        return Ok(None);
    }
    let email = contact.facts.email.clone();
    let newcomer = Newcomer { email, login_name: String::new(), ..new.clone() };
    let unproved = sign_up::consumer(app, &newcomer);
    consumers::add(conn, &unproved, hash, None, now)?;
    if !consumers::verify(conn, &unproved, now)? {
        return Err(Fault::unavailable("two people took one address at once"));
    }
    let consumer = Consumer { email_verified_at: Some(now), ..unproved };
    record(conn, &Entry { subject: Some(actor(&consumer.id)), ..caller.entry(app, "consumer.verified", false, now) })?;
    taken(app, conn, caller, &consumer, &contact, held).map(Some)
}

/// Takes the login as who one is already, once the password was given. One write. `None` where the link works no more.
pub fn take_known(app: &App, conn: &mut Conn, caller: &Caller, id: LinkId, opened: &Opened) -> Result<Option<()>, Fault> {
    let Some(Invited { contact, known: Some(known), .. }) = behind(app, conn, id)? else { return Ok(None) };
    if known.id != opened.consumer.id || !links::use_up(conn, id, app.now())? {
        return Ok(None);
    }
    sign_up::link(app, conn, caller, &known, &contact.account_id, Some(&contact.id), false)?;
    Ok(Some(()))
}

fn taken(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    consumer: &Consumer,
    contact: &Contact,
    held: Option<&ConsumerSession>,
) -> Result<Opened, Fault> {
    sign_up::link(app, conn, caller, consumer, &contact.account_id, Some(&contact.id), false)?;
    sign_in::start(app, conn, caller, consumer, held)
}
