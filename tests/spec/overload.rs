//! Floods: what is bounded stays bounded, and nobody else waits.

use std::collections::BTreeSet;

use latchkey::base::{Digest, Seconds};
use latchkey::flows::record;
use latchkey::store::audit;

use crate::support::tables;
use crate::support::world::{Answer, CHALLENGE, World, form, request_of};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// So many lines of an event are in the audit.
fn told(world: &World, event: &'static str) -> Vec<audit::Entry> {
    // Whatever still waits to be written is written before this.
    let mut last = 0;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let entries = world.app.db.read(move |conn| audit::newest(conn, Some(event), 100_000)).unwrap();
        if entries.len() == last {
            return entries;
        }
        last = entries.len();
    }
}

#[test]
fn ds_01_a_flood_of_sign_ins_is_turned_away_at_the_queues_end_and_everybody_else_is_answered() {
    // Seven workers leave six threads for passwords: by their names they are this world's.
    let world = World::with(&[("workers", "7"), ("password_queue", "4"), ("trusted_proxies", "127.0.0.0/8")]);
    let w = world.w();
    let query = form(&request_of(&w, &[]));
    let hashers = || {
        std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
            .filter_map(|name| name.trim().strip_prefix("hasher-")?.parse::<u32>().ok())
            .collect::<Vec<_>>()
    };
    let (answers, others) = std::thread::scope(|scope| {
        let floods: Vec<_> = (0..30_u32)
            .map(|thread| {
                let (world, query) = (&world, &query);
                scope.spawn(move || {
                    let browser = world.browser();
                    let page = browser.get(&format!("/openid/authorize?{query}"));
                    let flow = page.field("flow");
                    (0..10_u32)
                        .map(|number| {
                            // Each from an address and at a name of its own, so that no throttle helps.
                            let (peer, name) = (format!("192.0.{thread}.{number}"), format!("nobody.{thread}.{number}"));
                            let headers = [("origin", world.issuer.as_str()), ("x-forwarded-for", peer.as_str())];
                            browser.post_with("/openid/sign-in", &headers, &[("flow", &flow), ("username", &name), ("password", "x")])
                        })
                        .collect::<Vec<Answer>>()
                })
            })
            .collect();
        let mut others = Vec::new();
        while floods.iter().any(|flood| !flood.is_finished()) {
            others.push(world.token(&w, &[("grant_type", "client_credentials")]).status);
            others.push(world.get("/openid/jwks.json").status);
            others.push(world.my_account("lka_x").status);
            assert!(hashers().into_iter().all(|number| number < 6), "more threads hash than the pool has");
        }
        (floods.into_iter().flat_map(|flood| flood.join().unwrap()).collect::<Vec<_>>(), others)
    });
    assert_eq!(hashers().into_iter().filter(|number| *number == 5).count(), 1, "the pool is six threads");
    assert_eq!(answers.len(), 300);
    let away: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!away.is_empty(), "nobody was turned away");
    for answer in &away {
        answer.is_page(503);
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    }
    assert!(answers.iter().all(|answer| matches!(answer.status, 503 | 422)), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.status == 422), "nobody was served");
    assert_eq!(others.iter().copied().collect::<BTreeSet<u16>>(), BTreeSet::from([200, 401]));
    // It is over when it is over.
    assert!(world.agent("cv.ada").approves_with(&w, &[]).redirected("code").is_some());
}

#[test]
fn ds_02_whoever_has_not_signed_in_leaves_no_row_behind() {
    let world = World::new();
    let w = world.w();
    world.token(&w, &[("grant_type", "client_credentials")]);
    let before = tables::quiet(&world.app.db);
    let audited = tables::count(&world.app.db, "audit");
    let query = form(&request_of(&w, &[]));
    for _ in 0..300 {
        assert_eq!(world.get(&format!("/openid/authorize?{query}")).status, 200);
        assert_eq!(
            world.get(&format!("/oauth2?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb", w.client_id)).status,
            200
        );
        assert_eq!(world.get("/").status, 200);
    }
    tables::are_unchanged(&world.app.db, &before);
    assert_eq!(tables::count(&world.app.db, "audit"), audited);
    assert_eq!(tables::count(&world.app.db, "throttles"), 0);
}

#[test]
fn ds_03_a_machines_secret_costs_one_plain_hash() {
    let world = World::new();
    let w = world.w();
    let (id, digest) = (w.id.0, Digest::of(w.secret.as_deref().unwrap().as_bytes()).hex());
    let stored =
        world.app.db.read(move |conn| tables::lines(conn, &format!("SELECT digest AS line FROM key_secrets WHERE key_id = {id}"))).unwrap();
    assert_eq!(stored, [digest]);
}

#[test]
fn ds_04_failures_of_one_key_from_one_address_are_limited_and_no_others() {
    let world = World::with(&[("client_failures", "5"), ("trusted_proxies", "127.0.0.0/8")]);
    let (w, w2) = (world.w(), world.key("w2"));
    let ask = |application: &crate::support::world::Application, secret: &str, peer: &str| {
        let body = form(&[("grant_type", "client_credentials"), ("client_id", &application.client_id), ("client_secret", secret)]);
        world.request("POST", "/openid/token", &[FORM, ("x-forwarded-for", peer)], Some(&body))
    };
    let good = w.secret.clone().unwrap();
    for _ in 0..5 {
        ask(&w, "wrong", "192.0.2.1").is_token_error(401, "invalid_client");
    }
    for secret in ["wrong", good.as_str()] {
        let answer = ask(&w, secret, "192.0.2.1");
        answer.is_token_error(429, "temporarily_unavailable");
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    }
    world.audited("ratelimit.hit").unwrap();
    assert_eq!(ask(&w, &good, "192.0.2.2").status, 200, "another address");
    assert_eq!(ask(&w2, w2.secret.as_deref().unwrap(), "192.0.2.1").status, 200, "another key");
    // Guessed codes count like guessed secrets.
    for _ in 0..5 {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", "lkc_x"),
            ("redirect_uri", "https://other.example/cb"),
            ("code_verifier", CHALLENGE),
        ];
        world.token(&w2, &fields).is_token_error(400, "invalid_grant");
    }
    world.token(&w2, &[("grant_type", "client_credentials")]).is_token_error(429, "temporarily_unavailable");
}

#[test]
fn ds_06_a_flood_of_refusals_is_told_ten_times_a_minute_and_then_as_a_number() {
    let world = World::with(&[("trusted_proxies", "127.0.0.0/8")]);
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let foreign = tokens["refresh_token"].as_str().unwrap();
    world.advance(Seconds(1));
    let page = ada.opens(&w, &[("prompt", "login")]);
    let flow = page.field("flow");
    let bad = form(&request_of(&w, &[("redirect_uri", "https://evil.example/")]));
    for _ in 0..60 {
        world.get(&format!("/openid/authorize?{bad}")).is_page(400);
        ada.opens(&w, &[("scope", "openid"), ("max_age", "x")]).is_refused_to(&w, "invalid_request", &world.issuer);
        world.post_form("/openid/token", &[("client_id", &w.client_id), ("client_secret", "wrong")]);
        world.my_account("lka_x").is_api_error(401, 1000);
        world.as_client(&world.key("w2"), "/openid/revoke", &[("token", foreign)]);
        world.as_client(&world.key("w2"), "/openid/introspect", &[("token", foreign)]);
        ada.post_with("/openid/sign-in", &[("origin", "https://evil.example")], &[("flow", &flow)]);
        let answer = ada.post("/openid/sign-in", &[("flow", &flow), ("username", "nobody"), ("password", "x")]);
        assert!(matches!(answer.status, 422 | 429), "{answer:?}");
    }
    for event in [
        "authz.rejected",
        "authz.denied",
        "client.auth_failed",
        "access.denied",
        "revoke.denied",
        "introspect.denied",
        "csrf.rejected",
        "login.throttled",
    ] {
        let entries = told(&world, event);
        // Two limits throttle sign-ins, and each is told by itself.
        let most = if event == "login.throttled" { 22 } else { 11 };
        assert!(entries.len() <= most && entries.len() >= 10, "{event} was told {} times", entries.len());
        assert!(entries.iter().all(|entry| entry.times == 1));
    }
    record::flush(&world.app).unwrap();
    let entries = told(&world, "client.auth_failed");
    assert_eq!(entries.iter().map(|entry| entry.times).sum::<i64>(), 60, "none was forgotten");
    // A success is told each time.
    assert!(ada.approves_with(&w, &[]).redirected("code").is_some());
    let before = told(&world, "code.issued").len();
    for _ in 0..15 {
        ada.approves(&w);
    }
    assert_eq!(told(&world, "code.issued").len(), before + 15);
}

#[test]
fn ds_09_encrypted_or_compressed_tokens_are_no_tokens() {
    let world = World::new();
    let encode = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    for header in [
        r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A128CBC-HS256","zip":"DEF"}"#,
        r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AAAAAAAA"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"RS256","typ":"at+jwt","zip":"DEF"}"#,
        r#"{"alg":"RS256","typ":"at+jwt","crit":["exp"],"exp":1}"#,
    ] {
        for token in [
            format!("{}.{}.{}.{}.{}", encode(header), encode("k"), encode("iv"), encode("text"), encode("tag")),
            format!("{}.{}.{}", encode(header), encode("{}"), encode("s")),
        ] {
            assert_eq!(world.userinfo(&token).status, 401, "{header}");
            assert_eq!(world.introspect(&token), serde_json::json!({"active": false}), "{header}");
            let hinted = ada.opens(&w, &[("prompt", "none"), ("id_token_hint", &token)]);
            assert!(hinted.status < 500, "{header}: {hinted:?}");
            ada.opens(&w, &[("request", &token)]).is_refused_to(&w, "request_not_supported", &world.issuer);
        }
    }
    assert!(ada.approves_with(&w, &[]).redirected("code").is_some());
}
