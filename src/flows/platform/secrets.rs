//! Secrets of a key behind the Keys API: several may live side by side, so that an application changes them without a gap.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::id::KeySecretId;
use crate::base::text::readable;
use crate::base::{Fault, Seconds, Secret, Timestamp};
use crate::flows::operate::create_key::SECRET_PREFIX;
use crate::flows::record;
use crate::platform::body::Body;
use crate::platform::change::{self, Action, RecordType};
use crate::platform::key::AuthType;
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::protocol::client::ClientKind;
use crate::store::Conn;
use crate::store::audit::Entry;
use crate::store::key_secrets::{self, KeySecret};
use crate::store::keys::{self, Registered};

use super::history::{self, Told};
use super::staff::{Place, Staff};

/// How many secrets of one key are accepted at once.
const MOST: usize = 10;
/// The longest name. Units: characters.
const LONGEST_NAME: usize = 64;
/// For how long the secrets before a new one may be accepted beside it. Units: hours.
const LONGEST_OVERLAP: i64 = 168;
/// What can only be read.
const SHOWN: [&str; 6] = ["Id", "ResourceUri", "Secret", "Live", "LastUsed", "CreatedTimestamp"];

/// The secrets of a key, oldest first, without their values.
///
/// Refuses: a key the caller may not see.
pub fn list(app: &App, conn: &mut Conn, staff: &Staff<'_>, place: Place) -> Result<Result<Vec<SecretRecord>, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    let now = app.now();
    Ok(Ok(key_secrets::of_key(conn, place.key)?.iter().map(|secret| SecretRecord::of(place, secret, now)).collect()))
}

/// One secret, without its value.
///
/// Refuses: one that is not that key's.
pub fn get(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    id: KeySecretId,
) -> Result<Result<SecretRecord, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    let found = key_secrets::get(conn, place.key, id)?;
    Ok(found.map(|secret| SecretRecord::of(place, &secret, app.now())).ok_or(ApiProblem::not_found()))
}

/// Adds a secret; the answer is the only one that ever has its value. With an overlap, those before it end after so many hours.
///
/// Refuses: a key that is not the caller's to change, one that has no secrets, and more than ten at once.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    body: &Map<String, Value>,
) -> Result<Result<MadeSecret, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    let mut said = Body::of(body, &["Name", "ExpiresTimestamp", "OverlapHours"], &SHOWN);
    let name = said.text("Name", name).unwrap_or_else(|| format!("made {}", now.day()));
    let expires_at = said.read("ExpiresTimestamp", |value| end(value, now)).flatten();
    let overlap = said.whole("OverlapHours", 0..=LONGEST_OVERLAP).flatten();
    if let Err(problem) = said.end(()).and_then(|()| has_secrets(&registered)) {
        return Ok(Err(problem));
    }
    key_secrets::forget(conn, place.key, now)?;
    let before = key_secrets::of_key(conn, place.key)?;
    if overlap.is_none() && before.iter().filter(|secret| secret.is_live(now)).count() >= MOST {
        let why = format!("would be one too many: a key has at most {MOST}; end one, or say OverlapHours");
        return Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("Secret", why)])));
    }
    let value = Secret::generate(SECRET_PREFIX, &app.random);
    let secret = KeySecret { id: KeySecretId(app.random.small_id(now)), name, created_at: now, expires_at, last_used_on: None };
    keys::add_secret(conn, secret.id, place.key, &secret.name, &value.digest(), expires_at, now)?;
    if let Some(hours) = overlap {
        keys::expire_other_secrets(conn, place.key, secret.id, now + Seconds::hours(hours))?;
    }
    tell(app, conn, staff, &registered, &before, "key.secret_rotated", None)?;
    Ok(Ok(MadeSecret { record: SecretRecord::of(place, &secret, now), secret: value.expose().to_owned() }))
}

/// Gives a secret another name or another end.
///
/// Refuses: a key that is not the caller's to change, and a secret that is not that key's.
pub fn update(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    (place, id): (Place, KeySecretId),
    body: &Map<String, Value>,
) -> Result<Result<SecretRecord, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(mut secret) = key_secrets::get(conn, place.key, id)? else { return Ok(Err(ApiProblem::not_found())) };
    let now = app.now();
    let mut said = Body::of(body, &["Name", "ExpiresTimestamp"], &SHOWN);
    if said.says("ExpiresTimestamp") && !secret.is_live(now) {
        said.unfit("ExpiresTimestamp", "cannot be changed: this secret is over, and does not come back");
    }
    if let Some(name) = said.text("Name", name) {
        secret.name = name;
    }
    if let Some(at) = said.read("ExpiresTimestamp", |value| end(value, now)) {
        secret.expires_at = at;
    }
    if let Err(problem) = said.end(()) {
        return Ok(Err(problem));
    }
    let before = key_secrets::of_key(conn, place.key)?;
    key_secrets::set(conn, place.key, &secret)?;
    tell(app, conn, staff, &registered, &before, "key.updated", Some("secret_changed"))?;
    Ok(Ok(SecretRecord::of(place, &secret, now)))
}

/// Switches a secret off: from now on it is not accepted, and does not come back.
///
/// Refuses: a key that is not the caller's to change, and a secret that is not that key's.
pub fn end_now(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    (place, id): (Place, KeySecretId),
) -> Result<Result<SecretRecord, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(mut secret) = key_secrets::get(conn, place.key, id)? else { return Ok(Err(ApiProblem::not_found())) };
    let now = app.now();
    if secret.is_live(now) {
        let before = key_secrets::of_key(conn, place.key)?;
        secret.expires_at = Some(now);
        key_secrets::set(conn, place.key, &secret)?;
        tell(app, conn, staff, &registered, &before, "key.updated", Some("secret_ended"))?;
    }
    Ok(Ok(SecretRecord::of(place, &secret, now)))
}

/// Removes a secret: from now on it is not accepted.
///
/// Refuses: a key that is not the caller's to change, and a secret that is not that key's.
pub fn remove(app: &App, conn: &mut Conn, staff: &Staff<'_>, (place, id): (Place, KeySecretId)) -> Result<Result<(), ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let before = key_secrets::of_key(conn, place.key)?;
    if !key_secrets::remove(conn, place.key, id)? {
        return Ok(Err(ApiProblem::not_found()));
    }
    tell(app, conn, staff, &registered, &before, "key.updated", Some("secret_removed"))?;
    Ok(Ok(()))
}

fn has_secrets(registered: &Registered) -> Result<(), ApiProblem> {
    if registered.client.kind == ClientKind::Public {
        return Err(ApiProblem::constraint("Kind", "is public: such a key has no secret"));
    }
    if registered.key.auth_type == AuthType::SparkApiAuth {
        return Err(ApiProblem::constraint("Type", "is SparkApiAuth: such a key has the one secret it was made with"));
    }
    Ok(())
}

fn name(text: &str) -> Result<String, &'static str> {
    let shown = readable(text, LONGEST_NAME + 1);
    if (1..=LONGEST_NAME).contains(&shown.chars().count()) { Ok(shown) } else { Err("must have 1 to 64 characters") }
}

/// When a secret ends; null is never.
fn end(value: &Value, now: Timestamp) -> Result<Option<Timestamp>, String> {
    const WRONG: &str = "must be a moment to come within ten years, such as 2027-01-31T00:00:00Z, or null";
    if value.is_null() {
        return Ok(None);
    }
    let text = value.as_str().ok_or(WRONG)?;
    let at = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| WRONG)?;
    let at = Timestamp(at.timestamp_millis());
    if at > now && at <= now + Seconds::days(3660) { Ok(Some(at)) } else { Err(WRONG.to_owned()) }
}

/// Tells audit and history; what the history has of a secret is its name and its end.
fn tell(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    registered: &Registered,
    before: &[KeySecret],
    event: &str,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let key = &registered.key;
    let id = key.id.to_string();
    let said = |secrets: &[KeySecret]| -> Value {
        let each = |secret: &KeySecret| json!({ "Id": secret.id.0, "Name": secret.name, "ExpiresTimestamp": secret.expires_at.map(Timestamp::iso) });
        secrets.iter().map(each).collect()
    };
    let after = key_secrets::of_key(conn, key.id)?;
    let values = if before == after { change::Values::new() } else { change::one("Secrets", said(before), said(&after)) };
    let entry = staff.entry(app, event);
    let entry = Entry { subject: Some(id.clone()), client: Some(key.key.clone()), reason: reason.map(str::to_owned), ..entry };
    record::record(conn, &entry)?;
    let told = Told {
        action: Action::Update,
        record: RecordType::Key,
        id,
        mls: key.mls_id.as_ref(),
        identity: key.identity_id,
        key: Some(key.id),
        values,
    };
    history::tell(app, conn, staff, told)
}

/// A secret of a key, without its value.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = KeySecret)]
pub struct SecretRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is accepted.
    pub live: bool,
    /// The last day it was used.
    pub last_used: Option<String>,
    /// When it was made.
    pub created_timestamp: String,
    /// When it ends, or ended; null is never.
    pub expires_timestamp: Option<String>,
}

/// A secret that was made; this is the only answer with its value.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NewKeySecret)]
pub struct MadeSecret {
    /// The secret.
    #[serde(flatten)]
    pub record: SecretRecord,
    /// The value.
    #[serde(rename = "Secret")]
    pub secret: String,
}

impl SecretRecord {
    fn of(place: Place, secret: &KeySecret, now: Timestamp) -> Self {
        Self {
            id: secret.id.0,
            resource_uri: format!("{}/secrets/{}", place.uri(), secret.id),
            name: secret.name.clone(),
            live: secret.is_live(now),
            last_used: secret.last_used_on.clone(),
            created_timestamp: secret.created_at.iso(),
            expires_timestamp: secret.expires_at.map(Timestamp::iso),
        }
    }
}

/// The secret somebody wants.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = KeySecretWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it ends; null is never.
    pub expires_timestamp: Option<String>,
    /// For how many hours, 0 to 168, the secrets before it are still accepted; without it they stay. Only where one is made.
    #[schema(minimum = 0, maximum = 168)]
    pub overlap_hours: Option<i64>,
}
