//! A person's browser: headless Chromium, driven over the WebDriver protocol, which is plain JSON over HTTP.
//!
//! Every step waits for what it needs (an element, the next page) and panics with the page's words when it does not come.

use super::leash::{self, Leash};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// The name under which WebDriver passes a reference to an element; the standard fixes it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that stand for no letter, as WebDriver writes them.
pub mod key {
    pub const TAB: &str = "\u{E004}";
    pub const ENTER: &str = "\u{E007}";
    pub const SHIFT: &str = "\u{E008}";
    pub const ESCAPE: &str = "\u{E00C}";
    pub const SPACE: &str = " ";
}

/// One browser with an empty profile; closed when dropped.
pub struct Browser {
    http: ureq::Agent,
    session: String,
    driver: Leash,
}

impl Browser {
    /// A browser as most people have it.
    pub fn open() -> Browser {
        Browser::with(&json!({}))
    }

    /// A browser whose owner has switched JavaScript off.
    pub fn without_javascript() -> Browser {
        Browser::with(&json!({ "profile.managed_default_content_settings.javascript": 2 }))
    }

    fn with(preferences: &Value) -> Browser {
        let chromium = found("chromium", &["chromium-browser", "google-chrome"]);
        let program = found("chromedriver", &[]);
        let driver = Leash::start(Command::new(program).arg("--port=0"), leash::folder("browser"), ":");
        let port: u16 = driver
            .line(PATIENCE, |line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok())
            .unwrap_or_else(|output| panic!("chromedriver does not start:\n{output}"));
        let http = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .proxy(None)
            .build()
            .new_agent();
        let mut browser = Browser { http, session: format!("http://127.0.0.1:{port}/session"), driver };
        let made = browser.post(
            "",
            &json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": chromium,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    // Memory shared through /dev/shm is small in containers, and a page that needs more of it dies.
                    "--disable-dev-shm-usage", "--window-size=1280,900", "--lang=en",
                ],
                "prefs": preferences,
            },
        } } }),
        );
        browser.session = format!("{}/{}", browser.session, made["sessionId"].as_str().expect("a session id"));
        browser
    }

    // Where the browser is.

    pub fn goto(&self, url: impl AsRef<str>) {
        self.post("/url", &json!({ "url": url.as_ref() }));
    }

    pub fn back(&self) {
        self.post("/back", &json!({}));
    }

    pub fn reload(&self) {
        self.post("/refresh", &json!({}));
    }

    pub fn url(&self) -> String {
        text(self.get("/url"))
    }

    pub fn title(&self) -> String {
        text(self.get("/title"))
    }

    pub fn source(&self) -> String {
        text(self.get("/source"))
    }

    /// Waits until the address satisfies `arrived` and the page there is whole, and gives it.
    pub fn wait_for_url(&self, arrived: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let url = self.url();
            if arrived(&url) && self.execute("return document.readyState", &[]) == json!("complete") {
                return url;
            }
            assert!(start.elapsed() < PATIENCE, "still at {url}: {}", self.text("body"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    // What is on the page; elements are named by CSS selectors.

    /// Waits for an element and gives its reference.
    pub fn find(&self, css: &str) -> String {
        let start = Instant::now();
        loop {
            if let Some(element) = self.look(css) {
                return element;
            }
            assert!(start.elapsed() < PATIENCE, "no {css} on {}:\n{}", self.url(), self.source());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether an element is there now.
    pub fn has(&self, css: &str) -> bool {
        self.look(css).is_some()
    }

    /// The words that a person sees in an element; waits for it, also where one page gives way to another meanwhile.
    pub fn text(&self, css: &str) -> String {
        let start = Instant::now();
        loop {
            let found =
                self.execute("const found = document.querySelector(arguments[0]); return found ? found.innerText : null", &[css.into()]);
            if let Some(words) = found.as_str() {
                return words.to_owned();
            }
            assert!(start.elapsed() < PATIENCE, "no {css} on {}:\n{}", self.url(), self.source());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let element = self.find(css);
        self.get(&format!("/element/{element}/attribute/{name}")).as_str().map(str::to_owned)
    }

    /// What stands in a field now.
    pub fn value(&self, css: &str) -> String {
        let element = self.find(css);
        text(self.get(&format!("/element/{element}/property/value")))
    }

    /// The `id` of the element that has the keyboard.
    pub fn focused(&self) -> String {
        // In one step: asked for first and looked at then, it may belong to a page that is gone meanwhile.
        text(self.execute("return document.activeElement ? document.activeElement.id : ''", &[]))
    }

    // What a person does.

    pub fn click(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Clicks something that leads to another page, and waits until that one is there.
    pub fn press_and_go(&self, css: &str) {
        self.execute("document.documentElement.dataset.before = 'yes'", &[]);
        self.click(css);
        let start = Instant::now();
        let there = "return document.readyState === 'complete' && !document.documentElement.dataset.before";
        while self.execute(there, &[]) != json!(true) {
            assert!(start.elapsed() < PATIENCE, "{css} leads nowhere from {}:\n{}", self.url(), self.source());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Empties a field and types into it.
    pub fn fill(&self, css: &str, words: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/clear"), &json!({}));
        self.post(&format!("/element/{element}/value"), &json!({ "text": words }));
    }

    /// Types where the keyboard is: letters, or one of the [`key`]s.
    pub fn press(&self, keys: &str) {
        self.chord(&[], keys);
    }

    /// Types with other keys held down: `chord(&[key::SHIFT], key::TAB)`.
    pub fn chord(&self, held: &[&str], keys: &str) {
        let mut actions: Vec<Value> = held.iter().map(|key| json!({ "type": "keyDown", "value": key })).collect();
        for letter in keys.chars() {
            actions.extend(["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": letter })));
        }
        actions.extend(held.iter().rev().map(|key| json!({ "type": "keyUp", "value": key })));
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }));
    }

    pub fn resize(&self, width: u32, height: u32) {
        // Not the window but the page: a window is never narrower than about 500 pixels.
        self.chrome(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// As for somebody who prefers dark pages (or light ones).
    pub fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        self.chrome("Emulation.setEmulatedMedia", &json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] }));
    }

    // What only a test does.

    /// Runs a function body with `arguments` in the page; works under any content security policy.
    pub fn execute(&self, script: &str, args: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": args }))
    }

    /// The same for a body that calls its last argument when it is done.
    pub fn execute_async(&self, script: &str, args: &[Value]) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": args }))
    }

    /// The cookies that this page's server would be sent, as WebDriver describes them (`name`, `value`, `httpOnly`, …).
    pub fn cookies(&self) -> Vec<Value> {
        self.get("/cookie").as_array().cloned().unwrap_or_default()
    }

    pub fn forget_cookies(&self) {
        self.delete("/cookie");
    }

    /// What the page wrote to the console since the last call; broken content security policies show here.
    pub fn console(&self) -> Vec<String> {
        let lines = self.post("/se/log", &json!({ "type": "browser" }));
        lines.as_array().into_iter().flatten().map(|line| text(line["message"].clone())).collect()
    }

    /// The visible part of the page as a PNG file.
    pub fn screenshot(&self, file: impl AsRef<Path>) {
        let image = text(self.get("/screenshot"));
        let image = data_encoding::BASE64.decode(image.as_bytes()).expect("base64");
        std::fs::write(file, image).expect("the picture is written");
    }

    /// What axe-core finds wrong with the page: WCAG 2.2 A and AA and its own good practice; empty is good.
    pub fn axe(&self) -> Vec<String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/node_modules/axe-core/axe.min.js");
        let axe =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}; run `npm ci` in tests/clients", file.display()));
        self.execute(&axe, &[]);
        let found = self.execute_async(
            "const done = arguments[arguments.length - 1];
             const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
             axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(
                 found => done(found.violations.flatMap(rule => rule.nodes.map(
                     node => `${rule.id} (${rule.impact}): ${rule.help}: ${node.html}: ${node.failureSummary}`))),
                 error => done([`axe-core failed: ${error}`]));",
            &[],
        );
        found.as_array().into_iter().flatten().map(|line| text(line.clone())).collect()
    }

    // The protocol.

    fn look(&self, css: &str) -> Option<String> {
        let found = self.post("/elements", &json!({ "using": "css selector", "value": css }));
        reference(found.get(0)?)
    }

    fn chrome(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn get(&self, path: &str) -> Value {
        self.answer(path, self.http.get(format!("{}{path}", self.session)).call())
    }

    fn delete(&self, path: &str) -> Value {
        self.answer(path, self.http.delete(format!("{}{path}", self.session)).call())
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.session)).content_type("application/json; charset=utf-8");
        self.answer(path, request.send(body.to_string()))
    }

    fn answer(&self, path: &str, response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
        let mut response = response.unwrap_or_else(|error| panic!("chromedriver {path}: {error}\n{}", self.driver.output()));
        // Pictures are larger than the ten megabytes that ureq reads by default only if something is very wrong.
        let body = response.body_mut().read_to_string().expect("chromedriver answers in text");
        let mut body: Value = serde_json::from_str(&body).expect("chromedriver answers in JSON");
        let value = body["value"].take();
        assert!(response.status().is_success(), "chromedriver {path}: {}", value["message"].as_str().unwrap_or_default());
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to, Chromium ends by itself; the leash ends it if this fails.
        let _ = self.http.delete(&self.session).call();
    }
}

fn reference(value: &Value) -> Option<String> {
    value[ELEMENT].as_str().map(str::to_owned)
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn found(name: &str, others: &[&str]) -> std::path::PathBuf {
    std::iter::once(&name)
        .chain(others)
        .find_map(|name| leash::program(name, &[]))
        .unwrap_or_else(|| panic!("no {name}: apt-get install chromium chromium-driver"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    const HEAD: &str = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Sign in</title></head>";

    /// A page server as strict as ours: no script allowed, a `__Host-` cookie set, and a form that says what came.
    fn pages() -> String {
        let socket = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", socket.local_addr().unwrap());
        std::thread::spawn(move || {
            for connection in socket.incoming() {
                let mut connection = connection.unwrap();
                std::thread::spawn(move || {
                    let mut lines = BufReader::new(connection.try_clone().unwrap());
                    let (mut first, mut cookie, mut length) = (String::new(), String::new(), 0);
                    lines.read_line(&mut first).unwrap();
                    loop {
                        let mut line = String::new();
                        lines.read_line(&mut line).unwrap();
                        let Some((name, value)) = line.trim().split_once(": ") else {
                            break;
                        };
                        match name.to_ascii_lowercase().as_str() {
                            "cookie" => value.clone_into(&mut cookie),
                            "content-length" => length = value.parse().unwrap(),
                            _ => {}
                        }
                    }
                    let mut body = vec![0; length];
                    lines.read_exact(&mut body).unwrap();
                    let page = if first.starts_with("POST") {
                        format!(
                            "{HEAD}<body><main><h1>Came</h1><p id=came>{}</p><p id=cookie>{cookie}</p></main></body></html>",
                            String::from_utf8(body).unwrap()
                        )
                    } else {
                        format!(
                            "{HEAD}<body><main><h1>Sign in</h1><form method=post action=/done>
                             <label for=username>Name</label><input id=username name=username autocomplete=username>
                             <button id=sign-in>Sign in</button></form>
                             <p id=script>off</p><noscript><p id=noscript>no script</p></noscript>
                             <script>document.getElementById('script').textContent = 'on'</script></main></body></html>"
                        )
                    };
                    let policy =
                        if first.contains("scripts") { "" } else { "content-security-policy: default-src 'none'; form-action 'self'\r\n" };
                    let length = page.len();
                    let _ = write!(
                        connection,
                        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n{policy}set-cookie: __Host-flow=1; Path=/; Secure; HttpOnly; SameSite=Lax\r\n\r\n{page}"
                    );
                });
            }
        });
        address
    }

    #[test]
    fn a_person_can_use_the_browser() {
        if !super::super::journeys() {
            return;
        }
        let address = pages();
        let browser = Browser::open();
        browser.goto(&address);
        assert_eq!(browser.title(), "Sign in");
        assert_eq!(browser.url(), format!("{address}/"));
        assert!(browser.has("#username") && !browser.has("#password"));
        assert_eq!(browser.text("#script"), "off", "the policy forbids scripts");
        assert!(browser.console().iter().any(|line| line.contains("Content Security Policy")));
        assert_eq!(browser.execute("return arguments[0] + 1", &[json!(1)]), json!(2), "and yet the test may run one");
        assert_eq!(browser.axe(), Vec::<String>::new());
        browser.execute("document.querySelector('label').remove()", &[]);
        assert!(browser.axe().iter().any(|line| line.starts_with("label ")));

        // A secure cookie is kept and sent back over plain HTTP, because loopback cannot be overheard.
        let cookies = browser.cookies();
        assert_eq!((&cookies[0]["name"], &cookies[0]["httpOnly"]), (&json!("__Host-flow"), &json!(true)));
        browser.fill("#username", "ada");
        assert_eq!(browser.value("#username"), "ada");
        browser.click("#sign-in");
        assert_eq!(browser.text("#came"), "username=ada");
        assert_eq!(browser.text("#cookie"), "__Host-flow=1");

        // By keyboard alone.
        browser.goto(&address);
        browser.press(key::TAB);
        assert_eq!(browser.focused(), "username");
        browser.press("béa");
        browser.press(key::TAB);
        assert_eq!(browser.focused(), "sign-in");
        browser.chord(&[key::SHIFT], key::TAB);
        assert_eq!(browser.focused(), "username");
        browser.press(key::ENTER);
        browser.wait_for_url(|url| url.ends_with("/done"));
        assert_eq!(browser.text("#came"), "username=b%C3%A9a");

        browser.resize(320, 640);
        browser.dark(true);
        let seen = browser.execute("return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]", &[]);
        assert_eq!(seen, json!([320, true]));
        let picture = browser.driver.folder().join("page.png");
        browser.screenshot(&picture);
        assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    fn a_browser_can_have_no_javascript() {
        if !super::super::journeys() {
            return;
        }
        let address = pages();
        let with = Browser::open();
        with.goto(format!("{address}/scripts"));
        assert_eq!(with.text("#script"), "on");
        let without = Browser::without_javascript();
        without.goto(format!("{address}/scripts"));
        assert_eq!(without.text("#script"), "off");
        assert_eq!(without.text("#noscript"), "no script");
        without.fill("#username", "ada");
        without.click("#sign-in");
        assert_eq!(without.text("#came"), "username=ada");
    }
}
