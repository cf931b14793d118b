//! Introspection: what a resource server may know of a token.

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::platform::role::Role;
use crate::protocol::grant::GrantState;
use crate::protocol::handle::{Kind, Owner};
use crate::protocol::introspect::{INACTIVE, Introspection, may_know};
use crate::store::{Conn, grants};

use super::check::{self, Bearer};
use super::holder;
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
    let role = bearer.role().map(Role::name);
    let own: Vec<String> = role.map(str::to_owned).into_iter().collect();
    let speaker = bearer.consumer();
    serde_json::to_string(&Introspection {
        active: true,
        scope: bearer.scope.to_string(),
        client_id: &key.key,
        username: bearer.login_name(),
        token_type: "Bearer",
        exp: bearer.expires.map(Timestamp::seconds),
        iat: bearer.issued.seconds(),
        sub: bearer.subject(),
        aud: &app.settings.issuer,
        iss: &app.settings.issuer,
        role,
        roles: if speaker.is_some() { &own } else { &key.role_names },
        agent: speaker.map(|speaker| speaker.grant.account_id.as_str()),
        contact: speaker.map(|speaker| speaker.acting.contact_id.as_str()),
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
    let holder = holder::of(conn, &grant, &person)?;
    let floors = [holder.floor, registered.client.tokens_valid_after];
    let good = holder.bound
        && registered.client.enabled
        && grant.state == GrantState::Active
        && grant.not_over(floors, now).is_ok()
        && handle.generation == grant.generation
        && now < handle.expires
        && holder.active
        && (grant.consumer.is_none() || registered.key.signs_consumers_in())
        && registered.key.admits(&person.mls_id);
    if !good {
        return Ok((None, false));
    }
    if !may_know(caller.proof.client(), &registered.client) {
        return Ok((None, true));
    }
    let acting = grant.consumer.as_ref();
    let own: Vec<String> = acting.map(|acting| acting.role.name().to_owned()).into_iter().collect();
    let login_name = holder.link.as_ref().map_or(&person.login_name, |link| &link.login_name);
    let said = Introspection {
        active: true,
        scope: grant.scope.and(registered.client.scopes()).to_string(),
        client_id: &registered.key.key,
        username: Some(login_name),
        token_type: "refresh_token",
        exp: Some(handle.expires.seconds()),
        iat: handle.issued.seconds(),
        sub: grant.subject(),
        aud: &app.settings.issuer,
        iss: &app.settings.issuer,
        role: acting.map(|acting| acting.role.name()).or(registered.key.data_role().map(Role::name)),
        roles: if acting.is_some() { &own } else { &registered.key.role_names },
        agent: acting.map(|_| grant.account_id.as_str()),
        contact: acting.map(|acting| acting.contact_id.as_str()),
        restriction: None,
    };
    serde_json::to_string(&said).map(|said| (Some(said), false)).map_err(Fault::broken)
}
