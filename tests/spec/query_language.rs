//! QI: the query language, as it answers over HTTP.

use serde_json::{Value, json};

use crate::support::tables;
use crate::support::world::{Answer, World};

const DOMAINS: &str = "/v1/developers/domains";

/// A world with twelve domains on the key `w`, and somebody who may read them.
fn world() -> (World, String) {
    let world = World::new();
    let token = world.staff();
    for n in 0..12 {
        world.api(&token, "POST", DOMAINS, Some(json!({ "Uri": format!("https://site{n:02}.example") }))).result(201);
    }
    (world, token)
}

fn ask(world: &World, token: &str, parameters: &[(&str, &str)]) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    world.api(token, "GET", &format!("{DOMAINS}?{query}"), None)
}

fn uris(answer: &Answer) -> Vec<String> {
    answer.results(200).iter().map(|domain| domain["Uri"].as_str().unwrap().replace("https://", "").replace(".example", "")).collect()
}

#[test]
fn a_list_has_ten_records_a_page_and_says_where_it_stands_when_asked() {
    let (world, token) = world();
    let answer = ask(&world, &token, &[]);
    assert_eq!(answer.results(200).len(), 10);
    assert_eq!(answer.json()["D"].get("Pagination"), None);
    let answer = ask(&world, &token, &[("_pagination", "1"), ("_limit", "5"), ("_page", "3"), ("_orderby", "-Uri")]);
    assert_eq!(uris(&answer), ["site01", "site00"]);
    assert_eq!(answer.json()["D"]["Pagination"], json!({ "TotalRows": 12, "PageSize": 5, "TotalPages": 3, "CurrentPage": 3 }));
    let answer = ask(&world, &token, &[("_pagination", "count"), ("_filter", "Uri Gt 'https://site09.example'")]);
    assert_eq!(answer.json()["D"]["Results"], json!([]));
    assert_eq!(answer.json()["D"]["Pagination"]["TotalRows"], 2);
    assert_eq!(ask(&world, &token, &[("_page", "9")]).results(200), Vec::<Value>::new());
}

#[test]
fn qi_01_sql_in_a_filter_is_text_or_refused_and_changes_nothing() {
    let (world, token) = world();
    let before = tables::settled(&world.app.db);
    for text in ["'; DROP TABLE domains; --", "' OR '1'='1", "x' UNION SELECT key FROM keys --", "'); SELECT pg_sleep(5); --"] {
        let quoted = text.replace('\'', "\\'");
        assert_eq!(uris(&ask(&world, &token, &[("_filter", &format!("Uri Eq '{quoted}'"))])), Vec::<String>::new());
        let refused = ask(&world, &token, &[("_filter", &format!("Uri Eq '{text}'"))]);
        refused.is_api_error(400, 1040);
        assert!(!refused.body.to_lowercase().contains("select") && !refused.body.contains("sqlite"), "{refused:?}");
        ask(&world, &token, &[("_orderby", text)]).is_api_error(400, 1053).names("_orderby");
    }
    assert_eq!(tables::settled(&world.app.db), before);
}

#[test]
fn qi_02_and_qi_03_hidden_columns_are_refused_like_columns_that_do_not_exist() {
    let (world, token) = world();
    let said = |name: &str, value: &str| {
        let answer = ask(&world, &token, &[(name, value)]);
        answer.is_api_error(400, if name == "_filter" { 1040 } else { 1053 });
        answer.json()["D"].clone()
    };
    for (name, hidden, absent) in [
        ("_orderby", "KeyId", "Nothing"),
        ("_select", "KeyId", "Nothing"),
        ("_expand", "Key", "Nothing"),
        ("_filter", "KeyId Eq 1", "Nothing Eq 1"),
    ] {
        assert_eq!(said(name, hidden), said(name, absent), "{name}");
    }
    // Only what is wrong with a filter is told as that.
    let unfit = said("_select", "Uri, Nothing");
    assert_eq!(unfit["Details"], "_select must name, at position 5, an attribute that can be selected");
    assert_eq!(unfit.get("SparkQLErrors"), None);
    assert_eq!(said("_filter", "Uri Eq 'a' And Secret Eq 'b'")["SparkQLErrors"][0]["Position"], 15);
    let answer = ask(&world, &token, &[("_select", "Uri,Id"), ("_limit", "1"), ("_orderby", "Uri")]);
    let domain = answer.result(200);
    assert_eq!(domain.as_object().unwrap().keys().collect::<Vec<_>>(), ["Id", "Uri"]);
    let path = format!("{DOMAINS}/{}", domain["Id"]);
    assert_eq!(world.api(&token, "GET", &format!("{path}?_select=Uri"), None).result(200), json!({ "Uri": "https://site00.example" }));
    world.api(&token, "GET", &format!("{path}?_select=KeyId"), None).is_api_error(400, 1053).names("_select");
}

#[test]
fn qi_04_and_qi_09_limits_pages_and_cursors_out_of_bounds_name_themselves() {
    let (world, token) = world();
    for (name, value) in [
        ("_limit", "-1"),
        ("_limit", "26"),
        ("_limit", "ten"),
        ("_page", "0"),
        ("_page", "99999999999999999999"),
        ("_pagination", "2"),
        ("_skiptoken", "x"),
        ("_skip", "2500001"),
    ] {
        ask(&world, &token, &[(name, value)]).is_api_error(400, 1053).names(name);
    }
}

#[test]
fn a_page_begins_where_it_is_asked_to_and_says_so() {
    let (world, token) = world();
    let answer = ask(&world, &token, &[("_skip", "5"), ("_limit", "3"), ("_pagination", "1"), ("_orderby", "Uri")]);
    assert_eq!(uris(&answer), ["site05", "site06", "site07"]);
    let stands = json!({ "TotalRows": 12, "PageSize": 3, "TotalPages": 4, "CurrentOffset": 5 });
    assert_eq!(answer.json()["D"]["Pagination"], stands);
    assert!(ask(&world, &token, &[("_skip", "2500000")]).results(200).is_empty());
    ask(&world, &token, &[("_skip", "1"), ("_page", "1")]).is_api_error(400, 1053).names("_skip");
}

#[test]
fn qi_06_a_filter_without_end_is_refused() {
    let (world, token) = world();
    let many = vec!["Id Eq 1"; 1000].join(" Or ");
    ask(&world, &token, &[("_filter", &many)]).is_api_error(400, 1041);
}

#[test]
fn qi_13_the_callers_scope_stands_outside_whatever_is_asked() {
    let (world, token) = world();
    let other = world.token_of("cv.staff", "w2");
    world.api(&other, "POST", DOMAINS, Some(json!({ "Uri": "https://other.example" }))).result(201);
    let answer = ask(&world, &other, &[("_filter", "Id Gt 0 Or Not Id Gt 0"), ("_pagination", "1")]);
    assert_eq!(uris(&answer), ["other"]);
    assert_eq!(answer.json()["D"]["Pagination"]["TotalRows"], 1);
    let answer = ask(&world, &token, &[("_filter", "Uri Eq 'https://other.example' Or Id Gt 0"), ("_limit", "25")]);
    assert_eq!(answer.results(200).len(), 12);
}

/// A POST in disguise.
fn tunnelled(world: &World, token: &str, path: &str, method: &str, kind: &str, body: &str) -> Answer {
    let authorization = format!("OAuth {token}");
    let headers = [("authorization", authorization.as_str()), ("content-type", kind), ("x-http-method-override", method)];
    world.request("POST", path, &headers, Some(body))
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_long_question_travels_in_the_body_of_a_post() {
    let (world, token) = world();
    let list: Vec<String> = (0..150).map(|n| format!("'https://site{n:02}.example'")).collect();
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("_filter", &format!("Uri Eq {}", list.join(","))).finish();
    let answer = tunnelled(&world, &token, &format!("{DOMAINS}?_limit=25"), "GET", FORM, &form);
    assert_eq!(answer.results(200).len(), 12);
    tunnelled(&world, &token, &format!("{DOMAINS}?_limit=25"), "get", FORM, "_limit=5").is_api_error(400, 1053).names("_limit");
    let id = ask(&world, &token, &[("_limit", "1")]).result(200)["Id"].clone();
    assert_eq!(tunnelled(&world, &token, &format!("{DOMAINS}/{id}"), "DELETE", FORM, "").results(200), Vec::<Value>::new());
    world.api(&token, "GET", &format!("{DOMAINS}/{id}"), None).is_api_error(404, 404);
}

#[test]
fn pb_27_an_override_opens_nothing_that_its_own_method_would_not() {
    let (world, token) = world();
    let before = tables::settled(&world.app.db)["domains"].clone();
    // It is judged as what it says it is.
    tunnelled(&world, &token, "/v1/my/account", "DELETE", FORM, "").is_api_error(405, 405);
    let agent = world.token_of("cv.ada", "w");
    tunnelled(&world, &agent, "/v1/developers/identities/70/keys/71/tokens", "GET", FORM, "").is_api_error(403, 1500);
    tunnelled(&world, "nobody", DOMAINS, "GET", FORM, "").is_api_error(401, 1000);
    for method in ["PUT", "PATCH", "TRACE", "", "GET, DELETE", "POST"] {
        tunnelled(&world, &token, DOMAINS, method, "application/json", r#"{"D":{"Uri":"https://new.example"}}"#)
            .is_api_error(400, 1053)
            .names("X-HTTP-Method-Override");
    }
    tunnelled(&world, &token, DOMAINS, "GET", "application/json", r#"{"D":{}}"#).is_api_error(400, 1035);
    // On other methods, in other spellings, and outside the API it says nothing.
    let authorization = format!("OAuth {token}");
    let headers = [("authorization", authorization.as_str()), ("x-http-method-override", "DELETE")];
    assert_eq!(world.request("GET", DOMAINS, &headers, None).results(200).len(), 10);
    let headers = [("authorization", authorization.as_str()), ("x-method-override", "DELETE"), ("content-type", FORM)];
    world.request("POST", DOMAINS, &headers, Some("_method=DELETE")).is_api_error(400, 1035);
    assert_eq!(
        world.request("POST", "/openid/revoke", &[("x-http-method-override", "GET"), ("content-type", FORM)], Some("token=x")).status,
        401
    );
    assert_eq!(tables::settled(&world.app.db)["domains"], before);
}
