//! Checking a bearer token: a MAC and one read. The hottest path of the product.

use std::sync::Arc;

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::protocol::claims::access_token;
use crate::protocol::grant::Grant;
use crate::protocol::handle::{Handle, Kind, Owner};
use crate::protocol::scope::Scopes;
use crate::signing::{Expected, Expiry};
use crate::store::grants::Person;
use crate::store::keys::Registered;
use crate::store::migrate::{self, Standing};
use crate::store::{Conn, grants};

/// A token that is good.
pub struct Bearer {
    /// What it says.
    pub handle: Handle,
    /// The key it was issued to.
    pub registered: Arc<Registered>,
    /// The permission behind it; none for a key's own token.
    pub person: Option<(Grant, Person)>,
    /// What it opens.
    pub scope: Scopes,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerRefusal {
    /// Not a token of ours, or its key is gone.
    Unknown,
    /// Its key is disabled.
    KeyDisabled,
    /// Expired, revoked, or its grant ended.
    Over,
    /// Its person may not use the platform at the moment.
    PersonInactive,
}

impl BearerRefusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "token_unknown",
            Self::KeyDisabled => "key_disabled",
            Self::Over => "token_over",
            Self::PersonInactive => "person_inactive",
        }
    }
}

/// What an access token of either form says, if it is one of ours; its own time is not judged here.
pub fn read(app: &App, text: &str) -> Option<Handle> {
    if text.starts_with(Kind::Access.prefix()) {
        return app.macs.load().read(Kind::Access, text);
    }
    let expected =
        Expected { typ: access_token::TYP, issuer: &app.settings.issuer, audience: Some(&app.settings.issuer), expiry: Expiry::Ignored };
    let claims = app.ring.verify(text, &expected).ok()?;
    app.macs.load().read(Kind::Access, claims.get("lkh")?.as_str()?)
}

/// Judges a presented access token: the one function every surface asks.
///
/// Refuses: see [`BearerRefusal`], in the platform's order.
pub fn check(app: &App, conn: &mut Conn, text: &str) -> Result<Result<Bearer, BearerRefusal>, Fault> {
    let Some(handle) = read(app, text) else { return Ok(Err(BearerRefusal::Unknown)) };
    match handle.owner {
        Owner::Grant(_) => of_grant(app, conn, handle),
        Owner::Key(_) => of_key(app, conn, handle),
    }
}

fn of_grant(app: &App, conn: &mut Conn, handle: Handle) -> Result<Result<Bearer, BearerRefusal>, Fault> {
    let now = app.now();
    let Owner::Grant(id) = handle.owner else { return Ok(Err(BearerRefusal::Unknown)) };
    let Some((grant, person)) = grants::with_person(conn, id)? else { return Ok(Err(BearerRefusal::Over)) };
    let Some(registered) = app.keys.get(conn, grant.key_id)? else { return Ok(Err(BearerRefusal::Unknown)) };
    if let Some(why) = key_refusal(&registered) {
        return Ok(Err(why));
    }
    let floors = [person.tokens_valid_after, registered.client.tokens_valid_after];
    if is_over(&handle, now) || grant.serves(floors, now).is_err() || (grant.some_revoked && grants::is_revoked(conn, handle.nonce)?) {
        return Ok(Err(BearerRefusal::Over));
    }
    if !person.active || !registered.key.admits(&person.mls_id) {
        return Ok(Err(BearerRefusal::PersonInactive));
    }
    let scope = handle.scope.unwrap_or(grant.scope).and(grant.scope).and(registered.client.scopes());
    Ok(Ok(Bearer { handle, registered, person: Some((grant, person)), scope }))
}

fn of_key(app: &App, conn: &mut Conn, handle: Handle) -> Result<Result<Bearer, BearerRefusal>, Fault> {
    let now = app.now();
    let Owner::Key(id) = handle.owner else { return Ok(Err(BearerRefusal::Unknown)) };
    let Some(registered) = app.keys.get(conn, id)? else { return Ok(Err(BearerRefusal::Unknown)) };
    if let Some(why) = key_refusal(&registered) {
        return Ok(Err(why));
    }
    let superseded = registered.client.tokens_valid_after.is_some_and(|floor| handle.issued < floor);
    if is_over(&handle, now) || superseded || grants::is_revoked(conn, handle.nonce)? {
        return Ok(Err(BearerRefusal::Over));
    }
    let scope = handle.scope.unwrap_or_default().and(registered.client.scopes());
    Ok(Ok(Bearer { handle, registered, person: None, scope }))
}

fn key_refusal(registered: &Registered) -> Option<BearerRefusal> {
    if registered.key.deleted_at.is_some() {
        Some(BearerRefusal::Unknown)
    } else if !registered.key.enabled {
        Some(BearerRefusal::KeyDisabled)
    } else {
        None
    }
}

fn is_over(handle: &Handle, now: Timestamp) -> bool {
    now >= handle.expires
}

/// Whether this node can answer: the database speaks, and its schema is the one this binary knows.
pub fn ready(_: &App, conn: &mut Conn) -> Result<(), Fault> {
    match migrate::standing(conn)? {
        Standing::Current => Ok(()),
        _ => Err(Fault::unavailable("the schema is not the one this binary knows")),
    }
}
