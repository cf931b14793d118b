//! Userinfo and the account behind a token.

use std::sync::Arc;

use serde_json::Value;

use crate::app::App;
use crate::base::Fault;
use crate::platform::access::AccessRefusal;
use crate::protocol::claims::{ClaimsRequest, table};
use crate::protocol::scope::Scope;
use crate::store::Conn;
use crate::store::keys::Registered;

use super::check::{self, Who};
use super::mint::profile;
use super::{holder, identify};

/// Why nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not good, or has no person behind it.
    Token(AccessRefusal),
    /// The token was not issued for OpenID Connect.
    Scope,
}

/// What is answered, and whether the page that asks may read it.
pub struct Answer {
    /// Ready JSON, or why there is none.
    pub said: Result<Vec<u8>, Refusal>,
    /// See [`userinfo`].
    pub readable: bool,
}

/// What the userinfo endpoint says about the person of `token`: ready JSON.
///
/// Spec: OpenID Connect Core §5.3.2
///
/// `origin` is where the page that asks lives, if a browser said so: it may read the answer where the key's own pages live, and a refusal
/// of the token where any public key's do.
pub fn userinfo(app: &App, conn: &mut Conn, token: &str, origin: Option<&str>) -> Result<Answer, Fault> {
    let (said, key) = said(app, conn, token)?;
    let readable = match (origin, key) {
        (None, _) => false,
        (Some(origin), Some(key)) => identify::has_origin(&key.client, origin),
        (Some(origin), None) => identify::is_public_origin(app, conn, origin)?,
    };
    Ok(Answer { said, readable })
}

/// What is said, and the key that asks where the token is good.
type Said = (Result<Vec<u8>, Refusal>, Option<Arc<Registered>>);

fn said(app: &App, conn: &mut Conn, token: &str) -> Result<Said, Fault> {
    let bearer = match check::check(app, conn, token)? {
        Ok(bearer) => bearer,
        Err(why) => return Ok((Err(Refusal::Token(why)), None)),
    };
    let key = Some(bearer.registered);
    let grant = match &bearer.who {
        Who::Granted(grant, _) => grant,
        Who::Consumer(speaker) => &speaker.grant,
        Who::Key | Who::Personal(..) => return Ok((Err(Refusal::Token(AccessRefusal::Unknown)), key)),
    };
    let Some(client) = key.as_ref().map(|key| &key.client).filter(|client| bearer.scope.has(Scope::Openid) && client.openid_enabled) else {
        return Ok((Err(Refusal::Scope), key));
    };
    let Some(subject) = holder::subject(app, conn, grant)? else { return Ok((Err(Refusal::Token(AccessRefusal::Over)), key)) };
    let request = grant.claims.as_deref().and_then(ClaimsRequest::parse);
    let mut said = profile(&subject, table::at_userinfo(bearer.scope, client.scopes(), request.as_ref()));
    said.insert("sub".to_owned(), Value::from(subject.id()));
    Ok((Ok(serde_json::to_vec(&said).map_err(Fault::broken)?), key))
}
