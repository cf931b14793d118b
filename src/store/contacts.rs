//! Contacts of agents, the portal accounts they have, and whether a session by one of them may run.

use diesel::prelude::*;

use crate::base::id::{AccountId, ConsumerId, ContactId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::platform::contact::{CONTACTS, Contact, Facts, PortalAccount, RecordStatus, hour_of};
use crate::platform::form::email_key;
use crate::platform::query::{Page, Query};

use super::conn::Conn;
use super::listing::page_of;
use super::schema::{consumers, contacts, portals};

/// How long a deleted contact is remembered.
const REMEMBERED: Seconds = Seconds::days(30);

#[derive(Queryable)]
struct Row {
    id: String,
    account_id: String,
    consumer_id: Option<String>,
    display_name: String,
    given_name: String,
    family_name: String,
    email: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    email_key: String,
    phone: String,
    street: String,
    locality: String,
    region: String,
    postal_code: String,
    tags: String,
    vow_enabled: bool,
    record_status: String,
    portal_login: Option<String>,
    portal_enabled: bool,
    portal_language: String,
    last_active: Option<i64>,
    created_at: i64,
    modified_at: i64,
    #[expect(dead_code, reason = "read with the row; deleted ones are never read")]
    deleted_at: Option<i64>,
    #[expect(dead_code, reason = "read with the row, used only to sweep")]
    sweep_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Contact, Fault> {
        let (enabled, language) = (self.portal_enabled, self.portal_language);
        Ok(Contact {
            status: RecordStatus::parse(&self.record_status)
                .ok_or_else(|| Fault::broken(format!("contact {}: unreadable status", self.id)))?,
            id: self.id.parse().map_err(Fault::broken)?,
            account_id: self.account_id.parse().map_err(Fault::broken)?,
            consumer_id: self.consumer_id.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
            facts: Facts {
                display_name: self.display_name,
                given_name: self.given_name,
                family_name: self.family_name,
                email: self.email,
                phone: self.phone,
                street: self.street,
                locality: self.locality,
                region: self.region,
                postal_code: self.postal_code,
                tags: serde_json::from_str(&self.tags).map_err(Fault::broken)?,
            },
            vow_enabled: self.vow_enabled,
            portal: self.portal_login.map(|login_name| PortalAccount { login_name, enabled, language }),
            last_active: self.last_active.map(Timestamp),
            created_at: Timestamp(self.created_at),
            modified_at: Timestamp(self.modified_at),
        })
    }
}

/// Whose contacts are meant; the scope stands in every statement.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// One agent's.
    Agent(&'a AccountId),
    /// One agent's who signed up without connecting with the agent.
    Unconnected(&'a AccountId),
}

/// A page of an agent's contacts.
pub fn page(conn: &mut Conn, of: Of<'_>, query: &Query) -> Result<Page<Contact>, Fault> {
    let living =
        |agent: &AccountId| contacts::table.filter(contacts::account_id.eq(agent.to_string())).filter(contacts::deleted_at.is_null());
    let page = match of {
        Of::Agent(agent) => page_of!(conn, &CONTACTS, query, living(agent), Row)?,
        Of::Unconnected(agent) => {
            let scope = || living(agent).filter(contacts::record_status.eq(RecordStatus::Unconnected.name()));
            page_of!(conn, &CONTACTS, query, scope(), Row)?
        }
    };
    page.try_map(Row::read)
}

/// One of an agent's contacts.
pub fn get(conn: &mut Conn, agent: &AccountId, id: &ContactId) -> Result<Option<Contact>, Fault> {
    let living = contacts::table.find(id.as_str()).filter(contacts::account_id.eq(agent.as_str())).filter(contacts::deleted_at.is_null());
    conn.one::<Row>(living)?.map(Row::read).transpose()
}

/// Makes every other write that begins like this for the same contact of an agent's wait until this one is over. Whoever writes a contact
/// holds it before reading it: the row is written whole.
pub fn hold(conn: &mut Conn, agent: &AccountId, id: &ContactId) -> Result<(), Fault> {
    let one = contacts::table.find(id.as_str()).filter(contacts::account_id.eq(agent.as_str()));
    conn.execute(diesel::update(one).set(contacts::id.eq(contacts::id)))?;
    Ok(())
}

/// The contact of that row, whosever it is: for links in letters, which say which is meant.
pub fn by_id(conn: &mut Conn, id: &ContactId) -> Result<Option<Contact>, Fault> {
    conn.one::<Row>(contacts::table.find(id.as_str()).filter(contacts::deleted_at.is_null()))?.map(Row::read).transpose()
}

/// The contacts that a consumer is, oldest first.
pub fn of_consumer(conn: &mut Conn, consumer: &ConsumerId) -> Result<Vec<Contact>, Fault> {
    let living = contacts::table.filter(contacts::consumer_id.eq(consumer.as_str())).filter(contacts::deleted_at.is_null());
    conn.all::<Row>(living.order((contacts::created_at, contacts::id)))?.into_iter().map(Row::read).collect()
}

/// The contact that a consumer is to one agent.
pub fn between(conn: &mut Conn, consumer: &ConsumerId, agent: &AccountId) -> Result<Option<Contact>, Fault> {
    let living = contacts::table
        .filter(contacts::account_id.eq(agent.as_str()))
        .filter(contacts::consumer_id.eq(consumer.as_str()))
        .filter(contacts::deleted_at.is_null());
    conn.one::<Row>(living)?.map(Row::read).transpose()
}

/// The oldest of an agent's contacts with that address that nobody signs in by.
pub fn waiting_for(conn: &mut Conn, agent: &AccountId, email: &str) -> Result<Option<Contact>, Fault> {
    let living = contacts::table
        .filter(contacts::account_id.eq(agent.as_str()))
        .filter(contacts::email_key.eq(email_key(email)))
        .filter(contacts::consumer_id.is_null())
        .filter(contacts::deleted_at.is_null());
    conn.one::<Row>(living.order((contacts::created_at, contacts::id)).limit(1))?.map(Row::read).transpose()
}

/// Whether another of an agent's contacts than `own` has that address.
pub fn has_address(conn: &mut Conn, agent: &AccountId, email: &str, own: Option<&ContactId>) -> Result<bool, Fault> {
    let others = contacts::table
        .filter(contacts::account_id.eq(agent.as_str()))
        .filter(contacts::email_key.eq(email_key(email)))
        .filter(contacts::deleted_at.is_null())
        .filter(contacts::id.ne(own.map_or("", ContactId::as_str)));
    Ok(conn.one::<i64>(others.count())?.unwrap_or_default() > 0)
}

/// Adds a contact.
pub fn add(conn: &mut Conn, new: &Contact) -> Result<(), Fault> {
    let facts = &new.facts;
    conn.execute(diesel::insert_into(contacts::table).values((
        contacts::id.eq(new.id.as_str()),
        contacts::account_id.eq(new.account_id.as_str()),
        contacts::consumer_id.eq(new.consumer_id.as_ref().map(ConsumerId::as_str)),
        (
            contacts::display_name.eq(&facts.display_name),
            contacts::given_name.eq(&facts.given_name),
            contacts::family_name.eq(&facts.family_name),
            contacts::email.eq(&facts.email),
            contacts::email_key.eq(email_key(&facts.email)),
            contacts::phone.eq(&facts.phone),
            contacts::street.eq(&facts.street),
            contacts::locality.eq(&facts.locality),
            contacts::region.eq(&facts.region),
            contacts::postal_code.eq(&facts.postal_code),
            contacts::tags.eq(serde_json::to_string(&facts.tags).map_err(Fault::broken)?),
        ),
        contacts::vow_enabled.eq(new.vow_enabled),
        contacts::record_status.eq(new.status.name()),
        contacts::portal_login.eq(new.portal.as_ref().map(|account| account.login_name.as_str())),
        contacts::portal_enabled.eq(new.portal.as_ref().is_some_and(|account| account.enabled)),
        contacts::portal_language.eq(new.portal.as_ref().map_or("", |account| account.language.as_str())),
        contacts::created_at.eq(new.created_at.0),
        contacts::modified_at.eq(new.modified_at.0),
    )))?;
    Ok(())
}

/// Writes a contact's facts, what it may see, its status and its portal account, as they were read after [`hold`]; `false` where the agent has no such contact.
pub fn change(conn: &mut Conn, contact: &Contact, now: Timestamp) -> Result<bool, Fault> {
    let facts = &contact.facts;
    let set = (
        (
            contacts::display_name.eq(&facts.display_name),
            contacts::given_name.eq(&facts.given_name),
            contacts::family_name.eq(&facts.family_name),
            contacts::email.eq(&facts.email),
            contacts::email_key.eq(email_key(&facts.email)),
            contacts::phone.eq(&facts.phone),
            contacts::street.eq(&facts.street),
            contacts::locality.eq(&facts.locality),
            contacts::region.eq(&facts.region),
            contacts::postal_code.eq(&facts.postal_code),
            contacts::tags.eq(serde_json::to_string(&facts.tags).map_err(Fault::broken)?),
        ),
        contacts::vow_enabled.eq(contact.vow_enabled),
        contacts::record_status.eq(contact.status.name()),
        contacts::portal_login.eq(contact.portal.as_ref().map(|account| account.login_name.as_str())),
        contacts::portal_enabled.eq(contact.portal.as_ref().is_some_and(|account| account.enabled)),
        contacts::portal_language.eq(contact.portal.as_ref().map_or("", |account| account.language.as_str())),
        contacts::modified_at.eq(now.0),
    );
    let living = contacts::table
        .find(contact.id.as_str())
        .filter(contacts::account_id.eq(contact.account_id.as_str()))
        .filter(contacts::deleted_at.is_null());
    Ok(conn.execute(diesel::update(living).set(set))? == 1)
}

/// Lets a consumer sign in by a contact; `false` where another does, or it is gone.
pub fn link(conn: &mut Conn, id: &ContactId, consumer: &ConsumerId, now: Timestamp) -> Result<bool, Fault> {
    let free = contacts::table.find(id.as_str()).filter(contacts::consumer_id.is_null()).filter(contacts::deleted_at.is_null());
    let set = (contacts::consumer_id.eq(consumer.as_str()), contacts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(free).set(set))? == 1)
}

/// Deletes one of an agent's contacts; `false` where there is none.
pub fn delete(conn: &mut Conn, agent: &AccountId, id: &ContactId, now: Timestamp) -> Result<bool, Fault> {
    let living = contacts::table.find(id.as_str()).filter(contacts::account_id.eq(agent.as_str())).filter(contacts::deleted_at.is_null());
    let set = (contacts::deleted_at.eq(now.0), contacts::sweep_at.eq((now + REMEMBERED).0));
    Ok(conn.execute(diesel::update(living).set(set))? == 1)
}

/// Notes the hour in which somebody was last here by a contact.
pub fn seen(conn: &mut Conn, id: &ContactId, now: Timestamp) -> Result<(), Fault> {
    let hour = hour_of(now).0;
    let earlier = contacts::table.find(id.as_str()).filter(contacts::last_active.is_null().or(contacts::last_active.lt(hour)));
    conn.execute(diesel::update(earlier).set(contacts::last_active.eq(hour)))?;
    Ok(())
}

/// What a look at a consumer's grant must know besides the grant and the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The contact is there, is still this agent's, and it is still this consumer who signs in by it.
    pub holds: bool,
    /// Contact, portal account and portal let people in.
    pub open: bool,
    /// Anything issued for the consumer before this moment is dead.
    pub tokens_valid_after: Option<Timestamp>,
    /// What the consumer signs in with.
    pub login_name: String,
}

/// How a consumer and an agent stand to one another by a contact: one statement. `None` where the contact is no more.
pub fn linked(conn: &mut Conn, consumer: &ConsumerId, agent: &AccountId, id: &ContactId) -> Result<Option<Link>, Fault> {
    type Found = (String, Option<i64>, (bool, bool, Option<String>), Option<bool>, (Option<i64>, String));
    let query = contacts::table
        .inner_join(consumers::table)
        .left_join(portals::table.on(portals::account_id.eq(contacts::account_id)))
        .filter(contacts::id.eq(id.as_str()))
        .filter(contacts::consumer_id.eq(consumer.as_str()))
        .select((
            contacts::account_id,
            contacts::deleted_at,
            (contacts::vow_enabled, contacts::portal_enabled, contacts::portal_login),
            portals::enabled.nullable(),
            (consumers::tokens_valid_after, consumers::login_name),
        ));
    let found: Option<Found> = conn.one(query)?;
    Ok(found.map(|(account, deleted, (vow, account_enabled, login), portal, (floor, login_name))| Link {
        holds: account == agent.as_str() && deleted.is_none(),
        open: vow && account_enabled && login.is_some() && portal == Some(true),
        tokens_valid_after: floor.map(Timestamp),
        login_name,
    }))
}
