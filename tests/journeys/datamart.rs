//! Developers, approvers and staff in real browsers, with letters through a real mail server: from the registration to the first call, and
//! from an enrolment to a key; or to a no, to an end by itself, to a suspension.

use latchkey::base::Seconds;

use crate::support::browser::Browser;
use crate::support::datamart::idx;
use crate::support::journeys;
use crate::support::post::Post;
use crate::support::world::{PASSWORD, World};

const NORA: &str = "nora@new.example";
const DORA: &str = "dora@example.com";

/// Where somebody who works here signs in, and goes on to where he wanted.
fn signs_in(browser: &Browser, login: &str) {
    browser.fill("#username", login);
    browser.fill("#password", PASSWORD);
    browser.press_and_go("#sign-in");
}

/// The same for developers.
fn builder_signs_in(browser: &Browser, email: &str) {
    browser.fill("#email", email);
    browser.fill("#password", PASSWORD);
    browser.press_and_go("#sign-in");
}

/// A browser in which somebody who works here is signed in at a page.
fn staff(world: &World, login: &str, path: &str) -> Browser {
    let browser = Browser::open();
    browser.goto(format!("{}{path}", world.issuer));
    signs_in(&browser, login);
    browser.find("#signed-in-as");
    browser
}

/// What stands in an element of the page that the click led to.
fn after(browser: &Browser, click: &str, then: &str) -> String {
    browser.press_and_go(click);
    browser.text(then)
}

fn dora(world: &World) -> Browser {
    world.activated(1, DORA);
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let browser = Browser::open();
    browser.goto(format!("{}/appstore/datamart", world.issuer));
    builder_signs_in(&browser, DORA);
    browser.find("#mlses");
    browser
}

/// Dora finds the plan, is asked for an invoice account on the way, comes back and enrols for Ada.
fn enrols(browser: &Browser) {
    browser.fill("#q", "cascade");
    browser.press_and_go("#search");
    browser.press_and_go("#mlses a");
    browser.press_and_go("#plans a");
    assert!(browser.text("#needed").contains("broker"), "{}", browser.source());
    browser.press_and_go("#enrol");
    browser.press_and_go("#to-payment");
    browser.fill("#legal_name", "Builders Ltd.");
    browser.fill("#billing_address", "1 Main Street");
    browser.fill("#email", "books@builders.example");
    browser.press_and_go("#save");
    assert!(browser.text("#said").contains("Continue where you left off"), "{}", browser.source());
    browser.fill("#application", "Front Porch");
    browser.fill("#website", "https://porch.example/");
    browser.click("#audience-named");
    browser.fill("#login", "cv.ada");
    browser.fill("#purpose", "A site for buyers.");
    browser.fill("#answer_1", "On our servers.");
    browser.click("#accepted");
    assert!(after(browser, "#purchase", "#said").contains("Sent."), "{}", browser.source());
}

/// The link of the newest letter to somebody, opened by whoever it was written to.
fn opens(post: &Post<'_>, login: &str, address: &str) -> Browser {
    let browser = Browser::open();
    browser.goto(post.link(address));
    signs_in(&browser, login);
    assert!(browser.text("main").contains("A site for buyers."), "{}", browser.source());
    browser
}

/// The token behind the newest link to Dora.
fn token(post: &Post<'_>, browser: &Browser, email: &str) -> String {
    browser.goto(post.link(email));
    if browser.has("#sign-in") {
        builder_signs_in(browser, email);
    }
    browser.press_and_go("#show");
    browser.text("#token")
}

fn approve_all(post: &Post<'_>) {
    for (login, address) in [("cv.ada", "ada@example.com"), ("cv.ben", "ben@example.com"), ("cv.staff", "sam@example.com")] {
        let browser = opens(post, login, address);
        assert!(after(&browser, "#approve", "#said").contains("Approved."), "{}", browser.source());
    }
}

#[test]
fn from_the_registration_to_the_first_call_of_the_sandbox() {
    if !journeys() {
        return;
    }
    let world = World::new();
    world.makes_platform_staff("hc.mia");
    let (post, nora) = (Post::of(&world), Browser::open());
    nora.goto(format!("{}/register/developers", world.issuer));
    for (field, words) in [
        ("#first_name", "Nora"),
        ("#last_name", "New"),
        ("#company", "New Ltd."),
        ("#email", NORA),
        ("#website", "new.example"),
        ("#phone", "+1 509 555 0150"),
        ("#building", "A site for buyers."),
        ("#password", PASSWORD),
        ("#password_again", PASSWORD),
    ] {
        nora.fill(field, words);
    }
    nora.click("#accept");
    nora.press_and_go("#register");
    assert!(nora.text("#website-problem").contains("web address"), "a problem stands beside its field: {}", nora.source());
    assert_eq!(nora.value("#building"), "A site for buyers.", "and nothing typed is lost");
    nora.fill("#website", "https://new.example/");
    nora.fill("#password", PASSWORD);
    nora.fill("#password_again", PASSWORD);
    nora.press_and_go("#register");
    assert!(nora.text("main").contains(NORA), "{}", nora.source());

    nora.goto(post.link(NORA));
    assert!(!nora.url().contains("lkl_"), "the secret has left the address bar");
    nora.fill("#password", PASSWORD);
    nora.press_and_go("#verify");
    nora.goto(format!("{}/developers", world.issuer));
    builder_signs_in(&nora, NORA);
    assert!(nora.text("#waiting").contains("is under review"), "{}", nora.source());

    let mia = staff(&world, "hc.mia", "/admin/registrations");
    assert!(mia.text("#registrations").contains("New Ltd."), "{}", mia.source());
    mia.press_and_go("#registrations a");
    assert!(after(&mia, "#activate", "#said").contains("Activated."), "{}", mia.source());

    let (subject, text) = post.newest(NORA);
    assert!(subject.starts_with("You are activated") && !text.contains("lkp_"), "{text}");
    let token = token(&post, &nora, NORA);
    let call = world.api(&token, "GET", "/v1/listings?_limit=5", None);
    assert_eq!(call.results(200).len(), 5);
    let odata = world.request("GET", "/Reso/OData/Property?$top=3&$count=true", &[("authorization", &format!("Bearer {token}"))], None);
    assert_eq!(odata.json()["value"].as_array().unwrap().len(), 3, "{odata:?}");
    // The link was for once.
    nora.back();
    nora.goto(post.link(NORA));
    assert!(nora.text("main").contains("no longer valid"), "{}", nora.source());
}

#[test]
fn an_enrolment_goes_through_three_approvers_to_a_working_token_which_the_mls_can_suspend() {
    if !journeys() {
        return;
    }
    let world = World::new();
    let post = Post::of(&world);
    let dora = dora(&world);
    enrols(&dora);
    assert!(post.letters("ben@example.com").is_empty() && post.letters("sam@example.com").is_empty(), "one after the other");
    approve_all(&post);
    let (subject, text) = post.newest(DORA);
    assert!(subject == "Your key is issued" && !text.contains("lkp_"), "{text}");
    let token = token(&post, &dora, DORA);
    assert_eq!(world.my_account(&token).result(200)["Name"], "Ada Agent");
    assert!(!world.api(&token, "GET", "/v1/listings", None).results(200).is_empty());
    dora.goto(format!("{}/appstore/datamart/enrolments", world.issuer));
    dora.press_and_go("#enrolments a");
    let story = dora.text("#story");
    for line in ["Approved (agent: Ada Agent)", "Approved (broker: Ben Broker)", "Approved (association: Sam Staff)", "The key was issued"]
    {
        assert!(story.contains(line), "{line}: {story}");
    }

    // Its MLS suspends it: the next call fails. Dora reads why and says something; it is taken up again.
    let sam = staff(&world, "cv.staff", "/mls/keys");
    sam.press_and_go("#keys a");
    sam.fill("#reason", "It showed sold prices.");
    assert!(after(&sam, "#suspend", "#said").contains("Suspended."), "{}", sam.source());
    world.my_account(&token).is_api_error(401, 1010);
    assert_eq!(post.newest(DORA).0, "Your key is suspended");
    dora.goto(format!("{}/developers", world.issuer));
    dora.press_and_go("main .cards a");
    assert!(dora.text("#reason-section").contains("It showed sold prices."));
    dora.fill("#words", "We took them down.");
    assert!(after(&dora, "#appeal", "#said").contains("Sent."));
    assert!(post.newest("sam@example.com").1.contains("We took them down."));
    sam.reload();
    assert!(sam.text("#appeal").contains("We took them down."), "{}", sam.source());
    assert!(after(&sam, "#resume", "#said").contains("Reinstated."));
    assert_eq!(world.my_account(&token).status, 200);
}

#[test]
fn a_broker_declines_with_a_reason_that_the_developer_reads() {
    if !journeys() {
        return;
    }
    let world = World::new();
    let post = Post::of(&world);
    let dora = dora(&world);
    enrols(&dora);
    let ada = opens(&post, "cv.ada", "ada@example.com");
    assert!(after(&ada, "#approve", "#said").contains("Approved."));
    let ben = opens(&post, "cv.ben", "ben@example.com");
    ben.press_and_go("#decline");
    assert!(ben.text("#reason-problem").contains("fill this in"), "a no needs a reason: {}", ben.source());
    ben.fill("#reason", "We have a feed already.");
    assert!(after(&ben, "#decline", "#said").contains("Declined."), "{}", ben.source());
    let (subject, text) = post.newest(DORA);
    assert!(subject == "Your enrollment was declined" && text.contains("We have a feed already."), "{text}");
    assert!(post.letters("sam@example.com").is_empty(), "nobody else is asked");
    dora.goto(format!("{}/appstore/datamart/enrolments", world.issuer));
    dora.press_and_go("#enrolments a");
    assert!(dora.text("#reason").contains("We have a feed already."), "{}", dora.source());
}

#[test]
fn an_enrolment_nobody_answers_is_reminded_of_twice_and_expires_by_itself() {
    if !journeys() {
        return;
    }
    let world = World::new();
    let post = Post::of(&world);
    let dora = dora(&world);
    enrols(&dora);
    let link = post.link("ada@example.com");
    for (days, letters) in [(1, 1), (2, 2), (3, 2), (5, 3), (8, 3)] {
        reaches(&world, days);
        let all = post.letters("ada@example.com");
        assert_eq!(all.len(), letters, "on day {days}: {:?}", all.iter().map(|(subject, _)| subject).collect::<Vec<_>>());
    }
    assert_eq!(post.newest("ada@example.com").0, "Reminder: your approval is needed");
    let ada = Browser::open();
    ada.goto(&link);
    assert!(ada.text("main").contains("no longer valid"), "the newest e-mail counts: {}", ada.source());
    reaches(&world, 30);
    assert_eq!(post.newest(DORA).0, "Your enrollment has expired");
    ada.goto(post.link("ada@example.com"));
    assert!(ada.text("main").contains("no longer valid"), "{}", ada.source());
    dora.goto(format!("{}/appstore/datamart/enrolments", world.issuer));
    builder_signs_in(&dora, DORA);
    assert!(dora.text("#enrolments").contains("Expired"), "{}", dora.source());
}

/// Moves the clock to so many days after the beginning.
fn reaches(world: &World, days: i64) {
    let elapsed = world.app.now().since(crate::support::world::BEGIN);
    world.advance(Seconds(Seconds::days(days).0 - elapsed.0));
}

#[test]
fn axe_finds_nothing_on_the_pages_of_developers_approvers_and_staff_at_any_width_in_light_and_dark() {
    if !journeys() {
        return;
    }
    let world = World::new();
    let post = Post::of(&world);
    world.makes_platform_staff("hc.mia");
    world.verified(7, "wait@example.com");
    let dora = dora(&world);
    let folder = std::env::var_os("LATCHKEY_TEST_PICTURES").map(std::path::PathBuf::from);
    let look = |browser: &Browser, what: &str| {
        for (width, dark) in [(1280, false), (1280, true), (360, false), (320, true)] {
            browser.resize(width, 900);
            browser.dark(dark);
            // Colours fade into one another; what is judged is what stays.
            std::thread::sleep(std::time::Duration::from_millis(250));
            if let Some(folder) = &folder {
                let tall = browser.execute("return document.documentElement.scrollHeight", &[]).as_u64().unwrap();
                browser.resize(width, u32::try_from(tall.clamp(600, 3000)).unwrap());
                browser.screenshot(folder.join(format!("{what}-{width}{}.png", if dark { "-dark" } else { "" })));
            }
            assert_eq!(browser.axe(), Vec::<String>::new(), "{what} at {width}, dark: {dark}");
            let wide = browser.execute("return document.documentElement.scrollWidth", &[]);
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{what} is {wide} wide at {width}");
        }
        browser.resize(1280, 900);
        browser.dark(false);
    };
    let visit = |browser: &Browser, paths: &[(&str, &str)]| {
        for (path, what) in paths {
            browser.goto(format!("{}{path}", world.issuer));
            look(browser, what);
        }
    };
    let stranger = Browser::open();
    visit(&stranger, &[("/register/developers", "register"), ("/developers/sign-in", "developer-sign-in"), ("/developers/reset", "reset")]);
    stranger.goto(format!("{}/register/developers", world.issuer));
    stranger.press_and_go("#register");
    look(&stranger, "register-refused");
    visit(
        &dora,
        &[
            ("/developers", "developer"),
            ("/appstore/datamart", "datamart"),
            ("/appstore/datamart/plans/11", "plan"),
            ("/appstore/datamart/payment", "payment"),
            ("/developers/sandbox", "sandbox"),
        ],
    );
    dora.goto(format!("{}/appstore/datamart", world.issuer));
    enrols(&dora);
    look(&dora, "enrolment");
    visit(&dora, &[("/appstore/datamart/plans/11/enrol", "enrol"), ("/appstore/datamart/enrolments", "enrolments")]);
    let ada = opens(&post, "cv.ada", "ada@example.com");
    look(&ada, "approval");
    visit(&ada, &[("/account", "account"), ("/account/approvals", "approvals")]);
    approve_all(&post);
    dora.goto(post.link(DORA));
    look(&dora, "credentials-ask");
    dora.press_and_go("#show");
    look(&dora, "credentials");
    let sam = staff(&world, "cv.staff", "/mls");
    look(&sam, "mls");
    visit(
        &sam,
        &[
            ("/mls/plans", "mls-plans"),
            ("/mls/plans/11", "mls-plan"),
            ("/mls/plans/11/edit", "mls-plan-edit"),
            ("/mls/enrolments?state=all", "mls-enrolments"),
            ("/mls/keys", "mls-keys"),
            ("/mls/keys/new", "mls-issue"),
            ("/mls/accounts", "mls-people"),
        ],
    );
    sam.press_and_go("#accounts a");
    look(&sam, "mls-person");
    sam.goto(format!("{}/mls/keys", world.issuer));
    sam.press_and_go("#keys a");
    look(&sam, "mls-key");
    sam.fill("#reason", "It showed sold prices.");
    sam.press_and_go("#suspend");
    look(&sam, "mls-key-suspended");
    visit(&dora, &[("/developers", "developer-suspended")]);
    dora.press_and_go("main .cards a");
    look(&dora, "suspension");
    let mia = staff(&world, "hc.mia", "/admin");
    look(&mia, "admin");
    visit(
        &mia,
        &[
            ("/admin/registrations", "admin-registrations"),
            ("/admin/registrations/7", "admin-registration"),
            ("/admin/developers", "admin-developers"),
            ("/admin/developers/1", "admin-developer"),
            ("/admin/keys", "admin-keys"),
            ("/admin/audit", "admin-audit"),
            ("/admin/signing", "admin-signing"),
            ("/admin/outbox", "admin-outbox"),
        ],
    );
    let mut blocked: Vec<String> = Vec::new();
    for browser in [&stranger, &dora, &ada, &sam, &mia] {
        blocked.extend(browser.console().into_iter().filter(|line| line.contains("Content Security Policy")));
    }
    assert_eq!(blocked, Vec::<String>::new());
}
