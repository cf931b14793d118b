// openid-client, the library of most Node applications, as a confidential application.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { account, issuer, key, main, refused } from './demo.mjs';
import { Person } from './person.mjs';

await main('openid-client', async () => {
  const app = key({ kind: 'confidential', role: 'private' });
  const person = new Person(account());
  for (const [method, credentials] of [['client_secret_basic', oidc.ClientSecretBasic], ['client_secret_post', oidc.ClientSecretPost]]) {
    await walk(app, person, method, credentials(app.client_secret));
    console.log(`  ${method}`);
  }
  await machine();
});

async function discover(app, credentials) {
  // The library's own switch for a server on plain HTTP; ours is on loopback.
  return oidc.discovery(new URL(issuer), app.client_id, undefined, credentials, { execute: [oidc.allowInsecureRequests] });
}

async function walk(app, person, method, credentials) {
  const server = await discover(app, credentials);
  const metadata = server.serverMetadata();
  assert.equal(metadata.issuer, issuer);
  assert(metadata.token_endpoint_auth_methods_supported.includes(method));
  assert(metadata.code_challenge_methods_supported.includes('S256'));

  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const address = oidc.buildAuthorizationUrl(server, {
    redirect_uri: app.redirect_uri,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    max_age: '3600',
  });
  const answer = new URL(await person.approves(address, app.redirect_uri));
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(server, answer, checks);
  const claims = tokens.claims();
  assert.equal(claims.iss, issuer);
  assert.equal(claims.nonce, nonce);
  assert(claims.auth_time, 'max_age asks for auth_time');
  assert.equal(tokens.expires_in, 86_400);
  assert(tokens.refresh_token, 'a refresh token comes with the first answer');

  const info = await oidc.fetchUserInfo(server, tokens.access_token, claims.sub);
  assert(info.name, 'scope profile: name');
  assert(info.email, 'scope email: email');

  const next = await oidc.refreshTokenGrant(server, tokens.refresh_token);
  assert(next.refresh_token && next.refresh_token !== tokens.refresh_token, 'the refresh token rotates');
  assert.equal((await oidc.fetchUserInfo(server, next.access_token, claims.sub)).sub, claims.sub);

  // A code is good for once, and a second try ends what the first one got.
  await refused(oidc.authorizationCodeGrant(server, answer, checks), 'invalid_grant', 'a replayed code');
  await refused(oidc.refreshTokenGrant(server, next.refresh_token), 'invalid_grant', 'a refresh token of a replayed code');

  await revocation(app, server, person);
}

async function revocation(app, server, person) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const address = oidc.buildAuthorizationUrl(server, {
    redirect_uri: app.redirect_uri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  });
  const answer = new URL(await person.approves(address, app.redirect_uri));
  assert.deepEqual(person.asked, [], 'signed in and allowed a moment ago: nothing is asked again');
  const tokens = await oidc.authorizationCodeGrant(server, answer, { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true });
  const { sub } = tokens.claims();

  const reader = key({ kind: 'confidential', grant: 'client_credentials' });
  const desk = await discover(reader, oidc.ClientSecretBasic(reader.client_secret));
  const seen = await oidc.tokenIntrospection(desk, tokens.access_token);
  assert.equal(seen.active, true);
  assert.equal(seen.client_id, app.client_id);

  await oidc.tokenRevocation(server, tokens.refresh_token, { token_type_hint: 'refresh_token' });
  await refused(oidc.refreshTokenGrant(server, tokens.refresh_token), 'invalid_grant', 'a revoked refresh token');
  assert.equal((await oidc.tokenIntrospection(desk, tokens.access_token)).active, false, 'the access token went with it');
  await assert.rejects(oidc.fetchUserInfo(server, tokens.access_token, sub), 'userinfo with a revoked token');
  await oidc.tokenRevocation(server, tokens.refresh_token);
}

async function machine() {
  const app = key({ kind: 'confidential', grant: 'client_credentials' });
  const server = await discover(app, oidc.ClientSecretBasic(app.client_secret));
  const tokens = await oidc.clientCredentialsGrant(server);
  assert(tokens.access_token && !tokens.refresh_token && !tokens.id_token, 'a program gets an access token and nothing else');
  assert.equal((await oidc.tokenIntrospection(server, tokens.access_token)).active, true);
  const wrong = await discover(app, oidc.ClientSecretBasic(`${app.client_secret}x`));
  await refused(oidc.clientCredentialsGrant(wrong), 'invalid_client', 'a wrong secret');
  console.log('  client_credentials');
}
