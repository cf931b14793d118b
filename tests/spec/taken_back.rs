//! What a person or the staff took back stays so, whatever the developer does next.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::store::{personal_tokens, sweep};
use serde_json::json;

use crate::http::account::at;
use crate::support::datamart::{follows, presses};
use crate::support::platform::ADA;
use crate::support::world::{Answer, Person, World};

const DORA: &str = "dora@example.com";

/// Dora's enrolment for Ada with everybody's approval, and the key at the end of it.
fn issued(world: &World, dora: &Person<'_>) -> (i64, KeyId) {
    let id = world.enrolled(dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        let (person, page) = at(world, login, &format!("/account/approvals/{id}"));
        assert_eq!(presses(&person, &page, "approve-form", &[]).status, 303);
    }
    (id, world.standing(id).key_id.unwrap())
}

/// What the newest letter's link shows.
fn shown(world: &World, dora: &Person<'_>) -> Answer {
    let page = follows(dora, &world.link_to(DORA));
    if page.status == 200 { presses(dora, &page, "show-form", &[]) } else { page }
}

fn token_of(answer: &Answer) -> String {
    answer.body.split("id=\"token\">").nth(1).unwrap_or_else(|| panic!("no token: {answer:?}")).split('<').next().unwrap().to_owned()
}

#[test]
fn tk_29_a_token_that_its_person_took_back_is_not_made_again_by_a_new_link() {
    let world = World::new();
    let dora = world.dora();
    let (id, key) = issued(&world, &dora);
    let number = id.to_string();
    let again = || dora.post("/developers/credentials/again", &[("enrolment", &number)]).location().to_owned();
    let token = token_of(&shown(&world, &dora));
    // A link that was sent before, and opened, leads nowhere either.
    assert!(again().ends_with("said=link-sent"));
    let opened = follows(&dora, &world.link_to(DORA));
    let (ada, _) = at(&world, "cv.ada", "/account/applications");
    assert_eq!(ada.post(&format!("/account/applications/{key}/disconnect"), &[]).status, 303);
    assert_eq!(world.my_account(&token).status, 401);
    let late = presses(&dora, &opened, "show-form", &[]);
    assert!(late.status == 410 && late.body.contains("The token was taken back") && !late.body.contains("lkp_"), "{late:?}");
    world.audited_because("link.rejected", "token_taken_back");
    let told = dora.get(&again());
    assert!(told.body.contains("The token was taken back"), "{told:?}");
    // It is remembered however long it takes.
    world.advance(Seconds::days(800));
    let now = world.app.now();
    world.change(move |conn| sweep::batch(conn, now));
    let dora = world.builder(DORA);
    assert!(dora.post("/developers/credentials/again", &[("enrolment", &number)]).location().ends_with("said=token-taken-back"));
    assert!(world.app.db.read(move |conn| personal_tokens::holders(conn, key)).unwrap().is_empty());
}

#[test]
fn tk_29_a_token_that_staff_revoked_comes_back_when_staff_issue_one_and_not_before() {
    let world = World::new();
    let dora = world.dora();
    let (sam, page) = at(&world, "cv.staff", "/mls/keys/new");
    let by_hand = [
        ("developer", DORA),
        ("application", "Back Office"),
        ("website", "https://office.example/"),
        ("credential", "bearer"),
        ("role", "private"),
        ("approved_by", "Sam Staff, data committee"),
        ("approved_on", "2026-11-17"),
        ("document", "minutes of 17 November, shelf 3"),
        ("login", "cv.ada"),
    ];
    let made = presses(&sam, &page, "issue-form", &by_hand);
    let key = made.location().split(['/', '?']).find_map(|part| part.parse::<i64>().ok()).unwrap().to_string();
    let again = || dora.post("/developers/credentials/again", &[("key", &key)]).location().to_owned();
    let token = token_of(&shown(&world, &dora));
    let staff = world.staff();
    let tokens = format!("/v1/developers/identities/1/keys/{key}/tokens");
    let revoke = || {
        let newest = world.api(&staff, "GET", &tokens, None).results(200)[0]["ResourceUri"].as_str().unwrap().to_owned();
        assert_eq!(world.api(&staff, "DELETE", &newest, None).status, 200);
    };
    revoke();
    assert_eq!(world.my_account(&token).status, 401);
    assert!(again().ends_with("said=token-taken-back"));
    world.api(&staff, "POST", &tokens, Some(json!({ "UserId": ADA }))).result(201);
    assert!(again().ends_with("said=link-sent"));
    assert_eq!(world.my_account(&token_of(&shown(&world, &dora))).status, 200);
    // What the developer replaced himself does not count as taken back; the next revocation does.
    revoke();
    assert!(again().ends_with("said=token-taken-back"));
}
