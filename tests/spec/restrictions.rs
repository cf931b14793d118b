//! IP: from where a key may be used, as the API holds to it behind proxies and without.

use diesel::prelude::*;
use latchkey::platform::role::Role;
use latchkey::store::schema::keys;
use serde_json::{Value, json};

use crate::support::platform::{ADA, MLS};
use crate::support::wire;
use crate::support::world::World;

const KEY: &str = "/v1/developers/identities/70/keys/71";
const TRUSTED: (&str, &str) = ("trusted_proxies", "127.0.0.0/8");

/// A key that may be used from one address only, and its token.
struct Scene {
    world: World,
    staff: String,
    token: String,
}

fn scene(settings: &[(&str, &str)], addresses: Value) -> Scene {
    let world = World::with(settings);
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private, Role::SingleSession]);
    let staff = world.staff();
    let made = world.api(&staff, "POST", &format!("{KEY}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    world.api(&staff, "PUT", KEY, Some(json!({ "PermittedIPAddresses": addresses }))).result(200);
    Scene { token: made["Token"].as_str().unwrap().to_owned(), world, staff }
}

impl Scene {
    /// Whether a request with these headers passes; if not, it is because of the list.
    fn passes(&self, headers: &[(&str, &str)]) -> bool {
        let authorization = format!("Bearer {}", self.token);
        let all: Vec<(&str, &str)> = headers.iter().copied().chain([("authorization", authorization.as_str())]).collect();
        let answer = self.world.request("GET", "/v1/my/account", &all, None);
        if answer.status == 200 {
            return true;
        }
        answer.is_api_error(403, 1019);
        false
    }

    fn passes_from(&self, chain: &str) -> bool {
        self.passes(&[("x-forwarded-for", chain)])
    }
}

#[test]
fn ip_01_a_direct_peer_is_on_the_list_or_not() {
    let scene = scene(&[], json!(["127.0.0.0/8"]));
    assert!(scene.passes(&[]));
    scene.world.api(&scene.staff, "PUT", KEY, Some(json!({ "PermittedIPAddresses": ["203.0.113.7"] }))).result(200);
    assert!(!scene.passes(&[]));
    scene.world.audited_because("key.restriction_denied", "key_restricted");
}

#[test]
fn ip_02_and_ip_13_what_a_stranger_says_of_his_address_counts_for_nothing() {
    let scene = scene(&[], json!(["203.0.113.7"]));
    for name in ["x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip", "client-ip", "x-user-ip-address"] {
        assert!(!scene.passes(&[(name, "203.0.113.7")]), "{name}");
    }
    assert!(!scene.passes(&[("forwarded", "for=203.0.113.7")]));
}

#[test]
fn ip_03_the_rightmost_hop_that_is_no_proxy_of_ours_decides() {
    let scene = scene(&[TRUSTED], json!(["203.0.113.7"]));
    assert!(scene.passes_from("203.0.113.7"));
    assert!(scene.passes_from("198.51.100.1, 203.0.113.7"));
    assert!(scene.passes_from("198.51.100.1, 203.0.113.7, 127.0.0.9"));
    assert!(!scene.passes_from("203.0.113.7, 198.51.100.1"));
    // IP-13: the other names of the header say nothing at a trusted proxy either.
    assert!(!scene.passes(&[("x-real-ip", "203.0.113.7"), ("true-client-ip", "203.0.113.7")]));
}

#[test]
fn ip_04_a_chain_has_one_reading() {
    let scene = scene(&[TRUSTED], json!(["203.0.113.7", "2001:db8::1"]));
    for good in ["203.0.113.7:4711", "  203.0.113.7\t", "[2001:db8::1]:443", "[2001:db8::1]", ",203.0.113.7", "nonsense, 203.0.113.7"] {
        assert!(scene.passes_from(good), "{good}");
    }
    assert!(scene.passes(&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")]));
    assert!(!scene.passes(&[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "198.51.100.1")]));
    for bad in [
        "203.0.113.7,",
        "203.0.113.7,,",
        "[203.0.113.7",
        "203.0.113.7:80a",
        "203.0.113.7:123456",
        "203.0.113.7 203.0.113.7",
        "\"203.0.113.7\"",
    ] {
        assert!(!scene.passes_from(bad), "{bad}");
    }
    let long = |hops: usize| vec!["203.0.113.7"; hops].join(", ");
    assert!(scene.passes_from(&long(20)) && !scene.passes_from(&long(21)) && !scene.passes_from(&long(100)));
}

#[test]
fn ip_05_only_the_configured_header_is_read() {
    let there = scene(&[TRUSTED], json!(["203.0.113.7"]));
    assert!(!there.passes(&[("forwarded", "for=203.0.113.7")]));
    assert!(there.passes(&[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "203.0.113.7")]));
    let there = scene(&[TRUSTED, ("forwarded_header", "forwarded")], json!(["203.0.113.7"]));
    assert!(there.passes(&[("forwarded", "for=203.0.113.7"), ("x-forwarded-for", "198.51.100.1")]));
    assert!(!there.passes(&[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "203.0.113.7")]));
}

#[test]
fn ip_06_what_is_no_address_is_on_no_list() {
    let scene = scene(&[TRUSTED], json!(["203.0.113.7", "127.0.0.1"]));
    let long = "x".repeat(5000);
    for bad in ["a", "unknown", "_hidden", "proxy.example", "localhost", "203.0.113.7%eth0", "0203.0.113.7", "3405803783", &long] {
        assert!(!scene.passes_from(bad), "{bad:.20}");
    }
}

#[test]
fn ip_07_and_ip_11_one_address_has_many_spellings() {
    let there = scene(&[TRUSTED], json!(["203.0.113.7", "2001:db8::1"]));
    for good in ["::ffff:203.0.113.7", "::FFFF:cb00:7107", "2001:DB8:0:0:0:0:0:1", "[2001:0db8::0001]"] {
        assert!(there.passes_from(good), "{good}");
    }
    for bad in ["::203.0.113.7", "2002:cb00:7107::", "64:ff9b::cb00:7107", "2001:db8::2"] {
        assert!(!there.passes_from(bad), "{bad}");
    }
    let mapped = scene(&[TRUSTED], json!(["::ffff:203.0.113.7"]));
    assert!(mapped.passes_from("203.0.113.7") && mapped.passes_from("::ffff:203.0.113.7"));
}

#[test]
fn ip_09_and_ip_10_lists_that_are_no_lists_are_refused_and_the_others_have_one_spelling() {
    let scene = scene(&[], json!([]));
    let many = vec!["203.0.113.7"; 1000];
    for bad in [
        json!(["0203.0.113.7"]),
        json!(["3405803783"]),
        json!(["0xcb007107"]),
        json!(["office.example"]),
        json!(["fe80::1%eth0"]),
        json!(["203.0.113.0/33"]),
        json!(["0.0.0.0/0"]),
        json!(["::/0"]),
        json!(many),
        json!("203.0.113.7"),
        json!([7]),
    ] {
        let refused = scene.world.api(&scene.staff, "PUT", KEY, Some(json!({ "PermittedIPAddresses": bad, "Comments": "x" })));
        refused.is_api_error(400, 1053).names("PermittedIPAddresses");
    }
    let key = format!("{KEY}?_expand=PermittedIPAddresses");
    let record = scene.world.api(&scene.staff, "GET", &key, None).result(200);
    assert_eq!((&record["PermittedIPAddresses"], &record["Comments"]), (&json!([]), &json!("")));
    let given = json!({ "PermittedIPAddresses": ["203.0.113.9/24", "203.0.113.0/24", "203.0.113.128/25", "2001:DB8::/32"] });
    scene.world.api(&scene.staff, "PUT", KEY, Some(given)).result(200);
    let record = scene.world.api(&scene.staff, "GET", &key, None).result(200);
    assert_eq!(record["PermittedIPAddresses"], json!(["203.0.113.0/24", "203.0.113.128/25", "2001:db8::/32"]));
}

#[test]
fn ip_12_an_empty_list_restricts_nothing_and_a_broken_one_everybody() {
    let scene = scene(&[], json!(null));
    assert!(scene.passes(&[]));
    for broken in ["", "nonsense", "[\"nonsense\"]", "{}", "[127]"] {
        scene.world.change(move |conn| conn.execute(diesel::update(keys::table.find(71)).set(keys::permitted_addresses.eq(broken))));
        assert!(!scene.passes(&[]), "{broken}");
    }
}

#[test]
fn ip_15_a_user_agent_is_compared_whole_and_there_must_be_one() {
    let scene = scene(&[], json!([]));
    scene.world.api(&scene.staff, "PUT", KEY, Some(json!({ "PermittedUserAgents": ["Feed/1.0 (Linux)"] }))).result(200);
    assert!(scene.passes(&[("user-agent", "Feed/1.0 (Linux)")]));
    let long = format!("Feed/1.0 (Linux){}", "x".repeat(7000));
    for bad in ["feed/1.0 (linux)", "Feed/1.0", "Feed/1.0 (Linux) x", "Feed/1.0  (Linux)", "", &long] {
        assert!(!scene.passes(&[("user-agent", bad)]), "{bad:.30}");
    }
    assert!(!scene.passes(&[("user-agent", "Feed/1.0 (Linux)"), ("user-agent", "Feed/1.0 (Linux)")]));
    // Without any, on the bare wire; a blank behind it is not part of a header's value.
    let ask = |agent: &str| {
        let text =
            format!("GET /v1/my/account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n{agent}\r\n", scene.token);
        wire::say(&scene.world, text).status()
    };
    assert_eq!((ask(""), ask("User-Agent: Feed/1.0 (Linux)\r\n"), ask("User-Agent: Feed/1.0 (Linux) \r\n")), (403, 200, 200));
}
