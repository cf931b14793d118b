//! Who uses an application: its own programs keep the list, and each person sees and changes the own entry.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::check::Bearer;
use crate::flows::record::{self, Caller};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::purchase::Purchase;
use crate::platform::query::{Page, Query};
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, purchases};

/// Whose entry may be seen: everybody's by staff and by the key itself, the own one by anybody else.
fn only(bearer: &Bearer) -> Option<&AccountId> {
    if bearer.standing().staff { None } else { bearer.account_id() }
}

/// A page of the list.
pub fn list(conn: &mut Conn, bearer: &Bearer, query: &Query) -> Result<Page<UserRecord>, Fault> {
    Ok(purchases::page(conn, bearer.registered.key.id, only(bearer), query)?.map(UserRecord::of))
}

/// Notes whether somebody uses the application.
///
/// Refuses: somebody the key or the caller may not see.
pub fn set(
    app: &App,
    conn: &mut Conn,
    bearer: &Bearer,
    caller: &Caller,
    id: &AccountId,
    body: &Map<String, Value>,
) -> Result<Result<UserRecord, ApiProblem>, Fault> {
    let purchased = match read(body) {
        Ok(purchased) => purchased,
        Err(problem) => return Ok(Err(problem)),
    };
    let key = &bearer.registered.key;
    let seen = |mls: &AccountId| key.admits(mls) && bearer.mls_id().is_some_and(|own| own == mls || key.multiple_mls);
    let account = accounts::get(conn, id)?.filter(|account| seen(&account.mls_id) && only(bearer).is_none_or(|own| own == id));
    let Some(account) = account else { return Ok(Err(ApiProblem::not_found())) };
    let now = app.now();
    purchases::set(conn, key.id, id, purchased, now)?;
    let entry = Entry {
        actor: Some(bearer.actor()),
        subject: Some(id.to_string()),
        client: Some(key.key.clone()),
        reason: Some(if purchased { "purchased" } else { "returned" }.to_owned()),
        ..caller.entry(app, "key.user_changed", false, now)
    };
    record::record(conn, &entry)?;
    Ok(Ok(UserRecord::of(Purchase { account: id.clone(), name: account.profile.name, purchased })))
}

fn read(body: &Map<String, Value>) -> Result<bool, ApiProblem> {
    let unknown: Vec<FieldProblem> = body
        .keys()
        .filter(|name| *name != "Purchased")
        .map(|name| FieldProblem::of(name, "is not an attribute that can be written"))
        .collect();
    if !unknown.is_empty() {
        return Err(ApiProblem::Constraint(unknown));
    }
    match body.get("Purchased") {
        Some(Value::Bool(purchased)) => Ok(*purchased),
        None | Some(Value::Null) => Err(ApiProblem::Missing(vec![FieldProblem::of("Purchased", "is needed")])),
        Some(_) => Err(ApiProblem::constraint("Purchased", "must be true or false")),
    }
}

/// Somebody, and whether he uses the application.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = AppstoreUser)]
pub struct UserRecord {
    /// The account's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub id: String,
    /// The full name.
    pub name: String,
    /// Whether he uses it.
    pub purchased: bool,
}

impl UserRecord {
    fn of(purchase: Purchase) -> Self {
        Self { id: purchase.account.to_string(), name: purchase.name, purchased: purchase.purchased }
    }
}

/// What can be said of somebody's use.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = AppstoreUserWish, rename_all = "PascalCase")]
pub struct Asked {
    /// Whether he uses the application.
    pub purchased: bool,
}
