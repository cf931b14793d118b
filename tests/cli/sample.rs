//! The demo as programs see it, and its sample application walked by a person without JavaScript.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::Place;
use crate::support::leash::{self, Leash};
use crate::support::postgres::free_port;

struct Running {
    told: Value,
    line: String,
    _leash: Leash,
}

fn start(data: &std::path::Path, listen: u16, sample: u16) -> Running {
    let mut command = Command::new(crate::support::binary());
    command.args(["demo", "--json", "--listen", &format!("127.0.0.1:{listen}"), "--sample-listen", &format!("127.0.0.1:{sample}")]);
    command.arg("--data-dir").arg(data);
    let leash = Leash::start(&mut command, leash::folder("sample"), ":");
    let line = leash
        .line(Duration::from_secs(120), |line| line.starts_with('{').then(|| line.to_owned()))
        .unwrap_or_else(|output| panic!("the demo told nothing:\n{output}"));
    Running { told: serde_json::from_str(&line).unwrap(), line, _leash: leash }
}

/// A browser that knows cookies, redirects and forms.
struct Person {
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
    at: String,
    page: String,
}

impl Person {
    fn new() -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        Self { agent, cookies: BTreeMap::new(), at: String::new(), page: String::new() }
    }

    fn open(&mut self, url: &str) -> u16 {
        self.go(url, None)
    }

    fn go(&mut self, url: &str, form: Option<Vec<(String, String)>>) -> u16 {
        let (mut url, mut form) = (url.to_owned(), form);
        for _ in 0..12 {
            let port = url::Url::parse(&url).unwrap().port().unwrap();
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut answer = match form.take() {
                None => self.agent.get(&url).header("cookie", cookies.join("; ")).call().unwrap(),
                Some(form) => {
                    let origin = format!("http://127.0.0.1:{port}");
                    self.agent.post(&url).header("cookie", cookies.join("; ")).header("origin", origin).send_form(form).unwrap()
                }
            };
            for set in answer.headers().get_all("set-cookie") {
                let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(place) = answer.headers().get("location") {
                url = url::Url::parse(&url).unwrap().join(place.to_str().unwrap()).unwrap().into();
                continue;
            }
            self.at = url;
            self.page = answer.body_mut().read_to_string().unwrap();
            return answer.status().as_u16();
        }
        panic!("redirected without end");
    }

    /// Presses the button of that id, after filling in.
    fn press(&mut self, id: &str, fill: &[(&str, &str)]) -> u16 {
        let mark = format!("id=\"{id}\"");
        let form = self.page.split("<form").find(|form| form.split("</form>").next().unwrap().contains(&mark));
        let form = form.unwrap_or_else(|| panic!("no {id} at {}:\n{}", self.at, self.page)).split("</form>").next().unwrap().to_owned();
        let attribute = |tag: &str, name: &str| {
            let text = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
            Some(text.replace("&#38;", "&").replace("&amp;", "&"))
        };
        let mut fields: Vec<(String, String)> = Vec::new();
        for tag in form.split('<').filter(|tag| tag.starts_with("input") || (tag.starts_with("button") && tag.contains(&mark))) {
            if let Some(name) = attribute(tag, "name") {
                let filled = fill.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned());
                fields.push((name.clone(), filled.or_else(|| attribute(tag, "value")).unwrap_or_default()));
            }
        }
        let action = attribute(form.split('>').next().unwrap(), "action").unwrap_or_else(|| self.at.clone());
        let url = url::Url::parse(&self.at).unwrap().join(&action).unwrap();
        self.go(url.as_str(), Some(fields))
    }

    fn sees(&self, text: &str) {
        assert!(self.page.contains(text), "no {text:?} at {}:\n{}", self.at, self.page);
    }
}

#[test]
fn the_sample_application_signs_a_person_in_refreshes_and_signs_out() {
    let place = Place::new();
    let demo = start(&place.path("data"), free_port(), free_port());
    let (issuer, sample) = (demo.told["issuer"].as_str().unwrap(), demo.told["sample"].as_str().unwrap());
    let mut ada = Person::new();
    assert_eq!(ada.open(sample), 200);
    ada.sees("cv.ada");
    ada.open(&format!("{sample}/sign-in"));
    assert!(ada.at.starts_with(issuer), "{}", ada.at);
    ada.sees("/static/mls-cascade-valley.svg");
    ada.press("sign-in", &[("username", "cv.ada"), ("password", "demo-password")]);
    ada.sees("Harborview Homes");
    ada.press("consent-allow", &[]);
    assert_eq!(ada.at, format!("{sample}/"));
    for seen in ["Hello, Ada Agent", "ada@summit-realty.example", "MemberMlsId", "lka_", "lkr_", "eyJ", "&#34;Success&#34;: true"] {
        ada.sees(seen);
    }
    ada.press("demo-refresh", &[]);
    ada.sees("The tokens were refreshed.");
    // An answer from nowhere is nobody's.
    let mut stranger = Person::new();
    assert_eq!(stranger.open(&format!("{sample}/callback?code=x&state=y")), 400);
    stranger.sees("belongs to no sign-in");
    ada.press("demo-sign-out", &[]);
    assert_eq!(ada.at, format!("{sample}/"));
    ada.sees("demo-sign-in");
    ada.open(&format!("{sample}/sign-in"));
    ada.sees("id=\"password\"");
}

#[test]
fn a_second_demo_knows_the_same_people_and_keys_wherever_it_listens() {
    let place = Place::new();
    let data = place.path("data");
    let first = start(&data, free_port(), free_port());
    let (told, line) = (first.told.clone(), first.line.clone());
    drop(first);
    let again = start(&data, free_port(), free_port());
    assert_ne!(again.line, line);
    for (old, new) in told["keys"].as_array().unwrap().iter().zip(again.told["keys"].as_array().unwrap()) {
        assert_eq!((&old["client_id"], &old["client_secret"]), (&new["client_id"], &new["client_secret"]));
    }
    let sample = again.told["sample"].as_str().unwrap();
    let homes = again.told["keys"].as_array().unwrap().iter().find(|key| key["name"] == "Harborview Homes").unwrap();
    assert_eq!(homes["redirect_uri"], format!("{sample}/callback"));
    let types: Vec<&str> = again.told["accounts"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    for kind in ["Member", "Office", "Company", "Mls"] {
        assert!(types.contains(&kind));
    }
    for file in ["demo.json", "master-secret", "latchkey.db"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(data.join(file)).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn sandbox_tokens_of_every_role_open_sample_data_and_letters_are_shown_to_our_own_name_alone() {
    let place = Place::new();
    let data = place.path("data");
    let demo = start(&data, free_port(), free_port());
    let issuer = demo.told["issuer"].as_str().unwrap().to_owned();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let get = |path: &str, token: &str| {
        let mut answer = agent.get(format!("{issuer}{path}")).header("authorization", format!("Bearer {token}")).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    let count = |token: &Value| {
        let (status, body) = get("/Reso/OData/Property?$count=true", token.as_str().unwrap());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["@odata.count"].as_u64().unwrap()
    };
    let tokens = demo.told["sandbox_tokens"].as_object().unwrap();
    assert_eq!(demo.told["sandbox_token"], tokens["private"]);
    let counts: Vec<u64> = ["idx", "public", "vow", "portal", "private"].iter().map(|role| count(&tokens[*role])).collect();
    assert!(counts.is_sorted_by(|a, b| a < b), "{counts:?}");
    assert_eq!(get("/v1/listings", tokens["vow"].as_str().unwrap()).0, 200);

    // Somebody registers; the letter is there, and its link leads to a page of ours.
    let mut nora = Person::new();
    nora.open(&format!("{issuer}/register/developers"));
    let typed = [
        ("first_name", "Nora"),
        ("last_name", "New"),
        ("company", "New Ltd."),
        ("email", "nora@new.example"),
        ("website", "https://new.example/"),
        ("phone", "+1 509 555 0150"),
        ("building", "A site."),
        ("password", "correct horse battery"),
        ("password_again", "correct horse battery"),
        ("accept", "1"),
    ];
    let mut all: Vec<(String, String)> = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if let Some(flow) = nora.page.split("name=\"flow\" value=\"").nth(1) {
        all.push(("flow".to_owned(), flow.split('"').next().unwrap().to_owned()));
    }
    nora.go(&format!("{issuer}/register/developers"), Some(all));
    let mailbox = demo.told["mailbox"].as_str().unwrap();
    for _ in 0..400 {
        nora.open(mailbox);
        if nora.page.contains("nora@new.example") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    nora.sees("nora@new.example");
    nora.open(&format!("{mailbox}/1"));
    let link = nora
        .page
        .split("id=\"open-link\" href=\"")
        .nth(1)
        .unwrap_or_else(|| panic!("no link:\n{}", nora.page))
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(nora.open(&format!("{mailbox}/1/html")), 200);
    assert_eq!(nora.open(&link), 200);
    assert!(nora.at.starts_with(&format!("{issuer}/register/developers/verify/letter/")), "{}", nora.at);
    let rebound = agent.get(mailbox).header("host", "evil.example").call().unwrap();
    assert_eq!(rebound.status().as_u16(), 404, "under another name there is nothing");

    // The next demo knows the same tokens.
    let (token, line) = (tokens["idx"].clone(), demo.line.clone());
    drop(demo);
    let again = start(&data, free_port(), free_port());
    assert_ne!(again.line, line);
    assert_eq!(again.told["sandbox_tokens"]["idx"], token);
}
