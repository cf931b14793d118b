//! Issuing: one row for the permission, then the answer.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{ConsentId, GrantId};
use crate::protocol::authorize::{Answer, Dialect};
use crate::protocol::client::GrantType;
use crate::protocol::grant::{Grant, GrantState};
use crate::store::audit::Entry;
use crate::store::{Conn, consents, grants, sessions};

use super::authorize::Ready;
use super::hybrid;
use super::mint::{self, Bound};
use super::record::{Caller, record};

/// Writes a permission down. One write. There is no grant where only who somebody is was asked.
pub fn issue(app: &App, conn: &mut Conn, caller: &Caller, ready: &Ready) -> Result<Option<Grant>, Fault> {
    let now = app.now();
    let (client, login) = (&ready.registered.client, ready.approved.login());
    let grant = if ready.reply.gives_access() { Some(offer(app, conn, ready)?) } else { None };
    let line = |event: &str| Entry {
        actor: Some(login.account_id.to_string()),
        client: Some(client.client_id.clone()),
        session: Some(login.session_id.to_string()),
        ..caller.entry(app, event, false, now)
    };
    if let Some(consent) = &ready.remember {
        let id = ConsentId(app.random.small_id(now));
        consents::put(conn, id, &login.account_id, ready.registered.key.id, consent, now)?;
        record(conn, &Entry { reason: Some(consent.scope.to_string()), ..line("consent.granted") })?;
    }
    record(
        conn,
        &match &grant {
            Some(grant) => Entry { subject: Some(grant.id.to_string()), ..line("code.issued") },
            None => line("identity.asserted"),
        },
    )?;
    if ready.session_seen {
        sessions::seen(conn, login.session_id, now)?;
    }
    Ok(grant)
}

/// The grant's row.
fn offer(app: &App, conn: &mut Conn, ready: &Ready) -> Result<Grant, Fault> {
    let now = app.now();
    let client = &ready.registered.client;
    let lifetimes = client.lifetimes;
    let login = ready.approved.login();
    let response_type = ready.request.response_type;
    let ends_at = match (response_type.has_code(), client.may(GrantType::RefreshToken)) {
        (true, true) => now + lifetimes.refresh_absolute,
        (true, false) => now + lifetimes.code + lifetimes.access_token,
        (false, _) => now + lifetimes.access_token,
    };
    let grant = Grant {
        id: GrantId(app.random.id(now)),
        key_id: ready.registered.key.id,
        account_id: login.account_id.clone(),
        consumer: None,
        state: if response_type.has_code() { GrantState::Offered } else { GrantState::Active },
        scope: ready.approved.scope(),
        nonce: ready.request.nonce.clone(),
        challenge: ready.request.challenge.clone(),
        redirect_uri: ready.reply.destination.as_str().to_owned(),
        claims: ready.request.claims.as_ref().map(|claims| claims.text().to_owned()),
        auth_time: login.auth_time,
        session_id: Some(login.session_id),
        offered_at: now,
        offer_ends: now + lifetimes.code,
        ends_at,
        generation: 0,
        rotated_at: now,
        front_channel: response_type.has_token(),
        some_revoked: false,
    };
    grants::insert(conn, &grant)?;
    Ok(grant)
}

/// The answer to the client, signed after the write.
pub fn answer(app: &App, ready: Ready, grant: Option<&Grant>) -> Result<Answer, Fault> {
    if let Dialect::OpenId2(asked) = ready.reply.dialect.clone() {
        return hybrid::answer(app, ready, &asked, grant);
    }
    let grant = grant.ok_or_else(|| Fault::broken("a permission was given and not written down"))?;
    let now = app.now();
    let client = &ready.registered.client;
    let response_type = ready.request.response_type;
    let mut members = Vec::with_capacity(6);
    let code = if response_type.has_code() { Some(code_of(app, grant)?) } else { None };
    if let Some(code) = &code {
        members.push(("code", code.clone()));
    }
    let access_token = if response_type.has_token() { Some(mint::front_channel(app, client, grant, now)?) } else { None };
    if let Some((token, lasts)) = &access_token {
        members.push(("access_token", token.clone()));
        members.push(("token_type", "Bearer".to_owned()));
        members.push(("expires_in", lasts.0.to_string()));
    }
    if response_type.has_id_token() {
        let alone = !response_type.has_token() && !response_type.has_code();
        let bound = Bound {
            access_token: access_token.as_ref().map(|(token, _)| token.as_str()),
            code: code.as_deref(),
            alone,
            nonce: grant.nonce.as_deref(),
        };
        members.push(("id_token", mint::identity(app, client, grant, ready.subject.as_ref(), bound, now)?));
    }
    Ok(ready.reply.answer(members, &app.settings.issuer))
}

/// The code of a grant that is offered.
pub fn code_of(app: &App, grant: &Grant) -> Result<String, Fault> {
    grant.code(&app.macs.load()).ok_or_else(|| Fault::broken("there is no MAC key for handles"))
}
