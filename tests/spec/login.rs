//! Signing in: guesses and their limits, names and passwords, what tells nobody anything (LG).

use std::collections::BTreeMap;
use std::thread;

use diesel::prelude::*;
use latchkey::app::App;
use latchkey::base::id::SessionId;
use latchkey::base::{Clock, Digest, Random, Seconds};
use latchkey::config::Settings;
use latchkey::flows::start;
use latchkey::identity::password::Password;
use latchkey::identity::session::Session;
use latchkey::signing::{MasterSecret, RotationPolicy, Seal};
use latchkey::store::accounts::{NewAccount, Written};
use latchkey::store::audit::{self, Entry};
use latchkey::store::{Db, accounts, keys, outbox, schema, sessions};

use super::sessions::settled;
use crate::support::world::{Answer, Application, BEGIN, OTHER_MLS, PASSWORD, Person, World, form, request_of};

const ADA: &str = "20261001000000000000000101";
const MLS: &str = "20261001000000000000000001";
const SESSION: &str = "__Host-latchkey_session";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The session of a cookie, dead or alive.
pub fn session_of(world: &World, cookie: &str) -> Option<Session> {
    let (id, secret) = cookie.split_once('.')?;
    let (id, digest) = (SessionId(id.parse().ok()?), Digest::of(secret.as_bytes()));
    world.app.db.read(move |conn| sessions::get(conn, id, &digest)).unwrap()
}

/// Fills in a sign-in page from an address, in a world that trusts the header.
pub fn tries(world: &World, person: &Person<'_>, page: &Answer, password: &str, address: &str) -> Answer {
    let fields = [("flow", page.field("flow")), ("username", person.login.clone()), ("password", password.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.post_with("/openid/sign-in", &[("origin", &world.issuer), ("x-forwarded-for", address)], &fields)
}

/// Opens the sign-in page in a browser, and tries a name and a password there.
pub fn page_and_try(_: &World, person: &Person<'_>, app: &Application, login: &str, password: &str) -> (Answer, Answer) {
    let page = person.opens(app, &[]);
    let answer = person.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", login), ("password", password)]);
    (page, answer)
}

/// More people of the first MLS, with everybody's password.
pub fn crowd(world: &World, count: usize) -> Vec<String> {
    let hash = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().1.unwrap();
    let names: Vec<String> = (0..count).map(|n| format!("cv.person{n}")).collect();
    let made = names.clone();
    world.change(move |conn| {
        for (n, name) in made.iter().enumerate() {
            accounts::write(
                conn,
                &NewAccount { password_hash: Some(&hash), ..account(&format!("202610010000000000000010{n:02}"), name) },
                BEGIN,
            )?;
        }
        Ok(())
    });
    names
}

/// A plain account of the first MLS.
fn account<'a>(id: &str, login: &'a str) -> NewAccount<'a> {
    static FIRST: std::sync::LazyLock<latchkey::base::id::AccountId> = std::sync::LazyLock::new(|| MLS.parse().unwrap());
    NewAccount {
        id: id.parse().unwrap(),
        mls_id: &FIRST,
        roster_key: login,
        login_name: login,
        user_type: "Member",
        active: true,
        password_hash: None,
        profile: "{}",
    }
}

fn set_password(world: &World, password: &str) {
    let hash = world.app.hasher.hash(Password::typed(password).unwrap(), &world.app.random).unwrap().recv().unwrap().unwrap();
    let now = world.app.now();
    world.change(move |conn| accounts::set_password(conn, &ADA.parse().unwrap(), &hash, now));
}

fn told(world: &World, event: &'static str) -> Vec<Entry> {
    world.app.db.read(move |conn| audit::newest(conn, Some(event), 10_000)).unwrap()
}

/// How many passwords were compared: each comparison ends in one line of the audit.
fn compared(world: &World) -> usize {
    told(world, "login.failure").len() + told(world, "login.success").len()
}

fn is_wrong(what: &str, answer: &Answer) {
    assert_eq!(answer.status, 422, "{what}: {answer:?}");
    assert!(answer.body.contains("id=\"problem\"") && answer.body.contains("id=\"sign-in\""), "{what}: {answer:?}");
    assert!(answer.header("set-cookie").is_none() && answer.header("location").is_none(), "{what}");
}

/// Asserts RL; answers for how many seconds.
fn is_throttled(what: &str, answer: &Answer) -> i64 {
    assert_eq!(answer.status, 429, "{what}: {answer:?}");
    assert!(answer.header("set-cookie").is_none() && answer.header("location").is_none(), "{what}");
    answer.header("retry-after").unwrap().parse().unwrap()
}

/// A world that believes `X-Forwarded-For`, so that guesses can come from everywhere.
fn everywhere() -> World {
    World::with(&[("trusted_proxies", "127.0.0.1")])
}

#[test]
fn lg_01_wrong_passwords_wait_longer_and_longer_and_the_hundredth_closes_the_account() {
    let world = World::new();
    let (w, known, stranger) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    known.approves(&w);
    let page = stranger.opens(&w, &[]);
    for n in 1..=5 {
        is_wrong(&format!("guess {n}"), &stranger.signs_in(&page, "wrong"));
    }
    for n in 6..=100 {
        is_throttled(&format!("guess {n}"), &stranger.signs_in(&page, "wrong"));
    }
    is_throttled("the right one", &stranger.signs_in(&page, PASSWORD));
    assert_eq!(compared(&world), 6, "five guesses, and the sign-in before them");
    assert_eq!(stranger.cookie(SESSION), None);

    let mut waits = Vec::new();
    world.advance(Seconds(60));
    for n in 6..=100 {
        let page = stranger.opens(&w, &[]);
        is_wrong(&format!("guess {n}"), &stranger.signs_in(&page, "wrong"));
        let wait = is_throttled("at once again", &stranger.signs_in(&page, PASSWORD));
        waits.push(wait);
        if n < 100 {
            world.advance(Seconds(wait - 1));
            is_throttled("a second too early", &stranger.signs_in(&stranger.opens(&w, &[]), PASSWORD));
            world.advance(Seconds(1));
        }
    }
    assert_eq!(waits[..5], [120, 240, 480, 900, 900]);
    assert_eq!(waits.last(), Some(&86_400));
    // The person's own browser is not concerned.
    let page = known.opens(&w, &[("prompt", "login")]);
    assert_eq!(known.signs_in(&page, PASSWORD).status, 303);
    let lines = told(&world, "login.throttled");
    for reason in ["account", "address"] {
        let told = lines.iter().filter(|line| line.reason.as_deref() == Some(reason)).count();
        assert_eq!(told, 10, "a flood is told ten times a minute and then as a number: {reason}");
    }
    assert!(lines.iter().all(|line| line.subject.as_deref() == Some(ADA) && line.peer.as_deref() == Some("127.0.0.1")));
}

#[test]
fn lg_01_a_success_forgets_the_guesses_before_it_and_only_those_at_this_account() {
    let world = World::new();
    let (w, browser) = (world.w(), world.agent("cv.ada"));
    for round in 0..3 {
        let browser = world.agent("cv.ada");
        let page = browser.opens(&w, &[]);
        for n in 1..=3 {
            is_wrong(&format!("round {round}, guess {n}"), &browser.signs_in(&page, "wrong"));
        }
        assert_eq!(browser.signs_in(&page, PASSWORD).status, 303, "round {round}");
        world.advance(Seconds(60));
    }
    // Nineteen more, of which one's own success is no excuse: the address goes on being counted.
    let page = browser.opens(&w, &[]);
    for n in 0..19 {
        let person = world.agent(&format!("nobody{n}"));
        is_wrong("another name", &person.signs_in(&person.opens(&w, &[]), "x"));
    }
    assert_eq!(browser.signs_in(&page, PASSWORD).status, 303);
    world.advance(Seconds(1));
    let page = browser.opens(&w, &[("prompt", "login")]);
    is_throttled(
        "the twenty-first",
        &browser.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ben"), ("password", PASSWORD)]),
    );
}

#[test]
fn lg_02_many_addresses_have_one_budget_for_one_account() {
    let world = everywhere();
    let (w, known, stranger) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    known.approves(&w);
    let mut heard = 0;
    for minute in 0..60 {
        let page = stranger.opens(&w, &[]);
        for n in 0..5 {
            let answer = tries(&world, &stranger, &page, "wrong", &format!("198.51.{minute}.{n}"));
            heard += usize::from(answer.status == 422);
            assert!([422, 429].contains(&answer.status));
        }
        world.advance(Seconds(60));
    }
    assert!((5..=30).contains(&heard), "{heard} guesses were compared within an hour");
    assert_eq!(told(&world, "login.failure").len(), heard);
    let page = known.opens(&w, &[("prompt", "login")]);
    assert_eq!(tries(&world, &known, &page, PASSWORD, "198.51.100.1").status, 303);
}

#[test]
fn lg_03_one_address_has_twenty_guesses_a_minute_at_whatever_names() {
    let world = everywhere();
    let (w, page_of) = (world.w(), world.browser());
    let page = page_of.opens(&w, &[]);
    let guess = |n: usize, address: &str| {
        let login = format!("nobody{n}");
        let fields = form(&[("flow", &page.field("flow")), ("username", &login), ("password", "x")]);
        let cookie = format!("__Host-latchkey_browser={}", page_of.cookie("__Host-latchkey_browser").unwrap());
        let headers = [FORM, ("cookie", &cookie), ("origin", &world.issuer), ("x-forwarded-for", address)];
        world.request("POST", "/openid/sign-in", &headers, Some(&fields))
    };
    for n in 0..20 {
        is_wrong("one of twenty", &guess(n, "203.0.113.1"));
    }
    for n in 20..60 {
        let wait = is_throttled("beyond twenty", &guess(n, "203.0.113.1"));
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(told(&world, "login.failure").len(), 20);
    world.audited_because("login.throttled", "address");
    let line = world.audited("login.throttled").unwrap();
    assert_eq!(line.peer.as_deref(), Some("203.0.113.1"));
    is_wrong("another address", &guess(61, "203.0.113.2"));
    // The same name again and again is told as the account's own limit.
    for n in 0..5 {
        assert_eq!(guess(99, &format!("203.0.113.{}", 10 + n)).status, 422);
    }
    is_throttled("the sixth", &guess(99, "203.0.113.99"));
    world.audited_because("login.throttled", "account");
    world.advance(Seconds(60));
    is_wrong("a minute later", &guess(62, "203.0.113.1"));
}

#[test]
fn lg_04_of_many_guesses_at_the_same_time_no_more_are_compared_than_are_free() {
    let world = everywhere();
    let (w, stranger) = (world.w(), world.agent("cv.ada"));
    let page = stranger.opens(&w, &[]);
    let answers: Vec<(usize, u16)> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..20)
            .map(|lane| {
                let (world, stranger, page) = (&world, &stranger, &page);
                scope.spawn(move || {
                    let one = |round: usize| {
                        let n = round * 20 + lane;
                        let password = if n == 150 { PASSWORD } else { "wrong" };
                        (n, tries(world, stranger, page, password, &format!("198.51.100.{n}")).status)
                    };
                    (0..10).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), 200);
    assert!(answers.iter().all(|(_, status)| [422, 429, 503].contains(status)), "{answers:?}");
    assert!((1..=6).contains(&answers.iter().filter(|(_, status)| *status == 422).count()), "{answers:?}");
    assert!(compared(&world) <= 6, "{}", compared(&world));
    assert_eq!(told(&world, "login.success").len(), 0);
    assert_eq!(stranger.cookie(SESSION), None);
}

#[test]
fn lg_05_however_a_name_is_spelled_it_is_one_name_with_one_counter() {
    let spellings = [
        "cv.ada",
        "CV.ADA",
        " cv.Ada",
        "cv.ada\t",
        "\u{ff43}\u{ff56}\u{ff0e}\u{ff41}\u{ff44}\u{ff41}",
        "cv.ada\u{a0}",
        "\u{2003}Cv.aDA\u{3000}",
    ];
    let world = World::new();
    let w = world.w();
    for login in spellings {
        let (_, answer) = page_and_try(&world, &world.browser(), &w, login, PASSWORD);
        assert_eq!(answer.status, 303, "{login:?}");
    }
    world.advance(Seconds(60));
    let mut statuses = Vec::new();
    for login in spellings {
        statuses.push(page_and_try(&world, &world.browser(), &w, login, "wrong").1.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429]);
    // A name nobody has is counted in the same way.
    world.advance(Seconds(60));
    let statuses: Vec<u16> = ["nobody", "NOBODY", " nobody", "Nobody ", "\u{ff4e}obody", "nobody"]
        .into_iter()
        .map(|login| page_and_try(&world, &world.browser(), &w, login, "wrong").1.status)
        .collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

/// An answer without what is new each time: cookies' and form values, request id, and the name that was typed.
fn masked(answer: &Answer, login: &str) -> (u16, BTreeMap<String, String>, String) {
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str())).cloned().collect();
    let body = answer.body.replace(&answer.field("flow"), "FLOW").replace(&format!("value=\"{login}\""), "value=\"LOGIN\"");
    (answer.status, headers, body)
}

#[test]
fn lg_06_unknown_wrong_disabled_and_never_activated_look_the_same_to_the_byte() {
    let world = World::new();
    let w = world.w();
    world.change(|conn| accounts::write(conn, &account("20261001000000000000000191", "cv.new"), BEGIN));
    world.change(|conn| {
        accounts::write(
            conn,
            &NewAccount { password_hash: Some("$unknown$scheme"), ..account("20261001000000000000000192", "cv.sso") },
            BEGIN,
        )
    });
    let cases = [
        ("cv.nobody", "wrong", "login_unknown"),
        ("cv.nobody", PASSWORD, "login_unknown"),
        ("cv.ada", "wrong", "password_wrong"),
        ("cv.ada", "", "password_wrong"),
        ("cv.gone", "wrong", "password_wrong"),
        ("cv.gone", PASSWORD, "account_inactive"),
        ("cv.new", "wrong", "password_wrong"),
        ("cv.new", "", "password_wrong"),
        ("cv.sso", PASSWORD, "password_wrong"),
        ("", "", "login_unknown"),
    ];
    let mut seen = Vec::new();
    for (login, password, reason) in cases {
        let (_, answer) = page_and_try(&world, &world.browser(), &w, login, password);
        is_wrong(login, &answer);
        let line = world.audited("login.failure").unwrap();
        assert_eq!(line.reason.as_deref(), Some(reason), "{login} {password:?}");
        if !login.is_empty() {
            seen.push((login, masked(&answer, login)));
        }
    }
    for pair in seen.windows(2) {
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
    // Each was compared with something: the count of comparisons is the count of tries.
    assert_eq!(compared(&world), cases.len());

    // Locked: the same again, whether the name is anybody's or not.
    world.advance(Seconds::days(1));
    let mut locked = Vec::new();
    for login in ["cv.nobody", "cv.ada", "cv.gone", "cv.new"] {
        for _ in 0..5 {
            page_and_try(&world, &world.browser(), &w, login, "wrong");
        }
        world.advance(Seconds(1));
        let (_, answer) = page_and_try(&world, &world.browser(), &w, login, PASSWORD);
        assert_eq!(is_throttled(login, &answer), 59);
        locked.push((login, masked(&answer, login)));
        world.advance(Seconds(59));
    }
    for pair in locked.windows(2) {
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
}

#[test]
fn lg_08_a_password_counts_to_its_last_character_and_has_an_end() {
    let world = World::new();
    let w = world.w();
    for length in [64, 80, 256, 1024] {
        let right = "p".repeat(length - 1) + "q";
        set_password(&world, &right);
        for (what, typed) in
            [("last changed", "p".repeat(length)), ("one less", "p".repeat(length - 1)), ("first changed", format!("P{}", &right[1..]))]
        {
            let (_, answer) = page_and_try(&world, &world.browser(), &w, "cv.ada", &typed);
            is_wrong(&format!("{length}, {what}"), &answer);
        }
        if length < 1024 {
            is_wrong("one more", &page_and_try(&world, &world.browser(), &w, "cv.ada", &format!("{right}q")).1);
        }
        assert_eq!(page_and_try(&world, &world.browser(), &w, "cv.ada", &right).1.status, 303, "{length}");
        world.advance(Seconds(60));
    }
    let before = compared(&world);
    for (login, password) in [
        ("cv.ada", "p".repeat(1025)),
        ("cv.ada", "\u{e9}".repeat(513)),
        ("cv.ada", "p".repeat(60_000)),
        (&*"a".repeat(257), PASSWORD.to_owned()),
    ] {
        let (_, answer) = page_and_try(&world, &world.browser(), &w, login, &password);
        answer.is_page(400);
        assert!(!answer.body.contains("pppp"));
    }
    assert_eq!(compared(&world), before, "what is too long is not hashed");
    is_wrong("a name of a hundred", &page_and_try(&world, &world.browser(), &w, &"a".repeat(100), PASSWORD).1);
    // LG-09: composed and decomposed spellings are one password, capitals and spaces are not.
    set_password(&world, "caf\u{e9} \u{1f511}");
    assert_eq!(page_and_try(&world, &world.browser(), &w, "cv.ada", "cafe\u{301} \u{1f511}").1.status, 303);
    for other in ["caf\u{e9}\u{1f511}", "Caf\u{e9} \u{1f511}", "cafe \u{1f511}", "caf\u{e9} \u{1f511} "] {
        is_wrong(other, &page_and_try(&world, &world.browser(), &w, "cv.ada", other).1);
    }
}

#[test]
fn lg_10_a_name_is_never_a_query_a_format_or_a_template() {
    let world = World::new();
    let (w, browser) = (world.w(), world.browser());
    let page = browser.opens(&w, &[]);
    let before = settled(&world);
    for login in [
        "' OR '1'='1",
        "cv.ada' --",
        "cv.ada\\",
        "x'; DROP TABLE accounts; --",
        "%",
        "cv_ada",
        "*)(uid=*))(|(uid=*",
        "%s%s%n%x",
        "${7*7}{{7*7}}<%= 7*7 %>",
        "\"><script>alert(1)</script>",
        "cv.ada\r\nSet-Cookie: x=y",
        "\u{202e}ada.vc",
        "../../etc/passwd",
    ] {
        let answer = browser.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", login), ("password", PASSWORD)]);
        is_wrong(login, &answer);
        assert!(!answer.body.contains("<script>alert"), "{answer:?}");
        assert_eq!(world.audited("login.failure").unwrap().reason.as_deref(), Some("login_unknown"), "{login}");
    }
    let nul = browser.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", "cv.ada\0"), ("password", PASSWORD)]);
    nul.is_page(400);
    assert_eq!(settled(&world), before);
    assert_eq!(page_and_try(&world, &browser, &w, "cv.ada", PASSWORD).1.status, 303);
}

#[test]
fn lg_11_lg_15_one_name_is_one_account_whatever_mls_and_spelling() {
    let world = World::new();
    let before = settled(&world);
    for (mls, login) in [(OTHER_MLS, "cv.ada"), (OTHER_MLS, " CV.Ada "), (MLS, "\u{ff43}v.ada"), (OTHER_MLS, "cv.ADA\u{a0}")] {
        let written = world.change(move |conn| {
            let mls = mls.parse().unwrap();
            accounts::write(
                conn,
                &NewAccount { mls_id: &mls, roster_key: "another", login_name: login, ..account("20261001000000000000000193", "") },
                BEGIN,
            )
        });
        assert_eq!(written, Written::LoginTaken, "{login}");
    }
    // The database itself says so, however the row is written.
    let twin = world.app.db.write(|conn| {
        conn.execute(
            diesel::update(schema::accounts::table.find("20261001000000000000000102")).set(schema::accounts::login_key.eq("cv.ada")),
        )
    });
    assert!(twin.is_err());
    assert_eq!(settled(&world), before);
    // The same number at two MLSs is two people: the roster's key counts within its MLS.
    let written = world.change(|conn| {
        let mls = OTHER_MLS.parse().unwrap();
        accounts::write(conn, &NewAccount { mls_id: &mls, roster_key: "cv.ada", ..account("20261001000000000000000193", "hc.ada") }, BEGIN)
    });
    assert_eq!(written, Written::Added);
    is_wrong("no password yet", &page_and_try(&world, &world.browser(), &world.w(), "hc.ada", PASSWORD).1);
    assert_eq!(page_and_try(&world, &world.browser(), &world.w(), "cv.ada", PASSWORD).1.status, 303);
}

#[test]
fn lg_12_nobody_chooses_the_address_he_is_counted_by() {
    let guesses = |world: &World, header: &dyn Fn(usize) -> (&'static str, String)| -> Vec<u16> {
        let (w, browser) = (world.w(), world.browser());
        let page = browser.opens(&w, &[]);
        (0..25)
            .map(|n| {
                let (name, value) = header(n);
                let login = format!("nobody{n}");
                let fields = [("flow", page.field("flow")), ("username", login), ("password", "x".to_owned())];
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                browser.post_with("/openid/sign-in", &[("origin", &world.issuer), (name, &value)], &fields).status
            })
            .collect()
    };
    let limited = [[422; 20].as_slice(), &[429; 5]].concat();
    let world = World::new();
    assert_eq!(guesses(&world, &|n| ("x-forwarded-for", format!("192.0.2.{n}"))), limited, "nobody is trusted");
    for name in ["forwarded", "x-real-ip", "client-ip", "true-client-ip", "x-client-ip"] {
        let world = World::new();
        let value = |n: usize| if name == "forwarded" { format!("for=192.0.2.{n}") } else { format!("192.0.2.{n}") };
        assert_eq!(guesses(&world, &|n| (name, value(n))), limited, "{name}");
    }
    // Behind a trusted proxy the address is what the proxy saw, not what the client wrote before it.
    let world = everywhere();
    assert_eq!(guesses(&world, &|n| ("x-forwarded-for", format!("192.0.2.{n}, 203.0.113.7"))), limited);
    assert_eq!(world.audited("login.throttled").unwrap().peer.as_deref(), Some("203.0.113.7"));
    let world = everywhere();
    assert_eq!(guesses(&world, &|n| ("x-forwarded-for", format!("192.0.2.{n}"))), [422; 25], "really from everywhere");
}

#[test]
fn lg_13_whoever_is_attacked_for_an_hour_signs_in_at_once_in_his_own_browser() {
    let world = everywhere();
    let (w, known, stranger) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    known.approves(&w);
    for minute in 0..60 {
        let page = stranger.opens(&w, &[]);
        for n in 0..3 {
            tries(&world, &stranger, &page, "wrong", &format!("198.51.{minute}.{n}"));
        }
        world.advance(Seconds(60));
    }
    let page = known.opens(&w, &[]);
    assert!(page.body.contains("id=\"sign-in\""), "the session was idle one hour");
    assert_eq!(tries(&world, &known, &page, PASSWORD, "192.0.2.1").status, 303);
    world.advance(Seconds(1));
    // The browser's own guesses are counted too, and another account's browser is a stranger here.
    let page = known.opens(&w, &[("prompt", "login")]);
    let statuses: Vec<u16> = (0..6).map(|_| tries(&world, &known, &page, "wrong", "192.0.2.1").status).collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    let bens = world.agent("cv.ben");
    bens.approves(&w);
    world.advance(Seconds(1));
    for n in 0..6 {
        let page = stranger.opens(&w, &[]);
        tries(&world, &stranger, &page, "wrong", &format!("198.51.100.{n}"));
    }
    let page = bens.opens(&w, &[("prompt", "login")]);
    let fields = [("flow", page.field("flow")), ("username", "cv.ada".to_owned()), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    is_throttled("Ben's browser", &bens.post("/openid/sign-in", &fields));
}

#[test]
fn lg_16_a_sign_in_is_told_in_the_audit_and_to_the_person_where_the_browser_is_new() {
    let world = everywhere();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let waiting = || world.app.db.read(|conn| outbox::due(conn, BEGIN + Seconds::days(1))).unwrap();
    let agent = "Sparkle/1.0 (a browser with a very long name) ".repeat(10);
    let page = ada.opens(&w, &[]);
    let fields = [("flow", page.field("flow")), ("username", "cv.ada".to_owned()), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let headers = [("origin", world.issuer.as_str()), ("x-forwarded-for", "192.0.2.44"), ("user-agent", &agent)];
    assert_eq!(ada.post_with("/openid/sign-in", &headers, &fields).status, 303);
    for event in ["session.started", "login.success"] {
        let line = world.audited(event).unwrap();
        assert_eq!((line.actor.as_deref(), line.peer.as_deref(), line.outcome.as_str()), (Some(ADA), Some("192.0.2.44"), "ok"), "{event}");
        assert!(line.session.is_some() && line.request_id.is_some(), "{event}");
    }
    let cookie = ada.cookie(SESSION).unwrap();
    let id = cookie.split_once('.').unwrap().0.parse::<i64>().unwrap();
    let row: Option<(Option<String>, String)> = world
        .app
        .db
        .read(move |conn| conn.one(schema::sessions::table.find(id).select((schema::sessions::peer, schema::sessions::user_agent))))
        .unwrap();
    let (peer, user_agent) = row.unwrap();
    assert_eq!((peer.as_deref(), user_agent.as_str()), (Some("192.0.2.44"), &agent[..256]));
    assert_eq!(waiting(), 1, "an e-mail for a new browser");
    world.advance(Seconds(60));
    ada.approves_with(&w, &[("prompt", "login")]);
    assert_eq!(waiting(), 1, "none for one that is known");
    world.agent("cv.ada").approves(&w);
    assert_eq!(waiting(), 2, "one for another");
    let silent = World::with(&[("sign_in_notice", "false")]);
    silent.agent("cv.ada").approves(&silent.w());
    assert_eq!(silent.app.db.read(|conn| outbox::due(conn, BEGIN)).unwrap(), 0);
}

#[test]
fn lg_17_a_fresh_installation_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::sqlite(&folder.path().join("fresh.db")).unwrap();
    start::migrate(&db, &Clock::fixed(BEGIN), |_| {}).unwrap();
    let secret = "lkm_a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5ba";
    let seal = || Seal::new(&MasterSecret::parse(secret).unwrap()).unwrap();
    let random = Random::default();
    let (ring, macs) = start::prepare(&db, &seal(), &random, &RotationPolicy::new(Seconds::days(25)), BEGIN).unwrap();
    assert_eq!(db.read(accounts::count).unwrap(), 0);
    assert!(db.read(|conn| keys::page(conn, latchkey::base::id::KeyId(0), 10)).unwrap().is_empty());
    // There is no master secret but one's own.
    let flags: BTreeMap<String, String> = [("issuer", "http://127.0.0.1:8080"), ("database", "sqlite:fresh.db")]
        .into_iter()
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect();
    let problems = Settings::load(None, std::iter::empty(), &flags).err().unwrap().to_string();
    assert!(problems.contains("master_secret"), "{problems}");
    let environment = [("LATCHKEY_MASTER_SECRET".to_owned(), secret.to_owned())];
    let settings = Settings::load(None, environment.into_iter(), &flags).unwrap();
    let app = App::new(db, ring, macs, seal(), Clock::fixed(BEGIN), random, settings).unwrap();
    for login in ["admin", "root", "latchkey", "cv.ada", "demo"] {
        assert!(app.db.read(move |conn| accounts::by_login(conn, login)).unwrap().is_none(), "{login}");
    }
}

#[test]
fn lg_21_a_name_given_to_somebody_else_brings_nothing_of_its_former_owner() {
    let world = World::new();
    let (w, adas) = (world.w(), world.agent("cv.ada"));
    adas.approves(&w);
    let hash = world.app.db.read(|conn| accounts::by_login(conn, "cv.ben")).unwrap().unwrap().1.unwrap();
    world.change(move |conn| {
        accounts::write(conn, &NewAccount { login_name: "cv.ada.married", ..account(ADA, "cv.ada") }, BEGIN)?;
        accounts::write(
            conn,
            &NewAccount { roster_key: "new", password_hash: Some(&hash), ..account("20261001000000000000000194", "cv.ada") },
            BEGIN,
        )
    });
    // The session is still hers, under her new name.
    let tokens = world.exchange(&w, &adas.approves(&w)).json();
    let said = world.userinfo(tokens["access_token"].as_str().unwrap()).json();
    assert_eq!((said["sub"].as_str(), said["preferred_username"].as_str()), (Some(ADA), Some("cv.ada.married")));
    // The new one is asked for consent, even in the same browser, and that browser is not known to him.
    world.advance(Seconds(1));
    let page = adas.opens(&w, &[("prompt", "select_account")]);
    let answer = adas.signs_in(&page, PASSWORD);
    let consent = adas.get(answer.location());
    assert!(consent.body.contains("id=\"consent-allow\""), "{consent:?}");
    let tokens = world.exchange(&w, &adas.walks(consent).redirected("code").unwrap()).json();
    assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).json()["sub"], "20261001000000000000000194");
    // A guess at the new one is a stranger's guess in a browser that only knew the old one.
    let old = world.agent("cv.ada.married");
    old.approves(&w);
    world.advance(Seconds(1));
    let flow = old.opens(&w, &[("prompt", "login")]).field("flow");
    let fields = [("flow", flow.as_str()), ("username", "cv.ada"), ("password", "wrong")];
    let statuses: Vec<u16> = (0..6).map(|_| old.post("/openid/sign-in", &fields).status).collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    // Her own counter is not touched by it.
    let fields = [("flow", flow.as_str()), ("username", "cv.ada.married"), ("password", PASSWORD)];
    assert_eq!(old.post("/openid/sign-in", &fields).status, 303);
}

#[test]
fn lg_25_whoever_is_switched_off_gets_in_through_no_other_door() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let code = ada.approves(&w);
    world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), false, BEGIN));
    world.exchange(&w, &code).is_token_error(400, "invalid_grant");
    world.audited_because("token.rejected", "person_inactive");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    world.refresh(&w, refresh).is_token_error(400, "invalid_grant");
    assert_eq!(world.introspect(refresh)["active"], false);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).status, 401);
    world.my_account(access).is_api_error(403, 1015);
    // The session, the device cookie, the hint, and the first-party key that asks nothing.
    assert!(ada.opens(&w, &[("id_token_hint", tokens["id_token"].as_str().unwrap())]).body.contains("id=\"sign-in\""));
    assert!(ada.opens(&world.key("first"), &[]).body.contains("id=\"sign-in\""));
    let page = ada.opens(&w, &[("prompt", "select_account")]);
    assert!(!page.body.contains("continue-as"), "{page:?}");
    let answer = ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("continue_as", "1")]);
    assert!(answer.header("location").is_none() && answer.body.contains("id=\"sign-in\""), "{answer:?}");
    is_wrong("his own password", &page_and_try(&world, &ada, &w, "cv.ada", PASSWORD).1);
    let older = ada.get(&format!("/oauth2?{}", form(&request_of(&w, &[]))));
    assert!(older.body.contains("id=\"sign-in\""), "{older:?}");
    // Switched on again, what slept wakes up; the code that was tried is used up.
    world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), true, BEGIN));
    assert_eq!(world.refresh(&w, refresh).status, 200);
    world.exchange(&w, &code).is_token_error(400, "invalid_grant");
}

#[test]
fn lg_25_an_account_locked_by_guesses_loses_nothing_it_has() {
    let world = World::new();
    let (w, ada, stranger) = (world.w(), world.agent("cv.ada"), world.agent("cv.ada"));
    let tokens = ada.grants(&w);
    let page = stranger.opens(&w, &[]);
    for _ in 0..6 {
        stranger.signs_in(&page, "wrong");
    }
    is_throttled("locked", &stranger.signs_in(&page, PASSWORD));
    assert!(ada.opens(&w, &[]).redirected("code").is_some());
    assert_eq!(world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).status, 200);
    assert!(world.is_active(tokens["access_token"].as_str().unwrap()));
}
