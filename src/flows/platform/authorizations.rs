//! Authorizations behind the Keys API: which people a key may act for. Staff list them, give them for people, and revoke them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, ConsentId};
use crate::flows::record;
use crate::identity::account::Account;
use crate::identity::record::Summary;
use crate::platform::authorization::Authorization;
use crate::platform::body::Body;
use crate::platform::change::{self, Action, RecordType};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Page, Query};
use crate::protocol::authorize::Consent;
use crate::store::audit::Entry;
use crate::store::keys::{self, Registered};
use crate::store::{Conn, accounts, authorizations, consents, grants, personal_tokens};

use super::history::{self, Told};
use super::staff::{Place, Staff};

/// A page of the authorizations of a key: those that people gave themselves, and those that staff gave for them.
///
/// Refuses: a key the caller may not see.
pub fn list(
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    query: &Query,
) -> Result<Result<Page<AuthorizationRecord>, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    authorizations::page(conn, staff.reach(), place.key, query)?.try_map(|found| AuthorizationRecord::of(conn, place, found)).map(Ok)
}

/// One authorization.
///
/// Refuses: one that is not that key's.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, place: Place, id: ConsentId) -> Result<Result<AuthorizationRecord, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    match authorizations::get(conn, staff.reach(), place.key, id)? {
        Some(found) => AuthorizationRecord::of(conn, place, found).map(Ok),
        None => Ok(Err(ApiProblem::not_found())),
    }
}

/// Authorizes a key for somebody: he is not asked any more.
///
/// Refuses: a key that is not the caller's to change, somebody beyond his reach or who cannot use the key, and what was given before.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    body: &Map<String, Value>,
) -> Result<Result<AuthorizationRecord, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let id = match read(body) {
        Ok(id) => id,
        Err(problem) => return Ok(Err(problem)),
    };
    let account = accounts::get(conn, &id)?.filter(|account| staff.reach().covers(Some(&account.mls_id)));
    let Some(account) = account.filter(|account| registered.key.admits(&account.mls_id)) else {
        return Ok(Err(ApiProblem::constraint("UserId", "must be an account of your MLS that may use this key")));
    };
    let before = authorizations::of(conn, &account.id, place.key)?;
    if before.is_some_and(|before| before.given_by.is_some()) {
        return Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("UserId", "is authorized for this key already")])));
    }
    let now = app.now();
    let consent = Consent { scope: registered.client.scopes(), terms: registered.key.terms() };
    consents::put(conn, ConsentId(app.random.small_id(now)), &account.id, place.key, &consent, now)?;
    authorizations::give(conn, &account.id, place.key, &staff.actor())?;
    let Some(made) = authorizations::of(conn, &account.id, place.key)? else {
        return Err(Fault::broken("an authorization was made and is not there"));
    };
    tell(app, conn, staff, &registered, &made, Action::Create)?;
    AuthorizationRecord::of(conn, place, made).map(Ok)
}

/// Revokes an authorization: everything its person ever gave this key is over.
///
/// Refuses: one that is not that key's.
pub fn revoke(app: &App, conn: &mut Conn, staff: &Staff<'_>, place: Place, id: ConsentId) -> Result<Result<(), ApiProblem>, Fault> {
    keys::hold(conn, place.key)?;
    let registered = match staff.key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(found) = authorizations::get(conn, staff.reach(), place.key, id)? else { return Ok(Err(ApiProblem::not_found())) };
    let now = app.now();
    grants::end_all(conn, &found.account_id, place.key, now)?;
    personal_tokens::revoke_all(conn, &found.account_id, place.key, now)?;
    tell(app, conn, staff, &registered, &found, Action::Delete)?;
    Ok(Ok(()))
}

fn tell(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    registered: &Registered,
    authorization: &Authorization,
    action: Action,
) -> Result<(), Fault> {
    let (key, who) = (&registered.key, authorization.account_id.to_string());
    let made = action == Action::Create;
    let entry = Entry {
        subject: Some(who.clone()),
        client: Some(key.key.clone()),
        reason: Some("by_staff".to_owned()),
        ..staff.entry(app, if made { "consent.granted" } else { "consent.revoked" })
    };
    record::record(conn, &entry)?;
    let values = if made { change::one("UserId", Value::Null, who) } else { change::one("UserId", who, Value::Null) };
    let told = Told {
        action,
        record: RecordType::Authorization,
        id: authorization.id.to_string(),
        mls: key.mls_id.as_ref(),
        identity: key.identity_id,
        key: Some(key.id),
        values,
    };
    history::tell(app, conn, staff, told)
}

/// Who is meant: by `UserId`, or by the `Id` in a `User`, as records have it.
fn read(members: &Map<String, Value>) -> Result<AccountId, ApiProblem> {
    const WRONG: &str = "must be the 26 digits of an account";
    let mut body =
        Body::of(members, &["UserId", "User"], &["Id", "ResourceUri", "Scope", "GivenBy", "CreatedTimestamp", "ModificationTimestamp"]);
    if !body.says("User") {
        body.need(&["UserId"]);
    }
    let id = body.text("UserId", |text| text.parse::<AccountId>().map_err(|_| WRONG));
    let within = body.read("User", |user| {
        let id = user.get("Id").and_then(Value::as_str).ok_or("must be an object with an Id")?;
        id.parse::<AccountId>().map_err(|_| format!("has an Id that {WRONG}"))
    });
    if id.is_some() && within.is_some() && id != within {
        body.unfit("User", "must be the account of the UserId");
    }
    let found = id.or(within);
    body.end(())?;
    found.ok_or_else(|| ApiProblem::Missing(vec![FieldProblem::of("UserId", "is needed")]))
}

/// A permission of somebody for a key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Authorization)]
pub struct AuthorizationRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// For whom the key may act.
    pub user: Option<Summary>,
    /// The same person's 26 digits. An addition of ours.
    pub user_id: String,
    /// Who of the staff gave it for him; null is he himself. An addition of ours.
    pub given_by: Option<String>,
    /// What of him the key may be told. An addition of ours.
    pub scope: String,
    /// When it was given first.
    pub created_timestamp: String,
    /// When it was given last.
    pub modification_timestamp: String,
}

impl AuthorizationRecord {
    fn of(conn: &mut Conn, place: Place, found: Authorization) -> Result<Self, Fault> {
        let account = accounts::get(conn, &found.account_id)?;
        Ok(Self {
            id: found.id.0,
            resource_uri: format!("{}/authorizations/{}", place.uri(), found.id),
            user: account.as_ref().map(Account::summary),
            user_id: found.account_id.to_string(),
            given_by: found.given_by,
            scope: found.scope,
            created_timestamp: found.created_at.iso(),
            modification_timestamp: found.modified_at.iso(),
        })
    }
}

/// For whom a key is to be authorized: one of the two.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = AuthorizationWish, rename_all = "PascalCase")]
pub struct Asked {
    /// The account's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub user_id: Option<String>,
    /// The same as records have it: an object with an Id.
    #[schema(value_type = Option<Object>)]
    pub user: Option<Value>,
}
