//! What keys were used for: single requests, sums, bills.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::flows::usage;
use latchkey::platform::role::Role;
use latchkey::store::schema::{identities, keys};
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use crate::support::platform::{ADA, BEN, MIA, MLS};
use crate::support::world::{OTHER_MLS, World};

const AUDIT: &str = "/v1/developers/audit";

/// Ada calls three times, Ben once, and Ada is refused once, all by the application W of a developer; the staff uses another one.
fn used() -> (World, String) {
    let world = World::with(&[("rates.private", "0")]);
    world.developer(70, MLS);
    let id = world.w().id.0;
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(id)).set(keys::identity_id.eq(70))));
    let staff = world.token_of("cv.staff", "w2");
    let (ada, ben) = (world.token_of("cv.ada", "w"), world.token_of("cv.ben", "w"));
    for token in [&ada, &ada, &ada, &ben] {
        assert_eq!(world.my_account(token).status, 200);
    }
    world.api(&ada, "GET", "/v1/developers/roles", None).is_api_error(403, 1500);
    usage::flush(&world.app).unwrap();
    (world, staff)
}

fn of_w(records: &[Value], world: &World) -> Vec<Value> {
    let key = world.w().client_id;
    records.iter().filter(|record| record["Key"] == key.as_str()).cloned().collect()
}

#[test]
fn staff_sees_single_requests_and_why_one_was_refused() {
    let (world, staff) = used();
    let all = world.api(&staff, "GET", &format!("{AUDIT}?_limit=25"), None).results(200);
    let all = of_w(&all, &world);
    assert_eq!(all.len(), 5);
    let document = world.get("/v1/openapi.json").json();
    is_as_documented(&document, "UsageDetail", &all[0]);
    let refused = &all[0];
    assert_eq!((refused["HttpStatus"].as_str(), refused["DataRole"].as_str()), (Some("403"), Some("private")));
    assert_eq!((refused["UserId"].as_str(), refused["User"]["Name"].as_str()), (Some(ADA), Some("Ada Agent")));
    assert_eq!((&refused["ResoApi"], &refused["ResoDictionaryVersion"], refused.get("Reason")), (&json!(false), &Value::Null, None));
    assert!(refused["RequestDuration"].as_f64().unwrap() < 10.0);
    let path = format!("{AUDIT}?_filter=HttpStatus%20Eq%20%27403%27&_expand=ErrorCode,Reason,RequestId");
    let refused = world.api(&staff, "GET", &path, None).result(200);
    assert_eq!((&refused["ErrorCode"], &refused["Reason"]), (&json!(1500), &json!("not_at_this_level")));
    // By the id that its sender was shown.
    let id = refused["RequestId"].as_str().unwrap();
    let found = world.api(&staff, "GET", &format!("{AUDIT}?_filter=RequestId%20Eq%20%27{id}%27"), None).results(200);
    assert_eq!(found.len(), 1);
    // After a week it is told no more.
    world.advance(Seconds::days(8));
    let staff = world.token_of("cv.staff", "w2");
    assert_eq!(world.api(&staff, "GET", AUDIT, None).results(200).len(), 0);
}

#[test]
fn a_summary_tells_of_each_key_what_it_was_used_for() {
    let (world, _) = used();
    world.advance(Seconds::days(1));
    let staff = world.token_of("cv.staff", "w2");
    let summary = of_w(&world.api(&staff, "GET", &format!("{AUDIT}/summary?_limit=500"), None).results(200), &world);
    assert_eq!(
        summary,
        [json!({
            "Key": world.w().client_id, "DataRole": "private", "DeveloperName": "Dora Developer", "ApplicationName": "Application w",
            "ApplicationUri": "https://w.example/", "ReplicationAllowed": false, "MostRecentRequestTimestamp": "2026-11-18T11:06:40Z",
            "AverageDailyRequests": 0.2, "YesterdayRequests": 5, "ErrorRate": 0.2, "Mls": { "Id": MLS, "Name": "Cascade Valley MLS" },
        })]
    );
    is_as_documented(&world.get("/v1/openapi.json").json(), "UsageSummary", &summary[0]);
    let of = |user: &str| world.api(&staff, "GET", &format!("{AUDIT}/summary/users/{user}"), None);
    assert_eq!(of(BEN).result(200)["YesterdayRequests"], 1);
    assert_eq!(of(ADA).result(200)["ErrorRate"], 0.25);
    for nobody in [MIA, "20991231235959000000000000", "7"] {
        of(nobody).is_api_error(404, 404);
    }
    world.api(&staff, "GET", &format!("{AUDIT}/summary?_limit=501"), None).is_api_error(400, 1053);
}

#[test]
fn a_bill_tells_the_requests_of_each_month() {
    let (world, staff) = used();
    let billing = "/v1/developers/identities/70/billing";
    let bill = world.api(&staff, "GET", billing, None).result(200);
    let w = world.w();
    assert_eq!(
        bill,
        json!({
            "Key": { "Id": w.id.0, "ResourceUri": format!("/v1/developers/identities/70/keys/{}", w.id.0), "Name": "Application w", "Key": w.client_id },
            "StartDate": "2026-11-01", "EndDate": "2026-11-18", "SuccessHits": 4, "ClientErrorHits": 1, "ServerErrorHits": 0,
        })
    );
    is_as_documented(&world.get("/v1/openapi.json").json(), "BillingSummary", &bill);
    assert_eq!(world.api(&staff, "GET", &format!("{billing}?EndDate=2026-11-17"), None).results(200).len(), 0);
    world.api(&staff, "GET", &format!("{billing}?StartDate=2024-01-01"), None).is_api_error(400, 1053).names("StartDate");
    world.api(&staff, "GET", &format!("{billing}?_orderby=StartDate"), None).is_api_error(400, 1053);
    world.api(&staff, "GET", "/v1/developers/identities/71/billing", None).is_api_error(404, 404);
}

#[test]
fn pb_04_the_use_of_another_mlss_keys_is_not_told() {
    let (world, _) = used();
    let id = world.w().id.0;
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(id)).set(keys::mls_id.eq(OTHER_MLS))));
    let staff = world.token_of("cv.staff", "w2");
    for path in [AUDIT.to_owned(), format!("{AUDIT}/summary"), format!("{AUDIT}/summary/users/{ADA}")] {
        assert_eq!(of_w(&world.api(&staff, "GET", &path, None).results(200), &world).len(), 0, "{path}");
    }
}

#[test]
fn pb_04_a_bill_of_a_developer_of_no_mls_tells_the_keys_of_ones_own_mls_alone() {
    let (world, staff) = used();
    let w = world.w().id.0;
    // The developer registered with the platform, and has a key of each of two MLSs.
    world.change(|conn| conn.execute(diesel::update(identities::table.find(70)).set(identities::mls_id.eq(None::<String>))));
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(w)).set(keys::mls_id.eq(OTHER_MLS))));
    world.key_of(70, 71, MLS, &[Role::Idx]);
    let billing = "/v1/developers/identities/70/billing";
    assert_eq!(world.api(&staff, "GET", billing, None).results(200), Vec::<Value>::new());
    let foreign = world.foreign_staff();
    assert_eq!(world.api(&foreign, "GET", billing, None).result(200)["Key"]["Id"], w);
    // Nor is anybody of another MLS named who used a key of this one.
    let single = world.api(&foreign, "GET", AUDIT, None);
    assert!(!single.body.contains("Ada Agent") && single.body.contains(&world.w().client_id), "{single:?}");
}
