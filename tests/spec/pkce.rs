//! PKCE: `S256` or nothing, never nothing for public keys, and what was begun with it ends with it.

use data_encoding::BASE64URL_NOPAD;
use latchkey::base::Digest;
use serde_json::json;

use crate::support::world::{Answer, Application, CHALLENGE, VERIFIER, World, form, request_of};

/// Asserts an error on the redirect URI, the state returned, no row, and the reason (RED).
fn is_refused(world: &World, application: &Application, answer: &Answer, state: &str, reason: &str, said: &str) {
    assert_eq!(answer.status, 303, "{said}: {answer:?}");
    answer.is_refused_to(application, "invalid_request", &world.issuer);
    assert_eq!(answer.redirected("state").as_deref(), Some(state), "{said}");
    world.told_because(answer, "authz.denied", reason, said);
}

/// A state that is easily damaged on its way.
const STATE: &str = "https://back.example/?a=b&c=%20 d+e#\u{e9}\"";

fn none_is_accepted(world: &World, application: &Application, challenge: &[(&str, &str)], reason: &str) {
    let said = format!("{} {challenge:?}", application.client_id);
    let query = form(&request_of(application, &[("code_challenge", ""), ("code_challenge_method", ""), ("state", STATE)]));
    let before = world.rows();
    let answer = world.browser().get(&format!("/openid/authorize?{query}&{}", form(challenge)));
    is_refused(world, application, &answer, STATE, reason, &said);
    world.changed_nothing_since(&before, &said);
}

/// A code that is bound to the challenge of `verifier`.
fn code_for(world: &World, application: &Application, verifier: &str) -> String {
    let challenge = BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).bytes());
    world.agent("cv.ada").approves_with(application, &[("code_challenge", &challenge)]).redirected("code").unwrap()
}

fn exchanged(world: &World, application: &Application, code: &str, extra: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", application.redirect_uri.as_str())];
    fields.extend(extra);
    world.token(application, &fields)
}

#[test]
fn pk_01_no_challenge_is_refused_to_public_keys_and_to_those_that_must_use_pkce() {
    let world = World::new();
    for name in ["p", "n", "w"] {
        let application = world.key(name);
        if name == "w" {
            let free = world.browser().opens(&application, &[("code_challenge", ""), ("code_challenge_method", "")]);
            assert_eq!(free.status, 200, "a confidential key may do without: {free:?}");
            world.change_policy(&application, |policy| policy.require_pkce = true);
        }
        none_is_accepted(&world, &application, &[], "challenge_missing");
        assert_eq!(world.browser().opens(&application, &[]).status, 200, "{name} with a challenge");
    }
}

#[test]
fn pk_12_no_policy_frees_a_public_key_from_pkce() {
    let world = World::new();
    let p = world.key("p");
    world.change_policy(&p, |policy| {
        policy.require_pkce = false;
        policy.first_party = true;
        policy.verified = true;
    });
    none_is_accepted(&world, &p, &[], "challenge_missing");
}

#[test]
fn pk_02_pk_03_pk_04_every_method_but_s256_is_refused() {
    let world = World::new();
    for name in ["w", "p", "n"] {
        let application = world.key(name);
        for method in ["plain", "s256", "S512", "S256 ", "", "none"] {
            none_is_accepted(&world, &application, &[("code_challenge", CHALLENGE), ("code_challenge_method", method)], "challenge_method");
        }
        none_is_accepted(&world, &application, &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")], "challenge_method");
        none_is_accepted(&world, &application, &[("code_challenge", CHALLENGE)], "challenge_method");
        none_is_accepted(&world, &application, &[("code_challenge_method", "S256")], "challenge_method");
        none_is_accepted(&world, &application, &[("code_challenge", ""), ("code_challenge_method", "S256")], "challenge_method");
        none_is_accepted(&world, &application, &[("code_challenge", "")], "challenge_method");
        for second in ["S256", "plain"] {
            let twice = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), ("code_challenge_method", second)];
            none_is_accepted(&world, &application, &twice, "parameter_repeated");
        }
    }
}

#[test]
fn pk_05_a_challenge_is_the_one_spelling_of_32_bytes() {
    let world = World::new();
    let w = world.w();
    for bad in [
        &CHALLENGE[..42],
        &format!("{CHALLENGE}A"),
        &format!("{CHALLENGE}="),
        &format!("{}=", &CHALLENGE[..42]),
        &CHALLENGE.replace('-', "+"),
        &CHALLENGE.replace('-', "/"),
        &CHALLENGE.replace('-', " "),
        &CHALLENGE.replace('-', "."),
        &format!("{}\u{e9}", &CHALLENGE[..41]),
        &format!("{}\u{e9}", &CHALLENGE[..42]),
        // Two spellings of the same 32 bytes: the last character has two bits too many.
        &format!("{}N", &CHALLENGE[..42]),
        "x",
    ] {
        none_is_accepted(&world, &w, &[("code_challenge", bad), ("code_challenge_method", "S256")], "challenge_malformed");
    }
    // A NUL makes this parameter unreadable, and only this: the client is told.
    let query = form(&request_of(&w, &[("code_challenge", "")]));
    let answer = world.browser().get(&format!("/openid/authorize?{query}&code_challenge={}%00", &CHALLENGE[..42]));
    answer.is_refused_to(&w, "invalid_request", &world.issuer);
    world.told_because(&answer, "authz.denied", "parameters_malformed", "NUL");
}

#[test]
fn pk_06_a_challenge_must_be_answered_even_by_a_client_with_its_secret() {
    let world = World::new();
    for name in ["p", "w"] {
        let application = world.key(name);
        for verifier in [&[][..], &[("code_verifier", "")]] {
            let code = code_for(&world, &application, VERIFIER);
            let answer = exchanged(&world, &application, &code, verifier);
            world.refused_grant(&answer, "token.rejected", "verifier_missing", name);
            exchanged(&world, &application, &code, &[("code_verifier", VERIFIER)]).is_token_error(400, "invalid_grant");
        }
    }
    assert_eq!(world.grant_states(), ["ended"; 4]);
}

#[test]
fn pk_07_the_right_verifier_comes_too_late_after_a_wrong_one() {
    let world = World::new();
    for name in ["p", "w"] {
        let application = world.key(name);
        let code = code_for(&world, &application, VERIFIER);
        let wrong = exchanged(&world, &application, &code, &[("code_verifier", &VERIFIER.replace('d', "e"))]);
        world.refused_grant(&wrong, "token.rejected", "verifier_wrong", name);
        let right = exchanged(&world, &application, &code, &[("code_verifier", VERIFIER)]);
        world.refused_grant(&right, "code.replayed", "code_replayed", name);
    }
    assert_eq!(world.grant_states(), ["ended"; 2]);
}

#[test]
fn pk_08_a_verifier_of_the_wrong_shape_fails_though_its_hash_fits() {
    let world = World::new();
    let w = world.w();
    for bad in [
        "a".to_owned(),
        "a".repeat(42),
        "a".repeat(129),
        format!("{}+", "a".repeat(42)),
        format!("{}/", "a".repeat(42)),
        format!("{}=", "a".repeat(42)),
        format!("{} ", "a".repeat(42)),
        format!("{}\u{e9}", "a".repeat(42)),
    ] {
        let code = code_for(&world, &w, &bad);
        world.refused_grant(&exchanged(&world, &w, &code, &[("code_verifier", &bad)]), "token.rejected", "verifier_wrong", &bad);
        let again = exchanged(&world, &w, &code, &[("code_verifier", &bad)]);
        world.refused_grant(&again, "code.replayed", "code_replayed", &bad);
    }
    for good in ["a".repeat(43), "a".repeat(128), "-._~".repeat(11)] {
        let code = code_for(&world, &w, &good);
        assert_eq!(exchanged(&world, &w, &code, &[("code_verifier", &good)]).status, 200, "{good}");
    }
}

#[test]
fn pk_09_a_verifier_for_a_code_without_challenge_is_the_sign_of_a_stripped_challenge() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = ada.approves_with(&w, &bare).redirected("code").unwrap();
    let answer = exchanged(&world, &w, &code, &[("code_verifier", VERIFIER)]);
    world.refused_grant(&answer, "token.rejected", "pkce_downgrade", "w");
    exchanged(&world, &w, &code, &[]).is_token_error(400, "invalid_grant");
    let code = ada.approves_with(&w, &bare).redirected("code").unwrap();
    assert_eq!(exchanged(&world, &w, &code, &[]).status, 200, "without either it is an ordinary code");
}

#[test]
fn pk_10_a_verifier_or_challenge_that_comes_twice_is_refused() {
    let world = World::new();
    let w = world.w();
    for second in [CHALLENGE, "x"] {
        let twice = [("code_challenge", CHALLENGE), ("code_challenge", second), ("code_challenge_method", "S256")];
        none_is_accepted(&world, &w, &twice, "parameter_repeated");
    }
    let code = code_for(&world, &w, VERIFIER);
    let before = world.rows();
    for second in [VERIFIER, "x"] {
        let answer = exchanged(&world, &w, &code, &[("code_verifier", VERIFIER), ("code_verifier", second)]);
        answer.is_token_error(400, "invalid_request");
        world.told_because(&answer, "token.rejected", "parameter_repeated", second);
    }
    world.changed_nothing_since(&before, "a request that cannot be read touches no code");
    assert_eq!(world.exchange(&w, &code).status, 200);
}

#[test]
fn pk_11_the_method_is_the_codes_own_whatever_the_token_request_says() {
    let world = World::new();
    for name in ["p", "w"] {
        let application = world.key(name);
        let code = code_for(&world, &application, VERIFIER);
        let plain = [("code_challenge_method", "plain"), ("code_challenge", CHALLENGE), ("code_verifier", CHALLENGE)];
        world.refused_grant(&exchanged(&world, &application, &code, &plain), "token.rejected", "verifier_wrong", name);
    }
}

#[test]
fn pk_13_discovery_offers_s256_and_nothing_else() {
    let world = World::new();
    assert_eq!(world.get("/.well-known/openid-configuration").json()["code_challenge_methods_supported"], json!(["S256"]));
}
