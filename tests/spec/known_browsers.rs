//! Home buyers and developers, like agents, are locked out by no stranger; and nobody tells by a letter that is asked for who has an address.

use latchkey::base::{Digest, Seconds};

use crate::support::datamart::enters;
use crate::support::world::{PASSWORD, Person, World};

const CARLA: &str = "carla@example.com";
const DORA: &str = "dora@example.com";
const NEW: &str = "an entirely new one";

/// Nobody is counted by address, so that only the login is.
fn world() -> World {
    let world = World::with(&[("sign_ins_per_minute", "0")]);
    world.portal("cv.ada", "Ada's Homes");
    let carla = world.consumer(CARLA, "Carla Consumer");
    world.contact("cv.ada", CARLA, Some(&carla));
    world.activated(1, DORA);
    world
}

fn carla_tries(person: &Person<'_>, password: &str) -> u16 {
    let page = person.get("/my/sign-in");
    person.post("/my/sign-in", &[("flow", &page.field("flow")), ("username", CARLA), ("password", password)]).status
}

fn dora_tries(person: &Person<'_>, password: &str) -> u16 {
    person.set_cookie("__Host-latchkey_developer", "signed out");
    enters(person, password).status
}

#[test]
fn lg_13_a_home_buyer_who_is_attacked_for_an_hour_signs_in_at_once_in_her_own_browser() {
    let world = world();
    let (known, stranger) = (world.agent(CARLA), world.agent(CARLA));
    assert_eq!(carla_tries(&known, PASSWORD), 303);
    for _ in 0..60 {
        carla_tries(&stranger, "a wrong guess");
        world.advance(Seconds(60));
    }
    while carla_tries(&stranger, "a wrong guess") != 429 {}
    assert_eq!(carla_tries(&stranger, PASSWORD), 429);
    assert_eq!(carla_tries(&known, PASSWORD), 303);
    // Her browser's own guesses are counted too.
    let statuses: Vec<u16> = (0..6).map(|_| carla_tries(&known, "a wrong guess")).collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

#[test]
fn lg_13_a_developer_who_is_attacked_for_an_hour_signs_in_at_once_in_her_own_browser() {
    let world = world();
    let (known, stranger) = (world.agent(DORA), world.agent(DORA));
    assert_eq!(dora_tries(&known, PASSWORD), 303);
    for _ in 0..60 {
        dora_tries(&stranger, "a wrong guess");
        world.advance(Seconds(60));
    }
    while dora_tries(&stranger, "a wrong guess") != 429 {}
    assert_eq!(dora_tries(&stranger, PASSWORD), 429);
    assert_eq!(dora_tries(&known, PASSWORD), 303);
    // One class of people's browser is a stranger to another's login of the same name.
    assert_eq!(carla_tries(&known, "a wrong guess"), 422);
}

#[test]
fn lg_01_a_password_set_by_the_mailed_link_ends_the_waiting_that_strangers_caused() {
    let world = world();
    let stranger = world.agent(DORA);
    while dora_tries(&stranger, "a wrong guess") != 429 {}
    while carla_tries(&stranger, "a wrong guess") != 429 {}
    for (ask, address) in [("/developers/reset", DORA), ("/my/forgot", CARLA)] {
        let reader = world.agent(address);
        assert_eq!(reader.post(ask, &[("email", address)]).status, 200);
        let opened = reader.get(&world.link_to(address));
        assert_eq!(reader.post(opened.location(), &[("new_password", NEW), ("new_password_again", NEW)]).status, 303);
    }
    assert_eq!(dora_tries(&world.agent(DORA), NEW), 303);
    assert_eq!(carla_tries(&world.agent(CARLA), NEW), 303);
}

#[test]
fn pw_15_asking_for_a_letter_to_an_address_nobody_has_costs_a_write_as_well() {
    let world = world();
    // Two addresses, so that the line of one door never passes for that of the other.
    for (ask, address, key) in
        [("/developers/reset", "nobody@example.com", "nobody@example.com"), ("/my/forgot", "No.One@Example.com", "no.one@example.com")]
    {
        let before = world.rows();
        assert_eq!(world.browser().post(ask, &[("email", address)]).status, 200);
        let line = world.audited("reset.requested").unwrap();
        assert_eq!((line.outcome.as_str(), line.reason.as_deref()), ("refused", Some("address_unknown")), "{ask}");
        // Only its digest is kept: it may be anybody's.
        assert_eq!(line.subject, Some(format!("address:{}", Digest::of(key.as_bytes()).hex())));
        world.changed_nothing_since(&before, ask);
    }
}
