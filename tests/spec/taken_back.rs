//! What a person or the staff took back stays so, whatever the developer does next.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::store::accounts::NewAccount;
use latchkey::store::{accounts, personal_tokens, sweep};
use serde_json::json;

use crate::http::account::at;
use crate::support::datamart::{follows, presses};
use crate::support::platform::ADA;
use crate::support::world::{Answer, BEGIN, Person, World};

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
    assert!(late.status == 410 && late.body.contains("The token was revoked by") && !late.body.contains("lkp_"), "{late:?}");
    world.audited_because("link.rejected", "token_taken_back");
    let told = dora.get(&again());
    assert!(told.body.contains("The token was revoked by"), "{told:?}");
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

/// A key that the MLS gave Dora by which people sign in, and the redirect address it has.
fn checked(world: &World, dora: &Person<'_>) -> (String, &'static str) {
    let (sam, page) = at(world, "cv.staff", "/mls/keys/new");
    let wish = [
        ("developer", DORA),
        ("application", "Back Office"),
        ("website", "https://office.example/"),
        ("credential", "open_id"),
        ("redirect_uris", "https://office.example/cb"),
        ("role", "private"),
        ("approved_by", "Sam Staff, data committee"),
        ("approved_on", "2026-11-17"),
        ("document", "minutes of 17 November, shelf 3"),
    ];
    let made = presses(&sam, &page, "issue-form", &wish);
    assert_eq!(made.status, 303, "{made:?}");
    assert_eq!(shown(world, dora).status, 200);
    let key = made.location().split(['/', '?']).find_map(|part| part.parse::<i64>().ok()).unwrap();
    (key.to_string(), "https://office.example/cb")
}

fn registered(world: &World, key: &str) -> latchkey::store::keys::Registered {
    let id = KeyId(key.parse().unwrap());
    world.app.db.read(move |conn| latchkey::store::keys::get(conn, id)).unwrap().unwrap()
}

#[test]
fn pb_24_what_the_staff_verified_is_verified_no_more_once_its_developer_changes_it() {
    let world = World::new();
    let dora = world.dora();
    let (key, uri) = checked(&world, &dora);
    let path = format!("/developers/keys/{key}");
    let settings =
        |name: &'static str, site: &'static str, uri: &'static str| [("name", name), ("application_uri", site), ("redirect_uris", uri)];
    assert!(dora.get(&path).body.contains("it must be verified again"));
    let same = dora.post(&path, &[&settings("Back Office", "https://office.example/", uri)[..], &[("require_pkce", "1")]].concat());
    assert!(same.location().ends_with("said=saved") && registered(&world, &key).client.policy.verified, "{same:?}");
    for (name, site, uri) in [
        ("MLS Data Desk", "https://office.example/", uri),
        ("MLS Data Desk", "https://evil.example/", uri),
        ("MLS Data Desk", "https://evil.example/", "https://evil.example/cb"),
    ] {
        let changed = dora.post(&path, &[&settings(name, site, uri)[..], &[("require_pkce", "1")]].concat());
        assert!(changed.location().ends_with("said=saved-unverified"), "{changed:?}");
        assert!(dora.get(changed.location()).body.contains("It is no longer marked as verified"));
        assert!(!registered(&world, &key).client.policy.verified);
        let history = world.api(&world.staff(), "GET", "/v1/developers/identities/1/history", None).results(200);
        assert_eq!(history[0]["ChangedValues"]["Verified"], json!([true, false]), "{history:?}");
        // Staff look at it as it is now, and only they.
        assert!(dora.post(&format!("/mls/keys/{key}/verify"), &[]).body.contains("id=\"sign-in\""), "she is nobody there");
        assert!(!registered(&world, &key).client.policy.verified);
        let (sam, page) = at(&world, "cv.staff", &format!("/mls/keys/{key}"));
        assert!(page.body.contains("Not verified") && page.body.contains("MLS Data Desk"), "{page:?}");
        assert!(presses(&sam, &page, "verify-form", &[]).location().ends_with("said=verified"));
        assert!(registered(&world, &key).client.policy.verified);
        assert!(!sam.get(&format!("/mls/keys/{key}")).body.contains("verify-form"));
        world.advance(Seconds(1));
    }
    assert!(world.audited("key.verified").is_some());
}

#[test]
fn ip_13_a_developer_tightens_the_limits_of_a_key_that_an_mls_gave_and_lifts_none() {
    let world = World::new();
    let dora = world.dora();
    let (key, uri) = checked(&world, &dora);
    let (path, record) = (format!("/developers/keys/{key}"), format!("/v1/developers/identities/1/keys/{key}"));
    let limits =
        json!({ "PermittedIPAddresses": ["203.0.113.0/24"], "PermittedUserAgents": ["Feed/1.0", "Feed/2.0"], "RequirePkce": true });
    assert_eq!(world.api(&world.staff(), "PUT", &record, Some(limits)).status, 200);
    let saves = |addresses: &str, agents: &str, pkce: bool| {
        let mut form = vec![("name", "Back Office"), ("application_uri", "https://office.example/"), ("redirect_uris", uri)];
        form.extend([("addresses", addresses), ("agents", agents)]);
        form.extend(pkce.then_some(("require_pkce", "1")));
        dora.post(&path, &form)
    };
    let before = world.rows();
    for (addresses, agents, pkce, field) in [
        ("", "Feed/1.0\nFeed/2.0", true, "addresses"),
        ("203.0.112.0/23", "Feed/1.0\nFeed/2.0", true, "addresses"),
        ("203.0.113.7\n198.51.100.1", "Feed/1.0\nFeed/2.0", true, "addresses"),
        ("203.0.113.0/24", "", true, "agents"),
        ("203.0.113.0/24", "Feed/1.0\nOther", true, "agents"),
        ("203.0.113.0/24", "Feed/1.0\nFeed/2.0", false, "pkce"),
    ] {
        let answer = saves(addresses, agents, pkce);
        assert!(answer.status == 422 && answer.body.contains(&format!("id=\"{field}-problem\"")), "{field}: {answer:?}");
    }
    world.changed_nothing_since(&before, "limits that were not his to lift");
    assert!(dora.get(&path).body.contains("You can tighten IP address"));
    assert_eq!(saves("203.0.113.7", "Feed/2.0", true).status, 303);
    assert_eq!(registered(&world, &key).key.restrictions.addresses(), ["203.0.113.7"]);
}

#[test]
fn pb_25_a_deleted_developer_signs_in_nowhere_enrols_in_nothing_and_gets_no_key() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    for login in ["cv.ada", "cv.ben"] {
        let (person, page) = at(&world, login, &format!("/account/approvals/{id}"));
        assert_eq!(presses(&person, &page, "approve-form", &[]).status, 303);
    }
    let (key, _) = checked(&world, &dora);
    let (sam, page) = at(&world, "cv.staff", &format!("/mls/keys/{key}"));
    assert_eq!(presses(&sam, &page, "suspend-form", &[("reason", "To be looked at.")]).status, 303);
    assert_eq!(world.api(&world.staff(), "DELETE", "/v1/developers/identities/1", None).status, 200);
    assert!(dora.get("/developers/keys").body.contains("id=\"sign-in\"") || dora.get("/developers/keys").status == 303);
    let again = world.agent(DORA);
    assert_eq!(crate::support::datamart::enters(&again, crate::support::world::PASSWORD).status, 422);
    // Nobody issues a key to her, by an approval that was on its way or by hand.
    let page = sam.get(&format!("/account/approvals/{id}"));
    assert_eq!(presses(&sam, &page, "approve-form", &[]).status, 409);
    world.audited_because("approval.rejected", "developer_disabled");
    let new = sam.get("/mls/keys/new");
    let by_hand = [("developer", DORA), ("application", "B"), ("website", "https://office.example/"), ("credential", "bearer")];
    let more = [("role", "private"), ("approved_by", "Sam"), ("approved_on", "2026-11-17"), ("document", "minutes")];
    let refused = presses(&sam, &new, "issue-form", &[by_hand, more].concat());
    assert!(refused.status == 422 && refused.body.contains("id=\"developer-problem\""), "{refused:?}");
    // Nor is what was suspended taken up, or she let in again.
    assert_eq!(sam.post(&format!("/mls/keys/{key}/resume"), &[]).status, 409);
    assert!(!registered(&world, &key).key.enabled);
    world.makes_platform_staff("hc.mia");
    let (mia, _) = at(&world, "hc.mia", "/admin");
    assert_eq!(mia.post("/admin/developers/1/enable", &[]).status, 404);
}

#[test]
fn ad_06_what_the_platform_locked_neither_staff_nor_roster_of_the_mls_unlocks() {
    let world = World::new();
    world.makes_platform_staff("hc.mia");
    let (mia, _) = at(&world, "hc.mia", "/admin");
    let (sam, _) = at(&world, "cv.staff", "/mls");
    let (admin, mls) = (format!("/admin/accounts/{ADA}"), format!("/mls/accounts/{ADA}"));
    let active = || world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().0.active;
    assert_eq!(mia.post(&format!("{admin}/lock"), &[]).status, 303);
    let page = sam.get(&mls);
    assert!(page.body.contains("Locked by the platform") && !page.body.contains("switch-form"), "{page:?}");
    assert_eq!(sam.post(&format!("{mls}/unlock"), &[]).status, 409);
    // The roster says that she is active.
    world.change(|conn| {
        let (ada, _) = accounts::by_login(conn, "cv.ada")?.unwrap();
        let profile = serde_json::to_string(&ada.profile).unwrap();
        let new = NewAccount {
            id: ada.id.clone(),
            mls_id: &ada.mls_id,
            roster_key: "cv.ada",
            login_name: "cv.ada",
            user_type: "Member",
            active: true,
            password_hash: None,
            profile: &profile,
        };
        accounts::write(conn, &new, BEGIN)
    });
    assert!(!active());
    assert_eq!(mia.post(&format!("{admin}/unlock"), &[]).status, 303);
    assert!(active());
    // What the MLS locked it unlocks itself; but nobody of the platform's staff, locked or not.
    assert_eq!((sam.post(&format!("{mls}/lock"), &[]).status, sam.post(&format!("{mls}/unlock"), &[]).status), (303, 303));
    world.makes_platform_staff("cv.ada");
    world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), false, BEGIN));
    assert_eq!(sam.post(&format!("{mls}/unlock"), &[]).status, 409);
    assert!(!active());
}
