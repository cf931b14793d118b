//! Authorizations: which people a key may act for.

use diesel::prelude::*;
use latchkey::base::id::KeyId;
use latchkey::store::schema::keys;
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use super::keys::{OF_DORA, application, made, scene, wish};
use crate::support::platform::{ADA, BEN, MIA, STAFF};
use crate::support::world::PASSWORD;

#[test]
fn a_consent_is_an_authorization_and_revoking_it_ends_everything_the_person_gave_the_key() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let (app, all) = (application(&key), format!("{path}/authorizations"));
    assert!(world.api(&staff, "GET", &all, None).results(200).is_empty());
    let tokens = world.agent("cv.ada").grants(&app);
    let bens = world.agent("cv.ben").grants(&app);
    let mine = world.api(&staff, "GET", &format!("{all}?_filter=UserId%20Eq%20'{ADA}'"), None).result(200);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Authorization", &mine);
    // The documented record, field for field, and ours beside it.
    let user = json!({
        "Id": ADA, "ResourceUri": format!("/v1/accounts/{ADA}"), "UserType": "Member", "Name": "Ada Agent", "OfficeId": "20261001000000000000000011",
        "Office": "Summit Realty", "CompanyId": "20261001000000000000000012", "Company": "Summit Group", "FbsIdxCustomer": false,
        "MlsId": "20261001000000000000000001",
    });
    let expected = json!({
        "Id": mine["Id"], "ResourceUri": format!("{all}/{}", mine["Id"]), "User": user, "CreatedTimestamp": "2026-11-18T11:06:40Z",
        "ModificationTimestamp": "2026-11-18T11:06:40Z", "UserId": ADA, "GivenBy": null, "Scope": "openid profile email",
    });
    assert_eq!(mine, expected);
    let at = mine["ResourceUri"].as_str().unwrap();
    assert_eq!(world.api(&staff, "GET", at, None).result(200), mine);
    for (method, path) in [("PUT", all.as_str()), ("DELETE", &all), ("PUT", at), ("POST", at)] {
        world.api(&staff, method, path, Some(json!({}))).is_api_error(405, 405);
    }
    let access = tokens["access_token"].as_str().unwrap();
    world.my_account(access).result(200);
    assert!(world.api(&staff, "DELETE", at, None).results(200).is_empty());
    world.my_account(access).is_api_error(401, 1020);
    world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
    world.my_account(bens["access_token"].as_str().unwrap()).result(200);
    for method in ["GET", "DELETE"] {
        world.api(&staff, method, at, None).is_api_error(404, 404);
    }
    assert_eq!(world.audited("consent.revoked").unwrap().reason.as_deref(), Some("by_staff"));
    let change = world.api(&staff, "GET", "/v1/developers/identities/70/history?_limit=1", None).result(200);
    assert_eq!((&change["RecordType"], &change["Action"]), (&json!("Authorization"), &json!("Delete")));
    assert_eq!(change["ChangedValues"], json!({ "UserId": [ADA, null] }));
    // She is asked again.
    let ada = world.agent("cv.ada");
    let answer = ada.signs_in(&ada.opens(&app, &[]), PASSWORD);
    assert!(ada.get(answer.location()).body.contains("id=\"consent-allow\""));
}

#[test]
fn personal_tokens_end_with_the_authorization() {
    let (world, staff) = scene();
    let mut body = wish();
    body["Roles"] = json!(["private", "single_session"]);
    let (_, path) = made(&world, &staff, body);
    let token = world.api(&staff, "POST", &format!("{path}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    let given = world.api(&staff, "POST", &format!("{path}/authorizations"), Some(json!({ "UserId": ADA }))).result(201);
    world.my_account(token["Token"].as_str().unwrap()).result(200);
    world.api(&staff, "DELETE", given["ResourceUri"].as_str().unwrap(), None).results(200);
    world.my_account(token["Token"].as_str().unwrap()).is_api_error(401, 1020);
}

#[test]
fn somebody_whom_staff_authorized_is_not_asked() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let (app, all) = (application(&key), format!("{path}/authorizations"));
    let given = world.api(&staff, "POST", &all, Some(json!({ "User": { "Id": ADA } }))).result(201);
    assert_eq!((&given["UserId"], &given["GivenBy"], &given["User"]["Name"]), (&json!(ADA), &json!(STAFF), &json!("Ada Agent")));
    let ada = world.agent("cv.ada");
    let answer = ada.signs_in(&ada.opens(&app, &[]), PASSWORD);
    assert!(answer.redirected("code").is_some(), "{answer:?}");
    world.api(&staff, "POST", &all, Some(json!({ "UserId": ADA }))).is_api_error(409, 1055).names("UserId");
    // What Ben gave himself can be given by the staff as well.
    world.agent("cv.ben").grants(&app);
    let given = world.api(&staff, "POST", &all, Some(json!({ "UserId": BEN }))).result(201);
    assert_eq!(given["GivenBy"], STAFF);
    assert_eq!(world.api(&staff, "GET", &format!("{all}?_pagination=count"), None).json()["D"]["Pagination"]["TotalRows"], 2);
}

#[test]
fn pb_04_nobody_is_authorized_whom_the_staff_does_not_reach_and_unfit_bodies_are_named() {
    let (world, staff) = scene();
    let (_, path) = made(&world, &staff, wish());
    let all = format!("{path}/authorizations");
    world.api(&staff, "POST", &all, Some(json!({}))).is_api_error(400, 1050).names("UserId");
    for (name, bad) in [
        ("UserId", json!(MIA)),
        ("UserId", json!("20991231235959000000000000")),
        ("UserId", json!("1")),
        ("UserId", json!(7)),
        ("User", json!("x")),
        ("User", json!({ "Id": "x" })),
        ("Id", json!(5)),
        ("GivenBy", json!(ADA)),
        ("KeyId", json!(5)),
    ] {
        let mut body = json!({ name: bad });
        if !name.starts_with("User") {
            body["UserId"] = json!(ADA);
        }
        world.api(&staff, "POST", &all, Some(body)).is_api_error(400, 1053).names(name);
    }
    world.api(&staff, "POST", &all, Some(json!({ "UserId": ADA, "User": { "Id": BEN } }))).is_api_error(400, 1053).names("User");
    let given = world.api(&staff, "POST", &all, Some(json!({ "UserId": ADA }))).result(201);
    let foreign = world.foreign_staff();
    let at = given["ResourceUri"].as_str().unwrap();
    for method in ["GET", "DELETE"] {
        world.api(&foreign, method, at, None).is_api_error(404, 404);
    }
    world.api(&foreign, "GET", &all, None).is_api_error(404, 404);
    world.api(&foreign, "POST", &all, Some(json!({ "UserId": MIA }))).is_api_error(404, 404);
    // An authorization of one key is not found under another one.
    let (_, other) = made(&world, &staff, wish());
    world.api(&staff, "DELETE", &format!("{other}/authorizations/{}", given["Id"]), None).is_api_error(404, 404);
    assert_eq!(world.api(&staff, "GET", at, None).result(200), given);
}

#[test]
fn ad_05_people_of_another_mls_who_allowed_a_key_look_absent_to_the_staff_that_issued_it() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let (app, id) = (application(&key), key["Id"].as_i64().unwrap());
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(id)).set(keys::mls_ids.eq("[]"))));
    world.app.keys.forget();
    let (ada, mia) = (world.agent("cv.ada").grants(&app), world.agent("hc.mia").grants(&app));
    let all = format!("{path}/authorizations");
    let seen = world.api(&staff, "GET", &all, None).results(200);
    assert_eq!(seen.iter().map(|one| one["UserId"].as_str().unwrap()).collect::<Vec<_>>(), [ADA]);
    let mias = world.app.db.read(move |conn| latchkey::store::authorizations::of(conn, &MIA.parse().unwrap(), KeyId(id))).unwrap().unwrap();
    for method in ["GET", "DELETE"] {
        world.api(&staff, method, &format!("{all}/{}", mias.id), None).is_api_error(404, 404);
    }
    for tokens in [&ada, &mia] {
        assert_eq!(world.my_account(tokens["access_token"].as_str().unwrap()).status, 200);
    }
}

#[test]
fn a_key_that_requires_an_authorization_is_for_those_whom_the_staff_gave_one() {
    let (world, staff) = scene();
    let mut body = wish();
    body["RequiresAuthorization"] = json!(true);
    let (key, path) = made(&world, &staff, body);
    let (app, all) = (application(&key), format!("{path}/authorizations"));
    let refused = world.agent("cv.ada").approves_with(&app, &[]);
    refused.is_refused_to(&app, "access_denied", &world.issuer);
    world.audited_because("authz.denied", "authorization_missing");
    let given = world.api(&staff, "POST", &all, Some(json!({ "UserId": ADA }))).result(201);
    let tokens = world.agent("cv.ada").grants(&app);
    world.my_account(tokens["access_token"].as_str().unwrap()).result(200);
    world.agent("cv.ben").approves_with(&app, &[]).is_refused_to(&app, "access_denied", &world.issuer);
    world.api(&staff, "DELETE", given["ResourceUri"].as_str().unwrap(), None).results(200);
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(401, 1020);
    world.agent("cv.ada").approves_with(&app, &[]).is_refused_to(&app, "access_denied", &world.issuer);
}

#[test]
fn what_stands_on_a_consent_alone_is_over_when_the_key_comes_to_require_an_authorization() {
    let (world, staff) = scene();
    let (key, path) = made(&world, &staff, wish());
    let app = application(&key);
    let (adas, bens) = (world.agent("cv.ada").grants(&app), world.agent("cv.ben").grants(&app));
    world.api(&staff, "POST", &format!("{path}/authorizations"), Some(json!({ "UserId": BEN }))).result(201);
    world.api(&staff, "PUT", &path, Some(json!({ "RequiresAuthorization": true }))).result(200);
    world.my_account(adas["access_token"].as_str().unwrap()).is_api_error(401, 1020);
    world.refresh(&app, adas["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
    world.my_account(bens["access_token"].as_str().unwrap()).result(200);
    assert_eq!(world.api(&staff, "GET", OF_DORA, None).result(200)["RequiresAuthorization"], Value::from(true));
}
