//! People's own pages.

use latchkey::base::Seconds;

use crate::support::world::{Answer, PASSWORD, Person, World};

const NEW: &str = "a new and longer password";

/// A person signed in at `path`, and the page there.
pub fn at<'w>(world: &'w World, login: &str, path: &str) -> (Person<'w>, Answer) {
    let person = world.agent(login);
    let page = enters(&person, path, PASSWORD);
    (person, page)
}

/// Opens `path`, signing in where asked.
pub fn enters(person: &Person<'_>, path: &str, password: &str) -> Answer {
    let page = person.get(path);
    assert!(page.body.contains("id=\"sign-in\""), "{page:?}");
    let answer = person.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", &person.login), ("password", password)]);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.location(), path);
    person.get(answer.location())
}

#[test]
fn whoever_is_not_signed_in_signs_in_and_is_taken_where_they_wanted_to_go() {
    let world = World::new();
    let (ada, page) = at(&world, "cv.ada", "/account/sessions");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<h1>Sessions</h1>") && page.body.contains("This browser"));
    assert!(page.body.contains("Cascade Valley MLS") && page.body.contains("id=\"signed-in-as\">Ada Agent"));
    assert_eq!(ada.get("/account").status, 200);
}

#[test]
fn no_link_chooses_where_somebody_is_taken_after_signing_in() {
    let world = World::new();
    let ada = world.agent("cv.ada");
    let page = ada.get("/account?to=https://evil.example/&return=//evil.example&path=/x");
    let flow = page.field("flow");
    assert!(!page.body.contains("evil.example"));
    // A flow of another browser, or made up, leads to the sign-in page again and signs nobody in.
    let ben = world.agent("cv.ben");
    ben.get("/account");
    for flow in [flow.as_str(), "", "eyJwYXRoIjoiLy9ldmlsIn0"] {
        let answer = ben.post("/account/sign-in", &[("flow", flow), ("username", "cv.ben"), ("password", PASSWORD)]);
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(ben.cookie("__Host-latchkey_session").is_none());
    }
    let answer = ada.post("/account/sign-in", &[("flow", &flow), ("username", "cv.ada"), ("password", PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/account"));
}

#[test]
fn a_wrong_password_is_told_in_place_and_nothing_tells_a_known_name_from_an_unknown_one() {
    let world = World::new();
    let tries = ["cv.ada", "nobody", "cv.gone"].map(|login| {
        let person = world.agent(login);
        let page = person.get("/account");
        let answer = person.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", "x"), ("password", "not it")]);
        (answer.status, answer.body.split("name=\"flow\"").next().unwrap().to_owned())
    });
    assert_eq!(tries[0].0, 422);
    assert!(tries.iter().all(|tried| *tried == tries[0]));
}

#[test]
fn ad_03_a_form_of_another_site_changes_nothing() {
    let world = World::new();
    let (ada, _) = at(&world, "cv.ada", "/account");
    let before = world.rows();
    for path in
        ["/account/sign-out", "/account/sessions/end-all", "/account/lock", "/account/security", "/account/applications/1/disconnect"]
    {
        for headers in [&[("origin", "https://evil.example")] as &[_], &[], &[("sec-fetch-site", "cross-site"), ("origin", "null")]] {
            assert_eq!(ada.post_with(path, headers, &[("current_password", PASSWORD)]).status, 403, "{path}");
        }
    }
    world.changed_nothing_since(&before, "cross-site forms");
}

#[test]
fn cn_08_and_rt_13_disconnecting_an_application_ends_everything_it_had_at_once() {
    let world = World::new();
    let w = world.w();
    let (ada, page) = at(&world, "cv.ada", "/account/applications");
    assert!(page.body.contains("No application acts for you"), "{page:?}");
    let tokens = ada.grants(&w);
    let ben = world.agent("cv.ben").grants(&w);
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert_eq!(world.my_account(access).status, 200);

    let page = ada.get("/account/applications");
    assert!(page.body.contains("Application w") && page.body.contains("See your e-mail address."), "{page:?}");
    let path = format!("/account/applications/{}/disconnect", w.id);
    assert!(ada.get(&path).body.contains("Disconnect Application w?"));
    assert_eq!(world.my_account(access).status, 200, "looking disconnects nothing");
    let done = ada.post(&path, &[]);
    assert_eq!(done.location(), "/account/applications?said=disconnected");
    assert!(ada.get(done.location()).body.contains("No application acts for you"));

    assert_eq!(world.my_account(access).status, 401);
    world.refresh(&w, refresh).is_token_error(400, "invalid_grant");
    assert!(!world.is_active(access));
    assert_eq!(world.my_account(ben["access_token"].as_str().unwrap()).status, 200, "someone else's stays");
    assert_eq!(world.audited("consent.revoked").unwrap().client.as_deref(), Some(w.client_id.as_str()));
    // It has to ask again.
    assert!(ada.opens(&w, &[]).body.contains("id=\"consent-allow\"") || ada.opens(&w, &[]).body.contains("continue-as"));
    assert_eq!(ada.post(&path, &[]).status, 404, "there is nothing to disconnect anymore");
}

#[test]
fn an_application_of_somebody_else_looks_like_none() {
    let world = World::new();
    world.agent("cv.ben").grants(&world.w());
    let (ada, _) = at(&world, "cv.ada", "/account");
    for key in [world.w().id.to_string(), "999999".to_owned(), "0".to_owned(), "-1".to_owned(), "x".to_owned(), "007".to_owned()] {
        let path = format!("/account/applications/{key}/disconnect");
        assert_eq!(ada.get(&path).status, 404, "{key}");
        assert_eq!(ada.post(&path, &[]).status, 404, "{key}");
    }
}

#[test]
fn a_personal_token_is_shown_as_a_standing_one_and_dies_with_the_connection() {
    use latchkey::base::id::PersonalTokenId;
    use latchkey::base::{Digest, Secret};
    let world = World::new();
    let w = world.w();
    let id = w.id;
    let secret = Secret::new("lkp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned());
    let digest = Digest::of(secret.expose().as_bytes());
    let account = "20261001000000000000000101".parse().unwrap();
    world.change(move |conn| {
        let token = latchkey::platform::personal_token::PersonalToken {
            id: PersonalTokenId(1),
            key_id: id,
            account_id: account,
            last_four: "aaaa".to_owned(),
            own_data: None,
            created_by: "operator".to_owned(),
            created_at: crate::support::world::BEGIN,
            last_used_on: None,
            revoked_at: None,
        };
        latchkey::store::personal_tokens::put(conn, &token, &digest, crate::support::world::BEGIN)
    });
    let (ada, page) = at(&world, "cv.ada", "/account/applications");
    assert!(page.body.contains("With a personal token"), "{page:?}");
    ada.post(&format!("/account/applications/{id}/disconnect"), &[]);
    let tokens = world.app.db.read(move |conn| latchkey::store::personal_tokens::of_key(conn, id, 10)).unwrap();
    assert!(tokens[0].revoked_at.is_some());
}

#[test]
fn cs_24_sessions_are_listed_and_ended_after_the_password_was_given_again() {
    let world = World::new();
    let (here, _) = at(&world, "cv.ada", "/account");
    let (there, _) = at(&world, "cv.ada", "/account");
    let (ben, _) = at(&world, "cv.ben", "/account");
    let page = here.get("/account/sessions");
    assert_eq!(page.body.matches("/end\"").count(), 1, "the other one can be ended, this one is signed out above");
    let path = page.body.split("action=\"").find(|rest| rest.contains("/end\"")).unwrap().split('"').next().unwrap().to_owned();

    world.advance(Seconds::minutes(6));
    let asked = here.post(&path, &[]);
    assert_eq!(asked.status, 403);
    assert!(asked.body.contains("id=\"current_password\"") && asked.body.contains(&format!("action=\"{path}\"")), "{asked:?}");
    assert_eq!(there.get("/account").status, 200);
    assert!(there.get("/account").body.contains("Hello, Ada"));
    let wrong = here.post(&path, &[("current_password", "not it")]);
    assert_eq!(wrong.status, 403);
    assert!(wrong.body.contains("That is not your password."));
    let before = here.cookie("__Host-latchkey_session");
    let done = here.post(&path, &[("current_password", PASSWORD)]);
    assert_eq!(done.location(), "/account/sessions?said=session-ended");
    assert_ne!(here.cookie("__Host-latchkey_session"), before, "the password was given again, so the session has a new secret");
    assert!(there.get("/account").body.contains("id=\"sign-in\""));
    assert!(here.get("/account").body.contains("Hello, Ada"));
    // Somebody else's session, and one that is over, look like none.
    assert_eq!(ben.post(&path, &[("current_password", PASSWORD)]).status, 404);
    assert_eq!(here.post(&path, &[]).status, 404);
}

#[test]
fn cs_23_logging_out_everywhere_ends_sessions_and_offline_tokens() {
    let world = World::new();
    let w = world.w();
    let (here, _) = at(&world, "cv.ada", "/account");
    let other = world.agent("cv.ada");
    let tokens = other.grants(&w);
    world.advance(Seconds(2));
    let left = here.post("/account/sessions/end-all", &[]);
    assert!(left.body.contains("id=\"signed-out\""), "{left:?}");
    assert!(here.cookie("__Host-latchkey_session").is_none());
    assert!(other.get("/account").body.contains("id=\"sign-in\""));
    assert_eq!(world.my_account(tokens["access_token"].as_str().unwrap()).status, 401);
    world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
}

#[test]
fn lg_18_and_cs_12_a_password_is_changed_only_with_the_current_one_and_ends_every_other_session() {
    let world = World::new();
    let (here, _) = at(&world, "cv.ada", "/account/security");
    let (there, _) = at(&world, "cv.ada", "/account");
    let fields = |current, new, again| [("current_password", current), ("new_password", new), ("new_password_again", again)];
    let before = world.rows();
    for (fields, sentence) in
        [(fields("", NEW, NEW), "Enter the password you have now."), (fields("not it", NEW, NEW), "That is not your password.")]
    {
        let answer = here.post("/account/security", &fields);
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.body.contains(sentence), "{answer:?}");
    }
    world.changed_nothing_since(&before, "a wrong current password");
    for (fields, sentence) in [
        (fields(PASSWORD, "short", "short"), "must have at least 8 characters"),
        (fields(PASSWORD, NEW, "something else"), "not the same as the field above"),
        (fields(PASSWORD, PASSWORD, PASSWORD), "the password you have now"),
        (fields(PASSWORD, "Cascade Valley MLS", "Cascade Valley MLS"), "name of the MLS"),
    ] {
        let answer = here.post("/account/security", &fields);
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.body.contains(sentence) && !answer.body.contains(&format!("value=\"{NEW}\"")), "{answer:?}");
        assert!(there.get("/account").body.contains("Hello, Ada"));
    }
    world.advance(Seconds(1));
    let done = here.post("/account/security", &fields(PASSWORD, NEW, NEW));
    assert_eq!(done.status, 303, "{done:?}");
    assert!(here.get(done.location()).body.contains("Password changed."));
    assert!(there.get("/account").body.contains("id=\"sign-in\""), "the other session is over");
    let again = world.agent("cv.ada");
    let page = again.get("/account");
    assert_eq!(
        again.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", PASSWORD)]).status,
        422
    );
    assert_eq!(enters(&again, "/account", NEW).status, 200);
    let letters = world.app.db.read(|conn| latchkey::store::outbox::newest(conn, 20)).unwrap();
    assert!(
        letters.iter().any(|letter| letter.recipient == "ada@example.com" && letter.subject.starts_with("Your password was changed")),
        "{letters:?}"
    );
    assert!(world.audited("password.changed").is_some());
}

#[test]
fn a_locked_account_lets_nobody_in_and_nothing_act() {
    let world = World::new();
    let (here, page) = at(&world, "cv.ada", "/account/lock");
    assert!(page.body.contains("Only Cascade Valley MLS can unlock it."), "{page:?}");
    let tokens = here.grants(&world.w());
    world.advance(Seconds(1));
    assert!(here.post("/account/lock", &[]).body.contains("id=\"signed-out\""));
    let access = tokens["access_token"].as_str().unwrap();
    assert!(world.my_account(access).status >= 400);
    let again = world.agent("cv.ada");
    let page = again.get("/account");
    assert_eq!(
        again.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", PASSWORD)]).status,
        422
    );
    assert!(world.audited("account.locked").is_some());
    // Switched on again by its MLS, what was issued before stays dead.
    let id = "20261001000000000000000101".parse().unwrap();
    world.change(move |conn| latchkey::store::accounts::set_active(conn, &id, true, crate::support::world::BEGIN));
    assert_eq!(world.my_account(access).status, 401);
}

#[test]
fn the_history_shows_failed_tries_too_and_goes_on_page_by_page() {
    let world = World::new();
    let stranger = world.agent("cv.ada");
    let page = stranger.get("/account");
    stranger.post("/account/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", "not it")]);
    let (ada, page) = at(&world, "cv.ada", "/account/history");
    assert!(page.body.contains("Sign-in failed") && page.body.contains("Signed in"), "{page:?}");
    let id: latchkey::base::id::AccountId = "20261001000000000000000101".parse().unwrap();
    world.change(move |conn| {
        for n in 1..=60 {
            let entry = latchkey::store::audit::Entry {
                id: n,
                at: n,
                event: "login.success".to_owned(),
                outcome: "ok".to_owned(),
                actor: Some(id.to_string()),
                times: 1,
                ..Default::default()
            };
            latchkey::store::audit::write(conn, &entry)?;
        }
        Ok(())
    });
    let mut seen = 0;
    let mut path = "/account/history".to_owned();
    for _ in 0..5 {
        let page = ada.get(&path);
        seen += page.body.matches("<tr role=\"row\"><td").count();
        let Some(next) = page.body.split("id=\"history-next\" href=\"").nth(1) else { break };
        path = next.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert!(seen >= 60 + 3, "{seen}");
    // Nothing of anybody else.
    assert!(!at(&world, "cv.ben", "/account/history").1.body.contains("wrong password"));
}

#[test]
fn signing_out_ends_the_session_on_the_server_too() {
    let world = World::new();
    let (ada, _) = at(&world, "cv.ada", "/account");
    let cookie = ada.cookie("__Host-latchkey_session").unwrap();
    assert!(ada.post("/account/sign-out", &[]).body.contains("id=\"signed-out\""));
    ada.set_cookie("__Host-latchkey_session", &cookie);
    assert!(ada.get("/account").body.contains("id=\"sign-in\""));
}
