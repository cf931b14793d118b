//! QI: the query language at the lists of developers, keys, authorizations and changes.

use latchkey::platform::role::Role;
use serde_json::json;

use crate::support::platform::{ADA, BEN, MLS};
use crate::support::tables;
use crate::support::world::{Answer, OTHER_MLS, World};

/// The lists, with an attribute of text and one that is only shown.
const LISTS: [(&str, &str, &str); 5] = [
    ("/v1/developers/identities", "Company", "User"),
    ("/v1/developers/identities/70/keys", "Name", "RedirectUri"),
    ("/v1/developers/identities/70/keys/deleted", "Name", "Lifetimes"),
    ("/v1/developers/identities/70/keys/71/authorizations", "UserId", "Scope"),
    ("/v1/developers/identities/70/history", "Action", "ChangedValues"),
];

fn scene() -> (World, String) {
    // Nobody is to be told here that he asks too much at once.
    let world = World::with(&[("rates.per_second", "0"), ("rates.private", "0")]);
    world.developer(70, MLS);
    world.developer(80, OTHER_MLS);
    world.key_of(70, 71, MLS, &[Role::Idx]);
    world.key_of(70, 72, MLS, &[Role::Private]);
    world.key_of(80, 81, OTHER_MLS, &[Role::Idx]);
    let staff = world.staff();
    for who in [ADA, BEN] {
        world.api(&staff, "POST", "/v1/developers/identities/70/keys/71/authorizations", Some(json!({ "UserId": who }))).result(201);
    }
    world.api(&staff, "DELETE", "/v1/developers/identities/70/keys/72", None).results(200);
    world.api(&staff, "PUT", "/v1/developers/identities/70", Some(json!({ "Company": "100%_Ltd." }))).result(200);
    (world, staff)
}

fn ask(world: &World, token: &str, path: &str, parameters: &[(&str, &str)]) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    world.api(token, "GET", &format!("{path}?{query}"), None)
}

#[test]
fn qi_01_and_qi_10_sql_is_text_wherever_it_stands_and_whenever_it_is_used() {
    let (world, staff) = scene();
    let nasty = ["'; DROP TABLE keys; --", "' OR '1'='1", "x' UNION SELECT digest FROM key_secrets --", "\"; VACUUM; --", "pg_sleep(5)"];
    let before = tables::quiet(&world.app.db);
    for (path, text, _) in LISTS {
        for sql in nasty {
            let quoted = sql.replace('\\', "\\\\").replace('\'', "\\'");
            for test in [format!("{text} Eq '{quoted}'"), format!("{text} Eq contains('{quoted}')")] {
                assert!(ask(&world, &staff, path, &[("_filter", &test)]).results(200).is_empty(), "{path} {test}");
            }
            for (name, value) in [("_filter", format!("{sql} Eq 'a'")), ("_orderby", sql.to_owned()), ("_select", sql.to_owned())] {
                let refused = ask(&world, &staff, path, &[(name, &value)]);
                refused.is_api_error(400, if name == "_filter" { 1040 } else { 1053 });
                assert!(!refused.body.to_lowercase().contains("syntax"), "{refused:?}");
            }
        }
    }
    tables::are_unchanged(&world.app.db, &before);
    // Kept as it is, and found by what it is.
    for sql in nasty {
        world.api(&staff, "PUT", "/v1/developers/identities/70", Some(json!({ "Company": sql }))).result(200);
        let quoted = sql.replace('\'', "\\'");
        let found = ask(&world, &staff, "/v1/developers/identities", &[("_filter", &format!("Company Eq '{quoted}'"))]).result(200);
        assert_eq!(found["Company"], sql);
    }
    assert_eq!(ask(&world, &staff, LISTS[4].0, &[("_limit", "1")]).result(200)["ChangedValues"]["Company"][1], nasty[4]);
}

#[test]
fn qi_02_and_qi_03_what_is_not_declared_cannot_be_asked_for() {
    let (world, staff) = scene();
    let columns =
        "deleted_at mls_id account_id identity_id policy sealed_secret tokens_valid_after permitted_addresses digest terms id keys.key 1";
    for (path, text, shown) in LISTS {
        for hidden in columns.split(' ').chain(["Secret", "(SELECT 1)", "lower(Name)", "Id DESC"]) {
            for name in ["_orderby", "_select", "_expand"] {
                ask(&world, &staff, path, &[(name, hidden)]).is_api_error(400, 1053).names(name);
            }
            ask(&world, &staff, path, &[("_filter", &format!("{hidden} Eq 'a'"))]).is_api_error(400, 1040);
        }
        // What is only shown is selected, and neither filtered nor sorted by.
        assert_eq!(ask(&world, &staff, path, &[("_select", shown)]).status, 200);
        ask(&world, &staff, path, &[("_orderby", shown)]).is_api_error(400, 1053).names("_orderby");
        ask(&world, &staff, path, &[("_filter", &format!("{shown} Eq 'a'"))]).is_api_error(400, 1040);
        assert_eq!(ask(&world, &staff, path, &[("_orderby", &format!("-{text},Id"))]).status, 200);
        ask(&world, &staff, path, &[("_orderby", &vec!["Id"; 100].join(","))]).is_api_error(400, 1053).names("_orderby");
    }
}

#[test]
fn qi_04_and_qi_09_pages_are_numbers_within_bounds_and_there_are_no_cursors() {
    let (world, staff) = scene();
    for (path, _, _) in LISTS {
        for (name, bad) in [
            ("_limit", "-1"),
            ("_limit", "26"),
            ("_limit", "ten"),
            ("_limit", "99999999999999999999"),
            ("_page", "0"),
            ("_page", "-1"),
            ("_page", "100001"),
            ("_page", "1e3"),
            ("_pagination", "2"),
            ("_skiptoken", "x"),
            ("_skip", "2500001"),
        ] {
            ask(&world, &staff, path, &[(name, bad)]).is_api_error(400, 1053).names(name);
        }
        assert!(ask(&world, &staff, path, &[("_page", "100000"), ("_limit", "25")]).results(200).is_empty());
    }
}

#[test]
fn qi_05_percent_and_underscore_are_letters() {
    let (world, staff) = scene();
    let count = |filter: &str| ask(&world, &staff, LISTS[0].0, &[("_filter", filter)]).results(200).len();
    assert_eq!((count("Company Eq '100%_Ltd.'"), count("Company Eq contains('%_')"), count("Company Eq startswith('100%')")), (1, 1, 1));
    assert_eq!((count("Company Eq '%'"), count("Company Eq '100__Ltd.'"), count("Company Eq contains('_%')")), (0, 0, 0));
}

#[test]
fn qi_06_and_qi_08_what_is_too_much_or_of_the_wrong_type_is_refused_with_its_place() {
    let (world, staff) = scene();
    let (many, deep) = (vec!["Id Eq 1"; 1000].join(" Or "), format!("{}Id Eq 1{}", "(".repeat(200), ")".repeat(200)));
    for (path, text, _) in LISTS {
        for filter in [&many, &deep] {
            ask(&world, &staff, path, &[("_filter", filter)]).is_api_error(400, 1041);
        }
        for bad in [format!("{text} Eq 5"), "Id Eq 'a'".to_owned(), "Id Eq NaN".to_owned(), "Id Gt".to_owned()] {
            let refused = ask(&world, &staff, path, &[("_filter", &bad)]);
            refused.is_api_error(400, 1040);
            assert!(refused.json()["D"]["SparkQLErrors"][0]["Position"].is_number(), "{refused:?}");
        }
    }
    for bad in ["ModificationTimestamp Gt 10000-01-01T00:00:00Z", "ModificationTimestamp Eq 2026-02-30", "LastActive Eq 'today'"] {
        ask(&world, &staff, LISTS[1].0, &[("_filter", bad)]).is_api_error(400, 1040);
    }
}

#[test]
fn qi_07_a_question_within_every_bound_that_takes_too_long_is_given_up() {
    let (world, staff) = scene();
    let comments = "a".repeat(4000);
    world.change(move |conn| {
        conn.batch(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 7000)
             INSERT INTO identities (id, mls_id, first_name, last_name, company, email, website, phone, comments, additional_contacts,
                                     created_at, modified_at)
             SELECT i, '{MLS}', 'F', 'L', '', 'e@example.com', '', '', '{comments}', '[]', 0, 0 FROM n"
        ))
    });
    // Each is looked for at every place and found nowhere, whichever end the search begins at.
    let (front, back) = (format!("b{}", "a".repeat(150)), format!("{}b", "a".repeat(150)));
    let one = format!("Comments Eq contains('{front}') Or Comments Eq contains('{back}')");
    let slow = vec![one.as_str(); 20].join(" Or ");
    for question in [vec![("_filter", slow.as_str())], vec![("_filter", slow.as_str()), ("_pagination", "count")]] {
        let answer = ask(&world, &staff, LISTS[0].0, &question);
        answer.is_api_error(503, 1516);
        assert!(answer.header("retry-after").is_some());
    }
    // Everybody else goes on, and so does whoever asks for less.
    assert_eq!(ask(&world, &staff, LISTS[0].0, &[("_filter", "Id Eq 70")]).results(200).len(), 1);
    assert_eq!(ask(&world, &staff, LISTS[0].0, &[("_orderby", "-Id"), ("_limit", "25")]).results(200).len(), 25);
}

#[test]
fn qi_13_what_is_asked_stays_within_what_may_be_seen() {
    let (world, staff) = scene();
    for (path, _, _) in LISTS {
        let all = ask(&world, &staff, path, &[("_limit", "25")]).results(200);
        assert!(!all.is_empty(), "{path}");
        for filter in ["Id Ge 0 Or Id Lt 0", "Not (Id Eq 0 And Id Eq 1)", "Id Ne 0 Or Id Eq 80 Or Id Eq 81"] {
            assert_eq!(ask(&world, &staff, path, &[("_filter", filter), ("_limit", "25")]).results(200), all, "{path} {filter}");
        }
        assert!(ask(&world, &staff, path, &[("_filter", "Id Eq 80 Or Id Eq 81")]).results(200).is_empty());
    }
}
