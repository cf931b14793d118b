//! A person in a real browser, with the sample application.

use std::time::Duration;

use crate::support::browser::Browser;
use crate::support::demo::{Demo, demo};
use crate::support::journeys;

fn opens_the_sample(browser: &Browser, demo: &Demo) {
    browser.goto(demo.sample());
    browser.click("#demo-sign-in");
    browser.wait_for_url(|url| url.starts_with(&demo.issuer));
}

fn signs_in(browser: &Browser, demo: &Demo, login: &str) {
    browser.fill("#username", login);
    browser.fill("#password", demo.password(login));
    browser.press_and_go("#sign-in");
}

fn back_at_the_sample(browser: &Browser, demo: &Demo) {
    browser.wait_for_url(|url| url.starts_with(demo.sample()));
}

#[test]
fn somebody_signs_in_allows_and_sees_claims_tokens_and_account_and_is_not_asked_again() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    opens_the_sample(&browser, demo);
    signs_in(&browser, demo, "cv.ada");
    assert!(browser.text("main").contains("Harborview"), "{}", browser.source());
    browser.click("#consent-allow");
    back_at_the_sample(&browser, demo);
    assert!(browser.text("main").contains("Ada"), "{}", browser.text("main"));
    assert!(browser.text("#claims").contains("sub"));
    assert!(browser.text("#account").contains("\"UserType\": \"Member\""), "{}", browser.text("#account"));
    assert!(!browser.text("#tokens").is_empty());

    // Signed in at the server still, and allowed before: the second time shows no page at all.
    browser.goto(demo.sample());
    browser.goto(format!("{}/sign-in", demo.sample()));
    back_at_the_sample(&browser, demo);
    assert!(browser.text("main").contains("Ada"), "{}", browser.text("main"));
    assert!(browser.text("#claims").contains("sub"));
}

#[test]
fn somebody_denies_and_the_application_is_told() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    opens_the_sample(&browser, demo);
    signs_in(&browser, demo, "cv.ben");
    browser.click("#consent-deny");
    back_at_the_sample(&browser, demo);
    assert_eq!(browser.text("#error"), "access_denied");
}

#[test]
fn a_wrong_password_is_told_in_place_and_nothing_typed_is_lost_but_the_password() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    opens_the_sample(&browser, demo);
    browser.fill("#username", "cv.ben");
    browser.fill("#password", "not it");
    browser.press_and_go("#sign-in");
    browser.find("[role=alert]");
    assert_eq!(browser.value("#username"), "cv.ben");
    assert_eq!(browser.value("#password"), "");
    assert_eq!(browser.axe(), Vec::<String>::new());
}

#[test]
fn the_keyboard_alone_is_enough() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::open());
    opens_the_sample(&browser, demo);
    // The browser moves the focus with its first frame, which may come after the page.
    for _ in 0..1000 {
        if browser.focused() == "username" {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(browser.focused(), "username");
    browser.press("hc.mia\u{e004}");
    for _ in 0..4 {
        if browser.focused() == "password" {
            break;
        }
        browser.press("\u{e004}");
    }
    assert_eq!(browser.focused(), "password");
    browser.press(demo.password("hc.mia"));
    browser.press("\u{e007}");
    browser.find("#consent-allow");
    for _ in 0..20 {
        if browser.focused() == "consent-allow" {
            break;
        }
        browser.press("\u{e004}");
    }
    assert_eq!(browser.focused(), "consent-allow", "{}", browser.source());
    browser.press("\u{e007}");
    back_at_the_sample(&browser, demo);
    assert!(browser.text("main").contains("Mia"), "{}", browser.text("main"));
}

#[test]
fn all_of_it_works_without_javascript() {
    if !journeys() {
        return;
    }
    let (demo, browser) = (demo(), Browser::without_javascript());
    browser.goto(demo.sample());
    browser.click("#demo-sign-in");
    signs_in(&browser, demo, "cv.summit");
    browser.click("#consent-allow");
    assert!(browser.text("#claims").contains("sub"), "{}", browser.source());
}

#[test]
fn axe_finds_nothing_on_any_page_at_any_width_in_light_and_dark() {
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
    browser.goto(&demo.issuer);
    look("home");
    browser.goto(format!("{}/openid/authorize?client_id=nobody", demo.issuer));
    look("error");
    browser.goto(format!("{}/oauth2/callback?code=lkc_example&state=x", demo.issuer));
    look("callback");
    browser.goto(format!("{}/openid/logout", demo.issuer));
    look("signed out");
    opens_the_sample(&browser, demo);
    look("sign-in");
    signs_in(&browser, demo, "cv.summitgroup");
    browser.find("#consent-allow");
    look("consent");
    let blocked: Vec<String> = browser.console().into_iter().filter(|line| line.contains("Content Security Policy")).collect();
    assert_eq!(blocked, Vec::<String>::new());
}
