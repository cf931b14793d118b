//! What a consumer's session sees and changes of itself: the contact it is, the consumer behind it, the agents.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::id::{AccountId, ConsumerId};
use crate::base::{Fault, Timestamp};
use crate::flows::check::{Bearer, Speaker};
use crate::flows::record::{Caller, record};
use crate::identity::account::Account;
use crate::identity::card::{EmailRecord, ImageRecord, PhoneRecord, WebsiteRecord};
use crate::identity::consumer::Consumer;
use crate::platform::access::AccessRefusal;
use crate::platform::body::Body;
use crate::platform::contact::{Contact, RecordStatus, Wish, Writer};
use crate::platform::form;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Field, Resource};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, consumers, contacts};

use super::contacts::{ContactRecord, tell};

/// What can be asked of a consumer's record.
pub const CONSUMER: Resource = Resource::of(
    "",
    &[
        Field::shown("Id"),
        Field::shown("ResourceUri"),
        Field::shown("Name"),
        Field::shown("Email"),
        Field::shown("LastLoginTimestamp"),
        Field::shown("CreatedTimestamp"),
        Field::shown("ModificationTimestamp"),
    ],
);

/// What lists of linked agents can be asked.
pub const AGENTS: Resource = Resource::of(
    "",
    &[
        Field::text("Id", "Id"),
        Field::shown("ResourceUri"),
        Field::text("UserType", "UserType"),
        Field::text("Name", "Name"),
        Field::text("OfficeId", "OfficeId"),
        Field::text("Office", "Office"),
        Field::text("CompanyId", "CompanyId"),
        Field::text("Company", "Company"),
        Field::truth("FbsIdxCustomer", "FbsIdxCustomer"),
        Field::text("MlsId", "MlsId"),
        Field::shown("PrimaryEmail"),
        Field::shown("PrimaryPhone"),
        Field::shown("PrimaryWebsite"),
        Field::shown("Images"),
    ],
);

/// The consumer a token speaks for.
///
/// Refuses: every other token, whatever its role.
pub fn speaker(bearer: &Bearer) -> Result<&Speaker, ApiProblem> {
    bearer.consumer().ok_or(ApiProblem::Access(AccessRefusal::NotAtThisLevel))
}

/// The contact that the consumer is to the agent of this session.
///
/// Refuses: a token that speaks for no consumer.
pub fn contact(conn: &mut Conn, bearer: &Bearer) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    Ok(own_contact(conn, bearer)?.map(|contact| ContactRecord::of(&contact, Writer::Oneself)))
}

fn own_contact(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Contact, ApiProblem>, Fault> {
    let speaker = match speaker(bearer) {
        Ok(speaker) => speaker,
        Err(problem) => return Ok(Err(problem)),
    };
    Ok(contacts::get(conn, &speaker.grant.account_id, &speaker.acting.contact_id)?.ok_or(ApiProblem::not_found()))
}

/// Changes the contact that the consumer is to the agent of this session.
///
/// Refuses: what is the agent's own business.
pub fn change_contact(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    if let Ok(speaker) = speaker(bearer) {
        contacts::hold(conn, &speaker.grant.account_id, &speaker.acting.contact_id)?;
    }
    let contact = match own_contact(conn, bearer)? {
        Ok(contact) => contact,
        Err(problem) => return Ok(Err(problem)),
    };
    let facts = match Wish::parse(body, Writer::Oneself).and_then(|wish| wish.applied(contact.facts.clone())) {
        Ok(facts) => facts,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    let changed = Contact { facts, modified_at: now, ..contact };
    contacts::change(conn, &changed, now)?;
    tell(app, conn, bearer, caller, &changed.id, "contact.updated")?;
    Ok(Ok(ContactRecord::of(&changed, Writer::Oneself)))
}

/// The consumer a token speaks for.
///
/// Refuses: a token that speaks for no consumer.
pub fn me(conn: &mut Conn, bearer: &Bearer) -> Result<Result<ConsumerRecord, ApiProblem>, Fault> {
    Ok(own(conn, bearer)?.map(|consumer| ConsumerRecord::of(&consumer)))
}

/// The consumer a token speaks for, in full.
///
/// Refuses: a token that speaks for no consumer.
pub fn own(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Consumer, ApiProblem>, Fault> {
    let id = match speaker(bearer) {
        Ok(speaker) => &speaker.acting.consumer_id,
        Err(problem) => return Ok(Err(problem)),
    };
    Ok(consumers::get(conn, id)?.map(|kept| kept.consumer).ok_or(ApiProblem::not_found()))
}

/// Changes what people call a consumer; the address is proved by letters and cannot be written.
///
/// Refuses: every other attribute.
pub fn rename(consumer: Consumer, body: &Map<String, Value>) -> Result<Consumer, ApiProblem> {
    let mut body =
        Body::of(body, &["Name"], &["Id", "ResourceUri", "Email", "LastLoginTimestamp", "CreatedTimestamp", "ModificationTimestamp"]);
    let name = body.text("Name", |text| form::line(text, 128).map_err(|_| "must have 1 to 128 characters"));
    body.end(match name {
        Some(name) => Consumer { name, ..consumer },
        None => consumer,
    })
}

/// Changes what people call the consumer a token speaks for.
///
/// Refuses: what [`rename`] refuses.
pub fn change_me(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<Result<ConsumerRecord, ApiProblem>, Fault> {
    let renamed = match own(conn, bearer)? {
        Ok(consumer) => rename(consumer, body),
        Err(problem) => Err(problem),
    };
    let consumer = match renamed {
        Ok(consumer) => consumer,
        Err(problem) => return Ok(Err(problem)),
    };
    written(app, conn, bearer, caller, consumer).map(Ok)
}

/// Writes a consumer as it is to be, and tells it.
pub fn written(app: &App, conn: &mut Conn, bearer: &Bearer, caller: &Caller, consumer: Consumer) -> Result<ConsumerRecord, Fault> {
    let now = app.now();
    let consumer = Consumer { modified_at: now, ..consumer };
    consumers::change(conn, &consumer, now)?;
    let entry = Entry {
        actor: Some(bearer.actor()),
        subject: Some(super::sign_up::actor(&consumer.id)),
        client: Some(bearer.registered.key.key.clone()),
        ..caller.entry(app, "consumer.updated", false, now)
    };
    record(conn, &entry)?;
    Ok(ConsumerRecord::of(&consumer))
}

/// The agents a consumer is linked with, oldest link first; who signed up without connecting is linked with nobody by that.
pub fn agents_of(conn: &mut Conn, consumer: &ConsumerId) -> Result<Vec<Account>, Fault> {
    let mut agents = Vec::new();
    for contact in contacts::of_consumer(conn, consumer)? {
        if contact.status == RecordStatus::Active {
            agents.extend(accounts::get(conn, &contact.account_id)?.filter(|account| account.active));
        }
    }
    Ok(agents)
}

/// The agents of the consumer a token speaks for.
///
/// Refuses: a token that speaks for no consumer.
pub fn agents(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Vec<AgentRecord>, ApiProblem>, Fault> {
    match speaker(bearer) {
        Ok(speaker) => Ok(Ok(agents_of(conn, &speaker.acting.consumer_id)?.iter().map(AgentRecord::of).collect())),
        Err(problem) => Ok(Err(problem)),
    }
}

/// One of the agents of the consumer a token speaks for.
///
/// Refuses: an agent the consumer is not linked with.
pub fn agent(conn: &mut Conn, bearer: &Bearer, id: Option<&AccountId>) -> Result<Result<AgentRecord, ApiProblem>, Fault> {
    let agents = match agents(conn, bearer)? {
        Ok(agents) => agents,
        Err(problem) => return Ok(Err(problem)),
    };
    Ok(agents.into_iter().find(|agent| id.is_some_and(|id| id.as_str() == agent.id)).ok_or(ApiProblem::not_found()))
}

/// What the consumer is to one of the agents: only to that of this session, for it reads nothing of another agent's.
///
/// Refuses: every other agent.
pub fn contact_with(conn: &mut Conn, bearer: &Bearer, id: Option<&AccountId>) -> Result<Result<ContactRecord, ApiProblem>, Fault> {
    match speaker(bearer) {
        Ok(speaker) if id == Some(&speaker.grant.account_id) => contact(conn, bearer),
        Ok(_) => Ok(Err(ApiProblem::not_found())),
        Err(problem) => Ok(Err(problem)),
    }
}

/// The current agent: the one chosen, or else that of this session.
///
/// Refuses: a token that speaks for no consumer, and one who is linked with nobody.
pub fn current(conn: &mut Conn, bearer: &Bearer) -> Result<Result<AgentRecord, ApiProblem>, Fault> {
    let consumer = match own(conn, bearer)? {
        Ok(consumer) => consumer,
        Err(problem) => return Ok(Err(problem)),
    };
    let here = bearer.agent_id().cloned();
    let agents = agents_of(conn, &consumer.id)?;
    let chosen = |id: &Option<AccountId>| agents.iter().find(|agent| Some(&agent.id) == id.as_ref());
    let found = chosen(&consumer.current_agent).or_else(|| chosen(&here)).or_else(|| agents.first());
    Ok(found.map(AgentRecord::of).ok_or(ApiProblem::not_found()))
}

/// Makes one of the consumer's agents the current one.
///
/// Refuses: an agent the consumer is not linked with.
pub fn set_current(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<Result<AgentRecord, ApiProblem>, Fault> {
    let consumer = match own(conn, bearer)? {
        Ok(consumer) => consumer,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut body = Body::of(body, &["Id"], &["ResourceUri", "Name"]);
    body.need(&["Id"]);
    let id = body.text("Id", str::parse::<AccountId>);
    let id = match body.end(id) {
        Ok(id) => id,
        Err(problem) => return Ok(Err(problem)),
    };
    let agents = agents_of(conn, &consumer.id)?;
    let Some(agent) = agents.iter().find(|agent| Some(&agent.id) == id.as_ref()) else {
        return Ok(Err(ApiProblem::constraint("Id", "must be one of the linked agents")));
    };
    let now = app.now();
    consumers::set_current_agent(conn, &consumer.id, &agent.id, now)?;
    let entry = Entry {
        actor: Some(bearer.actor()),
        subject: Some(agent.id.to_string()),
        client: Some(bearer.registered.key.key.clone()),
        reason: Some("current_agent".to_owned()),
        ..caller.entry(app, "consumer.updated", false, now)
    };
    record(conn, &entry)?;
    Ok(Ok(AgentRecord::of(agent)))
}

/// A home buyer with a login.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Consumer)]
pub struct ConsumerRecord {
    /// The 26 digits; the `sub` of tokens about them.
    pub id: String,
    /// Where it is.
    pub resource_uri: String,
    /// What people call them.
    pub name: String,
    /// The address.
    pub email: String,
    /// When they last signed in.
    pub last_login_timestamp: Option<String>,
    /// When they signed up.
    pub created_timestamp: String,
    /// When any of it last changed.
    pub modification_timestamp: String,
}

impl ConsumerRecord {
    /// The record of a consumer.
    pub fn of(consumer: &Consumer) -> Self {
        Self {
            id: consumer.id.to_string(),
            resource_uri: format!("/v1/consumers/{}", consumer.id),
            name: consumer.name.clone(),
            email: consumer.email.clone(),
            last_login_timestamp: consumer.last_login_at.map(Timestamp::iso),
            created_timestamp: consumer.created_at.iso(),
            modification_timestamp: consumer.modified_at.iso(),
        }
    }
}

/// What can be changed of a consumer.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = ConsumerWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What people call them.
    pub name: Option<String>,
}

/// Which agent is to be the current one.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = CurrentAgentWish, rename_all = "PascalCase")]
pub struct Chosen {
    /// One of the linked agents.
    pub id: String,
}

/// An agent whom a consumer is linked with.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = LinkedAgent)]
pub struct AgentRecord {
    /// The account's 26 digits.
    pub id: String,
    /// Where it is.
    pub resource_uri: String,
    /// Member, Office, Company or Mls.
    pub user_type: &'static str,
    /// The full name.
    pub name: String,
    /// The office's 26 digits.
    pub office_id: String,
    /// The office's name.
    pub office: String,
    /// The company's 26 digits.
    pub company_id: String,
    /// The company's name.
    pub company: String,
    /// Always false: there is no such subscription here.
    pub fbs_idx_customer: bool,
    /// The MLS's 26 digits.
    pub mls_id: String,
    /// Where to write to.
    pub primary_email: Option<EmailRecord>,
    /// Where to ring.
    pub primary_phone: Option<PhoneRecord>,
    /// Where to look.
    pub primary_website: Option<WebsiteRecord>,
    /// Photo and logo.
    pub images: Vec<ImageRecord>,
}

impl AgentRecord {
    /// What a consumer sees of an agent: what stands on a business card.
    pub fn of(account: &Account) -> Self {
        let (summary, profile) = (account.summary(), &account.profile);
        let phone = profile.phones.iter().find(|phone| phone.primary).or_else(|| profile.phones.first());
        Self {
            resource_uri: format!("/v1/consumers/me/agents/{}", account.id),
            id: summary.id,
            user_type: summary.user_type,
            name: summary.name,
            office_id: summary.office_id,
            office: summary.office,
            company_id: summary.company_id,
            company: summary.company,
            fbs_idx_customer: false,
            mls_id: summary.mls_id,
            primary_email: profile.email_records().into_iter().next(),
            primary_phone: phone.map(PhoneRecord::of),
            primary_website: profile.website_records().into_iter().next(),
            images: profile.image_records(),
        }
    }
}
