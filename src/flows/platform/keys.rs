//! Keys behind the Keys API: staff list, make, change and delete those of the developers it may see.

use serde_json::{Map, Value};

use crate::app::App;
use crate::base::id::{AccountId, IdentityId, KeyId, KeySecretId};
use crate::base::{Fault, Secret};
use crate::flows::operate::create_key::SECRET_PREFIX;
use crate::flows::record;
use crate::platform::change::{self, Action, RecordType, Values};
use crate::platform::key::AuthType;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Query};
use crate::protocol::client::{ClientKind, Privilege};
use crate::store::audit::Entry;
use crate::store::key_records::{self, Birth, State};
use crate::store::keys::{self, Registered};
use crate::store::{Conn, authorizations, identities, key_lists, key_suspensions, mlses, templates};

use super::history::{self, Told};
use super::key_facts::{self, Leave, Wanted};
use super::key_record::{KeyRecord, MadeKey};
use super::own_change;
use super::staff::{Place, Staff};

/// A page of the keys of a developer: the living ones, or the deleted ones.
///
/// Refuses: a developer the caller may not see.
pub fn list(
    conn: &mut Conn,
    staff: &Staff<'_>,
    identity: IdentityId,
    deleted: bool,
    query: &Query,
) -> Result<Result<Page<KeyRecord>, ApiProblem>, Fault> {
    if let Err(problem) = staff.identity(conn, identity)? {
        return Ok(Err(problem));
    }
    let page = key_records::page(conn, staff.reach(), identity, deleted, query)?;
    Ok(Ok(page.map(|registered| KeyRecord::asked(staff, &registered, query))))
}

/// One key, deleted or not.
///
/// Refuses: one the caller may not see.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, place: Place, query: &Query) -> Result<Result<KeyRecord, ApiProblem>, Fault> {
    Ok(staff.key(conn, place)?.map(|registered| KeyRecord::asked(staff, &registered, query)))
}

/// Makes a key; the answer is the only one that ever has its secret.
///
/// Refuses: a developer the caller may not see or who was deleted, and what [`key_facts::create`] refuses.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    identity: IdentityId,
    body: &Map<String, Value>,
) -> Result<Result<MadeKey, ApiProblem>, Fault> {
    // Nobody deletes the developer meanwhile.
    identities::hold(conn, identity)?;
    let owner = match staff.identity(conn, identity)? {
        Ok(owner) if owner.deleted_at.is_none() => owner,
        Ok(_) => return Ok(Err(ApiProblem::not_found())),
        Err(problem) => return Ok(Err(problem)),
    };
    let mls = staff.reach().issuer().cloned().or(owner.mls_id);
    let wanted = match key_facts::create(body, leave(staff), mls.as_ref()) {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Err(problem) = there(conn, mls.as_ref(), &wanted.state, None)? {
        return Ok(Err(problem));
    }
    let (id, secret) = add(app, conn, identity, mls.as_ref(), &wanted)?;
    let place = Place { identity, key: id };
    let Ok(registered) = staff.key(conn, place)? else { return Err(Fault::broken("a key was made and is not there")) };
    let mut values = change::beginning(&key_facts::told(&wanted.state));
    values.extend(change::one("Type", Value::Null, wanted.auth_type.name()));
    values.extend(change::one("Kind", Value::Null, wanted.kind.name()));
    tell(app, conn, staff, &registered, Action::Create, values, "key.created")?;
    let record = KeyRecord::of(staff, &registered);
    Ok(Ok(MadeKey { record, secret: secret.map(|secret| secret.expose().to_owned()) }))
}

fn add(
    app: &App,
    conn: &mut Conn,
    identity: IdentityId,
    mls: Option<&AccountId>,
    wanted: &Wanted,
) -> Result<(KeyId, Option<Secret>), Fault> {
    let now = app.now();
    let id = KeyId(app.random.small_id(now));
    let secret = (wanted.kind == ClientKind::Confidential).then(|| Secret::generate(SECRET_PREFIX, &app.random));
    // Whoever checks a signature must read the secret again; everybody else only compares digests.
    let sealed = match (&secret, wanted.auth_type) {
        (Some(secret), AuthType::SparkApiAuth) => Some(app.seal.seal(&sealed_at(id), secret.expose().as_bytes(), &app.random)?),
        _ => None,
    };
    let birth = Birth {
        id,
        identity_id: identity,
        mls_id: mls,
        key: &app.random.client_id(),
        kind: wanted.kind.name(),
        auth_type: wanted.auth_type.name(),
        sealed_secret: sealed.as_deref(),
    };
    key_records::add(conn, &birth, &wanted.state, now)?;
    if let (Some(secret), AuthType::OAuth2) = (&secret, wanted.auth_type) {
        keys::add_secret(conn, KeySecretId(app.random.small_id(now)), id, "first", &secret.digest(), None, now)?;
    }
    Ok((id, secret))
}

/// The place for which the secret of a key that signs is sealed.
pub fn sealed_at(id: KeyId) -> String {
    format!("keys/sealed_secret/{id}")
}

/// Changes a key; what is not said stays.
///
/// Refuses: one that is not the caller's to change or was deleted, and what [`key_facts::change`] refuses.
pub fn update(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    body: &Map<String, Value>,
) -> Result<Result<KeyRecord, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let before = key_facts::state(&registered);
    let wanted = key_facts::change(&registered, body, leave(staff));
    let settled = |state| if staff.is_developer() { own_change::settled(&before, state, staff.made(&registered.key)) } else { Ok(state) };
    let state = match wanted.and_then(settled) {
        Ok(state) => state,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Err(problem) = there(conn, registered.key.mls_id.as_ref(), &state, Some(&before))? {
        return Ok(Err(problem));
    }
    if state.enabled
        && !before.enabled
        && let Some(why) = kept_off(conn, staff, place)?
    {
        return Ok(Err(ApiProblem::constraint("Enabled", why)));
    }
    if state != before {
        if !key_records::set(conn, staff.reach(), place.key, &state, app.now())? {
            return Ok(Err(ApiProblem::not_found()));
        }
        if state.policy.requires_authorization && !before.policy.requires_authorization {
            // From now on a consent alone is not enough, so what stands on one alone is over.
            authorizations::end_others(conn, place.key, app.now())?;
        }
        let event = if before.enabled && !state.enabled { "key.disabled" } else { "key.updated" };
        let values = change::between(&key_facts::told(&before), &key_facts::told(&state));
        tell(app, conn, staff, &registered, Action::Update, values, event)?;
    }
    Ok(staff.key(conn, place)?.map(|registered| KeyRecord::of(staff, &registered)))
}

/// Why a key is not simply switched on again.
fn kept_off(conn: &mut Conn, staff: &Staff<'_>, place: Place) -> Result<Option<&'static str>, Fault> {
    if key_suspensions::running(conn, place.key)?.is_some() {
        return Ok(Some("cannot be true: the key is suspended, and is taken up again where that was done"));
    }
    if key_lists::plan_of(conn, place.key)?.is_some_and(|(_, ended)| ended) {
        return Ok(Some("cannot be true: the plan the key came from has ended"));
    }
    let deleted = staff.identity(conn, place.identity)?.is_ok_and(|owner| owner.deleted_at.is_some());
    Ok(deleted.then_some("cannot be true: the developer was deleted"))
}

/// Deletes a key, which stays readable; whatever was issued for it is over.
///
/// Refuses: one that is not the caller's to change, or was deleted before.
pub fn delete(app: &App, conn: &mut Conn, staff: &Staff<'_>, place: Place) -> Result<Result<(), ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    if !key_records::delete(conn, staff.reach(), place.key, app.now())? {
        return Ok(Err(ApiProblem::not_found()));
    }
    tell(app, conn, staff, &registered, Action::Delete, change::one("Deleted", false, true), "key.deleted")?;
    Ok(Ok(()))
}

fn leave(staff: &Staff<'_>) -> Leave {
    Leave { several: staff.may(Privilege::MultipleMls), signing: staff.may(Privilege::SparkApiAuth) }
}

/// Whether the template and the MLSs a key names are there, where it did not name them before.
fn there(conn: &mut Conn, mls: Option<&AccountId>, state: &State, before: Option<&State>) -> Result<Result<(), ApiProblem>, Fault> {
    let named = state.template_id.as_ref().filter(|id| before.and_then(|before| before.template_id.as_ref()) != Some(id));
    if let Some(id) = named {
        // Nobody removes it meanwhile.
        if let Ok(id) = id.parse() {
            templates::hold(conn, &id)?;
        }
        if !key_records::template_fits(conn, mls, id)? {
            return Ok(Err(ApiProblem::constraint("TemplateId", "must be a template of the MLS")));
        }
    }
    for id in &state.mls_ids {
        let known = Some(id) == mls || before.is_some_and(|before| before.mls_ids.contains(id));
        if !known && mlses::get(conn, id)?.is_none() {
            return Ok(Err(ApiProblem::constraint("MlsIds", "must be MLSs of this installation")));
        }
    }
    Ok(Ok(()))
}

fn tell(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    registered: &Registered,
    action: Action,
    values: Values,
    event: &str,
) -> Result<(), Fault> {
    let key = &registered.key;
    let id = key.id.to_string();
    let entry = Entry { subject: Some(id.clone()), client: Some(key.key.clone()), ..staff.entry(app, event) };
    record::record(conn, &entry)?;
    let told = Told { action, record: RecordType::Key, id, mls: key.mls_id.as_ref(), identity: key.identity_id, key: Some(key.id), values };
    history::tell(app, conn, staff, told)
}
