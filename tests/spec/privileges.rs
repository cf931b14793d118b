//! PB and DR: what nobody reaches at the Keys API who is not meant to, and what no key is made of.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::base::id::{KeyId, SuspensionId};
use latchkey::platform::role::Role;
use latchkey::platform::suspension::Suspension;
use latchkey::store::key_suspensions;
use latchkey::store::schema::keys;
use serde_json::{Value, json};

use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::tables;
use crate::support::world::{Application, BEGIN, World};

const KEYS: &str = "/v1/developers/identities/70/keys";

fn wish() -> Value {
    json!({
        "Name": "Open House", "Type": "OAuth2", "RedirectUri": "https://app.example/callback", "ApplicationUri": "https://app.example/",
        "Roles": ["private"],
    })
}

fn scene(settings: &[(&str, &str)]) -> (World, String) {
    let world = World::with(settings);
    world.developer(70, MLS);
    let staff = world.staff();
    (world, staff)
}

fn made(world: &World, staff: &str, change: Value) -> (Application, String) {
    let mut body = wish();
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let made = world.api(staff, "POST", KEYS, Some(body)).result(201);
    let application = Application {
        client_id: made["Key"].as_str().unwrap().to_owned(),
        secret: made["Secret"].as_str().map(str::to_owned),
        redirect_uri: made["RedirectUri"].as_str().unwrap().to_owned(),
        id: KeyId(made["Id"].as_i64().unwrap()),
    };
    (application, made["ResourceUri"].as_str().unwrap().to_owned())
}

/// A personal token of somebody, of a key with that role.
fn token(world: &World, staff: &str, role: Role, who: &str) -> String {
    let (_, path) = made(world, staff, json!({ "Roles": [role.name(), "single_session"] }));
    let made = world.api(staff, "POST", &format!("{path}/tokens"), Some(json!({ "UserId": who }))).result(201);
    made["Token"].as_str().unwrap().to_owned()
}

#[test]
fn pb_01_no_question_opens_the_keys_api_to_another_role() {
    let (world, staff) = scene(&[]);
    for role in [Role::Idx, Role::Public, Role::Vow, Role::Portal] {
        let token = token(&world, &staff, role, STAFF);
        for path in ["/v1/developers/identities", KEYS, "/v1/developers/roles", "/v1/developers/templates", "/v1/developers/audit"] {
            for question in
                ["", "?_select=Id", "?_expand=PermittedIPAddresses", "?_filter=Id%20Gt%200", "?_orderby=Id", "?_pagination=count"]
            {
                let answer = world.api(&token, "GET", &format!("{path}{question}"), None);
                answer.is_api_error(403, 1500);
                assert_eq!(answer.json()["D"].get("Results"), None);
            }
        }
    }
    world.audited_because("access.denied", "not_at_this_level");
}

#[test]
fn pb_02_a_role_that_only_reads_writes_nothing() {
    let (world, staff) = scene(&[]);
    let token = token(&world, &staff, Role::Public, ADA);
    let before = tables::quiet(&world.app.db);
    world.api(&token, "POST", "/v1/contacts", Some(json!({ "DisplayName": "X" }))).is_api_error(405, 1017);
    let idx = world.privileged(Some(MLS), &[]);
    world.api(&idx, "POST", "/v1/developers/roles", Some(json!({}))).is_api_error(405, 405);
    let after = tables::quiet(&world.app.db);
    for table in ["contacts", "domains", "change_history", "templates"] {
        assert_eq!(before[table], after[table], "{table}");
    }
}

#[test]
fn pb_03_no_request_talks_itself_into_a_higher_role() {
    let (world, staff) = scene(&[]);
    let token = token(&world, &staff, Role::Idx, STAFF);
    let authorization = format!("OAuth {token}");
    for (name, value) in [("x-role", "private"), ("x-latchkey-role", "private"), ("x-sparkapi-role", "private"), ("role", "private")] {
        let headers = [("authorization", authorization.as_str()), (name, value)];
        world.request("GET", "/v1/developers/identities", &headers, None).is_api_error(403, 1500);
    }
    for query in ["role=private", "Roles=private", "_role=private", "ApiUser=20261001000000000000000105", "scope=private"] {
        world.api(&token, "GET", &format!("/v1/developers/identities?{query}"), None).is_api_error(403, 1500);
    }
    // Nor do words of scope: unknown ones are left out.
    let (app, _) = made(&world, &staff, json!({ "Roles": ["idx"] }));
    let answer = world.agent("cv.staff").approves_with(&app, &[("scope", "openid private developers admin")]);
    let tokens = world.exchange(&app, &answer.redirected("code").unwrap()).json();
    assert_eq!(tokens["scope"], "openid");
    world.api(tokens["access_token"].as_str().unwrap(), "GET", "/v1/developers/identities", None).is_api_error(403, 1500);
}

#[test]
fn pb_16_a_key_that_is_switched_off_is_off_at_every_door() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    let (_, single) = made(&world, &staff, json!({ "Roles": ["private", "single_session"] }));
    let made = world.api(&staff, "POST", &format!("{single}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    let personal = made["Token"].as_str().unwrap();
    let tokens = world.agent("cv.ada").grants(&app);
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let code = world.agent("cv.ben").approves(&app);
    world.my_account(personal).result(200);
    for key in [&path, &single] {
        world.api(&staff, "PUT", key, Some(json!({ "Enabled": false }))).result(200);
    }
    world.agent("cv.ada").opens(&app, &[]).is_page(400);
    world.exchange(&app, &code).is_token_error(401, "invalid_client");
    world.refresh(&app, refresh).is_token_error(401, "invalid_client");
    assert_eq!(world.introspect(access), json!({ "active": false }));
    assert_eq!(world.introspect(personal), json!({ "active": false }));
    world.my_account(access).is_api_error(401, 1010);
    world.my_account(personal).is_api_error(401, 1010);
    assert_eq!(world.userinfo(access).status, 401);
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": true }))).result(200);
    world.my_account(access).result(200);
}

#[test]
fn pb_18_a_key_for_copying_is_used_at_its_host_and_no_other_key_is() {
    let (world, staff) = scene(&[("replication_host", "replication.mls.example")]);
    let copies = {
        let (_, path) = made(&world, &staff, json!({ "Roles": ["private", "replication", "single_session"] }));
        let made = world.api(&staff, "POST", &format!("{path}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
        made["Token"].as_str().unwrap().to_owned()
    };
    let ordinary = token(&world, &staff, Role::Private, ADA);
    let ask = |token: &str, host: &str| {
        let authorization = format!("Bearer {token}");
        world.request("GET", "/v1/my/account", &[("authorization", &authorization), ("host", host)], None)
    };
    ask(&copies, "api.mls.example").is_api_error(403, 1021);
    ask(&copies, "replication.mls.example").result(200);
    ask(&copies, "REPLICATION.mls.example").result(200);
    ask(&ordinary, "replication.mls.example").is_api_error(403, 1500);
    ask(&ordinary, "api.mls.example").result(200);
}

#[test]
fn pb_19_a_key_is_used_in_no_other_way_than_its_own() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    world.token(&app, &[("grant_type", "client_credentials")]).is_token_error(400, "unauthorized_client");
    let access = world.agent("cv.ada").grants(&app)["access_token"].as_str().unwrap().to_owned();
    world.api(&staff, "PUT", &path, Some(json!({ "OpenIDEnabled": false }))).result(200);
    world.my_account(&access).is_api_error(403, 1013);
    world.agent("cv.ada").opens(&app, &[]).is_refused_to(&app, "unauthorized_client", &world.issuer);
    world.api(&staff, "PUT", &path, Some(json!({ "OpenIDEnabled": true, "Roles": ["private", "single_session"] }))).result(200);
    world.my_account(&access).is_api_error(403, 1013);
    world.agent("cv.ada").opens(&app, &[]).is_refused_to(&app, "unauthorized_client", &world.issuer);
    let made = world.api(&staff, "POST", &format!("{path}/tokens"), Some(json!({ "UserId": ADA }))).result(201);
    world.my_account(made["Token"].as_str().unwrap()).result(200);
    world.api(&staff, "PUT", &path, Some(json!({ "Roles": ["private"] }))).result(200);
    world.my_account(made["Token"].as_str().unwrap()).is_api_error(403, 1013);
}

#[test]
fn pb_21_an_agent_who_is_switched_off_is_so_for_every_key() {
    let (world, staff) = scene(&[]);
    let (app, _) = made(&world, &staff, json!({}));
    let tokens = world.agent("cv.ada").grants(&app);
    let personal = token(&world, &staff, Role::Private, ADA);
    world.change(|conn| latchkey::store::accounts::set_active(conn, &ADA.parse().unwrap(), false, BEGIN));
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(403, 1015);
    world.my_account(&personal).is_api_error(403, 1015);
    world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
}

#[test]
fn pb_23_when_the_mls_withdraws_a_key_nothing_of_it_works() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    let tokens = world.agent("cv.ada").grants(&app);
    world.api(&staff, "DELETE", "/v1/developers/identities/70", None).results(200);
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(401, 1010);
    world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).is_token_error(401, "invalid_client");
    // The key of a developer who is gone is not switched on by the way.
    assert_eq!(world.api(&staff, "GET", &path, None).result(200)["Enabled"], false);
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": true }))).is_api_error(400, 1053).names("Enabled");
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(401, 1010);
}

#[test]
fn pb_23_a_suspension_is_not_undone_by_the_way() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    let suspension = Suspension {
        id: SuspensionId(1),
        key_id: app.id,
        reason: "It showed sold prices.".to_owned(),
        suspended_by: STAFF.to_owned(),
        by_platform: true,
        suspended_at: BEGIN,
        appeal: None,
        resumed: None,
    };
    world.change(move |conn| {
        key_suspensions::add(conn, &suspension)?;
        latchkey::store::keys::set_enabled(conn, suspension.key_id, false, BEGIN)
    });
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": true }))).is_api_error(400, 1053).names("Enabled");
    // Anything else of it can be changed meanwhile.
    let record = world.api(&staff, "PUT", &path, Some(json!({ "Comments": "see the console" }))).result(200);
    assert_eq!((&record["Enabled"], &record["Comments"]), (&json!(false), &json!("see the console")));
    world.change(|conn| key_suspensions::resume(conn, SuspensionId(1), STAFF, BEGIN));
    world.api(&staff, "PUT", &path, Some(json!({ "Enabled": true }))).result(200);
}

#[test]
fn pb_25_no_chain_of_expansions_leads_to_what_is_somebody_elses() {
    let (world, staff) = scene(&[]);
    let (_, path) = made(&world, &staff, json!({}));
    for chain in
        ["Identity", "Identity.Keys", "User", "Authorizations", "PermittedIPAddresses.Key", "Secrets", "PermittedIPAddresses,Secret"]
    {
        for at in [KEYS, &path, &format!("{path}/authorizations"), "/v1/developers/identities", "/v1/developers/identities/70/history"] {
            world.api(&staff, "GET", &format!("{at}?_expand={chain}"), None).is_api_error(400, 1053);
        }
    }
}

#[test]
fn dr_01_and_dr_10_nobody_makes_or_reads_a_key_without_a_token_of_the_staff() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    let body = json!({ "D": wish() }).to_string();
    let secret = app.secret.clone().unwrap();
    for authorization in
        ["", "Bearer nonsense", "OAuth lka_nonsense", "Basic dzp3", &format!("Bearer {secret}"), &format!("Bearer {}", app.client_id)]
    {
        let headers = [("content-type", "application/json"), ("authorization", authorization)];
        for (method, at) in [("POST", KEYS), ("GET", KEYS), ("GET", &path), ("PUT", &path), ("DELETE", &path)] {
            let answer = world.request(method, at, &headers, (method != "GET").then_some(body.as_str()));
            answer.is_api_error(401, 1000);
            assert!(!answer.body.contains(&secret));
        }
    }
    for at in ["/openid/register", "/oauth2/register", "/register"] {
        assert_eq!(world.request("POST", at, &[("content-type", "application/json")], Some(&body)).status, 404, "{at}");
    }
}

#[test]
fn dr_02_dr_05_and_dr_18_a_key_has_two_addresses_which_are_validated_and_none_that_is_fetched() {
    let (world, staff) = scene(&[]);
    let before = tables::quiet(&world.app.db);
    for name in [
        "JwksUri",
        "jwks_uri",
        "SectorIdentifierUri",
        "BackchannelLogoutUri",
        "InitiateLoginUri",
        "LogoUri",
        "PolicyUri",
        "TosUri",
        "RequestUris",
        "NotificationUri",
    ] {
        let mut body = wish();
        body[name] = json!("http://169.254.169.254/latest/meta-data");
        world.api(&staff, "POST", KEYS, Some(body)).is_api_error(400, 1053).names(name);
    }
    let long = format!("https://app.example/{}", "x".repeat(2048));
    for bad in [
        "http://app.example/",
        "ftp://app.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://u:p@app.example/",
        "https://u@app.example/",
        "https://*.example/",
        "https:///",
        "app.example",
        "",
        "https://app.example/\"><script>",
        &long,
    ] {
        for name in ["RedirectUri", "ApplicationUri"] {
            let mut body = wish();
            body[name] = json!(bad);
            world.api(&staff, "POST", KEYS, Some(body)).is_api_error(400, 1053).names(name);
        }
    }
    let mut body = wish();
    body["RedirectUri"] = json!("https://app.example/callback#fragment");
    world.api(&staff, "POST", KEYS, Some(body)).is_api_error(400, 1053).names("RedirectUri");
    tables::are_unchanged(&world.app.db, &before);
}

#[test]
fn dr_08_what_a_key_is_not_asked_is_not_stored() {
    let (world, staff) = scene(&[]);
    for name in
        ["Trusted", "SkipConsent", "Owner", "client_id", "client_secret", "Pkce", "RateLimit", "Privileges", "GrantTypes", "Verified"]
    {
        let mut body = wish();
        body[name] = json!(true);
        world.api(&staff, "POST", KEYS, Some(body)).is_api_error(400, 1053).names(name);
    }
    let (app, _) = made(&world, &staff, json!({}));
    let policy: Option<String> = world.app.db.read(move |conn| conn.one(keys::table.find(app.id.0).select(keys::policy))).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&policy.unwrap()).unwrap(),
        serde_json::to_value(latchkey::protocol::client::Policy::default()).unwrap()
    );
}

#[test]
fn dr_11_a_name_is_shown_as_text_and_cannot_turn_the_consent_page_around() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({ "Name": "<b>Good</b>\u{202e}evil\u{200b} & co\r\n" }));
    assert_eq!(world.api(&staff, "GET", &path, None).result(200)["Name"], "<b>Good</b>evil & co");
    let ada = world.agent("cv.ada");
    let answer = ada.signs_in(&ada.opens(&app, &[]), crate::support::world::PASSWORD);
    let page = ada.get(answer.location());
    assert!(!page.body.contains("<b>Good") && !page.body.contains('\u{202e}'), "{page:?}");
    // The person sees whose it is, and where the answer goes.
    assert!(page.body.contains("Says it is run by <strong id=\"client-owner\"><bdi>Dora Ltd.</bdi>"), "{page:?}");
    assert!(page.body.contains("app.example"));
    world.change_policy(&app, |policy| policy.verified = true);
    let page = ada.get(answer.location());
    assert!(page.body.contains("Run by <strong id=\"client-owner\"><bdi>Dora Ltd.</bdi>"), "{page:?}");
    for name in ["", " ", "\u{200b}", &"x".repeat(129), &"x".repeat(10_240)] {
        world.api(&staff, "PUT", &path, Some(json!({ "Name": name }))).is_api_error(400, 1053).names("Name");
    }
    world.advance(Seconds(1));
}

#[test]
fn dr_11_no_application_is_called_as_the_platform_is() {
    let (world, staff) = scene(&[]);
    let (app, path) = made(&world, &staff, json!({}));
    for name in ["Latchkey", "L\u{430}tchk\u{435}y sign-in", "\u{ff2c}atch-key", "Iatchkey", "Official app", "Support"] {
        let mut body = wish();
        body["Name"] = json!(name);
        world.api(&staff, "POST", KEYS, Some(body)).is_api_error(400, 1053).names("Name");
        world.api(&staff, "PUT", &path, Some(json!({ "Name": name }))).is_api_error(400, 1053).names("Name");
        world.api(&staff, "PUT", "/v1/developers/identities/70", Some(json!({ "Company": name }))).is_api_error(400, 1053).names("Company");
    }
    // What the operator called so stays so when something else of it changes.
    let id = app.id.0;
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(id)).set(keys::name.eq("Latchkey for agents"))));
    world.app.keys.forget();
    let same = json!({ "Name": "Latchkey for agents", "Comments": "ours" });
    assert_eq!(world.api(&staff, "PUT", &path, Some(same)).result(200)["Name"], "Latchkey for agents");
}
