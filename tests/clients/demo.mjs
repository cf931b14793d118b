// What each client program is told: the issuer as its argument, and on standard input the line of `latchkey demo --json`.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';

// Node 18, which Debian 12 has, keeps behind a switch what the libraries expect to find.
globalThis.crypto ??= webcrypto;

const [, , issuer] = process.argv;
if (!issuer) fail(new Error('usage: node PROGRAM ISSUER < the line of `latchkey demo --json`'));
const told = JSON.parse(readFileSync(0, 'utf8').trim().split('\n')[0]);

export { issuer };

/** An account to sign in with. */
export function account(type = 'Member') {
  return one(told.accounts, account => account.type === type, `an account of type ${type}`);
}

/** A key of the demo: of a kind, with a role, allowed some grant type. */
export function key({ kind, role, grant = 'authorization_code' }) {
  const has = (list, word) => (list ?? []).some(one => String(one).toLowerCase() === word);
  return one(
    told.keys,
    key => (!kind || key.kind === kind) && (!role || has(key.roles, role)) && has(key.grant_types, grant),
    `a key (${[kind, role, grant].filter(Boolean).join(', ')})`,
  );
}

function one(list, is, what) {
  const found = list.find(is);
  assert(found, `the demo has no ${what}`);
  return found;
}

/** Runs a program: `ok NAME` and 0, or what went wrong and 1. */
export async function main(name, program) {
  try {
    await program();
    console.log(`ok ${name}`);
    // Connections kept for the next request would hold the process for some seconds.
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  let text = '';
  for (let cause = error; cause; cause = cause.cause instanceof Error ? cause.cause : undefined) {
    const details = [cause.code, cause.error, cause.error_description].filter(Boolean).join(' ');
    text += `${text && 'because '}${cause.stack ?? cause}${details && ` [${details}]`}\n`;
    if (cause.cause && !(cause.cause instanceof Error)) text += `  ${JSON.stringify(cause.cause)}\n`;
  }
  process.stderr.write(text);
  process.exit(1);
}

/** Expects a refusal with this OAuth error word. */
export async function refused(promise, word, what) {
  await assert.rejects(promise, error => {
    // A 401 with a challenge is told by its header; the word stands in the body, which the library leaves to us.
    if (word === 'invalid_client' && error.cause?.[0]?.scheme === 'basic') return true;
    assert.equal(error.error ?? error.cause?.error, word, `${what}: ${error.stack}`);
    return true;
  }, what);
}
