//! `/v1/portal`: the portal of the agent on whose behalf, or with whom, a token acts.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, PortalId};
use crate::flows::check::Bearer;
use crate::flows::record::{Caller, record};
use crate::platform::access::AccessRefusal;
use crate::platform::portal::{Portal, Required, Wish};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Field, Resource};
use crate::store::audit::Entry;
use crate::store::{Conn, portals};

/// What lists of portals can be asked.
pub const PORTALS: Resource = Resource::of(
    "",
    &[
        Field::shown("ResourceUri"),
        Field::text("Id", "Id"),
        Field::text("OwnerId", "OwnerId"),
        Field::shown("ModificationTimestamp"),
        Field::text("Name", "Name"),
        Field::text("DisplayName", "DisplayName"),
        Field::truth("Enabled", "Enabled"),
        Field::shown("RequiredFields"),
    ],
);

/// The agent on whose behalf, or with whom, a token acts.
///
/// Refuses: a key that speaks for itself.
pub fn agent(bearer: &Bearer) -> Result<AccountId, ApiProblem> {
    bearer.agent_id().cloned().ok_or_else(|| AccessRefusal::NotAtThisLevel.into())
}

/// Which portal an address names.
#[derive(Debug, Clone)]
pub enum Named {
    /// The agent's, whichever that is.
    Own,
    /// The one of that id.
    By(PortalId),
    /// What is no id.
    Nonsense,
}

impl Named {
    fn is(&self, portal: &Portal) -> bool {
        match self {
            Self::Own => true,
            Self::By(id) => *id == portal.id,
            Self::Nonsense => false,
        }
    }
}

/// The agent's portal; nothing where there is none.
///
/// Refuses: a key that speaks for itself.
pub fn all(conn: &mut Conn, bearer: &Bearer) -> Result<Result<Vec<PortalRecord>, ApiProblem>, Fault> {
    match agent(bearer) {
        Ok(agent) => Ok(Ok(portals::of_agent(conn, &agent)?.iter().map(PortalRecord::of).collect())),
        Err(problem) => Ok(Err(problem)),
    }
}

/// The portal that is named.
///
/// Refuses: one that is not the agent's.
pub fn get(conn: &mut Conn, bearer: &Bearer, named: &Named) -> Result<Result<PortalRecord, ApiProblem>, Fault> {
    let agent = match agent(bearer) {
        Ok(agent) => agent,
        Err(problem) => return Ok(Err(problem)),
    };
    let found = portals::of_agent(conn, &agent)?.filter(|portal| named.is(portal));
    Ok(found.map(|portal| PortalRecord::of(&portal)).ok_or(ApiProblem::not_found()))
}

/// Makes the agent's portal.
///
/// Refuses: a second one, and one without a display name.
pub fn create(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Result<Result<PortalRecord, ApiProblem>, Fault> {
    let (agent, wish) = match agent(bearer).and_then(|agent| Ok((agent, Wish::parse(body)?))) {
        Ok(asked) => asked,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(display_name) = wish.display_name else {
        return Ok(Err(ApiProblem::Missing(vec![FieldProblem::of("DisplayName", "is needed")])));
    };
    let now = app.now();
    let new = Portal {
        id: app.random.digits(now),
        account_id: agent,
        name: String::new(),
        display_name,
        enabled: wish.enabled.unwrap_or(true),
        required: wish.required.unwrap_or_default(),
        created_at: now,
        modified_at: now,
    };
    let Some(made) = portals::add(conn, new)? else {
        return Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("DisplayName", "cannot be used: you have a portal already")])));
    };
    tell(app, conn, bearer, caller, &made, "portal.created")?;
    Ok(Ok(PortalRecord::of(&made)))
}

/// Changes the agent's portal: under another display name it gets another name, and the old one leads nowhere.
///
/// Refuses: where there is none, and one of another id.
pub fn change(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    named: &Named,
    body: &Map<String, Value>,
) -> Result<Result<PortalRecord, ApiProblem>, Fault> {
    let (agent, wish) = match agent(bearer).and_then(|agent| Ok((agent, Wish::parse(body)?))) {
        Ok(asked) => asked,
        Err(problem) => return Ok(Err(problem)),
    };
    let known = portals::of_agent(conn, &agent)?.filter(|portal| named.is(portal));
    let Some(portal) = known else { return Ok(Err(ApiProblem::not_found())) };
    let wanted = Portal {
        display_name: wish.display_name.unwrap_or(portal.display_name.clone()),
        enabled: wish.enabled.unwrap_or(portal.enabled),
        required: wish.required.unwrap_or(portal.required),
        ..portal.clone()
    };
    if wanted == portal {
        return Ok(Ok(PortalRecord::of(&portal)));
    }
    let Some(changed) = portals::change(conn, wanted, app.now())? else { return Ok(Err(ApiProblem::not_found())) };
    tell(app, conn, bearer, caller, &changed, if changed.enabled { "portal.updated" } else { "portal.disabled" })?;
    Ok(Ok(PortalRecord::of(&changed)))
}

fn tell(app: &App, conn: &mut Conn, bearer: &Bearer, caller: &Caller, portal: &Portal, event: &str) -> Result<(), Fault> {
    let entry = Entry {
        actor: Some(bearer.actor()),
        subject: Some(format!("portal:{}", portal.id)),
        client: Some(bearer.registered.key.key.clone()),
        ..caller.entry(app, event, false, app.now())
    };
    record(conn, &entry)
}

/// An agent's portal.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Portal)]
pub struct PortalRecord {
    /// Where it is.
    pub resource_uri: String,
    /// Its 26 digits.
    pub id: String,
    /// The agent whose it is.
    pub owner_id: String,
    /// When any of it last changed.
    pub modification_timestamp: String,
    /// The path element of its sign-in page, `/auth/vow/<Name>`: in lower case, made from the display name.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// People may sign in at it.
    pub enabled: bool,
    /// What signing up asks for: Address, Phone, both or neither.
    pub required_fields: Vec<&'static str>,
}

impl PortalRecord {
    fn of(portal: &Portal) -> Self {
        Self {
            resource_uri: format!("/v1/portal/{}", portal.id),
            id: portal.id.to_string(),
            owner_id: portal.account_id.to_string(),
            modification_timestamp: portal.modified_at.iso(),
            name: portal.name.clone(),
            display_name: portal.display_name.clone(),
            enabled: portal.enabled,
            required_fields: Required::words(portal.required),
        }
    }
}

/// What somebody wants of a portal; what is not said stays as it is.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = PortalWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What people are to call it; needed for a new one.
    pub display_name: Option<String>,
    /// Whether people may sign in at it.
    pub enabled: Option<bool>,
    /// What signing up asks for: Address, Phone, both or neither.
    pub required_fields: Option<Vec<String>>,
}
