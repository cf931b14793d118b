//! The door of the developer portal.

use latchkey::base::Seconds;
use latchkey::base::id::DeveloperId;
use latchkey::http::developers::{Who, places};
use latchkey::store::developers;

use crate::http::account::at;
use crate::support::datamart::enters;
use crate::support::world::{PASSWORD, Person, World};

const COOKIE: &str = "__Host-latchkey_developer";

fn somewhere(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "999" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn ad_01_only_developers_enter_the_portal_and_only_activated_ones_where_they_build() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    world.verified(2, "nora@example.com");
    let (dora, nora) = (world.builder("dora@example.com"), world.builder("nora@example.com"));
    let anonymous = world.browser();
    let (ada, _) = at(&world, "cv.ada", "/account");
    let (staff, _) = at(&world, "cv.staff", "/account");
    let token = world.staff();
    let bearer = format!("Bearer {token}");
    let mut seen = 0;
    for place in places() {
        let path = somewhere(place.path);
        if place.get.is_some() {
            for person in [&anonymous, &ada, &staff] {
                assert!(person.get(&path).body.contains("id=\"sign-in\""), "{} {path}", person.login);
            }
            assert!(anonymous.get_with(&path, &[("authorization", &bearer)]).body.contains("id=\"sign-in\""), "ad_02: {path}");
            assert!(matches!(dora.get(&path).status, 200 | 404 | 303), "{path}");
            assert_eq!(nora.get(&path).status == 403, place.whose == Who::Activated, "{path}");
            seen += 1;
        }
        if place.post.is_some() {
            let before = world.rows();
            for person in [&anonymous, &ada, &staff] {
                assert!(person.post(&path, &[("current_password", PASSWORD)]).body.contains("id=\"sign-in\""), "{path}");
            }
            if place.whose == Who::Activated {
                assert_eq!(nora.post(&path, &[("current_password", PASSWORD)]).status, 403, "{path}");
            }
            for headers in [&[("origin", "https://evil.example")] as &[_], &[], &[("sec-fetch-site", "cross-site")]] {
                assert_eq!(dora.post_with(&path, headers, &[("current_password", PASSWORD)]).status, 403, "ad_03: {path}");
            }
            world.changed_nothing_since(&before, &path);
            seen += 1;
        }
    }
    assert!(seen >= 2);
}

#[test]
fn the_address_that_older_guides_name_leads_developers_to_their_sign_in() {
    let world = World::new();
    let there = world.get("/ticket");
    assert_eq!((there.status, there.location()), (303, "/developers"));
    assert!(world.get(there.location()).body.contains("action=\"/developers/sign-in\""));
}

#[test]
fn a_developers_session_opens_no_accounts_page_and_nothing_of_the_protocol() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let dora = world.builder("dora@example.com");
    assert!(dora.get("/developers").body.contains("Hello, Dora"));
    let value = dora.cookie(COOKIE).unwrap();
    assert!(dora.get("/account").body.contains("MLS login name"));
    assert!(dora.opens(&world.w(), &[]).body.contains("MLS login name"));
    // Nor where the cookie is renamed: the tables are two.
    dora.set_cookie("__Host-latchkey_session", &value);
    assert!(dora.get("/account").body.contains("MLS login name"));
    let (ada, _) = at(&world, "cv.ada", "/account");
    let session = ada.cookie("__Host-latchkey_session").unwrap();
    ada.set_cookie(COOKIE, &session);
    assert!(ada.get("/developers").body.contains("name=\"email\""));
}

#[test]
fn lg_05_known_unknown_refused_and_disabled_developers_fail_alike() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    world.activated(2, "dan@example.com");
    world.verified(3, "rita@example.com");
    world.change(|conn| {
        developers::set_enabled(conn, DeveloperId(2), false, crate::support::world::BEGIN)?;
        developers::refuse(conn, DeveloperId(3), "test", "no", crate::support::world::BEGIN)
    });
    let tries =
        [("dora@example.com", "not it"), ("nobody@example.com", PASSWORD), ("dan@example.com", PASSWORD), ("rita@example.com", PASSWORD)];
    let answers = tries.map(|(email, password)| {
        let person = world.agent(email);
        let answer = enters(&person, password);
        assert!(person.cookie(COOKIE).is_none());
        (answer.status, answer.body.replace(email, "").split("name=\"flow\"").next().unwrap().to_owned())
    });
    assert_eq!(answers[0].0, 422);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    // Capital letters are the same address.
    let dora = world.agent("DORA@Example.com");
    assert_eq!(enters(&dora, PASSWORD).status, 303);
}

#[test]
fn lg_01_guesses_at_a_developer_are_counted() {
    let world = World::with(&[("sign_ins_per_minute", "0")]);
    world.activated(1, "dora@example.com");
    let dora = world.agent("dora@example.com");
    for _ in 0..5 {
        assert_eq!(enters(&dora, "not it").status, 422);
    }
    let answer = enters(&dora, PASSWORD);
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    world.advance(Seconds::minutes(2));
    assert_eq!(enters(&dora, PASSWORD).status, 303);
}

#[test]
fn a_developers_session_ends_by_order_by_idleness_and_with_the_developer() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let signed_in = |person: &Person<'_>| person.get("/developers").body.contains("Hello, Dora");
    let (one, two, three) = (world.builder("dora@example.com"), world.builder("dora@example.com"), world.builder("dora@example.com"));
    let cookie = one.cookie(COOKIE).unwrap();
    assert!(one.post("/developers/sign-out", &[]).body.contains("id=\"signed-out\""));
    one.set_cookie(COOKIE, &cookie);
    assert!(!signed_in(&one) && signed_in(&two));
    world.advance(Seconds::minutes(61));
    assert!(!signed_in(&two));
    let four = world.builder("dora@example.com");
    assert!(signed_in(&four));
    world.advance(Seconds(1));
    let now = world.app.now();
    world.change(move |conn| developers::set_enabled(conn, DeveloperId(1), false, now));
    assert!(!signed_in(&four) && !signed_in(&three));
    world.change(move |conn| developers::set_enabled(conn, DeveloperId(1), true, now));
    assert!(!signed_in(&four), "switched on again, what was open stays closed");
}

#[test]
fn nothing_from_outside_chooses_where_a_developer_is_taken() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let dora = world.agent("dora@example.com");
    let page = dora.get("/developers/sign-in?to=https://evil.example&path=//evil.example");
    assert!(!page.body.contains("evil.example"));
    let other = world.browser();
    other.get("/developers/sign-in");
    for flow in [page.field("flow").as_str(), "x", ""] {
        let answer = other.post("/developers/sign-in", &[("flow", flow), ("email", "dora@example.com"), ("password", PASSWORD)]);
        assert_eq!(answer.status, 422);
        assert!(other.cookie(COOKIE).is_none());
    }
    let answer = dora.post("/developers/sign-in", &[("flow", &page.field("flow")), ("email", "dora@example.com"), ("password", PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/developers"));
    assert_eq!(dora.get("/developers/sign-in").location(), "/developers", "who is signed in need not do it again");
}
