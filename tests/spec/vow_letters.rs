//! Letters to home buyers and the links in them: who gets one, what it says, and when it works.

use latchkey::base::Seconds;
use latchkey::platform::contact::Facts;
use serde_json::json;

use crate::support::consumers::newcomer;
use crate::support::world::{Answer, PASSWORD, World};

const CARLA: &str = "carla@example.com";
const NEW: &str = "an entirely new one";

fn world() -> World {
    world_with(&[])
}

fn world_with(settings: &[(&str, &str)]) -> World {
    let world = World::with(settings);
    world.portal("cv.ada", "Ada's Homes");
    let carla = world.consumer(CARLA, "Carla Consumer");
    world.contact("cv.ada", CARLA, Some(&carla));
    world
}

fn forgets(world: &World, email: &str) -> Answer {
    world.browser().post("/my/forgot", &[("email", email)])
}

/// Sets the password by the page to which a link led.
fn sets(world: &World, page: &str) -> Answer {
    world.browser().post(page, &[("new_password", NEW), ("new_password_again", NEW)])
}

fn stored(world: &World) -> String {
    world.app.db.read(|conn| latchkey::store::consumers::by_email(conn, CARLA)).unwrap().unwrap().hash
}

#[test]
fn pw_02_two_addresses_in_one_field_get_no_letter_or_one_to_the_address_that_is_known() {
    let world = world();
    let evil = "evil@example.com";
    for email in [
        format!("{CARLA},{evil}"),
        format!("{CARLA};{evil}"),
        format!("{CARLA}\r\nBcc: {evil}"),
        format!("{CARLA} <{evil}>"),
        format!("\"{CARLA}\" <{evil}>"),
        format!("{CARLA} {evil}"),
    ] {
        assert_eq!(forgets(&world, &email).status, 422, "{email}");
    }
    let twice = world.browser().post("/my/forgot", &[("email", CARLA), ("email", evil)]);
    assert!(twice.status >= 400, "{twice:?}");
    assert!(world.letters_to(evil).is_empty() && world.letters_to(CARLA).is_empty());
}

#[test]
fn pw_04_a_link_works_until_its_time_is_over_and_not_a_second_longer() {
    for (waited, status) in [(1799, 303), (1800, 410)] {
        let world = world();
        forgets(&world, CARLA);
        let link = world.link_to(CARLA);
        world.advance(Seconds(waited));
        assert_eq!(world.browser().get(&link).status, status, "after {waited} seconds");
    }
    // Opened in time, but answered too late.
    let world = world();
    forgets(&world, CARLA);
    let (before, reader) = (stored(&world), world.browser());
    let opened = reader.get(&world.link_to(CARLA));
    world.advance(Seconds(1800));
    assert_eq!(reader.post(opened.location(), &[("new_password", NEW), ("new_password_again", NEW)]).status, 410);
    assert_eq!(stored(&world), before);
}

#[test]
fn pw_12_pw_19_guessed_and_broken_links_open_nothing_and_guessing_is_slowed_down() {
    let world = world_with(&[("client_failures", "30")]);
    forgets(&world, CARLA);
    let link = world.link_to(CARLA);
    let (_, secret) = link.rsplit_once('/').unwrap();
    let cut = &secret[..secret.len() - 1];
    let tail = if secret.ends_with('A') { "B" } else { "A" };
    for broken in ["%00", "null", "lkl_", "lkl_%00", "[]", "undefined", cut, &format!("{cut}{tail}"), &format!("{secret}%20")] {
        for door in ["/r/reset", "/r/verify", "/r/invitation"] {
            let answer = world.browser().get(&format!("{door}/{broken}"));
            assert!(matches!(answer.status, 400 | 404 | 410 | 429), "{door}/{broken}: {answer:?}");
        }
    }
    let mut throttled = false;
    for n in 0..200 {
        let answer = world.browser().get(&format!("/r/reset/lkl_{n:043}"));
        assert!(matches!(answer.status, 410 | 429), "{n}: {answer:?}");
        throttled |= answer.status == 429;
    }
    assert!(throttled);
    world.audited_because("link.rejected", "link_unknown");
}

#[test]
fn pw_13_pw_22_a_link_is_good_at_its_own_page_only_and_no_page_is_reached_without_one() {
    let world = world();
    let before = stored(&world);
    forgets(&world, CARLA);
    let link = world.link_to(CARLA);
    let secret = link.strip_prefix("/r/reset/").unwrap();
    for door in ["/r/verify", "/r/invitation", "/developers/reset"] {
        assert_eq!(world.browser().get(&format!("{door}/{secret}")).status, 410, "{door}");
    }
    let reader = world.browser();
    let opened = reader.get(&link).location().to_owned();
    let flow = opened.rsplit('/').next().unwrap();
    let typed = [("new_password", NEW), ("new_password_again", NEW), ("password", NEW), ("password_again", NEW)];
    // Another letter's page, another browser, what was sealed for another purpose, and nothing at all.
    for page in [format!("/r/verify/letter/{flow}"), format!("/r/invitation/letter/{flow}")] {
        assert_eq!(reader.post(&page, &typed).status, 410, "{page}");
    }
    assert_eq!(sets(&world, &opened).status, 410);
    let page = reader.get("/my/sign-in").field("flow");
    for page in [format!("/r/reset/letter/{page}"), "/r/reset/letter/x".to_owned(), "/r/reset/letter/".to_owned()] {
        let answer = reader.post(&page, &typed);
        assert!(matches!(answer.status, 404 | 405 | 410), "{page}: {answer:?}");
    }
    assert_eq!(stored(&world), before);
    assert_eq!(reader.post(&opened, &typed).status, 303);
    assert_ne!(stored(&world), before);
}

#[test]
fn pw_16_one_person_gets_three_letters_an_hour_and_one_address_asks_for_few_persons() {
    let world = world();
    let first = forgets(&world, CARLA);
    for _ in 0..9 {
        let answer = forgets(&world, CARLA);
        assert_eq!((answer.status, &answer.body), (first.status, &first.body));
    }
    assert_eq!(world.letters_to(CARLA).len(), 3);
    world.audited_because("reset.requested", "too_many_letters");
    // The newest link works, although more was asked for.
    assert_eq!(world.browser().get(&world.link_to(CARLA)).status, 303);
    world.advance(Seconds::hours(1));
    forgets(&world, CARLA);
    assert_eq!(world.letters_to(CARLA).len(), 4);

    let world = World::with(&[("sign_ins_per_minute", "5")]);
    let statuses: Vec<u16> = (0..8).map(|n| forgets(&world, &format!("person{n}@example.com")).status).collect();
    assert!(statuses.starts_with(&[200]) && statuses.ends_with(&[429]), "{statuses:?}");
}

#[test]
fn pw_17_no_api_proves_an_address_or_changes_it() {
    let world = world();
    let bond = world.bond("cv.ada", "dan@example.com");
    let token = world.tokens_by(&bond, &world.key("site"))["access_token"].as_str().unwrap().to_owned();
    for body in [
        json!({ "Email": "other@example.com" }),
        json!({ "EmailVerified": true }),
        json!({ "email_verified_at": 1 }),
        json!({ "LoginName": CARLA }),
        json!({ "Id": "1" }),
    ] {
        world.api(&token, "PUT", "/v1/consumers/me", Some(body)).is_api_error(400, 1053);
    }
    assert_eq!(world.api(&token, "GET", "/v1/consumers/me", None).result(200)["Email"], "dan@example.com");
}

#[test]
fn pw_18_what_strangers_and_agents_wrote_stands_in_letters_as_words_only() {
    let world = world();
    let (site, agent) = (world.key("site"), world.token_of("cv.ada", "w"));
    let written = "<a href=https://evil.example>Win</a> {{111111*111111}} https://evil.example/\r\nBcc: evil@example.com";
    let dan = world.agent("dan@example.com");
    let flow = dan.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
    let mut typed = newcomer("dan@example.com");
    typed.retain(|(name, _)| *name != "given_name");
    typed.extend([("given_name", written), ("flow", flow.as_str())]);
    dan.post("/auth/consumer/sign-up", &typed);
    let facts = Facts { display_name: written.to_owned(), ..Facts::default() };
    let asked = json!({ "DisplayName": facts.display_name, "PrimaryEmail": "eve@example.com", "Notify": true });
    let invited = world.api(&agent, "POST", "/v1/contacts", Some(asked));
    // What the rules for names refuse causes no letter; what they take is told without a link.
    let mut seen = 0;
    for address in ["dan@example.com", "eve@example.com"] {
        for (subject, text) in world.letters_to(address) {
            seen += 1;
            assert!(!subject.contains('\n') && !subject.contains('\r'), "{subject}");
            assert!(!text.contains("https://evil.example") && !text.contains("12345654321"), "{text}");
            assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
        }
    }
    assert!(seen > 0 || invited.status == 400, "{invited:?}");
    assert!(world.letters_to("evil@example.com").is_empty());
}

#[test]
fn cs_14_two_tabs_keep_their_own_requests_and_persons_do_not_mix() {
    let world = world();
    let (site, family) = (world.key("site"), world.key("family"));
    let dan = world.consumer("dan@example.com", "Dan");
    world.contact("cv.ada", "dan@example.com", Some(&dan));
    let (carla, dan) = (world.agent(CARLA), world.agent("dan@example.com"));
    let door = "/auth/vow/adashomes";
    let first = carla.enters_at(door, &site, &[("state", "one")]);
    let second = carla.enters_at(door, &family, &[("state", "two")]);
    let others = dan.enters_at(door, &site, &[("state", "three")]);
    let two = carla.walks_as_consumer(carla.signs_in_at(&second, PASSWORD), "");
    let three = dan.walks_as_consumer(dan.signs_in_at(&others, PASSWORD), "");
    let one = carla.walks_as_consumer(carla.signs_in_at(&first, PASSWORD), "");
    for (answer, key, state, email) in
        [(one, &site, "one", CARLA), (two, &family, "two", CARLA), (three, &site, "three", "dan@example.com")]
    {
        assert!(answer.location().starts_with(&key.redirect_uri), "{answer:?}");
        assert_eq!(answer.redirected("state").as_deref(), Some(state));
        let tokens = world.redeems(key, &answer.redirected("code").unwrap()).json();
        let token = tokens["access_token"].as_str().unwrap_or_else(|| panic!("{state}: {tokens}"));
        assert_eq!(world.api(token, "GET", "/v1/my/contact", None).result(200)["PrimaryEmail"], email);
    }
}

#[test]
fn pw_27_a_letter_that_proves_an_address_links_with_no_contact_that_has_another_one_by_now() {
    let world = world();
    let agent = world.token_of("cv.ada", "w");
    let made = world.api(&agent, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": "dan@example.com" }))).result(201);
    let contact = made["ResourceUri"].as_str().unwrap();
    world.api(&agent, "PUT", &format!("{contact}/portal"), Some(json!({ "Password": PASSWORD }))).result(200);
    let dan = world.agent("dan@example.com");
    let opened = dan.get(&world.link_to("dan@example.com"));
    // It was the wrong address: the contact is somebody else.
    world.api(&agent, "PUT", contact, Some(json!({ "PrimaryEmail": "eve@example.com", "HomeStreetAddress": "9 Eve Lane" }))).result(200);
    assert_eq!(dan.post(opened.location(), &[("password", PASSWORD)]).status, 303);
    let account = world.api(&agent, "GET", &format!("{contact}/portal"), None).result(200);
    assert_eq!(account["Identity"], json!({ "Connected": false, "Email": "eve@example.com" }));
    let ids = world.api(&agent, "GET", "/v1/contacts?_filter=PrimaryEmail%20Eq%20%27dan%40example.com%27", None).results(200);
    assert_eq!(ids.len(), 1, "he is a contact of his own: {ids:?}");
}
