//! Redirect URIs: a browser is sent to a registered place, byte by byte, or nowhere.
//!
//! What can be registered at all is shown beside the one validator (`protocol::redirect`); here is what a request can reach.

use diesel::prelude::*;
use latchkey::protocol::client::ClientKind;
use latchkey::protocol::redirect::RedirectUri;
use latchkey::store::schema::grants;

use crate::support::world::{Answer, Application, CHALLENGE, PASSWORD, VERIFIER, World, form, request_of};

/// Asks as somebody who is signed in and allowed the application before, so that only the address stands in the way.
fn asks(world: &World, application: &Application, extra: &[(&str, &str)]) -> Answer {
    let ada = world.agent("cv.ada");
    ada.opens(application, extra)
}

/// Asserts a page of ours, no redirect, no new row, and the reason (PAGE400).
fn goes_nowhere(world: &World, application: &Application, extra: &[(&str, &str)], reason: &str) {
    let (before, said) = (world.rows(), format!("{extra:?}"));
    let answer = asks(world, application, extra);
    assert!(answer.status == 400 && answer.header("location").is_none(), "{said}: {answer:?}");
    answer.is_page(400);
    for (_, value) in extra.iter().filter(|(_, value)| value.len() > 12) {
        assert!(!answer.body.contains(value), "{said} is echoed");
    }
    world.told_because(&answer, "authz.rejected", reason, &said);
    world.changed_nothing_since(&before, &said);
}

fn none_is_accepted(world: &World, application: &Application, uris: &[&str]) {
    for uri in uris {
        goes_nowhere(world, application, &[("redirect_uri", uri)], "redirect_mismatch");
    }
}

/// What a grant's row says it is bound to.
type Bound = (i64, String, Option<String>, Option<i64>, String);

#[test]
fn ru_01_the_registered_uri_gets_the_code_and_the_grant_remembers_what_it_is_bound_to() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let answer = ada.approves_with(&w, &[]);
    assert_eq!(answer.status, 303);
    let (place, query) = answer.location().split_once('?').unwrap();
    assert_eq!(place, "https://app.example/cb");
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(answer.redirected("state").as_deref(), Some("s-1"));
    assert_eq!(answer.redirected("iss").as_deref(), Some(world.issuer.as_str()));

    let columns = (grants::key_id, grants::redirect_uri, grants::challenge, grants::session_id, grants::state);
    let rows: Vec<Bound> = world.app.db.read(move |conn| conn.all(grants::table.select(columns))).unwrap();
    let [(key, uri, challenge, session, state)] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((*key, uri.as_str(), challenge.as_deref(), state.as_str()), (w.id.0, "https://app.example/cb", Some(CHALLENGE), "offered"));
    let cookie = ada.cookie("__Host-latchkey_session").unwrap();
    assert_eq!(session.unwrap().to_string(), cookie.split('.').next().unwrap());
    let told = world.told(&answer, "code.issued");
    assert_eq!((told.client.as_deref(), told.subject), (Some(w.client_id.as_str()), Some(world.grant_ids()[0].to_string())));
}

#[test]
fn ru_02_to_ru_09_nothing_that_only_resembles_the_registered_uri_is_ever_redirected_to() {
    let world = World::new();
    let w = world.w();
    none_is_accepted(
        &world,
        &w,
        &[
            // RU-02
            "https://app.example/cb/",
            "https://app.example/c",
            "https://app.example/cb/.",
            // RU-03
            "https://app.example/CB",
            "https://APP.example/cb",
            "HTTPS://app.example/cb",
            // RU-04
            "https://app.example/cb?x=1",
            "https://app.example/cb&",
            "https://app.example/cb?",
            // RU-05
            "https://app.example/cb#x",
            "https://app.example/cb#",
            // RU-06
            "https://app.example@evil.example/cb",
            "https://evil.example@app.example/cb",
            "https://a@b@app.example/cb",
            "https://app.example:x@evil.example",
            // RU-07
            "https://app.example/cb/../x",
            "https://app.example/cb/..;/x",
            "https://app.example/cb/%2e%2e/x",
            "https://app.example/x/../cb",
            "https://app.example\\@evil.example/cb",
            "https:\\\\app.example\\cb",
            // RU-08
            "https://app.example%2Fcb",
            "https://app.example/%252e/cb",
            "https://app.example/%63b",
            "\thttps://app.example/cb",
            "https://app.example/\tcb",
            "https://app.example/cb\t",
            "https://app.example/cb\r\nLocation: https://evil.example/",
            "https://app.example/cb\n",
            " https://app.example/cb",
            "https://app.example/cb ",
            // RU-09
            "https://app.example.evil.example/cb",
            "https://app.exampleevil.com/cb",
            "https://evil.example/app.example/cb",
            "//app.example/cb",
            "/cb",
        ],
    );
}

#[test]
fn ru_04_a_uri_registered_with_a_query_keeps_exactly_that_query() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    world.migrates_uris(&w, &["https://app.example/cb?tenant=7"]);
    let w = world.w();
    none_is_accepted(
        &world,
        &w,
        &[
            "https://app.example/cb",
            "https://app.example/cb?tenant=7&x=1",
            "https://app.example/cb?x=1&tenant=7",
            "https://app.example/cb?tenant=8",
            "https://app.example/cb?tenant=7&",
        ],
    );
    let answer = ada.approves_with(&w, &[]);
    assert!(answer.location().starts_with("https://app.example/cb?tenant=7&code=lkc_"), "{answer:?}");
    assert_eq!(world.exchange(&w, &answer.redirected("code").unwrap()).status, 200);
}

#[test]
fn ru_08_bytes_that_no_uri_has_are_refused_before_anything_is_read() {
    let world = World::new();
    let w = world.w();
    let base = form(&request_of(&w, &[("redirect_uri", "")]));
    for raw in [
        "https%3A%2F%2Fapp.example%2Fcb%00",
        "%00https%3A%2F%2Fapp.example%2Fcb",
        "https%3A%2F%2Fapp.example%2Fcb%ff",
        "https%3A%2F%2Fapp.example%2Fcb%c0%ae",
        "%",
        "%zz",
    ] {
        let before = world.rows();
        let answer = world.browser().get(&format!("/openid/authorize?{base}&redirect_uri={raw}"));
        answer.is_page(400);
        world.told_because(&answer, "authz.rejected", "parameters_malformed", raw);
        world.changed_nothing_since(&before, raw);
    }
}

#[test]
fn ru_11_a_redirect_uri_that_comes_twice_counts_as_none() {
    let world = World::new();
    let w = world.w();
    let base = form(&request_of(&w, &[("redirect_uri", "")]));
    let (good, evil) = (form(&[("redirect_uri", w.redirect_uri.as_str())]), form(&[("redirect_uri", "https://evil.example/")]));
    for (pair, reason) in [
        (format!("{good}&{evil}"), "redirect_repeated"),
        (format!("{evil}&{good}"), "redirect_repeated"),
        (format!("{good}&{good}"), "redirect_repeated"),
        (good.replace("redirect_uri=", "redirect_uri[]="), "redirect_missing"),
        (good.replace("redirect_uri=", "redirect_uri%5B%5D="), "redirect_missing"),
        (good.replace("redirect_uri=", "Redirect_Uri="), "redirect_missing"),
    ] {
        let before = world.rows();
        let answer = world.browser().get(&format!("/openid/authorize?{base}&{pair}").replace("[]", "%5B%5D"));
        answer.is_page(400);
        world.told_because(&answer, "authz.rejected", reason, &pair);
        // By POST it is no different.
        let body = format!("{base}&{pair}").replace("[]", "%5B%5D");
        let typed = [("content-type", "application/x-www-form-urlencoded")];
        let answer = world.request("POST", "/openid/authorize", &typed, Some(&body));
        answer.is_page(400);
        world.told_because(&answer, "authz.rejected", reason, &pair);
        world.changed_nothing_since(&before, &pair);
    }
}

#[test]
fn ru_12_a_missing_redirect_uri_is_never_guessed_however_many_are_registered() {
    let world = World::new();
    let w = world.w();
    for uris in [&["https://app.example/cb"][..], &["https://app.example/cb", "https://app.example/2"], &[]] {
        world.migrates_uris(&w, uris);
        for value in [None, Some("redirect_uri=")] {
            let query = form(&request_of(&w, &[("redirect_uri", "")]));
            let answer = world.browser().get(&format!("/openid/authorize?{query}&{}", value.unwrap_or_default()));
            answer.is_page(400);
            world.told_because(&answer, "authz.rejected", "redirect_missing", &format!("{uris:?} {value:?}"));
        }
        goes_nowhere(&world, &w, &[("redirect_uri", "https://evil.example/")], "redirect_mismatch");
    }
    assert!(world.grant_states().is_empty());
}

#[test]
fn ru_13_whatever_else_is_wrong_the_browser_never_goes_to_an_unregistered_place() {
    let world = World::new();
    let (w, evil) = (world.w(), ("redirect_uri", "https://evil.example/cb"));
    for (client_id, reason) in [("nobody", "client_unknown"), ("", "client_unknown")] {
        goes_nowhere(&world, &w, &[("client_id", client_id), evil], reason);
        goes_nowhere(&world, &w, &[("client_id", client_id)], reason);
    }
    for wrong in [
        ("prompt", "none"),
        ("scope", "sparkly"),
        ("response_type", "nonsense"),
        ("response_type", "token"),
        ("response_mode", "web_message"),
        ("response_mode", "form_post"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:expired"),
        ("request", "a.b.c"),
        ("id_token_hint", "nonsense"),
        ("code_challenge_method", "plain"),
    ] {
        goes_nowhere(&world, &w, &[evil, wrong], "redirect_mismatch");
    }
    let query = form(&request_of(&w, &[evil, ("state", "")]));
    let answer = world.browser().get(&format!("/openid/authorize?{query}&state=a&state=b"));
    answer.is_page(400);
    world.switches(&w, false);
    goes_nowhere(&world, &w, &[], "client_disabled");
}

#[test]
fn ru_14_ru_15_ru_24_a_row_with_a_dangerous_uri_is_no_permission_to_redirect_there() {
    let world = World::new();
    let w = world.w();
    let dangerous = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example/1",
        "about:blank",
        "ws://app.example/cb",
        " https://app.example/cb",
        "\u{1}https://app.example/cb",
        "http://app.example/cb",
        "http://localhost/cb",
        "https://u:p@app.example/cb",
        "https://app.example/cb#f",
        "https://*.example/cb",
        "https://app.example/*",
        "https://app.example*",
        "https://.*",
        "https://app.example/cb|https://evil.example/",
    ];
    for uri in dangerous {
        world.migrates_uris(&w, &[uri, "https://app.example/ok"]);
        goes_nowhere(&world, &w, &[("redirect_uri", uri)], "redirect_mismatch");
        // The key keeps its good ones, and a star means nothing.
        assert_eq!(asks(&world, &w, &[("redirect_uri", "https://app.example/ok")]).status, 200, "{uri}");
        goes_nowhere(&world, &w, &[("redirect_uri", "https://app.example/anything")], "redirect_mismatch");
        for kind in [ClientKind::Confidential, ClientKind::Public] {
            assert!(RedirectUri::register(uri, kind).is_err(), "{uri}");
        }
    }
}

#[test]
fn ru_16_a_public_key_on_a_device_is_answered_at_the_port_it_asks_for() {
    let world = World::new();
    let n = world.key("n");
    for (registered, uri) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51423/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb", "http://[::1]:8080/cb"),
    ] {
        world.migrates_uris(&n, &[registered]);
        let n = Application { redirect_uri: uri.to_owned(), ..world.key("n") };
        let answer = world.agent("cv.ada").approves_with(&n, &[]);
        assert_eq!(answer.status, 303, "{uri}: {answer:?}");
        assert_eq!(answer.location().split('?').next(), Some(uri));
        // The token endpoint wants that very port again.
        let other = Application { redirect_uri: registered.replace("/cb", ":2/cb"), ..n.clone() };
        let code = answer.redirected("code").unwrap();
        assert_eq!(world.exchange(&n, &code).status, 200, "{uri}");
        let again = world.agent("cv.ben").approves(&n);
        world.refused_grant(&world.exchange(&other, &again), "token.rejected", "redirect_mismatch", uri);
    }
}

#[test]
fn ru_17_ru_18_of_a_loopback_uri_only_the_port_may_differ() {
    let world = World::new();
    let n = world.key("n");
    none_is_accepted(
        &world,
        &n,
        &[
            // RU-17
            "http://127.0.0.1:51423/other",
            "http://127.0.0.1:51423/cb?x=1",
            "http://127.0.0.1:51423/cb/",
            "http://user@127.0.0.1:51423/cb",
            "http://127.0.0.1:51423@evil.example/cb",
            "http://127.0.0.1:51423/cb#f",
            "https://127.0.0.1:51423/cb",
            // RU-18
            "http://localhost:51423/cb",
            "http://127.1:51423/cb",
            "http://2130706433/cb",
            "http://0x7f000001/cb",
            "http://0177.0.0.1/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.2:51423/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "http://[::1]:51423/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:+80/cb",
        ],
    );
}

#[test]
fn ru_19_a_confidential_key_with_a_loopback_uri_from_elsewhere_has_that_one_port() {
    let world = World::new();
    let w = world.w();
    world.migrates_uris(&w, &["http://127.0.0.1:8081/cb"]);
    none_is_accepted(&world, &w, &["http://127.0.0.1:8082/cb", "http://127.0.0.1/cb", "http://[::1]:8081/cb"]);
    assert!(RedirectUri::register("http://127.0.0.1:8081/cb", ClientKind::Confidential).is_err());
    assert_eq!(asks(&world, &w, &[("redirect_uri", "http://127.0.0.1:8081/cb")]).status, 200);
}

#[test]
fn ru_21_at_the_token_endpoint_the_uri_is_the_one_the_code_was_sent_to_or_the_code_is_used_up() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    world.migrates_uris(&w, &["https://app.example/cb", "https://app.example/other"]);
    let w = world.w();
    for uri in ["", "https://app.example/CB", "https://app.example/cb/", "https://app.example/other", "https://evil.example/"] {
        let code = ada.approves(&w);
        let fields: Vec<(&str, &str)> =
            [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", uri), ("code_verifier", VERIFIER)]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect();
        world.refused_grant(&world.token(&w, &fields), "token.rejected", "redirect_mismatch", uri);
        let again = world.exchange(&w, &code);
        assert_eq!(again.is_token_error(400, "invalid_grant").status, 400, "{uri} did not use the code up");
    }
    assert!(world.grant_states().iter().all(|state| state == "ended"));
}

#[test]
fn ru_22_logging_out_leads_only_to_a_registered_place_of_the_hinted_client() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    let hint = tokens["id_token"].as_str().unwrap();
    for bad in [
        "https://evil.example/",
        "https://app.example/cb/more",
        "https://app.example/c",
        "https://app.example.evil.example/cb",
        "javascript:alert(1)",
        "//evil.example",
        "https://other.example/cb",
    ] {
        for hinted in [true, false] {
            let ada = world.agent("cv.ada");
            ada.approves(&w);
            let mut query = vec![("post_logout_redirect_uri", bad), ("state", "s")];
            if hinted {
                query.push(("id_token_hint", hint));
            }
            let answer = ada.get(&format!("/openid/logout?{}", form(&query)));
            assert!(answer.status == 200 && answer.header("location").is_none(), "{bad}: {answer:?}");
            if hinted {
                // A place of somebody else's is nobody's word: the person is asked (CS-05).
                assert!(answer.body.contains("id=\"sign-out\""), "{bad}: {answer:?}");
                assert!(ada.cookie("__Host-latchkey_session").is_some(), "{bad}");
            } else {
                assert!(answer.body.contains("id=\"signed-out\""), "{bad}: {answer:?}");
                assert!(ada.cookie("__Host-latchkey_session").is_none(), "{bad}");
                world.told(&answer, "session.ended");
            }
        }
    }
    // Registered, but nobody vouches for the client: the place is only known by an ID token.
    let ada = world.agent("cv.ada");
    ada.approves(&w);
    let here = [("post_logout_redirect_uri", w.redirect_uri.as_str())];
    assert!(ada.get(&format!("/openid/logout?{}", form(&here))).header("location").is_none());
    let other = [("id_token_hint", hint), here[0], ("client_id", "w2")];
    assert!(ada.get(&format!("/openid/logout?{}", form(&other))).header("location").is_none());
    ada.approves(&w);
    let good = ada.get(&format!("/openid/logout?{}", form(&[("id_token_hint", hint), here[0], ("state", "a&b")])));
    assert_eq!((good.status, good.location()), (303, "https://app.example/cb?state=a%26b"));
}

#[test]
fn ru_28_whoever_posts_a_password_or_a_consent_is_sent_on_by_303() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let answer = ada.signs_in(&ada.opens(&w, &[]), PASSWORD);
    assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    let consent = ada.get(answer.location());
    let answer = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
    assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    assert!(answer.location().starts_with("https://app.example/cb?code="));
    // With consent remembered the password itself leads to the application.
    ada.forget_cookies();
    let answer = ada.signs_in(&ada.opens(&w, &[]), PASSWORD);
    assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    assert!(answer.location().starts_with("https://app.example/cb?code="));
    let denied = ada.opens(&w, &[("prompt", "consent")]);
    let answer = ada.post("/openid/consent", &[("flow", &denied.field("flow")), ("decision", "deny")]);
    assert_eq!(answer.status, 303);
}
