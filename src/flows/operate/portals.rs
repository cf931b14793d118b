//! What a demonstration has from the start for home buyers: agents' portals, and consumers who are linked with them.

use crate::base::id::{AccountId, ConsumerId, ContactId, PortalId};
use crate::base::{Fault, Timestamp};
use crate::identity::consumer::{Consumer, Home};
use crate::platform::contact::{Contact, Facts, PortalAccount, RecordStatus, full_name};
use crate::platform::portal::{Portal, Required};
use crate::store::{accounts, audit, consumers, contacts, portals};

use super::{Declined, Desk};

/// Sees to it that an agent has a portal; answers its name. One write.
///
/// Refuses: an agent who is not there.
pub fn portal(desk: &Desk, login: &str, display_name: &str, required: Required) -> Result<Result<String, Declined>, Fault> {
    let now = desk.clock.now();
    let id: PortalId = desk.random.digits(now);
    let line = desk.entry("portal.created", &format!("portal:{id}"), now);
    let (login, display_name) = (login.to_owned(), display_name.to_owned());
    desk.db.write(move |conn| {
        let Some((agent, _)) = accounts::by_login(conn, &login)? else { return Ok(Err(Declined::because(format!("no agent {login}")))) };
        if let Some(known) = portals::of_agent(conn, &agent.id)? {
            return Ok(Ok(known.name));
        }
        let new = Portal {
            id,
            account_id: agent.id,
            name: String::new(),
            display_name,
            enabled: true,
            required,
            created_at: now,
            modified_at: now,
        };
        let made = portals::add(conn, new)?.ok_or_else(|| Fault::broken("a portal was added and is not there"))?;
        audit::write(conn, &line)?;
        Ok(Ok(made.name))
    })
}

/// Somebody to sign in as.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// The address, which is what they sign in with.
    pub email: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// Where to ring.
    pub phone: String,
}

/// Sees to it that a consumer is there and linked with these agents. One write.
///
/// Refuses: agents who are not there.
pub fn consumer(desk: &Desk, buyer: &Buyer, hash: &str, agents: &[&str]) -> Result<Result<(), Declined>, Fault> {
    let now = desk.clock.now();
    let id: ConsumerId = desk.random.digits(now);
    let ids: Vec<(String, ContactId)> = agents.iter().map(|login| ((*login).to_owned(), desk.random.digits(now))).collect();
    let line = desk.entry("consumer.registered", &format!("consumer:{id}"), now);
    let (buyer, hash) = (buyer.clone(), hash.to_owned());
    desk.db.write(move |conn| {
        let new = newcomer(id, &buyer, now);
        let known = consumers::by_email(conn, &buyer.email)?;
        if known.is_none() {
            consumers::add(conn, &new, &hash, None, now)?;
            audit::write(conn, &line)?;
        }
        let consumer = known.map_or(new, |known| known.consumer);
        for (login, contact) in ids {
            let Some((agent, _)) = accounts::by_login(conn, &login)? else {
                return Ok(Err(Declined::because(format!("no agent {login}"))));
            };
            if contacts::between(conn, &consumer.id, &agent.id)?.is_some() {
                continue;
            }
            contacts::add(conn, &linked(contact, agent.id, &consumer, now))?;
        }
        Ok(Ok(()))
    })
}

/// The record of a home buyer whose address is proved.
fn newcomer(id: ConsumerId, buyer: &Buyer, now: Timestamp) -> Consumer {
    Consumer {
        id,
        email: buyer.email.clone(),
        login_name: buyer.email.clone(),
        name: full_name(&buyer.given_name, &buyer.family_name),
        given_name: buyer.given_name.clone(),
        family_name: buyer.family_name.clone(),
        phone: buyer.phone.clone(),
        home: Home::default(),
        email_updates: false,
        email_verified_at: Some(now),
        tokens_valid_after: None,
        current_agent: None,
        last_login_at: None,
        created_at: now,
        modified_at: now,
    }
}

/// The contact that links a home buyer with an agent.
fn linked(id: ContactId, agent: AccountId, consumer: &Consumer, now: Timestamp) -> Contact {
    Contact {
        id,
        account_id: agent,
        consumer_id: Some(consumer.id.clone()),
        facts: Facts {
            display_name: consumer.name.clone(),
            given_name: consumer.given_name.clone(),
            family_name: consumer.family_name.clone(),
            email: consumer.email.clone(),
            phone: consumer.phone.clone(),
            ..Facts::default()
        },
        vow_enabled: true,
        status: RecordStatus::Active,
        portal: Some(PortalAccount { login_name: consumer.login_name.clone(), enabled: true, language: "en".to_owned() }),
        last_active: None,
        created_at: now,
        modified_at: now,
    }
}
