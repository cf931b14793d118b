//! Guesses, look-alikes and what is asked at the doors of home buyers.

use std::thread;

use latchkey::base::Seconds;

use crate::support::consumers::newcomer;
use crate::support::world::{PASSWORD, Person, World};

const CARLA: &str = "carla@example.com";
const DOOR: &str = "/auth/vow/adashomes";

fn world_with(settings: &[(&str, &str)]) -> World {
    let world = World::with(settings);
    world.portal("cv.ada", "Ada's Homes");
    let carla = world.consumer(CARLA, "Carla Consumer");
    world.contact("cv.ada", CARLA, Some(&carla));
    world
}

fn tokens(world: &World, person: &Person<'_>) -> serde_json::Value {
    let code = person.approves_at(DOOR, &world.key("site"), &[("scope", "openid")]).redirected("code").unwrap();
    world.redeems(&world.key("site"), &code).json()
}

#[test]
fn lg_04_of_many_guesses_at_one_consumer_at_the_same_time_no_more_are_compared_than_are_free() {
    let world = world_with(&[("sign_ins_per_minute", "0"), ("workers", "4"), ("password_queue", "1000")]);
    let stranger = world.agent(CARLA);
    let page = stranger.enters_at(DOOR, &world.key("site"), &[]);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..10)
            .map(|lane| {
                let (stranger, page) = (&stranger, &page);
                scope.spawn(move || {
                    let one = |round: usize| stranger.signs_in_at(page, if (round, lane) == (5, 0) { PASSWORD } else { "wrong" }).status;
                    (0..10).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert_eq!(statuses.len(), 100);
    assert!(statuses.iter().all(|status| [422, 429, 503].contains(status)), "{statuses:?}");
    assert!((1..=6).contains(&statuses.iter().filter(|status| **status == 422).count()), "{statuses:?}");
    assert_eq!(stranger.cookie("__Host-latchkey_consumer"), None);
}

#[test]
fn lg_11_an_address_that_differs_only_in_spelling_is_no_second_login() {
    let world = world_with(&[("sign_ins_per_minute", "0")]);
    let site = world.key("site");
    for spelled in ["Carla@example.com", "CARLA@EXAMPLE.COM", "carla@Example.Com", " carla@example.com ", "\u{FF43}arla@example.com"] {
        let dan = world.browser();
        let flow = dan.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
        let mut typed = newcomer(spelled);
        typed.push(("flow", &flow));
        let answer = dan.post("/auth/consumer/sign-up", &typed);
        // The answer is that to a newcomer, or that this is no address; the owner alone is told that there is a login already.
        assert!(matches!(answer.status, 200 | 422), "{spelled}: {answer:?}");
        assert_eq!(dan.cookie("__Host-latchkey_consumer"), None, "{spelled}");
    }
    let one = world.app.db.read(|conn| {
        use diesel::prelude::*;
        use latchkey::store::schema::consumers;
        conn.all::<String>(consumers::table.select(consumers::email))
    });
    let alike = one.unwrap().into_iter().filter(|email| email.to_lowercase().contains("arla@")).collect::<Vec<_>>();
    assert_eq!(alike, [CARLA]);
    // The database refuses a second one by itself.
    let twice = world.app.db.write(|conn| {
        let kept = latchkey::store::consumers::by_email(conn, CARLA)?.unwrap();
        let other = latchkey::identity::consumer::Consumer {
            id: "20261128000000000000000001".parse().unwrap(),
            email: "CARLA@example.com".to_owned(),
            login_name: "another".to_owned(),
            ..kept.consumer
        };
        latchkey::store::consumers::add(conn, &other, &kept.hash, None, other.created_at)
    });
    assert!(twice.is_err());
    assert_eq!(
        world.app.db.read(|conn| latchkey::store::consumers::by_email(conn, "Carla@Example.com")).unwrap().unwrap().consumer.email,
        CARLA
    );
}

#[test]
fn lg_25_a_login_locked_by_guesses_is_refused_at_every_door_and_loses_nothing_it_has() {
    let world = world_with(&[("sign_ins_per_minute", "0")]);
    let (site, carla, stranger) = (world.key("site"), world.agent(CARLA), world.agent(CARLA));
    let held = tokens(&world, &carla);
    let page = stranger.enters_at(DOOR, &site, &[]);
    let guesses = (0..6).map(|_| stranger.signs_in_at(&page, "wrong").status).collect::<Vec<_>>();
    assert!(guesses.ends_with(&[429]), "{guesses:?}");
    for door in [DOOR, "/r/login/adashomes", "/auth/vow"] {
        let answer = stranger.signs_in_at(&stranger.enters_at(door, &site, &[]), PASSWORD);
        assert_eq!((answer.status, stranger.cookie("__Host-latchkey_consumer")), (429, None), "{door}");
    }
    let flow = stranger.get("/my/sign-in").field("flow");
    assert_eq!(stranger.post("/my/sign-in", &[("flow", &flow), ("username", CARLA), ("password", PASSWORD)]).status, 429);
    // Who is signed in stays so, and what was issued works on.
    assert!(carla.enters_at(DOOR, &site, &[("scope", "openid")]).redirected("code").is_some());
    assert!(world.is_active(held["access_token"].as_str().unwrap()));
    let refresh = held["refresh_token"].as_str().unwrap();
    assert_eq!(world.token(&site, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).status, 200);
    world.advance(Seconds::minutes(1));
    assert_eq!(stranger.signs_in_at(&stranger.enters_at(DOOR, &site, &[]), PASSWORD).status, 303);
}

#[test]
fn cn_04_what_a_second_tab_asks_changes_nothing_of_the_first() {
    let world = world_with(&[]);
    let (site, family, carla) = (world.key("site"), world.key("family"), world.agent(CARLA));
    tokens(&world, &carla);
    let first = carla.enters_at(DOOR, &site, &[("scope", "openid profile"), ("state", "one")]);
    let second = carla.enters_at(DOOR, &site, &[("scope", "openid email"), ("state", "two")]);
    let other = carla.enters_at(DOOR, &family, &[("state", "three")]);
    let allows = |page: &crate::support::world::Answer| {
        carla.walks_as_consumer(carla.post("/auth/consumer/consent", &[("flow", &page.field("flow")), ("decision", "allow")]), "")
    };
    let (one, three, two) = (allows(&first), allows(&other), allows(&second));
    for (answer, key, state, scope, not) in
        [(one, &site, "one", "profile", "email"), (two, &site, "two", "email", "profile"), (three, &family, "three", "", "email")]
    {
        assert!(answer.location().starts_with(&key.redirect_uri), "{answer:?}");
        assert_eq!(answer.redirected("state").as_deref(), Some(state));
        let told = world.redeems(key, &answer.redirected("code").unwrap()).json()["scope"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains(scope) && !told.contains(not), "{state}: {told}");
    }
}

#[test]
fn cn_06_consent_names_the_site_its_home_the_agent_the_permissions_the_role_and_how_long() {
    let world = world_with(&[]);
    for (name, verified) in [("site", false), ("site", true)] {
        let (site, carla) = (world.key(name), world.agent(CARLA));
        world.change_policy(&site, |policy| policy.verified = verified);
        let signed_in = carla.signs_in_at(&carla.enters_at(DOOR, &site, &[("scope", "openid profile email")]), PASSWORD);
        let page = carla.get(signed_in.location());
        let facts = ["Application site", "Ada Agent", "Carla Consumer", CARLA, "site.example", "365 days", "24 hours"];
        for said in facts {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        for id in ["permissions", "role", "lifetime", "redirect-host", "consent-deny", "consent-allow", "not-you"] {
            assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}: {}", page.body);
        }
        assert_eq!(page.body.contains("id=\"client-verified\""), verified, "{}", page.body);
        assert_eq!(page.body.contains("id=\"client-unverified\""), !verified, "{}", page.body);
    }
}
