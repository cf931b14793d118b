//! Minting: access tokens, refresh tokens and ID tokens, signed after the write that permits them.

use serde_json::{Map, Value};

use crate::app::App;
use crate::base::{Fault, Timestamp};
use crate::identity::account::Account;
use crate::protocol::claims::access_token::{self, AccessToken};
use crate::protocol::claims::id_token::{self, ACR, AMR, IdToken, half_hash};
use crate::protocol::claims::{ClaimsRequest, table};
use crate::protocol::client::{AccessTokenFormat, Client, GrantType, SigningAlgorithm};
use crate::protocol::grant::Grant;
use crate::protocol::handle::{self, Handle, Kind, Owner};
use crate::protocol::scope::{Scope, Scopes};
use crate::protocol::token::TokenAnswer;
use crate::signing::Algorithm;

/// The answer of a token request that hangs on a grant.
pub fn tokens(
    app: &App,
    client: &Client,
    grant: &Grant,
    scope: Scopes,
    account: Option<&Account>,
    now: Timestamp,
) -> Result<TokenAnswer, Fault> {
    let narrowed = (scope != grant.scope).then_some(scope);
    let access_token =
        access(app, client, Owner::Grant(grant.id), grant.generation, grant.account_id.as_str(), scope, narrowed, grant.ends_at, now)?;
    let refresh_token =
        if client.may(GrantType::RefreshToken) { Some(grant.refresh_token(client, &app.macs.load()).ok_or_else(no_mac)?) } else { None };
    let id_token = if scope.has(Scope::Openid) && client.openid_enabled {
        Some(identity(app, client, grant, account, Bound { access_token: Some(&access_token), code: None, alone: false }, now)?)
    } else {
        None
    };
    Ok(TokenAnswer {
        access_token,
        refresh_token,
        expires_in: client.policy.lifetimes.access_token,
        token_type: Some("Bearer"),
        scope: said(scope),
        id_token,
    })
}

/// The answer of a client-credentials request: no person, no refresh token, no row.
pub fn own_token(app: &App, client: &Client, scope: Scopes, now: Timestamp) -> Result<TokenAnswer, Fault> {
    let forever = Timestamp::from_seconds(i64::from(u32::MAX));
    let access_token = access(app, client, Owner::Key(client.key_id), 0, &client.client_id, scope, Some(scope), forever, now)?;
    Ok(TokenAnswer {
        access_token,
        refresh_token: None,
        expires_in: client.policy.lifetimes.access_token,
        token_type: Some("Bearer"),
        scope: said(scope),
        id_token: None,
    })
}

/// An access token for the front channel (hybrid, implicit).
pub fn front_channel(app: &App, client: &Client, grant: &Grant, now: Timestamp) -> Result<String, Fault> {
    access(app, client, Owner::Grant(grant.id), grant.generation, grant.account_id.as_str(), grant.scope, None, grant.ends_at, now)
}

fn said(scope: Scopes) -> Option<String> {
    (!scope.is_empty()).then(|| scope.to_string())
}

fn no_mac() -> Fault {
    Fault::broken("there is no MAC key for handles")
}

#[expect(clippy::too_many_arguments, reason = "a handle says nine things")]
fn access(
    app: &App,
    client: &Client,
    owner: Owner,
    generation: u32,
    sub: &str,
    scope: Scopes,
    narrowed: Option<Scopes>,
    ends_at: Timestamp,
    now: Timestamp,
) -> Result<String, Fault> {
    let expires = (now + client.policy.lifetimes.access_token).min(ends_at);
    let handle = Handle { kind: Kind::Access, owner, generation, issued: now, expires, nonce: handle::nonce(&app.random), scope: narrowed };
    let text = app.macs.load().write(&handle).ok_or_else(no_mac)?;
    match client.policy.access_token_format {
        AccessTokenFormat::Opaque => Ok(text),
        AccessTokenFormat::Jwt => {
            let claims = AccessToken {
                iss: &app.settings.issuer,
                sub,
                aud: &app.settings.issuer,
                client_id: &client.client_id,
                iat: now.seconds(),
                exp: expires.seconds(),
                jti: &format!("{:016x}", handle.nonce),
                scope: &scope.to_string(),
                lkh: &text,
            };
            app.ring.sign(algorithm(client), access_token::TYP, &claims, now)
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
}

/// An ID token about the person of a grant.
pub fn identity(
    app: &App,
    client: &Client,
    grant: &Grant,
    account: Option<&Account>,
    bound: Bound<'_>,
    now: Timestamp,
) -> Result<String, Fault> {
    let sha512 = client.policy.id_token_signed_response_alg == SigningAlgorithm::EdDSA;
    let request = grant.claims.as_deref().and_then(ClaimsRequest::parse);
    let profile =
        account.map(|account| profile(account, table::in_id_token(grant.scope, request.as_ref(), bound.alone))).unwrap_or_default();
    let claims = IdToken {
        iss: &app.settings.issuer,
        sub: grant.account_id.as_str(),
        aud: &client.client_id,
        exp: (now + client.policy.lifetimes.id_token).seconds(),
        iat: now.seconds(),
        auth_time: grant.auth_time.seconds(),
        nonce: grant.nonce.as_deref(),
        acr: ACR,
        amr: AMR,
        at_hash: bound.access_token.map(|token| half_hash(token, sha512)),
        c_hash: bound.code.map(|code| half_hash(code, sha512)),
        sid: grant.session_id.map(|id| id.to_string()),
        profile,
    };
    app.ring.sign(algorithm(client), id_token::TYP, &claims, now)
}

/// The named claims, as far as the account has values for them.
pub fn profile<'a>(account: &Account, names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    names.filter_map(|name| account.claim(name).map(|value| (name.to_owned(), value))).collect()
}

fn algorithm(client: &Client) -> Algorithm {
    match client.policy.id_token_signed_response_alg {
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
