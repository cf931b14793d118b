//! Personal tokens behind the Keys API: staff list, issue and revoke those of the keys of their MLS.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::id::{AccountId, PersonalTokenId};
use crate::base::{Fault, Timestamp};
use crate::flows::record;
use crate::identity::account::Account;
use crate::identity::record::Summary;
use crate::platform::personal_token::{OwnData, PersonalToken, Unfit};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::store::audit::Entry;
use crate::store::keys::{self, Registered};
use crate::store::{Conn, accounts, personal_tokens};

use super::generic_agent;
use super::issue_token::{TokenWish, issue, unfit_key};
use super::staff::{Place, Staff};

/// The most tokens a list shows, revoked ones included; the newest come first.
const MOST: i64 = 100;
/// What a request may say.
const ATTRIBUTES: [&str; 3] = ["UserId", "GenericAgent", "OwnData"];

/// The tokens of a key, newest first, without their values.
///
/// Refuses: a key that is not of that developer and the caller's MLS.
pub fn list(conn: &mut Conn, staff: &Staff<'_>, place: Place) -> Result<Result<Vec<TokenRecord>, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    let tokens = personal_tokens::of_key(conn, place.key, MOST)?;
    tokens.iter().map(|token| shown(conn, staff, place, token)).collect::<Result<_, _>>().map(Ok)
}

/// One token, without its value.
///
/// Refuses: a token that is not of that key.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, place: Place, id: PersonalTokenId) -> Result<Result<TokenRecord, ApiProblem>, Fault> {
    if let Err(problem) = staff.key(conn, place)? {
        return Ok(Err(problem));
    }
    match personal_tokens::get(conn, id)?.filter(|token| token.key_id == place.key) {
        Some(token) => shown(conn, staff, place, &token).map(Ok),
        None => Ok(Err(ApiProblem::not_found())),
    }
}

/// Issues a token; the answer is the only one that ever has its value.
///
/// Refuses: attributes that are not known or not fit, and what [`issue`] refuses.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    place: Place,
    body: &Map<String, Value>,
) -> Result<Result<MadeToken, ApiProblem>, Fault> {
    let registered = match staff.held_key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let wish = match Wish::read(body) {
        Ok(wish) => wish,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(why) = unfit_key(&registered) {
        return Ok(Err(problem(why)));
    }
    let now = app.now();
    let id = match wish.holder {
        Holder::Account(id) => Some(id),
        Holder::GenericAgent => registered.key.mls_id.as_ref().map(|mls| generic_agent::of(&app.random, conn, mls, now)).transpose()?,
    };
    let account = match id {
        Some(id) => accounts::get(conn, &id)?.filter(|account| staff.reach().covers(Some(&account.mls_id))),
        None => None,
    };
    let Some(account) = account else { return Ok(Err(ApiProblem::constraint("UserId", "must be an account of your MLS"))) };
    let wish = TokenWish { registered: &registered, account: &account, own_data: wish.own_data, created_by: staff.actor() };
    let issued = match issue(&app.random, conn, wish, now)? {
        Ok(issued) => issued,
        Err(why) => return Ok(Err(problem(why))),
    };
    record::record(
        conn,
        &Entry {
            reason: issued.replaced.then(|| "replaced".to_owned()),
            ..entry(app, staff, "personal_token.created", &issued.token, &registered)
        },
    )?;
    let record = TokenRecord::of(place, &issued.token, Some(&account));
    Ok(Ok(MadeToken { record, token: issued.value.expose().to_owned() }))
}

/// Revokes a token: from now on it is over.
///
/// Refuses: a token that is not of that key, or was revoked before.
pub fn revoke(app: &App, conn: &mut Conn, staff: &Staff<'_>, place: Place, id: PersonalTokenId) -> Result<Result<(), ApiProblem>, Fault> {
    keys::hold(conn, place.key)?;
    let registered = match staff.key(conn, place)? {
        Ok(registered) => registered,
        Err(problem) => return Ok(Err(problem)),
    };
    let now = app.now();
    let Some(token) = personal_tokens::get(conn, id)?.filter(|token| token.key_id == place.key) else {
        return Ok(Err(ApiProblem::not_found()));
    };
    if !personal_tokens::revoke(conn, id, place.key, now)? {
        return Ok(Err(ApiProblem::not_found()));
    }
    record::record(conn, &entry(app, staff, "personal_token.revoked", &token, &registered))?;
    Ok(Ok(()))
}

fn entry(app: &App, staff: &Staff<'_>, event: &str, token: &PersonalToken, of: &Registered) -> Entry {
    Entry { subject: Some(token.account_id.to_string()), client: Some(of.key.key.clone()), ..staff.entry(app, event) }
}

fn problem(why: Unfit) -> ApiProblem {
    let field = FieldProblem::of(why.attribute(), why.sentence());
    if why == Unfit::SomebodyElses { ApiProblem::Conflict(vec![field]) } else { ApiProblem::Constraint(vec![field]) }
}

/// A token; of somebody of another MLS nothing more is told.
fn shown(conn: &mut Conn, staff: &Staff<'_>, place: Place, token: &PersonalToken) -> Result<TokenRecord, Fault> {
    let account = accounts::get(conn, &token.account_id)?.filter(|account| staff.reach().covers(Some(&account.mls_id)));
    Ok(TokenRecord::of(place, token, account.as_ref()))
}

/// A personal token, without its value.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = PersonalToken)]
pub struct TokenRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// The key.
    pub key_id: i64,
    /// For whom it speaks.
    pub user: Option<Summary>,
    /// To whose own data it is limited: member, office or company; null is no limit.
    pub own_data: Option<&'static str>,
    /// Its last four characters, by which its owner knows it again.
    pub last_four: String,
    /// Who made it.
    pub created_by: String,
    /// The last day it was used.
    pub last_used: Option<String>,
    /// When it was made.
    pub created_timestamp: String,
    /// When it was revoked or replaced.
    pub revoked_timestamp: Option<String>,
}

impl TokenRecord {
    fn of(place: Place, token: &PersonalToken, account: Option<&Account>) -> Self {
        Self {
            id: token.id.0,
            resource_uri: format!("{}/tokens/{}", place.uri(), token.id),
            key_id: token.key_id.0,
            user: account.map(Account::summary),
            own_data: token.own_data.map(OwnData::name),
            last_four: token.last_four.clone(),
            created_by: token.created_by.clone(),
            last_used: token.last_used_on.clone(),
            created_timestamp: token.created_at.iso(),
            revoked_timestamp: token.revoked_at.map(Timestamp::iso),
        }
    }
}

/// A personal token that was just made, with its value: the only time it is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NewPersonalToken)]
pub struct MadeToken {
    /// All the rest.
    #[serde(flatten)]
    pub record: TokenRecord,
    /// The value.
    #[serde(rename = "Token")]
    #[schema(pattern = "^lkp_[a-z2-7]{58}$")]
    pub token: String,
}

/// The token somebody wants.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = PersonalTokenWish, rename_all = "PascalCase")]
pub struct Asked {
    /// The account it is to speak for; one of the caller's MLS.
    #[schema(pattern = "^[0-9]{26}$")]
    pub user_id: Option<String>,
    /// Instead of an account: the generic agent of the caller's MLS.
    pub generic_agent: Option<bool>,
    /// To whose own data it is limited: member, office or company.
    pub own_data: Option<String>,
}

enum Holder {
    Account(AccountId),
    GenericAgent,
}

struct Wish {
    holder: Holder,
    own_data: Option<OwnData>,
}

impl Wish {
    fn read(body: &Map<String, Value>) -> Result<Self, ApiProblem> {
        let mut problems: Vec<FieldProblem> = body
            .keys()
            .filter(|name| !ATTRIBUTES.contains(&name.as_str()))
            .map(|name| FieldProblem::of(name, "is not an attribute of a token"))
            .collect();
        let own_data = match body.get("OwnData") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match text.parse::<OwnData>() {
                Ok(own) => Some(own),
                Err(why) => {
                    problems.push(FieldProblem::of("OwnData", why));
                    None
                }
            },
            Some(_) => {
                problems.push(FieldProblem::of("OwnData", "must be member, office or company"));
                None
            }
        };
        let generic = match body.get("GenericAgent") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(generic)) => *generic,
            Some(_) => {
                problems.push(FieldProblem::of("GenericAgent", "must be true or false"));
                false
            }
        };
        let account = match body.get("UserId") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.parse::<AccountId>().is_ok() => text.parse().ok(),
            Some(_) => {
                problems.push(FieldProblem::of("UserId", "must be the 26 digits of an account"));
                None
            }
        };
        if account.is_some() && generic {
            problems.push(FieldProblem::of("GenericAgent", "must not be true where there is a UserId"));
        }
        if !problems.is_empty() {
            return Err(ApiProblem::Constraint(problems));
        }
        let holder = match account {
            Some(id) => Holder::Account(id),
            None if generic => Holder::GenericAgent,
            None => return Err(ApiProblem::Missing(vec![FieldProblem::of("UserId", "is needed, unless GenericAgent is true")])),
        };
        Ok(Self { holder, own_data })
    }
}
