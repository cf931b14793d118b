//! Browser sessions, cookies, forged forms, framing, signing out (CS).

use std::thread;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use latchkey::base::{Digest, Seconds};
use latchkey::flows::record;
use latchkey::store::{accounts, audit};
use serde_json::Value;

use super::login::{page_and_try, session_of};
use crate::support::world::{Answer, Application, BEGIN, PASSWORD, Person, World, form, request_of};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table that a refusal must leave alone: all but audit and limiter counters.
pub fn settled(world: &World) -> Vec<String> {
    world
        .app
        .db
        .read(|conn| {
            let mut rows = Vec::new();
            for (table, columns) in [
                ("sessions", "id digest account_id auth_time seen_at ends_at ended_at"),
                ("grants", "id key_id account_id state scope generation ends_at some_revoked"),
                ("consents", "account_id key_id scope terms granted_at"),
                ("accounts", "id login_key active password_hash tokens_valid_after profile"),
                ("keys", "id key redirect_uris roles enabled policy tokens_valid_after"),
                ("key_secrets", "id key_id digest expires_at"),
                ("revoked_tokens", "nonce"),
                ("signing_keys", "kid active_from signs_until withdrawn_at"),
                ("outbox", "id recipient state"),
            ] {
                let columns: Vec<String> = columns.split(' ').map(|name| format!("COALESCE(CAST({name} AS TEXT), '')")).collect();
                let sql = format!("SELECT '{table}|' || {} AS line FROM {table} ORDER BY 1", columns.join(" || '|' || "));
                rows.extend(conn.all::<Line>(diesel::sql_query(sql))?.into_iter().map(|row| row.line));
            }
            Ok(rows)
        })
        .unwrap()
}

const SESSION: &str = "__Host-latchkey_session";
const BROWSER: &str = "__Host-latchkey_browser";
const DEVICE: &str = "__Host-latchkey_device";

/// Asserts a refused form: a page that went nowhere, 403, and a line in the audit.
fn is_forged(world: &World, what: &str, answer: &Answer, reason: &str) {
    assert_eq!(answer.status, 403, "{what}: {answer:?}");
    answer.is_page(403);
    assert!(answer.header("set-cookie").is_none(), "{what}: {answer:?}");
    world.audited_because("csrf.rejected", reason);
}

/// Where a form may come from, according to a hostile or very old browser.
fn foreign_origins(world: &World) -> Vec<Vec<(&'static str, String)>> {
    let ours = world.issuer.clone();
    let one = |name, value: &str| (name, value.to_owned());
    vec![
        vec![],
        vec![one("origin", "https://evil.example")],
        vec![one("origin", "null")],
        vec![one("origin", "")],
        vec![one("origin", &format!("{ours}/"))],
        vec![one("origin", &ours.to_uppercase())],
        vec![one("origin", &format!("{ours}.evil.example"))],
        vec![one("origin", &format!("{ours}1"))],
        vec![one("referer", &format!("{ours}/openid/authorize"))],
        vec![one("origin", &ours), one("sec-fetch-site", "cross-site")],
        vec![one("origin", &ours), one("sec-fetch-site", "same-site")],
        vec![one("origin", &ours), one("sec-fetch-site", "none")],
        vec![one("origin", &ours), one("sec-fetch-site", "")],
        vec![one("origin", "https://evil.example"), one("sec-fetch-site", "same-origin")],
    ]
}

fn borrowed<'a>(headers: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[test]
fn cs_01_a_sign_in_form_counts_only_from_our_own_page_in_the_browser_that_has_it() {
    let world = World::new();
    let (w, victim, attacker) = (world.w(), world.browser(), world.agent("cv.ben"));
    let foreign = attacker.opens(&w, &[]).field("flow");
    let flow = victim.opens(&w, &[]).field("flow");
    let before = settled(&world);
    let fields = |flow| [("flow", flow), ("username", "cv.ben"), ("password", PASSWORD)];
    for headers in foreign_origins(&world) {
        let answer = victim.post_with("/openid/sign-in", &borrowed(&headers), &fields(&flow));
        is_forged(&world, &format!("{headers:?}"), &answer, "cross_site");
    }
    for (what, answer) in [
        ("no form token", victim.post("/openid/sign-in", &fields(&flow)[1..])),
        ("an empty one", victim.post("/openid/sign-in", &fields(""))),
        ("another visitor's", victim.post("/openid/sign-in", &fields(&foreign))),
        ("two", victim.post("/openid/sign-in", &[fields(&flow).as_slice(), &fields(&flow)[..1]].concat())),
        ("in a browser without cookies", world.browser().post("/openid/sign-in", &fields(&flow))),
    ] {
        is_forged(&world, what, &answer, "form_token");
    }
    assert_eq!(settled(&world), before);
    assert_eq!(victim.cookie(SESSION), None);
    // The same form from its own page is good, also where the browser hides the origin but says "same-origin".
    let good = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    assert_eq!(victim.post_with("/openid/sign-in", &good, &fields(&flow)).status, 303);
}

/// Somebody before the consent page of `app`, with that page.
fn before_consent<'w>(world: &'w World, login: &str, app: &Application) -> (Person<'w>, Answer) {
    let person = world.agent(login);
    let answer = person.signs_in(&person.opens(app, &[]), PASSWORD);
    let page = person.get(answer.location());
    assert!(page.body.contains("id=\"consent-allow\""), "{page:?}");
    (person, page)
}

#[test]
fn cs_02_cs_03_a_consent_form_counts_only_from_our_page_for_the_person_it_asked() {
    let world = World::new();
    let w = world.w();
    let (ada, page) = before_consent(&world, "cv.ada", &w);
    let (ben, bens) = before_consent(&world, "cv.ben", &w);
    let flow = page.field("flow");
    world.advance(Seconds(1));
    let before = settled(&world);
    for decision in ["allow", "deny", "switch"] {
        // A minute later: the first ten of a kind are told one by one again.
        record::flush(&world.app).unwrap();
        let fields = [("flow", flow.as_str()), ("decision", decision)];
        for headers in foreign_origins(&world) {
            let answer = ada.post_with("/openid/consent", &borrowed(&headers), &fields);
            is_forged(&world, &format!("{decision}, {headers:?}"), &answer, "cross_site");
        }
        for (what, token) in [
            ("none", String::new()),
            ("another session's", bens.field("flow")),
            ("the sign-in page's", world.agent("cv.ada").opens(&w, &[]).field("flow")),
            ("of this browser's sign-in page", ada.opens(&w, &[("prompt", "select_account")]).field("flow")),
            ("altered", flow.chars().rev().collect()),
        ] {
            let answer = ada.post("/openid/consent", &[("flow", &token), ("decision", decision)]);
            is_forged(&world, &format!("{decision}, {what}"), &answer, "form_token");
        }
    }
    // The page asked Ada; in the meantime Ben signed in, in the same browser.
    for name in [SESSION, BROWSER] {
        assert_ne!(ada.cookie(name), ben.cookie(name));
    }
    let mine = ada.cookie(SESSION).unwrap();
    ada.set_cookie(SESSION, &ben.cookie(SESSION).unwrap());
    is_forged(&world, "someone else's answer", &ada.post("/openid/consent", &[("flow", &flow), ("decision", "allow")]), "form_token");
    ada.set_cookie(SESSION, &mine);
    ada.post("/openid/consent", &[("flow", &flow), ("decision", "maybe")]).is_page(400);
    assert_eq!(settled(&world), before);
    assert!(ada.post("/openid/consent", &[("flow", &flow), ("decision", "allow")]).redirected("code").is_some());
}

fn is_signed_in(person: &Person<'_>, name: &str) -> bool {
    person.get("/").body.contains(name)
}

#[test]
fn cs_04_another_site_cannot_sign_a_person_out_without_asking_him() {
    let world = World::new();
    let ada = world.agent("cv.ada");
    ada.approves(&world.w());
    let asked = |answer: &Answer, what: &str| {
        assert!(answer.status == 200 && answer.body.contains("id=\"sign-out\""), "{what}: {answer:?}");
        assert!(answer.header("set-cookie").is_none(), "{what}");
        assert!(is_signed_in(&ada, "Ada Agent"), "{what}");
    };
    for site in ["cross-site", "same-site", "sparkle"] {
        for query in ["", "?id_token_hint=garbage", "?id_token_hint=a.b.c", "?confirm=1&form_token=x"] {
            asked(&ada.get_with(&format!("/openid/logout{query}"), &[("sec-fetch-site", site)]), &format!("{site} {query}"));
        }
    }
    asked(&ada.get("/openid/logout?id_token_hint=garbage"), "a garbage hint of an old browser");
    asked(&ada.post_with("/openid/logout", &[("origin", "https://evil.example")], &[]), "a foreign form");
    asked(&ada.post("/openid/logout", &[("form_token", "x")]), "a wrong form token");
    let page = ada.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]);
    let token = page.field("form_token");
    asked(&ada.post_with("/openid/logout", &[("origin", "https://evil.example")], &[("form_token", &token)]), "a stolen form token");
    let others = world.agent("cv.ben");
    others.approves(&world.w());
    let others_token = others.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]).field("form_token");
    asked(&ada.post("/openid/logout", &[("form_token", &others_token)]), "another browser's form token");
    assert_eq!(ada.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]).header("location"), None);
    // The button of the page does it, and so does the bare address where nobody else sent the person there.
    let out = ada.post("/openid/logout", &[("form_token", &token)]);
    assert!(out.body.contains("id=\"signed-out\"") && !is_signed_in(&ada, "Ada Agent"), "{out:?}");
    for headers in [&[][..], &[("sec-fetch-site", "none")], &[("sec-fetch-site", "same-origin")]] {
        ada.approves(&world.w());
        let out = ada.get_with("/openid/logout", headers);
        assert!(out.body.contains("id=\"signed-out\"") && !is_signed_in(&ada, "Ada Agent"), "{headers:?}: {out:?}");
        assert!(world.audited("session.ended").is_some());
    }
}

#[test]
fn cs_05_a_hint_about_somebody_else_or_a_place_of_another_client_is_asked_about() {
    let world = World::new();
    let (w, w2, ada, ben) = (world.w(), world.key("w2"), world.agent("cv.ada"), world.agent("cv.ben"));
    let hint = |person: &Person<'_>, app| person.grants(app)["id_token"].as_str().unwrap().to_owned();
    let (mine, bens) = (hint(&ada, &w), hint(&ben, &w));
    for fields in [
        vec![("id_token_hint", bens.as_str())],
        vec![("id_token_hint", &bens), ("post_logout_redirect_uri", &w.redirect_uri)],
        vec![("id_token_hint", &mine), ("post_logout_redirect_uri", &w2.redirect_uri)],
        vec![("id_token_hint", &mine), ("post_logout_redirect_uri", &w2.redirect_uri), ("client_id", &w2.client_id)],
        vec![("id_token_hint", &mine), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![("id_token_hint", &mine), ("post_logout_redirect_uri", "https://app.example/cb/")],
        vec![("id_token_hint", &mine), ("client_id", &w2.client_id)],
    ] {
        for site in ["cross-site", "none"] {
            let answer = ada.get_with(&format!("/openid/logout?{}", form(&fields)), &[("sec-fetch-site", site)]);
            assert!(answer.body.contains("id=\"sign-out\""), "{fields:?}: {answer:?}");
            assert!(answer.header("location").is_none() && is_signed_in(&ada, "Ada Agent"), "{fields:?}");
        }
        // Said yes: signed out, and still nowhere else.
        let page = ada.get(&format!("/openid/logout?{}", form(&fields)));
        let mut posted = fields.clone();
        let token = page.field("form_token");
        posted.push(("form_token", &token));
        let out = ada.post("/openid/logout", &posted);
        assert!(out.header("location").is_none() && out.body.contains("id=\"signed-out\""), "{fields:?}: {out:?}");
        assert!(!is_signed_in(&ada, "Ada Agent"));
        ada.approves(&w);
    }
    // One's own hint and a registered place: there at once, with the state.
    let fields = [("id_token_hint", mine.as_str()), ("post_logout_redirect_uri", &w.redirect_uri), ("state", "a b&c")];
    let out = ada.get_with(&format!("/openid/logout?{}", form(&fields)), &[("sec-fetch-site", "cross-site")]);
    assert_eq!((out.status, out.location()), (303, "https://app.example/cb?state=a+b%26c"), "{out:?}");
    assert!(!is_signed_in(&ada, "Ada Agent"));
}

#[test]
fn cs_06_cs_18_each_sign_in_is_a_new_session_and_ends_the_one_before_it() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let planted = format!("1234567890.{}", "a".repeat(43));
    ada.set_cookie(SESSION, &planted);
    ada.approves(&w);
    let first = ada.cookie(SESSION).unwrap();
    assert_ne!(first, planted);
    world.advance(Seconds(10));
    // The same person again.
    ada.approves_with(&w, &[("prompt", "login")]);
    let second = ada.cookie(SESSION).unwrap();
    // Somebody else in the same browser.
    world.advance(Seconds(10));
    let page = ada.opens(&w, &[("prompt", "select_account")]);
    let answer = ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ben"), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303);
    let third = ada.cookie(SESSION).unwrap();
    let halves = |cookie: &str| cookie.split_once('.').map(|(id, secret)| (id.to_owned(), secret.to_owned())).unwrap();
    for (a, b) in [(&first, &second), (&second, &third), (&first, &third)] {
        assert_ne!(halves(a).0, halves(b).0);
        assert_ne!(halves(a).1, halves(b).1);
    }
    for (what, cookie, name) in
        [("planted", &planted, None), ("first", &first, None), ("second", &second, None), ("third", &third, Some("Ben Broker"))]
    {
        let browser = world.browser();
        browser.set_cookie(SESSION, cookie);
        let page = browser.get("/");
        assert!(!page.body.contains("Ada Agent"), "{what}");
        assert_eq!(page.body.contains("Ben Broker"), name.is_some(), "{what}");
        assert_eq!(session_of(&world, cookie).is_some_and(|session| session.ended_at.is_none()), name.is_some(), "{what}");
    }
    // A session's id without its secret, or with another's, is nothing.
    for forged in
        [format!("{}.{}", halves(&third).0, halves(&first).1), halves(&third).0, format!("{}.", halves(&third).0), third.clone() + "a"]
    {
        let browser = world.browser();
        browser.set_cookie(SESSION, &forged);
        assert!(!browser.get("/").body.contains("Ben Broker"), "{forged}");
    }
}

#[test]
fn cs_07_cookies_are_for_this_host_this_scheme_and_no_script() {
    let world = World::new();
    let (w, ada, other) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    let page = ada.opens(&w, &[]);
    let signed_in = ada.signs_in(&page, PASSWORD);
    let lines: Vec<&str> = [&page, &signed_in]
        .iter()
        .flat_map(|answer| &answer.headers)
        .filter(|(name, _)| name == "set-cookie")
        .map(|(_, v)| v.as_str())
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in lines {
        assert!(line.starts_with("__Host-"), "{line}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.split("; ").any(|part| part == attribute), "{attribute}: {line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
    other.approves(&w);
    let secret = |person: &Person<'_>| person.cookie(SESSION).unwrap().split_once('.').unwrap().1.to_owned();
    assert_ne!(secret(&ada), secret(&other));
    assert_ne!(ada.cookie(BROWSER), other.cookie(BROWSER));
    assert_eq!(secret(&ada).len(), 43);
    let rows = settled(&world).join("\n");
    assert!(rows.contains(&Digest::of(secret(&ada).as_bytes()).hex()));
    for name in [SESSION, BROWSER, DEVICE] {
        let value = ada.cookie(name).unwrap();
        let value = value.split_once('.').map_or(value.as_str(), |(_, secret)| secret);
        assert!(!rows.contains(value), "{name} stands in the database");
    }
}

#[test]
fn cs_08_cookies_that_a_neighbouring_host_can_set_change_nothing() {
    let world = World::new();
    let (w, ada, mallory) = (world.w(), world.agent("cv.ada"), world.agent("cv.ben"));
    ada.approves(&w);
    mallory.approves(&w);
    let (mine, hers) = (ada.cookie(SESSION).unwrap(), mallory.cookie(SESSION).unwrap());
    let seen = |cookies: &str| world.request("GET", "/", &[("cookie", cookies)], None);
    let good = format!("{SESSION}={mine}");
    for (what, cookies) in [
        ("no prefix", format!("latchkey_session={hers}; {good}")),
        ("another prefix", format!("__Secure-latchkey_session={hers}; {good}")),
        ("another case", format!("__host-latchkey_session={hers}; {good}; __HOST-LATCHKEY_SESSION={hers}")),
        ("a longer name", format!("x{SESSION}={hers}; {good}; {SESSION}2={hers}")),
        ("not ASCII", format!("theme=caf\u{e9}; {good}")),
        ("odd pairs", format!("; ;=; a; =b; {good};;")),
        ("a hundred others", vec!["other=1; "; 100].concat() + &good),
    ] {
        let page = seen(&cookies);
        assert!(page.body.contains("Ada Agent") && !page.body.contains("Ben Broker"), "{what}: {page:?}");
    }
    for cookies in [format!("{good}; {SESSION}={hers}"), format!("{SESSION}={hers}; {good}"), format!("{good}; {good}")] {
        let page = seen(&cookies);
        assert!(page.status == 200 && !page.body.contains("Ada Agent") && !page.body.contains("Ben Broker"), "{cookies}");
    }
    // Two lines count like one.
    let page = world.request("GET", "/", &[("cookie", good.as_str()), ("cookie", &format!("{SESSION}={hers}"))], None);
    assert!(!page.body.contains("Ada Agent") && !page.body.contains("Ben Broker"), "{page:?}");
    let huge = format!("other={}; ", "x".repeat(400)).repeat(200) + &good;
    assert!([200, 400, 431].contains(&seen(&huge).status));
    assert_eq!(seen(&good).status, 200);
    // Two browser cookies: the page's form is nobody's.
    let flow = world.browser().opens(&w, &[]).field("flow");
    let two = format!("{BROWSER}={}; {BROWSER}={}", ada.cookie(BROWSER).unwrap(), mallory.cookie(BROWSER).unwrap());
    let fields = form(&[("flow", &flow), ("username", "cv.ben"), ("password", PASSWORD)]);
    let headers = [("cookie", two.as_str()), ("origin", &world.issuer), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(world.request("POST", "/openid/sign-in", &headers, Some(&fields)).status, 403);
}

#[test]
fn cs_09_no_page_can_be_framed() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let sign_in = ada.opens(&w, &[]);
    let step = ada.signs_in(&sign_in, PASSWORD);
    let consent = ada.get(step.location());
    let asks_out = ada.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]);
    let answers = vec![
        ("refused origin", ada.post_with("/openid/sign-in", &[], &[])),
        ("foreign form", ada.post("/openid/consent", &[])),
        ("wrong login", world.agent("cv.ada").signs_in(&sign_in, "wrong")),
        ("unknown client", world.get("/openid/authorize?client_id=x")),
        ("over", world.get("/openid/continue?flow=x")),
        ("method", world.request("DELETE", "/openid/consent", &[], None)),
        ("nowhere", world.get("/nowhere")),
        ("nowhere in the API", world.get("/v1/nowhere")),
        ("odd path", world.get("/openid//authorize")),
        ("unreadable", ada.post_with("/openid/sign-in", &[("origin", &world.issuer)], &[("a", "\0")])),
        ("callback", world.get("/oauth2/callback?code=x")),
        ("form that posts itself", ada.opens(&w, &[("response_mode", "form_post"), ("prompt", "none")])),
        ("home", ada.get("/")),
        ("JSON", world.get("/openid/jwks.json")),
        ("token error", world.post_form("/openid/token", &[])),
        ("stylesheet", world.get("/static/latchkey.css")),
        ("signed out", ada.get("/openid/logout")),
        ("sign-in", sign_in),
        ("redirect", step),
        ("consent", consent),
        ("sign out?", asks_out),
    ];
    for (what, answer) in answers {
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{what}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"), "{what}: {policy}");
        assert!(!policy.contains("unsafe-"), "{what}: {policy}");
    }
}

#[test]
fn cs_10_a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    // Used every fifty minutes it lives on, but not beyond twelve hours.
    for n in 1..=14 {
        world.advance(Seconds::minutes(50));
        assert!(ada.opens(&w, &[]).redirected("code").is_some(), "after {n} times fifty minutes");
    }
    world.advance(Seconds::minutes(20));
    let old = ada.cookie(SESSION).unwrap();
    let page = ada.opens(&w, &[("state", "kept")]);
    assert!(page.body.contains("id=\"sign-in\""), "{page:?}");
    ada.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "login_required", &world.issuer);
    // The request goes on where it was, in a new session.
    let answer = ada.walks(page);
    assert_eq!(answer.redirected("state").as_deref(), Some("kept"));
    let thief = world.browser();
    thief.set_cookie(SESSION, &old);
    assert!(!is_signed_in(&thief, "Ada Agent"));

    world.advance(Seconds(3599));
    assert!(ada.opens(&w, &[]).redirected("code").is_some());
    world.advance(Seconds::minutes(60));
    assert!(ada.opens(&w, &[]).body.contains("id=\"sign-in\""));
    assert!(!is_signed_in(&ada, "Ada Agent"));
    // A form left open longer than ten minutes is not taken any more.
    let page = ada.opens(&w, &[]);
    world.advance(Seconds::minutes(10));
    ada.signs_in(&page, PASSWORD).is_page(400);
    world.audited_because("authz.rejected", "flow_over");
}

#[test]
fn cs_11_after_signing_out_cookie_and_back_button_show_nothing() {
    let world = World::new();
    let w = world.w();
    let (ada, consent) = before_consent(&world, "cv.ada", &w);
    let cookie = ada.cookie(SESSION).unwrap();
    for answer in [&consent, &ada.get("/"), &ada.opens(&w, &[])] {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    }
    let out = ada.get("/openid/logout");
    assert_eq!(out.header("cache-control"), Some("no-store"));
    assert_eq!(ada.cookie(SESSION), None);
    assert!(session_of(&world, &cookie).unwrap().ended_at.is_some());
    ada.set_cookie(SESSION, &cookie);
    assert!(ada.opens(&w, &[]).body.contains("id=\"sign-in\""));
    // CS-20: the consent page that is still open in another tab.
    let before = settled(&world);
    let answer = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
    assert!(answer.header("location").is_none(), "{answer:?}");
    assert_eq!(settled(&world), before);
}

#[test]
fn cs_12_a_new_password_ends_every_other_session() {
    let world = World::new();
    let (w, here, there) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    here.approves(&w);
    there.approves(&w);
    let open = there.opens(&w, &[("prompt", "consent")]);
    world.advance(Seconds(1));
    let now = world.app.now();
    let hash = world.app.db.read(|conn| accounts::by_login(conn, "cv.ben")).unwrap().unwrap().1.unwrap();
    world.change(move |conn| accounts::set_password(conn, &"20261001000000000000000101".parse().unwrap(), &hash, now));
    for browser in [&here, &there] {
        assert!(!is_signed_in(browser, "Ada Agent"));
        browser.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "login_required", &world.issuer);
    }
    let answer = there.post("/openid/consent", &[("flow", &open.field("flow")), ("decision", "allow")]);
    assert!(answer.header("location").is_none(), "{answer:?}");
    assert!(here.approves_with(&w, &[]).redirected("code").is_some());
}

#[test]
fn cs_13_whoever_is_switched_off_is_signed_in_nowhere() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let open = ada.opens(&w, &[("prompt", "consent")]);
    world.change(|conn| accounts::set_active(conn, &"20261001000000000000000101".parse().unwrap(), false, BEGIN));
    assert!(!is_signed_in(&ada, "Ada Agent"));
    assert!(ada.opens(&w, &[]).body.contains("id=\"sign-in\""));
    ada.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "login_required", &world.issuer);
    let answer = ada.post("/openid/consent", &[("flow", &open.field("flow")), ("decision", "allow")]);
    assert!(answer.header("location").is_none(), "{answer:?}");
    world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
    world.audited_because("token.rejected", "person_inactive");
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(403, 1015);
}

/// Who a code is about.
fn subject(world: &World, app: &Application, answer: &Answer) -> Value {
    let tokens = world.exchange(app, &answer.redirected("code").unwrap_or_else(|| panic!("no code: {answer:?}"))).json();
    world.userinfo(tokens["access_token"].as_str().unwrap()).json()["preferred_username"].clone()
}

#[test]
fn cs_14_two_tabs_at_a_time_keep_their_requests_apart() {
    let world = World::new();
    let (w, w2, ada) = (world.w(), world.key("w2"), world.agent("cv.ada"));
    let (one, two) = (ada.opens(&w, &[("state", "one")]), ada.opens(&w2, &[("state", "two"), ("scope", "openid profile")]));
    let step_two = ada.signs_in(&two, PASSWORD);
    let step_one = ada.signs_in(&one, PASSWORD);
    let (page_one, page_two) = (ada.get(step_one.location()), ada.get(step_two.location()));
    assert!(page_one.body.contains("Application w<") && page_two.body.contains("Application w2<"), "{page_one:?}");
    let allow = |page: &Answer| ada.post("/openid/consent", &[("flow", &page.field("flow")), ("decision", "allow")]);
    let (answer_two, answer_one) = (allow(&page_two), allow(&page_one));
    for (answer, app, state, scope) in [(answer_one, &w, "one", "openid profile email"), (answer_two, &w2, "two", "openid profile")] {
        assert!(answer.location().starts_with(&app.redirect_uri), "{answer:?}");
        assert_eq!(answer.redirected("state").as_deref(), Some(state));
        assert_eq!(world.exchange(app, &answer.redirected("code").unwrap()).json()["scope"], scope);
    }
}

#[test]
fn cs_14_people_who_sign_in_at_the_same_time_never_get_each_others_codes() {
    let world = World::with(&[("trusted_proxies", "127.0.0.1"), ("workers", "4"), ("password_queue", "1000")]);
    let people = super::login::crowd(&world, 24);
    let apps = [world.w(), world.key("w2"), world.key("first")];
    thread::scope(|scope| {
        for (n, login) in people.iter().enumerate() {
            let (world, app) = (&world, &apps[n % apps.len()]);
            scope.spawn(move || {
                let person = world.agent(login);
                let (state, address) = (format!("state of {login}"), format!("192.0.2.{n}"));
                let page = person.opens(app, &[("state", &state)]);
                let answer = person.walks(super::login::tries(world, &person, &page, PASSWORD, &address));
                assert_eq!(answer.redirected("state"), Some(state));
                assert_eq!(subject(world, app, &answer), login.as_str());
            });
        }
    });
}

#[test]
fn cs_15_a_step_of_a_walk_leads_on_only_in_the_browser_that_began_it() {
    let world = World::new();
    let w = world.w();
    let (attacker, consent) = before_consent(&world, "cv.ben", &w);
    let sign_in = world.browser();
    let page = sign_in.opens(&w, &[]);
    world.advance(Seconds(1));
    let step = attacker.signs_in(&attacker.opens(&w, &[("prompt", "login")]), PASSWORD);
    let victim = world.agent("cv.ada");
    victim.approves(&world.key("w2"));
    let before = settled(&world);
    for browser in [&victim, &world.browser()] {
        browser.get(step.location()).is_page(400);
        world.audited_because("authz.rejected", "flow_foreign");
        for (path, page, last) in [
            ("/openid/sign-in", &page, ("continue_as", "1")),
            ("/openid/sign-in", &page, ("cancel", "1")),
            ("/openid/consent", &consent, ("decision", "allow")),
        ] {
            let answer = browser.post(path, &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", PASSWORD), last]);
            is_forged(&world, path, &answer, "form_token");
        }
    }
    // A page's token is not another page's: the sign-in page's is no step, the step's no form.
    sign_in.get(&format!("/openid/continue?flow={}", page.field("flow"))).is_page(400);
    let flow = step.location().split_once("flow=").unwrap().1;
    let answer = attacker.post("/openid/sign-in", &[("flow", flow), ("username", "cv.ben"), ("password", PASSWORD)]);
    is_forged(&world, "a step as a form", &answer, "form_token");
    assert_eq!(settled(&world), before);
    assert!(attacker.get(step.location()).body.contains("id=\"consent-allow\""));
}

#[test]
fn cs_19_what_a_person_was_given_stays_his_whoever_uses_the_browser_next() {
    let world = World::new();
    let (w, browser) = (world.w(), world.agent("cv.ada"));
    let tokens = browser.grants(&w);
    let adas = browser.cookie(SESSION).unwrap();
    browser.forget_cookies();
    let (_, answer) = page_and_try(&world, &browser, &w, "cv.ben", PASSWORD);
    let bens = browser.cookie(SESSION).unwrap();
    assert_ne!(adas.split_once('.').unwrap().0, bens.split_once('.').unwrap().0);
    assert_eq!(subject(&world, &w, &browser.walks(answer)), "cv.ben");
    let refreshed = world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).json();
    let said = world.userinfo(refreshed["access_token"].as_str().unwrap()).json();
    assert_eq!(said["preferred_username"], "cv.ada");
    let ids: Vec<_> = world.app.db.read(|conn| audit::newest(conn, Some("session.started"), 10)).unwrap();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0].session, ids[1].session);
    // Signing out ends the session, not what the person allowed (the platform's row 6), and not the other person's.
    browser.get("/openid/logout");
    assert!(world.is_active(refreshed["access_token"].as_str().unwrap()));
    let again = world.browser();
    again.set_cookie(SESSION, &adas);
    assert!(is_signed_in(&again, "Ada Agent"));
    assert!(again.get(&format!("/openid/authorize?{}", form(&request_of(&w, &[])))).redirected("code").is_some());
}
