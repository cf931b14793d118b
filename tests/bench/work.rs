//! The workloads: what one operation is, and what must come back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::seed::{PASSWORD, REDIRECT, client_id, login, secret};
use crate::wire::{Answer, Wire};

/// One operation of one connection: sent, answered, checked.
pub type Operation<'s> = Box<dyn FnMut(&mut Wire) -> Result<(), String> + 's>;

/// A workload.
pub struct Workload {
    pub name: &'static str,
    pub what: &'static str,
    /// How many connections work at once.
    pub lanes: usize,
    /// The least work of a correct server, in the terms of [`crate::floor::Floor`].
    pub least: &'static [&'static str],
    pub begin: for<'s> fn(&'s Stock, usize) -> Operation<'s>,
}

/// Every workload, in the order they are measured.
pub const ALL: [Workload; 13] = [
    Workload {
        name: "W1",
        what: "discovery",
        lanes: 8,
        least: &["get"],
        begin: |_, _| fetch("/.well-known/openid-configuration", "\"issuer\""),
    },
    Workload { name: "W2", what: "key set", lanes: 8, least: &["get"], begin: |_, _| fetch("/openid/jwks.json", "\"keys\"") },
    Workload { name: "W3", what: "client credentials", lanes: 8, least: &["post"], begin: |_, _| own("cc") },
    Workload { name: "W3J", what: "the same, ES256 JWT", lanes: 8, least: &["post", "es256"], begin: |_, _| own("jwt") },
    Workload {
        name: "W4",
        what: "code flow, ES256",
        lanes: 8,
        least: &["get", "row", "post", "row", "es256"],
        begin: |stock, lane| code(stock, lane, "es256"),
    },
    Workload {
        name: "W4R",
        what: "code flow, RS256",
        lanes: 8,
        least: &["get", "row", "post", "row", "rs256"],
        begin: |stock, lane| code(stock, lane, "rs256"),
    },
    Workload { name: "W5", what: "refresh, ES256", lanes: 8, least: &["post", "row", "es256"], begin: |stock, _| refresh(stock) },
    Workload { name: "W6", what: "introspection", lanes: 8, least: &["post"], begin: |stock, _| introspect(stock) },
    Workload { name: "W7", what: "userinfo", lanes: 8, least: &["get"], begin: |stock, _| userinfo(stock) },
    // Not more at once: five guesses at one account without an answer close it for a minute.
    Workload { name: "W8", what: "password sign-in", lanes: 4, least: &["argon2"], begin: |_, lane| sign_in(lane) },
    Workload { name: "W9", what: "revocation", lanes: 8, least: &["post", "row"], begin: |stock, _| revoke(stock) },
    Workload { name: "W10", what: "wrong secret", lanes: 8, least: &["post"], begin: |_, _| wrong_secret() },
    Workload { name: "W11", what: "access check of a gateway", lanes: 8, least: &["get"], begin: |stock, _| access_check(stock) },
];

/// Sessions and tokens made ahead; each is handed out once.
pub struct Stock(Mutex<BTreeMap<String, Vec<String>>>);

impl Stock {
    pub fn read(folder: &Path) -> Self {
        Self(Mutex::new(serde_json::from_slice(&std::fs::read(folder.join("tokens.json")).unwrap()).unwrap()))
    }

    fn take(&self, kind: &str) -> Option<String> {
        self.0.lock().unwrap().get_mut(kind)?.pop()
    }

    fn some(&self, kind: &str, many: usize) -> Vec<String> {
        self.0.lock().unwrap()[kind].iter().take(many).cloned().collect()
    }
}

fn expect(answer: &Answer, status: u16, text: &str) -> Result<(), String> {
    if answer.status == status && (answer.body.contains(text) || answer.head.contains(text)) {
        return Ok(());
    }
    Err(format!("{} instead of {status} with {text}: {}", answer.status, answer.body.chars().take(300).collect::<String>()))
}

fn basic(name: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{}:{}", client_id(name), secret(name))))
}

fn fetch(path: &'static str, text: &'static str) -> Operation<'static> {
    Box::new(move |wire| expect(&wire.get(path, ""), 200, text))
}

fn own(key: &str) -> Operation<'static> {
    let headers = basic(key);
    Box::new(move |wire| expect(&wire.post("/openid/token", &headers, "grant_type=client_credentials"), 200, "\"access_token\""))
}

/// RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BROWSER: &str = "__Host-latchkey_browser=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn authorization(key: &str) -> String {
    format!(
        "/openid/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb&scope=openid+profile+email&state=s-1\
         &nonce=n-1&code_challenge={CHALLENGE}&code_challenge_method=S256",
        client_id(key)
    )
}

fn code<'s>(stock: &'s Stock, lane: usize, key: &str) -> Operation<'s> {
    let (path, headers) = (authorization(key), basic(key));
    let session = stock.some("session", lane + 1).pop().unwrap();
    let cookies = format!("Cookie: {BROWSER}; __Host-latchkey_session={session}\r\n");
    Box::new(move |wire| {
        let answer = wire.get(&path, &cookies);
        expect(&answer, 303, "state=s-1")?;
        let code = answer.redirected("code").ok_or("no code")?;
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}&code_verifier={VERIFIER}");
        expect(&wire.post("/openid/token", &headers, &form), 200, "\"id_token\"")
    })
}

fn refresh(stock: &Stock) -> Operation<'_> {
    let headers = basic("es256");
    let mut token = stock.take("refresh");
    Box::new(move |wire| {
        let form = format!("grant_type=refresh_token&refresh_token={}", token.as_deref().ok_or("no refresh tokens left")?);
        let answer = wire.post("/openid/token", &headers, &form);
        expect(&answer, 200, "\"id_token\"")?;
        let next = answer.between("\"refresh_token\":\"").map(str::to_owned);
        if next == token {
            return Err("the refresh token did not change".to_owned());
        }
        token = next;
        Ok(())
    })
}

fn introspect(stock: &Stock) -> Operation<'_> {
    let headers = basic("es256");
    let mut tokens = stock.some("access", 10_000).into_iter().cycle();
    Box::new(move |wire| {
        let form = format!("token={}", tokens.next().ok_or("no tokens")?);
        expect(&wire.post("/openid/introspect", &headers, &form), 200, "\"active\":true")
    })
}

fn access_check(stock: &Stock) -> Operation<'_> {
    let mut tokens = stock.some("access", 10_000).into_iter().cycle();
    Box::new(move |wire| {
        let token = tokens.next().ok_or("no tokens")?;
        let headers = format!(
            "Authorization: Bearer {token}\r\nX-Original-Method: GET\r\nX-Original-URI: /v1/listings?_limit=25\r\nX-Forwarded-For: 192.0.2.7\r\n"
        );
        expect(&wire.get("/authz/check", &headers), 200, "x-latchkey-account")
    })
}

fn userinfo(stock: &Stock) -> Operation<'_> {
    let mut tokens = stock.some("access", 10_000).into_iter().cycle();
    Box::new(move |wire| {
        let header = format!("Authorization: Bearer {}\r\n", tokens.next().ok_or("no tokens")?);
        expect(&wire.get("/openid/userinfo", &header), 200, "\"sub\"")
    })
}

fn sign_in(lane: usize) -> Operation<'static> {
    let path = authorization("es256");
    let name = login(lane);
    Box::new(move |wire| {
        let page = wire.get(&path, "");
        expect(&page, 200, "name=\"password\"")?;
        let flow = page.between("name=\"flow\" value=\"").ok_or("no hidden field")?;
        let form = format!("flow={flow}&username={name}&password={}", PASSWORD.replace(' ', "+"));
        let headers = format!("Origin: {}\r\nCookie: {}\r\n", wire.origin(), page.cookies());
        expect(&wire.post("/openid/sign-in", &headers, &form), 303, "code=lkc_")
    })
}

fn revoke(stock: &Stock) -> Operation<'_> {
    let headers = basic("cc");
    Box::new(move |wire| {
        let form = format!("token={}", stock.take("own").ok_or("no tokens left")?);
        expect(&wire.post("/openid/revoke", &headers, &form), 200, "")
    })
}

fn wrong_secret() -> Operation<'static> {
    let wrong = STANDARD.encode(format!("{}:{}", client_id("cc"), secret("no")));
    let headers = format!("Authorization: Basic {wrong}\r\n");
    Box::new(move |wire| expect(&wire.post("/openid/token", &headers, "grant_type=client_credentials"), 401, "invalid_client"))
}
