//! The `openidconnect` crate, unmodified, from discovery to revocation.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreRevocableToken, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, RevocationUrl, Scope, TokenResponse,
};

use crate::support::world::{Answer, World};

/// The crate's HTTP, over the tests' own. The crate revokes over https only, so that address is translated here.
fn send(world: &World, request: HttpRequest) -> Result<HttpResponse, std::io::Error> {
    let headers: Vec<(String, String)> =
        request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = String::from_utf8(request.body().clone()).unwrap();
    let body = (request.method() != "GET").then_some(body.as_str());
    let answer = world.request(request.method().as_str(), &request.uri().to_string().replace("https://", "http://"), &headers, body);
    let mut response = ureq::http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(answer.body.into_bytes()).unwrap())
}

fn walks(key: &str) {
    let world = World::new();
    let application = world.key(key);
    let http = |request: HttpRequest| send(&world, request);
    let metadata = CoreProviderMetadata::discover(&IssuerUrl::new(world.issuer.clone()).unwrap(), &http).unwrap();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(application.client_id.clone()),
        application.secret.clone().map(ClientSecret::new),
    )
    .set_redirect_uri(RedirectUrl::new(application.redirect_uri.clone()).unwrap())
    .set_revocation_url(RevocationUrl::new(format!("{}/openid/revoke", world.issuer.replace("http://", "https://"))).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(challenge)
        .url();
    let ada = world.agent("cv.ada");
    let back: Answer = ada.walks(ada.get(url.as_str()));
    assert_eq!(back.redirected("state").as_ref(), Some(state.secret()));
    let code = AuthorizationCode::new(back.redirected("code").unwrap());
    let tokens = client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request(&http).unwrap();

    let now = chrono::DateTime::from_timestamp_millis(world.app.now().0).unwrap();
    let time = || now;
    let id_token_verifier = client.id_token_verifier().set_time_fn(time);
    let id_token = tokens.id_token().unwrap();
    let claims = id_token.claims(&id_token_verifier, &nonce).unwrap();
    let expected = claims.access_token_hash().unwrap();
    let actual = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&id_token_verifier).unwrap(),
    )
    .unwrap();
    assert_eq!(&actual, expected);

    let info: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())).unwrap().request(&http).unwrap();
    assert_eq!(info.email().unwrap().as_str(), "ada@example.com");

    let renewed = client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap().request(&http).unwrap();
    assert_ne!(renewed.refresh_token().unwrap().secret(), tokens.refresh_token().unwrap().secret());
    let revoked: CoreRevocableToken = renewed.refresh_token().unwrap().clone().into();
    client.revoke_token(revoked).unwrap().request(&http).unwrap();
    assert!(client.exchange_refresh_token(renewed.refresh_token().unwrap()).unwrap().request(&http).is_err());
    assert!(!world.is_active(renewed.access_token().secret()));
}

#[test]
fn a_confidential_key_walks_the_whole_way_with_rs256() {
    walks("w");
}

#[test]
fn a_key_with_es256_and_jwt_access_tokens_walks_the_whole_way() {
    walks("es256");
}

#[test]
fn a_public_key_walks_the_whole_way() {
    walks("p");
}
