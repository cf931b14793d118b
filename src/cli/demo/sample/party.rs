//! The relying party's side of OpenID Connect, with the `openidconnect` crate and `ureq` under it. All calls block.

use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGenderClaim,
    CoreGrantType, CoreIdToken, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, RefreshToken, Scope, SubjectIdentifier, TokenResponse as _,
    UserInfoClaims, http,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cli::demo::keys::{DemoKey, SAMPLE};
use crate::cli::demo::web::Trouble;

/// The largest answer that is read. Units: bytes.
const LARGEST: u64 = 1 << 20;
/// What the sample asks for beside `openid`.
const SCOPES: [&str; 6] = ["profile", "email", "phone", "address", "RESO", "FBS"];

/// What discovery tells beyond the library's own fields.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Endpoints {
    revocation_endpoint: String,
    end_session_endpoint: String,
}
impl AdditionalProviderMetadata for Endpoints {}

type Provider = ProviderMetadata<
    Endpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Every claim of userinfo, the platform's own included.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Others(Map<String, Value>);
impl AdditionalClaims for Others {}

/// The sample as an OAuth client.
pub struct Party {
    /// Where people sign in.
    pub issuer: String,
    /// The sample's own address.
    pub home: String,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    agent: ureq::Agent,
}

/// A sign-in under way.
pub struct Pending {
    /// Comes back with the answer.
    pub state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// Somebody who signed in.
#[derive(Clone)]
pub struct Signed {
    /// The claims of the ID token, after its signature was checked.
    pub claims: Map<String, Value>,
    /// The claims of userinfo.
    pub userinfo: Map<String, Value>,
    /// What `/v1/my/account` answered.
    pub account: String,
    /// The ID token's text, for signing out.
    pub id_token: String,
    /// The access token.
    pub access_token: String,
    /// How long it lasts.
    pub lasts: Option<Duration>,
    /// The refresh token.
    pub refresh_token: Option<String>,
}

fn trouble(error: &str) -> impl Fn(String) -> Trouble + '_ {
    move |description| Trouble { error: error.to_owned(), description }
}

/// The whole story of an error, from what was wanted down to what went wrong.
fn story(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(why) = cause {
        text.push_str(": ");
        text.push_str(&why.to_string());
        cause = why.source();
    }
    text
}

impl Party {
    /// The sample at `home`, with its key.
    pub fn new(issuer: &str, home: &str, keys: &[DemoKey]) -> std::io::Result<Self> {
        // Only https would need it, but ureq wants to be sure.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let missing = || std::io::Error::other("the sample application has no key");
        let key = keys.iter().find(|key| key.name == SAMPLE).ok_or_else(missing)?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(10)))
            .build();
        Ok(Self {
            issuer: issuer.to_owned(),
            home: home.to_owned(),
            client_id: key.client_id.clone(),
            client_secret: key.client_secret.clone().ok_or_else(missing)?,
            redirect_uri: key.redirect_uri.clone().ok_or_else(missing)?,
            agent: config.new_agent(),
        })
    }

    /// Begins a sign-in: where to send the browser, and what to remember until it comes back.
    pub fn begin(&self) -> Result<(String, Pending), Trouble> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (_, client) = self.client()?;
        let (url, state, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url.to_string(), Pending { state, nonce, verifier }))
    }

    /// Ends a sign-in with the code that came back.
    pub fn finish(&self, code: String, pending: Pending) -> Result<Signed, Trouble> {
        let (_, client) = self.client()?;
        let wrong = trouble("invalid_token");
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|why| wrong(story(&why)))?;
        let answer =
            request.set_pkce_verifier(pending.verifier).request(&self.caller()).map_err(|why| trouble("invalid_grant")(story(&why)))?;
        let id_token = answer.id_token().ok_or_else(|| wrong("no ID token came".to_owned()))?;
        let verifier = client.id_token_verifier();
        let claims = id_token.claims(&verifier, &pending.nonce).map_err(|why| wrong(story(&why)))?;
        if let Some(expected) = claims.access_token_hash() {
            let key = id_token.signing_key(&verifier).map_err(|why| wrong(story(&why)))?;
            let algorithm = id_token.signing_alg().map_err(|why| wrong(story(&why)))?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|why| wrong(story(&why)))?;
            if actual != *expected {
                return Err(wrong("the access token is not the one of the ID token".to_owned()));
            }
        }
        self.signed(&client, &answer, id_token, claims.subject().clone())
    }

    /// Replaces the tokens.
    pub fn refresh(&self, before: &Signed) -> Result<Signed, Trouble> {
        let (_, client) = self.client()?;
        let wrong = trouble("invalid_token");
        let token = RefreshToken::new(before.refresh_token.clone().ok_or_else(|| wrong("there is no refresh token".to_owned()))?);
        let request = client.exchange_refresh_token(&token).map_err(|why| wrong(story(&why)))?;
        let answer = request.request(&self.caller()).map_err(|why| trouble("invalid_grant")(story(&why)))?;
        let id_token = answer.id_token().ok_or_else(|| wrong("no ID token came".to_owned()))?;
        // OpenID Connect Core §12.2: a refreshed ID token need not repeat the nonce, but must be about the same person.
        let claims = id_token.claims(&client.id_token_verifier(), |_: Option<&Nonce>| Ok(())).map_err(|why| wrong(story(&why)))?;
        if before.claims.get("sub").and_then(Value::as_str) != Some(claims.subject().as_str()) {
            return Err(wrong("the new ID token is about someone else".to_owned()));
        }
        self.signed(&client, &answer, id_token, claims.subject().clone())
    }

    /// Gives the tokens back, and answers where the browser signs out of the server too.
    pub fn leave(&self, signed: &Signed) -> Result<String, Trouble> {
        let (provider, _) = self.client()?;
        let endpoints = provider.additional_metadata();
        let token = signed.refresh_token.as_deref().unwrap_or(&signed.access_token);
        // The library speaks to a revocation endpoint over https only; this one is on the same machine.
        let body = [("token", token), ("client_id", &self.client_id), ("client_secret", &self.client_secret)];
        self.agent.post(&endpoints.revocation_endpoint).send_form(body).map_err(|why| trouble("revocation")(story(&why)))?;
        let mut url = url::Url::parse(&endpoints.end_session_endpoint).map_err(|why| trouble("metadata")(story(&why)))?;
        url.query_pairs_mut()
            .extend_pairs([("id_token_hint", signed.id_token.as_str()), ("post_logout_redirect_uri", &format!("{}/", self.home))]);
        Ok(url.into())
    }

    fn signed(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        id_token: &CoreIdToken,
        person: SubjectIdentifier,
    ) -> Result<Signed, Trouble> {
        let wrong = trouble("invalid_token");
        let text = id_token.to_string();
        let userinfo: UserInfoClaims<Others, CoreGenderClaim> = client
            .user_info(answer.access_token().clone(), Some(person))
            .map_err(|why| wrong(story(&why)))?
            .request(&self.caller())
            .map_err(|why| trouble("userinfo")(story(&why)))?;
        let Ok(Value::Object(userinfo)) = serde_json::to_value(&userinfo) else {
            return Err(wrong("userinfo is no JSON object".to_owned()));
        };
        Ok(Signed {
            claims: payload(&text).ok_or_else(|| wrong("the ID token cannot be read".to_owned()))?,
            userinfo,
            account: self.account(answer.access_token())?,
            id_token: text,
            access_token: answer.access_token().secret().clone(),
            lasts: answer.expires_in(),
            refresh_token: answer.refresh_token().map(|token| token.secret().clone()),
        })
    }

    /// `GET /v1/my/account`, indented.
    fn account(&self, token: &AccessToken) -> Result<String, Trouble> {
        let wrong = trouble("account");
        let url = format!("{}/v1/my/account", self.issuer);
        let mut answer =
            self.agent.get(url).header("authorization", format!("Bearer {}", token.secret())).call().map_err(|why| wrong(story(&why)))?;
        let text = answer.body_mut().with_config().limit(LARGEST).read_to_string().map_err(|why| wrong(story(&why)))?;
        let value: Value = serde_json::from_str(&text).map_err(|why| wrong(story(&why)))?;
        serde_json::to_string_pretty(&value).map_err(|why| wrong(story(&why)))
    }

    /// What discovery tells now, keys included, so that a rotation is noticed at once.
    fn client(&self) -> Result<(Provider, Client), Trouble> {
        let wrong = trouble("metadata");
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(|why| wrong(story(&why)))?;
        let provider = Provider::discover(&issuer, &self.caller()).map_err(|why| wrong(story(&why)))?;
        let redirect = RedirectUrl::new(self.redirect_uri.clone()).map_err(|why| wrong(story(&why)))?;
        let (id, secret) = (ClientId::new(self.client_id.clone()), ClientSecret::new(self.client_secret.clone()));
        let client = CoreClient::from_provider_metadata(provider.clone(), id, Some(secret)).set_redirect_uri(redirect);
        Ok((provider, client))
    }

    /// How the library makes its requests.
    fn caller(&self) -> impl Fn(HttpRequest) -> Result<HttpResponse, ureq::Error> + '_ {
        |request| {
            // A GET has no body, not even an empty one.
            let answer =
                if request.method() == http::Method::GET { self.agent.run(request.map(|_| ()))? } else { self.agent.run(request)? };
            let (parts, mut body) = answer.into_parts();
            Ok(HttpResponse::from_parts(parts, body.with_config().limit(LARGEST).read_to_vec()?))
        }
    }
}

/// The claims of a JWT whose signature was checked before.
fn payload(jwt: &str) -> Option<Map<String, Value>> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(jwt.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}
