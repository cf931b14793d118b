//! The sandbox: invented listings by role, in the platform's envelope and in OData's shapes.

use latchkey::base::id::KeyId;
use latchkey::platform::role::Role;
use latchkey::platform::sample::{COUNT, FIELDS, MLS_NAMES};
use serde_json::{Value, json};

use crate::http::addresses::is_as_documented;
use crate::support::platform::{ADA, MLS};
use crate::support::world::{Answer, Application, PASSWORD, World};

const DATA_ROLES: [Role; 5] = [Role::Idx, Role::Public, Role::Vow, Role::Portal, Role::Private];

/// A personal token that opens data in a role.
fn token(world: &World, id: i64, roles: &[Role]) -> String {
    world.key_of(70, id, MLS, roles);
    let path = format!("/v1/developers/identities/70/keys/{id}/tokens");
    let made = world.api(&world.staff(), "POST", &path, Some(json!({ "UserId": ADA }))).result(201);
    made["Token"].as_str().unwrap().to_owned()
}

fn odata(world: &World, token: &str, path: &str) -> Answer {
    world.request("GET", &format!("/Reso/OData{path}"), &[("authorization", &format!("Bearer {token}"))], None)
}

fn value(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("odata-version"), Some("4.0"));
    answer.json()["value"].as_array().unwrap().clone()
}

/// Asserts an error of OData's shape.
fn is_odata_error(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.json()["error"]["code"], status, "{answer:?}");
    assert!(answer.json()["error"]["message"].is_string());
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
}

#[test]
fn each_role_opens_its_own_part_by_both_ways_and_all_of_it_says_that_it_is_a_sample() {
    let world = World::new();
    world.developer(70, MLS);
    let mut counts = Vec::new();
    for (id, role) in (300..).zip(DATA_ROLES) {
        let token = token(&world, id, &[role, Role::SingleSession]);
        let counted = world.api(&token, "GET", "/v1/listings?_pagination=count", None);
        let total = counted.json()["D"]["Pagination"]["TotalRows"].as_u64().unwrap();
        let page = odata(&world, &token, "/Property?$top=200&$count=true");
        assert_eq!(page.json()["@odata.count"], total, "{role}");
        let all = value(&page);
        assert_eq!(all.len() as u64, total, "{role}");
        for listing in &all {
            assert!(listing["PublicRemarks"].as_str().unwrap().starts_with("Sample data:"));
            assert!(MLS_NAMES.contains(&listing["OriginatingSystemName"].as_str().unwrap()));
            let confidential = FIELDS.iter().any(|field| field.confidential && listing.get(field.name).is_some());
            assert_eq!(confidential, role == Role::Private, "{role}");
        }
        counts.push(total);
    }
    assert!(counts.is_sorted_by(|a, b| a < b) && counts[4] == COUNT as u64, "{counts:?}");
}

#[test]
fn listings_come_in_the_envelope_page_by_page_filtered_sorted_and_selected() {
    let world = World::new();
    world.developer(70, MLS);
    let token = token(&world, 300, &[Role::Idx, Role::SingleSession]);
    let page = |query: &str| world.api(&token, "GET", &format!("/v1/listings{query}"), None);
    let first = page("?_pagination=1&_limit=5");
    let records = first.results(200);
    assert_eq!((records.len(), &first.json()["D"]["Pagination"]["PageSize"]), (5, &json!(5)));
    is_as_documented(&world.get("/v1/openapi.json").json(), "Listing", &records[0]);
    let id = records[0]["Id"].as_str().unwrap();
    assert_eq!(records[0]["ResourceUri"], format!("/v1/listings/{id}"));
    assert_eq!(records[0]["StandardFields"]["ListingKey"], id);
    assert_eq!(world.api(&token, "GET", &format!("/v1/listings/{id}"), None).result(200), records[0]);
    let one = world.api(&token, "GET", &format!("/v1/listings/{id}?_select=City"), None).result(200);
    assert_eq!(one["StandardFields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["City"]);
    let bare = page(&format!("?_filter=Id+Eq+'{id}'&_select=Id,ResourceUri")).result(200);
    assert_eq!((&bare["Id"], &bare["StandardFields"]), (&json!(id), &json!({})));
    assert_eq!(page(&format!("?_filter=Id+Eq+'{id}'&_select=StandardFields")).result(200), records[0]);
    let some = page("?_filter=ListPrice+Gt+400000&_orderby=-ListPrice&_select=ListPrice&_limit=25").results(200);
    let prices: Vec<i64> = some.iter().map(|listing| listing["StandardFields"]["ListPrice"].as_i64().unwrap()).collect();
    assert!(prices.len() > 2 && prices.is_sorted_by(|a, b| a >= b) && prices.iter().all(|price| *price > 400_000), "{prices:?}");
    assert_eq!(page("?_filter=ListPrice+Gt+400000.0&_orderby=-ListPrice&_select=ListPrice&_limit=25").results(200), some);
    page("?_filter=Nope+Eq+1").is_api_error(400, 1040);
    page("?_limit=26").is_api_error(400, 1053);
    world.api(&token, "GET", "/v1/listings/20991231235959000000000000", None).is_api_error(404, 404);
}

#[test]
fn pb_01_a_field_that_is_privates_is_a_name_nobody_else_knows() {
    let world = World::new();
    world.developer(70, MLS);
    let idx = token(&world, 300, &[Role::Idx, Role::SingleSession]);
    let private = token(&world, 301, &[Role::Private, Role::SingleSession]);
    for asked in ["_select=OwnerName", "_filter=OwnerName+Eq+'x'", "_orderby=OwnerName"] {
        let path = format!("/v1/listings?{asked}");
        world.api(&idx, "GET", &path, None).is_api_error(400, if asked.starts_with("_filter") { 1040 } else { 1053 });
        world.api(&private, "GET", &path, None).results(200);
    }
    is_odata_error(&odata(&world, &idx, "/Property?$select=OwnerName"), 400);
    assert!(value(&odata(&world, &private, "/Property?$select=OwnerName"))[0]["OwnerName"].is_string());
    assert!(!odata(&world, &idx, "/$metadata").body.contains("OwnerName"));
    // What a role does not see at all is not there by its key either.
    let seen: Vec<Value> = value(&odata(&world, &idx, "/Property?$top=200&$select=ListingKey"));
    let hidden = value(&odata(&world, &private, "/Property?$top=200&$select=ListingKey"));
    let hidden = hidden.iter().find(|listing| !seen.iter().any(|known| known["ListingKey"] == listing["ListingKey"])).unwrap();
    let key = hidden["ListingKey"].as_str().unwrap();
    is_odata_error(&odata(&world, &idx, &format!("/Property('{key}')")), 404);
    world.api(&idx, "GET", &format!("/v1/listings/{key}"), None).is_api_error(404, 404);
}

#[test]
fn odata_has_metadata_pages_selections_counts_and_single_entities() {
    let world = World::new();
    world.developer(70, MLS);
    let token = token(&world, 300, &[Role::Vow, Role::SingleSession]);
    let metadata = odata(&world, &token, "/$metadata");
    assert_eq!((metadata.status, metadata.header("content-type")), (200, Some("application/xml")), "{metadata:?}");
    assert!(metadata.body.contains("<EntitySet Name=\"Property\""), "{metadata:?}");
    assert_eq!(value(&odata(&world, &token, ""))[0]["name"], "Property");
    let page = odata(&world, &token, "/Property?$top=3&$skip=2&$select=ListPrice,City&$count=true");
    let three = value(&page);
    assert_eq!(three.len(), 3);
    let context = format!("{}/Reso/OData/$metadata#Property(ListingKey,ListPrice,City)", world.issuer);
    assert_eq!(page.json()["@odata.context"], context);
    let mut members: Vec<&String> = three[0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["@odata.id", "City", "ListPrice", "ListingKey"]);
    // Following the links one comes by everything once.
    let total = usize::try_from(page.json()["@odata.count"].as_u64().unwrap()).unwrap();
    let (mut keys, mut next) = (Vec::new(), Some("/Property?$select=ListingKey".to_owned()));
    while let Some(path) = next {
        let page = odata(&world, &token, &path);
        keys.extend(value(&page).iter().map(|listing| listing["ListingKey"].as_str().unwrap().to_owned()));
        let link = page.json()["@odata.nextLink"].as_str().map(str::to_owned);
        next = link.map(|link| link.strip_prefix(&format!("{}/Reso/OData", world.issuer)).unwrap().to_owned());
    }
    keys.dedup();
    assert_eq!(keys.len(), total);
    for path in [format!("/Property('{}')", keys[0]), format!("/Property(%27{}%27)", keys[0]), format!("/Property%28%27{}%27%29", keys[0])]
    {
        let one = odata(&world, &token, &path);
        assert_eq!(one.json()["ListingKey"], keys[0], "{path}: {one:?}");
        assert_eq!(one.json()["@odata.context"], format!("{}/Reso/OData/$metadata#Property/$entity", world.issuer));
    }
    let elsewhere = world.request("GET", "/Version/3/Reso/OData/Property?$top=1", &[("authorization", &format!("OAuth {token}"))], None);
    assert!(value(&elsewhere)[0]["@odata.id"].as_str().unwrap().contains("/Version/3/Reso/OData/Property('"), "{elsewhere:?}");
}

#[test]
fn ad_01_odata_refuses_as_every_address_of_the_api_does_but_in_its_own_shape() {
    let world = World::new();
    world.developer(70, MLS);
    let good = token(&world, 300, &[Role::Idx, Role::SingleSession]);
    let key = "20260101000000000000010000";
    for path in ["/Reso/OData", "/Reso/OData/$metadata", "/Reso/OData/Property", &format!("/Reso/OData/Property('{key}')")] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = world.request(method, path, &[("authorization", &format!("Bearer {good}"))], None);
            is_odata_error(&answer, 405);
            assert_eq!(answer.header("allow"), Some("GET"), "{method} {path}");
        }
        let anonymous = world.get(path);
        is_odata_error(&anonymous, 401);
        assert_eq!(anonymous.json()["error"]["message"], "Invalid API key and/or request signed improperly");
        assert!(anonymous.header("www-authenticate").is_some());
        is_odata_error(&world.request("GET", path, &[("authorization", "Bearer lkp_nobody")], None), 401);
    }
    for path in ["/Reso/OData/Nothing", "/Reso/OData/Property/", "/Reso/OData/", "/Reso/OData/../v1", "/Reso/OData/%50roperty"] {
        let answer = world.request("GET", path, &[("authorization", &format!("Bearer {good}"))], None);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    for query in ["$top=-1", "$skip=x", "$filter=City%20eq%20'x'", "$count=2", "$select=Nope", "$top=1&$top=2"] {
        is_odata_error(&odata(&world, &good, &format!("/Property?{query}")), 400);
    }
    is_odata_error(&odata(&world, &good, "/Property(20260101000000000000010000)"), 404);
    // A key that is switched off is refused in the next moment.
    world.change(|conn| latchkey::store::keys::set_enabled(conn, KeyId(300), false, crate::support::world::BEGIN));
    is_odata_error(&odata(&world, &good, "/Property"), 401);
    world.audited_because("access.denied", "key_disabled");
}

#[test]
fn a_token_that_is_over_is_told_to_readers_of_odata_and_to_those_who_look_for_the_platforms_code() {
    let world = World::new();
    let listings = |root: &str, token: &str| {
        let path = format!("{root}/Property?$top=1");
        world.request("GET", &path, &[("authorization", &format!("Bearer {token}"))], None)
    };
    let application = world.key("w");
    let fresh = |world: &World| world.agent("cv.ada").grants(&application)["access_token"].as_str().unwrap().to_owned();
    let (revoked, expired) = (fresh(&world), fresh(&world));
    world.as_client(&application, "/openid/revoke", &[("token", &revoked)]);
    let over = |token: &str| {
        for root in ["/Reso/OData", "/Version/2/Reso/OData", "/Version/3/Reso/OData"] {
            let answer = listings(root, token);
            answer.is_api_error(401, 1020);
            assert_eq!(answer.json()["error"], json!({ "code": 401, "message": "Session token has expired" }), "{answer:?}");
            assert!(answer.header("www-authenticate").unwrap().contains("expired_token"), "{answer:?}");
        }
    };
    over(&revoked);
    world.advance(latchkey::base::Seconds(86_400));
    over(&expired);
    // What is no token of ours is told to readers of OData alone, as the platform does.
    is_odata_error(&listings("/Reso/OData", "lka_nobody"), 401);
}

#[test]
fn pb_24_a_token_that_is_held_to_own_data_sees_nothing_that_is_invented() {
    let world = World::new();
    world.developer(70, MLS);
    world.key_of(70, 300, MLS, &[Role::Private, Role::SingleSession]);
    let path = "/v1/developers/identities/70/keys/300/tokens";
    let made = world.api(&world.staff(), "POST", path, Some(json!({ "UserId": ADA, "OwnData": "member" }))).result(201);
    let token = made["Token"].as_str().unwrap();
    let counted = world.api(token, "GET", "/v1/listings?_pagination=1", None);
    assert!(counted.results(200).is_empty() && counted.json()["D"]["Pagination"]["TotalRows"] == 0, "{counted:?}");
    let page = odata(&world, token, "/Property?$count=true");
    assert!(value(&page).is_empty() && page.json()["@odata.count"] == 0, "{page:?}");
}

#[test]
fn somebody_invented_signs_in_to_an_application_on_sample_data_and_to_no_other() {
    let world = World::new();
    let dora = world.dora();
    let page = dora.get("/developers/sandbox");
    assert!(page.body.contains("which of the 48 listings") && page.body.contains("sandbox.1"), "{page:?}");
    let set = |current: &str, new: &str| dora.post("/developers/sandbox", &[("current_password", current), ("new_password", new)]);
    assert!(set("not mine", "sample sample").body.contains("id=\"current_password-problem\""));
    for bad in ["", "short", PASSWORD] {
        let answer = set(PASSWORD, bad);
        assert!(answer.status == 422 && answer.body.contains("id=\"new_password-problem\""), "{bad}: {answer:?}");
    }
    assert_eq!(set(PASSWORD, "sample sample").location(), "/developers/sandbox?said=person-set");
    let wish = [("name", "Open House"), ("application_uri", "https://app.example/"), ("redirect_uris", "https://app.example/callback")];
    let told = dora.post("/developers/keys/new/agents", &wish);
    let part = |id: &str| {
        let rest = told.body.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no {id}: {told:?}"));
        rest.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let path = told.body.split("id=\"to-key\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let application = Application {
        client_id: part("client-id"),
        secret: Some(part("secret")),
        redirect_uri: "https://app.example/callback".into(),
        id: KeyId(path.rsplit('/').next().unwrap().parse().unwrap()),
    };
    let walks = |application: &Application| {
        let pia = world.agent("sandbox.1");
        let mut answer = pia.signs_in(&pia.opens(application, &[]), "sample sample");
        for _ in 0..4 {
            if answer.status == 303 && answer.location().starts_with('/') {
                answer = pia.get(answer.location());
            } else if answer.body.contains("id=\"consent-allow\"") {
                answer = pia.post("/openid/consent", &[("flow", &answer.field("flow")), ("decision", "allow")]);
            }
        }
        answer
    };
    let code = walks(&application).redirected("code").unwrap();
    let tokens = world.exchange(&application, &code).json();
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.api(token, "GET", "/v1/listings?_pagination=count", None).json()["D"]["Pagination"]["TotalRows"], COUNT as u64);
    assert_eq!(world.my_account(token).result(200)["Name"], "Pia Sample");
    // The keys of real MLSs are not for her, and real agents are not for keys on sample data.
    world.change(|conn| latchkey::store::developer_keys::bind(conn, KeyId(1), latchkey::base::id::IdentityId(1), &MLS.parse().unwrap()));
    assert_eq!(walks(&world.w()).redirected("error").as_deref(), Some("access_denied"));
    assert_eq!(world.agent("cv.ada").approves_with(&application, &[]).redirected("error").as_deref(), Some("access_denied"));
    // Another password ends what hung on this one.
    world.advance(latchkey::base::Seconds(1));
    assert_eq!(set(PASSWORD, "another sample").status, 303);
    world.my_account(token).is_api_error(401, 1020);
}

#[test]
fn the_demo_key_stays_the_demo_key_whatever_keys_are_made_beside_it() {
    let world = World::new();
    world.verified(1, "dora@example.com");
    world.makes_platform_staff("cv.staff");
    let (sam, page) = crate::http::account::at(&world, "cv.staff", "/admin/registrations/1");
    assert_eq!(crate::support::datamart::presses(&sam, &page, "activate-form", &[]).status, 303);
    let dora = world.builder("dora@example.com");
    let client_id = |page: &Answer| {
        page.body.split("id=\"demo-key-facts\"").nth(1).unwrap().split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let demo = client_id(&dora.get("/developers"));
    let wish = [("name", "Open House"), ("application_uri", "https://app.example/"), ("redirect_uris", "https://app.example/callback")];
    assert_eq!(dora.post("/developers/keys/new/agents", &wish).status, 200);
    assert_eq!(client_id(&dora.get("/developers")), demo);
}
