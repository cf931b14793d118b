//! Discovery and key set.

use crate::support::world::World;

#[test]
fn the_discovery_document_stands_at_both_addresses_and_may_be_kept_and_read_by_anybody() {
    let world = World::new();
    let document = world.get("/.well-known/openid-configuration");
    assert_eq!(document.status, 200);
    assert_eq!(document.json()["issuer"], world.issuer);
    assert_eq!(document.header("access-control-allow-origin"), Some("*"));
    assert!(document.header("cache-control").unwrap().starts_with("public, max-age="));
    assert_eq!(world.get("/.well-known/oauth-authorization-server").body, document.body);
    let again = world.request("GET", "/.well-known/openid-configuration", &[("if-none-match", document.header("etag").unwrap())], None);
    assert_eq!(again.status, 304);
}

#[test]
fn every_endpoint_it_names_answers() {
    let world = World::new();
    let document = world.get("/.well-known/openid-configuration").json();
    for (member, value) in document.as_object().unwrap() {
        if member.ends_with("_endpoint") || member == "jwks_uri" {
            assert_ne!(world.get(value.as_str().unwrap()).status, 404, "{member}");
        }
    }
}

#[test]
fn tk_13_the_key_set_has_public_halves_only_and_says_what_each_is_for() {
    let world = World::new();
    let set = world.get("/openid/jwks.json");
    assert_eq!(set.body, world.get("/openid/jwks").body);
    let keys = set.json()["keys"].as_array().unwrap().clone();
    assert!(keys.len() >= 3);
    for key in &keys {
        assert!(key["kid"].as_str().is_some_and(|kid| kid.len() == 43));
        assert_eq!(key["use"], "sig");
        assert!(["RS256", "ES256", "EdDSA"].contains(&key["alg"].as_str().unwrap()));
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
        assert_ne!(key["kty"], "oct");
    }
    assert!(keys.iter().any(|key| key["kty"] == "RSA" && key["n"].as_str().unwrap().len() >= 342));
}
