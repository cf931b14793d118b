//! Mix-up, response modes, reflection (MX).

use latchkey::base::Seconds;
use latchkey::protocol::client::ResponseType;
use serde_json::Value;

use super::sessions::settled;
use crate::support::world::{Answer, PASSWORD, World, form, request_of};

/// What an answer of the authorization endpoint tells the client, however it travels: redirect or form.
fn told(answer: &Answer, name: &str) -> Option<String> {
    if answer.header("location").is_some() {
        return answer.redirected(name);
    }
    answer.body.contains(&format!("name=\"{name}\"")).then(|| answer.field(name))
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// HTML as a browser reads it, as far as our templates escape.
fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&#60;", "<"), ("&gt;", ">"), ("&#62;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

const MARKUP: &str = "\"><script>alert(1)</script></form><img src=x onerror='alert(1)'>&amp;${7*7}{{7*7}}";

/// Asserts that nothing of [`MARKUP`] stands in a page as markup.
fn is_tame(what: &str, answer: &Answer) {
    for bad in ["<script>alert", "<img src=x", "\"><script", "</form><img"] {
        assert!(!answer.body.contains(bad), "{what}: {bad} in {answer:?}");
    }
}

#[test]
fn mx_01_every_answer_says_who_speaks_whatever_it_says_and_however_it_travels() {
    let world = World::new();
    let (app, ada) = (world.key("hybrid"), world.agent("cv.ada"));
    ada.approves(&app);
    let issuer = world.get("/.well-known/openid-configuration").json()["issuer"].as_str().unwrap().to_owned();
    for response_type in ResponseType::ALL {
        for mode in ["", "query", "fragment", "form_post"] {
            for extra in [("prompt", ""), ("prompt", "sparkle"), ("max_age", "soon"), ("request", "a.b.c")] {
                let what = format!("{} {mode} {extra:?}", response_type.name());
                let answer = ada.opens(&app, &[("response_type", response_type.name()), ("response_mode", mode), extra]);
                assert_eq!(told(&answer, "iss").as_deref(), Some(issuer.as_str()), "{what}: {answer:?}");
                assert_eq!(told(&answer, "state").as_deref(), Some("s-1"), "{what}");
                let unfit = mode == "query" && *response_type != ResponseType::Code;
                assert_eq!(told(&answer, "error").is_some(), !extra.1.is_empty() || unfit, "{what}: {answer:?}");
                if mode == "form_post" {
                    assert_eq!(answer.status, 200, "{what}");
                    assert!(answer.body.contains(&format!("action=\"{}\"", app.redirect_uri)), "{what}: {answer:?}");
                } else {
                    assert_eq!(answer.status, 303, "{what}");
                    let fragment = mode == "fragment" || *response_type != ResponseType::Code;
                    assert_eq!(answer.location().contains('#'), fragment, "{what}: {answer:?}");
                    assert!(answer.location().starts_with(&app.redirect_uri), "{what}");
                }
            }
        }
    }
}

#[test]
fn mx_02_mx_08_a_mode_that_is_not_offered_is_refused_and_tokens_never_travel_in_a_query() {
    let world = World::new();
    let (app, ada) = (world.key("hybrid"), world.agent("cv.ada"));
    ada.approves(&app);
    for mode in ["web_message", "jwt", "query.jwt", "Query", "postMessage", "query fragment"] {
        ada.opens(&app, &[("response_mode", mode)]).is_refused_to(&app, "invalid_request", &world.issuer);
    }
    for response_type in ["code token", "id_token", "id_token token", "code id_token", "code id_token token"] {
        let answer = ada.opens(&app, &[("response_mode", "query"), ("response_type", response_type)]);
        answer.is_refused_to(&app, "invalid_request", &world.issuer);
        assert!(!answer.location().contains("token="), "{answer:?}");
    }
    world.audited_because("authz.denied", "response_mode");
}

#[test]
fn mx_03_a_form_that_posts_itself_carries_any_state_as_text_and_no_foreign_script() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    for state in [MARKUP, "'\"`<>&", "</form><form action=https://evil.example/>", "\u{2028}\u{202e}", "a&b=c&#34;"] {
        let answer = ada.opens(&w, &[("response_mode", "form_post"), ("state", state)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        is_tame(state, &answer);
        let at = answer.body.find("name=\"state\"").unwrap();
        let value = answer.body[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(unescaped(value), state);
        assert!(told(&answer, "code").is_some());
        assert!(answer.body.contains(&format!("<form method=\"post\" action=\"{}\">", w.redirect_uri)), "{answer:?}");
        assert_eq!(answer.body.matches("<form").count(), 1);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
        assert!(policy.ends_with("form-action https://app.example"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.body.matches("<script").count(), 1);
        assert!(answer.body.contains("<script src=\"/static/form-post.js"), "{answer:?}");
    }
}

#[test]
fn mx_04_state_comes_back_byte_for_byte_or_not_at_all() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    let long = "s".repeat(2048);
    for state in
        ["a b+c%20d", "\r\nSet-Cookie: x=1\r\n\r\n<html>", "\t", "\u{e9}\u{1f511}", "#fragment?&=;/", " leading and trailing ", &long]
    {
        let answer = ada.opens(&w, &[("state", state)]);
        assert_eq!(answer.redirected("state").as_deref(), Some(state), "{answer:?}");
        assert!(answer.redirected("code").is_some());
        assert!(answer.header("set-cookie").is_none_or(|cookie| !cookie.starts_with("x=")), "{answer:?}");
        assert!(!answer.location().bytes().any(|b| b.is_ascii_control() || b == b' '), "{answer:?}");
    }
    let without = form(&request_of(&w, &[("state", "")]));
    for (what, state) in [
        ("too long", "s".repeat(2049)),
        ("8 KiB", "s".repeat(8192)),
        ("a NUL", "a%00b".into()),
        ("a lone surrogate", "%ED%A0%80".into()),
        ("no UTF-8", "%FF%FE".into()),
        ("an overlong NUL", "%C0%80".into()),
        ("half an escape", "%4".into()),
        ("no escape", "%zz".into()),
    ] {
        let answer = ada.get(&format!("/openid/authorize?{without}&state={state}"));
        answer.is_refused_to(&w, "invalid_request", &world.issuer);
        assert_eq!(answer.redirected("state"), None, "{what}");
    }
    let twice = ada.get(&format!("/openid/authorize?{without}&state=a&state=a"));
    twice.is_refused_to(&w, "invalid_request", &world.issuer);
    assert_eq!(twice.redirected("state"), None);
    world.audited_because("authz.denied", "parameter_repeated");
}

#[test]
fn mx_05_a_nonce_is_in_the_id_token_as_it_was_sent_and_on_no_page() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let long = "n".repeat(1024);
    for nonce in [MARKUP, "\u{e9}\u{1f511} \u{202e}", "\r\n\0".trim_end_matches('\0'), "a+b c%20", &long] {
        ada.forget_cookies();
        let page = ada.opens(&w, &[("nonce", nonce), ("prompt", "consent")]);
        is_tame(nonce, &page);
        let consent = ada.get(ada.signs_in(&page, PASSWORD).location());
        is_tame(nonce, &consent);
        let answer = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
        let tokens = world.exchange(&w, &answer.redirected("code").unwrap()).json();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["nonce"], nonce);
        world.advance(Seconds(60));
    }
    ada.opens(&w, &[("nonce", &"n".repeat(2049))]).is_refused_to(&w, "invalid_request", &world.issuer);
}

#[test]
fn mx_06_our_error_pages_say_nothing_that_their_address_says() {
    let world = World::new();
    let claim = form(&[
        ("error", "paid_out"),
        ("error_description", "Call 555-0100 at once"),
        ("error_hint", "Call 555-0100 at once"),
        ("message", "Call 555-0100 at once"),
        ("title", "Call 555-0100 at once"),
        ("request_id", "Call 555-0100 at once"),
    ]);
    for path in
        ["/openid/authorize", "/oauth2", "/openid/continue", "/openid/sign-in", "/openid/consent", "/openid/logout", "/nowhere", "/"]
    {
        let answer = world.get(&format!("{path}?{claim}"));
        assert!(answer.header("location").is_none(), "{path}");
        assert!(!answer.body.contains("555-0100") && !answer.body.contains("paid_out"), "{path}: {answer:?}");
    }
    // The page at the end of the way of programs without a web server is for the client's answer; it shows it as text only.
    let answer = world.get(&format!("/oauth2/callback?{}", form(&[("error", MARKUP), ("error_description", MARKUP), ("state", MARKUP)])));
    is_tame("/oauth2/callback", &answer);
    is_tame("/oauth2/callback", &world.get(&format!("/oauth2/callback?{}", form(&[("code", MARKUP)]))));
}

#[test]
fn mx_07_what_a_request_wishes_for_the_page_is_text_there_or_nothing() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = ada.opens(&w, &[("login_hint", MARKUP)]);
    is_tame("login_hint", &page);
    let at = page.body.find("id=\"username\"").unwrap();
    let value = page.body[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(unescaped(value), MARKUP);
    let plain = ada.opens(&w, &[]);
    let without_flow = |answer: &Answer| answer.body.replace(&answer.field("flow"), "");
    for name in ["ui_locales", "display", "acr_values", "claims_locales", "theme", "lang", "logo", "client_name", "scope"] {
        let wish = if name == "scope" { format!("openid profile email {MARKUP}") } else { MARKUP.to_owned() };
        let page = ada.opens(&w, &[(name, &wish)]);
        if page.status == 303 {
            page.is_refused_to(&w, "invalid_scope", &world.issuer);
        } else {
            is_tame(name, &page);
            assert_eq!(without_flow(&page), without_flow(&plain), "{name}");
        }
    }
    for n in 0..50 {
        let page = ada.opens(&w, &[("ui_locales", &format!("x{n} xx-YY-{n} ../{n}"))]);
        assert_eq!(without_flow(&page), without_flow(&plain));
    }
    ada.opens(&w, &[("claims", MARKUP)]).is_refused_to(&w, "invalid_request", &world.issuer);
}

#[test]
fn mx_09_other_methods_than_a_pages_own_do_nothing() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = ada.opens(&w, &[]);
    let step = ada.signs_in(&page, PASSWORD).location().to_owned();
    let consent = ada.get(&step);
    let flow = consent.field("flow");
    let cookie = format!(
        "__Host-latchkey_browser={}; __Host-latchkey_session={}",
        ada.cookie("__Host-latchkey_browser").unwrap(),
        ada.cookie("__Host-latchkey_session").unwrap()
    );
    let headers = [("cookie", cookie.as_str()), ("origin", world.issuer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let before = settled(&world);
    let query = form(&[("flow", &flow), ("decision", "allow")]);
    let sign_in = form(&[("flow", &page.field("flow")), ("username", "cv.ben"), ("password", PASSWORD)]);
    for (path, query) in [("/openid/consent", &query), ("/openid/sign-in", &sign_in)] {
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = world.request(method, &format!("{path}?{query}"), &headers, None);
            assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method} {path}");
        }
    }
    for path in ["/openid/logout", "/openid/authorize", "/openid/continue", "/"] {
        for method in ["PUT", "DELETE", "PATCH"] {
            let answer = world.request(method, path, &headers, None);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(answer.header("allow").is_some(), "{method} {path}");
        }
    }
    assert_eq!(world.request("HEAD", "/openid/logout", &headers, None).status, 200);
    assert_eq!(world.request("HEAD", &format!("/openid/authorize?{}", form(&request_of(&w, &[]))), &headers, None).status, 405);
    // A method in disguise is a parameter like any other: POST stays POST.
    let disguised = form(&[("flow", &flow), ("_method", "DELETE")]);
    let mut overridden = headers.to_vec();
    overridden.push(("x-http-method-override", "DELETE"));
    assert_eq!(world.request("POST", "/openid/consent", &overridden, Some(&disguised)).status, 400);
    assert_eq!(settled(&world), before);
    let answer = ada.post("/openid/consent", &[("flow", &flow), ("decision", "allow"), ("_method", "DELETE")]);
    assert!(answer.redirected("code").is_some(), "{answer:?}");
}

#[test]
fn mx_10_a_closed_response_type_is_refused_at_every_step_and_puts_no_token_into_a_browser() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    for (response_type, word) in [
        ("token", "unsupported_response_type"),
        ("none", "unsupported_response_type"),
        ("code code", "unsupported_response_type"),
        ("code token", "unauthorized_client"),
        ("id_token", "unauthorized_client"),
        ("token id_token", "unauthorized_client"),
        ("code id_token", "unauthorized_client"),
        ("code id_token token", "unauthorized_client"),
    ] {
        for mode in ["", "fragment", "form_post"] {
            let answer = ada.opens(&w, &[("response_type", response_type), ("response_mode", mode)]);
            assert_eq!(told(&answer, "error").as_deref(), Some(word), "{response_type} {mode}: {answer:?}");
            for secret in ["access_token", "id_token", "code"] {
                assert_eq!(told(&answer, secret), None, "{response_type} {mode}");
            }
        }
    }
    world.audited_because("authz.denied", "response_type_closed");

    // What the browser carries between two pages can be neither changed nor made.
    let ben = world.agent("cv.ben");
    let page = ben.opens(&w, &[]);
    let flow = page.field("flow");
    for (what, bad) in [
        ("a character", flow.replacen(|c: char| c.is_ascii_lowercase(), "A", 1)),
        ("its end", flow[..flow.len() - 4].to_owned()),
        ("more", format!("{flow}AAAA")),
        ("plain JSON", r#"{"surface":"OpenId","request":"response_type=token"}"#.to_owned()),
        ("nothing", String::new()),
    ] {
        let answer = ben.post("/openid/sign-in", &[("flow", &bad), ("username", "cv.ben"), ("password", PASSWORD)]);
        assert!([400, 403].contains(&answer.status), "{what}");
        answer.is_page(answer.status);
        assert_eq!(ben.cookie("__Host-latchkey_session"), None, "{what}");
    }
    // Parameters beside it are not read.
    let answer = ben.post(
        "/openid/sign-in",
        &[
            ("flow", &flow),
            ("username", "cv.ben"),
            ("password", PASSWORD),
            ("response_type", "token"),
            ("redirect_uri", "https://evil.example/"),
        ],
    );
    let consent = ben.get(answer.location());
    let answer = ben.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow"), ("response_type", "code token")]);
    assert!(answer.location().starts_with(&w.redirect_uri) && answer.redirected("access_token").is_none(), "{answer:?}");

    // Closed between two pages: looked at again when it counts.
    let hybrid = world.key("hybrid");
    let ben = world.agent("cv.ben");
    let page = ben.opens(&hybrid, &[("response_type", "code id_token token")]);
    let consent = ben.get(ben.signs_in(&page, PASSWORD).location());
    world.change_policy(&hybrid, |policy| policy.response_types = vec![ResponseType::Code]);
    let answer = ben.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
    answer.is_refused_to(&hybrid, "unauthorized_client", &world.issuer);
    assert_eq!((answer.redirected("access_token"), answer.redirected("id_token")), (None, None));
}

#[test]
fn mx_11_mx_12_contradictory_and_unreadable_wishes_are_refused() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    for (name, value) in [
        ("prompt", "none login"),
        ("prompt", "none consent"),
        ("prompt", "sparkle"),
        ("prompt", "LOGIN"),
        ("max_age", "-1"),
        ("max_age", "1e99"),
        ("max_age", "soon"),
        ("max_age", "99999999999999999999"),
        ("claims", "not json"),
        ("claims", "[1]"),
    ] {
        let answer = ada.opens(&w, &[(name, value)]);
        assert_eq!(answer.redirected("error").as_deref(), Some("invalid_request"), "{name}={value}: {answer:?}");
    }
    let twice = ada.get(&format!("/openid/authorize?{}&prompt=login&prompt=login", form(&request_of(&w, &[]))));
    twice.is_refused_to(&w, "invalid_request", &world.issuer);
}

#[test]
fn mx_13_a_posted_request_comes_from_its_body_alone() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let fields = request_of(&w, &[]);
    // A post from another site comes without our cookies: it is sent round by GET, which has them.
    let posted = ada.post("/openid/authorize", &fields);
    let posted = if posted.status == 303 { ada.get(posted.location()) } else { posted };
    assert!(posted.body.contains("id=\"sign-in\""), "{posted:?}");
    for query in ["state=x", "client_id=other", "unknown=1"] {
        ada.post(&format!("/openid/authorize?{query}"), &fields).is_page(400);
    }
    for name in ["client_id", "redirect_uri"] {
        let mut twice = fields.clone();
        twice.push((name, fields.iter().find(|(known, _)| *known == name).unwrap().1));
        ada.post("/openid/authorize", &twice).is_page(400);
    }
    let mut twice = fields.clone();
    twice.push(("scope", "openid"));
    ada.post("/openid/authorize", &twice).is_refused_to(&w, "invalid_request", &world.issuer);
}

#[test]
fn mx_16_no_redirect_of_ours_follows_a_referer_or_a_parameter() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let lures = [
        ("referer", "https://evil.example/"),
        ("origin", world.issuer.as_str()),
        ("x-forwarded-host", "evil.example"),
        ("x-original-url", "/evil"),
    ];
    let parameters =
        [("next", "https://evil.example/"), ("return_to", "//evil.example"), ("continue", "/\\evil.example"), ("redirect", "%0d%0aevil")];
    let page = ada.get_with(&format!("/openid/authorize?{}&{}", form(&request_of(&w, &[])), form(&parameters)), &lures);
    assert!(!page.body.contains("evil"), "{page:?}");
    let flow = page.field("flow");
    let mut fields = vec![("flow", flow.as_str()), ("username", "cv.ada"), ("password", PASSWORD)];
    fields.extend(parameters);
    let answer = ada.post_with("/openid/sign-in", &lures, &fields);
    assert!(answer.location().starts_with("/openid/continue?flow="), "{answer:?}");
    let consent = ada.get_with(&format!("{}&{}", answer.location(), form(&parameters)), &lures);
    assert!(!consent.body.contains("evil"), "{consent:?}");
    let flow = consent.field("flow");
    let mut fields = vec![("flow", flow.as_str()), ("decision", "switch")];
    fields.extend(parameters);
    let answer = ada.post_with("/openid/consent", &lures, &fields);
    assert!(answer.location().starts_with("/openid/continue?flow="), "{answer:?}");
    // After the idle time the same.
    world.advance(Seconds(3601));
    let page = ada.get_with(&format!("/openid/authorize?{}", form(&request_of(&w, &[]))), &lures);
    assert!(page.header("location").is_none() && !page.body.contains("evil"), "{page:?}");
    let out = ada.get_with(&format!("/openid/logout?{}", form(&parameters)), &lures);
    assert!(out.header("location").is_none() && !out.body.contains("evil"), "{out:?}");
}
