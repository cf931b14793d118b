//! Registering as a developer, and the links of letters.

use latchkey::base::Seconds;
use latchkey::store::developers;

use crate::http::account::at;
use crate::support::datamart::{enters, follows, presses};
use crate::support::world::{Answer, BEGIN, PASSWORD, Person, World};

const NEW: &str = "four words in a row";

fn form(email: &str) -> Vec<(&str, &str)> {
    vec![
        ("first_name", "Dora"),
        ("last_name", "Developer"),
        ("company", "Builders Ltd."),
        ("email", email),
        ("website", "https://builders.example/"),
        ("phone", "+1 509 555 0100"),
        ("building", "A site that shows listings."),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("accept", "1"),
    ]
}

fn registers(person: &Person<'_>, email: &str) -> Answer {
    let answer = person.post("/register/developers", &form(email));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.contains("Check your e-mail"), "{answer:?}");
    answer
}

/// Somebody whose address is verified by the letter.
fn verified(world: &World, email: &str) {
    let person = world.browser();
    registers(&person, email);
    let page = follows(&person, &world.link_to(email));
    let answer = presses(&person, &page, "verify-form", &[("password", PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/developers/sign-in?said=address-confirmed"));
}

#[test]
fn from_the_form_to_a_token_that_opens_sample_data() {
    let world = World::new();
    world.makes_platform_staff("cv.staff");
    verified(&world, "dora@example.com");
    let dora = world.builder("dora@example.com");
    let page = dora.get("/developers");
    assert!(page.body.contains("id=\"waiting\"") && !page.body.contains("id=\"demo-key\""), "{page:?}");
    assert_eq!(dora.get("/appstore/datamart").status, 403);

    // The staff is told by letter, with the way to the page.
    let (subject, text) = world.letters_to("sam@example.com").pop().unwrap();
    assert_eq!(subject, "A developer registered");
    assert!(text.contains(&format!("{}/admin/registrations/", world.issuer)) && text.contains("Dora Developer"), "{text}");
    let (staff, queue) = at(&world, "cv.staff", "/admin/registrations");
    assert!(queue.body.contains("Dora Developer") && queue.body.contains("0 of 3 business days"), "{queue:?}");
    let path = queue.body.split("href=\"/admin/registrations/").nth(1).unwrap().split('"').next().unwrap();
    let page = staff.get(&format!("/admin/registrations/{path}"));
    assert!(page.body.contains("A site that shows listings."));
    assert_eq!(presses(&staff, &page, "activate-form", &[]).status, 303);
    assert_eq!(staff.post(&format!("/admin/registrations/{path}/activate"), &[]).status, 409, "nobody is activated twice");

    let (subject, text) = world.letters_to("dora@example.com").pop().unwrap();
    assert_eq!(subject, "You are activated: start building");
    assert!(!text.contains("lkp_") && !text.contains("lks_"), "no secret travels by mail: {text}");
    let page = follows(&dora, &world.link_to("dora@example.com"));
    assert!(page.body.contains("id=\"show-form\"") && !page.body.contains("lkp_"), "{page:?}");
    let shown = presses(&dora, &page, "show-form", &[]);
    assert_eq!((shown.status, shown.header("cache-control")), (200, Some("no-store")));
    let token = shown.body.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(token.starts_with("lkp_"));
    let me = world.my_account(&token);
    assert_eq!(me.status, 200, "{me:?}");
    assert!(me.body.contains("(sample)"), "{me:?}");
    assert!(!world.rows().mention(&token), "only its digest is kept");
    // Shown once; another link makes another token, and the one before is over.
    assert_eq!(presses(&dora, &page, "show-form", &[]).status, 410);
    assert_eq!(dora.post("/developers/credentials/again", &[]).location(), "/developers?said=link-sent");
    let page = follows(&dora, &world.link_to("dora@example.com"));
    let second = presses(&dora, &page, "show-form", &[]);
    let second = second.body.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!((world.my_account(&token).status, world.my_account(&second).status), (401, 200));
    assert_eq!(world.audited("developer.activated").unwrap().outcome, "ok");
}

#[test]
fn a_refused_registration_is_told_why_and_opens_nothing() {
    let world = World::new();
    world.makes_platform_staff("cv.staff");
    let id = world.verified(5, "rita@example.com");
    let rita = world.builder("rita@example.com");
    let (staff, page) = at(&world, "cv.staff", "/admin/registrations/5");
    let again = presses(&staff, &page, "refuse-form", &[("reason", " ")]);
    assert_eq!(again.status, 422);
    assert!(again.body.contains("reason-problem"), "{again:?}");
    assert_eq!(presses(&staff, &page, "refuse-form", &[("reason", "The website shows nothing.")]).status, 303);
    let (_, text) = world.letters_to("rita@example.com").pop().unwrap();
    assert!(text.contains("The website shows nothing."), "{text}");
    assert!(rita.get("/developers").body.contains("id=\"sign-in\""), "her session is over");
    let (developer, _) = world.app.db.read(move |conn| developers::get(conn, id)).unwrap().unwrap();
    assert_eq!(developer.state.name(), "refused");
    assert_eq!(presses(&staff, &page, "activate-form", &[]).status, 409);
}

#[test]
fn ad_05_staff_of_an_mls_alone_lets_nobody_in() {
    let world = World::new();
    world.verified(5, "rita@example.com");
    let (staff, _) = at(&world, "cv.staff", "/account");
    let before = world.rows();
    assert_eq!(staff.get("/admin/registrations/5").status, 403);
    assert_eq!(staff.post("/admin/registrations/5/activate", &[]).status, 403);
    world.changed_nothing_since(&before, "activation by staff of an MLS");
}

#[test]
fn the_queue_shows_age_in_business_days_against_the_promise() {
    let world = World::new();
    world.makes_platform_staff("cv.staff");
    world.verified(5, "rita@example.com");
    // Wednesday to Wednesday.
    world.advance(Seconds::days(7));
    let (_, page) = at(&world, "cv.staff", "/admin/registrations");
    assert!(page.body.contains("5 of 3 business days") && page.body.contains("mark-bad"), "{page:?}");
}

#[test]
fn everything_wrong_is_told_beside_its_field_and_nothing_typed_is_lost_but_passwords() {
    let world = World::new();
    let person = world.browser();
    let before = world.rows();
    let answer =
        person.post("/register/developers", &[("first_name", "Dora <b>"), ("email", "a@example.com,b@example.com"), ("password", "short")]);
    assert_eq!(answer.status, 422);
    for field in ["last_name", "company", "email", "website", "phone", "building", "password", "terms"] {
        assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{field}: {answer:?}");
    }
    assert!(answer.body.contains("Dora &#60;b&#62;") && !answer.body.contains("short\""), "{answer:?}");
    world.changed_nothing_since(&before, "a refused registration");
}

#[test]
fn pw_02_a_list_of_addresses_gets_no_letter() {
    let world = World::new();
    let person = world.browser();
    for email in
        ["a@example.com,b@example.com", "a@example.com\r\nBcc: eve@example.com", "Eve <eve@example.com>", "a@example.com;b@example.com"]
    {
        assert_eq!(person.post("/register/developers", &form(email)).status, 422, "{email}");
        assert_eq!(person.post("/developers/reset", &[("email", email)]).status, 422, "{email}");
    }
    let twice = person.post("/developers/reset", &[("email", "a@example.com"), ("email", "b@example.com")]);
    assert_eq!(twice.status, 422);
    assert!(world.letters_to("a@example.com").is_empty() && world.letters_to("b@example.com").is_empty());
}

#[test]
fn pw_01_links_come_from_the_configuration_whatever_the_request_says() {
    let world = World::new();
    let person = world.browser();
    let origin = world.issuer.clone();
    let evil = [
        ("origin", origin.as_str()),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-proto", "http"),
    ];
    assert_eq!(person.post_with("/register/developers", &evil, &form("dora@example.com")).status, 200);
    let (_, text) = world.letters_to("dora@example.com").pop().unwrap();
    assert!(!text.contains("evil.example") && text.contains(&format!("{}/register/developers/verify/lkl_", world.issuer)), "{text}");
}

#[test]
fn pw_05_a_scanner_that_opens_every_link_changes_nothing() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let person = world.agent("dora@example.com");
    person.post("/developers/reset", &[("email", "dora@example.com")]);
    registers(&world.browser(), "nora@example.com");
    let links = [world.link_to("dora@example.com"), world.link_to("nora@example.com")];
    let before = world.rows();
    for link in &links {
        for n in 0..10 {
            let scanner = world.browser();
            let headers = [("purpose", "prefetch"), ("sec-purpose", "prefetch"), ("user-agent", "Scanner/1.0")];
            let answer = scanner.get_with(link, &headers);
            assert_eq!(answer.status, 303, "{answer:?}");
            if n % 2 == 0 {
                assert_eq!(world.request("HEAD", link, &[], None).status, 303);
            }
            assert_eq!(scanner.get(answer.location()).status, 200);
        }
    }
    world.changed_nothing_since(&before, "a scanner");
    let page = follows(&person, &links[0]);
    let done = presses(&person, &page, "set-form", &[("new_password", NEW), ("new_password_again", NEW)]);
    assert_eq!(done.status, 303, "{done:?}");
}

#[test]
fn pw_11_the_secret_leaves_the_address_bar_at_once_and_opens_in_that_browser_alone() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let person = world.browser();
    person.post("/developers/reset", &[("email", "dora@example.com")]);
    let link = world.link_to("dora@example.com");
    let secret = link.rsplit('/').next().unwrap().to_owned();
    let answer = person.get(&link);
    assert!(!answer.location().contains(&secret) && answer.body.is_empty());
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(person.get(answer.location()).status, 200);
    let other = world.browser();
    other.get("/developers/sign-in");
    assert_eq!(other.get(answer.location()).status, 410, "the address is of no use elsewhere");
    // In the letter, until it is sent; afterwards its digest alone is kept.
    world.change(|conn| conn.execute(diesel::delete(latchkey::store::schema::outbox::table)));
    assert!(!world.rows().mention(&secret));
}

#[test]
fn pw_03_and_pw_04_a_link_works_once_in_its_time_and_only_the_newest() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let person = world.browser();
    let asks = || person.post("/developers/reset", &[("email", "dora@example.com")]);
    asks();
    let old = world.link_to("dora@example.com");
    let page = follows(&person, &old);
    world.advance(Seconds(1));
    asks();
    let new = world.link_to("dora@example.com");
    assert_eq!(person.get(&old).status, 410, "a newer one was sent");
    let typed = [("new_password", NEW), ("new_password_again", NEW)];
    assert_eq!(presses(&person, &page, "set-form", &typed).status, 410, "the page it opened before is over too");
    world.advance(Seconds(30 * 60 - 1));
    let page = follows(&person, &new);
    assert_eq!(page.status, 200, "a second before its end");
    world.advance(Seconds(1));
    assert_eq!(person.get(&new).status, 410, "at its end");
    assert_eq!(presses(&person, &page, "set-form", &typed).status, 410);
    asks();
    let third = world.link_to("dora@example.com");
    let page = follows(&person, &third);
    let short = presses(&person, &page, "set-form", &[("new_password", "short"), ("new_password_again", "short")]);
    assert_eq!(short.status, 422);
    let differs = presses(&person, &page, "set-form", &[("new_password", NEW), ("new_password_again", "another one")]);
    assert_eq!(differs.status, 422);
    assert_eq!(presses(&person, &page, "set-form", &typed).status, 303);
    assert_eq!((person.get(&third).status, presses(&person, &page, "set-form", &typed).status), (410, 410));
}

#[test]
fn pw_14_a_reset_ends_every_session_signs_nobody_in_and_is_told() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let before = world.builder("dora@example.com");
    world.advance(Seconds(5));
    let person = world.agent("dora@example.com");
    person.post("/developers/reset", &[("email", "dora@example.com")]);
    let page = follows(&person, &world.link_to("dora@example.com"));
    presses(&person, &page, "set-form", &[("new_password", NEW), ("new_password_again", NEW)]);
    assert!(before.get("/developers").body.contains("id=\"sign-in\""));
    assert!(person.get("/developers").body.contains("id=\"sign-in\""), "nobody is signed in by it");
    assert_eq!(enters(&person, PASSWORD).status, 422);
    assert_eq!(enters(&person, NEW).status, 303);
    assert_eq!(world.letters_to("dora@example.com").pop().unwrap().0, "Your password was changed");
    assert_eq!(world.audited("reset.done").unwrap().subject.as_deref(), Some("developer:1"));
}

#[test]
fn pw_13_and_pw_19_a_link_of_one_kind_is_none_of_another() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let person = world.builder("dora@example.com");
    person.post("/developers/reset", &[("email", "dora@example.com")]);
    let link = world.link_to("dora@example.com");
    let secret = link.rsplit('/').next().unwrap();
    let (ada, _) = at(&world, "cv.ada", "/account");
    let before = world.rows();
    for path in ["/register/developers/verify", "/approvals", "/developers/credentials"] {
        let answer = person.get(&format!("{path}/{secret}"));
        assert_eq!(answer.status, 410, "{path}");
        answer.is_page(410);
    }
    // Nor does the page behind one serve another.
    let flow = person.get(&link).location().rsplit('/').next().unwrap().to_owned();
    assert_eq!(person.get(&format!("/register/developers/verify/letter/{flow}")).status, 410);
    assert_eq!(person.get(&format!("/developers/credentials/letter/{flow}")).status, 404);
    assert_eq!(ada.get(&format!("/account/approvals/letter/{flow}")).status, 404);
    for odd in ["null", "lkl_", "x", &secret[..40], &format!("{secret}a"), &secret.to_uppercase()] {
        assert_eq!(person.get(&format!("/developers/reset/{odd}")).status, 410, "{odd}");
    }
    world.changed_nothing_since(&before, "links of the wrong kind");
}

#[test]
fn pw_12_guesses_at_links_find_nothing_and_are_limited() {
    let world = World::with(&[("client_failures", "20")]);
    let mut answers: Vec<u16> = (0..60).map(|n| world.get(&format!("/approvals/lkl_{n:a>52}")).status).collect();
    assert!(answers.iter().all(|status| matches!(status, 410 | 429)), "{answers:?}");
    answers.dedup();
    assert_eq!(answers, [410, 429]);
}

#[test]
fn pw_15_whoever_registers_with_somebody_elses_address_gains_nothing() {
    let world = World::new();
    let eve = world.browser();
    registers(&eve, "victim@example.com");
    let eves = world.link_to("victim@example.com");
    // The victim opens the letter out of curiosity: without Eve's password nothing comes of it.
    let victim = world.agent("victim@example.com");
    let page = follows(&victim, &eves);
    let answer = presses(&victim, &page, "verify-form", &[("password", "what the victim uses")]);
    assert_eq!(answer.status, 422, "{answer:?}");
    // He registers himself and proves it; what Eve began is over.
    let mut own = form("victim@example.com");
    own.iter_mut().filter(|(name, _)| name.starts_with("password")).for_each(|(_, value)| *value = NEW);
    victim.post("/register/developers", &own);
    let page = follows(&victim, &world.link_to("victim@example.com"));
    assert_eq!(presses(&victim, &page, "verify-form", &[("password", NEW)]).status, 303);
    assert_eq!(eve.get(&eves).status, 303, "the link itself is known still");
    let page = follows(&eve, &eves);
    assert_eq!(page.status, 410, "{page:?}");
    assert_eq!(enters(&world.agent("victim@example.com"), PASSWORD).status, 422);
    assert_eq!(enters(&victim, NEW).status, 303);
}

#[test]
fn pw_16_nobody_is_flooded_with_letters_and_nothing_tells_known_from_unknown() {
    let world = World::with(&[("sign_ins_per_minute", "0")]);
    world.activated(1, "dora@example.com");
    let person = world.browser();
    let pages: Vec<String> = ["dora@example.com", "nobody@example.com"]
        .map(|email| {
            let answers: Vec<Answer> = (0..10).map(|_| person.post("/developers/reset", &[("email", email)])).collect();
            assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
            answers[0].body.replace(email, "")
        })
        .to_vec();
    assert_eq!(pages[0], pages[1]);
    assert_eq!(world.letters_to("dora@example.com").len(), 3);
    for _ in 0..10 {
        registers(&person, "new@example.com");
    }
    assert_eq!(world.letters_to("new@example.com").len(), 3);
    // Who is registered already reads so in the letter and nowhere else.
    world.advance(Seconds::hours(2));
    registers(&person, "dora@example.com");
    assert_eq!(world.letters_to("dora@example.com").pop().unwrap().0, "You are registered already");
}

#[test]
fn pw_16_one_address_cannot_ask_for_thousands() {
    let world = World::new();
    let person = world.browser();
    let answers: Vec<u16> = (0..30).map(|n| person.post("/developers/reset", &[("email", &format!("a{n}@example.com"))]).status).collect();
    assert!(answers.contains(&429), "{answers:?}");
}

#[test]
fn lg_01_guesses_at_the_password_of_a_registration_are_counted() {
    let world = World::new();
    let person = world.browser();
    registers(&person, "dora@example.com");
    let page = follows(&person, &world.link_to("dora@example.com"));
    for _ in 0..5 {
        assert_eq!(presses(&person, &page, "verify-form", &[("password", "not it")]).status, 422);
    }
    assert_eq!(presses(&person, &page, "verify-form", &[("password", PASSWORD)]).status, 429);
    world.advance(Seconds::minutes(2));
    assert_eq!(presses(&person, &page, "verify-form", &[("password", PASSWORD)]).status, 303);
}

#[test]
fn pw_24_a_registration_nobody_verified_in_a_day_is_over() {
    let world = World::new();
    let person = world.browser();
    registers(&person, "dora@example.com");
    let link = world.link_to("dora@example.com");
    world.advance(Seconds::hours(24));
    assert_eq!(person.get(&link).status, 410);
    latchkey::flows::datamart::due::run(&world.app).unwrap();
    let left = world
        .app
        .db
        .read(|conn| developers::page(conn, latchkey::platform::registration::State::Expired, "", latchkey::base::id::DeveloperId(0), 9))
        .unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].submitted_at == BEGIN);
}

#[test]
fn pw_22_no_password_is_set_without_the_mailed_link() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    let dora = world.builder("dora@example.com");
    let before = world.rows();
    for flow in ["x", "eyJwdXJwb3NlIjoiUmVzZXQifQ", &"a".repeat(120)] {
        let path = format!("/developers/reset/letter/{flow}");
        assert_eq!(dora.get(&path).status, 410);
        assert_eq!(dora.post(&path, &[("new_password", NEW), ("new_password_again", NEW)]).status, 410);
    }
    world.changed_nothing_since(&before, "made-up links");
}
