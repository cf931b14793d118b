//! Web domains of a key: its own programs keep them, and the staff of its MLS.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{DomainId, KeyId};
use crate::flows::record;
use crate::platform::domain::{self, Domain, MOST};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Page, Query};
use crate::store::audit::Entry;
use crate::store::{Conn, domains, keys};

use super::staff::{Place, Staff};

/// Of which key.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// The one that asks.
    Own,
    /// One of the caller's MLS.
    At(Place),
}

/// The key that is meant, and its `client_id`.
///
/// Refuses: a key that is not of that developer and the caller's MLS, or is gone.
fn key(conn: &mut Conn, staff: &Staff<'_>, of: Of) -> Result<Result<(KeyId, String), ApiProblem>, Fault> {
    Ok(match of {
        Of::Own => staff.own_key().map(|own| (own.id, own.key.clone())).ok_or(ApiProblem::not_found()),
        Of::At(place) => staff.living_key(conn, place)?.map(|found| (found.key.id, found.key.key)),
    })
}

/// A page of the domains.
///
/// Refuses: a key that is not the caller's to see.
pub fn list(conn: &mut Conn, staff: &Staff<'_>, of: Of, query: &Query) -> Result<Result<Page<DomainRecord>, ApiProblem>, Fault> {
    match key(conn, staff, of)? {
        Ok((key, _)) => Ok(Ok(domains::page(conn, key, query)?.map(|domain| DomainRecord::of(&domain)))),
        Err(problem) => Ok(Err(problem)),
    }
}

/// One domain.
///
/// Refuses: one that is not that key's.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, of: Of, id: DomainId) -> Result<Result<DomainRecord, ApiProblem>, Fault> {
    match key(conn, staff, of)? {
        Ok((key, _)) => Ok(domains::get(conn, key, id)?.map(|domain| DomainRecord::of(&domain)).ok_or(ApiProblem::not_found())),
        Err(problem) => Ok(Err(problem)),
    }
}

/// Adds a domain.
///
/// Refuses: what is no address of a domain, one that is there, and more than [`MOST`].
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    of: Of,
    body: &Map<String, Value>,
) -> Result<Result<DomainRecord, ApiProblem>, Fault> {
    let (key_id, client) = match key(conn, staff, of)? {
        Ok(key) => key,
        Err(problem) => return Ok(Err(problem)),
    };
    let uri = match read(body) {
        Ok(uri) => uri,
        Err(problem) => return Ok(Err(problem)),
    };
    // Two who add at once must see one another.
    keys::hold(conn, key_id)?;
    if domains::with_uri(conn, key_id, &uri)?.is_some() {
        return Ok(Err(taken()));
    }
    if usize::try_from(domains::count(conn, key_id)?).unwrap_or(usize::MAX) >= MOST {
        return Ok(Err(ApiProblem::constraint("Uri", format!("cannot be added: a key has at most {MOST} domains"))));
    }
    let now = app.now();
    let domain = Domain { id: DomainId(app.random.small_id(now)), key_id, uri, created_at: now, modified_at: now };
    domains::add(conn, &domain)?;
    tell(app, conn, staff, &client, "domain_added")?;
    Ok(Ok(DomainRecord::of(&domain)))
}

/// Gives a domain another address.
///
/// Refuses: one that is not that key's, and what [`create`] refuses.
pub fn change(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    (of, id): (Of, DomainId),
    body: &Map<String, Value>,
) -> Result<Result<DomainRecord, ApiProblem>, Fault> {
    let (key_id, client) = match key(conn, staff, of)? {
        Ok(key) => key,
        Err(problem) => return Ok(Err(problem)),
    };
    keys::hold(conn, key_id)?;
    let Some(domain) = domains::get(conn, key_id, id)? else { return Ok(Err(ApiProblem::not_found())) };
    let uri = match read(body) {
        Ok(uri) => uri,
        Err(problem) => return Ok(Err(problem)),
    };
    if domains::with_uri(conn, key_id, &uri)?.is_some_and(|known| known.id != id) {
        return Ok(Err(taken()));
    }
    let now = app.now();
    domains::set_uri(conn, key_id, id, &uri, now)?;
    tell(app, conn, staff, &client, "domain_changed")?;
    Ok(Ok(DomainRecord::of(&Domain { uri, modified_at: now, ..domain })))
}

/// Removes a domain.
///
/// Refuses: one that is not that key's.
pub fn remove(app: &App, conn: &mut Conn, staff: &Staff<'_>, (of, id): (Of, DomainId)) -> Result<Result<(), ApiProblem>, Fault> {
    let (key_id, client) = match key(conn, staff, of)? {
        Ok(key) => key,
        Err(problem) => return Ok(Err(problem)),
    };
    if !domains::remove(conn, key_id, id)? {
        return Ok(Err(ApiProblem::not_found()));
    }
    tell(app, conn, staff, &client, "domain_removed")?;
    Ok(Ok(()))
}

fn tell(app: &App, conn: &mut Conn, staff: &Staff<'_>, client: &str, what: &str) -> Result<(), Fault> {
    let entry = Entry { client: Some(client.to_owned()), reason: Some(what.to_owned()), ..staff.entry(app, "key.updated") };
    record::record(conn, &entry)
}

fn taken() -> ApiProblem {
    ApiProblem::Conflict(vec![FieldProblem::of("Uri", "is one of this key's domains already")])
}

fn read(body: &Map<String, Value>) -> Result<String, ApiProblem> {
    let unknown: Vec<FieldProblem> =
        body.keys().filter(|name| *name != "Uri").map(|name| FieldProblem::of(name, "is not an attribute that can be written")).collect();
    if !unknown.is_empty() {
        return Err(ApiProblem::Constraint(unknown));
    }
    match body.get("Uri") {
        None | Some(Value::Null) => Err(ApiProblem::Missing(vec![FieldProblem::of("Uri", "is needed")])),
        Some(Value::String(text)) => domain::uri(text).map_err(|why| ApiProblem::constraint("Uri", why)),
        Some(_) => Err(ApiProblem::constraint("Uri", "must be text")),
    }
}

/// A web domain of a key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Domain)]
pub struct DomainRecord {
    /// Its number.
    pub id: i64,
    /// Its address: http or https, a host, and perhaps a port.
    pub uri: String,
    /// When it was added.
    pub created_timestamp: String,
    /// When it last changed.
    pub modification_timestamp: String,
}

impl DomainRecord {
    fn of(domain: &Domain) -> Self {
        Self {
            id: domain.id.0,
            uri: domain.uri.clone(),
            created_timestamp: domain.created_at.iso(),
            modification_timestamp: domain.modified_at.iso(),
        }
    }
}

/// The domain somebody wants.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = DomainWish, rename_all = "PascalCase")]
pub struct Asked {
    /// Its address: http or https, a host, and perhaps a port.
    pub uri: String,
}
