//! Web domains of a key.

use latchkey::platform::role::Role;
use serde_json::json;

use super::addresses::is_as_documented;
use crate::support::platform::MLS;
use crate::support::world::{OTHER_MLS, World};

const OWN: &str = "/v1/developers/domains";
const OF_KEY: &str = "/v1/developers/identities/70/keys/71/domains";

#[test]
fn a_key_keeps_the_domains_of_its_own_application() {
    let world = World::new();
    let token = world.token_of("cv.ada", "w");
    let made = world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://WWW.Example.com/" }))).result(201);
    assert_eq!(made["Uri"], "https://www.example.com");
    let document = world.get("/v1/openapi.json").json();
    is_as_documented(&document, "Domain", &made);
    let path = format!("{OWN}/{}", made["Id"]);
    assert_eq!(world.api(&token, "GET", &path, None).result(200), made);
    assert_eq!(world.api(&token, "GET", OWN, None).result(200), made);
    let changed = world.api(&token, "PUT", &path, Some(json!({ "Uri": "http://example.org:8080" }))).result(200);
    assert_eq!((&changed["Id"], &changed["Uri"]), (&made["Id"], &json!("http://example.org:8080")));
    world.audited_because("key.updated", "domain_changed");
    assert!(world.api(&token, "DELETE", &path, None).results(200).is_empty());
    for method in ["GET", "DELETE"] {
        world.api(&token, method, &path, None).is_api_error(404, 404);
    }
    world.api(&token, "PUT", &path, Some(json!({ "Uri": "http://example.org" }))).is_api_error(404, 404);
}

#[test]
fn what_is_no_domain_is_refused_by_name_and_one_stands_once() {
    let world = World::new();
    let token = world.staff();
    world.api(&token, "POST", OWN, Some(json!({}))).is_api_error(400, 1050).names("Uri");
    for bad in
        [json!("example.com"), json!("https://example.com/path"), json!("javascript:alert(1)"), json!(7), json!(["https://a.example"])]
    {
        world.api(&token, "POST", OWN, Some(json!({ "Uri": bad }))).is_api_error(400, 1053).names("Uri");
    }
    world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://a.example", "KeyId": 5 }))).is_api_error(400, 1053).names("KeyId");
    world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://a.example" }))).result(201);
    let other = world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://b.example" }))).result(201);
    world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://A.example/" }))).is_api_error(409, 1055).names("Uri");
    let path = format!("{OWN}/{}", other["Id"]);
    world.api(&token, "PUT", &path, Some(json!({ "Uri": "https://a.example" }))).is_api_error(409, 1055).names("Uri");
    world.api(&token, "PUT", &path, Some(json!({ "Uri": "https://b.example" }))).result(200);
    for n in 2..100 {
        world.api(&token, "POST", OWN, Some(json!({ "Uri": format!("https://n{n}.example") }))).result(201);
    }
    world.api(&token, "POST", OWN, Some(json!({ "Uri": "https://last.example" }))).is_api_error(400, 1053).names("Uri");
}

#[test]
fn pb_04_and_pb_05_domains_of_other_keys_look_absent_also_to_other_staff() {
    let world = World::new();
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Idx]);
    world.developer(80, OTHER_MLS);
    world.key_of(80, 81, OTHER_MLS, &[Role::Idx]);
    let staff = world.staff();
    let made = world.api(&staff, "POST", OF_KEY, Some(json!({ "Uri": "https://feed.example" }))).result(201);
    assert_eq!(world.api(&staff, "GET", OF_KEY, None).result(200), made);
    assert!(world.api(&staff, "GET", OWN, None).results(200).is_empty());
    for path in [
        format!("{OWN}/{}", made["Id"]),
        format!("/v1/developers/identities/80/keys/71/domains/{}", made["Id"]),
        format!("/v1/developers/identities/80/keys/81/domains/{}", made["Id"]),
        format!("/v1/developers/identities/70/keys/999/domains/{}", made["Id"]),
        format!("{OF_KEY}/1"),
    ] {
        for (method, body) in [("GET", None), ("PUT", Some(json!({ "Uri": "https://x.example" }))), ("DELETE", None)] {
            world.api(&staff, method, &path, body).is_api_error(404, 404);
        }
    }
    world.api(&staff, "GET", "/v1/developers/identities/80/keys/81/domains", None).is_api_error(404, 404);
    world
        .api(&staff, "POST", "/v1/developers/identities/80/keys/81/domains", Some(json!({ "Uri": "https://x.example" })))
        .is_api_error(404, 404);
    // An agent reaches the domains of the key, and no other key's.
    let agent = world.token_of("cv.ada", "w");
    world.api(&agent, "GET", OF_KEY, None).is_api_error(403, 1500);
    assert_eq!(world.api(&staff, "GET", OF_KEY, None).results(200), [made]);
}
