//! `/v1/contacts`: whom an agent knows.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, ContactId};
use crate::flows::check::Bearer;
use crate::flows::record::{Caller, record};
use crate::platform::access::AccessRefusal;
use crate::platform::contact::{Contact, Facts, PortalAccount, RecordStatus, Wish, Writer};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Page, Query};
use crate::store::audit::Entry;
use crate::store::contacts::{self, Of};
use crate::store::grants::OfConsumer;
use crate::store::{Conn, accounts, grants, portals};

use super::letters;

/// The agent whose contacts a token may see: the account it speaks for, never a consumer's agent.
///
/// Refuses: a token that speaks for no account.
pub fn owner(bearer: &Bearer) -> Result<AccountId, ApiProblem> {
    bearer.account_id().cloned().ok_or_else(|| AccessRefusal::NotAtThisLevel.into())
}

/// Which list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Every contact.
    All,
    /// Those who signed up without connecting with the agent.
    Unconnected,
}

/// A page of the agent's contacts.
pub fn list(conn: &mut Conn, bearer: &Bearer, which: List, query: &Query) -> Result<Result<Page<ContactRecord>, ApiProblem>, Fault> {
    let agent = match owner(bearer) {
        Ok(agent) => agent,
        Err(problem) => return Ok(Err(problem)),
    };
    let of = match which {
        List::All => Of::Agent(&agent),
        List::Unconnected => Of::Unconnected(&agent),
    };
    Ok(Ok(contacts::page(conn, of, query)?.map(|contact| ContactRecord::of(&contact, Writer::Agent))))
}

/// One of the agent's contacts.
///
/// Refuses: one that is not the agent's.
pub fn get(conn: &mut Conn, bearer: &Bearer, id: Option<&ContactId>) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    Ok(find(conn, bearer, id)?.map(|contact| ContactRecord::of(&contact, Writer::Agent)))
}

/// One of the agent's contacts, for other services.
///
/// Refuses: one that is not the agent's.
pub fn find(conn: &mut Conn, bearer: &Bearer, id: Option<&ContactId>) -> Result<Result<Contact, ApiProblem>, Fault> {
    let agent = match owner(bearer) {
        Ok(agent) => agent,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(id) = id else { return Ok(Err(ApiProblem::not_found())) };
    Ok(contacts::get(conn, &agent, id)?.ok_or(ApiProblem::not_found()))
}

/// One of the agent's contacts, which nobody else changes meanwhile.
///
/// Refuses: what [`find`] refuses.
fn held(conn: &mut Conn, bearer: &Bearer, id: Option<&ContactId>) -> Result<Result<Contact, ApiProblem>, Fault> {
    if let (Ok(agent), Some(id)) = (owner(bearer), id) {
        contacts::hold(conn, &agent, id)?;
    }
    find(conn, bearer, id)
}

/// Adds a contact; one with an address gets a portal account with it, and on `Notify` a letter that invites to take it.
///
/// Refuses: what [`Wish`] refuses, an address that another contact of the agent has, and `Notify` where nobody could come.
pub fn create(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    let read = unwrapped(body).and_then(|body| Wish::parse(&body, Writer::Agent));
    let asked = read.and_then(|wish| Ok((owner(bearer)?, wish.applied(Facts::default())?, wish)));
    let (agent, facts, wish) = match asked {
        Ok(asked) => asked,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(problem) = taken(conn, &agent, &facts.email, None)? {
        return Ok(Err(problem));
    }
    let now = app.now();
    let contact = Contact {
        id: app.random.digits(now),
        account_id: agent.clone(),
        consumer_id: None,
        vow_enabled: wish.vow_enabled.unwrap_or(true),
        status: RecordStatus::Active,
        portal: account_for(&facts),
        facts,
        last_active: None,
        created_at: now,
        modified_at: now,
    };
    if wish.notify {
        let portal = portals::of_agent(conn, &agent)?.filter(|portal| portal.enabled && contact.may_enter());
        let (Some(portal), Some(account)) = (portal, accounts::get(conn, &agent)?) else {
            let why = "needs a PrimaryEmail, VowEnabled and a portal of yours that is enabled";
            return Ok(Err(ApiProblem::constraint("Notify", why)));
        };
        contacts::add(conn, &contact)?;
        letters::invitation(app, conn, caller, &account, &portal.display_name, &contact)?;
    } else {
        contacts::add(conn, &contact)?;
    }
    tell(app, conn, bearer, caller, &contact.id, "contact.created")?;
    Ok(Ok(ContactRecord::of(&contact, Writer::Agent)))
}

/// Changes a contact; who may no longer see the data of registered visitors is turned away at once.
///
/// Refuses: one that is not the agent's, and what [`create`] refuses.
pub fn change(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    id: Option<&ContactId>,
    body: &Map<String, Value>,
) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    let contact = match held(conn, bearer, id)? {
        Ok(contact) => contact,
        Err(problem) => return Ok(Err(problem)),
    };
    let read = Wish::parse(body, Writer::Agent).and_then(|wish| Ok((wish.applied(contact.facts.clone())?, wish)));
    let (facts, wish) = match read {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    if wish.notify {
        return Ok(Err(ApiProblem::constraint("Notify", "can be asked for with a new contact only")));
    }
    // Two may bear one address already, where its owner signed up by a second one; each can be changed all the same.
    let same = facts.email == contact.facts.email;
    let conflict = if same { None } else { taken(conn, &contact.account_id, &facts.email, Some(&contact.id))? };
    if let Some(problem) = conflict {
        return Ok(Err(problem));
    }
    let mut wanted = Contact { facts, vow_enabled: wish.vow_enabled.unwrap_or(contact.vow_enabled), ..contact.clone() };
    if wanted.portal.is_none() {
        wanted.portal = account_for(&wanted.facts);
    }
    if wanted == contact {
        return Ok(Ok(ContactRecord::of(&contact, Writer::Agent)));
    }
    let now = app.now();
    contacts::change(conn, &wanted, now)?;
    tell(app, conn, bearer, caller, &contact.id, if wanted.vow_enabled { "contact.updated" } else { "contact.closed" })?;
    Ok(Ok(ContactRecord::of(&Contact { modified_at: now, ..wanted }, Writer::Agent)))
}

/// Deletes a contact: whoever signs in by it has nothing more with this agent.
///
/// Refuses: one that is not the agent's.
pub fn delete(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    id: Option<&ContactId>,
) -> Result<Result<(), ApiProblem>, Fault> {
    let contact = match held(conn, bearer, id)? {
        Ok(contact) => contact,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    contacts::delete(conn, &contact.account_id, &contact.id, now)?;
    if let Some(consumer) = &contact.consumer_id {
        grants::end_of_consumer(conn, consumer, OfConsumer::By(&contact.id), now)?;
    }
    tell(app, conn, bearer, caller, &contact.id, "contact.deleted")?;
    Ok(Ok(()))
}

/// The contact's own words: older programs wrap the one contact in a list.
fn unwrapped(body: &Map<String, Value>) -> Result<Map<String, Value>, ApiProblem> {
    let Some(wrapped) = body.get("Contacts") else { return Ok(body.clone()) };
    let one = wrapped.as_array().filter(|list| list.len() == 1).and_then(|list| list.first()).and_then(Value::as_object);
    let Some(one) = one else { return Err(ApiProblem::constraint("Contacts", "must be a list of one contact")) };
    let mut inner = one.clone();
    for (name, value) in body.iter().filter(|(name, _)| *name != "Contacts") {
        if inner.insert(name.clone(), value.clone()).is_some() {
            return Err(ApiProblem::constraint(name, "stands twice"));
        }
    }
    Ok(inner)
}

fn account_for(facts: &Facts) -> Option<PortalAccount> {
    (!facts.email.is_empty()).then(|| PortalAccount { login_name: facts.email.clone(), enabled: true, language: String::new() })
}

fn taken(conn: &mut Conn, agent: &AccountId, email: &str, own: Option<&ContactId>) -> Result<Option<ApiProblem>, Fault> {
    if email.is_empty() || !contacts::has_address(conn, agent, email, own)? {
        return Ok(None);
    }
    Ok(Some(ApiProblem::Conflict(vec![FieldProblem::of("PrimaryEmail", "is the address of another contact of yours")])))
}

/// Tells what was done about a contact.
pub fn tell(app: &App, conn: &mut Conn, bearer: &Bearer, caller: &Caller, id: &ContactId, event: &str) -> Result<(), Fault> {
    let entry = Entry {
        actor: Some(bearer.actor()),
        subject: Some(format!("contact:{id}")),
        client: Some(bearer.registered.key.key.clone()),
        ..caller.entry(app, event, false, app.now())
    };
    record(conn, &entry)
}

/// Somebody an agent knows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Contact)]
pub struct ContactRecord {
    /// Where it is.
    pub resource_uri: String,
    /// Its 26 digits.
    pub id: String,
    /// The agent who knows them.
    pub owner_id: String,
    /// What the agent calls them.
    pub display_name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// Where to write to.
    pub primary_email: String,
    /// Where to ring.
    pub primary_phone_number: String,
    /// House and street.
    pub home_street_address: String,
    /// The town.
    pub home_locality: String,
    /// The state.
    pub home_region: String,
    /// The ZIP code.
    pub home_postal_code: String,
    /// The agent's own words; not shown to the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// They may see the data of registered visitors.
    pub vow_enabled: bool,
    /// Active, or Unconnected for who signed up without connecting with the agent.
    pub record_status: &'static str,
    /// When any of it last changed.
    pub modification_timestamp: String,
}

impl ContactRecord {
    /// The record as that reader may see it.
    pub fn of(contact: &Contact, reader: Writer) -> Self {
        let facts = contact.facts.clone();
        Self {
            resource_uri: format!("/v1/contacts/{}", contact.id),
            id: contact.id.to_string(),
            owner_id: contact.account_id.to_string(),
            display_name: facts.display_name,
            given_name: facts.given_name,
            family_name: facts.family_name,
            primary_email: facts.email,
            primary_phone_number: facts.phone,
            home_street_address: facts.street,
            home_locality: facts.locality,
            home_region: facts.region,
            home_postal_code: facts.postal_code,
            tags: (reader == Writer::Agent).then_some(facts.tags),
            vow_enabled: contact.vow_enabled,
            record_status: contact.status.name(),
            modification_timestamp: contact.modified_at.iso(),
        }
    }
}

/// What somebody wants of a contact; what is not said stays as it is.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = ContactWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What the agent calls them; made from the other names where it is not said.
    pub display_name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// Where to write to.
    pub primary_email: Option<String>,
    /// Where to ring.
    pub primary_phone_number: Option<String>,
    /// House and street.
    pub home_street_address: Option<String>,
    /// The town.
    pub home_locality: Option<String>,
    /// The state.
    pub home_region: Option<String>,
    /// The ZIP code.
    pub home_postal_code: Option<String>,
    /// The agent's own words.
    pub tags: Option<Vec<String>>,
    /// They may see the data of registered visitors.
    pub vow_enabled: Option<bool>,
    /// With a new contact: invite them by letter to take their portal account.
    pub notify: Option<bool>,
}
