//! A developer at the portal, in a real browser: from the wizard to a sign-in address, and a secret replaced without a gap.

use crate::support::browser::Browser;
use crate::support::demo::{Demo, demo};
use crate::support::journeys;

fn enters(browser: &Browser, demo: &Demo) {
    let dora = &demo.told["developers"][0];
    browser.goto(format!("{}/developers", demo.issuer));
    browser.fill("#email", dora["email"].as_str().unwrap());
    browser.fill("#password", dora["password"].as_str().unwrap());
    browser.press_and_go("#sign-in");
    browser.wait_for_url(|url| url.ends_with("/developers"));
}

/// Nothing that axe-core finds, and nothing to be scrolled sideways at the width of a small phone.
fn is_well(browser: &Browser, what: &str) {
    assert_eq!(browser.axe(), Vec::<String>::new(), "{what}");
    browser.resize(320, 700);
    let wide = browser.execute("return document.documentElement.scrollWidth > document.documentElement.clientWidth", &[]);
    assert_eq!(wide, false, "{what}");
    browser.resize(1280, 900);
    // Looking is the only test of looks.
    if let Some(folder) = std::env::var_os("LATCHKEY_TEST_PICTURES").map(std::path::PathBuf::from) {
        for (dark, ending) in [(true, "-dark"), (false, "")] {
            browser.dark(dark);
            std::thread::sleep(std::time::Duration::from_millis(250));
            browser.screenshot(folder.join(format!("portal-{what}{ending}.png")));
        }
    }
}

/// Whether the token endpoint takes that secret: it goes on to look at the code.
fn takes(demo: &Demo, client_id: &str, secret: &str) -> bool {
    let form = [("grant_type", "authorization_code"), ("code", "lkc_nothing"), ("client_id", client_id), ("client_secret", secret)];
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let answer = agent.post(format!("{}/openid/token", demo.issuer)).send_form(form).unwrap();
    assert!(matches!(answer.status().as_u16(), 400 | 401), "{answer:?}");
    answer.status().as_u16() == 400
}

#[test]
fn a_developer_makes_a_key_tries_it_and_replaces_its_secret_with_both_accepted_in_the_overlap() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    enters(&browser, demo);
    browser.press_and_go("#nav-keys");
    is_well(&browser, "keys");
    browser.press_and_go("#new-key");
    is_well(&browser, "wizard");
    browser.click("#kind-agents");
    browser.press_and_go("#go-on");
    is_well(&browser, "application");
    browser.fill("#name", "Harbor Tours");
    browser.fill("#application_uri", "https://tours.example/");
    browser.fill("#redirect_uris", "http://tours.example/callback");
    browser.press_and_go("#make");
    assert!(browser.text("#redirect_uris-problem").contains("must begin with https"));
    assert_eq!(browser.value("#name"), "Harbor Tours");
    is_well(&browser, "refused");
    browser.fill("#redirect_uris", "https://tours.example/callback");
    browser.press_and_go("#make");
    let (client_id, first) = (browser.text("#client-id"), browser.text("#secret"));
    is_well(&browser, "made");
    assert!(takes(demo, &client_id, &first));

    browser.press_and_go("#to-trial");
    browser.press_and_go("#build");
    assert!(browser.text("#authorize-url").contains(&client_id));
    is_well(&browser, "try it");
    browser.goto(format!("{}/developers/keys", demo.issuer));
    // The newest stands first.
    browser.press_and_go("#keys tbody tr:first-child a");
    is_well(&browser, "key");
    browser.fill("#secret_name", "spring");
    browser.press_and_go("#new-secret");
    let second = browser.text("#secret");
    is_well(&browser, "secret");
    assert!(first != second && takes(demo, &client_id, &first) && takes(demo, &client_id, &second));

    browser.press_and_go("#to-key");
    // The older one is switched off first, then it can be deleted.
    browser.press_and_go("#secrets tbody tr:first-child button");
    assert!(browser.text("#said").contains("Switched off"));
    assert!(!takes(demo, &client_id, &first) && takes(demo, &client_id, &second));
    browser.press_and_go("#secrets tbody tr:first-child button");
    assert!(browser.text("#said").contains("Deleted"));

    browser.press_and_go("#to-requests");
    assert!(browser.text("#refusals").contains("secret"), "{}", browser.text("#refusals"));
    is_well(&browser, "request log");
    for page in ["tokens", "security"] {
        browser.press_and_go(&format!("#nav-{page}"));
        is_well(&browser, page);
    }
    browser.goto(format!("{}/reference", demo.issuer));
    is_well(&browser, "reference");
}
