//! Userinfo and the account behind a token.

use std::sync::Arc;

use serde_json::Value;

use crate::app::App;
use crate::base::Fault;
use crate::identity::account::Account;
use crate::protocol::claims::{ClaimsRequest, table};
use crate::protocol::scope::Scope;
use crate::store::keys::Registered;
use crate::store::{Conn, accounts};

use super::check::{self, BearerRefusal};
use super::mint::profile;

/// Why nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not good, or has no person behind it.
    Token(BearerRefusal),
    /// The token was not issued for OpenID Connect.
    Scope,
}

/// What the userinfo endpoint says about the person of `token`: ready JSON, and the key it is said to.
///
/// Spec: OpenID Connect Core §5.3.2
pub fn userinfo(app: &App, conn: &mut Conn, token: &str) -> Result<Result<(Vec<u8>, Arc<Registered>), Refusal>, Fault> {
    let bearer = match check::check(app, conn, token)? {
        Ok(bearer) => bearer,
        Err(why) => return Ok(Err(Refusal::Token(why))),
    };
    let Some((grant, _)) = &bearer.person else { return Ok(Err(Refusal::Token(BearerRefusal::Unknown))) };
    if !bearer.scope.has(Scope::Openid) || !bearer.registered.client.openid_enabled {
        return Ok(Err(Refusal::Scope));
    }
    let Some(account) = accounts::get(conn, &grant.account_id)? else { return Ok(Err(Refusal::Token(BearerRefusal::Over))) };
    let request = grant.claims.as_deref().and_then(ClaimsRequest::parse);
    let mut said = profile(&account, table::at_userinfo(bearer.scope, request.as_ref()));
    said.insert("sub".to_owned(), Value::from(account.id.as_str()));
    let registered = Arc::clone(&bearer.registered);
    serde_json::to_vec(&said).map(|said| Ok((said, registered))).map_err(Fault::broken)
}

/// The account behind `token`; `None` where a key speaks for itself.
pub fn account(app: &App, conn: &mut Conn, token: &str) -> Result<Result<Option<Account>, BearerRefusal>, Fault> {
    let bearer = match check::check(app, conn, token)? {
        Ok(bearer) => bearer,
        Err(why) => return Ok(Err(why)),
    };
    match bearer.person {
        Some((grant, _)) => Ok(accounts::get(conn, &grant.account_id)?.map(Some).ok_or(BearerRefusal::Over)),
        None => Ok(Ok(None)),
    }
}
