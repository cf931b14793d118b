//! A whole server in this process, on a loopback port and a database of its own, with people and keys in it.
//!
//! The clock stands still until a test moves it. Words: `world.agent("cv.ada")` is a browser of Ada's; `world.w()` is a
//! confidential key; `ada.approves(&w)` walks through sign-in and consent and comes back with a code.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use latchkey::app::App;
use latchkey::base::id::{KeyId, KeySecretId};
use latchkey::base::{Clock, Random, Seconds, Secret, Timestamp};
use latchkey::config::Settings;
use latchkey::flows::start;
use latchkey::hashing::Hasher;
use latchkey::http;
use latchkey::http::console::Accounts;
use latchkey::http::consumers::Consumers;
use latchkey::http::developers::Developers;
use latchkey::http::door::{People, form_token};
use latchkey::identity::password::Password;
use latchkey::platform::role::Role;
use latchkey::protocol::client::{ClientKind, GrantType, Policy, ResponseType, SigningAlgorithm};
use latchkey::signing::{MasterSecret, RotationPolicy, Seal};
use latchkey::store::audit::{self, Entry};
use latchkey::store::mlses::Mls;
use latchkey::store::{Conn, Db, PgOptions, accounts, keys, mlses};
use serde_json::Value;

use super::postgres;

/// When every test begins.
pub const BEGIN: Timestamp = Timestamp::from_seconds(1_795_000_000);
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// An MLS nobody of the others belongs to.
pub const OTHER_MLS: &str = "20261001000000000000000002";
const MLS: &str = "20261001000000000000000001";
const MASTER: &str = "lkm_a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5ba";

/// A running server.
pub struct World {
    pub app: Arc<App>,
    pub issuer: String,
    /// Where it listens, whatever the issuer is.
    pub address: std::net::SocketAddr,
    server: actix_web::dev::ServerHandle,
    agent: ureq::Agent,
    folder: Arc<tempfile::TempDir>,
    postgres: Option<String>,
}

/// An application, as its own developer knows it.
#[derive(Clone)]
pub struct Application {
    pub client_id: String,
    pub secret: Option<String>,
    pub redirect_uri: String,
    pub id: KeyId,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no Location in {self:?}"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// One parameter of the redirect, from query or fragment.
    pub fn redirected(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location()).unwrap();
        let text = url.fragment().or_else(|| url.query()).unwrap_or_default();
        url::form_urlencoded::parse(text.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        let at = self.body.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name} on {self:?}"));
        let rest = &self.body[at..];
        let value = rest.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        value.replace("&amp;", "&").replace("&#38;", "&")
    }

    /// Asserts a page of ours that goes nowhere (PAGE400).
    pub fn is_page(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.header("location").is_none(), "{self:?}");
        assert!(self.header("content-type").unwrap().starts_with("text/html"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert!(self.body.contains("id=\"error-id\""), "{self:?}");
        self
    }

    /// Asserts an error on the application's redirect URI (RED).
    pub fn is_refused_to(&self, application: &Application, word: &str, issuer: &str) -> &Self {
        assert_eq!(self.status, 303, "{self:?}");
        assert!(self.location().starts_with(&application.redirect_uri), "{self:?}");
        assert_eq!(self.redirected("error").as_deref(), Some(word), "{self:?}");
        assert_eq!(self.redirected("iss").as_deref(), Some(issuer));
        assert_eq!(self.redirected("code"), None);
        self
    }

    /// Asserts an error of the token endpoint (TOK).
    pub fn is_token_error(&self, status: u16, word: &str) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json()["error"], word, "{self:?}");
        assert!(self.json()["error_description"].is_string());
        assert_eq!(self.header("cache-control"), Some("no-store"));
        self
    }

    /// Asserts the platform's envelope with a code.
    pub fn is_api_error(&self, status: u16, code: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json()["D"]["Success"], false);
        assert_eq!(self.json()["D"]["Code"], code, "{self:?}");
        self
    }
}

/// What made the database that every world begins with.
struct Template {
    folder: tempfile::TempDir,
    postgres: Option<String>,
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let postgres = postgres::chosen().then(|| postgres::create_database(None));
        let db = open(folder.path(), postgres.as_deref());
        let clock = Clock::fixed(BEGIN);
        start::migrate(&db, &clock, |_| {}).unwrap();
        let random = Random::seeded(7);
        let seal = Seal::new(&MasterSecret::parse(MASTER).unwrap()).unwrap();
        start::prepare(&db, &seal, &random, &RotationPolicy::new(Seconds::days(25)), BEGIN).unwrap();
        let hasher = Hasher::new(1, 4).unwrap();
        let hash = hasher.hash(Password::typed(PASSWORD).unwrap(), &random).unwrap().recv().unwrap().unwrap();
        db.write(move |conn| people(conn, &hash)).unwrap();
        if matches!(db.engine_name(), "sqlite") {
            // All of it in the one file that is copied.
            drop(db);
            let begun = std::time::Instant::now();
            while folder.path().join("latchkey.db-wal").exists() {
                assert!(begun.elapsed().as_secs() < 60, "the first database is still open");
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
        Template { folder, postgres }
    })
}

fn people(conn: &mut Conn, hash: &str) -> Result<(), latchkey::base::Fault> {
    for (id, name, accent) in [(MLS, "Cascade Valley MLS", "accent-teal"), (OTHER_MLS, "Harbor Coast MLS", "accent-navy")] {
        let mls = Mls {
            id: id.parse().unwrap(),
            name: name.into(),
            time_zone: "America/Los_Angeles".into(),
            logo: None,
            accent: Some(accent.into()),
            support: None,
        };
        mlses::add(conn, &mls, BEGIN)?;
    }
    for (number, login, kind, mls, active, first, last) in [
        (1, "cv.ada", "Member", MLS, true, "Ada", "Agent"),
        (2, "cv.ben", "Member", MLS, true, "Ben", "Broker"),
        (3, "hc.mia", "Member", OTHER_MLS, true, "Mia", "Marine"),
        (4, "cv.gone", "Member", MLS, false, "Gus", "Gone"),
        (5, "cv.staff", "Mls", MLS, true, "Sam", "Staff"),
    ] {
        let profile = serde_json::json!({
            "Name": format!("{first} {last}"), "FirstName": first, "MiddleName": "Q.", "LastName": last, "NameSuffix": "Jr.",
            "UserLevel": "1", "MemberType": "Agent", "MemberMlsId": "4711", "MemberNrdsId": "815", "MemberStateLicense": "WA-1",
            "MemberAor": "CVAR", "MemberAorKey": "1", "MemberPrimaryAorId": "2", "MemberPrimaryAorKey": "3",
            "Office": "Summit Realty", "OfficeId": "20261001000000000000000011", "OfficeMlsId": "SUM1", "Company": "Summit Group", "CompanyId": "20261001000000000000000012",
            "Emails": [{"Id": "1", "Type": "Home", "Address": format!("{first}.home@example.com").to_lowercase()}, {"Id": "2", "Type": "Work", "Address": format!("{first}@example.com").to_lowercase(), "Primary": true}],
            "Phones": [{"Id": "1", "Type": "Work", "Number": "555-0100", "Primary": true}],
            "Websites": [{"Uri": "https://summit.example/"}], "Addresses": [{"Address": "1 Main St, Wenatchee WA 98801"}],
            "Images": [{"Type": "Photo", "Name": "Portrait", "Uri": "https://summit.example/a.jpg"}], "Visible": true, "Billable": true,
        });
        let new = accounts::NewAccount {
            id: format!("2026100100000000000000010{number}").parse().unwrap(),
            mls_id: &mls.parse().unwrap(),
            roster_key: login,
            login_name: login,
            user_type: kind,
            active,
            password_hash: Some(hash),
            profile: &profile.to_string(),
        };
        accounts::write(conn, &new, BEGIN)?;
    }
    let all = vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials];
    let base = Policy { grant_types: all, ..Policy::default() };
    for (number, name, kind, uri, policy) in [
        (1, "w", ClientKind::Confidential, "https://app.example/cb", base.clone()),
        (2, "w2", ClientKind::Confidential, "https://other.example/cb", base.clone()),
        (3, "p", ClientKind::Public, "https://spa.example/cb", Policy::default()),
        (4, "n", ClientKind::Public, "http://127.0.0.1/cb", Policy::default()),
        (
            5,
            "hybrid",
            ClientKind::Confidential,
            "https://hybrid.example/cb",
            Policy { response_types: ResponseType::ALL.to_vec(), ..base.clone() },
        ),
        (6, "first", ClientKind::Confidential, "https://first.example/cb", Policy { first_party: true, ..base.clone() }),
        (7, "resource", ClientKind::Confidential, "https://api.example/cb", Policy { introspects: true, ..base.clone() }),
        (
            8,
            "es256",
            ClientKind::Confidential,
            "https://es.example/cb",
            Policy {
                id_token_signed_response_alg: SigningAlgorithm::ES256,
                access_token_format: latchkey::protocol::client::AccessTokenFormat::Jwt,
                ..base.clone()
            },
        ),
        // The web sites at which home buyers are signed in: somebody else's, and one of the platform's own family.
        (9, "site", ClientKind::Confidential, "https://site.example/cb", base.clone()),
        (10, "family", ClientKind::Confidential, "https://family.example/cb", Policy { ecosystem: true, ..base.clone() }),
    ] {
        let roles = [if matches!(name, "n" | "site" | "family") { Role::Idx } else { Role::Private }];
        let new = keys::NewKey {
            id: KeyId(number),
            mls_id: Some(&MLS.parse().unwrap()),
            name: &format!("Application {name}"),
            key: &client_id(name),
            kind: kind.name(),
            application_uri: &format!("https://{name}.example/"),
            redirect_uris: &[uri.to_owned()],
            roles: &roles,
            policy: &policy,
            comments: "",
        };
        keys::add(conn, &new, BEGIN)?;
        if kind == ClientKind::Confidential {
            keys::add_secret(conn, KeySecretId(number), KeyId(number), "first", &Secret::new(secret(name)).digest(), None, BEGIN)?;
        }
    }
    Ok(())
}

fn client_id(name: &str) -> String {
    format!("{name:0<25}")
}

fn secret(name: &str) -> String {
    format!("lks_{name}_secret_of_this_application")
}

fn open(folder: &Path, postgres: Option<&str>) -> Db {
    match postgres {
        Some(url) => Db::postgres(&PgOptions { url: Secret::new(url), threads: 4 }).unwrap(),
        None => Db::sqlite(&folder.join("latchkey.db")).unwrap(),
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// A world with settings of its own, by their dotted names.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let template = template();
        let folder = tempfile::tempdir().unwrap();
        let postgres = template.postgres.as_deref().map(|made| postgres::create_database(Some(made)));
        if postgres.is_none() {
            for end in ["", "-wal"] {
                let name = format!("latchkey.db{end}");
                if template.folder.path().join(&name).exists() {
                    std::fs::copy(template.folder.path().join(&name), folder.path().join(&name)).unwrap();
                }
            }
        }
        Self::serve(Arc::new(folder), postgres, settings)
    }

    /// The same database served anew: all that was only in memory is gone. The address, and so the issuer, is another.
    pub fn restarted(self) -> Self {
        let (folder, postgres) = (Arc::clone(&self.folder), self.postgres.clone());
        drop(self);
        Self::serve(folder, postgres, &[])
    }

    /// Another server on the same database, with the same issuer, at an address of its own.
    pub fn second_node(&self, settings: &[(&str, &str)]) -> Self {
        let mut settings = settings.to_vec();
        settings.push(("issuer", &self.issuer));
        Self::serve(Arc::clone(&self.folder), self.postgres.clone(), &settings)
    }

    fn serve(folder: Arc<tempfile::TempDir>, postgres: Option<String>, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = format!("http://{address}");
        let mut flags: BTreeMap<String, String> = [
            ("issuer", issuer.as_str()),
            ("listen", "127.0.0.1:1"),
            ("database", "sqlite:unused.db"),
            ("workers", "2"),
            ("client_failures", "0"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        flags.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let environment = [("LATCHKEY_MASTER_SECRET".to_owned(), MASTER.to_owned())];
        let settings = Settings::load(None, environment.into_iter(), &flags).unwrap_or_else(|problems| panic!("{problems}"));
        let db = open(folder.path(), postgres.as_deref());
        let random = Random::default();
        let seal = Seal::new(&MasterSecret::parse(MASTER).unwrap()).unwrap();
        let (ring, macs) = start::prepare(&db, &seal, &random, &RotationPolicy::new(Seconds::days(25)), BEGIN).unwrap();
        let app = Arc::new(App::new(db, ring, macs, seal, Clock::fixed(BEGIN), random, settings).unwrap());
        let (ready, started) = std::sync::mpsc::channel();
        let served = Arc::clone(&app);
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = http::server::build(served, listener).unwrap();
                ready.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let agent =
            ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).allow_non_standard_methods(true).build().into();
        Self { app, issuer, address, server: started.recv().unwrap(), agent, folder, postgres }
    }

    pub fn advance(&self, by: Seconds) {
        self.app.clock.advance(by);
    }

    /// A browser nobody has signed in with yet.
    pub fn browser(&self) -> Person<'_> {
        Person { world: self, login: String::new(), jar: Mutex::default() }
    }

    /// A browser of somebody who has an account.
    pub fn agent(&self, login: &str) -> Person<'_> {
        Person { login: login.to_owned(), ..self.browser() }
    }

    pub fn key(&self, name: &str) -> Application {
        let client_id = client_id(name);
        let found = client_id.clone();
        let registered = self.app.db.read(move |conn| keys::by_client_id(conn, &found)).unwrap().unwrap();
        Application {
            secret: (registered.client.kind == ClientKind::Confidential).then(|| secret(name)),
            redirect_uri: registered.client.redirect_uris[0].as_str().to_owned(),
            id: registered.key.id,
            client_id,
        }
    }

    pub fn w(&self) -> Application {
        self.key("w")
    }

    /// One request, with nothing added.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let url = if path.starts_with("http://") { path.to_owned() } else { format!("{}{path}", self.issuer) };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = sent.unwrap_or_else(|why| panic!("{method} {path}: {why}"));
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        Answer { status: response.status().as_u16(), headers, body: response.body_mut().read_to_string().unwrap_or_default() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], None)
    }

    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.request("POST", path, &[("content-type", "application/x-www-form-urlencoded")], Some(&form(fields)))
    }

    /// A request of an application that proves itself in the body.
    pub fn token(&self, application: &Application, fields: &[(&str, &str)]) -> Answer {
        self.as_client(application, "/openid/token", fields)
    }

    pub fn as_client(&self, application: &Application, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("client_id", application.client_id.as_str())];
        if let Some(secret) = &application.secret {
            all.push(("client_secret", secret));
        }
        all.extend(fields);
        self.post_form(path, &all)
    }

    pub fn exchange(&self, application: &Application, code: &str) -> Answer {
        self.token(
            application,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &application.redirect_uri),
                ("code_verifier", VERIFIER),
            ],
        )
    }

    pub fn refresh(&self, application: &Application, token: &str) -> Answer {
        self.token(application, &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// What a resource server learns of a token.
    pub fn introspect(&self, token: &str) -> Value {
        let answer = self.as_client(&self.key("resource"), "/openid/introspect", &[("token", token)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub fn is_active(&self, token: &str) -> bool {
        self.introspect(token)["active"] == true
    }

    pub fn userinfo(&self, token: &str) -> Answer {
        self.request("GET", "/openid/userinfo", &[("authorization", &format!("Bearer {token}"))], None)
    }

    pub fn my_account(&self, token: &str) -> Answer {
        self.request("GET", "/v1/my/account", &[("authorization", &format!("OAuth {token}"))], None)
    }

    /// The newest audit line of an event; refusals are written a moment after they were answered.
    pub fn audited(&self, event: &str) -> Option<Entry> {
        for _ in 0..3000 {
            let event = event.to_owned();
            if let Some(entry) = self.app.db.read(move |conn| audit::newest(conn, Some(&event), 1)).unwrap().into_iter().next() {
                return Some(entry);
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        None
    }

    /// Asserts that the newest line of an event has this reason.
    pub fn audited_because(&self, event: &str, reason: &str) {
        let mut last = None;
        for _ in 0..3000 {
            last = self.audited(event);
            if last.as_ref().is_some_and(|entry| entry.reason.as_deref() == Some(reason)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the newest {event} is {last:?}, not because of {reason}");
    }

    /// Changes the database behind the server's back, as an administrator's command does.
    pub fn change<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T, latchkey::base::Fault> + Send + 'static) -> T {
        let changed = self.app.db.write(work).unwrap();
        self.app.keys.forget();
        changed
    }

    /// Changes a key's policy.
    pub fn change_policy(&self, application: &Application, change: impl FnOnce(&mut Policy)) {
        let id = application.id;
        let mut policy = self.app.db.read(move |conn| keys::get(conn, id)).unwrap().unwrap().client.policy.clone();
        change(&mut policy);
        self.change(move |conn| keys::set_policy(conn, id, &policy, BEGIN).map(|_| ()));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// The verifier every test uses, and its challenge (RFC 7636 Appendix B).
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A browser, and whoever sits before it.
pub struct Person<'w> {
    world: &'w World,
    pub login: String,
    jar: Mutex<BTreeMap<String, String>>,
}

impl Person<'_> {
    fn send(&self, method: &str, path: &str, extra: &[(&str, &str)], body: Option<&str>) -> Answer {
        let cookies = self.jar.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut headers: Vec<(&str, &str)> = extra.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let answer = self.world.request(method, path, &headers, body);
        let mut jar = self.jar.lock().unwrap();
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(jar);
        answer
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, None)
    }

    /// Posts a form as a page of ours would.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        // A test that presses a button of a page it has looked at sends the token that stands there.
        let known = fields.iter().any(|(name, _)| *name == form_token::NAME);
        let token = if known { None } else { self.form_token(path) };
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain(token.as_deref().map(|token| (form_token::NAME, token))).collect();
        self.post_with(path, &[("origin", &self.world.issuer)], &fields)
    }

    /// What the forms of a page at `path` carry, where somebody is signed in there.
    pub fn form_token(&self, path: &str) -> Option<String> {
        fn made<P: People>(person: &Person<'_>) -> Option<String> {
            let id: i64 = person.cookie(P::COOKIE.name())?.split_once('.')?.0.parse().ok()?;
            Some(form_token::made::<P>(&person.world.app, id.into()).unwrap())
        }
        match path.split('/').nth(1)? {
            "my" => made::<Consumers>(self),
            "developers" | "appstore" => made::<Developers>(self),
            "account" | "mls" | "admin" => made::<Accounts>(self),
            _ => None,
        }
    }

    /// Posts a form with headers of one's own.
    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send("POST", path, &all, Some(&form(fields)))
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn forget_cookies(&self) {
        self.jar.lock().unwrap().clear();
    }

    /// Opens the authorization page of an application; `extra` replaces or adds parameters, an empty value leaves one out.
    pub fn opens(&self, application: &Application, extra: &[(&str, &str)]) -> Answer {
        self.get(&format!("/openid/authorize?{}", form(&request_of(application, extra))))
    }

    /// Fills in the sign-in page.
    pub fn signs_in(&self, page: &Answer, password: &str) -> Answer {
        self.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", &self.login), ("password", password)])
    }

    /// Walks on from an answer until the browser leaves our pages, signing in and allowing where asked.
    pub fn walks(&self, mut answer: Answer) -> Answer {
        for _ in 0..6 {
            if answer.status == 303 && answer.location().starts_with('/') {
                answer = self.get(answer.location());
            } else if answer.body.contains("id=\"sign-in\"") {
                answer = self.signs_in(&answer, PASSWORD);
            } else if answer.body.contains("id=\"consent-allow\"") {
                answer = self.post("/openid/consent", &[("flow", &answer.field("flow")), ("decision", "allow")]);
            } else {
                break;
            }
        }
        answer
    }

    /// Signs in and allows; the answer is the redirect to the application.
    pub fn approves_with(&self, application: &Application, extra: &[(&str, &str)]) -> Answer {
        self.walks(self.opens(application, extra))
    }

    /// Signs in and allows; comes back with a code.
    pub fn approves(&self, application: &Application) -> String {
        let answer = self.approves_with(application, &[]);
        answer.redirected("code").unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// Signs in, allows, and lets the application redeem the code.
    pub fn grants(&self, application: &Application) -> Value {
        let answer = self.world.exchange(application, &self.approves(application));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// The parameters of an ordinary request.
pub fn request_of<'a>(application: &'a Application, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("client_id", application.client_id.as_str()),
        ("redirect_uri", application.redirect_uri.as_str()),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    fields.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    fields.extend(extra.iter().filter(|(_, value)| !value.is_empty()));
    fields
}
