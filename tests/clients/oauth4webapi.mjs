// oauth4webapi, the strictest of the libraries, as a native application that listens on a loopback port of its own.

import assert from 'node:assert/strict';
import http from 'node:http';
import * as oauth from 'oauth4webapi';
import { account, issuer, key, main, refused } from './demo.mjs';
import { Person } from './person.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };

await main('oauth4webapi', async () => {
  const app = key({ kind: 'public' });
  const client = { client_id: app.client_id };
  const none = oauth.None();
  const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure));
  assert.equal(server.authorization_response_iss_parameter_supported, true);

  const person = new Person(account());
  const desk = await listen(app.redirect_uri);
  const first = await walk(desk, { server, client, none, person });
  // The next start of the application gets another port: RFC 8252 section 7.3.
  const again = await listen(app.redirect_uri);
  assert.notEqual(again.redirectUri, desk.redirectUri);
  await walk(again, { server, client, none, person });

  await withoutProof(desk, { server, client, none, person });
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, none, first.refresh_token, insecure));
  const refresh = async () => oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, none, first.refresh_token, insecure));
  await refused(refresh(), 'invalid_grant', 'a revoked refresh token');
  const info = await oauth.userInfoRequest(server, client, first.access_token, insecure);
  await assert.rejects(oauth.processUserInfoResponse(server, client, oauth.skipSubjectCheck, info), 'userinfo with a revoked token');
});

/** The application's little server; takes the port that the system gives. */
async function listen(registered) {
  const url = new URL(registered);
  const waiting = [];
  const server = http.createServer((request, response) => {
    response.end('You can close this window.');
    waiting.shift()?.(new URL(request.url, url));
  });
  // An address written as [::1] is bound as ::1.
  await new Promise((resolve, reject) => server.on('error', reject).listen(0, url.hostname.replace(/^\[|\]$/g, ''), resolve));
  url.port = server.address().port;
  return { redirectUri: String(url), answer: () => new Promise(resolve => waiting.push(resolve)) };
}

async function begin(desk, { server, client, person }, extra) {
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: desk.redirectUri, response_type: 'code', scope: 'openid profile', state, nonce, ...extra,
  });
  const answered = desk.answer();
  const landing = await person.approves(address, desk.redirectUri);
  await person.fetch(landing);
  return { answer: await answered, state, nonce };
}

async function walk(desk, all) {
  const { server, client, none } = all;
  const verifier = oauth.generateRandomCodeVerifier();
  const { answer, state, nonce } = await begin(desk, all, {
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const parameters = oauth.validateAuthResponse(server, client, answer, state);
  const asked = await oauth.authorizationCodeGrantRequest(server, client, none, parameters, desk.redirectUri, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, asked, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, asked, insecure);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);

  const info = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
  assert((await oauth.processUserInfoResponse(server, client, sub, info)).name, 'scope profile: name');

  const next = await oauth.refreshTokenGrantRequest(server, client, none, tokens.refresh_token, insecure);
  const fresh = await oauth.processRefreshTokenResponse(server, client, next);
  assert(fresh.refresh_token && fresh.refresh_token !== tokens.refresh_token, 'the refresh token rotates');
  return fresh;
}

/** A public key has no secret, so the proof of PKCE is what protects its code. */
async function withoutProof(desk, all) {
  const { server, client, none } = all;
  const verifier = oauth.generateRandomCodeVerifier();
  const { answer, state } = await begin(desk, all, {
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const parameters = oauth.validateAuthResponse(server, client, answer, state);
  const other = oauth.generateRandomCodeVerifier();
  const asked = async () => oauth.processAuthorizationCodeResponse(
    server, client, await oauth.authorizationCodeGrantRequest(server, client, none, parameters, desk.redirectUri, other, insecure));
  await refused(asked(), 'invalid_grant', 'a code with the wrong verifier');

  const bare = new URL(server.authorization_endpoint);
  bare.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: desk.redirectUri, response_type: 'code', scope: 'openid', state,
  });
  const landing = new URL(await all.person.approves(bare, desk.redirectUri));
  assert.equal(landing.searchParams.get('error'), 'invalid_request', 'a public key without a code challenge');
  assert.equal(landing.searchParams.get('state'), state);
}
