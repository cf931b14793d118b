//! Rate limits, and what is counted of the API's use.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::flows::usage;
use latchkey::platform::role::Role;
use latchkey::store::schema::{keys, usage_details, usage_hours};
use serde_json::json;

use crate::support::platform::{ADA, MLS};
use crate::support::world::{Answer, World};

fn limited(quota: &str) -> World {
    World::with(&[("rates.private", quota), ("gateways", "127.0.0.0/8")])
}

fn gate(world: &World, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str()), ("x-original-method", "GET"), ("x-original-uri", "/v1/listings")];
    world.request("GET", "/authz/check", &headers, None)
}

#[test]
fn a_key_may_ask_so_often_in_a_window_and_is_then_told_when_to_come_back() {
    let world = limited("7");
    let token = world.token_of("cv.ada", "w");
    for left in (0..7).rev() {
        let answer = world.my_account(&token);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"key\";q=7;w=300"));
        assert!(answer.header("ratelimit").unwrap().starts_with(&format!("\"key\";r={left};t=")), "{answer:?}");
    }
    let answer = world.my_account(&token);
    answer.is_api_error(429, 1550);
    assert_eq!(answer.json()["D"]["Reason"], "quota_exhausted");
    let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(answer.header("ratelimit"), Some(&*format!("\"key\";r=0;t={wait}")));
    // The gateway counts with the API; nginx understands 403 only.
    let answer = gate(&world, &token);
    assert_eq!((answer.status, answer.header("x-latchkey-status"), answer.header("x-latchkey-code")), (403, Some("429"), Some("1550")));
    assert_eq!(answer.header("retry-after"), Some(&*wait.to_string()));

    world.advance(Seconds(wait));
    assert_eq!(world.my_account(&token).status, 200);
}

#[test]
fn another_key_and_another_role_are_counted_for_themselves() {
    let world = World::with(&[("rates.private", "1"), ("rates.idx", "2")]);
    let (w, x) = (world.token_of("cv.ada", "w"), world.token_of("cv.ben", "first"));
    assert_eq!((world.my_account(&w).status, world.my_account(&w).status), (200, 429));
    assert_eq!(world.my_account(&x).status, 200);
    world.gives_roles(world.w().id.0, "idx");
    world.app.keys.forget();
    assert_eq!([(); 3].map(|()| world.my_account(&w).status), [200, 200, 429]);
}

#[test]
fn a_keys_own_number_goes_before_its_roles_and_zero_is_no_limit() {
    let world = limited("1");
    let w = world.w();
    let token = world.token_of("cv.ada", "w");
    world.change_policy(&w, |policy| policy.requests = Some(3));
    world.app.keys.forget();
    assert_eq!([(); 4].map(|()| world.my_account(&token).status), [200, 200, 200, 429]);
    world.change_policy(&w, |policy| policy.requests = Some(0));
    world.app.keys.forget();
    let answer = world.my_account(&token);
    assert_eq!((answer.status, answer.header("ratelimit")), (200, None));
}

#[test]
fn too_many_within_a_second_is_another_reason() {
    let world = World::with(&[("rates.per_second", "2")]);
    let token = world.token_of("cv.ada", "w");
    assert_eq!((world.my_account(&token).status, world.my_account(&token).status), (200, 200));
    let answer = world.my_account(&token);
    answer.is_api_error(429, 1550);
    assert_eq!((&answer.json()["D"]["Reason"], answer.header("retry-after")), (&json!("rate_exceeded"), Some("1")));
    world.advance(Seconds(1));
    assert_eq!(world.my_account(&token).status, 200);
}

#[test]
fn two_nodes_share_one_window() {
    let world = limited("40");
    let second = world.second_node(&[("rates.private", "40")]);
    let token = world.token_of("cv.ada", "w");
    let mut served = 0;
    for turn in 0..60 {
        let node = if turn % 2 == 0 { &world } else { &second };
        served += i32::from(node.my_account(&token).status == 200);
    }
    assert_eq!(served, 40);
}

#[test]
fn every_request_is_counted_by_the_hour_and_some_are_kept_in_full() {
    let world = limited("0");
    let w = world.w();
    let token = world.token_of("cv.ada", "w");
    for _ in 0..3 {
        assert_eq!(world.my_account(&token).status, 200);
    }
    assert_eq!(gate(&world, &token).status, 200);
    world.api(&token, "GET", "/v1/developers/identities/70/keys/71/tokens", None).is_api_error(403, 1500);
    // A stranger's token is nobody's use.
    world.api("nonsense", "GET", "/v1/my/account", None).is_api_error(401, 1000);
    usage::flush(&world.app).unwrap();
    assert_eq!(world.my_account(&token).status, 200);
    usage::flush(&world.app).unwrap();
    // Nothing is counted twice.
    usage::flush(&world.app).unwrap();

    let id = w.id.0;
    let counted = world.change(move |conn| {
        conn.all::<(String, String, i64, i64, i64)>(usage_hours::table.filter(usage_hours::key_id.eq(id)).select((
            usage_hours::account_id,
            usage_hours::role,
            usage_hours::successes,
            usage_hours::client_errors,
            usage_hours::server_errors,
        )))
    });
    assert_eq!(counted, [(ADA.to_owned(), "private".to_owned(), 5, 1, 0)]);
    let mut kept = world.change(move |conn| {
        conn.all::<(String, String, i64, Option<i64>, Option<String>)>(usage_details::table.filter(usage_details::key_id.eq(id)).select((
            usage_details::method,
            usage_details::uri,
            usage_details::status,
            usage_details::api_error,
            usage_details::reason,
        )))
    });
    kept.sort();
    kept.dedup();
    let of = |uri: &str, status, code, reason: Option<&str>| ("GET".to_owned(), uri.to_owned(), status, code, reason.map(str::to_owned));
    assert_eq!(
        kept,
        [
            of("/v1/developers/identities/70/keys/71/tokens", 403, Some(1500), Some("not_at_this_level")),
            of("/v1/listings", 200, None, None),
            of("/v1/my/account", 200, None, None),
        ]
    );
    let active = world.change(move |conn| conn.one::<Option<String>>(keys::table.find(id).select(keys::last_active)));
    assert_eq!(active.flatten().as_deref(), Some(world.app.now().day().as_str()));
}

#[test]
fn a_flood_is_counted_whole_and_kept_in_part() {
    let world = World::with(&[("rates.private", "0"), ("rates.per_second", "0")]);
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private]);
    let token = world.token_of("cv.ada", "w");
    for _ in 0..230 {
        assert_eq!(world.my_account(&token).status, 200);
    }
    usage::flush(&world.app).unwrap();
    let (counted, kept) = world.change(|conn| {
        let counted: i64 = conn.all::<i64>(usage_hours::table.select(usage_hours::successes))?.into_iter().sum();
        Ok((counted, conn.all::<i64>(usage_details::table.select(usage_details::id))?.len()))
    });
    assert_eq!((counted, kept), (230, 200));
}
