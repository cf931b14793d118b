//! The applications that act for a person, and the end of that.

use std::collections::BTreeMap;

use crate::app::App;
use crate::base::id::{AccountId, KeyId, SessionId};
use crate::base::{Fault, Timestamp};
use crate::flows::record::{Caller, record};
use crate::identity::account::Account;
use crate::mail::device;
use crate::protocol::scope::Scope;
use crate::store::audit::Entry;
use crate::store::keys::{self, Registered};
use crate::store::{Conn, connections, grants, key_lists, personal_tokens, sessions};

use std::sync::Arc;

/// An application that acts for a person.
pub struct Connection {
    /// Its key.
    pub registered: Arc<Registered>,
    /// What it may do, in plain sentences.
    pub permissions: Vec<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used for this person.
    pub last_used: Option<Timestamp>,
    /// In which browsers and ways it is used now.
    pub devices: Vec<String>,
    /// Who built it.
    pub vendor: Option<String>,
    /// Under which plan of the Datamart it acts.
    pub plan: Option<String>,
}

#[derive(Default)]
struct Found {
    scopes: Vec<Scope>,
    since: Option<Timestamp>,
    last_used: Option<Timestamp>,
    sessions: Vec<SessionId>,
    personal: bool,
    living: usize,
}

impl Found {
    fn began(&mut self, at: Timestamp) {
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }

    fn used(&mut self, at: Timestamp) {
        self.last_used = Some(self.last_used.map_or(at, |last| last.max(at)));
    }
}

/// Every application that acts for this person or was allowed to, by name.
pub fn of(app: &App, conn: &mut Conn, account: &AccountId) -> Result<Vec<Connection>, Fault> {
    let now = app.now();
    let mut by_key: BTreeMap<KeyId, Found> = BTreeMap::new();
    for (key, scopes, first, _) in connections::consented(conn, account)? {
        let found = by_key.entry(key).or_default();
        found.scopes.extend(scopes.iter());
        found.began(first);
    }
    for living in connections::living(conn, account, now)? {
        let found = by_key.entry(living.key_id).or_default();
        found.scopes.extend(living.scope.iter());
        found.began(living.given_at);
        found.used(living.renewed_at);
        found.sessions.extend(living.session_id);
        found.living += 1;
    }
    for (key, made, used_on) in connections::tokens(conn, account)? {
        let found = by_key.entry(key).or_default();
        found.began(made);
        found.personal = true;
        if let Some(day) = used_on.and_then(|day| day_began(&day)) {
            found.used(day);
        }
    }
    let devices: BTreeMap<SessionId, String> =
        sessions::of_account(conn, account, 200)?.into_iter().map(|(session, origin)| (session.id, device(&origin.user_agent))).collect();
    let mut all = Vec::new();
    for (key, mut found) in by_key {
        let Some(registered) = app.keys.get(conn, key)?.filter(|registered| registered.key.deleted_at.is_none()) else { continue };
        if let Some(at) = connections::last_request(conn, account, key)? {
            found.used(at);
        }
        let mut connection = connection(registered, found, &devices, now);
        (connection.vendor, connection.plan) = key_lists::origin(conn, key)?;
        all.push(connection);
    }
    all.sort_by_key(|connection| connection.registered.key.name.to_lowercase());
    Ok(all)
}

fn connection(registered: Arc<Registered>, mut found: Found, devices: &BTreeMap<SessionId, String>, now: Timestamp) -> Connection {
    found.scopes.sort_unstable();
    found.scopes.dedup();
    let roles = registered.key.roles.iter().map(|role| role.permission().to_owned());
    let permissions = roles.chain(found.scopes.iter().map(|scope| scope.permission().to_owned())).collect();
    let mut shown: Vec<String> = found.sessions.iter().filter_map(|session| devices.get(session)).cloned().collect();
    if shown.is_empty() && found.living > 0 {
        shown.push("In the background".to_owned());
    }
    if found.personal {
        shown.push("With a personal token".to_owned());
    }
    shown.sort();
    shown.dedup();
    Connection {
        permissions,
        since: found.since.unwrap_or(now),
        last_used: found.last_used,
        devices: shown,
        registered,
        vendor: None,
        plan: None,
    }
}

fn day_began(day: &str) -> Option<Timestamp> {
    let day = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(Timestamp(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()))
}

/// Ends everything a key may do for a person: permissions, consent, standing tokens. One write. `None` where nothing was there.
pub fn end(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    account: &Account,
    session: SessionId,
    key: KeyId,
) -> Result<Option<String>, Fault> {
    let now = app.now();
    // A token that its developer is having replaced at this moment ends too.
    keys::hold(conn, key)?;
    let had = of(app, conn, &account.id)?.into_iter().find(|connection| connection.registered.key.id == key);
    let Some(had) = had else { return Ok(None) };
    grants::end_all(conn, &account.id, key, now)?;
    personal_tokens::revoke_all(conn, &account.id, key, now)?;
    let line = Entry {
        actor: Some(account.id.to_string()),
        subject: Some(account.id.to_string()),
        client: Some(had.registered.key.key.clone()),
        session: Some(session.to_string()),
        reason: Some("by_the_person".to_owned()),
        ..caller.entry(app, "consent.revoked", false, now)
    };
    record(conn, &line)?;
    Ok(Some(had.registered.key.name.clone()))
}
