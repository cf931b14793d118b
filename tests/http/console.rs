//! What every console keeps to: who may enter where, and that one address has one spelling.

use latchkey::flows::console::enter::Area;
use latchkey::http::console::places;
use latchkey::http::door::Needs;

use crate::http::account::at;
use crate::support::world::World;

#[test]
fn ad_01_exactly_the_declared_people_pass_at_every_address() {
    let world = World::new();
    let anonymous = world.browser();
    let people = [("cv.ada", &[Area::Account] as &[Area]), ("cv.staff", &[Area::Account, Area::Mls])];
    let people = people.map(|(login, areas)| (at(&world, login, "/account").0, areas));
    let token = world.agent("cv.staff").grants(&world.w())["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let mut seen = 0;
    for place in places() {
        // A number nobody has: who may enter is told that there is nothing, who may not is told nothing of it.
        let path: String = place
            .path
            .split('/')
            .map(|part| if part.starts_with('{') { "/999" } else { part })
            .collect::<Vec<_>>()
            .join("/")
            .replace("//", "/");
        if place.get.is_some() {
            assert!(anonymous.get(&path).body.contains("id=\"sign-in\""), "{path}");
            assert!(
                anonymous.get_with(&path, &[("authorization", &bearer)]).body.contains("id=\"sign-in\""),
                "ad_02: a token opens {path}"
            );
            for (person, areas) in &people {
                let answer = person.get(&path);
                let passed = matches!(answer.status, 200 | 404);
                assert_eq!(passed, areas.contains(&place.whose), "{} GET {path}: {}", person.login, answer.status);
                assert_eq!(answer.status == 403, !areas.contains(&place.whose), "{} GET {path}", person.login);
                seen += 1;
            }
        }
        if let Some((needs, _)) = place.post {
            let before = world.rows();
            assert!(anonymous.post(&path, &[]).body.contains("id=\"sign-in\""), "{path}");
            assert!(anonymous.post(&path, &[("current_password", "x")]).body.contains("id=\"sign-in\""), "{path}");
            for (person, areas) in &people {
                if !areas.contains(&place.whose) {
                    let answer = person.post(&path, &[("current_password", crate::support::world::PASSWORD)]);
                    assert_eq!(answer.status, 403, "{} POST {path}", person.login);
                    seen += 1;
                }
            }
            world.changed_nothing_since(&before, &format!("who may not enter {path} ({needs:?})"));
        }
    }
    assert!(seen > 10);
}

#[test]
fn ad_07_what_changes_others_asks_for_a_password_given_lately() {
    let world = World::new();
    let (staff, _) = at(&world, "cv.staff", "/account");
    world.advance(latchkey::base::Seconds::minutes(5));
    for place in places().filter(|place| place.whose != Area::Admin) {
        let Some((needs, _)) = place.post else { continue };
        assert!(place.whose == Area::Account || needs == Needs::Recent, "{} changes others without a recent password", place.path);
        if needs == Needs::Recent {
            let path: String =
                place.path.split('/').map(|part| if part.starts_with('{') { "999" } else { part }).collect::<Vec<_>>().join("/");
            let before = world.rows();
            let answer = staff.post(&path, &[("reason", "kept <b>")]);
            assert_eq!(answer.status, 403, "{path}");
            assert!(
                answer.body.contains("id=\"confirm-form\"") && answer.body.contains("value=\"kept &#60;b&#62;\""),
                "what was typed is kept: {answer:?}"
            );
            world.changed_nothing_since(&before, &path);
        }
    }
}

#[test]
fn ad_04_an_address_has_one_spelling() {
    let world = World::new();
    let (staff, _) = at(&world, "cv.staff", "/account");
    for path in [
        "/ADMIN",
        "/Account",
        "//account",
        "/account;/x",
        "/%61ccount",
        "/x/..%2faccount",
        "/account%00",
        "/account.",
        "/account/",
        "/mls/",
    ] {
        let answer = staff.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[test]
fn ad_12_nothing_tells_of_the_machine() {
    let world = World::new();
    for path in ["/metrics", "/debug", "/debug/pprof", "/version", "/status", "/server-status", "/health", "/actuator", "/.env"] {
        assert_eq!(world.get(path).status, 404, "{path}");
    }
    assert!(world.get("/health/live").body.len() < 64 && world.get("/health/ready").body.len() < 64);
}
