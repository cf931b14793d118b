//! Signing up: a login that takes nobody's place until its address is proved, and what it is linked with then.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::id::{AccountId, ConsumerId, ContactId};
use crate::base::{Fault, Timestamp};
use crate::flows::record::{Caller, record};
use crate::identity::consumer::{Consumer, Home};
use crate::platform::contact::{Contact, Facts, PortalAccount, RecordStatus, full_name};
use crate::platform::form::email_key;
use crate::store::audit::Entry;
use crate::store::{Conn, consumers, contacts};

use super::letters;

/// What a sign-up is to lead to once the address is proved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signup {
    /// The agent to be linked with.
    pub agent: Option<AccountId>,
    /// The agent's contact that the agent made a login for.
    pub contact: Option<ContactId>,
    /// Without connecting with the agent.
    #[serde(default)]
    pub unconnected: bool,
    /// The authorization request in which it began, to go on with in the same browser.
    pub request: Option<String>,
    /// The digest of that browser's id.
    pub browser: Option<String>,
}

/// What somebody who signs up says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomer {
    /// The address, which is what they will sign in with.
    pub email: String,
    /// Another name to sign in with; empty is the address.
    pub login_name: String,
    /// What people call them; empty is given and family name.
    pub name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// Where to ring.
    pub phone: String,
    /// Where they live.
    pub home: Home,
}

/// How the audit names a consumer: never to be taken for an account.
pub fn actor(id: &ConsumerId) -> String {
    format!("consumer:{id}")
}

/// Takes a sign-up and asks by letter whether the address is theirs. One write.
///
/// Whether somebody has that address already is told to nobody but who reads its letters. Answers the row where one was written.
pub fn begin(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    new: &Newcomer,
    hash: &str,
    signup: &Signup,
    portal: &str,
) -> Result<Option<Consumer>, Fault> {
    let now = app.now();
    if let Some(known) = consumers::by_email(conn, &new.email)? {
        letters::reset(app, conn, caller, &known.consumer, true)?;
        return Ok(None);
    }
    let consumer = consumer(app, new);
    if !letters::verification(app, conn, caller, &consumer, portal)? {
        return Ok(None);
    }
    consumers::add(conn, &consumer, hash, Some(&serde_json::to_string(signup).map_err(Fault::broken)?), now)?;
    record(conn, &Entry { subject: Some(actor(&consumer.id)), ..caller.entry(app, "consumer.registered", false, now) })?;
    Ok(Some(consumer))
}

/// The consumer that somebody who signs up is to be; nobody has proved the address yet.
pub fn consumer(app: &App, new: &Newcomer) -> Consumer {
    let now = app.now();
    let composed = full_name(&new.given_name, &new.family_name);
    let name = [&new.name, &composed, &new.email].into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
    Consumer {
        id: app.random.digits(now),
        email: new.email.clone(),
        login_name: if new.login_name.is_empty() { new.email.clone() } else { new.login_name.clone() },
        name,
        given_name: new.given_name.clone(),
        family_name: new.family_name.clone(),
        phone: new.phone.clone(),
        home: new.home.clone(),
        email_updates: false,
        email_verified_at: None,
        tokens_valid_after: None,
        current_agent: None,
        last_login_at: None,
        created_at: now,
        modified_at: now,
    }
}

/// Links a consumer with an agent: by the contact the agent made for that address, or by a new one. Within the write of who asks.
///
/// The address is proved, so that a contact with it is the consumer's. Whoever is linked already stays so.
pub fn link(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    consumer: &Consumer,
    agent: &AccountId,
    wanted: Option<&ContactId>,
    unconnected: bool,
) -> Result<Contact, Fault> {
    let now = app.now();
    if let Some(known) = contacts::between(conn, &consumer.id, agent)? {
        return Ok(known);
    }
    // An agent may have given the contact of the letter to somebody else since: the address that was proved decides.
    let waiting = contacts::waiting_for(conn, agent, &consumer.email)?.map(|contact| contact.id);
    let mut known = None;
    for id in wanted.into_iter().chain(waiting.as_ref()) {
        if known.is_none() {
            known = taken(conn, consumer, agent, id, now)?;
        }
    }
    let contact = match known {
        Some(contact) => contact,
        None => added(app, conn, consumer, agent, unconnected, now)?,
    };
    let line = Entry {
        actor: Some(actor(&consumer.id)),
        subject: Some(format!("contact:{}", contact.id)),
        ..caller.entry(app, "contact.linked", false, now)
    };
    record(conn, &line)?;
    Ok(contact)
}

/// A contact that the agent made is the consumer's from now on: what the agent did not know is filled in. `None` where it has another
/// address than the consumer, or is somebody's already.
fn taken(conn: &mut Conn, consumer: &Consumer, agent: &AccountId, id: &ContactId, now: Timestamp) -> Result<Option<Contact>, Fault> {
    contacts::hold(conn, agent, id)?;
    let waiting = contacts::get(conn, agent, id)?.filter(|contact| email_key(&contact.facts.email) == email_key(&consumer.email));
    let Some(contact) = waiting else { return Ok(None) };
    if !contacts::link(conn, id, &consumer.id, now)? {
        return Ok(None);
    }
    let mut contact = Contact { consumer_id: Some(consumer.id.clone()), modified_at: now, ..contact };
    let facts = &mut contact.facts;
    for (known, said) in [
        (&mut facts.given_name, &consumer.given_name),
        (&mut facts.family_name, &consumer.family_name),
        (&mut facts.phone, &consumer.phone),
        (&mut facts.street, &consumer.home.street),
        (&mut facts.locality, &consumer.home.locality),
        (&mut facts.region, &consumer.home.region),
        (&mut facts.postal_code, &consumer.home.postal_code),
    ] {
        if known.is_empty() {
            known.clone_from(said);
        }
    }
    if contact.portal.is_none() {
        contact.portal = Some(account(consumer));
    }
    contacts::change(conn, &contact, now)?;
    Ok(Some(contact))
}

fn account(consumer: &Consumer) -> PortalAccount {
    PortalAccount { login_name: consumer.login_name.clone(), enabled: true, language: String::new() }
}

fn added(app: &App, conn: &mut Conn, consumer: &Consumer, agent: &AccountId, unconnected: bool, now: Timestamp) -> Result<Contact, Fault> {
    let contact = Contact {
        id: app.random.digits(now),
        account_id: agent.clone(),
        consumer_id: Some(consumer.id.clone()),
        facts: Facts {
            display_name: consumer.name.clone(),
            given_name: consumer.given_name.clone(),
            family_name: consumer.family_name.clone(),
            email: consumer.email.clone(),
            phone: consumer.phone.clone(),
            street: consumer.home.street.clone(),
            locality: consumer.home.locality.clone(),
            region: consumer.home.region.clone(),
            postal_code: consumer.home.postal_code.clone(),
            tags: Vec::new(),
        },
        vow_enabled: true,
        status: if unconnected { RecordStatus::Unconnected } else { RecordStatus::Active },
        portal: Some(account(consumer)),
        last_active: None,
        created_at: now,
        modified_at: now,
    };
    contacts::add(conn, &contact)?;
    Ok(contact)
}
