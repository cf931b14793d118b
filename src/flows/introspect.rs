//! Introspection: what a resource server may know of a token.

use crate::app::App;
use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};
use crate::protocol::grant::GrantState;
use crate::protocol::handle::{Kind, Owner};
use crate::protocol::introspect::{INACTIVE, Introspection, may_know};
use crate::store::{Conn, grants};

use super::check::{self, Bearer};
use super::identify::Identified;
use super::platform::own_data;

/// What is said of `token` to `caller`: ready JSON, and whether somebody asked about what is not his.
pub fn introspect(app: &App, conn: &mut Conn, caller: &Identified, token: &str) -> Result<(String, bool), Fault> {
    let inactive = |denied| Ok((INACTIVE.to_owned(), denied));
    if token.starts_with(Kind::Refresh.prefix()) {
        let (answer, denied) = refresh_token(app, conn, caller, token)?;
        return Ok((answer.unwrap_or_else(|| INACTIVE.to_owned()), denied));
    }
    match check::check(app, conn, token)? {
        Ok(bearer) if may_know(caller.proof.client(), &bearer.registered.client) => Ok((said(app, conn, &bearer)?, false)),
        Ok(_) => inactive(true),
        Err(_) => inactive(false),
    }
}

fn said(app: &App, conn: &mut Conn, bearer: &Bearer) -> Result<String, Fault> {
    let restriction = own_data::of(conn, bearer)?.map(serde_json::to_value).transpose().map_err(Fault::broken)?;
    let key = &bearer.registered.key;
    let sub = bearer.account_id().map_or(key.key.as_str(), AccountId::as_str);
    let username = bearer.person().map(|person| person.login_name.as_str());
    serde_json::to_string(&Introspection {
        active: true,
        scope: bearer.scope.to_string(),
        client_id: &key.key,
        username,
        token_type: "Bearer",
        exp: bearer.expires.map(Timestamp::seconds),
        iat: bearer.issued.seconds(),
        sub,
        aud: &app.settings.issuer,
        iss: &app.settings.issuer,
        roles: &key.role_names,
        restriction,
    })
    .map_err(Fault::broken)
}

fn refresh_token(app: &App, conn: &mut Conn, caller: &Identified, token: &str) -> Result<(Option<String>, bool), Fault> {
    let now = app.now();
    let Some(handle) = app.macs.load().read(Kind::Refresh, token) else { return Ok((None, false)) };
    let Owner::Grant(id) = handle.owner else { return Ok((None, false)) };
    let Some((grant, person)) = grants::with_person(conn, id)? else { return Ok((None, false)) };
    let Some(registered) = app.keys.get(conn, grant.key_id)? else { return Ok((None, false)) };
    let floors = [person.tokens_valid_after, registered.client.tokens_valid_after];
    let good = registered.client.enabled
        && grant.state == GrantState::Active
        && grant.not_over(floors, now).is_ok()
        && handle.generation == grant.generation
        && now < handle.expires
        && person.active
        && registered.key.admits(&person.mls_id);
    if !good {
        return Ok((None, false));
    }
    if !may_know(caller.proof.client(), &registered.client) {
        return Ok((None, true));
    }
    let said = Introspection {
        active: true,
        scope: grant.scope.and(registered.client.scopes()).to_string(),
        client_id: &registered.key.key,
        username: Some(&person.login_name),
        token_type: "refresh_token",
        exp: Some(handle.expires.seconds()),
        iat: handle.issued.seconds(),
        sub: grant.account_id.as_str(),
        aud: &app.settings.issuer,
        iss: &app.settings.issuer,
        roles: &registered.key.role_names,
        restriction: None,
    };
    serde_json::to_string(&said).map(|said| (Some(said), false)).map_err(Fault::broken)
}
