//! Secrets of a key: several at once, changed without a gap.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::platform::role::Role;
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use super::keys::{OF_DORA, application, made, scene, wish};
use crate::support::platform::MLS;
use crate::support::tables;
use crate::support::world::{Application, OTHER_MLS, World};

/// Whether the application gets in with that secret.
fn proves(world: &World, application: &Application, secret: &Value) -> bool {
    let application = Application { secret: secret.as_str().map(str::to_owned), ..application.clone() };
    // Somebody who proves himself is told that the refresh token is wrong; somebody who does not, that he is.
    let answer = world.refresh(&application, "lkr_nonsense");
    match answer.status {
        400 => true,
        401 => false,
        _ => panic!("{answer:?}"),
    }
}

#[test]
fn two_secrets_live_side_by_side_until_one_is_removed() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let app = application(&key);
    let all = format!("{path}/secrets");
    let first = world.api(&staff, "GET", &all, None).result(200);
    assert_eq!((&first["Name"], &first["Live"], &first["ExpiresTimestamp"]), (&json!("first"), &json!(true), &Value::Null));
    let second = world.api(&staff, "POST", &all, Some(json!({ "Name": "second" }))).result(201);
    let document = world.get("/v1/openapi.json").json();
    is_as_documented(&document, "NewKeySecret", &second);
    is_as_documented(&document, "KeySecret", &first);
    assert!(proves(&world, &app, &key["Secret"]) && proves(&world, &app, &second["Secret"]) && !proves(&world, &app, &json!("lks_x")));
    let listed = world.api(&staff, "GET", &all, None);
    assert_eq!(listed.results(200).len(), 2);
    assert!(!listed.body.contains(second["Secret"].as_str().unwrap()));
    assert!(!tables::text(&world.app.db).contains(second["Secret"].as_str().unwrap()));
    let at = first["ResourceUri"].as_str().unwrap();
    assert!(world.api(&staff, "DELETE", at, None).results(200).is_empty());
    assert!(!proves(&world, &app, &key["Secret"]) && proves(&world, &app, &second["Secret"]));
    for method in ["GET", "DELETE"] {
        world.api(&staff, method, at, None).is_api_error(404, 404);
    }
    world.audited_because("key.updated", "secret_removed");
    let change = world.api(&staff, "GET", "/v1/developers/identities/70/history?_limit=1", None).result(200);
    assert_eq!(change["ChangedFields"], json!(["Secrets"]));
    assert_eq!(change["ChangedValues"]["Secrets"][1], json!([{ "Id": second["Id"], "Name": "second", "ExpiresTimestamp": null }]));
}

#[test]
fn a_rotation_lets_the_old_secret_live_for_the_hours_of_the_overlap_and_no_longer() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let (app, all) = (application(&key), format!("{path}/secrets"));
    for bad in [json!(-1), json!(169), json!(1.5), json!("2"), json!(true)] {
        world.api(&staff, "POST", &all, Some(json!({ "OverlapHours": bad }))).is_api_error(400, 1053).names("OverlapHours");
    }
    let second = world.api(&staff, "POST", &all, Some(json!({ "OverlapHours": 2 }))).result(201);
    world.audited("key.secret_rotated").unwrap();
    let listed = world.api(&staff, "GET", &all, None).results(200);
    assert_eq!((&listed[0]["ExpiresTimestamp"], &listed[1]["ExpiresTimestamp"]), (&json!("2026-11-18T13:06:40Z"), &Value::Null));
    world.advance(Seconds(2 * 3600 - 1));
    assert!(proves(&world, &app, &key["Secret"]) && proves(&world, &app, &second["Secret"]));
    world.advance(Seconds(1));
    assert!(!proves(&world, &app, &key["Secret"]) && proves(&world, &app, &second["Secret"]));
    let staff = world.staff();
    assert_eq!(world.api(&staff, "GET", &all, None).results(200)[0]["Live"], false);
    let third = world.api(&staff, "POST", &all, Some(json!({ "OverlapHours": 0 }))).result(201);
    assert!(!proves(&world, &app, &second["Secret"]) && proves(&world, &app, &third["Secret"]));
    // What is over does not come back.
    let at = format!("{all}/{}", second["Id"]);
    world.api(&staff, "PUT", &at, Some(json!({ "ExpiresTimestamp": null }))).is_api_error(400, 1053).names("ExpiresTimestamp");
}

#[test]
fn the_end_of_a_secret_can_be_set_and_taken_back_while_it_lives() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let (app, all) = (application(&key), format!("{path}/secrets"));
    let first = world.api(&staff, "GET", &all, None).result(200);
    let at = first["ResourceUri"].as_str().unwrap();
    for bad in [json!("2026-11-18T11:06:40Z"), json!("2020-01-01T00:00:00Z"), json!("2099-01-01T00:00:00Z"), json!("tomorrow"), json!(7)] {
        world.api(&staff, "PUT", at, Some(json!({ "ExpiresTimestamp": bad }))).is_api_error(400, 1053).names("ExpiresTimestamp");
        world.api(&staff, "POST", &all, Some(json!({ "ExpiresTimestamp": bad }))).is_api_error(400, 1053).names("ExpiresTimestamp");
    }
    for name in ["Id", "Secret", "Live", "CreatedTimestamp", "OverlapHours", "Digest"] {
        world.api(&staff, "PUT", at, Some(json!({ "Name": "x", name: 1 }))).is_api_error(400, 1053).names(name);
    }
    world.api(&staff, "POST", &all, Some(json!({ "Secret": "mine" }))).is_api_error(400, 1053).names("Secret");
    assert_eq!(world.api(&staff, "GET", at, None).result(200), first);
    let set = world.api(&staff, "PUT", at, Some(json!({ "ExpiresTimestamp": "2026-11-18T12:06:40+01:00", "Name": "" })));
    set.is_api_error(400, 1053).names("Name");
    let set = world.api(&staff, "PUT", at, Some(json!({ "ExpiresTimestamp": "2026-11-18T13:06:40+01:00", "Name": "old" }))).result(200);
    assert_eq!((&set["ExpiresTimestamp"], &set["Name"]), (&json!("2026-11-18T12:06:40Z"), &json!("old")));
    let set = world.api(&staff, "PUT", at, Some(json!({ "ExpiresTimestamp": null }))).result(200);
    assert_eq!(set["ExpiresTimestamp"], Value::Null);
    world.api(&staff, "PUT", at, Some(json!({ "ExpiresTimestamp": "2026-11-18T11:06:41Z" }))).result(200);
    assert!(proves(&world, &app, &key["Secret"]));
    world.advance(Seconds(1));
    assert!(!proves(&world, &app, &key["Secret"]));
}

#[test]
fn there_are_ten_secrets_at_once_and_none_of_a_public_key_or_of_one_beyond_reach() {
    let (world, staff) = scene();
    let (_, path) = made(&world, &staff, wish());
    let all = format!("{path}/secrets");
    for _ in 1..10 {
        world.api(&staff, "POST", &all, Some(json!({}))).result(201);
    }
    world.api(&staff, "POST", &all, Some(json!({}))).is_api_error(409, 1055).names("Secret");
    world.api(&staff, "POST", &all, Some(json!({ "OverlapHours": 1 }))).result(201);
    let mut body = wish();
    body["Kind"] = json!("public");
    let (_, public) = made(&world, &staff, body);
    assert!(world.api(&staff, "GET", &format!("{public}/secrets"), None).results(200).is_empty());
    world.api(&staff, "POST", &format!("{public}/secrets"), Some(json!({}))).is_api_error(400, 1053).names("Kind");
    world.developer(80, OTHER_MLS);
    world.key_of(80, 81, OTHER_MLS, &[Role::Idx]);
    world.key_of(70, 71, MLS, &[Role::Idx]);
    let mine = world.api(&staff, "GET", &all, None).results(200)[0]["Id"].as_i64().unwrap();
    for of in ["/v1/developers/identities/80/keys/81", "/v1/developers/identities/70/keys/81", "/v1/developers/identities/80/keys/71"] {
        world.api(&staff, "GET", &format!("{of}/secrets"), None).is_api_error(404, 404);
        world.api(&staff, "POST", &format!("{of}/secrets"), Some(json!({}))).is_api_error(404, 404);
    }
    // A secret of one key is not found under another one.
    for (method, body) in [("GET", None), ("PUT", Some(json!({ "Name": "x" }))), ("DELETE", None)] {
        world.api(&staff, method, &format!("{OF_DORA}/71/secrets/{mine}"), body).is_api_error(404, 404);
    }
    world.key_of(70, 73, MLS, &[Role::Private]);
    let mut special = world.w();
    special.id = KeyId(73);
    world.change_policy(&special, |policy| policy.introspects = true);
    world.api(&staff, "POST", &format!("{OF_DORA}/73/secrets"), Some(json!({}))).is_api_error(405, 1018);
}
