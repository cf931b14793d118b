//! Keys of developers: made, changed and deleted by the staff of their MLS.

use diesel::prelude::*;
use latchkey::base::{Seconds, Secret};
use latchkey::platform::role::Role;
use latchkey::protocol::client::{Policy, Privilege};
use latchkey::store::schema::{key_secrets, keys, templates};
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::tables;
use crate::support::world::{Application, BEGIN, OTHER_MLS, World};

pub(super) const OF_DORA: &str = "/v1/developers/identities/70/keys";

pub(super) fn wish() -> Value {
    json!({
        "Name": "Open House", "Type": "OAuth2", "RedirectUri": "https://app.example/callback", "ApplicationUri": "https://app.example/",
        "Roles": ["private"],
    })
}

/// A world with Dora in it, and a token of the staff.
pub(super) fn scene() -> (World, String) {
    let world = World::new();
    world.developer(70, MLS);
    let staff = world.staff();
    (world, staff)
}

/// Makes a key; its record and its address.
pub(super) fn made(world: &World, staff: &str, body: Value) -> (Value, String) {
    let made = world.api(staff, "POST", OF_DORA, Some(body)).result(201);
    let path = made["ResourceUri"].as_str().unwrap().to_owned();
    (made, path)
}

/// What differs from the wish.
fn with(name: &str, value: Value) -> Value {
    let mut body = wish();
    body[name] = value;
    body
}

pub(super) fn application(made: &Value) -> Application {
    Application {
        client_id: made["Key"].as_str().unwrap().to_owned(),
        secret: made["Secret"].as_str().map(str::to_owned),
        redirect_uri: made["RedirectUri"].as_str().unwrap().to_owned(),
        id: latchkey::base::id::KeyId(made["Id"].as_i64().unwrap()),
    }
}

#[test]
fn staff_makes_a_key_and_an_agent_signs_in_through_it_until_it_is_switched_off() {
    let (world, staff) = scene();
    let (made, path) = made(&world, &staff, wish());
    let tokens = world.agent("cv.ada").grants(&application(&made));
    let access = tokens["access_token"].as_str().unwrap();
    world.my_account(access).result(200);
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": false }))).result(200);
    world.my_account(access).is_api_error(401, 1010);
    assert_eq!(world.audited("key.disabled").unwrap().actor.as_deref(), Some(STAFF));
    assert_eq!(world.refresh(&application(&made), tokens["refresh_token"].as_str().unwrap()).status, 401);
    world.agent("cv.ada").opens(&application(&made), &[]).is_page(400);
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": true }))).result(200);
    world.my_account(access).result(200);
}

#[test]
fn the_documented_record_comes_field_for_field_and_the_secret_once() {
    let (world, staff) = scene();
    let document = world.get("/v1/openapi.json").json();
    let (mut made, path) = made(&world, &staff, with("Roles", json!(["idx", "single_session"])));
    is_as_documented(&document, "NewKey", &made);
    assert!(made["Secret"].as_str().unwrap().starts_with("lks_"));
    assert_eq!(made["Key"].as_str().unwrap().len(), 25);
    let record = world.api(&staff, "GET", &path, None).result(200);
    is_as_documented(&document, "Key", &record);
    let documented = json!({
        "Id": made["Id"], "ResourceUri": format!("{OF_DORA}/{}", made["Id"]), "IdentityId": 70, "Name": "Open House", "Type": "OAuth2",
        "Key": made["Key"], "RedirectUri": "https://app.example/callback", "ApplicationUri": "https://app.example/", "MultipleMls": false,
        "MlsIds": [], "Roles": ["idx", "single_session"], "TemplateId": null, "Enabled": true, "OpenIDEnabled": true, "Comments": "",
        "Editable": true, "Deleted": false, "LastActive": null, "CreatedTimestamp": "2026-11-18T11:06:40Z",
        "ModificationTimestamp": "2026-11-18T11:06:40Z",
    });
    let ours = json!({
        "Kind": "confidential", "RedirectUris": ["https://app.example/callback"], "RequirePkce": false, "RequiresAuthorization": false,
        "IdTokenSignedResponseAlg": "RS256",
        "Lifetimes": { "Code": null, "AccessToken": null, "RefreshSliding": null, "RefreshAbsolute": null, "IdToken": null },
    });
    let both = [&documented, &ours].into_iter().flat_map(|part| part.as_object().unwrap().clone()).collect::<serde_json::Map<_, _>>();
    assert_eq!(record, Value::Object(both));
    made.as_object_mut().unwrap().remove("Secret");
    assert_eq!(made, record);
    assert_eq!(world.api(&staff, "GET", OF_DORA, None).result(200), record);
}

#[test]
fn pb_08_a_secret_is_shown_once_and_found_nowhere_else() {
    let (world, staff) = scene();
    let (made, path) = made(&world, &staff, wish());
    let secret = made["Secret"].as_str().unwrap().to_owned();
    world.api(&staff, "PUT", &path, Some(json!({ "Comments": "changed" }))).result(200);
    for question in ["_select=Secret", "_expand=Secret", "_filter=Secret%20Ne%20'x'", "_orderby=Secret"] {
        let code = if question.starts_with("_filter") { 1040 } else { 1053 };
        world.api(&staff, "GET", &format!("{OF_DORA}?{question}"), None).is_api_error(400, code);
    }
    for question in ["_select=Secret", "_expand=Secret"] {
        world.api(&staff, "GET", &format!("{path}?{question}"), None).is_api_error(400, 1053);
    }
    let expanded = format!("{path}?_expand=PermittedIPAddresses,PermittedUserAgents");
    let refused = world.api(&staff, "PUT", &path, Some(json!({ "Secret": secret })));
    refused.is_api_error(400, 1053).names("Secret");
    assert!(!refused.body.contains(&secret));
    let history = "/v1/developers/identities/70/history";
    for place in [OF_DORA, &format!("{OF_DORA}/deleted"), &path, &expanded, history, "/v1/developers/identities/70"] {
        let answer = world.api(&staff, "GET", place, None);
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains("Secret\"") && !answer.body.contains(&secret), "{place}: {answer:?}");
    }
    assert!(!tables::text(&world.app.db).contains(&secret));
}

#[test]
fn what_is_missing_or_unfit_in_a_new_key_is_named() {
    let (world, staff) = scene();
    for name in ["Name", "Type", "RedirectUri", "ApplicationUri", "Roles"] {
        let mut body = wish();
        body.as_object_mut().unwrap().remove(name);
        world.api(&staff, "POST", OF_DORA, Some(body)).is_api_error(400, 1050).names(name);
    }
    let long = "x".repeat(129);
    for (name, bad) in [
        ("Name", json!("")),
        ("Name", json!(long)),
        ("Name", json!(["a"])),
        ("Type", json!("SparkApiAuth")),
        ("Type", json!("oauth2")),
        ("RedirectUri", json!("http://app.example/callback")),
        ("RedirectUri", json!("https://app.example/callback#x")),
        ("RedirectUri", json!("https://*.example/callback")),
        ("RedirectUri", json!("javascript:alert(1)")),
        ("RedirectUri", json!("http://127.0.0.1/callback")),
        ("RedirectUri", json!("")),
        ("RedirectUris", json!([])),
        ("RedirectUris", json!(["https://other.example/"])),
        ("RedirectUris", json!(["https://app.example/callback", "http://app.example/"])),
        ("ApplicationUri", json!("javascript:alert(1)")),
        ("Roles", json!([])),
        ("Roles", json!(["single_session"])),
        ("Roles", json!(["admin"])),
        ("Roles", json!("private")),
        ("TemplateId", json!("1")),
        ("TemplateId", json!("20991231235959000000000000")),
        ("MultipleMls", json!(true)),
        ("MlsIds", json!([MLS])),
        ("Enabled", json!("true")),
        ("OpenIDEnabled", json!(1)),
        ("PermittedIPAddresses", json!(["0203.0.113.7"])),
        ("PermittedIPAddresses", json!(["203.0.113.0/33"])),
        ("PermittedIPAddresses", json!(["0.0.0.0/0"])),
        ("PermittedIPAddresses", json!(["office.example"])),
        ("PermittedIPAddresses", json!(vec!["203.0.113.7"; 257])),
        ("PermittedUserAgents", json!(["Feed\r\nX: y"])),
        ("PermittedUserAgents", json!({ "a": 1 })),
        ("Kind", json!("secretive")),
        ("RequirePkce", json!("yes")),
        ("IdTokenSignedResponseAlg", json!("none")),
        ("IdTokenSignedResponseAlg", json!("HS256")),
        ("Lifetimes", json!(60)),
        ("Lifetimes", json!({ "Code": 601 })),
        ("Lifetimes", json!({ "AccessToken": 2_147_484 })),
        ("Lifetimes", json!({ "Forever": 1 })),
    ] {
        world.api(&staff, "POST", OF_DORA, Some(with(name, bad))).is_api_error(400, 1053).names(name);
    }
    for name in [
        "Id",
        "ResourceUri",
        "IdentityId",
        "Key",
        "Secret",
        "Editable",
        "Deleted",
        "LastActive",
        "CreatedTimestamp",
        "ModificationTimestamp",
        "Trusted",
        "Privileges",
        "FirstParty",
        "Requests",
        "UserId",
        "name",
    ] {
        world.api(&staff, "POST", OF_DORA, Some(with(name, json!(1)))).is_api_error(400, 1053).names(name);
    }
    assert!(world.api(&staff, "GET", OF_DORA, None).results(200).is_empty());
}

#[test]
fn pb_06_and_pb_07_nobody_makes_a_key_for_another_developer_or_without_a_session() {
    let (world, staff) = scene();
    world.developer(80, OTHER_MLS);
    world.api(&staff, "POST", OF_DORA, Some(with("IdentityId", json!(80)))).is_api_error(400, 1053).names("IdentityId");
    world.api(&staff, "POST", "/v1/developers/identities/80/keys", Some(wish())).is_api_error(404, 404);
    world.api(&staff, "POST", "/v1/developers/identities/4711/keys", Some(wish())).is_api_error(404, 404);
    let body = json!({ "D": wish() }).to_string();
    world.request("POST", OF_DORA, &[("content-type", "application/json")], Some(&body)).is_api_error(401, 1000);
    world.api(&world.token_of("cv.ada", "w"), "POST", OF_DORA, Some(wish())).is_api_error(403, 1500);
    let count = world.app.db.read(|conn| conn.one::<i64>(keys::table.filter(keys::identity_id.is_not_null()).count())).unwrap();
    assert_eq!(count, Some(0));
}

#[test]
fn a_put_changes_what_it_names_and_nothing_else_and_the_history_has_it() {
    let (world, staff) = scene();
    let (made, path) = made(&world, &staff, wish());
    world.advance(Seconds(60));
    // The example of the platform's documentation.
    let changed = world.api(&staff, "PUT", &path, Some(json!({ "RedirectUri": "https://new.example/cb" }))).result(200);
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("Secret");
    expected["RedirectUri"] = json!("https://new.example/cb");
    expected["RedirectUris"] = json!(["https://new.example/cb"]);
    expected["ModificationTimestamp"] = json!("2026-11-18T11:07:40Z");
    assert_eq!(changed, expected);
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), expected);
    for (name, value) in [
        ("Id", json!(1)),
        ("Key", json!("mine")),
        ("Secret", json!("mine")),
        ("IdentityId", json!(80)),
        ("Deleted", json!(false)),
        ("Editable", json!(true)),
        ("LastActive", json!("2026-01-01")),
        ("Trusted", json!(true)),
        ("Type", json!("SparkApiAuth")),
        ("Kind", json!("public")),
        ("Roles", json!([])),
        ("Roles", json!(["replication"])),
        ("RedirectUri", json!("http://new.example/cb")),
        ("Name", json!(null)),
    ] {
        let body = json!({ "Comments": "sneaked in", name: value });
        world.api(&staff, "PUT", &path, Some(body)).is_api_error(400, 1053).names(name);
    }
    assert_eq!(world.api(&staff, "GET", &path, None).result(200), expected);
    world.api(&staff, "PUT", &path, Some(json!({ "Type": "OAuth2", "Kind": "confidential" }))).result(200);
    let history = world.api(&staff, "GET", "/v1/developers/identities/70/history", None).results(200);
    assert_eq!(history.len(), 2);
    assert_eq!((&history[0]["Action"], &history[0]["RecordType"]), (&json!("Update"), &json!("Key")));
    assert_eq!(history[0]["ChangedValues"], json!({ "RedirectUri": ["https://app.example/callback", "https://new.example/cb"] }));
    assert_eq!(history[0]["Key"], json!({ "Id": made["Id"], "ResourceUri": path, "Name": "Open House", "Key": made["Key"] }));
    assert_eq!(history[1]["ChangedValues"]["Type"], json!([null, "OAuth2"]));
}

#[test]
fn everything_that_can_be_written_can_be_changed_and_comes_back() {
    let (world, staff) = scene();
    let (_, path) = made(&world, &staff, wish());
    for (name, value) in [
        ("Name", json!("Closed House")),
        ("ApplicationUri", json!("https://other.example/")),
        ("Roles", json!(["idx", "vow"])),
        ("Enabled", json!(false)),
        ("OpenIDEnabled", json!(false)),
        ("Comments", json!("one\ntwo")),
        ("RedirectUris", json!(["https://a.example/", "https://b.example/"])),
        ("RequirePkce", json!(true)),
        ("RequiresAuthorization", json!(true)),
        ("IdTokenSignedResponseAlg", json!("ES256")),
        ("PermittedIPAddresses", json!(["203.0.113.0/24", "2001:db8::1"])),
        ("PermittedUserAgents", json!(["Feed/1.0"])),
    ] {
        world.api(&staff, "PUT", &path, Some(json!({ name: value }))).result(200);
        let record = world.api(&staff, "GET", &format!("{path}?_expand=PermittedIPAddresses,PermittedUserAgents"), None).result(200);
        assert_eq!(record[name], value);
        let history = world.api(&staff, "GET", "/v1/developers/identities/70/history?_limit=1", None).result(200);
        assert_eq!(history["ChangedValues"][name][1], value, "{name}: {history}");
    }
    world.api(&staff, "PUT", &path, Some(json!({ "Lifetimes": { "Code": 30, "AccessToken": 3600 } }))).result(200);
    let record = world.api(&staff, "PUT", &path, Some(json!({ "Lifetimes": { "Code": null } }))).result(200);
    assert_eq!((&record["Lifetimes"]["Code"], &record["Lifetimes"]["AccessToken"]), (&Value::Null, &json!(3600)));
    // The first of several places is the one the platform knows.
    let record = world.api(&staff, "PUT", &path, Some(json!({ "RedirectUri": "https://c.example/" }))).result(200);
    assert_eq!(record["RedirectUris"], json!(["https://c.example/", "https://b.example/"]));
    let record = world.api(&staff, "PUT", &path, Some(json!({ "Lifetimes": null, "PermittedIPAddresses": null }))).result(200);
    assert_eq!(record["Lifetimes"]["AccessToken"], Value::Null);
}

#[test]
fn what_is_written_of_a_key_is_how_it_works() {
    let (world, staff) = scene();
    let body = json!({ "Lifetimes": { "AccessToken": 3600 }, "RequirePkce": true, "IdTokenSignedResponseAlg": "ES256" });
    let mut all = wish();
    all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let (record, path) = made(&world, &staff, all);
    let app = application(&record);
    let refused = world.agent("cv.ada").opens(&app, &[("code_challenge", ""), ("code_challenge_method", "")]);
    refused.is_refused_to(&app, "invalid_request", &world.issuer);
    let tokens = world.agent("cv.ada").grants(&app);
    assert_eq!(tokens["expires_in"], 3600);
    let head = tokens["id_token"].as_str().unwrap().split('.').next().unwrap();
    let head = data_encoding::BASE64URL_NOPAD.decode(head.as_bytes()).unwrap();
    assert!(String::from_utf8(head).unwrap().contains("ES256"));
    world.api(&staff, "PUT", &path, Some(json!({ "OpenIDEnabled": false }))).result(200);
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(403, 1013);
    // A public key has no secret, and may come back to the device it runs on.
    let mut all = with("Kind", json!("public"));
    all["RedirectUri"] = json!("http://127.0.0.1/cb");
    let (public, _) = made(&world, &staff, all);
    assert_eq!((&public["Secret"], &public["Kind"]), (&Value::Null, &json!("public")));
    world.agent("cv.ada").grants(&application(&public));
}

#[test]
fn pb_17_a_deleted_key_stays_readable_and_nothing_issued_for_it_ever_works_again() {
    let (world, staff) = scene();
    let (made, path) = made(&world, &staff, wish());
    let token = world.agent("cv.ada").grants(&application(&made))["access_token"].as_str().unwrap().to_owned();
    assert!(world.api(&staff, "DELETE", &path, None).results(200).is_empty());
    world.my_account(&token).is_api_error(401, 1000);
    assert!(world.api(&staff, "GET", OF_DORA, None).results(200).is_empty());
    let record = world.api(&staff, "GET", &path, None).result(200);
    assert_eq!((&record["Deleted"], &record["Editable"]), (&json!(true), &json!(false)));
    assert_eq!(world.api(&staff, "GET", &format!("{OF_DORA}/deleted"), None).result(200), record);
    for (method, body) in [("PUT", Some(json!({ "Enabled": true }))), ("DELETE", None)] {
        world.api(&staff, method, &path, body).is_api_error(404, 404);
    }
    assert_eq!(world.audited("key.deleted").unwrap().client.as_deref(), made["Key"].as_str());
    // An administrator brings the row back; the tokens stay dead.
    let id = made["Id"].as_i64().unwrap();
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(id)).set(keys::deleted_at.eq(None::<i64>))));
    world.my_account(&token).is_api_error(401, 1020);
    world.advance(Seconds(1));
    world.my_account(world.agent("cv.ada").grants(&application(&made))["access_token"].as_str().unwrap()).result(200);
}

#[test]
fn what_the_documentation_answers_with_405_is_answered_so() {
    let (world, staff) = scene();
    let (_, path) = made(&world, &staff, wish());
    let deleted = format!("{OF_DORA}/deleted");
    for (method, path) in [
        ("PUT", OF_DORA),
        ("DELETE", OF_DORA),
        ("POST", &path),
        ("POST", &deleted),
        ("PUT", &deleted),
        ("DELETE", &deleted),
        ("PUT", "/v1/developers/identities"),
        ("DELETE", "/v1/developers/identities"),
    ] {
        world.api(&staff, method, path, Some(json!({}))).is_api_error(405, 405);
    }
}

#[test]
fn pb_04_and_pb_05_keys_of_others_look_absent_whoever_the_path_names() {
    let (world, staff) = scene();
    world.key_of(70, 71, MLS, &[Role::Idx]);
    world.developer(72, MLS);
    world.developer(80, OTHER_MLS);
    world.key_of(80, 81, OTHER_MLS, &[Role::Idx]);
    let foreign = world.foreign_staff();
    let before = tables::quiet(&world.app.db);
    for (token, identity, key) in
        [(&staff, 80, 81), (&staff, 70, 81), (&staff, 80, 71), (&staff, 72, 71), (&foreign, 70, 71), (&staff, 70, 4711)]
    {
        let path = format!("/v1/developers/identities/{identity}/keys/{key}");
        for (method, body) in [("GET", None), ("PUT", Some(json!({ "Comments": "mine" }))), ("DELETE", None)] {
            world.api(token, method, &path, body).is_api_error(404, 404);
        }
    }
    for identity in [80, 4711] {
        for end in ["keys", "keys/deleted"] {
            world.api(&staff, "GET", &format!("/v1/developers/identities/{identity}/{end}"), None).is_api_error(404, 404);
        }
    }
    tables::are_unchanged(&world.app.db, &before);
    world.audited_because("access.denied", "not_found");
}

#[test]
fn qi_13_filters_over_keys_stay_within_the_developer_and_the_reach() {
    let (world, staff) = scene();
    world.key_of(70, 71, MLS, &[Role::Idx, Role::Replication]);
    world.key_of(70, 73, MLS, &[Role::Private]);
    world.key_of(70, 74, OTHER_MLS, &[Role::Idx]);
    world.developer(80, OTHER_MLS);
    world.key_of(80, 81, OTHER_MLS, &[Role::Idx]);
    let ids = |question: &str| {
        let answer = world.api(&staff, "GET", &format!("{OF_DORA}?{}", question.replace(' ', "%20")), None);
        answer.results(200).iter().map(|record| record["Id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(""), [71, 73]);
    assert_eq!(ids("_filter=Id Gt 0 Or IdentityId Eq 80"), [71, 73]);
    assert_eq!(ids("_filter=Not Roles Eq 'private'"), [71]);
    assert_eq!(ids("_filter=Roles Eq 'replication' And Enabled Eq true&_orderby=-Id"), [71]);
    assert_eq!(ids("_orderby=-Id&_limit=1"), [73]);
    assert_eq!(ids("_filter=Key Eq '000'"), Vec::<i64>::new());
}

#[test]
fn pb_22_several_mlss_take_the_special_permission_and_one_is_the_default() {
    let (world, staff) = scene();
    let (made_key, _) = made(&world, &staff, wish());
    // PB-22: somebody of another MLS does not get in.
    let refused = world.agent("hc.mia").approves_with(&application(&made_key), &[]);
    refused.is_refused_to(&application(&made_key), "access_denied", &world.issuer);
    let special = world.privileged(Some(MLS), &[Privilege::MultipleMls]);
    world.api(&special, "POST", OF_DORA, Some(with("MultipleMls", json!(true)))).is_api_error(400, 1053).names("MlsIds");
    let mut body = with("MultipleMls", json!(true));
    body["MlsIds"] = json!([MLS, "20991231235959000000000000"]);
    world.api(&special, "POST", OF_DORA, Some(body.clone())).is_api_error(400, 1053).names("MlsIds");
    body["MlsIds"] = json!([MLS, OTHER_MLS]);
    let (both, path) = made(&world, &special, body);
    assert_eq!((&both["MultipleMls"], &both["MlsIds"]), (&json!(true), &json!([MLS, OTHER_MLS])));
    let token = world.agent("hc.mia").grants(&application(&both))["access_token"].as_str().unwrap().to_owned();
    world.my_account(&token).result(200);
    world.api(&staff, "PUT", &path, Some(json!({ "MlsIds": [MLS] }))).is_api_error(400, 1053).names("MlsIds");
    let one = world.api(&special, "PUT", &path, Some(json!({ "MultipleMls": false }))).result(200);
    assert_eq!((&one["MultipleMls"], &one["MlsIds"]), (&json!(false), &json!([])));
    world.my_account(&token).is_api_error(403, 1015);
}

#[test]
fn whoever_may_not_write_the_mlss_of_a_key_may_still_say_what_is_so() {
    let (world, staff) = scene();
    let mut body = with("MultipleMls", json!(false));
    body["MlsIds"] = json!([]);
    let (one, path) = made(&world, &staff, body.clone());
    assert_eq!((&one["MultipleMls"], &one["MlsIds"]), (&json!(false), &json!([])));
    body["Name"] = json!("Open Door");
    assert_eq!(world.api(&staff, "PUT", &path, Some(body)).result(200)["Name"], "Open Door");
    world.api(&staff, "PUT", &path, Some(json!({ "MlsIds": null }))).result(200);
    world.api(&staff, "PUT", &path, Some(json!({ "MlsIds": [MLS] }))).is_api_error(400, 1053).names("MlsIds");
    world.api(&staff, "PUT", &path, Some(json!({ "MultipleMls": true }))).is_api_error(400, 1053).names("MultipleMls");
    world.api(&staff, "PUT", &path, Some(json!({ "MultipleMls": "false" }))).is_api_error(400, 1053).names("MultipleMls");
}

#[test]
fn a_key_that_signs_takes_the_special_permission_and_its_secret_rests_sealed() {
    let (world, staff) = scene();
    let special = world.privileged(Some(MLS), &[Privilege::SparkApiAuth]);
    let body = json!({ "Name": "Old Feed", "Type": "SparkApiAuth", "Roles": ["idx"] });
    for name in ["RedirectUri", "ApplicationUri", "TemplateId", "Comments", "OpenIDEnabled", "Kind"] {
        let mut more = body.clone();
        more[name] = json!("x");
        world.api(&special, "POST", OF_DORA, Some(more)).is_api_error(400, 1053).names(name);
    }
    let (made, path) = made(&world, &special, body);
    assert_eq!((&made["Type"], &made["RedirectUri"], &made["ApplicationUri"]), (&json!("SparkApiAuth"), &Value::Null, &Value::Null));
    let (id, secret) = (made["Id"].as_i64().unwrap(), made["Secret"].as_str().unwrap().to_owned());
    let sealed: Option<Option<String>> = world.app.db.read(move |conn| conn.one(keys::table.find(id).select(keys::sealed_secret))).unwrap();
    let opened = world.app.seal.open(&format!("keys/sealed_secret/{id}"), &sealed.flatten().unwrap()).unwrap();
    assert_eq!(String::from_utf8(opened.to_vec()).unwrap(), secret);
    assert!(!tables::text(&world.app.db).contains(&secret));
    let digests = world.app.db.read(move |conn| conn.one::<i64>(key_secrets::table.filter(key_secrets::key_id.eq(id)).count())).unwrap();
    assert_eq!(digests, Some(0));
    // Whoever could not have made it does not change it either.
    assert_eq!(world.api(&staff, "GET", &path, None).result(200)["Editable"], false);
    world.api(&staff, "PUT", &path, Some(json!({ "Name": "Mine" }))).is_api_error(405, 1018);
    world.api(&special, "PUT", &path, Some(json!({ "Name": "Older Feed" }))).result(200);
}

#[test]
fn nobody_changes_a_key_that_may_do_more_than_he_himself() {
    let (world, staff) = scene();
    world.key_of(70, 71, MLS, &[Role::Private, Role::SingleSession]);
    let path = format!("{OF_DORA}/71");
    let mut application = world.w();
    application.id = latchkey::base::id::KeyId(71);
    for special in [
        Policy { privileges: vec![Privilege::MultipleMls], ..Policy::default() },
        Policy { first_party: true, ..Policy::default() },
        Policy { introspects: true, ..Policy::default() },
    ] {
        world.change_policy(&application, |policy| *policy = special);
        assert_eq!(world.api(&staff, "GET", &path, None).result(200)["Editable"], false);
        for (method, end, body) in [
            ("PUT", "", Some(json!({ "RedirectUri": "https://mine.example/" }))),
            ("DELETE", "", None),
            ("POST", "/tokens", Some(json!({ "UserId": ADA }))),
        ] {
            world.api(&staff, method, &format!("{path}{end}"), body).is_api_error(405, 1018);
        }
    }
    world.change_policy(&application, |policy| *policy = Policy::default());
    assert_eq!(world.api(&staff, "GET", &path, None).result(200)["Editable"], true);
}

#[test]
fn a_template_of_the_mls_stands_for_data_roles() {
    let (world, staff) = scene();
    for (id, mls) in [("20261001000000000000000901", MLS), ("20261001000000000000000902", OTHER_MLS)] {
        world.change(move |conn| {
            conn.execute(diesel::insert_into(templates::table).values((
                (templates::id.eq(id), templates::mls_id.eq(mls), templates::name.eq("T"), templates::description.eq("")),
                (templates::role.eq("idx"), templates::restrictive_filters.eq("{}"), templates::field_overrides.eq("{}")),
                (templates::created_at.eq(BEGIN.0), templates::modified_at.eq(BEGIN.0)),
            )))
        });
    }
    let mut body = wish();
    body.as_object_mut().unwrap().remove("Roles");
    body["TemplateId"] = json!("20261001000000000000000902");
    world.api(&staff, "POST", OF_DORA, Some(body.clone())).is_api_error(400, 1053).names("TemplateId");
    body["TemplateId"] = json!("20261001000000000000000901");
    let (made, path) = made(&world, &staff, body);
    assert_eq!((&made["TemplateId"], &made["Roles"]), (&json!("20261001000000000000000901"), &json!([])));
    world.api(&staff, "PUT", &path, Some(json!({ "TemplateId": null }))).is_api_error(400, 1053).names("Roles");
    let record = world.api(&staff, "PUT", &path, Some(json!({ "TemplateId": null, "Roles": ["idx"] }))).result(200);
    assert_eq!((&record["TemplateId"], &record["Roles"]), (&Value::Null, &json!(["idx"])));
}

#[test]
fn ip_01_and_ip_15_lists_written_at_this_door_are_held_to_at_once() {
    let (world, staff) = scene();
    let (made, path) = made(&world, &staff, with("Roles", json!(["private", "single_session"])));
    let token = world.api(&staff, "POST", &format!("{path}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    let token = token["Token"].as_str().unwrap();
    world.my_account(token).result(200);
    let record = world.api(&staff, "GET", &path, None).result(200);
    assert!(record.get("PermittedIPAddresses").is_none() && record.get("PermittedUserAgents").is_none());
    world.api(&staff, "PUT", &path, Some(json!({ "PermittedIPAddresses": ["203.0.113.7"] }))).result(200);
    world.my_account(token).is_api_error(403, 1019);
    assert_eq!(world.audited("key.restriction_denied").unwrap().reason.as_deref(), Some("key_restricted"));
    world.api(&staff, "PUT", &path, Some(json!({ "PermittedIPAddresses": ["203.0.113.7", "::ffff:127.0.0.1"] }))).result(200);
    world.my_account(token).result(200);
    let query = format!("{path}?_expand=PermittedIPAddresses");
    assert_eq!(world.api(&staff, "GET", &query, None).result(200)["PermittedIPAddresses"], json!(["203.0.113.7", "127.0.0.1"]));
    world.api(&staff, "PUT", &path, Some(json!({ "PermittedIPAddresses": [], "PermittedUserAgents": ["Feed/1.0"] }))).result(200);
    world.my_account(token).is_api_error(403, 1019);
    let authorization = format!("OAuth {token}");
    let ask = |agent: &str| world.request("GET", "/v1/my/account", &[("authorization", &authorization), ("user-agent", agent)], None);
    ask("Feed/1.0").result(200);
    ask("feed/1.0").is_api_error(403, 1019);
    assert_eq!(made["Enabled"], true);
}

#[test]
fn pb_16_a_key_switched_off_at_one_node_is_refused_at_the_other_within_a_second() {
    let (world, staff) = scene();
    let second = world.second_node(&[]);
    let (made, path) = made(&world, &staff, wish());
    let token = world.agent("cv.ada").grants(&application(&made))["access_token"].as_str().unwrap().to_owned();
    let at = format!("http://{}/v1/my/account", second.address);
    let authorization = format!("OAuth {token}");
    let ask = || second.request("GET", &at, &[("authorization", &authorization)], None);
    ask().result(200);
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": false }))).result(200);
    world.my_account(&token).is_api_error(401, 1010);
    std::thread::sleep(std::time::Duration::from_secs(1));
    ask().is_api_error(401, 1010);
}

#[test]
fn two_who_change_one_key_at_once_leave_a_state_that_one_of_them_wanted_and_a_history_without_gaps() {
    let (world, staff) = scene();
    let (_, path) = made(&world, &staff, wish());
    let bodies = |n: usize| json!({ "Name": format!("Name {n}"), "Comments": format!("Comment {n}"), "RedirectUri": format!("https://a.example/{n}") });
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (world, staff, path) = (&world, &staff, &path);
            scope.spawn(move || world.api(staff, "PUT", path, Some(bodies(n))).result(200));
        }
    });
    let last = world.api(&staff, "GET", &path, None).result(200);
    let winner: usize = last["Name"].as_str().unwrap().strip_prefix("Name ").unwrap().parse().unwrap();
    assert_eq!((&last["Comments"], &last["RedirectUri"]), (&bodies(winner)["Comments"], &bodies(winner)["RedirectUri"]));
    let history = world.api(&staff, "GET", "/v1/developers/identities/70/history?_limit=25", None).results(200);
    assert_eq!(history.len(), 9);
    // Each change begins where the one before it ended, whatever the order of their numbers within a millisecond.
    for name in ["Name", "Comments", "RedirectUri"] {
        let told = history.iter().filter_map(|change| change["ChangedValues"].get(name));
        let mut steps: Vec<(Value, Value)> = told.map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        assert!(steps.len() >= 8);
        let mut at = last[name].clone();
        while let Some(place) = steps.iter().position(|(_, after)| *after == at) {
            at = steps.remove(place).0;
        }
        assert!(steps.is_empty(), "{name}: {steps:?} lead nowhere");
    }
}

#[test]
fn a_secret_made_here_proves_the_application() {
    let (world, staff) = scene();
    let (made, _) = made(&world, &staff, wish());
    let mut wrong = application(&made);
    let code = world.agent("cv.ada").approves(&wrong);
    wrong.secret = Some(Secret::new("lks_wrong").expose().to_owned());
    assert_eq!(world.exchange(&wrong, &code).status, 401);
    assert_eq!(world.exchange(&application(&made), &code).status, 200);
}
