//! The server is killed in the middle of a burst: nothing acknowledged is lost, nothing works twice.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{binary, journeys, leash, postgres};

/// What one client was told before the server died.
#[derive(Default)]
struct Acknowledged {
    access: Vec<String>,
    redeemed: Vec<String>,
    /// The newest refresh token of each grant.
    refresh: Vec<String>,
}

struct Server {
    child: Child,
    told: Value,
}

fn start(folder: &std::path::Path, port: u16, sample: u16, database: Option<&str>) -> Server {
    let mut command = Command::new(binary());
    command.args(["demo", "--json", "--listen", &format!("127.0.0.1:{port}"), "--sample-listen", &format!("127.0.0.1:{sample}")]);
    command.arg("--data-dir").arg(folder);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"));
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Server { child, told }
}

/// An answer: status, headers, body.
struct Got {
    status: u16,
    location: String,
    cookies: Vec<String>,
    body: String,
}

struct Site {
    issuer: String,
    agent: ureq::Agent,
    jar: BTreeMap<String, String>,
}

impl Site {
    fn new(issuer: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        Self { issuer: issuer.to_owned(), agent, jar: BTreeMap::new() }
    }

    fn send(&mut self, path: &str, fields: Option<&[(&str, &str)]>) -> Option<Got> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.issuer) };
        let cookies = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = ureq::http::Request::builder().uri(url).header("cookie", cookies).header("origin", &self.issuer);
        let sent = match fields {
            None => self.agent.run(request.body(String::new()).unwrap()),
            Some(fields) => {
                let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                self.agent.run(request.method("POST").header("content-type", "application/x-www-form-urlencoded").body(form).unwrap())
            }
        };
        let mut response = sent.ok()?;
        let cookies: Vec<String> =
            response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect();
        for line in &cookies {
            let (name, value) = line.split(';').next()?.split_once('=')?;
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_string().ok()?;
        Some(Got { status, location, cookies, body })
    }
}

fn hidden(body: &str) -> String {
    body.split("name=\"flow\"")
        .nth(1)
        .and_then(|rest| rest.split("value=\"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

struct Key {
    id: String,
    secret: String,
    redirect: String,
}

fn key(told: &Value) -> Key {
    let keys = told["keys"].as_array().unwrap();
    let found = keys
        .iter()
        .find(|key| {
            let has = |member: &str, word: &str| key[member].as_array().is_some_and(|list| list.iter().any(|item| item == word));
            key["kind"] == "confidential" && has("roles", "private") && has("grant_types", "authorization_code")
        })
        .unwrap();
    let text = |member: &str| found[member].as_str().unwrap().to_owned();
    Key { id: text("client_id"), secret: text("client_secret"), redirect: text("redirect_uri") }
}

fn authorize(key: &Key) -> String {
    let pairs = [
        ("client_id", key.id.as_str()),
        ("redirect_uri", &key.redirect),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "s"),
    ];
    format!("/openid/authorize?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn code_of(location: &str) -> Option<String> {
    let url = url::Url::parse(location).ok()?;
    url.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned())
}

/// Signs in and allows once, so that the burst needs no pages.
fn signed_in(issuer: &str, key: &Key, login: &str, password: &str) -> Site {
    let mut site = Site::new(issuer);
    let page = site.send(&authorize(key), None).unwrap();
    let mut answer =
        site.send("/openid/sign-in", Some(&[("flow", &hidden(&page.body)), ("username", login), ("password", password)])).unwrap();
    assert!(!answer.cookies.is_empty(), "{}: {}", answer.status, answer.body);
    for _ in 0..4 {
        if answer.location.starts_with('/') {
            answer = site.send(&answer.location.clone(), None).unwrap();
        } else if answer.body.contains("consent-allow") {
            answer = site.send("/openid/consent", Some(&[("flow", &hidden(&answer.body)), ("decision", "allow")])).unwrap();
        }
    }
    assert!(code_of(&answer.location).is_some(), "{} {}", answer.status, answer.location);
    site
}

/// Authorizes, exchanges and refreshes until told to stop or until nobody answers; keeps only what was acknowledged.
fn burst(mut site: Site, key: &Key, stop: &AtomicBool, into: &Mutex<Acknowledged>) {
    while !stop.load(Ordering::Relaxed) {
        let Some(answer) = site.send(&authorize(key), None) else { return };
        let Some(code) = code_of(&answer.location) else { return };
        let client = [("client_id", key.id.as_str()), ("client_secret", key.secret.as_str())];
        let redeem = [client[0], client[1], ("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &key.redirect)];
        let Some(tokens) = site.send("/openid/token", Some(&redeem)).filter(|answer| answer.status == 200) else { return };
        let tokens: Value = serde_json::from_str(&tokens.body).unwrap();
        let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
        let mut newest = text(&tokens, "refresh_token");
        {
            let mut kept = into.lock().unwrap();
            kept.access.push(text(&tokens, "access_token"));
            kept.redeemed.push(code.clone());
            kept.refresh.push(newest.clone());
        }
        for _ in 0..2 {
            let again = [client[0], client[1], ("grant_type", "refresh_token"), ("refresh_token", newest.as_str())];
            let Some(tokens) = site.send("/openid/token", Some(&again)).filter(|answer| answer.status == 200) else { return };
            let tokens: Value = serde_json::from_str(&tokens.body).unwrap();
            let next = text(&tokens, "refresh_token");
            let mut kept = into.lock().unwrap();
            kept.access.push(text(&tokens, "access_token"));
            let place = kept.refresh.iter().position(|token| *token == newest).unwrap();
            kept.refresh[place].clone_from(&next);
            drop(kept);
            newest = next;
        }
    }
}

#[test]
fn r_01_a_kill_in_a_burst_loses_no_acknowledged_token_and_lets_no_code_work_twice() {
    if !journeys() {
        return;
    }
    let folder = leash::folder("kill");
    let database = postgres::chosen().then(|| postgres::create_database(None));
    let (port, sample) = (postgres::free_port(), postgres::free_port());
    let mut total = 0;
    for round in 0..3 {
        let mut server = start(&folder, port, sample, database.as_deref());
        let issuer = server.told["issuer"].as_str().unwrap().to_owned();
        let key = Arc::new(key(&server.told));
        let account = server.told["accounts"].as_array().unwrap().iter().find(|account| account["type"] == "Member").unwrap().clone();
        let sites: Vec<Site> =
            (0..2).map(|_| signed_in(&issuer, &key, account["login"].as_str().unwrap(), account["password"].as_str().unwrap())).collect();
        let (stop, kept) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Acknowledged::default())));
        let clients: Vec<_> = sites
            .into_iter()
            .flat_map(|site| (0..4).map(move |_| Site { issuer: site.issuer.clone(), agent: site.agent.clone(), jar: site.jar.clone() }))
            .map(|site| {
                let (key, stop, kept) = (Arc::clone(&key), Arc::clone(&stop), Arc::clone(&kept));
                std::thread::spawn(move || burst(site, &key, &stop, &kept))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(700 + 150 * round));
        let begun = Instant::now();
        while kept.lock().unwrap().access.len() <= 20 && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(10));
        }
        // SIGKILL.
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());

        let mut server = start(&folder, port, sample, database.as_deref());
        let kept = Arc::into_inner(kept).unwrap().into_inner().unwrap();
        assert!(kept.access.len() > 20, "the burst was too small: {}", kept.access.len());
        total += kept.access.len();
        let mut site = Site::new(&issuer);
        let client = [("client_id", key.id.as_str()), ("client_secret", key.secret.as_str())];
        for token in &kept.access {
            let known = site.send("/openid/introspect", Some(&[client[0], client[1], ("token", token)])).unwrap();
            assert!(known.body.contains("\"active\":true"), "an acknowledged access token is gone: {}", known.body);
        }
        for token in &kept.refresh {
            let again = site
                .send("/openid/token", Some(&[client[0], client[1], ("grant_type", "refresh_token"), ("refresh_token", token)]))
                .unwrap();
            assert_eq!(again.status, 200, "an acknowledged refresh token is gone: {}", again.body);
        }
        for code in &kept.redeemed {
            let again = site
                .send(
                    "/openid/token",
                    Some(&[client[0], client[1], ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &key.redirect)]),
                )
                .unwrap();
            assert_eq!(again.status, 400, "a code worked twice: {}", again.body);
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
    }
    println!("{total} acknowledged tokens, none lost");
}
