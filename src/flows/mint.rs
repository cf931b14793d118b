//! Minting: access tokens, refresh tokens and ID tokens, signed after the write that permits them.

use serde_json::{Map, Value};

use crate::app::App;
use crate::base::{Fault, Seconds, Timestamp};
use crate::identity::subject::Subject;
use crate::protocol::claims::access_token::{self, AccessToken};
use crate::protocol::claims::id_token::{self, ACR, AMR, IdToken, half_hash};
use crate::protocol::claims::{ClaimsRequest, table};
use crate::protocol::client::{AccessTokenFormat, Client, GrantType, SigningAlgorithm};
use crate::protocol::grant::Grant;
use crate::protocol::handle::{self, Handle, Kind, Owner};
use crate::protocol::scope::{Scope, Scopes};
use crate::protocol::token::TokenAnswer;
use crate::signing::Algorithm;

/// The answer of a token request that hangs on a grant; `renewed` where it comes from a refresh token.
pub fn tokens(
    app: &App,
    client: &Client,
    grant: &Grant,
    scope: Scopes,
    subject: Option<&Subject>,
    renewed: bool,
    now: Timestamp,
) -> Result<TokenAnswer, Fault> {
    let narrowed = (scope != grant.scope).then_some(scope);
    let handle = handle(app, Owner::Grant(grant.id), grant.generation, narrowed, now, expiry(client, grant, now));
    let access_token = access(app, client, &handle, grant.subject(), scope)?;
    let refresh_token =
        if client.may(GrantType::RefreshToken) { Some(grant.refresh_token(client, &app.macs.load()).ok_or_else(no_mac)?) } else { None };
    let id_token = if scope.has(Scope::Openid) && client.openid_enabled {
        let bound =
            Bound { access_token: Some(&access_token), code: None, alone: false, nonce: grant.nonce.as_deref().filter(|_| !renewed) };
        Some(identity(app, client, grant, subject, bound, now)?)
    } else {
        None
    };
    Ok(TokenAnswer { refresh_token, id_token, ..answer(access_token, &handle, scope) })
}

/// The answer of a client-credentials request: no person, no refresh token, no row.
pub fn own_token(app: &App, client: &Client, scope: Scopes, now: Timestamp) -> Result<TokenAnswer, Fault> {
    let handle = handle(app, Owner::Key(client.key_id), 0, Some(scope), now, now + client.lifetimes.access_token);
    Ok(answer(access(app, client, &handle, &client.client_id, scope)?, &handle, scope))
}

/// An access token for the front channel (hybrid, implicit), and the seconds it lasts.
pub fn front_channel(app: &App, client: &Client, grant: &Grant, now: Timestamp) -> Result<(String, Seconds), Fault> {
    let handle = handle(app, Owner::Grant(grant.id), grant.generation, None, now, expiry(client, grant, now));
    Ok((access(app, client, &handle, grant.subject(), grant.scope)?, lasts(&handle)))
}

fn answer(access_token: String, handle: &Handle, scope: Scopes) -> TokenAnswer {
    TokenAnswer {
        access_token,
        refresh_token: None,
        expires_in: lasts(handle),
        token_type: Some("Bearer"),
        scope: said(scope),
        id_token: None,
    }
}

/// An access token never outlives what it hangs on.
fn expiry(client: &Client, grant: &Grant, now: Timestamp) -> Timestamp {
    (now + client.lifetimes.access_token).min(grant.ends_at)
}

fn handle(app: &App, owner: Owner, generation: u32, scope: Option<Scopes>, now: Timestamp, expires: Timestamp) -> Handle {
    Handle { kind: Kind::Access, owner, generation, issued: now, expires, nonce: handle::nonce(&app.random), scope }
}

fn lasts(handle: &Handle) -> Seconds {
    Seconds(handle.expires.seconds() - handle.issued.seconds())
}

fn said(scope: Scopes) -> Option<String> {
    (!scope.is_empty()).then(|| scope.to_string())
}

fn no_mac() -> Fault {
    Fault::broken("there is no MAC key for handles")
}

fn access(app: &App, client: &Client, handle: &Handle, sub: &str, scope: Scopes) -> Result<String, Fault> {
    let text = app.macs.load().write(handle).ok_or_else(no_mac)?;
    match client.policy.access_token_format {
        AccessTokenFormat::Opaque => Ok(text),
        AccessTokenFormat::Jwt => {
            let claims = AccessToken {
                iss: &app.settings.issuer,
                sub,
                aud: &app.settings.issuer,
                client_id: &client.client_id,
                iat: handle.issued.seconds(),
                exp: handle.expires.seconds(),
                jti: &format!("{:016x}", handle.nonce),
                scope: &scope.to_string(),
                lkh: &text,
            };
            app.ring.sign(algorithm(client), access_token::TYP, &claims, handle.issued)
        }
    }
}

/// What an ID token is bound to.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    /// The access token handed out with it.
    pub access_token: Option<&'a str>,
    /// The code handed out with it.
    pub code: Option<&'a str>,
    /// No access token will ever be handed out: the scopes' claims must stand in it.
    pub alone: bool,
    /// The client's own word, returned to it the first time.
    pub nonce: Option<&'a str>,
}

/// An ID token about the person of a grant.
pub fn identity(
    app: &App,
    client: &Client,
    grant: &Grant,
    subject: Option<&Subject>,
    bound: Bound<'_>,
    now: Timestamp,
) -> Result<String, Fault> {
    let sha512 = client.policy.id_token_signed_response_alg == SigningAlgorithm::EdDSA;
    let request = grant.claims.as_deref().and_then(ClaimsRequest::parse);
    let open = client.scopes();
    let said = |subject| profile(subject, table::in_id_token(grant.scope.and(open), open, request.as_ref(), bound.alone));
    let profile = subject.map(said).unwrap_or_default();
    let claims = IdToken {
        iss: &app.settings.issuer,
        sub: grant.subject(),
        aud: &client.client_id,
        exp: (now + client.lifetimes.id_token).seconds(),
        iat: now.seconds(),
        auth_time: grant.auth_time.seconds(),
        nonce: bound.nonce,
        acr: ACR,
        amr: AMR,
        at_hash: bound.access_token.map(|token| half_hash(token, sha512)),
        c_hash: bound.code.map(|code| half_hash(code, sha512)),
        sid: grant.sid(),
        profile,
    };
    app.ring.sign(algorithm(client), id_token::TYP, &claims, now)
}

/// The named claims, as far as there are values for them.
pub fn profile<'a>(subject: &Subject, names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    names.filter_map(|name| subject.claim(name).map(|value| (name.to_owned(), value))).collect()
}

fn algorithm(client: &Client) -> Algorithm {
    match client.policy.id_token_signed_response_alg {
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
