//! Introspection and revocation: who may know of a token, and when it is dead (RFC 7662, RFC 7009).

use std::collections::BTreeSet;

use latchkey::base::Seconds;
use latchkey::base::id::AccountId;
use latchkey::store::{accounts, keys};
use serde_json::Value;

use crate::support::world::{Answer, Application, World};
use crate::support::{log, tables};

const INACTIVE: &str = r#"{"active":false}"#;

fn ada() -> AccountId {
    "20261001000000000000000101".parse().unwrap()
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

fn asks(world: &World, who: &Application, token: &str) -> Answer {
    world.as_client(who, "/openid/introspect", &[("token", token)])
}

fn revokes(world: &World, who: &Application, token: &str) {
    let answer = world.as_client(who, "/openid/revoke", &[("token", token)]);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn own_token(world: &World, who: &Application) -> String {
    let answer = world.token(who, &[("grant_type", "client_credentials")]);
    assert_eq!(answer.status, 200, "{answer:?}");
    text(&answer.json(), "access_token").to_owned()
}

#[test]
fn in_01_whoever_does_not_prove_which_key_he_is_learns_nothing_and_revokes_nothing() {
    let world = World::new();
    let (w, p) = (world.w(), world.key("p"));
    let tokens = world.agent("cv.ada").grants(&w);
    let token = text(&tokens, "access_token");
    for path in ["/openid/introspect", "/openid/revoke"] {
        for fields in [
            vec![("token", token)],
            vec![("token", token), ("client_id", &w.client_id)],
            vec![("token", token), ("client_id", &w.client_id), ("client_secret", "wrong")],
            vec![("token", token), ("client_id", &w.client_id), ("client_secret", "")],
            vec![("token", token), ("client_id", "nobody"), ("client_secret", w.secret.as_deref().unwrap())],
        ] {
            world.post_form(path, &fields).is_token_error(401, "invalid_client");
        }
        let basic = format!("Basic {}", data_encoding::BASE64.encode(format!("{}:wrong", w.client_id).as_bytes()));
        let form = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
        let answer = world.request("POST", path, &form, Some(&format!("token={token}")));
        answer.is_token_error(401, "invalid_client");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic "), "{answer:?}");
    }
    world.audited_because("client.auth_failed", "secret_wrong");
    // A public key proves nothing: anybody could ask in its name.
    asks(&world, &p, token).is_token_error(401, "invalid_client");
    assert!(world.is_active(token));
}

#[test]
fn in_02_a_key_learns_nothing_of_another_keys_tokens_and_the_audit_knows_who_asked() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    let tokens = world.agent("cv.ada").grants(&w);
    for token in [text(&tokens, "access_token"), text(&tokens, "refresh_token"), &own_token(&world, &w)] {
        assert_eq!(asks(&world, &w, token).json()["active"], true);
        let before = denials(&world);
        let answer = asks(&world, &w2, token);
        assert_eq!((answer.status, answer.body.as_str()), (200, INACTIVE));
        for _ in 0..3000 {
            if denials(&world) > before {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(denials(&world), before + 1, "a foreign {} was not told", &token[..4]);
    }
    let entry = world.audited("introspect.denied").unwrap();
    assert_eq!((entry.client.as_deref(), entry.outcome.as_str()), (Some(w2.client_id.as_str()), "refused"));
}

fn denials(world: &World) -> usize {
    world.app.db.read(|conn| latchkey::store::audit::newest(conn, Some("introspect.denied"), 100)).unwrap().len()
}

#[test]
fn in_03_a_jwt_with_another_payload_or_signature_is_no_token() {
    let world = World::new();
    let tokens = world.agent("cv.ada").grants(&world.key("es256"));
    let token = text(&tokens, "access_token");
    assert!(world.is_active(token));
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let other_payload = data_encoding::BASE64URL_NOPAD.encode(
        &String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap())
            .unwrap()
            .replace("openid", "openid RESO")
            .into_bytes(),
    );
    assert_ne!(other_payload, parts[1]);
    let none = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"at+jwt"}"#);
    let id_token = text(&tokens, "id_token");
    for bad in [
        format!("{}.{other_payload}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], id_token.rsplit('.').next().unwrap()),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{none}.{}.", parts[1]),
        format!("{token}."),
        format!("{token}="),
        id_token.to_owned(),
    ] {
        let answer = asks(&world, &world.key("resource"), &bad);
        assert_eq!((answer.status, answer.body.as_str()), (200, INACTIVE), "{bad}");
        assert_eq!(world.userinfo(&bad).status, 401, "{bad}");
    }
}

#[test]
fn in_04_whatever_the_reason_the_answer_is_the_same_to_the_byte() {
    let world = World::new();
    let resource = world.key("resource");
    let w = world.w();
    let plain = |answer: &Answer| {
        let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "x-request-id" && name != "date").cloned().collect();
        (answer.status, headers, answer.body.clone())
    };
    let unknown = plain(&asks(&world, &resource, "lka_nonsense"));
    assert_eq!(unknown.2, INACTIVE);
    let is_dead = |why: &str, tokens: &Value| {
        for name in ["access_token", "refresh_token"] {
            assert_eq!(plain(&asks(&world, &resource, text(tokens, name))), unknown, "{why}: {name}");
        }
    };
    let is_alive = |tokens: &Value| {
        for name in ["access_token", "refresh_token"] {
            assert!(world.is_active(text(tokens, name)), "{name}");
        }
    };
    for bad in ["", "x", "lkr_nonsense", "lkc_nonsense", "a.b.c", "\u{e9}", &"x".repeat(5000)] {
        let answer = asks(&world, &resource, bad);
        if bad.is_empty() {
            answer.is_token_error(400, "invalid_request");
        } else {
            assert_eq!(plain(&answer), unknown, "{bad}");
        }
    }

    let tokens = world.agent("cv.ada").grants(&w);
    is_alive(&tokens);
    world.change({
        let id = w.id;
        move |conn| keys::set_enabled(conn, id, false, latchkey::base::Timestamp(0))
    });
    is_dead("disabled key", &tokens);
    world.change({
        let id = w.id;
        move |conn| keys::set_enabled(conn, id, true, latchkey::base::Timestamp(0))
    });
    is_alive(&tokens);

    world.change(|conn| accounts::set_active(conn, &ada(), false, latchkey::base::Timestamp(0)));
    is_dead("disabled person", &tokens);
    world.change(|conn| accounts::set_active(conn, &ada(), true, latchkey::base::Timestamp(0)));
    is_alive(&tokens);

    revokes(&world, &w, text(&tokens, "refresh_token"));
    is_dead("revoked family", &tokens);

    let tokens = world.agent("cv.ada").grants(&w);
    world.advance(Seconds(1));
    let now = world.app.now();
    world.change(move |conn| accounts::set_password(conn, &ada(), "x", now));
    is_dead("password changed", &tokens);

    let tokens = world.agent("cv.ben").grants(&w);
    world.advance(Seconds(1));
    let now = world.app.now().0;
    world.change(move |conn| conn.batch(&format!("UPDATE keys SET tokens_valid_after = {now}")));
    is_dead("tokens of the key declared dead", &tokens);
    world.change(|conn| conn.batch("UPDATE keys SET tokens_valid_after = NULL"));

    let tokens = world.agent("cv.ben").grants(&w);
    world.advance(Seconds(86_400));
    assert_eq!(plain(&asks(&world, &resource, text(&tokens, "access_token"))), unknown, "expired");
    assert!(world.is_active(text(&tokens, "refresh_token")));
    world.advance(Seconds::days(366));
    is_dead("expired", &tokens);
}

#[test]
fn in_05_the_answer_is_nobodys_to_keep_and_says_only_what_a_resource_server_needs() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    for (token, members) in [
        (text(&tokens, "access_token").to_owned(), "active aud client_id exp iat iss role roles scope sub token_type username"),
        (own_token(&world, &w), "active aud client_id exp iat iss role roles sub token_type"),
    ] {
        let answer = asks(&world, &world.key("resource"), &token);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let said: BTreeSet<String> = answer.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(said, members.split(' ').map(str::to_owned).collect());
        assert_eq!(answer.json()["iss"], world.issuer);
        assert!(!answer.body.contains(&token));
    }
}

#[test]
fn in_06_a_revoked_access_token_is_dead_at_once_and_a_revoked_refresh_token_takes_its_family_along() {
    let world = World::new();
    let w = world.w();
    for key in [world.w(), world.key("es256")] {
        let tokens = world.agent("cv.ada").grants(&key);
        let again = world.refresh(&key, text(&tokens, "refresh_token")).json();
        let (first, second) = (text(&tokens, "access_token"), text(&again, "access_token"));
        assert!(world.is_active(first) && world.is_active(second));
        revokes(&world, &key, first);
        assert!(!world.is_active(first));
        assert_eq!(world.userinfo(first).status, 401);
        world.my_account(first).is_api_error(401, 1020);
        assert!(world.is_active(second), "only the one that was named");
        world.audited("token.revoked").unwrap();
        // Once more is as good as once.
        revokes(&world, &key, first);

        revokes(&world, &key, text(&again, "refresh_token"));
        assert!(!world.is_active(second) && !world.is_active(text(&again, "refresh_token")));
        assert_eq!(world.userinfo(second).status, 401);
        world.refresh(&key, text(&again, "refresh_token")).is_token_error(400, "invalid_grant");
        world.audited("family.revoked").unwrap();
    }
    // An older refresh token of the family is good enough to end it.
    let tokens = world.agent("cv.ada").grants(&w);
    let again = world.refresh(&w, text(&tokens, "refresh_token")).json();
    revokes(&world, &w, text(&tokens, "refresh_token"));
    assert!(!world.is_active(text(&again, "access_token")));
    for unknown in ["nonsense", "lka_nonsense", "lkr_nonsense", "a.b.c"] {
        revokes(&world, &w, unknown);
    }
}

#[test]
fn in_07_nobody_revokes_another_keys_tokens_and_the_audit_knows_who_tried() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    let tokens = world.agent("cv.ada").grants(&w);
    let own = own_token(&world, &w);
    own_token(&world, &w2);
    let before = tables::quiet(&world.app.db);
    for token in [text(&tokens, "access_token"), text(&tokens, "refresh_token"), &own] {
        revokes(&world, &w2, token);
        assert!(asks(&world, &w, token).json()["active"] == true, "{}", &token[..4]);
    }
    tables::are_unchanged(&world.app.db, &before);
    let entry = world.audited("revoke.denied").unwrap();
    assert_eq!((entry.client.as_deref(), entry.outcome.as_str()), (Some(w2.client_id.as_str()), "refused"));
}

#[test]
fn in_08_a_public_key_revokes_its_own_tokens_by_name_alone_and_no_other_public_keys() {
    let world = World::new();
    let (p, n) = (world.key("p"), world.key("n"));
    let tokens = world.agent("cv.ada").grants(&p);
    for token in ["access_token", "refresh_token"] {
        revokes(&world, &n, text(&tokens, token));
        assert!(world.is_active(text(&tokens, token)), "{token}");
    }
    for token in ["access_token", "refresh_token"] {
        revokes(&world, &p, text(&tokens, token));
        assert!(!world.is_active(text(&tokens, token)), "{token}");
    }
}

#[test]
fn in_09_a_revocation_that_was_not_written_is_never_called_done() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    for (name, table) in [("access_token", "revoked_tokens"), ("refresh_token", "grants")] {
        let token = text(&tokens, name);
        let held = tables::hold(&world.app.db, table);
        let answer = world.as_client(&w, "/openid/revoke", &[("token", token)]);
        answer.is_token_error(503, "temporarily_unavailable");
        assert!(answer.header("retry-after").unwrap().parse::<u32>().is_ok_and(|seconds| seconds > 0));
        assert!(world.is_active(token), "{name}");
        drop(held);
        revokes(&world, &w, token);
        assert!(!world.is_active(token), "{name}");
    }
}

#[test]
fn in_11_a_token_in_the_address_is_refused_and_not_written_to_the_log() {
    log::keep();
    let world = World::new();
    let w = world.w();
    let token = text(&world.agent("cv.ada").grants(&w), "access_token").to_owned();
    let secret = w.secret.as_deref().unwrap();
    for path in ["/openid/introspect", "/openid/revoke"] {
        let answer = world.get(&format!("{path}?token={token}"));
        answer.is_token_error(405, "invalid_request");
        assert_eq!(answer.header("allow"), Some("POST"));
        for query in [format!("token={token}"), format!("client_secret={secret}"), format!("x=%zz&token={token}")] {
            let answer = world.as_client(&w, &format!("{path}?{query}"), &[("token", &token)]);
            answer.is_token_error(400, "invalid_request");
            assert!(!answer.body.contains(&token));
        }
    }
    assert_eq!(world.get(&format!("/openid/userinfo?access_token={token}")).status, 400);
    assert!(world.is_active(&token));
    world.audited_because("token.rejected", "credential_in_query");
    let log = log::text();
    assert!(log.contains("route=\"/openid/introspect\"") || log.contains("/openid/introspect"));
    assert!(!log.contains(&token) && !log.contains(secret));
    assert!(!tables::text(&world.app.db).contains(&token));
}

#[test]
fn in_13_an_answer_given_a_moment_ago_does_not_outlive_a_revocation() {
    let world = World::new();
    let (w, resource) = (world.w(), world.key("resource"));
    let token = text(&world.agent("cv.ada").grants(&w), "access_token").to_owned();
    for _ in 0..5 {
        assert_eq!(asks(&world, &resource, &token).json()["active"], true);
        assert_eq!(asks(&world, &world.key("w2"), &token).body, INACTIVE, "the answer depends on who asks");
    }
    revokes(&world, &w, &token);
    assert_eq!(asks(&world, &resource, &token).body, INACTIVE);
    assert_eq!(asks(&world, &w, &token).body, INACTIVE);
}

#[test]
fn in_15_a_keys_own_token_is_dead_once_it_or_all_of_its_keys_tokens_are_revoked() {
    let world = World::new();
    let w = world.w();
    let (first, second) = (own_token(&world, &w), own_token(&world, &w));
    assert_ne!(first, second);
    revokes(&world, &w, &first);
    assert!(!world.is_active(&first));
    assert!(world.is_active(&second));
    world.advance(Seconds(1));
    let (id, now) = (w.id.0, world.app.now().0);
    world.change(move |conn| conn.batch(&format!("UPDATE keys SET tokens_valid_after = {now} WHERE id = {id}")));
    assert!(!world.is_active(&second));
    let third = own_token(&world, &w);
    assert!(world.is_active(&third));
    world.change({
        let id = w.id;
        move |conn| keys::set_enabled(conn, id, false, latchkey::base::Timestamp(0))
    });
    assert!(!world.is_active(&third));
}
