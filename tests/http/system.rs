//! `/v1/system`: where a program learns the addresses at which people sign in.

use serde_json::json;

use super::addresses::is_as_documented;
use crate::support::platform::{ADA, MLS};
use crate::support::world::World;

#[test]
fn a_program_learns_where_agents_and_their_home_buyers_sign_in() {
    let world = World::new();
    let ada = world.token_of("cv.ada", "w");
    let system = || world.api(&ada, "GET", "/v1/system", None).result(200);
    let before = system();
    is_as_documented(&world.get("/v1/openapi.json").json(), "System", &before);
    assert_eq!(
        (before["Id"].as_str(), before["MlsId"].as_str(), before["Mls"].as_str()),
        (Some(ADA), Some(MLS), Some("Cascade Valley MLS"))
    );
    let configuration = &before["Configuration"][0];
    assert_eq!(configuration["OAuth2ServiceEndpointPrivate"], format!("{}/oauth2", world.issuer));
    assert_eq!((&configuration["OAuth2ServiceEndpointPortal"], &configuration["TimeZone"]), (&json!(null), &json!("America/Los_Angeles")));
    // A portal that is switched off is no place to send anybody to.
    let portal = world.portal("cv.ada", "Ada's Homes");
    let there = format!("{}/auth/vow/{}", world.issuer, portal.name);
    assert_eq!(system()["Configuration"][0]["OAuth2ServiceEndpointPortal"], there);
    let bond = world.bond("cv.ada", "carla@example.com");
    let tokens = world.tokens_by(&bond, &world.key("site"));
    let hers = world.api(tokens["access_token"].as_str().unwrap(), "GET", "/v1/system?_select=Id,Configuration", None).result(200);
    assert_eq!((&hers["Id"], &hers["Configuration"][0]["OAuth2ServiceEndpointPortal"]), (&json!(ADA), &json!(there)));
    world.changes_portal("cv.ada", |portal| portal.enabled = false);
    assert_eq!(system()["Configuration"][0]["OAuth2ServiceEndpointPortal"], json!(null));
    world.api(&ada, "PUT", "/v1/system", Some(json!({}))).is_api_error(405, 405);
}
