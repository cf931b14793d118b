//! The main job: a person signs in, an application gets its tokens.

use serde_json::json;

use crate::support::world::{PASSWORD, World};

#[test]
fn an_agent_signs_in_allows_and_the_application_gets_its_tokens() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));

    let page = ada.opens(&w, &[]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Cascade Valley MLS") && page.body.contains("Application w"));
    let answer = ada.signs_in(&page, PASSWORD);
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("/openid/continue?flow="), "{answer:?}");
    let consent = ada.get(answer.location());
    assert!(consent.body.contains("id=\"consent-allow\"") && consent.body.contains("id=\"consent-deny\""), "{consent:?}");
    assert!(consent.body.contains("app.example"));
    let answer = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
    assert_eq!(answer.status, 303);
    assert_eq!(answer.redirected("state").as_deref(), Some("s-1"));
    assert_eq!(answer.redirected("iss").as_deref(), Some(world.issuer.as_str()));

    let tokens = world.exchange(&w, &answer.redirected("code").unwrap());
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 86_400);
    assert_eq!(tokens["scope"], "openid profile email");
    assert!(tokens["id_token"].as_str().unwrap().split('.').count() == 3);

    let access = tokens["access_token"].as_str().unwrap();
    let said = world.userinfo(access).json();
    assert_eq!(said["name"], "Ada Agent");
    assert_eq!(said["email"], "ada@example.com");
    assert_eq!(said["phone_number"], json!(null));
    let account = world.my_account(access).json();
    assert_eq!(account["D"]["Results"][0]["Id"], said["sub"]);
    assert_eq!(account["D"]["Results"][0]["Emails"][0]["Address"], "ada@example.com");
    let known = world.introspect(access);
    assert_eq!(known["active"], true);
    assert_eq!(known["username"], "cv.ada");

    let refreshed = world.refresh(&w, tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert_ne!(refreshed.json()["refresh_token"], tokens["refresh_token"]);
}

#[test]
fn whoever_allowed_an_application_before_is_not_asked_again() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    let answer = ada.opens(&w, &[]);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(answer.redirected("code").is_some());
}

#[test]
fn whoever_denies_sends_an_error_and_leaves_no_trace_but_the_audit() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let answer = ada.signs_in(&ada.opens(&w, &[]), PASSWORD);
    let consent = ada.get(answer.location());
    let before = world.rows();
    let answer = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "deny")]);
    answer.is_refused_to(&w, "access_denied", &world.issuer);
    world.audited_because("authz.denied", "denied");
    world.changed_nothing_since(&before, "a denial");
}

#[test]
fn a_key_of_its_own_gets_a_token_without_anybody_signing_in() {
    let world = World::new();
    let w = world.w();
    let answer = world.token(&w, &[("grant_type", "client_credentials")]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = answer.json();
    assert_eq!(token.get("refresh_token"), None);
    assert!(world.is_active(token["access_token"].as_str().unwrap()));
    world.my_account(token["access_token"].as_str().unwrap()).is_api_error(403, 1500);
}
