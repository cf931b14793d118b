//! The consoles of an MLS's staff and of the platform's: plans, keys, people, audit, outbox, signing keys; each within its reach.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::flows::console::signing;
use latchkey::platform::enrolment::State;
use latchkey::platform::role::Role;
use latchkey::store::{accounts, key_approvals, keys, mlses, signing_keys};

use crate::http::account::at;
use crate::support::datamart::{enrols, follows, idx, presses, wish};
use crate::support::platform::{ADA, MIA, MLS, STAFF};
use crate::support::world::{Answer, BEGIN, OTHER_MLS, Person, World};

const DORA: &str = "dora@example.com";

/// Staff of the MLS, signed in a moment ago, at a page.
fn staff<'w>(world: &'w World, path: &str) -> (Person<'w>, Answer) {
    at(world, "cv.staff", path)
}

/// Staff of the platform, who is nobody special at his MLS.
fn pat<'w>(world: &'w World, path: &str) -> (Person<'w>, Answer) {
    world.makes_platform_staff("hc.mia");
    at(world, "hc.mia", path)
}

/// Somebody of the other MLS's staff.
fn other_staff(world: &World) -> Person<'_> {
    world.change(|conn| {
        let (sam, hash) = accounts::by_login(conn, "cv.staff")?.unwrap();
        let profile = serde_json::to_string(&sam.profile).unwrap();
        let new = accounts::NewAccount {
            id: "20261001000000000000000300".parse().unwrap(),
            mls_id: &OTHER_MLS.parse().unwrap(),
            roster_key: "otto",
            login_name: "hc.staff",
            user_type: "Mls",
            active: true,
            password_hash: hash.as_deref(),
            profile: &profile,
        };
        accounts::write(conn, &new, BEGIN).map(drop)
    });
    at(world, "hc.staff", "/mls").0
}

const PLAN: [(&str, &str); 9] = [
    ("name", "Feed for sites"),
    ("description", "Listings for sites."),
    ("price", "49.90"),
    ("terms", "Show the office."),
    ("role", "idx"),
    ("offered", "either"),
    ("fields", "ListPrice\nCity\n\n"),
    ("questions", "Where will it run?"),
    ("credential", "bearer"),
];

/// A key of Dora's with a token that speaks for Ada, at the end of an approved enrolment; answers its number and the token.
fn issued(world: &World, dora: &Person<'_>) -> (i64, String) {
    let id = world.enrolled(dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        let (person, page) = at(world, login, &format!("/account/approvals/{id}"));
        assert_eq!(presses(&person, &page, "approve-form", &[]).status, 303);
    }
    let page = follows(dora, &world.link_to(DORA));
    let shown = presses(dora, &page, "show-form", &[]);
    let token = shown.body.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    (world.standing(id).key_id.unwrap().0, token)
}

#[test]
fn a_plan_is_published_in_versions_and_ended_and_a_form_that_is_refused_loses_nothing() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    let (sam, page) = staff(&world, "/mls/plans/new");
    let bad = [("price", "much"), ("name", " "), ("description", "kept <b>words</b>"), ("terms", ""), ("role", "replication")];
    let answer = presses(&sam, &page, "plan-form", &bad);
    assert_eq!(answer.status, 422, "{answer:?}");
    for field in ["name", "price", "terms", "role"] {
        assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{field}: {answer:?}");
    }
    assert!(answer.body.contains("kept &#60;b&#62;words"), "{answer:?}");
    let answer = presses(&sam, &page, "plan-form", &PLAN);
    assert!(answer.location().ends_with("?said=published"), "{answer:?}");
    let plan: i64 = answer.location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap();
    let shown = sam.get(answer.location());
    assert!(shown.body.contains("$49.90 a month") && shown.body.contains("Where will it run?"), "{shown:?}");
    assert!(dora.get("/appstore/datamart").body.contains("1 plan"));
    let id = enrols(&dora, plan, &wish());

    // Another version: nothing different is refused, a stale page too.
    let edit = sam.get(&format!("/mls/plans/{plan}/edit"));
    assert!(edit.body.contains("value=\"49.90\"") && edit.body.contains("ListPrice\nCity"), "{edit:?}");
    assert_eq!(presses(&sam, &edit, "plan-form", &PLAN).status, 409);
    let dearer: Vec<(&str, &str)> = PLAN.iter().map(|(name, value)| (*name, if *name == "price" { "60" } else { value })).collect();
    assert_eq!(presses(&sam, &edit, "plan-form", &dearer).status, 303);
    let stale = presses(&sam, &edit, "plan-form", &dearer);
    assert!(stale.status == 409 && stale.body.contains("another version in the meantime"), "{stale:?}");
    let standing = world.standing(id);
    assert_eq!((standing.version, standing.progress.round), (2, 2), "whoever enrolled is asked anew");
    let list = sam.get("/mls/plans?q=SITES");
    assert!(list.body.contains("Feed for sites") && list.body.contains("$60.00 a month"), "{list:?}");
    assert!(sam.get("/mls/plans?q=nothing").body.contains("No plan matches \u{2018}nothing\u{2019}."));

    let ask = sam.get(&format!("/mls/plans/{plan}/end"));
    assert_eq!(presses(&sam, &ask, "end-form", &[]).status, 303);
    assert_eq!(presses(&sam, &ask, "end-form", &[]).status, 409);
    latchkey::flows::datamart::due::run(&world.app).unwrap();
    assert_eq!(world.standing(id).progress.state, State::Declined);
    assert_eq!(dora.get(&format!("/appstore/datamart/plans/{plan}")).status, 404);
}

#[test]
fn pb_16_and_pb_23_a_suspended_key_is_refused_at_once_its_developer_appeals_and_it_is_taken_up_again() {
    let world = World::new();
    let dora = world.dora();
    let (key, token) = issued(&world, &dora);
    assert_eq!(world.my_account(&token).status, 200);
    let (sam, _) = staff(&world, "/mls");
    let list = sam.get("/mls/keys?q=porch");
    assert!(list.body.contains("Front Porch") && list.body.contains("Dora Ltd.") && list.body.contains("Active"), "{list:?}");
    let home = format!("/mls/keys/{key}");
    let page = sam.get(&home);
    assert!(page.body.contains("this enrollment") && page.body.contains("Ada Agent (cv.ada)") && !page.body.contains(&token), "{page:?}");
    assert_eq!(presses(&sam, &page, "suspend-form", &[("reason", " ")]).status, 422);
    let answer = presses(&sam, &page, "suspend-form", &[("reason", "It showed sold prices.")]);
    assert_eq!(answer.location(), format!("{home}?said=suspended"));
    world.my_account(&token).is_api_error(401, 1010);
    assert_eq!(presses(&sam, &page, "suspend-form", &[("reason", "Twice.")]).status, 409);
    let (subject, text) = world.letters_to(DORA).pop().unwrap();
    assert!(subject == "Your key is suspended" && text.contains("It showed sold prices.") && !text.contains("lkp_"), "{text}");

    // The developer's word, once; nobody else's.
    assert!(dora.get("/developers").body.contains("Front Porch is suspended"), "{:?}", dora.get("/developers"));
    let path = format!("/developers/keys/{key}/suspension");
    world.activated(2, "eve@example.com");
    let eve = world.builder("eve@example.com");
    assert_eq!((eve.get(&path).status, eve.post(&path, &[("words", "mine")]).status), (404, 404), "pb_04");
    let page = dora.get(&path);
    assert!(page.body.contains("It showed sold prices."), "{page:?}");
    assert_eq!(presses(&dora, &page, "appeal-form", &[("words", "")]).status, 422);
    assert_eq!(presses(&dora, &page, "appeal-form", &[("words", "We took them down.")]).status, 303);
    assert_eq!(presses(&dora, &page, "appeal-form", &[("words", "Again.")]).status, 409);
    let (subject, text) = world.letters_to("sam@example.com").pop().unwrap();
    assert!(subject == "A developer appeals" && text.contains("We took them down."), "{text}");
    assert!(
        sam.get("/mls/keys?state=appealed").body.contains("Front Porch")
            && !sam.get("/mls/keys?state=working").body.contains("Front Porch")
    );

    let page = sam.get(&home);
    assert!(page.body.contains("We took them down."), "{page:?}");
    assert_eq!(presses(&sam, &page, "resume-form", &[]).status, 303);
    assert_eq!(presses(&sam, &page, "resume-form", &[]).status, 409);
    assert_eq!(world.my_account(&token).status, 200);
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "Your key can be used again");
    for event in ["key.suspended", "key.appealed", "key.resumed"] {
        assert!(world.audited(event).is_some(), "{event}");
    }
    assert!(dora.get(&path).body.contains("is not suspended"));
}

#[test]
fn what_the_platform_suspended_no_mls_takes_up_and_a_key_of_an_ended_plan_stays_off() {
    let world = World::new();
    let dora = world.dora();
    let (key, token) = issued(&world, &dora);
    let (mia, page) = pat(&world, &format!("/admin/keys/{key}"));
    assert_eq!(presses(&mia, &page, "suspend-form", &[("reason", "Abuse.")]).status, 303);
    let (sam, page) = staff(&world, &format!("/mls/keys/{key}"));
    assert!(page.body.contains("Suspended by the platform.") && !page.body.contains("resume-form"), "{page:?}");
    assert_eq!(sam.post(&format!("/mls/keys/{key}/resume"), &[]).status, 409);
    world.my_account(&token).is_api_error(401, 1010);
    let ask = sam.get("/mls/plans/11/end");
    assert_eq!(presses(&sam, &ask, "end-form", &[]).status, 303);
    assert_eq!(mia.post(&format!("/admin/keys/{key}/resume"), &[]).status, 409, "its plan was ended");
    world.my_account(&token).is_api_error(401, 1010);
}

const BY_HAND: [(&str, &str); 8] = [
    ("developer", DORA),
    ("application", "Back Office"),
    ("website", "https://office.example/"),
    ("credential", "bearer"),
    ("role", "private"),
    ("approved_by", "Sam Staff, data committee"),
    ("approved_on", "2026-11-17"),
    ("document", "minutes of 17 November, shelf 3"),
];

fn with<'a>(all: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = all.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).copied();
    kept.chain(changed.iter().copied()).collect()
}

#[test]
fn a_key_is_issued_by_hand_only_with_the_record_of_an_approval_and_its_token_speaks_for_whom_it_says() {
    let world = World::new();
    let dora = world.dora();
    let (sam, page) = staff(&world, "/mls/keys/new");
    let before = world.rows();
    for (name, value, field) in [
        ("approved_by", "", "approved_by"),
        ("approved_on", "", "approved_on"),
        ("approved_on", "2027-01-01", "approved_on"),
        ("document", " ", "document"),
        ("developer", "nobody@example.com", "developer"),
        ("login", "hc.mia", "login"),
        ("login", "cv.staff", "login"),
        ("login", "cv.gone", "login"),
        ("own_data", "office", "own_data"),
    ] {
        let answer = presses(&sam, &page, "issue-form", &with(&BY_HAND, &[(name, value)]));
        assert!(answer.status == 422 && answer.body.contains(&format!("id=\"{field}-problem\"")), "{name}={value}: {answer:?}");
        assert!(answer.body.contains("Back Office"), "{answer:?}");
    }
    world.changed_nothing_since(&before, "keys that were not issued");
    let answer = presses(&sam, &page, "issue-form", &with(&BY_HAND, &[("login", "cv.ada"), ("own_data", "member")]));
    assert!(answer.location().ends_with("?said=issued"), "{answer:?}");
    let shown = sam.get(answer.location());
    for fact in ["Sam Staff, data committee", "minutes of 17 November, shelf 3", "Nov 17, 2026", "Sam Staff"] {
        assert!(shown.body.contains(fact), "{fact}: {shown:?}");
    }
    let (subject, text) = world.letters_to(DORA).pop().unwrap();
    assert!(subject == "Your key is issued" && !text.contains("lkp_"), "{text}");
    let page = follows(&dora, &world.link_to(DORA));
    let shown = presses(&dora, &page, "show-form", &[]);
    let token = shown.body.split("id=\"token\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(world.my_account(token).body.contains(ADA));
    let key: i64 = answer.location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap();
    let kept = world.app.db.read(move |conn| key_approvals::of_key(conn, KeyId(key))).unwrap().unwrap();
    assert_eq!((kept.recorded_by.as_str(), kept.own_data.map(|own| own.name())), (STAFF, Some("member")));
}

#[test]
fn support_staff_issues_openid_connect_keys_on_an_approval_of_the_mls() {
    let world = World::new();
    let dora = world.dora();
    let (mia, page) = pat(&world, "/admin/keys/new");
    let open_id = with(&BY_HAND, &[("credential", "open_id"), ("redirect_uris", "https://office.example/cb"), ("mls", MLS)]);
    for (name, value, field) in
        [("mls", "", "mls"), ("redirect_uris", "http://office.example/cb", "redirect_uris"), ("document", "", "document")]
    {
        let answer = presses(&mia, &page, "issue-form", &with(&open_id, &[(name, value)]));
        assert!(answer.status == 422 && answer.body.contains(&format!("id=\"{field}-problem\"")), "{name}: {answer:?}");
    }
    let answer = presses(&mia, &page, "issue-form", &open_id);
    assert!(answer.location().starts_with("/admin/keys/"), "{answer:?}");
    let page = follows(&dora, &world.link_to(DORA));
    let shown = presses(&dora, &page, "show-form", &[]);
    let part = |name: &str| shown.body.split(&format!("id=\"{name}\">")).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let application = crate::support::world::Application {
        client_id: part("client-id"),
        secret: Some(part("secret")),
        redirect_uri: "https://office.example/cb".into(),
        id: KeyId(answer.location().split(['/', '?']).find_map(|part| part.parse().ok()).unwrap()),
    };
    assert!(world.agent("cv.ada").grants(&application)["access_token"].is_string());
}

#[test]
fn ad_05_staff_of_another_mls_finds_nothing_of_this_one() {
    let world = World::new();
    let dora = world.dora();
    let (key, token) = issued(&world, &dora);
    let id = world
        .app
        .db
        .read(|conn| Ok(latchkey::store::enrolments::of_mls(conn, &MLS.parse().unwrap(), &State::ALL, "", i64::MAX, 9)?[0].id))
        .unwrap();
    let foreign = other_staff(&world);
    for path in [
        format!("/mls/keys/{key}"),
        format!("/mls/enrolments/{id}"),
        "/mls/plans/11".into(),
        "/mls/plans/11/edit".into(),
        format!("/mls/accounts/{ADA}"),
    ] {
        assert_eq!(foreign.get(&path).status, 404, "{path}");
    }
    let before = world.rows();
    let fields = [("reason", "no"), ("version", "1")];
    for path in [
        format!("/mls/keys/{key}/suspend"),
        format!("/mls/keys/{key}/resume"),
        "/mls/plans/11/edit".into(),
        "/mls/plans/11/end".into(),
        format!("/mls/accounts/{ADA}/lock"),
        format!("/mls/accounts/{ADA}/unlock"),
    ] {
        assert_eq!(foreign.post(&path, &[&fields[..], &PLAN[..]].concat()).status, 404, "{path}");
    }
    world.changed_nothing_since(&before, "staff of another MLS");
    for path in ["/mls/keys", "/mls/enrolments?state=all", "/mls/plans"] {
        let page = foreign.get(path);
        assert!(!page.body.contains("Front Porch") && !page.body.contains("IDX feed"), "{path}: {page:?}");
    }
    assert!(!foreign.get("/mls/accounts").body.contains("cv.ada"));
    assert_eq!(world.my_account(&token).status, 200);
}

#[test]
fn enrolments_that_wait_for_the_association_stand_first_and_lead_to_the_answer() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let (sam, page) = staff(&world, "/mls/enrolments");
    assert!(page.body.contains("No enrollment is waiting for you"), "{page:?}");
    assert!(sam.get("/mls/enrolments?state=others").body.contains("Front Porch"));
    for login in ["cv.ada", "cv.ben"] {
        let (person, page) = at(&world, login, &format!("/account/approvals/{id}"));
        assert_eq!(presses(&person, &page, "approve-form", &[]).status, 303);
    }
    assert!(sam.get("/mls").body.contains("1 enrollment is waiting for you."));
    let found = sam.get("/mls/enrolments?q=builders");
    assert!(found.body.contains("Front Porch") && found.body.contains(&format!("/mls/enrolments/{id}")), "{found:?}");
    let one = sam.get(&format!("/mls/enrolments/{id}"));
    assert!(one.body.contains(&format!("href=\"/account/approvals/{id}\"")) && one.body.contains("A site for buyers."), "{one:?}");
    assert!(sam.get("/mls/enrolments?q=nobody").body.contains("No enrollment matches \u{2018}nobody\u{2019}."));
}

#[test]
fn ad_06_an_account_is_locked_and_unlocked_by_its_mls_and_never_ones_own() {
    let world = World::new();
    let token = world.token_of("cv.ada", "w");
    let (sam, _) = staff(&world, "/mls");
    let page = sam.get("/mls/accounts?q=AGENT");
    assert!(page.body.contains("cv.ada") && !page.body.contains("hc.mia"), "{page:?}");
    let home = format!("/mls/accounts/{ADA}");
    let page = sam.get(&home);
    assert!(page.body.contains("Application w") && page.body.contains("Signed in") && !page.body.contains("login.success"), "{page:?}");
    assert_eq!(presses(&sam, &page, "switch-form", &[]).status, 303);
    world.my_account(&token).is_api_error(403, 1015);
    assert_eq!(presses(&sam, &page, "switch-form", &[]).status, 409);
    assert_eq!(world.letters_to("ada@example.com").pop().unwrap().0, "Your account is locked at Cascade Valley MLS");
    let page = sam.get(&home);
    assert_eq!(presses(&sam, &page, "switch-form", &[]).status, 303);
    assert_eq!(world.my_account(&token).status, 200);
    assert!(!sam.get(&format!("/mls/accounts/{STAFF}")).body.contains("switch-form"));
    assert_eq!(sam.post(&format!("/mls/accounts/{STAFF}/lock"), &[]).status, 409, "nobody locks himself out");
    world.makes_platform_staff("cv.ada");
    assert_eq!(sam.post(&format!("/mls/accounts/{ADA}/lock"), &[]).status, 409, "nor the platform's staff");
    assert_eq!(sam.get(&format!("/mls/accounts/{MIA}")).status, 404);
}

#[test]
fn the_platforms_staff_sees_every_mls_and_switches_developers_off() {
    let world = World::new();
    let dora = world.dora();
    let (key, _) = issued(&world, &dora);
    let (mia, page) = pat(&world, "/admin");
    assert!(page.body.contains("The platform"), "{page:?}");
    let list = mia.get("/admin/keys?q=DORA");
    assert!(list.body.contains("Front Porch") && list.body.contains("Cascade Valley MLS"), "{list:?}");
    let people = mia.get("/admin/accounts");
    assert!(people.body.contains("cv.ada") && people.body.contains("hc.mia"), "{people:?}");
    let found = mia.get("/admin/developers?q=dora");
    assert!(found.body.contains("/admin/developers/1\""), "{found:?}");
    let page = mia.get("/admin/developers/1");
    assert!(page.body.contains("Front Porch") && page.body.contains(&format!("/admin/keys/{key}")), "{page:?}");
    assert_eq!(presses(&mia, &page, "switch-form", &[]).status, 303);
    assert!(dora.get("/developers").body.contains("id=\"sign-in\""), "the session is over");
    assert_eq!(presses(&mia, &page, "switch-form", &[]).status, 409);
    let page = mia.get("/admin/developers/1");
    assert_eq!(presses(&mia, &page, "switch-form", &[]).status, 303);
    world.builder(DORA);
    let registrations = mia.get("/admin/registrations?state=activated&q=builders");
    assert!(registrations.body.contains(DORA), "{registrations:?}");
    assert!(
        mia.get("/admin/registrations?state=activated&q=nobody")
            .body
            .contains("No registration matches \u{2018}nobody\u{2019} and what you chose.")
    );
}

#[test]
fn audit_outbox_and_signing_keys_are_looked_up_and_secrets_are_in_none_of_them() {
    let world = World::new();
    let dora = world.dora();
    let (_, token) = issued(&world, &dora);
    let (mia, _) = pat(&world, "/admin");
    let everything = mia.get("/admin/audit");
    assert!(everything.body.contains("Signed in") && everything.body.contains("<code>login.success</code>"), "{everything:?}");
    let of_ada = mia.get(&format!("/admin/audit?q={ADA}&event=enrolment."));
    assert!(of_ada.body.contains("enrolment.approved") && !of_ada.body.contains("login.success"), "{of_ada:?}");
    // A key is named once, though a line has two ids of it.
    let body = serde_json::json!({ "Name": "Twice named", "Type": "OAuth2", "RedirectUri": "https://b.example/cb", "ApplicationUri": "https://b.example/", "Roles": ["idx"] });
    let made = world.api(&world.staff(), "POST", "/v1/developers/identities/1/keys", Some(body)).result(201);
    let of_key = mia.get(&format!("/admin/audit?q={}&event=key.", made["Id"]));
    assert_eq!(of_key.body.matches("Twice named").count(), 1, "{of_key:?}");
    for id in [made["Id"].to_string(), made["Key"].as_str().unwrap().to_owned()] {
        assert!(of_key.body.contains(&format!("<code>{id}</code>")), "{id}: {of_key:?}");
    }
    assert!(mia.get("/admin/audit?q=nobody").body.contains("No entry matches \u{2018}nobody\u{2019}."));
    let letters = mia.get("/admin/outbox?q=ADA%40example.com&state=waiting");
    assert!(letters.body.contains("Your approval is needed") && !letters.body.contains("lkl_"), "{letters:?}");
    assert!(mia.get("/admin/outbox?state=parked").body.contains("No e-mail matches what you chose."));
    for page in [&everything, &of_ada, &letters] {
        assert!(!page.body.contains(&token));
    }

    let page = mia.get("/admin/signing");
    assert!(page.body.contains("Signs"), "{page:?}");
    let before = world.app.db.read(signing_keys::all).unwrap().len();
    world.advance(Seconds(1));
    assert_eq!(mia.post("/admin/signing/rotate", &[]).status, 303);
    assert!(mia.get("/admin/signing").body.contains("A rotation is in progress."));
    assert!(signing::carry_out(&world.app).unwrap() && !signing::carry_out(&world.app).unwrap());
    assert!(world.app.db.read(signing_keys::all).unwrap().len() > before);
    assert_eq!(world.audited("signingkey.rotated").unwrap().actor.as_deref(), Some(MIA));
    let page = mia.get("/admin/signing");
    assert!(page.body.contains("Published") && !page.body.contains("on its way."), "{page:?}");
    world.advance(Seconds::minutes(6));
    mia.get("/account");
    assert!(mia.post("/admin/signing/rotate", &[]).body.contains("confirm-form"), "ad_07");
}

#[test]
fn ad_08_no_page_of_staff_shows_a_secret_or_sets_a_password() {
    let world = World::new();
    let dora = world.dora();
    let (key, token) = issued(&world, &dora);
    let (mia, _) = pat(&world, "/admin");
    let (sam, _) = staff(&world, "/mls");
    let secrets = [token.as_str(), "lks_w_secret_of_this_application", "$argon2id", "lkl_"];
    for (person, paths) in [
        (
            &mia,
            vec![
                format!("/admin/keys/{key}"),
                format!("/admin/accounts/{ADA}"),
                "/admin/developers/1".into(),
                "/admin/keys/1".into(),
                "/admin/outbox".into(),
            ],
        ),
        (&sam, vec![format!("/mls/keys/{key}"), format!("/mls/accounts/{ADA}"), "/mls/keys/1".into()]),
    ] {
        for path in paths {
            let page = person.get(&path);
            assert_eq!(page.status, 200, "{path}");
            for secret in secrets {
                assert!(!page.body.contains(secret), "{path} shows {secret}");
            }
            assert!(!page.body.contains("name=\"new_password\""), "{path} sets a password");
        }
    }
    let posts: Vec<&str> = latchkey::http::console::places().filter(|place| place.post.is_some()).map(|place| place.path).collect();
    assert!(
        posts.iter().filter(|path| path.starts_with("/mls") || path.starts_with("/admin")).all(|path| !path.contains("password")),
        "{posts:?}"
    );
}

#[test]
fn lists_go_on_page_by_page_and_are_searched_whole() {
    let world = World::new();
    world.developer(70, MLS);
    for id in 1000..1060 {
        world.key_of(70, id, MLS, &[Role::Idx]);
    }
    world.change(|conn| {
        let mls = mlses::get(conn, &MLS.parse().unwrap())?.unwrap();
        for n in 0..60 {
            let new = accounts::NewAccount {
                id: format!("2026100100000000000000{n:04}").parse().unwrap(),
                mls_id: &mls.id,
                roster_key: &format!("r{n}"),
                login_name: &format!("cv.many{n:02}"),
                user_type: "Member",
                active: true,
                password_hash: None,
                profile: "{\"Name\":\"Many\"}",
            };
            accounts::write(conn, &new, BEGIN)?;
        }
        keys::set_enabled(conn, KeyId(1001), false, BEGIN)
    });
    let (sam, _) = staff(&world, "/mls");
    let walk = |first: &str, table: &str, link: &str| {
        let (mut seen, mut path) = (Vec::new(), first.to_owned());
        for _ in 0..9 {
            let page = sam.get(&path);
            assert_eq!(page.status, 200, "{path}");
            seen.extend(page.body.split(&format!("href=\"{link}")).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
            let Some(next) = page.body.split(&format!("id=\"{table}-next\" href=\"")).nth(1) else { break };
            path = next.split('"').next().unwrap().replace("&#38;", "&");
        }
        seen.retain(|name| name.parse::<i64>().is_ok() || name.len() == 26);
        let all = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), all, "each once: {first}");
        all
    };
    let all = walk("/mls/keys", "keys", "/mls/keys/");
    assert!(all >= 60, "{all}");
    assert_eq!(walk("/mls/keys?q=feed+10", "keys", "/mls/keys/"), 60);
    assert_eq!(walk("/mls/keys?q=feed+100", "keys", "/mls/keys/"), 10);
    assert_eq!(walk("/mls/keys?q=feed&state=off", "keys", "/mls/keys/"), 1);
    assert_eq!(walk("/mls/accounts?q=many", "accounts", "/mls/accounts/"), 60);
    assert_eq!(walk("/mls/keys?q=%25", "keys", "/mls/keys/"), 0, "a wildcard is a letter");
    assert_eq!(idx().name, "IDX feed");
}
