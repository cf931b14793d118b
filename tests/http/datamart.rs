//! The Datamart: plans, enrolments, the chain of approvals, the key at the end.

use latchkey::base::Seconds;
use latchkey::base::id::{DeveloperId, EnrolmentId, PlanId};
use latchkey::flows::datamart::due;
use latchkey::platform::approval::Place;
use latchkey::platform::enrolment::State;
use latchkey::platform::personal_token::OwnData;
use latchkey::platform::plan::{Content, Credential, Offered};
use latchkey::store::{accounts, developers, enrolments, plans};

use crate::http::account::at;
use crate::support::datamart::{enrols, facts, follows, idx, presses, wish};
use crate::support::platform::{ADA, BEN, STAFF};
use crate::support::world::{Answer, BEGIN, Person, World};

const ADA_MAIL: &str = "ada@example.com";
const BEN_MAIL: &str = "ben@example.com";
const SAM_MAIL: &str = "sam@example.com";
const DORA: &str = "dora@example.com";

fn page_of(id: i64) -> String {
    format!("/account/approvals/{id}")
}

/// Somebody signed in at the page of an enrolment.
fn asked<'w>(world: &'w World, login: &str, id: i64) -> (Person<'w>, Answer) {
    at(world, login, &page_of(id))
}

fn approves(world: &World, login: &str, id: i64) {
    let (person, page) = asked(world, login, id);
    let answer = presses(&person, &page, "approve-form", &[]);
    assert_eq!(answer.status, 303, "{login}: {answer:?}");
}

/// Changes the plan as its MLS does.
fn changes_plan(world: &World, id: i64, content: Content) {
    world.change(move |conn| {
        let plan = plans::get(conn, PlanId(id))?.unwrap();
        assert!(plans::publish(conn, &plan, &content, "test", BEGIN)?);
        Ok(())
    });
}

fn token_of(answer: &Answer) -> String {
    answer.body.split("id=\"token\">").nth(1).unwrap_or_else(|| panic!("no token: {answer:?}")).split('<').next().unwrap().to_owned()
}

#[test]
fn three_approve_one_after_the_other_and_the_token_works() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    assert_eq!(world.letters_to(ADA_MAIL).len(), 1);
    assert!(world.letters_to(BEN_MAIL).is_empty() && world.letters_to(SAM_MAIL).is_empty(), "each is asked only after the one before");
    let mine = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    assert!(mine.body.contains("Waiting for the agent") || mine.body.contains("waiting for the agent"), "{mine:?}");

    let home = page_of(id);
    for (login, mail, said, told) in [
        ("cv.ada", ADA_MAIL, format!("{home}?said=approved-broker"), "The broker has been asked by e-mail."),
        ("cv.ben", BEN_MAIL, format!("{home}?said=approved-association"), "The association has been asked by e-mail."),
        // Staff go on with the list they came from.
        ("cv.staff", SAM_MAIL, "/mls/enrolments?said=approved-issued".to_owned(), "The key is issued and the developer has been e-mailed."),
    ] {
        let person = world.agent(login);
        let page = follows(&person, &world.link_to(mail));
        for fact in [
            "Front Porch",
            "Builders Ltd.",
            "A site for buyers.",
            "On our servers.",
            "Show the listing office",
            "ListPrice",
            "$50.00 a month",
        ] {
            assert!(page.body.contains(fact), "{login} is not told {fact}: {page:?}");
        }
        let at = |part: &str| page.body.find(part).unwrap_or_else(|| panic!("no {part} on {page:?}"));
        let order =
            ["id=\"wish-section\"", "id=\"terms-section\"", "id=\"decision-section\"", "id=\"approve-form\"", "id=\"decline-form\""];
        assert!(order.map(at).is_sorted(), "the facts and the terms come before the decision");
        let answer = presses(&person, &page, "approve-form", &[]);
        assert_eq!(answer.location(), said, "{answer:?}");
        assert!(person.get(answer.location()).body.contains(told), "{login}");
        assert_eq!(presses(&person, &page, "approve-form", &[]).status, 409, "nobody answers twice");
    }
    let issued = world.standing(id);
    assert_eq!(issued.progress.state, State::Issued);
    let (subject, text) = world.letters_to(DORA).pop().unwrap();
    assert_eq!(subject, "Your key is issued");
    assert!(!text.contains("lkp_") && text.contains("Key: "), "{text}");

    let page = follows(&dora, &world.link_to(DORA));
    let shown = presses(&dora, &page, "show-form", &[]);
    let token = token_of(&shown);
    let me = world.my_account(&token);
    assert_eq!(me.status, 200, "{me:?}");
    assert!(me.body.contains(ADA), "it speaks for Ada: {me:?}");
    let mine = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    for line in [
        "Sent, and the terms accepted",
        "Approved (agent: Ada Agent)",
        "Approved (broker: Ben Broker)",
        "Approved (association: Sam Staff)",
        "The key was issued",
        "The credentials were shown",
    ] {
        assert!(mine.body.contains(line), "{line}: {mine:?}");
    }
    let key = issued.key_id.unwrap();
    let registered = world.app.db.read(move |conn| latchkey::store::keys::get(conn, key)).unwrap().unwrap();
    assert_eq!(registered.key.role_names, ["idx", "single_session"]);
    assert!(!registered.key.admits(&crate::support::world::OTHER_MLS.parse().unwrap()), "pb_22: for people of that MLS alone");
}

#[test]
fn an_invoice_account_comes_first_and_leads_back_to_the_plan() {
    let world = World::new();
    world.activated(1, DORA);
    let dora = world.builder(DORA);
    world.offers(11, idx());
    let page = dora.get("/appstore/datamart/plans/11/enrol");
    assert!(page.body.contains("id=\"to-payment\" href=\"/appstore/datamart/payment?plan=11\""), "{page:?}");
    assert_eq!(dora.post("/appstore/datamart/plans/11/enrol", &wish()).status, 409);
    let page = dora.get("/appstore/datamart/payment?plan=11");
    let card = presses(&dora, &page, "payment-form", &[("legal_name", "B"), ("billing_address", "4242 4242 4242 4242"), ("email", DORA)]);
    assert_eq!(card.status, 422);
    assert!(!card.body.contains("4242") && card.body.contains("never enter one"), "{card:?}");
    let good = [("legal_name", "Builders"), ("billing_address", "1 Main St"), ("email", "books@builders.example"), ("tax_id", "12-345")];
    let done = presses(&dora, &page, "payment-form", &good);
    assert_eq!(done.location(), "/appstore/datamart/plans/11/enrol?said=payment-saved-go-on");
    let form = dora.get(done.location());
    assert!(form.body.contains("Purchase with approval") && form.body.contains("Approvals that will be needed"), "{form:?}");
    // Nothing but a plan of ours is gone back to.
    let odd = dora.post("/appstore/datamart/payment", &[&good[..], &[("plan", "//evil.example")]].concat());
    assert_eq!(odd.location(), "/appstore/datamart?said=payment-saved");
}

#[test]
fn plans_are_found_by_the_name_of_their_mls() {
    let world = World::new();
    let dora = world.dora();
    assert!(dora.get("/appstore/datamart").body.contains("No MLS offers plans here yet"));
    world.offers(11, idx());
    let found = dora.get("/appstore/datamart?q=CASCADE");
    assert!(found.body.contains("Cascade Valley MLS") && found.body.contains("1 plan"), "{found:?}");
    assert!(dora.get("/appstore/datamart?q=%25").body.contains("No MLS matches \u{2018}%\u{2019}."), "a wildcard is a letter");
    let mls = dora.get(&format!("/appstore/datamart/{}", crate::support::platform::MLS));
    assert!(mls.body.contains("IDX feed") && mls.body.contains("$50.00 a month"), "{mls:?}");
    assert_eq!(dora.get(&format!("/appstore/datamart/{}", crate::support::world::OTHER_MLS)).status, 404);
    let plan = dora.get("/appstore/datamart/plans/11");
    assert!(plan.body.contains("Show the listing office") && plan.body.contains("id=\"needed\""), "{plan:?}");
}

#[test]
fn a_form_that_is_refused_says_why_and_loses_nothing() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let enrol = |wish: &[(&str, &str)]| dora.post("/appstore/datamart/plans/11/enrol", wish);
    let with = |name: &'static str, value: &'static str| {
        let mut all = wish();
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        all
    };
    let before = world.rows();
    for (name, value, field) in [
        ("login", "nobody", "login"),
        ("login", "hc.mia", "login"),
        ("login", "cv.gone", "login"),
        ("login", "cv.staff", "login"),
        ("version", "2", "terms"),
        ("accepted", "", "terms"),
        ("purpose", " ", "purpose"),
        ("application", "Lat\u{441}hkey", "application"),
        ("audience", "either", "audience"),
    ] {
        let mut wish = with(name, value);
        wish.retain(|(_, value)| !value.is_empty());
        let answer = enrol(&wish);
        assert_eq!(answer.status, 422, "{name}={value}: {answer:?}");
        if field != "terms" || name == "version" {
            assert!(answer.body.contains(&format!("id=\"{field}-problem\"")), "{name}={value}: {answer:?}");
        }
        assert!(answer.body.contains(if field == "application" { value } else { "Front Porch" }), "{answer:?}");
    }
    world.changed_nothing_since(&before, "enrollments that were refused");
}

#[test]
fn guesses_at_login_names_are_counted() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let mut guess = wish();
    guess.iter_mut().filter(|(name, _)| *name == "login").for_each(|(_, value)| *value = "nobody");
    for _ in 0..40 {
        assert!(dora.post("/appstore/datamart/plans/11/enrol", &guess).body.contains("with this login name"));
    }
    let right = dora.post("/appstore/datamart/plans/11/enrol", &wish());
    assert!(right.status == 422 && right.body.contains("limit of login names"), "a right one is not heard either: {right:?}");
    world.advance(Seconds::days(1));
    enrols(&world.builder(DORA), 11, &wish());
}

#[test]
fn a_generic_agent_needs_the_association_alone() {
    let world = World::new();
    let dora = world.dora();
    world.offers(11, idx());
    let mut wish = wish();
    wish.retain(|(name, _)| *name != "login" && *name != "audience");
    wish.push(("audience", "generic"));
    let id = enrols(&dora, 11, &wish);
    assert!(world.letters_to(ADA_MAIL).is_empty());
    assert_eq!(world.standing(id).progress.state, State::Awaiting(Place::Association));
    approves(&world, "cv.staff", id);
    let page = follows(&dora, &world.link_to(DORA));
    let token = token_of(&presses(&dora, &page, "show-form", &[]));
    assert!(world.my_account(&token).body.contains("Generic agent of Cascade Valley MLS"));
}

#[test]
fn an_own_data_plan_gives_a_token_that_is_held_to_it() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, Content { own_data: vec![OwnData::Member, OwnData::Office], offered: Offered::Named, ..idx() });
    let mut wish = wish();
    wish.push(("own_data", "office"));
    let id = enrols(&dora, 11, &wish);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    let page = follows(&dora, &world.link_to(DORA));
    presses(&dora, &page, "show-form", &[]);
    let key = world.standing(id).key_id.unwrap();
    let tokens = world.app.db.read(move |conn| latchkey::store::personal_tokens::of_key(conn, key, 9)).unwrap();
    assert_eq!((tokens.len(), tokens[0].own_data), (1, Some(OwnData::Office)));
}

#[test]
fn an_openid_plan_gives_a_key_with_a_secret_by_which_people_sign_in() {
    let world = World::new();
    let dora = world.dora();
    world.offers(11, Content { credential: Credential::OpenId, offered: Offered::Generic, ..idx() });
    let mut wish = wish();
    wish.retain(|(name, _)| *name != "login" && *name != "audience");
    for bad in ["http://porch.example/cb", "https://porch.example/*", "javascript:alert(1)", "http://127.0.0.1/cb", ""] {
        let answer = dora.post("/appstore/datamart/plans/11/enrol", &[&wish[..], &[("redirect_uri", bad)]].concat());
        assert!(answer.status == 422 && answer.body.contains("redirect_uri-problem"), "{bad}: {answer:?}");
    }
    wish.push(("redirect_uri", "https://porch.example/cb"));
    let id = enrols(&dora, 11, &wish);
    approves(&world, "cv.staff", id);
    let page = follows(&dora, &world.link_to(DORA));
    let shown = presses(&dora, &page, "show-form", &[]);
    let part = |name: &str| shown.body.split(&format!("id=\"{name}\">")).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let application = crate::support::world::Application {
        client_id: part("client-id"),
        secret: Some(part("secret")),
        redirect_uri: "https://porch.example/cb".into(),
        id: world.standing(id).key_id.unwrap(),
    };
    assert!(world.agent("cv.ada").grants(&application)["access_token"].is_string());
    // Nobody of another MLS.
    assert_eq!(world.agent("hc.mia").approves_with(&application, &[]).redirected("error").as_deref(), Some("access_denied"));
}

#[test]
fn pb_03_an_enrolment_for_one_agent_never_opens_what_the_generic_agent_sees() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, Content { own_data: vec![OwnData::Member], offered: Offered::Named, ..idx() });
    let id = enrols(&dora, 11, &[&wish()[..], &[("own_data", "member")]].concat());
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    let key = world.standing(id).key_id.unwrap().to_string();
    let letters = world.letters_to(DORA).len();
    // The key by its number, as if no enrolment had led to it.
    assert_eq!(dora.post("/developers/credentials/again", &[("key", &key)]).status, 404);
    assert_eq!(world.letters_to(DORA).len(), letters);
    // Nor does a key that she made herself get a secret this way, without the password.
    let made = dora.post(
        "/developers/keys/new/site",
        &[("name", "Porch"), ("application_uri", "https://porch.example/"), ("redirect_uris", "https://porch.example/cb")],
    );
    let own = made.body.split("id=\"to-key\" href=\"/developers/keys/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(dora.post("/developers/credentials/again", &[("key", &own)]).status, 404);
    assert!(!dora.get("/developers").body.contains("id=\"demo-key\""), "a key without a token is no demo key");
    let page = follows(&dora, &world.link_to(DORA));
    let token = token_of(&presses(&dora, &page, "show-form", &[]));
    assert!(world.my_account(&token).body.contains(ADA));
}

#[test]
fn pw_07_and_pw_25_a_letter_counts_for_nobody_but_who_it_was_written_to() {
    let world = World::new();
    let dora = world.dora();
    world.activated(2, "eve@example.com");
    let id = world.enrolled(&dora);
    let link = world.link_to(ADA_MAIL);
    let stranger = world.browser();
    let page = stranger.get(stranger.get(&link).location());
    assert!(page.body.contains("id=\"sign-in\"") && !page.body.contains("Front Porch"), "nothing is shown before signing in: {page:?}");
    let before = world.rows();
    let sessions_aside = |login: &str| {
        let person = world.agent(login);
        person.get("/account");
        person
    };
    for login in ["hc.mia", "cv.staff", "cv.ben"] {
        let person = sessions_aside(login);
        let page = follows(&person, &link);
        assert_eq!(page.status, 403, "{login}: {page:?}");
        assert!(!page.body.contains("Front Porch"));
        world.audited_because("link.rejected", "approval_not_yours");
    }
    let mia = at(&world, "hc.mia", "/account").0;
    for deed in ["approve", "decline", "delegate", "comment"] {
        let path = format!("{}/{deed}", page_of(id));
        let fields = [("shown", "x"), ("reason", "no"), ("login", "hc.mia"), ("words", "hello")];
        assert_eq!(mia.post(&path, &fields).status, 404, "{deed}");
        assert!(world.builder("eve@example.com").post(&path, &fields).body.contains("MLS login name"), "{deed} as a developer");
        assert!(world.browser().post(&path, &fields).body.contains("id=\"sign-in\""), "pw_06: {deed} as nobody");
    }
    assert_eq!(mia.get(&page_of(id)).status, 404);
    assert_eq!(world.standing(id).revision, 1);
    assert!(before.mention("Front Porch"));
}

#[test]
fn pw_05_and_pw_06_scanners_approve_nothing() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let link = world.link_to(ADA_MAIL);
    let before = world.rows();
    for _ in 0..10 {
        let scanner = world.browser();
        let page = scanner.get(scanner.get(&link).location());
        // One that runs scripts and submits every form it finds ends at the sign-in page.
        assert!(scanner.post(&format!("{}/approve", page_of(id)), &[]).body.contains("id=\"sign-in\""), "{page:?}");
        assert_eq!(world.request("HEAD", &link, &[], None).status, 303);
    }
    world.changed_nothing_since(&before, "scanners");
    let ada = world.agent("cv.ada");
    let page = follows(&ada, &link);
    assert_eq!(presses(&ada, &page, "approve-form", &[]).status, 303);
    assert_eq!(world.agent("cv.ada").get(&link).status, 410, "pw_03: used up by the answer");
}

#[test]
fn pw_08_nobody_answers_out_of_turn() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    for login in ["cv.ben", "cv.staff"] {
        let (person, page) = asked(&world, login, id);
        assert!(!page.body.contains("approve-form") && page.body.contains("Nothing is waiting for you here"), "{page:?}");
        let digest = world.standing(id).progress.content;
        for deed in ["approve", "decline", "delegate"] {
            let answer = person.post(&format!("{}/{deed}", page_of(id)), &[("shown", &digest), ("reason", "no"), ("login", "cv.ada")]);
            assert_eq!(answer.status, 409, "{login} {deed}: {answer:?}");
        }
        world.audited_because("approval.rejected", "approval_not_your_turn");
    }
    approves(&world, "cv.ada", id);
    let (ada, _) = asked(&world, "cv.ada", id);
    let answer =
        ada.post(&format!("{}/decline", page_of(id)), &[("shown", &world.standing(id).progress.content), ("reason", "changed my mind")]);
    assert!(answer.status == 409 && answer.body.contains("You have answered already"), "{answer:?}");
    assert_eq!(world.standing(id).progress.state, State::Awaiting(Place::Broker));
}

#[test]
fn pw_09_of_many_who_answer_at_once_one_counts() {
    let world = World::new();
    let dora = world.dora();
    world.offers(11, idx());
    let staff: Vec<String> = (0..4)
        .map(|n| {
            let login = format!("cv.staff{n}");
            let name = login.clone();
            world.change(move |conn| {
                let (sam, hash) = accounts::by_login(conn, "cv.staff")?.unwrap();
                let profile = serde_json::to_string(&sam.profile).unwrap();
                let new = accounts::NewAccount {
                    id: format!("2026100100000000000000020{n}").parse().unwrap(),
                    mls_id: &sam.mls_id,
                    roster_key: &name,
                    login_name: &name,
                    user_type: "Mls",
                    active: true,
                    password_hash: hash.as_deref(),
                    profile: &profile,
                };
                accounts::write(conn, &new, BEGIN).map(drop)
            });
            login
        })
        .collect();
    let mut wish = wish();
    wish.retain(|(name, _)| *name != "login" && *name != "audience");
    wish.push(("audience", "generic"));
    let id = enrols(&dora, 11, &wish);
    let digest = world.standing(id).progress.content;
    let people: Vec<Person<'_>> = staff.iter().map(|login| at(&world, login, "/account").0).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|n| {
                let (person, digest) = (&people[n % 4], &digest);
                scope.spawn(move || {
                    let deed = if n % 2 == 0 { "approve" } else { "decline" };
                    person.post(&format!("{}/{deed}", page_of(id)), &[("shown", digest), ("reason", "no")]).status
                })
            })
            .collect();
        tries.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 303 | 409)), "{statuses:?}");
    let told = world
        .letters_to(DORA)
        .into_iter()
        .filter(|(subject, _)| ["Your key is issued", "Your enrollment was declined"].contains(&subject.as_str()));
    assert_eq!(told.count(), 1);
    assert!(!world.standing(id).progress.state.is_open());
}

#[test]
fn pw_10_a_plan_that_changed_on_the_way_is_approved_and_accepted_anew() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    approves(&world, "cv.ada", id);
    let (ben, page) = asked(&world, "cv.ben", id);
    changes_plan(&world, 11, Content { terms: "Show the office and pay more.".into(), price_cents: 9900, ..idx() });
    let answer = presses(&ben, &page, "approve-form", &[]);
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.body.contains("The plan has changed since you opened the page"), "{answer:?}");
    world.audited_because("approval.rejected", "approval_stale");
    // From the beginning, by new letters.
    let standing = world.standing(id);
    assert_eq!((standing.progress.state, standing.version), (State::Awaiting(Place::Agent), 2));
    assert_eq!(world.letters_to(ADA_MAIL).len(), 2);
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "The plan you enrolled in has changed");
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    // All have approved; without the developer's word no key is issued.
    assert_eq!(world.standing(id).progress.state, State::AwaitingDeveloper);
    let page = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    assert!(page.body.contains("accept-form") && page.body.contains("Show the office and pay more."), "{page:?}");
    let stale = dora.post(&format!("/appstore/datamart/enrolments/{id}/accept"), &[("shown", &idx().digest())]);
    assert_eq!(stale.status, 409, "what was not shown is not accepted");
    assert_eq!(presses(&dora, &page, "accept-form", &[]).status, 303);
    let issued = world.standing(id);
    assert_eq!((issued.progress.state, issued.accepted_version), (State::Issued, 2));
}

#[test]
fn an_approver_who_lost_the_right_in_between_approves_nothing() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    approves(&world, "cv.ada", id);
    let (ben, page) = asked(&world, "cv.ben", id);
    world.reshapes("cv.ben", |profile| profile.office_id = "20261001000000000000000099".into());
    let answer = presses(&ben, &page, "approve-form", &[]);
    assert!(answer.status == 404 && !answer.body.contains("Front Porch"), "{answer:?}");
    world.audited_because("approval.rejected", "approval_right_lost");
    assert_eq!(world.standing(id).progress.state, State::Awaiting(Place::Broker));
    // Switched off, he does not even get in.
    world.change(|conn| accounts::set_active(conn, &BEN.parse().unwrap(), false, BEGIN));
    assert!(presses(&ben, &page, "approve-form", &[]).body.contains("id=\"sign-in\""));
}

#[test]
fn a_developer_switched_off_on_the_way_gets_no_key() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    approves(&world, "cv.ada", id);
    approves(&world, "cv.ben", id);
    let (staff, page) = asked(&world, "cv.staff", id);
    world.change(|conn| developers::set_enabled(conn, DeveloperId(1), false, BEGIN));
    let answer = presses(&staff, &page, "approve-form", &[]);
    assert!(answer.status == 409 && answer.body.contains("account is closed"), "{answer:?}");
    world.audited_because("approval.rejected", "developer_disabled");
    assert_eq!(world.standing(id).key_id, None);
    world.change(|conn| developers::set_enabled(conn, DeveloperId(1), true, BEGIN));
    assert_eq!(presses(&staff, &page, "approve-form", &[]).status, 303);
}

#[test]
fn the_same_person_in_two_places_answers_once_and_both_are_recorded() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let mut wish = wish();
    wish.iter_mut().filter(|(name, _)| *name == "login").for_each(|(_, value)| *value = "cv.ben");
    let id = enrols(&dora, 11, &wish);
    approves(&world, "cv.ben", id);
    let standing = world.standing(id);
    assert_eq!(standing.progress.state, State::Awaiting(Place::Association));
    assert!(standing.progress.steps[..2].iter().all(|step| step.approved.as_ref().is_some_and(|answer| answer.by.as_str() == BEN)));
    let page = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    assert!(page.body.contains("Approved (agent: Ben Broker)") && page.body.contains("Approved (broker: Ben Broker)"), "{page:?}");
    assert_eq!(world.letters_to(BEN_MAIL).len(), 1);
}

#[test]
fn a_no_needs_a_reason_ends_it_and_is_told() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let (ada, page) = asked(&world, "cv.ada", id);
    let empty = presses(&ada, &page, "decline-form", &[("reason", "  ")]);
    assert!(empty.status == 422 && empty.body.contains("reason-problem"), "{empty:?}");
    assert_eq!(presses(&ada, &page, "decline-form", &[("reason", "I do not know them.")]).status, 303);
    assert_eq!(presses(&ada, &page, "approve-form", &[]).status, 409, "pw_08: what was denied is not approved afterwards");
    let (subject, text) = world.letters_to(DORA).pop().unwrap();
    assert!(subject == "Your enrollment was declined" && text.contains("I do not know them."), "{text}");
    let page = dora.get(&format!("/appstore/datamart/enrolments/{id}"));
    assert!(page.body.contains("I do not know them.") && page.body.contains("step-failed"), "{page:?}");
    assert!(world.letters_to(BEN_MAIL).is_empty());
    // The way is free for another try.
    enrols(&dora, 11, &wish());
}

#[test]
fn whoever_does_not_answer_is_reminded_twice_and_after_thirty_days_it_is_over() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let goes_on = |days: i64| {
        world.advance(Seconds::days(days));
        due::run(&world.app).unwrap();
        world.letters_to(ADA_MAIL).len()
    };
    let first = world.link_to(ADA_MAIL);
    assert_eq!(goes_on(1), 1);
    assert_eq!(goes_on(1), 2, "after two days");
    assert_eq!(world.get(&first).status, 410, "the newest e-mail is the one that counts");
    assert_eq!(goes_on(2), 2);
    assert_eq!(goes_on(1), 3, "after five");
    assert_eq!(goes_on(20), 3, "and no more");
    assert_eq!(world.get(&world.link_to(ADA_MAIL)).status, 303);
    goes_on(5);
    assert_eq!(world.standing(id).progress.state, State::Expired);
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "Your enrollment has expired");
    let (ada, page) = asked(&world, "cv.ada", id);
    assert!(!page.body.contains("approve-form"));
    let digest = world.standing(id).progress.content;
    assert_eq!(ada.post(&format!("{}/approve", page_of(id)), &[("shown", &digest)]).status, 409);
    assert_eq!(due::run(&world.app).unwrap(), 0, "and nothing happens to it anymore");
}

#[test]
fn its_thirty_days_count_even_before_anybody_looked() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    world.advance(Seconds::days(30));
    let (ada, _) = at(&world, "cv.ada", "/account");
    let digest = world.standing(id).progress.content;
    let answer = ada.post(&format!("{}/approve", page_of(id)), &[("shown", &digest)]);
    assert!(answer.status == 409 && answer.body.contains("thirty days"), "{answer:?}");
}

#[test]
fn a_broker_hands_on_to_a_colleague_of_the_office_and_to_nobody_else() {
    let world = World::new();
    let dora = world.dora();
    world.change(|conn| {
        let (ada, hash) = accounts::by_login(conn, "cv.ada")?.unwrap();
        let profile = serde_json::to_string(&ada.profile).unwrap().replace("Ada", "Cleo").replace("ada@", "cleo@");
        let new = accounts::NewAccount {
            id: "20261001000000000000000301".parse().unwrap(),
            mls_id: &ada.mls_id,
            roster_key: "cv.cleo",
            login_name: "cv.cleo",
            user_type: "Member",
            active: true,
            password_hash: hash.as_deref(),
            profile: &profile,
        };
        accounts::write(conn, &new, BEGIN).map(drop)
    });
    world.reshapes("cv.staff", |profile| profile.office_id.clear());
    let id = world.enrolled(&dora);
    let (ada, page) = asked(&world, "cv.ada", id);
    assert!(!page.body.contains("delegate-form"), "an agent's consent is his own");
    let digest = world.standing(id).progress.content;
    assert_eq!(ada.post(&format!("{}/delegate", page_of(id)), &[("shown", &digest), ("login", "cv.cleo")]).status, 422);
    approves(&world, "cv.ada", id);
    let (ben, page) = asked(&world, "cv.ben", id);
    let link = world.link_to(BEN_MAIL);
    for nobody in ["cv.ada", "cv.ben", "hc.mia", "cv.staff", "nobody", "cv.gone"] {
        let answer = presses(&ben, &page, "delegate-form", &[("login", nobody)]);
        assert!(answer.status == 422 && answer.body.contains("login-problem"), "{nobody}: {answer:?}");
    }
    let answer = presses(&ben, &page, "delegate-form", &[("login", "cv.cleo")]);
    assert_eq!(answer.location(), "/account/approvals?said=delegated");
    assert_eq!(world.get(&link).status, 410);
    assert_eq!(ben.get(&page_of(id)).status, 404, "he is not asked anymore, so the page is not his either");
    let cleo = world.agent("cv.cleo");
    let page = follows(&cleo, &world.link_to("cleo@example.com"));
    assert_eq!(presses(&cleo, &page, "approve-form", &[]).status, 303);
    assert_eq!(world.standing(id).progress.state, State::Awaiting(Place::Association));
}

#[test]
fn a_developer_withdraws_and_comments_and_only_his_own() {
    let world = World::new();
    let dora = world.dora();
    world.activated(2, "eve@example.com");
    let eve = world.builder("eve@example.com");
    let id = world.enrolled(&dora);
    let home = format!("/appstore/datamart/enrolments/{id}");
    // PB-04
    assert_eq!(eve.get(&home).status, 404);
    for deed in ["withdraw", "accept", "comment"] {
        assert_eq!(eve.post(&format!("{home}/{deed}"), &[("words", "hi"), ("shown", "x")]).status, 404, "{deed}");
    }
    assert_eq!(eve.post("/developers/credentials/again", &[("enrolment", &id.to_string())]).status, 404);
    assert!(!eve.get("/appstore/datamart/enrolments").body.contains("Front Porch"));

    let page = dora.get(&home);
    assert_eq!(presses(&dora, &page, "comment-form", &[("words", "")]).status, 422);
    assert_eq!(presses(&dora, &page, "comment-form", &[("words", "Ada knows us.\n<b>Really</b>")]).status, 303);
    let (ada, seen) = asked(&world, "cv.ada", id);
    assert!(seen.body.contains("Ada knows us.") && !seen.body.contains("<b>Really"), "{seen:?}");
    assert_eq!(presses(&ada, &seen, "comment-form", &[("words", "Do I?")]).status, 303);
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "A comment on your enrollment");
    assert!(dora.get(&home).body.contains("Do I?"));

    let link = world.link_to(ADA_MAIL);
    assert_eq!(presses(&dora, &page, "withdraw-form", &[]).status, 303);
    assert_eq!(presses(&dora, &page, "withdraw-form", &[]).status, 409);
    assert_eq!(world.get(&link).status, 410);
    assert_eq!(presses(&ada, &seen, "approve-form", &[]).status, 409);
    assert_eq!(presses(&dora, &page, "comment-form", &[("words", "Still there?")]).status, 409);
}

#[test]
fn credentials_are_for_the_developer_of_the_key_alone() {
    let world = World::new();
    let dora = world.dora();
    world.activated(2, "eve@example.com");
    let id = world.enrolled(&dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    let link = world.link_to(DORA);
    let eve = world.agent("eve@example.com");
    let page = follows(&eve, &link);
    assert_eq!(page.status, 403, "{page:?}");
    let path = eve.get(&link).location().to_owned();
    assert_eq!(eve.post(&path, &[]).status, 403);
    world.audited_because("link.rejected", "link_not_yours");
    world.advance(Seconds::days(7));
    assert_eq!(dora.get(&link).status, 410);
    // Signed in anew, she has another sent.
    let dora = world.builder(DORA);
    let again = dora.post("/developers/credentials/again", &[("enrolment", &id.to_string())]);
    assert_eq!(again.location(), format!("/appstore/datamart/enrolments/{id}?said=link-sent"));
    let page = follows(&dora, &world.link_to(DORA));
    assert_eq!(world.my_account(&token_of(&presses(&dora, &page, "show-form", &[]))).status, 200);
}

#[test]
fn nobody_enrols_twice_for_the_same() {
    let world = World::new();
    let dora = world.dora();
    world.enrolled(&dora);
    let again = dora.post("/appstore/datamart/plans/11/enrol", &wish());
    assert!(again.status == 422 && again.body.contains("You are already enrolled in this plan"), "{again:?}");
}

#[test]
fn a_plan_that_ended_takes_nobody_and_closes_what_is_open() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let (ada, page) = asked(&world, "cv.ada", id);
    world.change(|conn| plans::end(conn, PlanId(11), BEGIN));
    assert_eq!(presses(&ada, &page, "approve-form", &[]).status, 409);
    assert_eq!(world.standing(id).progress.state, State::Declined);
    assert_eq!(dora.get("/appstore/datamart/plans/11").status, 404);
    assert_eq!(dora.post("/appstore/datamart/plans/11/enrol", &wish()).status, 404);
}

#[test]
fn an_office_without_a_broker_or_an_mls_without_staff_is_told_at_once() {
    let world = World::new();
    let dora = world.dora();
    world.offers(11, idx());
    let answer = dora.post("/appstore/datamart/plans/11/enrol", &wish());
    assert!(answer.status == 422 && answer.body.contains("No one at that office can approve as broker"), "{answer:?}");
    world.makes_broker("cv.ben");
    world.change(|conn| accounts::set_active(conn, &STAFF.parse().unwrap(), false, BEGIN));
    let answer = dora.post("/appstore/datamart/plans/11/enrol", &wish());
    assert!(answer.status == 422 && answer.body.contains("can approve here"), "{answer:?}");
}

#[test]
fn what_waits_for_somebody_stands_in_their_list_with_or_without_a_letter() {
    let world = World::new();
    let dora = world.dora();
    let (_, page) = at(&world, "cv.ada", "/account/approvals");
    assert!(page.body.contains("Nothing is waiting for you"), "{page:?}");
    let id = world.enrolled(&dora);
    let (_, page) = at(&world, "cv.ada", "/account/approvals");
    assert!(page.body.contains("Front Porch") && page.body.contains(&page_of(id)), "{page:?}");
    let (_, page) = at(&world, "cv.ben", "/account/approvals");
    assert!(!page.body.contains("Front Porch"), "not before it is his turn");
}

#[test]
fn pw_18_words_of_strangers_stay_words_in_letters_and_pages() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let nasty = "Porch <a href=//evil.example>x</a> https://evil.example {{7*7}}";
    let mut wish = wish();
    wish.retain(|(name, _)| *name != "application");
    wish.push(("application", nasty));
    let id = enrols(&dora, 11, &wish);
    let (_, text) = world.letters_to(ADA_MAIL).pop().unwrap();
    assert!(!text.contains("https://evil") && text.contains("{{7*7}}"), "{text}");
    let (_, page) = asked(&world, "cv.ada", id);
    assert!(!page.body.contains("<a href=//evil"), "{page:?}");
}

#[test]
fn a_list_of_enrolments_goes_on_page_by_page() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    let first = world.enrolled(&dora);
    let template = world.standing(first);
    world.change(move |conn| {
        for n in 1..=60 {
            let mut other = template.clone();
            other.id = EnrolmentId(n);
            other.progress.steps.clear();
            enrolments::add(conn, &other)?;
        }
        Ok(())
    });
    let (mut seen, mut path) = (0, "/appstore/datamart/enrolments".to_owned());
    for _ in 0..5 {
        let page = dora.get(&path);
        seen += page.body.matches("href=\"/appstore/datamart/enrolments/").count();
        let Some(next) = page.body.split("id=\"enrolments-next\" href=\"").nth(1) else { break };
        path = next.split('"').next().unwrap().to_owned();
    }
    assert_eq!(seen, 61);
    assert_eq!(facts(DORA).email, DORA);
}

#[test]
fn who_is_asked_reads_what_the_developer_says_and_is_told_when_no_answer_is_needed() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let path = format!("/appstore/datamart/enrolments/{id}");
    let page = dora.get(&path);
    assert_eq!(presses(&dora, &page, "comment-form", &[("words", "It is for Ada's site.")]).status, 303);
    let (subject, text) = world.letters_to(ADA_MAIL).pop().unwrap();
    assert!(subject == "A developer commented" && text.contains("It is for Ada's site.") && text.contains(&page_of(id)), "{text}");
    assert!(world.letters_to(BEN_MAIL).is_empty(), "whose turn it is not hears nothing");
    let (ada, page) = asked(&world, "cv.ada", id);
    assert_eq!(presses(&ada, &page, "comment-form", &[("words", "Which one?")]).status, 303);
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "A comment on your enrollment");
    approves(&world, "cv.ada", id);
    let page = dora.get(&path);
    assert_eq!(presses(&dora, &page, "withdraw-form", &[]).status, 303);
    assert_eq!(world.letters_to(BEN_MAIL).pop().unwrap().0, "Your approval is no longer needed");
    assert_ne!(world.letters_to(ADA_MAIL).pop().unwrap().0, "Your approval is no longer needed", "she has answered");
    assert_eq!(world.letters_to(DORA).pop().unwrap().0, "You withdrew your enrollment");
}

#[test]
fn agents_and_brokers_see_which_vendors_act_on_their_word_and_under_which_plan() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    let page = follows(&dora, &world.link_to(DORA));
    presses(&dora, &page, "show-form", &[]);
    let (_, mine) = at(&world, "cv.ada", "/account/applications");
    for fact in ["Front Porch", "of Dora Ltd.", "under the plan IDX feed", "With a personal token"] {
        assert!(mine.body.contains(fact), "{fact}: {mine:?}");
    }
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        let (_, page) = at(&world, login, "/account/approvals");
        let answered = page.body.split("id=\"approved\"").nth(1).unwrap();
        assert!(answered.contains("Front Porch") && answered.contains("IDX feed") && answered.contains("Issued"), "{login}: {page:?}");
    }
    let (_, page) = at(&world, "hc.mia", "/account/approvals");
    assert!(page.body.contains("approved-empty"), "{page:?}");
}

#[test]
fn a_plan_that_ends_switches_its_keys_off_and_their_developers_are_told() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    let page = follows(&dora, &world.link_to(DORA));
    let token = token_of(&presses(&dora, &page, "show-form", &[]));
    assert_eq!(world.my_account(&token).status, 200);
    let (sam, page) = at(&world, "cv.staff", "/mls/plans/11/end");
    assert_eq!(presses(&sam, &page, "end-form", &[]).status, 303);
    world.my_account(&token).is_api_error(401, 1010);
    due::run(&world.app).unwrap();
    let (subject, text) = world.letters_to(DORA).pop().unwrap();
    assert!(subject.starts_with("A plan was ended") && text.contains("Front Porch"), "{text}");
}

#[test]
fn every_letter_has_a_text_and_a_page_that_say_the_same_with_links_from_the_configuration_alone() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    for login in ["cv.ada", "cv.ben", "cv.staff"] {
        approves(&world, login, id);
    }
    type Letter = (String, String, String);
    let all: Vec<Letter> = world
        .app
        .db
        .read(|conn| {
            use diesel::prelude::*;
            use latchkey::store::schema::outbox;
            conn.all(outbox::table.select((outbox::subject, outbox::text_body, outbox::html_body)))
        })
        .unwrap();
    assert!(all.len() >= 4);
    for (subject, text, html) in &all {
        assert!(text.starts_with("Hello ") && html.contains("Hello "), "{subject}");
        assert!(html.starts_with("<!doctype html>") && html.contains("lang=\"en\""), "{subject}");
        for address in text.split_whitespace().filter(|word| word.starts_with("http")) {
            assert!(address.starts_with(&world.issuer), "{subject}: {address}");
            assert!(html.contains(address.trim_end_matches('.')), "{subject}: {address} is in the text alone");
        }
        for address in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(address.starts_with(&world.issuer), "{subject}: {address}");
        }
        assert!(!html.contains("<img") && !html.contains("<script"), "{subject}: nothing is loaded from anywhere");
    }
}
