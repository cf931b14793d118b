//! A developer's own keys: seen, made on sample data, changed, deleted.

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{IdentityId, KeyId, KeySecretId};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::sample_mls;
use crate::flows::platform::key_record::{KeyRecord, MadeKey};
use crate::flows::platform::keys;
use crate::flows::platform::secrets::{self, MadeSecret, SecretRecord};
use crate::flows::platform::staff::{Place, Staff};
use crate::platform::application::Application;
use crate::platform::key::KEYS;
use crate::platform::lines::KeyState;
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Page, Query};
use crate::store::{Conn, identities, key_suspensions, mlses};

/// How many keys a developer may have; those that the Datamart issued count too.
const MOST: i64 = 50;

/// A developer with an identity, and how far his word goes.
pub struct Owner<'g> {
    /// As the Keys API sees him.
    pub staff: Staff<'g>,
    /// His identity.
    pub identity: IdentityId,
}

impl<'g> Owner<'g> {
    /// The developer who is signed in; `None` before activation gave him an identity.
    pub fn of(guest: &'g DeveloperGuest) -> Option<Self> {
        let identity = guest.developer.identity_id?;
        Some(Self { staff: Staff::developer(&guest.developer, identity, sample_mls::id()?, &guest.caller), identity })
    }

    /// Where a key of his is.
    pub const fn place(&self, key: KeyId) -> Place {
        Place { identity: self.identity, key }
    }
}

/// A key as its owner sees it.
pub struct Shown {
    /// The record of the Keys API.
    pub record: KeyRecord,
    /// The name of the MLS that issued it.
    pub mls: String,
    /// Somebody at the MLS checked whose it is.
    pub verified: bool,
    /// He made it himself, so that nobody else's limits stand on it.
    pub his_own: bool,
}

/// How a key of his stands.
pub fn state(conn: &mut Conn, key: &KeyRecord) -> Result<KeyState, Fault> {
    let running = if key.enabled { None } else { key_suspensions::running(conn, KeyId(key.id))? };
    Ok(KeyState::of(key.enabled, running.as_ref()))
}

/// Reads what a list is to show.
fn page_query(page: i64) -> Result<Query, ApiProblem> {
    let pairs =
        [("_limit", "25".to_owned()), ("_page", page.max(1).to_string()), ("_pagination", "1".to_owned()), ("_orderby", "-Id".to_owned())];
    Query::of_list(&KEYS, &pairs.map(|(name, value)| (name.to_owned(), value)))
}

/// A page of his keys, the newest first.
pub fn list(conn: &mut Conn, owner: &Owner<'_>, page: i64) -> Result<Result<Page<KeyRecord>, ApiProblem>, Fault> {
    match page_query(page) {
        Ok(query) => keys::list(conn, &owner.staff, owner.identity, false, &query),
        Err(problem) => Ok(Err(problem)),
    }
}

/// One of his living keys, with its restrictions.
///
/// Refuses: a key that is not his, and one that was deleted, as if it were not there.
pub fn get(conn: &mut Conn, owner: &Owner<'_>, key: KeyId) -> Result<Result<Shown, ApiProblem>, Fault> {
    let expanded = Query::of_record(&KEYS, &[("_expand".to_owned(), "PermittedIPAddresses,PermittedUserAgents".to_owned())]);
    let (query, registered) = match (expanded, owner.staff.living_key(conn, owner.place(key))?) {
        (Ok(query), Ok(registered)) => (query, registered),
        (Err(problem), _) | (_, Err(problem)) => return Ok(Err(problem)),
    };
    let mls = match &registered.key.mls_id {
        Some(id) => mlses::get(conn, id)?,
        None => None,
    };
    Ok(Ok(Shown {
        record: KeyRecord::asked(&owner.staff, &registered, &query),
        mls: mls.map_or_else(String::new, |mls| mls.name),
        verified: registered.client.policy.verified,
        his_own: owner.staff.made(&registered.key),
    }))
}

/// What is wanted of a new application.
pub struct Wish {
    /// What it is.
    pub kind: Application,
    /// What people call it.
    pub name: String,
    /// Where answers go.
    pub redirect_uris: Vec<String>,
    /// Its web site.
    pub application_uri: String,
}

/// Makes a key on sample data; the answer is the only one with its secret. One write.
///
/// Refuses: what the Keys API refuses, and more than fifty keys.
pub fn make(app: &App, conn: &mut Conn, owner: &Owner<'_>, wish: &Wish) -> Result<Result<MadeKey, ApiProblem>, Fault> {
    // Of two that are made at once the later one counts the earlier one.
    identities::hold(conn, owner.identity)?;
    let there = match list(conn, owner, 1)? {
        Ok(page) => page.total,
        Err(problem) => return Ok(Err(problem)),
    };
    if there >= MOST {
        let why = format!("would be one too many: you have {MOST} keys; delete one you no longer use");
        return Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("Name", why)])));
    }
    sample_mls::of(conn, app.now())?;
    let body = json!({
        "Name": wish.name, "Type": "OAuth2", "RedirectUris": wish.redirect_uris, "ApplicationUri": wish.application_uri,
        "Roles": [wish.kind.role().name()], "Kind": if wish.kind.keeps_a_secret() { "confidential" } else { "public" },
    });
    keys::create(app, conn, &owner.staff, owner.identity, &members(body))
}

/// What a developer may change of his key by himself; roles and MLSs are not his to change.
pub struct Settings {
    /// What people call it.
    pub name: String,
    /// Where answers go.
    pub redirect_uris: Vec<String>,
    /// Its web site.
    pub application_uri: String,
    /// From where it may be used.
    pub addresses: Vec<String>,
    /// By what it may be used.
    pub agents: Vec<String>,
    /// Whether it must use PKCE.
    pub require_pkce: bool,
}

/// Changes a key. One write.
///
/// Refuses: a key that is not his, what the Keys API refuses, and wider limits on a key that an MLS gave him.
pub fn change(app: &App, conn: &mut Conn, owner: &Owner<'_>, key: KeyId, wish: &Settings) -> Result<Result<KeyRecord, ApiProblem>, Fault> {
    let body = json!({
        "Name": wish.name, "RedirectUris": wish.redirect_uris, "ApplicationUri": wish.application_uri,
        "PermittedIPAddresses": wish.addresses, "PermittedUserAgents": wish.agents, "RequirePkce": wish.require_pkce,
    });
    keys::update(app, conn, &owner.staff, owner.place(key), &members(body))
}

/// Deletes a key: whatever was issued for it is over. One write.
///
/// Refuses: a key that is not his.
pub fn delete(app: &App, conn: &mut Conn, owner: &Owner<'_>, key: KeyId) -> Result<Result<(), ApiProblem>, Fault> {
    keys::delete(app, conn, &owner.staff, owner.place(key))
}

/// The secrets of a key, without their values.
///
/// Refuses: a key that is not his.
pub fn secrets_of(app: &App, conn: &mut Conn, owner: &Owner<'_>, key: KeyId) -> Result<Result<Vec<SecretRecord>, ApiProblem>, Fault> {
    secrets::list(app, conn, &owner.staff, owner.place(key))
}

/// Gives a key another secret; those before it are accepted for so many hours more, or as long as they were where nothing is said. One write.
///
/// Refuses: what the Keys API refuses.
pub fn add_secret(
    app: &App,
    conn: &mut Conn,
    owner: &Owner<'_>,
    key: KeyId,
    name: &str,
    overlap_hours: Option<i64>,
) -> Result<Result<MadeSecret, ApiProblem>, Fault> {
    let mut body = Map::new();
    if !name.is_empty() {
        body.insert("Name".to_owned(), json!(name));
    }
    if let Some(hours) = overlap_hours {
        body.insert("OverlapHours".to_owned(), json!(hours));
    }
    secrets::create(app, conn, &owner.staff, owner.place(key), &body)
}

/// Switches a secret off: from now on it is not accepted. One write.
///
/// Refuses: a key or secret that is not his.
pub fn end_secret(
    app: &App,
    conn: &mut Conn,
    owner: &Owner<'_>,
    key: KeyId,
    secret: KeySecretId,
) -> Result<Result<SecretRecord, ApiProblem>, Fault> {
    secrets::end_now(app, conn, &owner.staff, (owner.place(key), secret))
}

/// Removes a secret that was switched off before, so that nobody does by one slip what cannot be undone. One write.
///
/// Refuses: a key or secret that is not his, and one that is accepted still.
pub fn delete_secret(
    app: &App,
    conn: &mut Conn,
    owner: &Owner<'_>,
    key: KeyId,
    secret: KeySecretId,
) -> Result<Result<(), ApiProblem>, Fault> {
    let place = (owner.place(key), secret);
    match secrets::get(app, conn, &owner.staff, place.0, secret)? {
        Ok(record) if record.live => {
            Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("Secret", "is accepted still; switch it off first")])))
        }
        Ok(_) => secrets::remove(app, conn, &owner.staff, place),
        Err(problem) => Ok(Err(problem)),
    }
}

fn members(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
