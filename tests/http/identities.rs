//! Developers of an MLS, and the history of what changed.

use diesel::prelude::*;
use latchkey::platform::role::Role;
use latchkey::store::schema::identities;
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::world::{OTHER_MLS, World};

const ALL: &str = "/v1/developers/identities";

fn dora() -> Value {
    json!({
        "FirstName": "Dora", "LastName": "Developer", "Company": "Dora Ltd.", "Email": "dora@example.com", "Website": "https://dora.example/",
        "Phone": "+1 509 555 0100", "Comments": "Met at the fair.",
        "AdditionalContacts": [{ "Name": "Tom Tech", "Type": "Technical", "Email": "tom@example.com", "Phone": "509-555-0101" }],
    })
}

fn made(world: &World, staff: &str, body: Value) -> (Value, String) {
    let made = world.api(staff, "POST", ALL, Some(body)).result(201);
    let path = made["ResourceUri"].as_str().unwrap().to_owned();
    (made, path)
}

#[test]
fn staff_adds_reads_and_changes_a_developer_of_its_mls() {
    let world = World::new();
    let staff = world.staff();
    let (made, path) = made(&world, &staff, dora());
    // The documented record, field for field.
    let mut expected = dora();
    let members = expected.as_object_mut().unwrap();
    members.extend(
        json!({
            "Id": made["Id"], "ResourceUri": format!("{ALL}/{}", made["Id"]), "MlsId": MLS, "User": null, "LastActive": null, "Editable": true,
            "Deleted": false, "CreatedTimestamp": "2026-11-18T11:06:40Z", "ModificationTimestamp": "2026-11-18T11:06:40Z",
        })
        .as_object()
        .unwrap()
        .clone(),
    );
    assert_eq!(made, expected);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Identity", &made);
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), made);
    assert_eq!(world.api(&staff, "GET", ALL, None).result(200), made);
    world.advance(latchkey::base::Seconds(60));
    let changed = world.api(&staff, "PUT", &path, Some(json!({ "Company": "Dora Inc.", "AdditionalContacts": [] }))).result(200);
    assert_eq!((&changed["Company"], &changed["FirstName"]), (&json!("Dora Inc."), &json!("Dora")));
    assert_eq!(changed["ModificationTimestamp"], "2026-11-18T11:07:40Z");
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), changed);
    assert_eq!(world.audited("identity.updated").unwrap().actor.as_deref(), Some(STAFF));
    // Nothing said is nothing changed.
    world.advance(latchkey::base::Seconds(60));
    assert_eq!(world.api(&staff, "PUT", &path, Some(json!({}))).result(200), changed);
    assert_eq!(world.api(&staff, "PUT", &path, Some(json!({ "Company": "Dora Inc." }))).result(200), changed);
    assert_eq!(world.api(&staff, "GET", &format!("{path}/history"), None).results(200).len(), 2);
}

#[test]
fn a_change_that_names_what_cannot_be_written_changes_nothing() {
    let world = World::new();
    let staff = world.staff();
    world.api(&staff, "POST", ALL, Some(json!({ "FirstName": "Dora" }))).is_api_error(400, 1050).names("LastName");
    let (made, path) = made(&world, &staff, dora());
    for name in ["Id", "ResourceUri", "MlsId", "User", "LastActive", "Editable", "Deleted", "CreatedTimestamp", "Trusted", "firstname"] {
        for (method, at) in [("PUT", path.as_str()), ("POST", ALL)] {
            let mut body = dora();
            body["Company"] = json!("Other Ltd.");
            body[name] = json!("20261001000000000000000002");
            world.api(&staff, method, at, Some(body)).is_api_error(400, 1053).names(name);
        }
    }
    world.api(&staff, "PUT", &path, Some(json!({ "Company": "Other Ltd.", "Email": "no address" }))).is_api_error(400, 1053).names("Email");
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), made);
    assert_eq!(world.api(&staff, "GET", ALL, None).results(200).len(), 1);
    assert_eq!(world.api(&staff, "GET", &format!("{path}/history"), None).results(200).len(), 1);
}

#[test]
fn a_deleted_developer_stays_readable_and_all_keys_are_off() {
    let world = World::new();
    let staff = world.staff();
    let (made, path) = made(&world, &staff, dora());
    let id = made["Id"].as_i64().unwrap();
    world.key_of(id, 71, MLS, &[Role::Private, Role::SingleSession]);
    let token = world.api(&staff, "POST", &format!("{path}/keys/71/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    let token = token["Token"].as_str().unwrap().to_owned();
    world.my_account(&token).result(200);
    assert!(world.api(&staff, "DELETE", &path, None).results(200).is_empty());
    world.my_account(&token).is_api_error(401, 1010);
    let after = world.api(&staff, "GET", &path, None).result(200);
    assert_eq!((&after["Deleted"], &after["Editable"]), (&json!(true), &json!(false)));
    assert!(world.api(&staff, "GET", ALL, None).results(200).is_empty());
    for (method, body) in [("PUT", Some(json!({ "Company": "x" }))), ("DELETE", None)] {
        world.api(&staff, method, &path, body).is_api_error(404, 404);
    }
    world.audited_because("key.disabled", "developer_deleted");
    let history = world.api(&staff, "GET", &format!("{path}/history"), None).results(200);
    let told: Vec<_> = history.iter().map(|change| (change["Action"].as_str().unwrap(), change["RecordType"].as_str().unwrap())).collect();
    assert_eq!(told, [("Update", "Key"), ("Delete", "Identity"), ("Create", "Identity")]);
    assert_eq!(history[0]["ChangedValues"], json!({ "Enabled": [true, false] }));
    assert_eq!(history[0]["Key"]["Id"], 71);
    assert_eq!(history[1]["ChangedValues"], json!({ "Deleted": [false, true] }));
}

#[test]
fn the_history_tells_who_changed_what_from_what_to_what() {
    let world = World::new();
    let staff = world.staff();
    let (_, path) = made(&world, &staff, dora());
    world.api(&staff, "PUT", &path, Some(json!({ "Company": "Dora Inc.", "Phone": "" }))).result(200);
    let path = format!("{path}/history");
    let newest = world.api(&staff, "GET", &format!("{path}?_limit=1"), None).result(200);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Change", &newest);
    assert_eq!((&newest["Action"], &newest["RecordType"], &newest["Key"]), (&json!("Update"), &json!("Identity"), &Value::Null));
    assert_eq!(newest["ChangedFields"], json!(["Company", "Phone"]));
    assert_eq!(newest["ChangedValues"], json!({ "Company": ["Dora Ltd.", "Dora Inc."], "Phone": ["+1 509 555 0100", ""] }));
    assert_eq!((&newest["ChangedBy"]["Id"], &newest["ChangedBy"]["Name"]), (&json!(STAFF), &json!("Sam Staff")));
    assert_eq!(newest["ChangedBy"]["Images"][0]["Type"], "Photo");
    let made = world.api(&staff, "GET", &format!("{path}?_filter=Action Eq 'Create'").replace(' ', "%20"), None).result(200);
    assert_eq!(made["ChangedValues"]["FirstName"], json!([null, "Dora"]));
    assert_eq!(made["ChangedValues"].get("MlsId"), None);
}

#[test]
fn lists_are_filtered_sorted_and_paged_within_the_callers_reach() {
    let world = World::new();
    let staff = world.staff();
    for (first, company) in [("Anna", "B"), ("Bert", "A"), ("Carl", "B")] {
        let mut body = dora();
        body["FirstName"] = json!(first);
        body["Company"] = json!(company);
        made(&world, &staff, body);
    }
    world.developer(80, OTHER_MLS);
    let names = |query: &str| {
        let answer = world.api(&staff, "GET", &format!("{ALL}?{}", query.replace(' ', "%20")), None);
        answer.results(200).iter().map(|record| record["FirstName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("_orderby=Company,-FirstName"), ["Bert", "Carl", "Anna"]);
    assert_eq!(names("_filter=Company Eq 'B'&_orderby=-FirstName"), ["Carl", "Anna"]);
    assert_eq!(names("_limit=2&_page=2&_orderby=FirstName"), ["Carl"]);
    let counted = world.api(&staff, "GET", &format!("{ALL}?_pagination=count"), None);
    assert_eq!(counted.json()["D"]["Pagination"], json!({ "TotalRows": 3, "PageSize": 10, "TotalPages": 1, "CurrentPage": 1 }));
    let cut = world.api(&staff, "GET", &format!("{ALL}?_select=Id,Email&_limit=1"), None).result(200);
    assert_eq!(cut.as_object().unwrap().keys().collect::<Vec<_>>(), ["Email", "Id"]);
    world.api(&staff, "GET", &format!("{ALL}?_orderby=Secret"), None).is_api_error(400, 1053).names("_orderby");
    world.api(&staff, "GET", &format!("{ALL}?_limit=26"), None).is_api_error(400, 1053);
}

#[test]
fn qi_13_no_filter_widens_the_reach_of_whoever_asks() {
    let world = World::new();
    let staff = world.staff();
    made(&world, &staff, dora());
    world.developer(80, OTHER_MLS);
    for filter in ["Id Gt 0 Or Id Eq 80", "Not Id Eq 0", &format!("MlsId Eq '{OTHER_MLS}' Or MlsId Ne 'x'"), "Id Eq 80 Or Id Ne 80"] {
        let answer = world.api(&staff, "GET", &format!("{ALL}?_pagination=1&_filter={}", filter.replace(' ', "%20")), None);
        assert!(answer.results(200).iter().all(|record| record["MlsId"] == MLS), "{filter}: {answer:?}");
        assert_eq!(answer.json()["D"]["Pagination"]["TotalRows"], 1, "{filter}");
    }
    let answer = world.api(&staff, "GET", &format!("{ALL}?_filter=Id%20Eq%2080"), None);
    assert!(answer.results(200).is_empty());
}

#[test]
fn pb_04_a_developer_of_another_mls_looks_absent_and_stays_as_he_is() {
    let world = World::new();
    let (staff, foreign) = (world.staff(), world.foreign_staff());
    let (made, path) = made(&world, &staff, dora());
    for at in [path.clone(), format!("{ALL}/4711")] {
        for (method, body) in [("GET", None), ("PUT", Some(json!({ "Company": "Mine" }))), ("DELETE", None)] {
            world.api(&foreign, method, &at, body).is_api_error(404, 404);
        }
        world.api(&foreign, "GET", &format!("{at}/history"), None).is_api_error(404, 404);
    }
    assert!(world.api(&foreign, "GET", ALL, None).results(200).is_empty());
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), made);
    world.audited_because("access.denied", "not_found");
}

#[test]
fn a_developer_of_the_platform_is_seen_by_the_mls_whose_key_he_has_and_changed_by_neither() {
    let world = World::new();
    let (staff, foreign) = (world.staff(), world.foreign_staff());
    world.developer(70, MLS);
    world.change(|conn| conn.execute(diesel::update(identities::table.find(70)).set(identities::mls_id.eq(None::<String>))));
    let path = format!("{ALL}/70");
    world.api(&staff, "GET", &path, None).is_api_error(404, 404);
    world.key_of(70, 71, MLS, &[Role::Idx]);
    let seen = world.api(&staff, "GET", &path, None).result(200);
    assert_eq!((&seen["Editable"], &seen["MlsId"]), (&json!(false), &Value::Null));
    assert_eq!(world.api(&staff, "GET", ALL, None).result(200), seen);
    world.api(&staff, "PUT", &path, Some(json!({ "Company": "Mine" }))).is_api_error(405, 1018);
    world.api(&staff, "DELETE", &path, None).is_api_error(405, 1018);
    world.api(&foreign, "GET", &path, None).is_api_error(404, 404);
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), seen);
}

#[test]
fn a_privileged_key_reaches_its_mls_or_everything_and_an_agent_who_uses_it_no_more_than_both() {
    let world = World::new();
    world.developer(70, MLS);
    world.developer(80, OTHER_MLS);
    let ids = |token: &str| {
        let answer = world.api(token, "GET", ALL, None);
        answer.results(200).iter().map(|record| record["Id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let own = world.privileged(Some(OTHER_MLS), &[]);
    assert_eq!(ids(&own), [80]);
    world.api(&own, "POST", ALL, Some(json!({ "FirstName": "A", "LastName": "B", "Email": "a@b.example", "MlsId": MLS }))).names("MlsId");
    // An agent of another MLS than the key's reaches nothing by it.
    assert_eq!(ids(&world.token_of("cv.ada", "es256")), Vec::<i64>::new());
    let everything = world.privileged(None, &[]);
    assert_eq!(ids(&everything), [70, 80]);
    let mut body = dora();
    body["MlsId"] = json!("20991231235959000000000000");
    world.api(&everything, "POST", ALL, Some(body.clone())).is_api_error(400, 1053).names("MlsId");
    body["MlsId"] = json!(OTHER_MLS);
    let (there, _) = made(&world, &everything, body);
    assert_eq!(there["MlsId"], OTHER_MLS);
    let (nowhere, path) = made(&world, &everything, dora());
    assert_eq!((&nowhere["MlsId"], &nowhere["Editable"]), (&Value::Null, &json!(true)));
    let change = world.api(&everything, "GET", &format!("{path}/history"), None).result(200);
    assert_eq!((&change["ChangedBy"], &change["ChangedByKey"]), (&Value::Null, &json!(world.key("es256").client_id)));
    assert_eq!(ids(&world.token_of("cv.ada", "es256")), [70]);
}

#[test]
fn the_day_a_key_is_used_is_told_of_its_developer_too() {
    let world = World::new();
    let staff = world.staff();
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private]);
    assert_eq!(world.api(&staff, "GET", &format!("{ALL}/70"), None).result(200)["LastActive"], Value::Null);
    world.change(|conn| latchkey::store::keys::seen(conn, latchkey::base::id::KeyId(71), None, "2026-11-18"));
    world.change(|conn| latchkey::store::keys::seen(conn, latchkey::base::id::KeyId(71), None, "2026-11-17"));
    assert_eq!(world.api(&staff, "GET", &format!("{ALL}/70"), None).result(200)["LastActive"], "2026-11-18");
}
