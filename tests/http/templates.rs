//! RESO templates of an MLS.

use diesel::prelude::*;
use latchkey::platform::role::Role;
use latchkey::store::schema::keys;
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use crate::support::platform::{MLS, STAFF};
use crate::support::world::{OTHER_MLS, World};

const ALL: &str = "/v1/developers/templates";

fn wish() -> Value {
    json!({
        "Name": "Broker sites", "Description": "What brokers' sites may show", "SyndicationId": null, "ListingPhotoLimit": 20, "Role": "idx",
        "RestrictiveFilters": { "RESODictionaryVersion": "1.7", "Agent": null, "Property": { "Filter": "City Eq 'Fargo'" } },
        "FieldOverrides": { "RESODictionaryVersion": "1.7", "Property": { "PrivateRemarks": false } },
    })
}

fn made(world: &World, staff: &str) -> (Value, String) {
    let made = world.api(staff, "POST", ALL, Some(wish())).result(201);
    let path = made["ResourceUri"].as_str().unwrap().to_owned();
    (made, path)
}

#[test]
fn staff_adds_reads_changes_and_removes_a_template() {
    let world = World::new();
    let staff = world.staff();
    let (made, path) = made(&world, &staff);
    let mut expected = wish();
    let more = json!({
        "Id": made["Id"], "ResourceUri": format!("{ALL}/{}", made["Id"].as_str().unwrap()), "OwnerId": STAFF, "AssociationId": null, "MlsId": MLS,
        "CreatedTimestamp": "2026-11-18T11:06:40Z", "ModificationTimestamp": "2026-11-18T11:06:40Z",
    });
    expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(made, expected);
    assert_eq!(made["Id"].as_str().unwrap().len(), 26);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Template", &made);
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), made);
    assert_eq!(
        world.api(&staff, "GET", &format!("{ALL}?_filter=Role%20Eq%20%27idx%27&_select=Name"), None).result(200),
        json!({ "Name": "Broker sites" })
    );

    let changed = world.api(&staff, "PUT", &path, Some(json!({ "ListingPhotoLimit": null }))).result(200);
    assert_eq!((&changed["ListingPhotoLimit"], &changed["Name"]), (&Value::Null, &json!("Broker sites")));
    let history = world.api(&staff, "GET", &format!("{path}/history"), None).results(200);
    assert_eq!((history.len(), &history[0]["ChangedValues"]), (2, &json!({ "ListingPhotoLimit": [20, null] })));
    assert_eq!((history[0]["RecordType"].as_str(), history[0]["ChangedBy"]["Id"].as_str()), (Some("Template"), Some(STAFF)));

    world.api(&staff, "DELETE", &path, None).results(200);
    world.api(&staff, "GET", &path, None).is_api_error(404, 404);
    world.api(&staff, "DELETE", &path, None).is_api_error(404, 404);
}

#[test]
fn its_two_parts_have_addresses_of_their_own() {
    let world = World::new();
    let staff = world.staff();
    let (_, path) = made(&world, &staff);
    for (part, attribute) in [("fieldoverrides", "FieldOverrides"), ("restrictivefilters", "RestrictiveFilters")] {
        let at = format!("{path}/{part}");
        assert_eq!(world.api(&staff, "GET", &at, None).result(200), wish()[attribute]);
        world.api(&staff, "PUT", &at, Some(json!({ "Property": {} }))).is_api_error(400, 1053).names(attribute);
        assert_eq!(
            world.api(&staff, "PUT", &at, Some(json!({ "RESODictionaryVersion": "2.0" }))).result(200),
            json!({ "RESODictionaryVersion": "2.0" })
        );
        assert_eq!(world.api(&staff, "GET", &path, None).result(200)[attribute], json!({ "RESODictionaryVersion": "2.0" }));
        assert_eq!(world.api(&staff, "PUT", &at, Some(json!({}))).result(200), json!({}));
        world.api(&staff, "DELETE", &at, None).is_api_error(405, 405);
    }
}

#[test]
fn dr_08_what_cannot_be_written_is_named_and_nothing_changes() {
    let world = World::new();
    let staff = world.staff();
    world.api(&staff, "POST", ALL, Some(json!({ "Description": "x" }))).is_api_error(400, 1050).names("Name");
    let (made, path) = made(&world, &staff);
    for (name, value) in [
        ("Id", json!("20261001000000000000000009")),
        ("MlsId", json!(OTHER_MLS)),
        ("OwnerId", json!(null)),
        ("Role", json!("admin")),
        ("Trusted", json!(true)),
    ] {
        world.api(&staff, "PUT", &path, Some(json!({ "Name": "Other", name: value }))).is_api_error(400, 1053).names(name);
    }
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), made);
    assert_eq!(world.api(&staff, "GET", &format!("{path}/history"), None).results(200).len(), 1);
}

#[test]
fn pb_04_a_template_of_another_mls_and_none_look_the_same() {
    let world = World::new();
    let staff = world.staff();
    let (made, path) = made(&world, &staff);
    let id = made["Id"].as_str().unwrap().to_owned();
    world.change(move |conn| {
        use latchkey::store::schema::templates;
        conn.execute(diesel::update(templates::table.find(id)).set(templates::mls_id.eq(OTHER_MLS)))
    });
    let none = format!("{ALL}/20991231235959000000000000");
    for at in ["", "/history", "/fieldoverrides", "/restrictivefilters"] {
        let (foreign, absent) =
            (world.api(&staff, "GET", &format!("{path}{at}"), None), world.api(&staff, "GET", &format!("{none}{at}"), None));
        foreign.is_api_error(404, 404);
        assert_eq!(foreign.body, absent.body);
    }
    world.api(&staff, "PUT", &path, Some(json!({ "Name": "Mine" }))).is_api_error(404, 404);
    world.api(&staff, "DELETE", &path, None).is_api_error(404, 404);
    assert_eq!(world.api(&staff, "GET", ALL, None).results(200).len(), 0);
}

#[test]
fn a_template_in_use_stays() {
    let world = World::new();
    let staff = world.staff();
    let (made, path) = made(&world, &staff);
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Idx]);
    let id = made["Id"].as_str().unwrap().to_owned();
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(71)).set(keys::template_id.eq(id))));
    world.api(&staff, "DELETE", &path, None).is_api_error(409, 1055).names("Id");
    world.api(&staff, "GET", &path, None).result(200);
}
