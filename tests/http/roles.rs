//! The catalogue of roles, and who uses an application.

use serde_json::json;

use super::addresses::is_as_documented;
use crate::support::platform::{ADA, BEN, MIA};
use crate::support::world::World;

#[test]
fn the_catalogue_says_what_a_role_is_and_where_it_is_asked_what_it_may_do() {
    let world = World::new();
    let staff = world.staff();
    let all = world.api(&staff, "GET", "/v1/developers/roles?_pagination=1", None);
    let names: Vec<String> = all.results(200).iter().map(|role| role["Name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["idx", "public", "vow", "portal", "private", "single_session", "replication"]);
    assert_eq!(all.json()["D"]["Pagination"], json!({ "TotalRows": 7, "PageSize": 10, "TotalPages": 1, "CurrentPage": 1 }));
    let idx = all.results(200)[0].clone();
    assert_eq!(
        idx,
        json!({
            "Id": 1, "ResourceUri": "/v1/developers/roles/1", "Name": "idx", "DataRole": true,
            "CreatedTimestamp": idx["CreatedTimestamp"], "ModificationTimestamp": idx["ModificationTimestamp"],
        })
    );
    let document = world.get("/v1/openapi.json").json();
    is_as_documented(&document, "Role", &idx);

    let modifiers = world.api(&staff, "GET", "/v1/developers/roles?_filter=DataRole%20Eq%20false&_orderby=-Name", None).results(200);
    assert_eq!(modifiers.iter().map(|role| role["Name"].as_str().unwrap()).collect::<Vec<_>>(), ["single_session", "replication"]);
    let vow = world.api(&staff, "GET", "/v1/developers/roles/3?_expand=Services", None).result(200);
    assert_eq!((vow["Name"].as_str(), vow["Services"]["listing carts"].as_str()), (Some("vow"), Some("read, write")));
    assert!(vow["Services"].get("developers: roles").is_none());
    for nobody in ["0", "8", "x", "01"] {
        world.api(&staff, "GET", &format!("/v1/developers/roles/{nobody}"), None).is_api_error(404, 404);
    }
}

#[test]
fn an_application_keeps_who_uses_it_and_each_person_sees_the_own_entry() {
    let world = World::new();
    let staff = world.staff();
    let users = "/v1/appstore/users";
    let made = world.api(&staff, "PUT", &format!("{users}/{ADA}"), Some(json!({ "Purchased": true }))).result(200);
    assert_eq!(made, json!({ "Id": ADA, "Name": "Ada Agent", "Purchased": true }));
    world.api(&staff, "PUT", &format!("{users}/{BEN}"), Some(json!({ "Purchased": false }))).result(200);
    assert_eq!(world.api(&staff, "GET", users, None).results(200).len(), 2);
    let bought = world.api(&staff, "GET", &format!("{users}?_filter=Purchased%20Eq%20true"), None).results(200);
    assert_eq!(bought, [made]);

    // Ada, by the same application.
    let ada = world.token_of("cv.ada", "w");
    assert_eq!(world.api(&ada, "GET", users, None).results(200).len(), 1);
    world.api(&ada, "PUT", &format!("{users}/{BEN}"), Some(json!({ "Purchased": true }))).is_api_error(404, 404);
    world.api(&ada, "PUT", &format!("{users}/{ADA}"), Some(json!({ "Purchased": false }))).result(200);
    // By another application she has no entry.
    assert_eq!(world.api(&world.token_of("cv.ada", "w2"), "GET", users, None).results(200).len(), 0);
    // Somebody of another MLS, nobody, and nonsense look the same.
    for nobody in [MIA, "20991231235959000000000000", "1", "x"] {
        world.api(&staff, "PUT", &format!("{users}/{nobody}"), Some(json!({ "Purchased": true }))).is_api_error(404, 404);
    }
}

#[test]
fn what_is_said_of_a_use_is_true_or_false() {
    let world = World::new();
    let staff = world.staff();
    let path = format!("/v1/appstore/users/{ADA}");
    world.api(&staff, "PUT", &path, Some(json!({}))).is_api_error(400, 1050).names("Purchased");
    world.api(&staff, "PUT", &path, Some(json!({ "Purchased": "yes" }))).is_api_error(400, 1053).names("Purchased");
    world.api(&staff, "PUT", &path, Some(json!({ "Purchased": true, "Name": "A" }))).is_api_error(400, 1053).names("Name");
    assert_eq!(world.api(&staff, "GET", "/v1/appstore/users", None).results(200).len(), 0);
}
