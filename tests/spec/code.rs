//! The authorization code: one use, by its own client, with proof, within a minute.

use latchkey::base::{Digest, Seconds};
use latchkey::protocol::claims::id_token::ACR;
use latchkey::store::{accounts, grants, sweep};
use serde_json::json;

use crate::support::rows::{altered, claims, text};
use crate::support::world::{Answer, Application, PASSWORD, VERIFIER, World};

const ADA: &str = "20261001000000000000000101";

/// Asks for a code's tokens with whatever is right or wrong about it.
fn presents(world: &World, application: &Application, code: &str, redirect_uri: &str, verifier: &str) -> Answer {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri), ("code_verifier", verifier)];
    world.token(application, &fields)
}

#[test]
fn cd_01_a_replayed_code_ends_every_token_that_came_of_it() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let code = world.agent("cv.ada").approves(&application);
        let first = world.exchange(&application, &code).json();
        let renewed = world.refresh(&application, text(&first, "refresh_token")).json();
        for token in [text(&first, "access_token"), text(&renewed, "access_token"), text(&renewed, "refresh_token")] {
            assert!(world.is_active(token), "{name}");
        }
        let replayed = world.exchange(&application, &code);
        world.refused_grant(&replayed, "code.replayed", "code_replayed", name);
        world.told_because(&replayed, "family.revoked", "code_replayed", name);
        world.is_dead(text(&first, "access_token"), name);
        world.is_dead(text(&renewed, "access_token"), name);
        assert!(!world.is_active(text(&renewed, "refresh_token")), "{name}");
        let late = world.refresh(&application, text(&renewed, "refresh_token"));
        world.refused_grant(&late, "token.rejected", "grant_ended", name);
    }
}

#[test]
fn cd_01_a_replay_is_recognised_however_late_it_comes_and_across_sweeping() {
    let world = World::new();
    let w = world.w();
    world.change_policy(&w, |policy| policy.lifetimes.access_token = Some(Seconds(2_000_000)));
    let code = world.agent("cv.ada").approves(&w);
    let tokens = world.exchange(&w, &code).json();
    world.advance(Seconds::days(20));
    let now = world.app.now();
    world.change(move |conn| sweep::batch(conn, now));
    assert!(world.is_active(text(&tokens, "access_token")));
    world.refused_grant(&world.exchange(&w, &code), "code.replayed", "code_replayed", "after twenty days");
    world.is_dead(text(&tokens, "access_token"), "after a late replay");
}

#[test]
fn cd_02_another_client_neither_redeems_nor_spoils_a_code() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    let code = world.agent("cv.ada").approves(&w);
    let before = world.rows();
    for other in [&w2, &world.key("p")] {
        for uri in [&w.redirect_uri, &other.redirect_uri] {
            for verifier in [VERIFIER, "wrong"] {
                let said = format!("{} {uri} {verifier}", other.client_id);
                let answer = presents(&world, other, &code, uri, verifier);
                world.refused_grant(&answer, "code.client_mismatch", "client_mismatch", &said);
            }
        }
    }
    world.changed_nothing_since(&before, "codes of others");
    let tokens = world.exchange(&w, &code);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    // Nor does it end what the code became.
    let answer = presents(&world, &w2, &code, &w.redirect_uri, VERIFIER);
    world.refused_grant(&answer, "code.client_mismatch", "client_mismatch", "after it was redeemed");
    assert!(world.is_active(text(&tokens.json(), "access_token")));
    // The right client with the wrong address is the fourth case: that uses the code up.
    let code = world.agent("cv.ada").approves(&w);
    let answer = presents(&world, &w, &code, &w2.redirect_uri, VERIFIER);
    world.refused_grant(&answer, "token.rejected", "redirect_mismatch", "right client, wrong address");
    assert_eq!(world.grant_states(), ["active", "ended"]);
}

#[test]
fn cd_03_a_code_is_good_for_a_minute() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let code = ada.approves(&w);
    world.advance(Seconds(59));
    assert_eq!(world.exchange(&w, &code).status, 200);
    for age in [60, 61] {
        let code = ada.approves(&w);
        world.advance(Seconds(age));
        world.refused_grant(&world.exchange(&w, &code), "token.rejected", "code_expired", &format!("{age} s"));
    }
    let code = ada.approves(&w);
    world.advance(Seconds(61));
    let before = world.rows();
    let foreign = presents(&world, &world.key("w2"), &code, &w.redirect_uri, VERIFIER);
    world.refused_grant(&foreign, "code.client_mismatch", "client_mismatch", "expired and someone else's");
    world.changed_nothing_since(&before, "expired and someone else's");
}

#[test]
fn cd_04_of_fifty_exchanges_at_once_one_succeeds_and_the_others_end_what_it_got() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let code = world.agent("cv.ada").approves(&application);
        let gate = std::sync::Barrier::new(50);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..50)
                .map(|_| {
                    scope.spawn(|| {
                        gate.wait();
                        world.exchange(&application, &code)
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((good.len(), bad.len()), (1, 49), "{answers:?}");
        for answer in &bad {
            answer.is_token_error(400, "invalid_grant");
        }
        let tokens = good[0].json();
        world.is_dead(text(&tokens, "access_token"), name);
        assert!(!world.is_active(text(&tokens, "refresh_token")), "{name}");
        let told = bad.iter().filter(|answer| {
            let id = answer.header("x-request-id");
            let rows = world.app.db.read(|conn| latchkey::store::audit::newest(conn, Some("family.revoked"), 100)).unwrap();
            rows.iter().any(|entry| entry.request_id.as_deref() == id)
        });
        assert_eq!(told.count(), 1, "the family ends once");
    }
    assert_eq!(world.grant_states(), ["ended"; 2]);
}

#[test]
fn cd_05_whoever_has_only_the_used_code_ends_nobodys_session() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let code = world.agent("cv.ada").approves(&application);
        let tokens = world.exchange(&application, &code).json();
        let (before, uri) = (world.rows(), application.redirect_uri.as_str());
        for (uri, verifier) in [(uri, "wrong"), (uri, ""), ("https://evil.example/", VERIFIER)] {
            let answer = presents(&world, &application, &code, uri, verifier);
            world.refused_grant(&answer, "code.replay_unproven", "code_replay_unproven", &format!("{name} {uri} {verifier}"));
        }
        let other = presents(&world, &world.key("w2"), &code, uri, VERIFIER);
        world.refused_grant(&other, "code.client_mismatch", "client_mismatch", name);
        if application.secret.is_some() {
            for secret in [None, Some("guessed".to_owned())] {
                let thief = Application { secret, ..application.clone() };
                world.exchange(&thief, &code).is_token_error(401, "invalid_client");
            }
        }
        world.changed_nothing_since(&before, name);
        assert!(world.is_active(text(&tokens, "access_token")), "{name}");
        assert_eq!(world.refresh(&application, text(&tokens, "refresh_token")).status, 200, "{name}");
    }
}

#[test]
fn cd_06_a_code_is_one_word_says_nothing_and_stands_nowhere() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let codes: Vec<String> = (0..20).map(|_| ada.approves(&w)).collect();
    let rows = world.rows();
    for code in &codes {
        assert!(code.starts_with("lkc_") && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{code}");
        let bytes = data_encoding::BASE32_NOPAD.decode(code["lkc_".len()..].to_uppercase().as_bytes());
        let said = bytes.unwrap_or_default();
        for known in [ADA, "cv.ada", w.client_id.as_str(), "app.example"] {
            assert!(!code.contains(known) && !said.windows(known.len()).any(|part| part == known.as_bytes()), "{known} in {code}");
        }
        // Neither the text nor its tag, which is what nobody can guess.
        for part in [code.as_str(), &code["lkc_".len()..], &code[code.len() - 24..], &Digest::of(code.as_bytes()).hex()] {
            assert!(!rows.mention(part), "{part} stands in the database");
        }
        // Sixteen bytes of it are a tag: no two have one in common.
        let tail = &code[code.len() - 25..];
        assert_eq!(codes.iter().filter(|other| other.ends_with(tail)).count(), 1, "{code}");
    }
    let tokens = world.exchange(&w, &codes[0]).json();
    let rows = world.rows();
    for member in ["access_token", "refresh_token", "id_token"] {
        assert!(!rows.mention(text(&tokens, member)), "{member} stands in the database");
    }
}

#[test]
fn cd_07_a_code_with_anything_changed_is_no_code_and_harms_none() {
    let world = World::new();
    let w = world.w();
    let code = world.agent("cv.ada").approves(&w);
    let before = world.rows();
    let mut bad = vec![
        code[..code.len() - 1].to_owned(),
        format!("{code}a"),
        format!("{code}="),
        format!("{code} "),
        format!(" {code}"),
        code.to_uppercase(),
        code.replacen("lkc_", "lkr_", 1),
        code.replacen("lkc_", "", 1),
        format!("{code}{code}"),
        "a".repeat(10_000),
    ];
    bad.extend((4..code.len()).step_by(9).map(|place| altered(&code, place)));
    bad.push(altered(&code, code.len() - 1));
    for bad in bad {
        world.refused_grant(&world.exchange(&w, &bad), "token.rejected", "code_unknown", &bad);
    }
    // What has a NUL in it is not read at all.
    let answer = world.exchange(&w, &format!("{code}\0"));
    answer.is_token_error(400, "invalid_request");
    world.told_because(&answer, "token.rejected", "parameters_malformed", "NUL");
    world.changed_nothing_since(&before, "bad codes");
    assert_eq!(world.exchange(&w, &code).status, 200);
}

#[test]
fn cd_08_a_code_opens_no_other_door() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let code = ada.approves(&w);
    let before = world.rows();
    world.refused_grant(&world.refresh(&w, &code), "token.rejected", "refresh_unknown", "as a refresh token");
    world.is_dead(&code, "as an access token");
    for grant_type in ["urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        let fields = [("grant_type", grant_type), ("device_code", code.as_str()), ("subject_token", code.as_str())];
        world.token(&w, &fields).is_token_error(400, "unsupported_grant_type");
    }
    assert_eq!(world.as_client(&w, "/openid/revoke", &[("token", &code)]).status, 200);
    for extra in [("request_uri", code.as_str()), ("id_token_hint", &code), ("request", &code)] {
        assert!(ada.opens(&w, &[extra]).redirected("error").is_some(), "{extra:?}");
    }
    let thief = world.browser();
    for cookie in ["__Host-latchkey_session", "__Host-latchkey_device", "__Host-latchkey_browser"] {
        thief.set_cookie(cookie, &code);
        thief.set_cookie("__Host-latchkey_session", &format!("1.{code}"));
        assert!(thief.opens(&w, &[]).body.contains("id=\"sign-in\""), "{cookie}");
    }
    thief.get(&format!("/openid/continue?flow={code}")).is_page(400);
    world.changed_nothing_since(&before, "a code at other doors");
    assert_eq!(world.exchange(&w, &code).status, 200);
}

#[test]
fn cd_09_nothing_else_passes_for_a_code() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = ada.opens(&w, &[]);
    let flow = page.field("flow");
    let tokens = ada.grants(&w);
    let jwt = world.agent("cv.ben").grants(&world.key("es256"));
    let before = world.rows();
    for (name, artefact) in [
        ("access token", text(&tokens, "access_token")),
        ("refresh token", text(&tokens, "refresh_token")),
        ("ID token", text(&tokens, "id_token")),
        ("JWT access token", text(&jwt, "access_token")),
        ("client secret", w.secret.as_deref().unwrap()),
        ("client_id", &w.client_id),
        ("session cookie", &ada.cookie("__Host-latchkey_session").unwrap()),
        ("device cookie", &ada.cookie("__Host-latchkey_device").unwrap()),
        ("page", &flow),
        ("renamed refresh token", &text(&tokens, "refresh_token").replacen("lkr_", "lkc_", 1)),
        ("renamed access token", &text(&tokens, "access_token").replacen("lka_", "lkc_", 1)),
    ] {
        world.refused_grant(&world.exchange(&w, artefact), "token.rejected", "code_unknown", name);
    }
    world.changed_nothing_since(&before, "other artefacts as codes");
    assert!(world.is_active(text(&tokens, "access_token")));
    assert!(world.is_active(text(&jwt, "access_token")));
    assert_eq!(world.refresh(&w, text(&tokens, "refresh_token")).status, 200);
}

#[test]
fn cd_10_what_happens_between_code_and_exchange_counts() {
    let world = World::new();
    let w = world.w();
    let between = |what: &dyn Fn(&str), reason: &str| {
        let ada = world.agent("cv.ada");
        let code = ada.approves(&w);
        let session = ada.cookie("__Host-latchkey_session").unwrap();
        world.advance(Seconds(1));
        what(&session);
        let answer = world.exchange(&w, &code);
        let event = if reason == "code_replayed" { "code.replayed" } else { "token.rejected" };
        world.refused_grant(&answer, event, reason, reason);
        assert!(world.grant_states().iter().all(|state| state == "ended"), "{reason}");
    };
    between(
        &|session| {
            let ada = world.agent("cv.ada");
            ada.set_cookie("__Host-latchkey_session", session);
            assert!(ada.get("/openid/logout").body.contains("id=\"signed-out\""));
        },
        "session_over",
    );
    between(&|_| world.takes_back_consent(&w, ADA), "code_replayed");
    between(
        &|_| {
            let (now, hash) = (world.app.now(), password_hash(&world));
            assert!(world.change(move |conn| accounts::set_password(conn, &ADA.parse().unwrap(), &hash, now)));
        },
        "grant_superseded",
    );
    between(&|_| world.narrows_to_mls(&w, Some(crate::support::world::OTHER_MLS)), "person_outside");
    world.narrows_to_mls(&w, None);
    between(&|_| switch_ada(&world, false), "person_inactive");
    switch_ada(&world, true);

    let code = world.agent("cv.ada").approves(&w);
    world.switches(&w, false);
    world.refused_client(&world.exchange(&w, &code), "client_disabled", "disabled");
    world.switches(&w, true);
    world.deletes(&w, true);
    world.refused_client(&world.exchange(&w, &code), "client_disabled", "deleted");
}

fn switch_ada(world: &World, on: bool) {
    let now = world.app.now();
    assert!(world.change(move |conn| accounts::set_active(conn, &ADA.parse().unwrap(), on, now)));
}

/// A hash of everybody's password, as a changed password would leave one.
fn password_hash(world: &World) -> String {
    let typed = latchkey::identity::password::Password::typed(PASSWORD).unwrap();
    world.app.hasher.hash(typed, &world.app.random).unwrap().recv().unwrap().unwrap()
}

#[test]
fn cd_10_a_code_whose_row_is_gone_is_refused_and_told_like_any_other() {
    let world = World::new();
    let w = world.w();
    let code = world.agent("cv.ada").approves(&w);
    let tokens = world.agent("cv.ben").grants(&w);
    world.advance(Seconds::days(400));
    let now = world.app.now();
    world.change(move |conn| sweep::batch(conn, now));
    assert!(world.grant_states().is_empty());
    world.refused_grant(&world.exchange(&w, &code), "token.rejected", "code_unknown", "swept");
    let refreshed = world.refresh(&w, text(&tokens, "refresh_token"));
    world.refused_grant(&refreshed, "token.rejected", "refresh_unknown", "swept");
}

#[test]
fn cd_11_a_token_request_cannot_widen_what_was_allowed() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let code = ada.approves_with(&w, &[("scope", "openid email")]).redirected("code").unwrap();
    let answer = world.token(
        &w,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &w.redirect_uri),
            ("code_verifier", VERIFIER),
            ("scope", "openid email phone address RESO FBS"),
        ],
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    let tokens = answer.json();
    assert_eq!(tokens["scope"], "openid email");
    assert_eq!(world.introspect(text(&tokens, "access_token"))["scope"], "openid email");
    let said = world.userinfo(text(&tokens, "access_token")).json();
    assert_eq!((said.get("phone_number"), said["email"].as_str()), (None, Some("ada@example.com")));
}

#[test]
fn cd_14_the_id_token_tells_of_this_very_sign_in() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let signed_in = world.app.now().seconds();
    ada.approves(&w);
    world.advance(Seconds(600));
    for (nonce, told) in [("n-\u{e9} +&1", json!("n-\u{e9} +&1")), ("", json!(null))] {
        let code = ada.approves_with(&w, &[("nonce", nonce)]).redirected("code").unwrap();
        let tokens = world.exchange(&w, &code).json();
        let said = claims(text(&tokens, "id_token"));
        assert_eq!(said.get("nonce").cloned().unwrap_or_default(), told);
        assert_eq!(said.get("nonce").is_some(), !nonce.is_empty());
        assert_eq!((said["sub"].as_str(), said["acr"].as_str()), (Some(ADA), Some(ACR)));
        assert_eq!(said["auth_time"], signed_in);
        assert_eq!(said["iat"], world.app.now().seconds());
        assert_eq!((said["iss"].as_str(), said["aud"].as_str()), (Some(world.issuer.as_str()), Some(w.client_id.as_str())));
    }
    // Two people in two browsers are told apart.
    let code = world.agent("cv.ben").approves_with(&w, &[("nonce", "ben")]).redirected("code").unwrap();
    let said = claims(text(&world.exchange(&w, &code).json(), "id_token"));
    assert_eq!((said["sub"].as_str(), said["nonce"].as_str()), (Some("20261001000000000000000102"), Some("ben")));
    assert_eq!(said["auth_time"], world.app.now().seconds());
}

#[test]
fn cd_15_other_grants_credentials_beside_a_code_are_not_used() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let older = ada.grants(&w);
    let code = ada.approves(&w);
    let answer = world.token(
        &w,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &w.redirect_uri),
            ("code_verifier", VERIFIER),
            ("refresh_token", text(&older, "refresh_token")),
            ("username", "cv.ben"),
            ("password", PASSWORD),
        ],
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(claims(text(&answer.json(), "id_token"))["sub"], ADA);
    assert!(world.is_active(text(&older, "refresh_token")), "the older one was not used");
    assert_eq!(world.app.db.read(grants::count).unwrap(), 2);
}
