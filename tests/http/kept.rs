//! What was typed when the session was over: it waits in its form until somebody signed in again.

use crate::http::account::at;
use crate::support::datamart::{idx, presses, wish};
use crate::support::world::{Answer, PASSWORD, Person, World};

const TOLD: &str = "You were signed out.</strong>";
const KEPT: &str = "Sign in to continue; what you typed is kept.";

/// Gives the session of a browser up, as when it is over.
fn over(person: &Person<'_>) {
    for name in ["__Host-latchkey_session", "__Host-latchkey_developer", "__Host-latchkey_consumer"] {
        person.set_cookie(name, "over");
    }
}

fn developer_signs_in(dora: &Person<'_>, page: &Answer, password: &str) -> Answer {
    dora.post("/developers/sign-in", &[("flow", &page.field("flow")), ("email", &dora.login), ("password", password)])
}

#[test]
fn a_developers_enrollment_is_filled_in_again_and_sent_by_its_own_button() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    over(&dora);
    let before = world.rows();
    let page = dora.post("/appstore/datamart/plans/11/enrol", &wish());
    assert!(page.status == 200 && page.body.contains(TOLD) && page.body.contains(KEPT), "{page:?}");
    assert!(!page.body.contains("A site for buyers"), "it travels sealed");
    world.changed_nothing_since(&before, "a form without a session");
    // A password mistyped in between loses nothing.
    let page = developer_signs_in(&dora, &page, "not it");
    assert_eq!(page.status, 422);
    let page = developer_signs_in(&dora, &page, PASSWORD);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("id=\"kept\"") && page.body.contains("Not sent yet."), "{page:?}");
    for typed in ["value=\"Front Porch\"", "A site for buyers.</textarea>", "value=\"cv.ada\"", "On our servers."] {
        assert!(page.body.contains(typed), "{typed} in {page:?}");
    }
    assert!(page.body.contains("id=\"audience-named\" name=\"audience\" value=\"named\" checked"), "{page:?}");
    // What stands there counts once it is sent, in the new session.
    let sent = presses(&dora, &page, "enrol-form", &wish().into_iter().filter(|(name, _)| *name != "version").collect::<Vec<_>>());
    assert_eq!(sent.status, 303, "{sent:?}");
}

#[test]
fn an_approvers_words_wait_on_the_page_they_were_typed_on() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let home = format!("/account/approvals/{id}");
    let (ada, _) = at(&world, "cv.ada", &home);
    over(&ada);
    let page = ada.post(&format!("{home}/decline"), &[("reason", "We know <them>\ntoo well.")]);
    assert!(page.body.contains(TOLD) && page.body.contains(KEPT), "{page:?}");
    let signed = ada.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", PASSWORD)]);
    assert_eq!(signed.status, 200, "{signed:?}");
    assert!(signed.body.contains("We know &#60;them&#62;\ntoo well.</textarea>"), "{signed:?}");
    assert!(world.standing(id).progress.state.is_open(), "nothing was sent by signing in");
    assert_eq!(presses(&ada, &signed, "decline-form", &[("reason", "We know them.")]).status, 303);
    assert!(!world.standing(id).progress.state.is_open());
}

#[test]
fn passwords_and_tokens_are_not_kept_and_neither_is_what_is_too_long() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let dora = world.builder("dora@example.com");
    over(&dora);
    let long = "x".repeat(50_000);
    for (path, fields) in [
        ("/developers/tokens", [("token", "lka_secret"), ("form_token", "x")]),
        ("/developers/security", [("current_password", PASSWORD), ("new_password", "a few words in a row")]),
        ("/developers/keys/new/site", [("name", &long), ("form_token", "x")]),
    ] {
        let page = dora.post(path, &fields);
        assert!(page.body.contains("id=\"sign-in\"") && !page.body.contains(KEPT), "{page:?}");
        let back = developer_signs_in(&dora, &page, PASSWORD);
        assert_eq!((back.status, back.location()), (303, path));
        over(&dora);
    }
    let buyer = world.agent("tom@home.example");
    let page = buyer.post("/my/password", &[("current_password", "a"), ("new_password", "b")]);
    assert!(page.body.contains("id=\"sign-in\"") && !page.body.contains(KEPT), "{page:?}");
}

#[test]
fn what_was_typed_belongs_to_the_browser_it_was_typed_in() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let dora = world.builder("dora@example.com");
    over(&dora);
    let page = dora.post("/developers/keys/new/site", &[("name", "Open House"), ("form_token", "x")]);
    assert!(page.body.contains(KEPT));
    let other = world.agent("dora@example.com");
    other.get("/developers");
    let answer = developer_signs_in(&other, &page, PASSWORD);
    assert!(answer.status == 422 && !answer.body.contains("Open House"), "{answer:?}");
    // Another site cannot have anything kept.
    let foreign = dora.post_with("/developers/keys/new/site", &[("origin", "https://evil.example")], &[("name", "Evil")]);
    assert_eq!(foreign.status, 403);
}
