//! `/authz/check`: what the gateway of a data API is told of a request it holds.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::platform::role::Role;
use latchkey::store::schema::{accounts, keys};
use serde_json::json;

use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::world::{Answer, World};

const GATEWAYS: (&str, &str) = ("gateways", "127.0.0.0/8");

fn world() -> World {
    World::with(&[GATEWAYS])
}

/// nginx asks about a request.
fn nginx(world: &World, token: &str, method: &str, uri: &str) -> Answer {
    nginx_with(world, token, method, uri, &[])
}

fn nginx_with(world: &World, token: &str, method: &str, uri: &str, more: &[(&str, &str)]) -> Answer {
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("authorization", authorization.as_str()), ("x-original-method", method), ("x-original-uri", uri)];
    headers.extend(more);
    world.request("GET", "/authz/check", &headers, None)
}

/// 401 or 403, and the platform's code.
fn refused(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.json()["D"]["Success"], false, "{answer:?}");
    let code = answer.header("x-latchkey-code").unwrap();
    assert_eq!(answer.json()["D"]["Code"].to_string(), code);
    (answer.status, code)
}

fn restrict(world: &World, key: i64, addresses: &str, agents: &str) {
    let (addresses, agents) = (addresses.to_owned(), agents.to_owned());
    world.change(move |conn| {
        let set = (keys::permitted_addresses.eq(addresses), keys::permitted_agents.eq(agents));
        conn.execute(diesel::update(keys::table.find(key)).set(set))
    });
    world.app.keys.forget();
}

#[test]
fn an_allowed_request_passes_with_what_the_data_api_needs_to_know() {
    let world = world();
    let ada = world.token_of("cv.ada", "w");
    let answer = nginx(&world, &ada, "GET", "/v1/listings?_filter=City%20Eq%20%27Fargo%27&_limit=5");
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    let w = world.w();
    for (name, value) in [
        ("x-latchkey-key", w.client_id.as_str()),
        ("x-latchkey-account", ADA),
        ("x-latchkey-role", "private"),
        ("x-latchkey-mls", MLS),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name} of {answer:?}");
    }
    assert!(answer.header("x-latchkey-scope").unwrap().contains("openid"));
    assert_eq!(answer.header("x-latchkey-restriction"), None);
}

#[test]
fn oauth_and_bearer_are_the_same_word_to_it() {
    let world = world();
    let ada = world.token_of("cv.ada", "w");
    let headers = [("authorization", &*format!("OAuth {ada}")), ("x-original-method", "GET"), ("x-original-uri", "/v1/listings")];
    assert_eq!(world.request("POST", "/authz/check", &headers, None).status, 200);
}

#[test]
fn the_own_data_of_a_personal_token_comes_out_as_a_restriction() {
    let world = world();
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private, Role::SingleSession]);
    let body = json!({ "UserId": ADA, "OwnData": "member" });
    let made = world.api(&world.staff(), "POST", "/v1/developers/identities/70/keys/71/tokens", Some(body)).result(201);
    let answer = nginx(&world, made["Token"].as_str().unwrap(), "GET", "/Reso/OData/Property");
    assert_eq!(answer.status, 200, "{answer:?}");
    let restriction: serde_json::Value = serde_json::from_str(answer.header("x-latchkey-restriction").unwrap()).unwrap();
    assert_eq!(restriction, json!({ "own_data": "member", "id": ADA }));
}

#[test]
fn roles_decide_by_service_and_method() {
    let world = world();
    let ada = world.token_of("cv.ada", "w");
    assert_eq!(nginx(&world, &ada, "POST", "/v1/savedsearches").status, 200);
    // Writing to what the role only reads is 405 to clients; nginx can only be told 403, and what it meant.
    let answer = nginx(&world, &ada, "DELETE", "/Reso/OData/Property('1')");
    assert_eq!(refused(&answer), (403, "1017"));
    assert_eq!(answer.header("x-latchkey-status"), Some("405"));
    // Staff only.
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/developers/roles")), (403, "1500"));
    assert_eq!(nginx(&world, &world.staff(), "GET", "/v1/developers/roles").status, 200);
    // A path of no service.
    let answer = nginx(&world, &ada, "GET", "/v1/unheard-of");
    assert_eq!((refused(&answer), answer.header("x-latchkey-status")), ((403, "404"), Some("404")));
    world.gives_roles(world.w().id.0, "idx");
    world.app.keys.forget();
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/savedsearches")), (403, "1500"));
    assert_eq!(nginx(&world, &ada, "GET", "/v1/listings").header("x-latchkey-role"), Some("idx"));
}

#[test]
fn ad_04_a_path_with_two_readings_passes_nowhere() {
    let world = world();
    let staff = world.staff();
    for uri in ["/v1/listings/../developers/identities", "/v1/listings/%2e%2e/developers/identities", "//v1/listings", "/v1/listings/..;/x"]
    {
        assert_eq!(refused(&nginx(&world, &staff, "GET", uri)), (403, "404"), "{uri}");
    }
}

#[test]
fn each_refusal_has_the_code_and_the_status_a_gateway_can_pass_on() {
    let world = world();
    let w = world.w();
    let ada = world.token_of("cv.ada", "w");
    assert_eq!(refused(&nginx(&world, "nonsense", "GET", "/v1/listings")), (401, "1000"));
    let bare = [("x-original-method", "GET"), ("x-original-uri", "/v1/listings")];
    assert_eq!(refused(&world.request("GET", "/authz/check", &bare, None)), (401, "1000"));

    restrict(&world, w.id.0, "[\"203.0.113.7\"]", "[]");
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/listings")), (403, "1019"));
    restrict(&world, w.id.0, "[]", "[]");

    world.change(|conn| conn.execute(diesel::update(accounts::table.find(ADA)).set(accounts::active.eq(false))));
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/listings")), (403, "1015"));
    world.change(|conn| conn.execute(diesel::update(accounts::table.find(ADA)).set(accounts::active.eq(true))));

    world.change(move |conn| conn.execute(diesel::update(keys::table.find(w.id.0)).set(keys::enabled.eq(false))));
    world.app.keys.forget();
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/listings")), (401, "1010"));
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(w.id.0)).set(keys::enabled.eq(true))));
    world.app.keys.forget();

    world.advance(Seconds::days(2));
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/v1/listings")), (401, "1020"));
}

#[test]
fn a_request_that_came_without_tls_is_refused_unless_the_gateway_says_it_had_it() {
    let world = World::with(&[GATEWAYS, ("issuer", "https://sso.example"), ("trusted_proxies", "127.0.0.0/8")]);
    let ours = ("x-forwarded-proto", "https");
    // The same header says it of the gateway's own request and of the original one: a gateway forwards what it was told.
    let answer = nginx_with(&world, "nonsense", "GET", "/v1/listings", &[ours]);
    assert_eq!(refused(&answer), (401, "1000"));
    let answer = nginx_with(&world, "nonsense", "GET", "/v1/listings", &[("x-forwarded-proto", "http")]);
    assert_eq!((answer.status, answer.json()["D"]["Code"].clone()), (403, json!(1030)));
}

#[test]
fn ip_01_the_address_is_the_one_the_gateway_tells() {
    let world = world();
    let w = world.w();
    let ada = world.token_of("cv.ada", "w");
    restrict(&world, w.id.0, "[\"203.0.113.7\"]", "[]");
    let from = |chain| nginx_with(&world, &ada, "GET", "/v1/listings", &[("x-forwarded-for", chain)]).status;
    assert_eq!(from("203.0.113.7"), 200);
    assert_eq!(from("203.0.113.8"), 403);
    // IP-03: what the sender wrote stands left of what the gateway saw.
    assert_eq!(from("203.0.113.7, 203.0.113.8"), 403);
    assert_eq!(from("203.0.113.8, 203.0.113.7"), 200);
    // IP-06, IP-07
    assert_eq!(from("unknown"), 403);
    assert_eq!(from("::ffff:203.0.113.7"), 200);
    // IP-13
    assert_eq!(nginx_with(&world, &ada, "GET", "/v1/listings", &[("x-real-ip", "203.0.113.7")]).status, 403);
    // A gateway that tells no address must not lend its own.
    restrict(&world, w.id.0, "[\"127.0.0.1\"]", "[]");
    assert_eq!(nginx(&world, &ada, "GET", "/v1/listings").status, 403);
    world.audited_because("key.restriction_denied", "key_restricted");
}

#[test]
fn ip_15_the_user_agent_is_the_callers() {
    let world = world();
    let w = world.w();
    let ada = world.token_of("cv.ada", "w");
    restrict(&world, w.id.0, "[]", "[\"Feed/1.0\"]");
    let by = |agent| nginx_with(&world, &ada, "GET", "/v1/listings", &[("user-agent", agent)]).status;
    assert_eq!((by("Feed/1.0"), by("feed/1.0"), by("Feed/1.0 x")), (200, 403, 403));
}

#[test]
fn nobody_but_a_gateway_may_ask() {
    let world = World::with(&[("gateways", "192.0.2.1")]);
    let ada = world.token_of("cv.ada", "w");
    // Not even who says he was forwarded by one.
    let answer = nginx_with(&world, &ada, "GET", "/v1/listings", &[("x-forwarded-for", "192.0.2.1")]);
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("x-latchkey-account"), None);
    world.audited_because("gateway.denied", "not_a_gateway");
    assert_eq!(World::new().request("GET", "/authz/check", &[], None).status, 403);
}

#[test]
fn a_question_that_is_unclear_is_refused() {
    let world = world();
    let ada = world.token_of("cv.ada", "w");
    let authorization = format!("Bearer {ada}");
    let asks = |headers: &[(&str, &str)]| {
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        world.request("GET", "/authz/check", &all, None).status
    };
    let (uri, method) = (("x-original-uri", "/v1/listings"), ("x-original-method", "GET"));
    assert_eq!(asks(&[uri, method]), 200);
    // Without the method a gateway would let every write pass for a read.
    assert_eq!(asks(&[uri]), 403);
    assert_eq!(asks(&[method]), 403);
    // What a sender smuggles past a gateway that knows only the other form.
    assert_eq!(asks(&[uri, method, ("x-forwarded-uri", "/v1/savedsearches")]), 403);
    assert_eq!(asks(&[uri, method, ("x-original-uri", "/v1/savedsearches")]), 403);
    assert_eq!(asks(&[uri, method, ("x-original-method", "GET")]), 403);
    // Cleared by the gateway.
    assert_eq!(asks(&[uri, method, ("x-forwarded-uri", "")]), 200);
}

#[test]
fn traefik_and_envoy_pass_on_the_whole_answer() {
    let world = world();
    let ada = world.token_of("cv.ada", "w");
    let authorization = format!("Bearer {ada}");
    let traefik = |method, uri| {
        let headers = [("authorization", authorization.as_str()), ("x-forwarded-method", method), ("x-forwarded-uri", uri)];
        world.request("GET", "/authz/check", &headers, None)
    };
    assert_eq!(traefik("GET", "/v1/listings").header("x-latchkey-account"), Some(ADA));
    assert_eq!(refused(&traefik("PUT", "/Reso/OData/Property")), (405, "1017"));
    assert_eq!(refused(&traefik("GET", "/v1/unheard-of")), (404, "404"));
    let envoy = |method, uri| world.request(method, &format!("/authz/check{uri}"), &[("authorization", authorization.as_str())], None);
    assert_eq!(envoy("GET", "/v1/listings?_limit=1").header("x-latchkey-account"), Some(ADA));
    assert_eq!(envoy("DELETE", "/v1/savedsearches/1").status, 200);
    assert_eq!(refused(&envoy("PATCH", "/Reso/OData/Property('1')")), (405, "1017"));
    assert_eq!(refused(&envoy("GET", "/v1/listings/%2e%2e/my/account")), (404, "404"));
    // A header of another form says nothing here.
    let headers = [("authorization", authorization.as_str()), ("x-original-uri", "/v1/listings"), ("x-original-method", "GET")];
    assert_eq!(world.request("GET", "/authz/check/v1/unheard-of", &headers, None).status, 404);
}

#[test]
fn a_key_for_copying_passes_at_the_replication_host_only() {
    let world = World::with(&[GATEWAYS, ("replication_host", "replication.mls.example")]);
    let ada = world.token_of("cv.ada", "w");
    world.gives_roles(world.w().id.0, "private replication");
    world.app.keys.forget();
    assert_eq!(refused(&nginx(&world, &ada, "GET", "/Reso/OData/Property")), (403, "1021"));
    let there = ("x-forwarded-host", "replication.mls.example");
    assert_eq!(nginx_with(&world, &ada, "GET", "/Reso/OData/Property", &[there]).status, 200);
}

#[test]
fn ip_14_a_restriction_holds_at_the_token_endpoint_and_where_tokens_are_judged_or_ended_but_not_in_a_browser() {
    let world = World::with(&[("trusted_proxies", "127.0.0.0/8")]);
    let w = world.w();
    let ada = world.agent("cv.ada");
    restrict(&world, w.id.0, "[\"203.0.113.7\"]", "[]");
    // The person's browser is somewhere else.
    let code = ada.approves(&w);
    world.exchange(&w, &code).is_token_error(400, "unauthorized_client");
    world.audited_because("key.restriction_denied", "key_restricted");
    for path in ["/openid/introspect", "/openid/revoke"] {
        world.as_client(&w, path, &[("token", "x")]).is_token_error(400, "unauthorized_client");
    }
    restrict(&world, w.id.0, "[]", "[\"Feed/1.0\"]");
    world.token(&w, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).is_token_error(400, "unauthorized_client");
    // The code was not used up by any of it.
    restrict(&world, w.id.0, "[\"127.0.0.1\"]", "[]");
    assert_eq!(world.exchange(&w, &code).status, 200);
    // A stranger learns nothing of the list.
    restrict(&world, w.id.0, "[\"203.0.113.7\"]", "[]");
    let stranger = crate::support::world::Application { secret: Some("wrong".to_owned()), ..w };
    world.token(&stranger, &[("grant_type", "refresh_token"), ("refresh_token", "x")]).is_token_error(401, "invalid_client");
    assert_ne!(STAFF, ADA);
}
