// What the platform's own old clients send and expect, byte for byte, without a library. The numbers are those of the
// platform's compatibility list; a failure names the client that would break.

import assert from 'node:assert/strict';
import { account, issuer, key, main } from './demo.mjs';
import { Person, request } from './person.mjs';

const app = key({ kind: 'confidential', role: 'idx' });
const person = new Person(account());
const credentials = { client_id: app.client_id, client_secret: app.client_secret };
const grantUrl = `${issuer}/v1/oauth2/grant`;

await main('spark-shapes', async () => {
  await theOldGrant();
  await stateAndStrangers();
  await replay();
  await formBodies();
  await theOpenIdEndpoints();
  await theApi();
  await logout();
});

/** POSTs a JSON body as Ruby, PHP and Java do. */
async function json(url, body, headers = {}) {
  const started = Date.now();
  const answer = await request(url, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body),
  });
  assert(Date.now() - started < 5000, 'row 26: the Ruby gem waits five seconds for an answer');
  return answer;
}

async function form(url, body, headers = {}) {
  return request(url, {
    method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(body).toString(),
  });
}

async function get(path, headers = {}) {
  return request(`${issuer}${path}`, { headers });
}

function query(values) {
  return new URLSearchParams({ client_id: app.client_id, redirect_uri: app.redirect_uri, response_type: 'code', ...values }).toString();
}

async function code(path = '/oauth2', values = {}) {
  const landing = new URL(await person.approves(`${issuer}${path}?${query(values)}`, app.redirect_uri));
  const code = landing.searchParams.get('code');
  assert(code, `no code in ${landing}`);
  return { code, landing };
}

function basic(user, password) {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** Rows 1 to 3, 10 and 25: what every JSON answer of the old grant endpoint looks like. */
function exact(answer, what) {
  assert.equal(answer.status, 200, `row 3: ${what}: 200 exactly: ${answer.text}`);
  assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in', 'refresh_token'],
    `rows 2 and 21: ${what}: exactly access_token, refresh_token and expires_in`);
  assert.equal(answer.json.expires_in, 86_400, `rows 1 and 25: ${what}: expires_in`);
  assert.match(answer.json.refresh_token, /^[a-z]/, `row 15: ${what}: a refresh token begins with a letter`);
  assert.match(answer.headers['content-type'], /^application\/json/, `row 16: ${what}: JSON`);
  assert.equal(answer.headers['cache-control'], 'no-store', `${what}: RFC 6749 5.1`);
  return answer.json;
}

function oauthError(answer, word, what) {
  assert.equal(answer.status, 400, `${what}: ${answer.text}`);
  assert.equal(answer.json.error, word, what);
  assert(typeof answer.json.error_description === 'string' && answer.json.error_description, `row 4: ${what}: error_description`);
  assert.equal('D' in answer.json, false, `row 4: ${what}: a plain object, no envelope`);
}

/** Rows 6, 12, 16 and 17: what the API says to who may not. */
function envelope(answer, status, number, what) {
  assert.equal(answer.status, status, `rows 12 and 17: ${what}: ${answer.text}`);
  assert.match(answer.headers['content-type'], /^application\/json/, `row 16: ${what}: JSON`);
  assert.equal(answer.json.D.Success, false, `row 16: ${what}: D.Success`);
  assert.equal(answer.json.D.Code, number, `row 16: ${what}: D.Code`);
  assert(answer.json.D.Message, `row 16: ${what}: D.Message`);
}

async function theOldGrant() {
  const { code: first } = await code();
  assert.match(first, /^\w+$/, 'row 14: a code is one word');
  // Row 5: PHP sends `OAuth ` with an empty or an old token along with everything.
  const stray = { authorization: 'OAuth ' };
  const body = { ...credentials, grant_type: 'authorization_code', code: first, redirect_uri: app.redirect_uri };
  const tokens = exact(await json(grantUrl, body, stray), 'row 5: a code, with a stray Authorization header');

  // Row 10: what an application has lying around from earlier answers comes along, with types that fit nothing.
  const stale = { code: first, expires_at: 1_700_000_000, expires_in: '86400', scope: null, user: { id: [1] } };
  const refresh = { ...credentials, grant_type: 'refresh_token', ...stale };
  const second = exact(await json(grantUrl, { ...refresh, refresh_token: tokens.refresh_token, redirect_uri: app.redirect_uri }),
    'rows 10 and 11: a refresh with redirect_uri and stray members');
  const third = exact(await json(grantUrl, { ...refresh, refresh_token: second.refresh_token }, { authorization: 'OAuth expired' }),
    'rows 5 and 11: a refresh without redirect_uri');
  assert.notEqual(third.refresh_token, second.refresh_token, 'row 21: a new refresh token each time');
  oauthError(await json(grantUrl, { ...refresh, refresh_token: third.refresh_token, redirect_uri: `${app.redirect_uri}x` }),
    'invalid_grant', 'row 11: another redirect_uri');
  exact(await json(grantUrl, { ...refresh, refresh_token: third.refresh_token }), 'row 11: and the refused try cost nothing');
}

async function stateAndStrangers() {
  // Row 28: the WordPress plugin puts the page's address in state.
  const state = 'https://agent.example.com/listings?city=Fargo&beds=3&q=a%20b+c%2Fd#map';
  const strangers = { mls: 'fargo', schema: 'openid', unconnected: '1', utm_source: 'mail', '': 'x' };
  const { landing } = await code('/oauth2', { state, ...strangers });
  assert.equal(landing.searchParams.get('state'), state, 'rows 28 and 30: state comes back byte for byte, strangers are ignored');
  for (const odd of ['0', 'two words', 'a+b', '%41', 'é~*!', 'x'.repeat(2000)]) {
    const { landing } = await code('/openid/authorize', { scope: 'openid', state: odd, mls: 'fargo' });
    assert.equal(landing.searchParams.get('state'), odd, 'rows 28 and 30');
    // Half of the world reads + as a space and the other half as a plus; %20 and %2B are safe with both.
    const raw = String(landing).split('state=')[1].split('&')[0];
    assert.equal(decodeURIComponent(raw), odd, 'row 28: written so that every decoder reads it alike');
  }
}

async function replay() {
  const { code: once } = await code();
  const body = { ...credentials, grant_type: 'authorization_code', code: once, redirect_uri: app.redirect_uri };
  const tokens = exact(await json(grantUrl, body), 'a code');
  oauthError(await json(grantUrl, body), 'invalid_grant', 'row 13: the Ruby gem replays its old code');
  envelope(await get('/v1/my/account', { authorization: `OAuth ${tokens.access_token}` }), 401, 1020, 'row 13 and section 7 row 18: a token of a replayed code is over, not unknown');
  oauthError(await json(grantUrl, { ...body, code: undefined }), 'invalid_request', 'row 4: no code');
  oauthError(await json(grantUrl, { ...credentials, grant_type: 'password', username: 'a', password: 'b' }),
    'unsupported_grant_type', 'the password grant does not exist');
}

async function formBodies() {
  const { code: first } = await code();
  const answer = await form(grantUrl, { ...credentials, grant_type: 'authorization_code', code: first, redirect_uri: app.redirect_uri });
  assert.equal(answer.status, 200, `rows 3 and 7: form: ${answer.text}`);
  assert.equal(answer.json.token_type?.toLowerCase(), 'bearer', 'row 7: who sends a form reads token_type');
  assert.equal(answer.json.expires_in, 86_400, 'row 1');
  assert(answer.json.refresh_token && answer.json.access_token, 'row 21');

  // Row 8: league sends the pair as Basic and in the body.
  const both = await form(grantUrl, { ...credentials, grant_type: 'refresh_token', refresh_token: answer.json.refresh_token },
    basic(app.client_id, app.client_secret));
  assert.equal(both.status, 200, `row 8: Basic and body agree: ${both.text}`);
  const differ = await form(grantUrl, { ...credentials, client_secret: 'other', grant_type: 'refresh_token', refresh_token: both.json.refresh_token },
    basic(app.client_id, app.client_secret));
  assert.equal(differ.status >= 400, true, 'row 8: Basic and body differ');
  assert(['invalid_client', 'invalid_request'].includes(differ.json.error), `row 8: ${differ.text}`);
}

async function theOpenIdEndpoints() {
  const tokenUrl = `${issuer}/openid/token`;
  const metadata = (await get('/.well-known/openid-configuration')).json;
  assert.equal(metadata.issuer, issuer, 'row 19: iss without a slash');
  assert.equal(metadata.token_endpoint, tokenUrl, 'applications have this address in their configuration');

  for (const send of [json, form]) {
    const nonce = `n-${send.name}`;
    const { code: first } = await code('/openid/authorize', { scope: 'openid profile', nonce });
    const answer = await send(tokenUrl, { ...credentials, grant_type: 'authorization_code', code: first, redirect_uri: app.redirect_uri });
    assert.equal(answer.status, 200, `rows 3 and 7: ${send.name}: ${answer.text}`);
    const [header, claims] = answer.json.id_token.split('.').slice(0, 2).map(part => JSON.parse(Buffer.from(part, 'base64url')));
    assert.equal(header.alg, 'RS256', 'row 19: alg');
    assert.equal(claims.iss, issuer, 'row 19: iss');
    assert.deepEqual([claims.aud].flat(), [app.client_id], 'row 19: aud');
    assert.equal(claims.nonce, nonce, 'row 19: nonce');
    assert(claims.exp > claims.iat, 'row 19: exp');
    for (const path of ['/openid/jwks.json', '/openid/jwks']) {
      assert((await get(path)).json.keys.some(one => one.kid === header.kid && one.kty === 'RSA'), `row 19: ${path} has the kid`);
    }
    // Row 20: jumbojett.
    const info = await get('/openid/userinfo?schema=openid', { authorization: `Bearer ${answer.json.access_token}` });
    assert.equal(info.status, 200, `row 20: ${info.text}`);
    assert.equal(info.json.sub, claims.sub, 'row 20: sub');
    // Row 8 and 9: jumbojett sends Basic, raw, plus client_id in the body.
    const refreshed = await form(tokenUrl, { client_id: app.client_id, grant_type: 'refresh_token', refresh_token: answer.json.refresh_token },
      basic(app.client_id, app.client_secret));
    assert.equal(refreshed.status, 200, `rows 8 and 9: ${refreshed.text}`);
    assert(refreshed.json.refresh_token, 'row 21');
    const gone = await form(`${issuer}/openid/revoke`, { ...credentials, token: refreshed.json.refresh_token });
    assert.equal(gone.status, 200, `3.9: revocation by form: ${gone.text}`);
  }
}

async function theApi() {
  const { code: first } = await code();
  const tokens = exact(await json(grantUrl, { ...credentials, grant_type: 'authorization_code', code: first, redirect_uri: app.redirect_uri }), 'a code');
  for (const scheme of ['OAuth', 'oauth', 'Bearer', 'bearer', 'BEARER']) {
    const answer = await get('/v1/my/account', { authorization: `${scheme} ${tokens.access_token}`, accept: '*/*' });
    assert.equal(answer.status, 200, `row 6: ${scheme}: ${answer.text}`);
    assert.equal(answer.json.D.Success, true, 'row 22: D.Success');
    const [mine] = answer.json.D.Results;
    for (const name of ['Id', 'Name', 'Company', 'Active', 'Emails']) assert(name in mine, `row 22: ${name}`);
    assert.match(mine.Id, /^\d{26}$/, 'row 22: Id');
    assert.equal(mine.Emails[0].Primary, true, 'row 22: the primary address comes first');
    assert.match(mine.Emails[0].Address, /@/, 'row 22: Emails[].Address');
  }
  envelope(await get('/v1/my/account', { authorization: 'OAuth nothing' }), 401, 1000, 'row 12: an unknown token');
  envelope(await get('/v1/my/account', { authorization: 'OAuth ' }), 401, 1000, 'row 12: an empty token');
  envelope(await get('/v1/my/account'), 401, 1000, 'row 12: no token');
  envelope(await get('/v1/no/such/thing', { authorization: `OAuth ${tokens.access_token}` }), 404, 404, 'row 16: an unknown path');
  envelope(await get('/v1/no/such/thing'), 404, 404, 'row 16: an unknown path, asked by nobody');
  envelope(await json(`${issuer}/v1/my/account`, {}, { authorization: `OAuth ${tokens.access_token}` }), 405, 405, 'row 16: another method');
}

async function logout() {
  // 3.9: the mobile samples open this first and go on when the page that loaded has this very address.
  for (const who of [person, new Person({})]) {
    const page = await who.fetch(`${issuer}/openid/logout`);
    assert.equal(page.status, 200, `3.9: logout is no redirect: ${page.status}`);
    assert.match(page.headers['content-type'], /^text\/html/, '3.9: logout is a page');
  }
  const landing = await get('/oauth2/callback?code=abc&state=x');
  assert.equal(landing.status, 200, '1.1: the redirect address of native applications is a page');
}
