//! What a developer, and who is asked, may cause in a day; and what goes on by itself however much of it there is.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::base::id::EnrolmentId;
use latchkey::flows::datamart::due;
use latchkey::platform::enrolment::State;
use latchkey::platform::plan::Offered;
use latchkey::store::enrolments;
use latchkey::store::schema::enrolments as rows;

use crate::http::account::at;
use crate::support::datamart::{enrols, follows, idx, presses, wish};
use crate::support::log;
use crate::support::world::{Answer, Person, World};

const DORA: &str = "dora@example.com";
const SAM: &str = "sam@example.com";
const PLAN: &str = "/appstore/datamart/plans/11/enrol";

/// A plan for everybody's data, and what Dora types for it.
fn generic(world: &World) -> Vec<(&'static str, &'static str)> {
    world.offers(11, latchkey::platform::plan::Content { offered: Offered::Generic, ..idx() });
    let mut wish = wish();
    wish.retain(|(name, _)| *name != "login" && *name != "audience");
    wish
}

fn withdraws(dora: &Person<'_>, id: i64) {
    log::keep();
    let answer = dora.post(&format!("/appstore/datamart/enrolments/{id}/withdraw"), &[]);
    assert_eq!(answer.status, 303, "{answer:?}\n{}", log::about(answer.header("x-request-id").unwrap_or_default()));
}

#[test]
fn pw_16_a_developer_causes_no_more_letters_by_enrolling_than_twenty_a_day() {
    let world = World::new();
    let dora = world.dora();
    let wish = generic(&world);
    for _ in 0..20 {
        withdraws(&dora, enrols(&dora, 11, &wish));
    }
    let letters = world.letters_to(SAM).len();
    let refused = dora.post(PLAN, &wish);
    assert!(refused.status == 422 && refused.body.contains("You have sent 20 enrollments today"), "{refused:?}");
    assert!(refused.body.contains("Front Porch"), "nothing typed is lost");
    assert_eq!(world.letters_to(SAM).len(), letters);
    world.advance(Seconds::days(1));
    enrols(&world.builder(DORA), 11, &wish);
}

#[test]
fn lg_03_a_developer_finds_out_no_more_login_names_than_forty_a_day_and_right_ones_reset_nothing() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let tries = |login: &'static str| -> Answer {
        let mut guess = wish();
        // The name is right or wrong, and there is always something else that is not.
        guess.iter_mut().filter(|(name, _)| *name == "login").for_each(|(_, value)| *value = login);
        dora.post(PLAN, &guess)
    };
    let id: i64 = tries("cv.ada").location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap();
    for n in 1..40 {
        let answer = tries(if n % 2 == 0 { "cv.ada" } else { "nobody" });
        assert_eq!(answer.status, 422);
        assert!(!answer.body.contains("limit of login names"), "{n}: {answer:?}");
    }
    for login in ["cv.ada", "nobody"] {
        assert!(tries(login).body.contains("limit of login names"), "a right one is not heard either");
    }
    withdraws(&dora, id);
    world.advance(Seconds::days(1));
    enrols(&world.builder(DORA), 11, &wish());
}

#[test]
fn pw_16_nobody_says_more_than_twenty_things_a_day_about_one_enrolment() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let page = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    let says = || presses(&dora, &page, "comment-form", &[("words", "Well?")]);
    for _ in 0..20 {
        assert_eq!(says().status, 303);
    }
    let letters = world.letters_to("ada@example.com").len();
    let refused = says();
    assert!(refused.status == 409 && refused.body.contains("limit of comments here"), "{refused:?}");
    assert_eq!(world.letters_to("ada@example.com").len(), letters);
    // Somebody else's words are his own.
    let (ada, seen) = at(&world, "cv.ada", &format!("/account/approvals/{id}"));
    assert_eq!(presses(&ada, &seen, "comment-form", &[("words", "Soon.")]).status, 303);
}

#[test]
fn pb_16_a_plan_that_ends_switches_its_keys_off_at_once_and_each_who_is_concerned_is_told_once() {
    let world = World::new();
    let dora = world.dora();
    let wish = generic(&world);
    let issued = enrols(&dora, 11, &wish);
    let (sam, page) = at(&world, "cv.staff", &format!("/account/approvals/{issued}"));
    assert_eq!(presses(&sam, &page, "approve-form", &[]).status, 303);
    let shown = presses(&dora, &follows(&dora, &world.link_to(DORA)), "show-form", &[]);
    let token = shown.body.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    world.activated(2, "eve@example.com");
    let eve = world.builder("eve@example.com");
    let account = [("legal_name", "Eve"), ("billing_address", "2 Main St"), ("email", "eve@example.com")];
    assert_eq!(eve.post("/appstore/datamart/payment", &account).status, 303);
    let open = enrols(&eve, 11, &wish);

    let ask = sam.get("/mls/plans/11/end");
    let before = world.letters_to(DORA).len();
    assert_eq!(presses(&sam, &ask, "end-form", &[]).status, 303);
    world.my_account(&token).is_api_error(401, 1010);
    assert_eq!((world.letters_to(DORA).len(), world.standing(open).progress.state.is_open()), (before, true), "letters come by themselves");
    // Whoever answers in between finds it ended.
    let page = sam.get(&format!("/account/approvals/{open}"));
    assert_eq!(presses(&sam, &page, "approve-form", &[]).status, 409);
    for _ in 0..2 {
        due::run(&world.app).unwrap();
    }
    assert_eq!(world.standing(open).progress.state, State::Declined);
    let told: Vec<String> = world.letters_to(DORA).into_iter().skip(before).map(|(subject, _)| subject).collect();
    assert_eq!(told, ["A plan was ended: your key is switched off"]);
    let line = world.audited("key.disabled").unwrap();
    assert_eq!((line.reason.as_deref(), line.client.is_some()), (Some("plan_ended"), true));
}

#[test]
fn r_33_an_enrolment_that_cannot_be_read_stops_no_other_ones_reminder_and_no_end() {
    let world = World::new();
    let dora = world.dora();
    let wish = generic(&world);
    let bad = enrols(&dora, 11, &wish);
    world.advance(Seconds(1));
    world.activated(2, "eve@example.com");
    let eve = world.builder("eve@example.com");
    let account = [("legal_name", "Eve"), ("billing_address", "2 Main St"), ("email", "eve@example.com")];
    assert_eq!(eve.post("/appstore/datamart/payment", &account).status, 303);
    let good = enrols(&eve, 11, &wish);
    world.change(move |conn| conn.execute(diesel::update(rows::table.find(bad)).set(rows::answers.eq("not a list"))));
    let letters = world.letters_to(SAM).len();
    world.advance(Seconds::days(3));
    assert_eq!(due::run(&world.app).unwrap(), 1);
    assert_eq!(world.letters_to(SAM).len(), letters + 1);
    world.advance(Seconds::days(30));
    due::run(&world.app).unwrap();
    assert_eq!(world.standing(good).progress.state, State::Expired);
    // Mended, it goes on.
    world.change(move |conn| conn.execute(diesel::update(rows::table.find(bad)).set(rows::answers.eq("[]"))));
    due::run(&world.app).unwrap();
    let mended = world.app.db.read(move |conn| enrolments::get(conn, EnrolmentId(bad))).unwrap().unwrap();
    assert_eq!(mended.progress.state, State::Expired);
}

#[test]
fn pb_26_who_lost_the_right_to_answer_reads_nothing_more_and_says_nothing() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let path = format!("/account/approvals/{id}");
    let (ada, page) = at(&world, "cv.ada", &path);
    assert_eq!(presses(&ada, &page, "approve-form", &[]).status, 303);
    let (ben, page) = at(&world, "cv.ben", &path);
    assert!(page.body.contains("Front Porch"));
    // He is a broker no more, but still an agent of the same office.
    world.reshapes("cv.ben", |profile| profile.member_type = "Agent".into());
    assert_eq!(ben.get(&path).status, 404);
    let answer = presses(&ben, &page, "comment-form", &[("words", "Let me see.")]);
    assert!(matches!(answer.status, 403 | 404) && !answer.body.contains("Front Porch"), "{answer:?}");
    world.audited_because("approval.rejected", "approval_right_lost");
    assert_ne!(presses(&ben, &page, "approve-form", &[]).status, 303);
    assert_eq!(world.standing(id).progress.waits_for().unwrap().place.name(), "broker");
    assert!(!dora.get(&format!("/appstore/datamart/enrolments/{id}")).body.contains("Let me see."));
    world.makes_broker("cv.ben");
    assert_eq!(presses(&ben, &page, "approve-form", &[]).status, 303);
}
