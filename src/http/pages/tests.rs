//! What every page of the sign-in walk keeps to.

mod console;
mod portal;
mod samples;

pub(in crate::http) use samples::every_page;
use samples::{callback, consent, sign_in};

use super::brand::is_web_link;
use super::*;
use askama::Template as _;

const EVIL: &str = "\"><script>alert(1)</script>'&";

fn page(name: &str) -> String {
    every_page().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// The opening tag of the element with this id, without its brackets.
fn tag<'a>(page: &'a str, id: &str) -> &'a str {
    let mut tags = page.split('<').filter_map(|rest| rest.split('>').next());
    tags.find(|tag| tag.contains(&format!(" id=\"{id}\""))).unwrap_or_else(|| panic!("no element {id}"))
}

#[test]
fn a_name_with_markup_stays_text() {
    let mut consent = consent();
    consent.client.name = EVIL.to_owned();
    consent.person.name = EVIL.to_owned();
    consent.permissions = vec![EVIL.to_owned()];
    let mut sign_in = sign_in();
    sign_in.client = Some(SignInClient { name: EVIL.to_owned(), site: Some(EVIL.to_owned()) });
    sign_in.login = EVIL.to_owned();
    sign_in.brand.mls_name = EVIL.to_owned();
    let refused = callback(CallbackAnswer::Refused { error: EVIL.to_owned(), description: Some(EVIL.to_owned()), state: None });
    for page in [consent.render().unwrap(), sign_in.render().unwrap(), refused.render().unwrap()] {
        assert!(!page.contains("<script"));
        assert!(page.contains("&#60;script&#62;"));
    }
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong() {
    let page = page("console");
    assert!(tag(&page, "name").contains("value=\"Harborview &#60;b&#62;\""));
    assert!(page.contains("https://a.example/cb\nhttp://b.example</textarea>"));
    assert!(
        tag(&page, "uris").contains("aria-invalid=\"true\"") && tag(&page, "uris").contains("aria-describedby=\"uris-hint uris-problem\"")
    );
    assert!(page.contains("<a href=\"#uris\">Redirect URIs: http://b.example: use https.</a>"));
    assert!(tag(&page, "kind-public").contains(" checked") && !tag(&page, "kind-confidential").contains(" checked"));
    assert!(tag(&page, "role_vow").contains(" checked") && !tag(&page, "role_idx").contains(" checked"));
    assert!(page.contains("<title>Problem: "));
}

#[test]
fn an_answer_with_quotes_cannot_leave_its_field() {
    let page = page("form-post");
    assert_eq!(page.matches("</form>").count(), 1);
    assert!(page.contains(r#"name="state" value="&#34;&#62;&#60;/form&#62;""#));
}

#[test]
fn allowing_and_denying_look_alike() {
    let page = page("consent");
    let class = |id| tag(&page, id).split("class=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(class("consent-allow"), class("consent-deny"));
    assert!(tag(&page, "consent-allow").contains(r#"name="decision" value="allow""#));
    assert!(tag(&page, "consent-deny").contains(r#"name="decision" value="deny""#));
}

#[test]
fn no_page_has_inline_style_or_script_or_anything_from_elsewhere() {
    for (name, page) in every_page() {
        assert!(!page.contains("style="), "{name}");
        assert!(!page.contains("<style"), "{name}");
        assert!(page.matches("<script").count() == page.matches("<script src=\"/static/").count(), "{name}");
        assert!(page.matches(" src=\"").count() == page.matches(" src=\"/static/").count(), "{name}");
        assert!(!page.contains(" onclick=") && !page.contains(" onload=") && !page.contains(" onsubmit="), "{name}");
        assert!(!page.contains("href=\"javascript:"), "{name}");
    }
}

#[test]
fn only_the_form_post_page_has_a_script() {
    for (name, page) in every_page() {
        assert_eq!(page.contains("<script"), name == "form-post", "{name}");
    }
}

#[test]
fn every_page_has_its_language_one_heading_and_one_main_part() {
    for (name, page) in every_page() {
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\""), "{name}");
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(page.matches("<main").count(), 1, "{name}");
        assert!(!page.contains("<title> –"), "{name}");
    }
}

#[test]
fn an_id_stands_once_on_a_page() {
    for (name, page) in every_page() {
        let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}");
    }
}

#[test]
fn the_promised_ids_are_there() {
    for (name, ids) in [
        ("sign-in", &["username", "password", "sign-in", "cancel"] as &[_]),
        ("sign-in-current", &["continue-as", "username"]),
        ("sign-in-wrong", &["problem"]),
        ("consent", &["not-you", "consent-allow", "consent-deny", "redirect-host", "lifetime"]),
        ("consent-more", &["already"]),
        ("error", &["error-code", "error-id"]),
        ("signed-out", &["signed-out"]),
        ("sign-out", &["sign-out"]),
        ("callback", &["code", "state"]),
        ("callback-refused", &["error", "error-description"]),
        ("form-post", &["continue"]),
        ("home", &["issuer", "discovery", "health"]),
        ("home-signed-in", &["sign-out"]),
    ] {
        let page = page(name);
        for id in ids {
            tag(&page, id);
        }
    }
}

#[test]
fn every_form_of_the_sign_in_walk_carries_the_request_on() {
    for name in ["sign-in", "sign-in-current", "consent"] {
        let page = page(name);
        assert_eq!(page.matches("<form").count(), page.matches(r#"name="flow" value="sealed""#).count(), "{name}");
    }
}

#[test]
fn pressing_enter_in_a_field_signs_in_and_does_nothing_else() {
    let page = page("sign-in-current");
    let form = page.split("<form").find(|form| form.contains("id=\"password\"")).unwrap();
    assert_eq!(form.split("</form>").next().unwrap().matches("<button").count(), 1);
}

#[test]
fn a_wrong_login_marks_both_fields_and_starts_at_the_password() {
    let page = page("sign-in-wrong");
    for id in ["username", "password"] {
        assert!(tag(&page, id).contains("aria-invalid=\"true\""));
        assert!(tag(&page, id).contains("aria-describedby=\"problem\""));
    }
    assert!(tag(&page, "problem").contains("role=\"alert\""));
    assert!(tag(&page, "username").contains("value=\"ada\""));
    assert!(tag(&page, "password").contains(" autofocus"));
    assert!(!tag(&page, "username").contains(" autofocus"));
    assert!(page.contains("<title>Problem: Sign in"));
}

#[test]
fn waiting_is_told_in_minutes_and_blames_no_field() {
    let page = page("sign-in-throttled");
    assert!(page.contains("Try again in 5 minutes."));
    assert!(!page.contains("aria-invalid"));
}

#[test]
fn a_fresh_page_starts_at_the_login_name_unless_one_click_would_do() {
    assert!(tag(&page("sign-in"), "username").contains(" autofocus"));
    assert!(!page("sign-in-current").contains(" autofocus"));
}

#[test]
fn without_a_client_there_is_nowhere_to_go_back_to() {
    assert!(!page("sign-in-plain").contains("id=\"cancel\""));
}

#[test]
fn what_an_unverified_application_says_of_itself_is_only_a_claim() {
    let page = page("consent-more");
    assert!(page.contains("Not verified"));
    assert!(page.contains("Says it is run by"));
    assert!(!page.contains("id=\"client-verified\""));
}

#[test]
fn only_a_web_address_becomes_a_link() {
    assert!(page("consent").contains("href=\"https://broker.example/about\""));
    assert!(!page("consent-long").contains("href=\"javascript"));
    assert!(is_web_link("HTTPS://broker.example/"));
    assert!(!is_web_link("javascript://broker.example/%0aalert(1)"));
    assert!(!is_web_link(" https://broker.example/"));
}

#[test]
fn an_unknown_accent_is_no_way_into_the_page() {
    let brand = Brand { accent: Some("x\" onload=".to_owned()), ..Brand::named("ab") };
    assert_eq!(brand.accent_class(), "accent-teal");
    assert_eq!(brand.initial(), "A");
}

#[test]
fn help_links_when_it_can_be_followed() {
    let support = |text: &str| Brand { support: Some(text.to_owned()), ..Brand::default() }.support_link();
    assert_eq!(support("help@mls.example").as_deref(), Some("mailto:help@mls.example"));
    assert_eq!(support("https://mls.example/help").as_deref(), Some("https://mls.example/help"));
    assert_eq!(support("Call 555-0142 or write to help@mls.example"), None);
}

#[test]
fn pages_name_the_stylesheet_by_its_content() {
    assert_eq!(asset_version().len(), 12);
    for (name, page) in every_page() {
        assert!(page.contains(&format!("/static/latchkey.css?v={}", asset_version())), "{name}");
    }
}

#[test]
fn every_accent_has_its_place_in_the_stylesheet() {
    let css = include_str!("../../../static/latchkey.css");
    for accent in ACCENTS.iter().skip(1) {
        assert_eq!(css.matches(&format!(".{accent} ")).count(), 2, "{accent} needs a light and a dark value");
    }
}

#[test]
fn everything_a_page_names_under_static_is_there() {
    for (page_name, page) in every_page() {
        for path in page.split("\"/static/").skip(1).filter_map(|rest| rest.split(['"', '?']).next()) {
            assert!(ASSETS.iter().any(|(name, _, _)| *name == path), "{page_name}: {path}");
        }
    }
}

// Looking is the only test of looks: LATCHKEY_PAGES=folder writes every page there, beside the files it names.
#[test]
fn every_page_can_be_written_out_to_be_looked_at() {
    let Some(folder) = std::env::var_os("LATCHKEY_PAGES").map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(folder.join("static")).unwrap();
    for (name, _, bytes) in ASSETS {
        std::fs::write(folder.join("static").join(name), bytes).unwrap();
    }
    for (name, page) in every_page().into_iter().chain(crate::http::pages_demo::tests::every_page()) {
        std::fs::write(folder.join(name).with_extension("html"), page).unwrap();
    }
}
