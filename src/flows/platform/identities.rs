//! Developers behind the Keys API: staff list, add, change and delete those of their MLS.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, IdentityId};
use crate::flows::datamart::enter;
use crate::flows::record;
use crate::identity::account::Account;
use crate::identity::record::Summary;
use crate::platform::access::AccessRefusal;
use crate::platform::change::{self, Action, RecordType, Values};
use crate::platform::identity::{Contact, Facts, Identity};
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, developers, identities, keys, mlses};

use super::history::{self, About, ChangeRecord, Told};
use super::staff::Staff;

/// A page of the developers the caller may see, deleted ones left out.
pub fn list(conn: &mut Conn, staff: &Staff<'_>, query: &Query) -> Result<Page<IdentityRecord>, Fault> {
    identities::page(conn, staff.reach(), query)?.try_map(|identity| IdentityRecord::of(conn, staff, identity))
}

/// One developer, deleted or not.
///
/// Refuses: one the caller may not see.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, id: IdentityId) -> Result<Result<IdentityRecord, ApiProblem>, Fault> {
    match staff.identity(conn, id)? {
        Ok(identity) => IdentityRecord::of(conn, staff, identity).map(Ok),
        Err(problem) => Ok(Err(problem)),
    }
}

/// Adds a developer to the caller's MLS; who reaches everything says to which, or to none.
///
/// Refuses: what [`Facts::create`] refuses, and an MLS that is not there.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    body: &Map<String, Value>,
) -> Result<Result<IdentityRecord, ApiProblem>, Fault> {
    let (facts, named) = match Facts::create(body, *staff.reach() == Reach::Everything) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(mls) = &named
        && mlses::get(conn, mls)?.is_none()
    {
        return Ok(Err(ApiProblem::constraint("MlsId", "must be an MLS of this installation")));
    }
    let now = app.now();
    let identity = Identity {
        id: IdentityId(app.random.small_id(now)),
        mls_id: named.or_else(|| staff.reach().mls().cloned()),
        account_id: None,
        facts,
        deleted_at: None,
        last_active: None,
        created_at: now,
        modified_at: now,
    };
    identities::add(conn, &identity)?;
    tell(app, conn, staff, &identity, Action::Create, change::beginning(&identity.facts))?;
    IdentityRecord::of(conn, staff, identity).map(Ok)
}

/// Changes what is said of a developer; what is not said stays.
///
/// Refuses: one who is not the caller's to change or was deleted, and what [`Facts::change`] refuses.
pub fn update(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    id: IdentityId,
    body: &Map<String, Value>,
) -> Result<Result<IdentityRecord, ApiProblem>, Fault> {
    let mut identity = match held(conn, staff, id)? {
        Ok(identity) => identity,
        Err(problem) => return Ok(Err(problem)),
    };
    let facts = match identity.facts.change(body) {
        Ok(facts) => facts,
        Err(problem) => return Ok(Err(problem)),
    };
    let values = change::between(&identity.facts, &facts);
    if !values.is_empty() {
        let now = app.now();
        if !identities::set_facts(conn, staff.reach(), id, &facts, now)? {
            return Ok(Err(ApiProblem::not_found()));
        }
        identity = Identity { facts, modified_at: now, ..identity };
        tell(app, conn, staff, &identity, Action::Update, values)?;
    }
    IdentityRecord::of(conn, staff, identity).map(Ok)
}

/// Deletes a developer, who stays readable, and switches all his keys and his login at the portal off.
///
/// Refuses: one who is not the caller's to change, or was deleted before.
pub fn delete(app: &App, conn: &mut Conn, staff: &Staff<'_>, id: IdentityId) -> Result<Result<(), ApiProblem>, Fault> {
    let identity = match held(conn, staff, id)? {
        Ok(identity) => identity,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    if !identities::delete(conn, staff.reach(), id, now)? {
        return Ok(Err(ApiProblem::not_found()));
    }
    tell(app, conn, staff, &identity, Action::Delete, change::one("Deleted", false, true))?;
    if let Some(developer) = developers::of_identity(conn, id)? {
        // Nobody signs in to the portal for it, enrols or is issued a key any more.
        developers::set_enabled(conn, developer.id, false, now)?;
        let entry = staff.entry(app, "developer.disabled");
        record::record(conn, &Entry { subject: Some(enter::actor(&developer)), reason: Some("developer_deleted".to_owned()), ..entry })?;
    }
    for key in keys::disable_all_of(conn, id, now)? {
        let told = Told {
            action: Action::Update,
            record: RecordType::Key,
            id: key.to_string(),
            mls: identity.mls_id.as_ref(),
            identity: Some(id),
            key: Some(key),
            values: change::one("Enabled", true, false),
        };
        history::tell(app, conn, staff, told)?;
        let client = keys::named(conn, key)?.map(|(_, _, _, client)| client);
        let entry = staff.entry(app, "key.disabled");
        record::record(conn, &Entry { subject: Some(key.to_string()), client, reason: Some("developer_deleted".to_owned()), ..entry })?;
    }
    Ok(Ok(()))
}

/// A page of the changes of a developer, his keys and their authorizations.
///
/// Refuses: one the caller may not see.
pub fn changes(conn: &mut Conn, staff: &Staff<'_>, id: IdentityId, query: &Query) -> Result<Result<Page<ChangeRecord>, ApiProblem>, Fault> {
    match staff.identity(conn, id)? {
        Ok(_) => history::list(conn, staff, About::Developer(id), query).map(Ok),
        Err(problem) => Ok(Err(problem)),
    }
}

/// A living developer who is the caller's to change, and whom nobody else changes meanwhile.
fn held(conn: &mut Conn, staff: &Staff<'_>, id: IdentityId) -> Result<Result<Identity, ApiProblem>, Fault> {
    identities::hold(conn, id)?;
    Ok(match staff.identity(conn, id)? {
        Ok(identity) if identity.deleted_at.is_some() => Err(ApiProblem::not_found()),
        Ok(identity) if !staff.reach().covers_of(Some(identity.id), identity.mls_id.as_ref()) => Err(AccessRefusal::MethodForbidden.into()),
        found => found,
    })
}

fn tell(app: &App, conn: &mut Conn, staff: &Staff<'_>, identity: &Identity, action: Action, values: Values) -> Result<(), Fault> {
    let id = identity.id.to_string();
    let event = match action {
        Action::Create => "identity.created",
        Action::Update => "identity.updated",
        Action::Delete => "identity.deleted",
    };
    record::record(conn, &Entry { subject: Some(id.clone()), ..staff.entry(app, event) })?;
    let told =
        Told { action, record: RecordType::Identity, id, mls: identity.mls_id.as_ref(), identity: Some(identity.id), key: None, values };
    history::tell(app, conn, staff, told)
}

/// A developer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Identity)]
pub struct IdentityRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// The person's given name.
    pub first_name: String,
    /// The person's family name.
    pub last_name: String,
    /// For whom he works.
    pub company: String,
    /// The address to write to.
    pub email: String,
    /// The company's web site.
    pub website: String,
    /// The number to ring.
    pub phone: String,
    /// Notes of the administrators.
    pub comments: String,
    /// The MLS he belongs to; null is the platform itself.
    pub mls_id: Option<String>,
    /// Further people to talk to.
    pub additional_contacts: Vec<Contact>,
    /// The account of the same person.
    pub user: Option<Summary>,
    /// The last day one of his keys was used.
    pub last_active: Option<String>,
    /// Whether the caller may change it.
    pub editable: bool,
    /// Whether it was deleted; then it is left out of the list.
    pub deleted: bool,
    /// When it was added.
    pub created_timestamp: String,
    /// When it last changed.
    pub modification_timestamp: String,
}

impl IdentityRecord {
    fn of(conn: &mut Conn, staff: &Staff<'_>, identity: Identity) -> Result<Self, Fault> {
        let account = match &identity.account_id {
            Some(id) => accounts::get(conn, id)?,
            None => None,
        };
        let Facts { first_name, last_name, company, email, website, phone, comments, additional_contacts } = identity.facts;
        Ok(Self {
            id: identity.id.0,
            resource_uri: format!("/v1/developers/identities/{}", identity.id),
            first_name,
            last_name,
            company,
            email,
            website,
            phone,
            comments,
            additional_contacts,
            user: account.as_ref().map(Account::summary),
            last_active: identity.last_active,
            editable: identity.deleted_at.is_none() && staff.reach().covers_of(Some(identity.id), identity.mls_id.as_ref()),
            deleted: identity.deleted_at.is_some(),
            mls_id: identity.mls_id.map(|id: AccountId| id.to_string()),
            created_timestamp: identity.created_at.iso(),
            modification_timestamp: identity.modified_at.iso(),
        })
    }
}

/// The developer somebody wants. To add one, FirstName, LastName and Email are needed; to change one, nothing is.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = IdentityWish, rename_all = "PascalCase")]
pub struct Asked {
    /// The person's given name.
    pub first_name: Option<String>,
    /// The person's family name.
    pub last_name: Option<String>,
    /// For whom he works.
    pub company: Option<String>,
    /// The address to write to.
    pub email: Option<String>,
    /// The company's web site.
    pub website: Option<String>,
    /// The number to ring.
    pub phone: Option<String>,
    /// Notes of the administrators.
    pub comments: Option<String>,
    /// Further people to talk to.
    pub additional_contacts: Option<Vec<Contact>>,
    /// The MLS he belongs to, said once and only by a key that reaches every MLS.
    pub mls_id: Option<String>,
}
