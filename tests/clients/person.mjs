// A person at a browser without JavaScript: follows redirects, keeps cookies, and fills in the forms of the pages.
//
// Node's own `fetch` is no browser: it names itself a cross-origin script in Sec-Fetch-Mode and lets nobody set that, so
// the requests are made one floor below.

import http from 'node:http';
import https from 'node:https';

/** What one page or program answered. */
export async function request(url, { method = 'GET', headers = {}, body } = {}) {
  const { request } = new URL(url).protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const ours = { 'user-agent': 'latchkey-tests', ...headers };
    if (body !== undefined) ours['content-length'] = Buffer.byteLength(body);
    const sent = request(url, { method, headers: ours, timeout: 20_000 }, answer => {
      const parts = [];
      answer.on('data', part => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ url: String(url), status: answer.statusCode, headers: answer.headers, text, get json() { return JSON.parse(text); } });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url}: no answer in 20 s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

export class Person {
  #cookies = new Map();

  constructor({ login, password }) {
    this.login = login;
    this.password = password;
    /** What was asked of this person on the way, in order: 'sign-in', 'consent'. */
    this.asked = [];
  }

  /** Opens an authorization address, signs in and allows what is asked; gives the address at the application, not fetched. */
  async approves(address, redirectUri) {
    return this.#walk(address, redirectUri, 'allow');
  }

  /** The same, but presses "Deny". */
  async denies(address, redirectUri) {
    return this.#walk(address, redirectUri, 'deny');
  }

  async #walk(address, redirectUri, decision) {
    this.asked = [];
    let page = await this.fetch(address);
    for (let step = 0; step < 12; step++) {
      const next = page.headers.location;
      if (page.status >= 300 && page.status < 400 && next) {
        if (isAt(next, redirectUri)) return next;
        page = await this.fetch(new URL(next, page.url));
      } else {
        page = await this.#fill(page, decision);
      }
    }
    throw new Error(`no way to ${redirectUri} in twelve steps; now at ${page.url}`);
  }

  async #fill(page, decision) {
    const forms = formsOf(page.text);
    const signIn = forms.find(form => form.fields.some(field => field.name === 'password'));
    if (signIn) {
      if (this.asked.includes('sign-in')) throw new Error(`sign-in was refused: ${told(page)}`);
      this.asked.push('sign-in');
      return this.submit(page, signIn, { username: this.login, password: this.password });
    }
    const consent = forms.find(form => form.buttons.some(button => button.name === 'decision' && button.value === decision));
    if (consent) {
      this.asked.push('consent');
      return this.submit(page, consent, { decision });
    }
    throw new Error(`nothing to fill in: ${told(page)}`);
  }

  /** Submits a form with its own fields and `values`; the address, the method and the hidden fields are the page's. */
  async submit(page, form, values) {
    const fields = new URLSearchParams();
    for (const { name, value } of form.fields) if (name && !(name in values)) fields.append(name, value);
    for (const [name, value] of Object.entries(values)) fields.append(name, value);
    const target = new URL(form.action || page.url, page.url);
    if (form.method !== 'post') throw new Error(`the form for ${target} would show its fields in the address`);
    const site = { origin: new URL(page.url).origin, referer: page.url, 'sec-fetch-site': 'same-origin' };
    return this.fetch(target, {
      method: 'POST',
      headers: { ...site, 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    });
  }

  /** One request with the person's cookies, as a browser makes it when the address bar changes. */
  async fetch(url, { headers = {}, ...rest } = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await request(url, {
      ...rest,
      headers: {
        accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
        'accept-language': 'en',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        'sec-fetch-site': 'none',
        ...(cookie && { cookie }),
        ...headers,
      },
    });
    for (const line of page.headers['set-cookie'] ?? []) this.#keep(line);
    return page;
  }

  // `__Host-` cookies are for one host and every path, and browsers send secure ones over plain HTTP to loopback, since
  // nobody can listen there; so of a cookie only its name, value and end matter here.
  #keep(line) {
    const [pair, ...attributes] = line.split(';').map(part => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const attribute = wanted => attributes.find(one => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const over = Number(attribute('max-age') ?? 1) <= 0 || Date.parse(attribute('expires') ?? '') < Date.now();
    if (name.startsWith('__Host-') && !(attributes.some(one => /^secure$/i.test(one)) && attribute('path') === '/' && attribute('domain') === undefined)) {
      throw new Error(`a browser refuses this cookie: ${line}`);
    }
    if (over) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** Whether an address is the redirect URI with an answer in its query. */
function isAt(address, redirectUri) {
  return address === redirectUri || address.startsWith(`${redirectUri}${redirectUri.includes('?') ? '&' : '?'}`);
}

function told(page) {
  const [, title = ''] = /<title>([^<]*)/i.exec(page.text) ?? [];
  const words = page.text.replace(/<(style|script|title)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ').replace(/\s+/g, ' ').trim();
  return `${page.status} ${page.url} "${decode(title.trim())}": ${decode(words).slice(0, 400)}`;
}

/** The forms of a page, with the values that their fields have before anybody types. */
export function formsOf(html) {
  const forms = [];
  let form;
  for (const [, close, tag, rest] of html.matchAll(/<(\/?)(form|input|button)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)) {
    const attributes = attributesOf(rest);
    if (tag.toLowerCase() === 'form') {
      form = close ? undefined : { action: attributes.action ?? '', method: (attributes.method ?? 'get').toLowerCase(), fields: [], buttons: [] };
      if (form) forms.push(form);
    } else if (form && !close) {
      const { name, value = '', type = 'text' } = attributes;
      const button = tag.toLowerCase() === 'button' || ['submit', 'image', 'button'].includes(type.toLowerCase());
      const off = 'disabled' in attributes || (['checkbox', 'radio'].includes(type.toLowerCase()) && !('checked' in attributes));
      if (button) form.buttons.push({ name, value });
      else if (!off) form.fields.push({ name, value });
    }
  }
  return forms;
}

function attributesOf(text) {
  const found = {};
  for (const [, name, double, single, bare] of text.matchAll(/([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    found[name.toLowerCase()] ??= decode(double ?? single ?? bare ?? '');
  }
  return found;
}

function decode(text) {
  const names = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi, (all, hex, decimal, name) =>
    name ? (names[name] ?? all) : String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)));
}
