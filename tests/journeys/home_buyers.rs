//! Home buyers in a real browser, with the sample site for them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::demo::{Demo, demo};
use crate::support::journeys;

fn site(demo: &Demo) -> &str {
    demo.told["portal_sample"].as_str().expect("a site for home buyers")
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent()
}

/// Where the link of the newest letter to an address leads.
fn link_to(demo: &Demo, address: &str) -> String {
    for _ in 0..200 {
        let text = agent().get(format!("{}/demo/mailbox.json", demo.issuer)).call().unwrap().body_mut().read_to_string().unwrap();
        let letters: Value = serde_json::from_str(&text).unwrap();
        let found =
            letters.as_array().unwrap().iter().find(|letter| letter["to"] == address && letter["text"].as_str().unwrap().contains("/lkl_"));
        if let Some(letter) = found {
            let lines = letter["text"].as_str().unwrap().lines().map(str::trim).find(|line| line.contains("/lkl_"));
            return lines.unwrap().to_owned();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no e-mail to {address}");
}

fn signs_in(browser: &Browser, login: &str, password: &str) {
    browser.fill("#username", login);
    browser.fill("#password", password);
    browser.press_and_go("#sign-in");
}

/// A token of an agent, by the platform's own application: nobody is asked for consent.
fn token_of(demo: &Demo, login: &str) -> String {
    let keys = demo.told["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["name"] == "Valley Dashboard").unwrap();
    let (id, secret, uri) =
        (key["client_id"].as_str().unwrap(), key["client_secret"].as_str().unwrap(), key["redirect_uri"].as_str().unwrap());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", id), ("redirect_uri", uri), ("response_type", "code"), ("state", "x")])
        .finish();
    let browser = Browser::open();
    browser.goto(format!("{}/oauth2?{query}", demo.issuer));
    signs_in(&browser, login, demo.password(login));
    let back = browser.wait_for_url(|url| url.contains("code="));
    let code = url::Url::parse(&back).unwrap().query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [("client_id", id), ("client_secret", secret), ("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", uri)];
    let text = agent().post(format!("{}/openid/token", demo.issuer)).send_form(form).unwrap().body_mut().read_to_string().unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["access_token"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn somebody_signs_up_proves_the_address_by_the_letter_and_sees_what_may_be_seen_and_no_more() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    browser.goto(site(demo));
    browser.press_and_go("#porch-sign-up");
    browser.wait_for_url(|url| url.starts_with(&demo.issuer));
    assert!(browser.text("main").contains("Ada Agent"), "{}", browser.source());
    assert!(browser.text(".masthead").contains("Ada's Homes"));
    for (field, words) in [("given_name", "Nell"), ("family_name", "New"), ("email", "nell@home.example"), ("phone", "509-555-0180")] {
        browser.fill(&format!("#{field}"), words);
    }
    browser.fill("#password", "a few words in a row");
    browser.fill("#password_again", "a few words");
    browser.press_and_go("#sign-up");
    // What is wrong stands beside its field, and nothing typed is lost but the password.
    assert!(browser.text("#password_again-problem").contains("not the same"));
    assert_eq!(browser.value("#email"), "nell@home.example");
    browser.fill("#password", "a few words in a row");
    browser.fill("#password_again", "a few words in a row");
    browser.press_and_go("#sign-up");
    assert!(browser.text("#sent").contains("We e-mailed"), "{}", browser.source());

    browser.goto(link_to(demo, "nell@home.example"));
    assert!(!browser.url().contains("lkl_"), "{}", browser.url());
    browser.fill("#password", "a few words in a row");
    browser.press_and_go("#verify");
    assert!(browser.text("main").contains("act for you with Ada Agent"), "{}", browser.source());
    browser.click("#consent-allow");
    browser.wait_for_url(|url| url.starts_with(site(demo)));
    assert!(browser.text("h1").contains("Nell New"), "{}", browser.source());
    assert_eq!(browser.text("#porch-agent"), "Ada Agent");
    assert!(browser.text("#contact").contains("nell@home.example"));
    let tries = browser.text("#tries");
    for said in ["/v1/my/contact", "allowed: 200", "/v1/developers/roles", "refused: 403 / 1500"] {
        assert!(tries.contains(said), "{said}: {tries}");
    }
    // Favourites are the data service's, which asks the gateway.
    browser.press_and_go("#favourite-1");
    assert!(browser.text("#favourite-1").contains('★'), "{}", browser.source());
    browser.press_and_go("#porch-refresh");
    assert!(browser.text("#favourite-1").contains('★'));

    // On the own page the site is disconnected, and knows nobody any more.
    browser.goto(format!("{}/my/sessions", demo.issuer));
    assert!(browser.text("#sites-table").contains("Front Porch Listings"));
    browser.press_and_go("#sites-table button");
    assert!(browser.text("main").contains("Disconnected"));
    browser.goto(site(demo));
    assert!(browser.text("#error-description").contains("1020"), "{}", browser.source());
}

#[test]
fn somebody_with_two_agents_chooses_one_and_is_turned_away_at_once_when_that_agent_says_so() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    browser.goto(site(demo));
    browser.click("#porch-choose");
    signs_in(&browser, "tom@home.example", demo.password("tom@home.example"));
    browser.find("#choose-form");
    assert!(browser.text("main").contains("Ada Agent") && browser.text("main").contains("Ben Broker"), "{}", browser.source());
    browser.press_and_go(".agents li:nth-child(2) button");
    assert!(browser.text("h1").contains("Ben Broker"), "{}", browser.source());
    browser.click("#consent-allow");
    browser.wait_for_url(|url| url.starts_with(site(demo)));
    assert_eq!(browser.text("#porch-agent"), "Ben Broker");

    let ben = token_of(demo, "cv.ben");
    let api = |method: &str, path: &str, body: Option<Value>| {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", demo.issuer))
            .header("authorization", format!("Bearer {ben}"))
            .header("content-type", "application/json");
        let text = body.map(|inner| json!({ "D": inner }).to_string()).unwrap_or_default();
        let answer = if text.is_empty() { agent().run(request.body(()).unwrap()) } else { agent().run(request.body(text).unwrap()) };
        let text = answer.unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["D"]["Results"][0].clone()
    };
    let contact = api("GET", "/v1/contacts?_filter=PrimaryEmail%20Eq%20%27tom%40home.example%27", None);
    let path = contact["ResourceUri"].as_str().unwrap_or_else(|| panic!("{contact}")).to_owned();
    assert_eq!(api("PUT", &path, Some(json!({ "VowEnabled": false })))["VowEnabled"], false);
    browser.goto(site(demo));
    assert!(browser.text("#error-description").contains("1015"), "{}", browser.source());
    // With the other agent everything is as before.
    browser.goto(format!("{}/enter/choose", site(demo)));
    assert!(browser.text("main").contains("Ada Agent"), "{}", browser.source());
    assert_eq!(api("PUT", &path, Some(json!({ "VowEnabled": true })))["VowEnabled"], true);
}

#[test]
fn home_buyers_need_no_javascript() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::without_javascript());
    browser.goto(site(demo));
    browser.click("#porch-sign-in");
    signs_in(&browser, "cara@home.example", "not it");
    browser.find("[role=alert]");
    assert_eq!(browser.value("#username"), "cara@home.example");
    signs_in(&browser, "cara@home.example", demo.password("cara@home.example"));
    browser.find("#consent-deny, #porch-agent");
    if browser.has("#consent-deny") {
        browser.click("#consent-deny");
        browser.wait_for_url(|url| url.starts_with(site(demo)));
        assert_eq!(browser.text("#error"), "access_denied");
    }
}

#[test]
fn axe_finds_nothing_on_the_pages_of_a_portal_at_any_width_in_light_and_dark() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    let look = |what: &str| {
        for (width, dark) in [(1280, false), (1280, true), (320, false), (320, true)] {
            browser.resize(width, 900);
            browser.dark(dark);
            // Colours fade into one another; what is judged is what stays.
            std::thread::sleep(Duration::from_millis(400));
            assert_eq!(browser.axe(), Vec::<String>::new(), "{what} at {width}, dark: {dark}");
            let wide = browser.execute("return document.documentElement.scrollWidth", &[]);
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{what} is {wide} wide at {width}");
        }
    };
    browser.goto(site(demo));
    look("the site");
    browser.press_and_go("#porch-sign-up");
    look("sign-up");
    browser.press_and_go("#sign-up");
    look("sign-up refused");
    browser.goto(format!("{}/enter/choose", site(demo)));
    look("sign-in");
    signs_in(&browser, "tom@home.example", demo.password("tom@home.example"));
    browser.find("#choose-form");
    look("choose");
    browser.press_and_go(".agents li:nth-child(1) button");
    if browser.has("#consent-allow") {
        look("consent");
        browser.click("#consent-allow");
    }
    browser.wait_for_url(|url| url.starts_with(site(demo)));
    look("inside the site");
    for (what, path) in
        [("own page", "/my/sessions"), ("forgotten", "/my/forgot"), ("own sign-in", "/my/sign-in"), ("no portal", "/auth/vow/x")]
    {
        browser.goto(format!("{}{path}", demo.issuer));
        look(what);
    }
    let blocked: Vec<String> = browser.console().into_iter().filter(|line| line.contains("Content Security Policy")).collect();
    assert_eq!(blocked, Vec::<String>::new());
}
