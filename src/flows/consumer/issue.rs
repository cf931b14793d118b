//! Issuing to a site: one row for a consumer's permission, then the answer.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::GrantId;
use crate::protocol::authorize::Answer;
use crate::protocol::client::GrantType;
use crate::protocol::grant::{Acting, Grant, GrantState};
use crate::store::audit::Entry;
use crate::store::{Conn, consumer_consents, consumer_sessions, contacts, grants};

use super::look::Ready;
use crate::flows::record::record;

/// Writes a permission down. One write. `None` where the contact was closed, deleted or taken away meanwhile.
pub fn issue(app: &App, conn: &mut Conn, ready: &Ready) -> Result<Option<Grant>, Fault> {
    let now = app.now();
    let (client, guest, contact) = (&ready.registered.client, &ready.guest, &ready.contact);
    let standing = contacts::linked(conn, &guest.consumer.id, &contact.account_id, &contact.id)?;
    if !standing.is_some_and(|standing| standing.holds && standing.open) || !consumer_sessions::not_ended(conn, guest.session.id)? {
        return Ok(None);
    }
    let lifetimes = client.lifetimes;
    let ends_at =
        if client.may(GrantType::RefreshToken) { now + lifetimes.refresh_absolute } else { now + lifetimes.code + lifetimes.access_token };
    let grant = Grant {
        id: GrantId(app.random.id(now)),
        key_id: ready.registered.key.id,
        account_id: contact.account_id.clone(),
        consumer: Some(Acting {
            consumer_id: guest.consumer.id.clone(),
            contact_id: contact.id.clone(),
            role: ready.role,
            session_id: guest.session.id,
        }),
        state: GrantState::Offered,
        scope: ready.request.scope,
        nonce: ready.request.nonce.clone(),
        challenge: ready.request.challenge.clone(),
        redirect_uri: ready.reply.destination.as_str().to_owned(),
        claims: ready.request.claims.as_ref().map(|claims| claims.text().to_owned()),
        auth_time: guest.session.auth_time,
        session_id: None,
        offered_at: now,
        offer_ends: now + lifetimes.code,
        ends_at,
        generation: 0,
        rotated_at: now,
        front_channel: false,
        some_revoked: false,
    };
    grants::insert(conn, &grant)?;
    let line = |event: &str| Entry { client: Some(client.client_id.clone()), ..guest.entry(app, event) };
    if let Some(consent) = &ready.remember {
        consumer_consents::put(conn, &guest.consumer.id, grant.key_id, &grant.account_id, consent, now)?;
        record(conn, &Entry { reason: Some(consent.scope.to_string()), ..line("consent.granted") })?;
    }
    record(conn, &Entry { subject: Some(grant.id.to_string()), ..line("code.issued") })?;
    contacts::seen(conn, &contact.id, now)?;
    if ready.session_seen {
        consumer_sessions::seen(conn, guest.session.id, now)?;
    }
    Ok(Some(grant))
}

/// The answer to the site.
pub fn answer(app: &App, ready: Ready, grant: &Grant) -> Result<Answer, Fault> {
    let code = grant.code(&app.macs.load()).ok_or_else(|| Fault::broken("there is no MAC key for handles"))?;
    Ok(ready.reply.answer(vec![("code", code)], &app.settings.issuer))
}
