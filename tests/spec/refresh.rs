//! Refresh tokens: the present one, and for half a minute the one before it; anything older ends the family.
//!
//! The product's rule (DESIGN.md §5): using the previous token within 30 s hands out the same successor again.

use latchkey::base::Seconds;
use latchkey::store::{accounts, grants};

use crate::support::rows::{altered, claims, text};
use crate::support::world::{Answer, OTHER_MLS, World};

const ADA: &str = "20261001000000000000000101";

fn refreshed(answer: &Answer, said: &str) -> serde_json::Value {
    assert_eq!(answer.status, 200, "{said}: {answer:?}");
    answer.json()
}

fn switch_ada(world: &World, on: bool) {
    let now = world.app.now();
    assert!(world.change(move |conn| accounts::set_active(conn, &ADA.parse().unwrap(), on, now)));
}

#[test]
fn rt_01_each_use_replaces_the_token_and_changes_nothing_else_of_the_grant() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let mut tokens = world.agent("cv.ada").grants(&application);
        let first = tokens.clone();
        let before = (world.grant_ids(), ends_at(&world));
        for turn in 0..3 {
            world.advance(Seconds(60));
            let answer = world.refresh(&application, text(&tokens, "refresh_token"));
            let next = refreshed(&answer, name);
            assert_ne!(next["refresh_token"], tokens["refresh_token"], "{turn}");
            assert_ne!(next["access_token"], tokens["access_token"], "{turn}");
            assert_eq!((&next["scope"], &next["token_type"]), (&first["scope"], &first["token_type"]), "{turn}");
            assert!(!world.is_active(text(&tokens, "refresh_token")) && world.is_active(text(&next, "refresh_token")), "{turn}");
            assert_eq!((world.grant_ids(), ends_at(&world)), before, "{turn}: same row, same end");
            tokens = next;
        }
        assert!(world.is_active(text(&first, "access_token")), "access tokens live their own life");
    }
}

fn ends_at(world: &World) -> Vec<i64> {
    use diesel::prelude::*;
    use latchkey::store::schema::grants;
    world.app.db.read(|conn| conn.all(grants::table.order(grants::id).select(grants::ends_at))).unwrap()
}

#[test]
fn rt_02_a_replaced_token_after_half_a_minute_ends_the_family() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let first = world.agent("cv.ada").grants(&application);
        let second = refreshed(&world.refresh(&application, text(&first, "refresh_token")), name);
        world.advance(Seconds(31));
        let answer = world.refresh(&application, text(&first, "refresh_token"));
        world.refused_grant(&answer, "token.reuse_detected", "refresh_reused", name);
        world.told_because(&answer, "family.revoked", "refresh_reused", name);
        world.is_dead(text(&first, "access_token"), name);
        world.is_dead(text(&second, "access_token"), name);
        let after = world.refresh(&application, text(&second, "refresh_token"));
        world.refused_grant(&after, "token.rejected", "grant_ended", name);
    }
    assert_eq!(world.grant_states(), ["ended"; 2]);
}

#[test]
fn rt_02_reuse_is_noticed_though_the_old_token_is_long_expired() {
    let world = World::new();
    let w = world.w();
    world.change_policy(&w, |policy| policy.lifetimes.refresh_sliding = Some(Seconds::days(2)));
    let first = world.agent("cv.ada").grants(&w);
    world.advance(Seconds::days(1));
    let second = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "in time");
    world.advance(Seconds(86_410));
    let answer = world.refresh(&w, text(&first, "refresh_token"));
    world.refused_grant(&answer, "token.reuse_detected", "refresh_reused", "expired and replaced");
    assert!(!world.is_active(text(&second, "refresh_token")));
}

#[test]
fn rt_03_rt_05_a_token_two_steps_back_ends_the_family_even_within_half_a_minute() {
    let world = World::new();
    let w = world.w();
    let first = world.agent("cv.ada").grants(&w);
    let second = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "first");
    let third = refreshed(&world.refresh(&w, text(&second, "refresh_token")), "second");
    let answer = world.refresh(&w, text(&first, "refresh_token"));
    world.refused_grant(&answer, "token.reuse_detected", "refresh_reused", "the grandparent");
    world.told_because(&answer, "family.revoked", "refresh_reused", "the grandparent");
    for tokens in [&first, &second, &third] {
        world.is_dead(text(tokens, "access_token"), "one of the family");
    }
    world.refused_grant(&world.refresh(&w, text(&third, "refresh_token")), "token.rejected", "grant_ended", "the youngest");
}

#[test]
fn rt_04_a_lost_answer_is_given_again_with_the_same_successor() {
    let world = World::new();
    let w = world.w();
    let first = world.agent("cv.ada").grants(&w);
    let second = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "first");
    for wait in [0, 29, 1] {
        world.advance(Seconds(wait));
        let before = world.rows();
        let again = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "again");
        assert_eq!(again["refresh_token"], second["refresh_token"], "one live refresh token, not two");
        assert!(world.is_active(text(&again, "access_token")));
        world.changed_nothing_since(&before, "a lost answer given again");
    }
    let third = refreshed(&world.refresh(&w, text(&second, "refresh_token")), "its successor is usable");
    assert!(world.is_active(text(&third, "refresh_token")) && !world.is_active(text(&second, "refresh_token")));
}

#[test]
fn rt_06_fifty_uses_at_once_leave_one_live_token() {
    let world = World::new();
    for name in ["w", "p"] {
        let application = world.key(name);
        let first = world.agent("cv.ada").grants(&application);
        let gate = std::sync::Barrier::new(50);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let (world, gate, application, first) = (&world, &gate, &application, &first);
            let asking: Vec<_> = (0..50)
                .map(|number| {
                    scope.spawn(move || {
                        gate.wait();
                        // Time goes on meanwhile, so that a second rotation would show in the token it makes.
                        world.advance(Seconds(number % 2));
                        world.refresh(application, text(first, "refresh_token"))
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut successors: Vec<String> = answers.iter().map(|answer| text(&refreshed(answer, name), "refresh_token").to_owned()).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1, "{name}: everyone gets the same successor");
        assert!(world.is_active(&successors[0]) && !world.is_active(text(&first, "refresh_token")), "{name}");
        assert!(answers.iter().all(|answer| world.is_active(text(&answer.json(), "access_token"))), "{name}");
    }
    assert_eq!(world.grant_states(), ["active"; 2]);
}

#[test]
fn rt_07_a_token_in_another_clients_hands_has_leaked_and_ends_the_family() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    for thief in [&w2, &world.key("p")] {
        let tokens = world.agent("cv.ada").grants(&w);
        let answer = world.refresh(thief, text(&tokens, "refresh_token"));
        world.refused_grant(&answer, "token.leak_suspected", "refresh_leaked", &thief.client_id);
        world.told_because(&answer, "family.revoked", "refresh_leaked", &thief.client_id);
        world.is_dead(text(&tokens, "access_token"), &thief.client_id);
        world.refused_grant(&world.refresh(&w, text(&tokens, "refresh_token")), "token.rejected", "grant_ended", "its own client");
    }
}

#[test]
fn rt_08_a_scope_can_be_narrowed_for_once_and_never_widened() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let code = ada.approves_with(&w, &[("scope", "openid profile email")]).redirected("code").unwrap();
    let tokens = world.exchange(&w, &code).json();
    let with_scope =
        |token: &str, scope: &str| world.token(&w, &[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]);
    let before = world.rows();
    for bad in ["openid profile email phone", "phone", "sparkly", "openid sparkly", "OPENID", "offline_access", " ", "  "] {
        let answer = with_scope(text(&tokens, "refresh_token"), bad);
        assert_eq!(answer.status, 400, "{bad:?}: {answer:?}");
        answer.is_token_error(400, "invalid_scope");
        world.told_because(&answer, "token.rejected", "scope_beyond_grant", bad);
    }
    world.changed_nothing_since(&before, "the token was not used up");
    assert!(world.is_active(text(&tokens, "refresh_token")));

    let narrow = refreshed(&with_scope(text(&tokens, "refresh_token"), "email openid"), "narrower");
    assert_eq!(narrow["scope"], "openid email");
    let access = text(&narrow, "access_token");
    assert_eq!(world.introspect(access)["scope"], "openid email");
    let said = world.userinfo(access).json();
    assert_eq!((said.get("name"), said["email"].as_str()), (None, Some("ada@example.com")));
    // RFC 6749 §3.2: a parameter without a value counts as not sent.
    let whole = refreshed(&with_scope(text(&narrow, "refresh_token"), ""), "the whole grant again");
    assert_eq!(whole["scope"], "openid profile email");
    assert!(world.userinfo(text(&whole, "access_token")).json().get("name").is_some());
}

#[test]
fn rt_09_logging_out_ends_the_browsers_session_and_leaves_the_applications_tokens() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    world.advance(Seconds(1));
    let answer = ada.get("/openid/logout");
    world.told(&answer, "session.ended");
    // The product's decision (spark-platform.md §7, 6): agents' tokens stay unless the client asks for revocation.
    let next = refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "after logout");
    assert!(world.is_active(text(&next, "access_token")));
    let asked = world.as_client(&w, "/openid/revoke", &[("token", text(&next, "refresh_token"))]);
    assert_eq!(asked.status, 200);
    world.refused_grant(&world.refresh(&w, text(&next, "refresh_token")), "token.rejected", "grant_ended", "after revocation");
    world.is_dead(text(&next, "access_token"), "after revocation");
}

#[test]
fn rt_10_a_new_password_ends_everything_issued_on_the_old_one() {
    let world = World::new();
    let (w, p) = (world.w(), world.key("p"));
    let (by_w, by_p, bens) = (world.agent("cv.ada").grants(&w), world.agent("cv.ada").grants(&p), world.agent("cv.ben").grants(&w));
    world.advance(Seconds(1));
    let now = world.app.now();
    let hash = {
        let typed = latchkey::identity::password::Password::typed("another long password").unwrap();
        world.app.hasher.hash(typed, &world.app.random).unwrap().recv().unwrap().unwrap()
    };
    assert!(world.change(move |conn| accounts::set_password(conn, &ADA.parse().unwrap(), &hash, now)));
    for (application, tokens) in [(&w, &by_w), (&p, &by_p)] {
        let answer = world.refresh(application, text(tokens, "refresh_token"));
        world.refused_grant(&answer, "token.rejected", "grant_superseded", &application.client_id);
        world.is_dead(text(tokens, "access_token"), &application.client_id);
    }
    refreshed(&world.refresh(&w, text(&bens, "refresh_token")), "someone else's");
}

#[test]
fn rt_11_nobody_refreshes_for_a_person_who_is_switched_off_or_outside() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    let refused = |reason: &str, said: &str| {
        let before = world.rows();
        let answer = world.refresh(&w, text(&tokens, "refresh_token"));
        world.refused_grant(&answer, "token.rejected", reason, said);
        assert!(!world.is_active(text(&tokens, "refresh_token")) && !world.is_active(text(&tokens, "access_token")), "{said}");
        world.changed_nothing_since(&before, said);
    };
    switch_ada(&world, false);
    refused("person_inactive", "switched off");
    switch_ada(&world, true);
    world.narrows_to_mls(&w, Some(OTHER_MLS));
    refused("person_outside", "of an MLS the key may not serve anymore");
    world.narrows_to_mls(&w, Some("20261001000000000000000001"));
    refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "on again");
}

#[test]
fn rt_12_a_disabled_key_sleeps_and_a_deleted_one_is_gone() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    world.switches(&w, false);
    let before = world.rows();
    world.refused_client(&world.refresh(&w, text(&tokens, "refresh_token")), "client_disabled", "disabled");
    assert!(!world.is_active(text(&tokens, "refresh_token")));
    world.changed_nothing_since(&before, "disabled");
    world.switches(&w, true);
    let next = refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "enabled again");
    world.deletes(&w, true);
    world.refused_client(&world.refresh(&w, text(&next, "refresh_token")), "client_disabled", "deleted");
    assert!(!world.is_active(text(&next, "refresh_token")));
    world.is_dead(text(&next, "access_token"), "of a deleted key");
}

#[test]
fn rt_13_a_consent_taken_back_ends_the_persons_tokens_of_that_key_and_no_others() {
    let world = World::new();
    let (w, p) = (world.w(), world.key("p"));
    let tokens = world.agent("cv.ada").grants(&w);
    let second = world.agent("cv.ada").grants(&w);
    let (bens, by_p) = (world.agent("cv.ben").grants(&w), world.agent("cv.ada").grants(&p));
    world.takes_back_consent(&w, ADA);
    for gone in [&tokens, &second] {
        world.refused_grant(&world.refresh(&w, text(gone, "refresh_token")), "token.rejected", "grant_ended", "taken back");
        world.is_dead(text(gone, "access_token"), "taken back");
    }
    refreshed(&world.refresh(&w, text(&bens, "refresh_token")), "someone else's");
    refreshed(&world.refresh(&p, text(&by_p, "refresh_token")), "another key's");
    // RT-23: allowing it again wakes nothing up.
    let again = world.agent("cv.ada").grants(&w);
    world.refused_grant(&world.refresh(&w, text(&tokens, "refresh_token")), "token.rejected", "grant_ended", "after a new consent");
    refreshed(&world.refresh(&w, text(&again, "refresh_token")), "the new one");
}

#[test]
fn rt_15_a_family_ends_at_its_absolute_age_however_often_it_is_used() {
    let world = World::new();
    let w = world.w();
    world.change_policy(&w, |policy| {
        policy.lifetimes.refresh_sliding = Some(Seconds::days(2));
        policy.lifetimes.refresh_absolute = Some(Seconds::days(5));
    });
    let mut tokens = world.agent("cv.ada").grants(&w);
    for day in 1..5 {
        world.advance(Seconds::days(1));
        tokens = refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), &format!("day {day}"));
    }
    // On the last day the access token ends with the family, too.
    world.advance(Seconds(86_399));
    tokens = refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "a second before the end");
    assert!(world.is_active(text(&tokens, "access_token")));
    world.advance(Seconds(1));
    world.refused_grant(&world.refresh(&w, text(&tokens, "refresh_token")), "token.rejected", "grant_expired", "at the end");
    world.is_dead(text(&tokens, "access_token"), "at the end");

    let idle = world.agent("cv.ben").grants(&w);
    world.advance(Seconds::days(2));
    world.refused_grant(&world.refresh(&w, text(&idle, "refresh_token")), "token.rejected", "refresh_expired", "not used for too long");
}

#[test]
fn rt_16_the_id_token_of_a_refresh_tells_of_the_same_sign_in_and_repeats_no_nonce() {
    let world = World::new();
    let w = world.w();
    let first = world.agent("cv.ada").grants(&w);
    world.advance(Seconds(3000));
    let second = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "refresh");
    let (before, after) = (claims(text(&first, "id_token")), claims(text(&second, "id_token")));
    for same in ["iss", "sub", "aud", "auth_time", "acr", "amr"] {
        assert!(before[same] == after[same] && !after[same].is_null(), "{same}: {after}");
    }
    assert_eq!(before["nonce"], "n-1");
    assert_eq!(after.get("nonce"), None, "OpenID Connect Core §12.2");
    assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 3000);
    assert_ne!(after["at_hash"], before["at_hash"]);
}

#[test]
fn rt_17_a_token_with_anything_changed_is_no_token_and_harms_none() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    let token = text(&tokens, "refresh_token");
    let before = world.rows();
    let mut bad = vec![
        token[..token.len() - 1].to_owned(),
        format!("{token}a"),
        format!("{token} "),
        token.to_uppercase(),
        token.replacen("lkr_", "lka_", 1),
        text(&tokens, "access_token").to_owned(),
        text(&tokens, "access_token").replacen("lka_", "lkr_", 1),
        text(&tokens, "id_token").to_owned(),
    ];
    bad.extend((4..token.len()).step_by(7).map(|place| altered(token, place)));
    for bad in bad {
        world.refused_grant(&world.refresh(&w, &bad), "token.rejected", "refresh_unknown", &bad);
    }
    world.changed_nothing_since(&before, "bad refresh tokens");
    refreshed(&world.refresh(&w, token), "the original");
}

#[test]
fn rt_18_what_was_replaced_stays_replaced_after_a_restart() {
    let world = World::new();
    let w = world.w();
    let first = world.agent("cv.ada").grants(&w);
    let second = refreshed(&world.refresh(&w, text(&first, "refresh_token")), "before");
    let world = world.restarted();
    let third = refreshed(&world.refresh(&w, text(&second, "refresh_token")), "after");
    assert!(world.is_active(text(&third, "access_token")) && world.is_active(text(&first, "access_token")));
    let answer = world.refresh(&w, text(&first, "refresh_token"));
    world.refused_grant(&answer, "token.reuse_detected", "refresh_reused", "after a restart");
    world.is_dead(text(&third, "access_token"), "after a restart");
    assert_eq!(world.app.db.read(grants::count).unwrap(), 1);
}

#[test]
fn rt_21_a_name_that_is_not_the_authenticated_clients_is_refused_before_anything_is_used() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    let tokens = world.agent("cv.ada").grants(&w);
    let before = world.rows();
    let header = format!(
        "Basic {}",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{}:{}", w.client_id, w.secret.clone().unwrap()))
    );
    let body = crate::support::world::form(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("client_id", &w2.client_id),
    ]);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", header.as_str())];
    world.request("POST", "/openid/token", &headers, Some(&body)).is_token_error(400, "invalid_request");
    world.changed_nothing_since(&before, "two names");
    refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "its own");
}

#[test]
fn rt_24_a_scope_taken_from_the_key_is_gone_from_every_later_token() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    world.change_policy(&w, |policy| policy.scopes = Some("openid profile".into()));
    let asked = [("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token")), ("scope", "openid email")];
    let answer = world.token(&w, &asked);
    answer.is_token_error(400, "invalid_scope");
    world.told_because(&answer, "token.rejected", "scope_beyond_grant", "asked for by name");
    assert!(world.is_active(text(&tokens, "refresh_token")));
    let narrowed = refreshed(&world.refresh(&w, text(&tokens, "refresh_token")), "narrowed");
    assert_eq!(narrowed["scope"], "openid profile");
    for access in [text(&tokens, "access_token"), text(&narrowed, "access_token")] {
        assert_eq!(world.introspect(access)["scope"], "openid profile");
        let said = world.userinfo(access).json();
        assert!(said.get("email").is_none() && said.get("name").is_some(), "{said}");
    }
}

#[test]
fn rt_a_redirect_uri_may_come_along_if_it_is_the_grants() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    let with = |uri: &str| {
        world.token(&w, &[("grant_type", "refresh_token"), ("refresh_token", text(&tokens, "refresh_token")), ("redirect_uri", uri)])
    };
    let before = world.rows();
    world.refused_grant(&with("https://app.example/other"), "token.rejected", "redirect_mismatch", "another");
    world.changed_nothing_since(&before, "another redirect URI");
    refreshed(&with(&w.redirect_uri), "the same");
}
