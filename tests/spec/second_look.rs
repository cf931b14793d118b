//! What a second pair of eyes found: each was a hole once.

use latchkey::base::id::SessionId;
use latchkey::base::{Digest, Fault, Seconds};
use latchkey::flows::account::change_password;
use latchkey::flows::authorize::{self, Ask, Browser, Stage};
use latchkey::flows::device::Device;
use latchkey::flows::issue;
use latchkey::flows::record::Caller;
use latchkey::flows::sign_in;
use latchkey::hashing::Verdict;
use latchkey::protocol::authorize::Surface;
use latchkey::protocol::params::Params;
use latchkey::store::{accounts, audit, facts, grants, keys};

use crate::support::world::{Answer, BEGIN, Person, World, form, request_of};

const EMAIL_BY_NAME: &str = r#"{"userinfo":{"email":null}}"#;

#[test]
fn cn_06_a_claim_asked_for_by_name_is_allowed_by_the_person_like_its_scope() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    assert!(ada.approves_with(&w, &[("scope", "openid")]).redirected("code").is_some());
    let wish = [("scope", "openid"), ("claims", EMAIL_BY_NAME)];
    ada.opens(&w, &[wish[0], wish[1], ("prompt", "none")]).is_refused_to(&w, "consent_required", &world.issuer);
    let page = ada.opens(&w, &wish);
    assert!(page.body.contains("See your e-mail address."), "{page:?}");
    let tokens = world.exchange(&w, &ada.walks(page).redirected("code").unwrap()).json();
    assert_eq!(tokens["scope"], "openid");
    let said = world.userinfo(tokens["access_token"].as_str().unwrap()).json();
    assert_eq!(said["email"], "ada@example.com");
    assert!(said.get("name").is_none() && said.get("email_verified").is_none());
    // What was allowed once is not asked about again.
    assert!(ada.opens(&w, &[wish[0], wish[1], ("prompt", "none")]).redirected("code").is_some());
}

#[test]
fn rt_24_a_claim_asked_for_by_name_never_goes_beyond_the_keys_scopes() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    let wish = [("scope", "openid"), ("claims", r#"{"userinfo":{"email":null},"id_token":{"phone_number":null}}"#)];
    let tokens = world.exchange(&w, &ada.approves_with(&w, &wish).redirected("code").unwrap()).json();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).json()["email"], "ada@example.com");
    assert_eq!(claims_of(&tokens)["phone_number"], "555-0100");
    world.change_policy(&w, |policy| policy.scopes = Some("openid".into()));
    assert!(world.userinfo(access).json().get("email").is_none());
    let renewed = world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).json();
    assert!(claims_of(&renewed).get("phone_number").is_none());
    let again = world.exchange(&w, &ada.approves_with(&w, &wish).redirected("code").unwrap()).json();
    assert!(claims_of(&again).get("phone_number").is_none());
    assert!(world.userinfo(again["access_token"].as_str().unwrap()).json().get("email").is_none());
}

/// What an ID token says; its signature is another test's business.
fn claims_of(tokens: &serde_json::Value) -> serde_json::Value {
    let part = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

#[test]
fn cs_12_a_password_that_changes_while_the_old_one_is_compared_wins() {
    let world = World::new();
    for rehashed in [None, Some("$argon2id$v=19$m=19456,t=2,p=1$b2xk$b2xk".to_owned())] {
        let app = world.app.clone();
        let admitted = world.app.db.write(move |conn| sign_in::admit(&app, conn, &Caller::default(), "cv.ada", &Device::default()));
        let Ok(admitted) = admitted.unwrap() else { panic!("throttled") };
        let (id, old) = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().map(|(ada, hash)| (ada.id, hash)).unwrap();
        let new = format!("{}x", old.unwrap());
        let (who, set) = (id.clone(), new.clone());
        world.change(move |conn| accounts::set_password(conn, &who, &set, BEGIN));
        let verdict = Verdict { matches: true, rehashed };
        let app = world.app.clone();
        let opened =
            world.app.db.write(move |conn| sign_in::open(&app, conn, &Caller::default(), &admitted, &verdict, Device::default(), None));
        assert!(opened.unwrap().is_none(), "the old password opened a session");
        assert_eq!(world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().1, Some(new));
        world.audited_because("login.failure", "password_changed");
    }
}

#[test]
fn cs_12_whoever_is_signed_out_at_that_moment_sets_no_password() {
    let world = World::new();
    // Between the look that found the session and the write it was ended: there is none of that id any more.
    let ended = SessionId(1);
    let (ada, hash) = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap();
    let (app, before) = (world.app.clone(), world.rows());
    let changed = world.app.db.write(move |conn| change_password::change(&app, conn, &Caller::default(), &ada, ended, "a thief's hash"));
    assert!(matches!(changed, Err(Fault::Unavailable(_))));
    world.changed_nothing_since(&before, "a session that was ended");
    assert_eq!(world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().1, hash);
}

#[test]
fn lr_03_work_that_panics_leaves_nothing_behind_and_spoils_nobody_elses() {
    let world = World::new();
    let db = &world.app.db;
    for number in 0..16 {
        let half = db.write::<()>(move |conn| {
            facts::settle(conn, &format!("half-{number}"), "1")?;
            panic!("a test panics here on purpose");
        });
        assert!(half.is_err());
        db.write(move |conn| facts::settle(conn, &format!("whole-{number}"), "1")).unwrap();
    }
    for number in 0..16 {
        // Whichever connection answers.
        for _ in 0..4 {
            assert_eq!(db.read(move |conn| facts::get(conn, &format!("half-{number}"))).unwrap(), None, "{number}");
            assert_eq!(db.read(move |conn| facts::get(conn, &format!("whole-{number}"))).unwrap(), Some("1".into()), "{number}");
        }
    }
}

#[test]
fn rt_10_a_password_that_changes_between_a_request_and_its_permission_wins() {
    let world = World::new();
    let hybrid = world.key("hybrid");
    let ada = world.agent("cv.ada");
    let wish = [("response_type", "id_token token")];
    assert!(ada.approves_with(&hybrid, &wish).redirected("access_token").is_some());
    world.advance(Seconds(5));
    let cookie = ada.cookie("__Host-latchkey_session").unwrap();
    let (id, secret) = cookie.split_once('.').unwrap();
    let session = (SessionId(id.parse().unwrap()), Digest::of(secret.as_bytes()));
    let browser = Browser { id: ada.cookie("__Host-latchkey_browser").unwrap(), session: Some(session) };
    let params = Params::from_form(form(&request_of(&hybrid, &wish)).as_bytes()).unwrap();
    let ask = Ask::fresh(Surface::OpenId, params, world.app.now());
    let app = world.app.clone();
    let Stage::Issue(ready) = world.app.db.read(move |conn| authorize::look(&app, conn, &browser, &ask)).unwrap() else {
        panic!("nothing to issue")
    };
    let now = world.app.now();
    let (ada, hash) = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap();
    world.change(move |conn| accounts::set_password(conn, &ada.id, &hash.unwrap(), now));
    world.advance(Seconds(1));
    let app = world.app.clone();
    let (ready, grant) = world
        .app
        .db
        .write(move |conn| {
            let grant = issue::issue(&app, conn, &Caller::default(), &ready)?;
            Ok((ready, grant))
        })
        .unwrap();
    let answer = issue::answer(&world.app, *ready, grant.as_ref()).unwrap();
    let token = answer.members.iter().find(|(name, _)| *name == "access_token").unwrap();
    assert_eq!(world.userinfo(&token.1).status, 401);
}

#[test]
fn lg_03_one_line_of_ipv6_is_one_address() {
    let world = World::with(&[("trusted_proxies", "127.0.0.1")]);
    let tries = |host: u32, network: &str, login: &str| {
        let browser = world.browser();
        let flow = browser.opens(&world.w(), &[]).field("flow");
        let from = format!("{network}::{host:x}");
        let headers = [("origin", world.issuer.as_str()), ("x-forwarded-for", &from)];
        browser.post_with("/openid/sign-in", &headers, &[("flow", &flow), ("username", login), ("password", "wrong")]).status
    };
    for host in 1..=20 {
        assert_eq!(tries(host, "2001:db8:1:1", &format!("nobody.{host}")), 422);
    }
    assert_eq!(tries(21, "2001:db8:1:1", "nobody.21"), 429);
    assert_eq!(tries(22, "2001:db8:1:2", "nobody.22"), 422);
}

const ELSEWHERE: [(&str, &str); 2] = [("origin", "https://app.example"), ("sec-fetch-site", "cross-site")];

/// A form of another site, as a browser sends it: without our cookies, because they are `SameSite=Lax`; what it is answered counts in the browser.
fn posts_from_elsewhere(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ELSEWHERE[0], ELSEWHERE[1]];
    world.request("POST", path, &headers, Some(&form(fields)))
}

fn is_signed_in(ada: &Person<'_>, world: &World) -> bool {
    ada.opens(&world.w(), &[("prompt", "none")]).redirected("code").is_some()
}

#[test]
fn cs_04_a_form_of_another_site_takes_no_session_away() {
    let world = World::new();
    let ada = world.agent("cv.ada");
    ada.approves(&world.w());
    let answer = posts_from_elsewhere(&world, "/openid/logout", &[("state", "x")]);
    assert!(answer.header("set-cookie").is_none(), "{answer:?}");
    assert_eq!((answer.status, answer.location()), (303, "/openid/logout?state=x"));
    let page = ada.get_with(answer.location(), &[ELSEWHERE[1]]);
    assert!(page.body.contains("name=\"form_token\"") && page.header("set-cookie").is_none(), "{page:?}");
    assert!(is_signed_in(&ada, &world));
    // Nor does a request that brings no session: an image on another site's page.
    assert!(world.request("GET", "/openid/logout", &[("sec-fetch-site", "cross-site")], None).header("set-cookie").is_none());
}

#[test]
fn rp_initiated_logout_2_a_form_of_the_application_ends_the_session_too() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    let tokens = ada.grants(&w);
    let code = ada.approves(&w);
    let hint = tokens["id_token"].as_str().unwrap();
    let wish = [("id_token_hint", hint), ("post_logout_redirect_uri", w.redirect_uri.as_str()), ("state", "a&b")];
    let answer = posts_from_elsewhere(&world, "/openid/logout", &wish);
    let answer = ada.get_with(answer.location(), &[ELSEWHERE[1]]);
    assert_eq!(answer.location(), "https://app.example/cb?state=a%26b");
    assert!(!is_signed_in(&ada, &world));
    world.exchange(&w, &code).is_token_error(400, "invalid_grant");
}

#[test]
fn core_3_1_2_1_a_request_by_post_from_another_site_finds_who_is_signed_in() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    ada.approves(&w);
    let answer = posts_from_elsewhere(&world, "/openid/authorize", &request_of(&w, &[("prompt", "none")]));
    assert!(answer.header("set-cookie").is_none(), "the cookie other tabs hang on is replaced: {answer:?}");
    assert!(ada.get(answer.location()).redirected("code").is_some());
    // A browser we do not know yet gets the sign-in page, one redirect later.
    let answer = posts_from_elsewhere(&world, "/openid/authorize", &request_of(&w, &[]));
    let ben = world.agent("cv.ben");
    assert!(ben.walks(ben.get(answer.location())).redirected("code").is_some());
    // What needs nobody is answered at once.
    posts_from_elsewhere(&world, "/openid/authorize", &request_of(&w, &[("prompt", "sparkle")])).is_refused_to(
        &w,
        "invalid_request",
        &world.issuer,
    );
}

#[test]
fn lr_06_a_public_keys_own_page_may_read_userinfo_and_the_answer_of_a_revocation() {
    let world = World::new();
    let p = world.key("p");
    let tokens = world.agent("cv.ada").grants(&p);
    let token = tokens["access_token"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    for (origin, allowed) in [("https://spa.example", Some("https://spa.example")), ("https://evil.example", None), ("null", None)] {
        let said = world.request("GET", "/openid/userinfo", &[("authorization", &bearer), ("origin", origin)], None);
        assert_eq!((said.status, said.header("access-control-allow-origin")), (200, allowed), "{origin}");
        assert_eq!(said.header("vary"), Some("Origin"));
        assert!(said.header("access-control-allow-credentials").is_none());
        let bad = world.request("GET", "/openid/userinfo", &[("authorization", "Bearer x"), ("origin", origin)], None);
        assert_eq!((bad.status, bad.header("access-control-allow-origin")), (401, allowed), "{origin}");
    }
    let fields = form(&[("client_id", &p.client_id), ("token", token)]);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://spa.example")];
    let gone = world.request("POST", "/openid/revoke", &headers, Some(&fields));
    assert_eq!((gone.status, gone.header("access-control-allow-origin")), (200, Some("https://spa.example")));
    // A confidential key has no page that could ask.
    let w = world.agent("cv.ada").grants(&world.w());
    let bearer = format!("Bearer {}", w["access_token"].as_str().unwrap());
    let said = world.request("GET", "/openid/userinfo", &[("authorization", &bearer), ("origin", "https://app.example")], None);
    assert!(said.header("access-control-allow-origin").is_none());
}

#[test]
fn cn_10_no_id_token_leaves_for_a_request_without_the_scope_openid() {
    let world = World::new();
    let hybrid = world.key("hybrid");
    let ada = world.agent("cv.ada");
    for kind in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let answer = ada.approves_with(&hybrid, &[("response_type", kind), ("scope", "email")]);
        answer.is_refused_to(&hybrid, "invalid_scope", &world.issuer);
        assert!(answer.location().contains('#') && answer.redirected("id_token").is_none(), "{answer:?}");
    }
    assert!(ada.approves_with(&hybrid, &[("response_type", "code token"), ("scope", "email")]).redirected("access_token").is_some());
    world.change_policy(&hybrid, |policy| policy.scopes = Some("email".into()));
    ada.approves_with(&hybrid, &[("response_type", "id_token")]).is_refused_to(&hybrid, "invalid_scope", &world.issuer);
}

fn lines(world: &World, event: &'static str) -> usize {
    world.app.db.read(move |conn| audit::newest(conn, Some(event), 1000)).unwrap().len()
}

#[test]
fn ds_06_a_flood_of_refused_sign_ins_and_revocations_does_not_fill_the_audit() {
    let world = World::new();
    let token = world.agent("cv.ben").grants(&world.w())["access_token"].as_str().unwrap().to_owned();
    let browser = world.browser();
    let flow = browser.opens(&world.w(), &[]).field("flow");
    for _ in 0..60 {
        browser.post("/openid/sign-in", &[("flow", &flow), ("username", "cv.ada"), ("password", "wrong")]);
    }
    let p = world.key("p");
    for _ in 0..60 {
        assert_eq!(world.as_client(&p, "/openid/revoke", &[("token", &token)]).status, 200);
    }
    assert!(world.audited("login.throttled").is_some() && world.audited("revoke.denied").is_some());
    for _ in 0..3000 {
        if (lines(&world, "login.throttled"), lines(&world, "revoke.denied")) >= (20, 10) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // Two limits throttled sign-ins, one after the other, and each is told ten times.
    assert_eq!((lines(&world, "login.throttled"), lines(&world, "revoke.denied")), (20, 10));
    latchkey::flows::record::flush(&world.app).unwrap();
    assert_eq!(world.audited("revoke.denied").unwrap().times, 50);
    let counted = world.app.db.read(|conn| audit::newest(conn, Some("login.throttled"), 2)).unwrap();
    assert_eq!(counted.iter().map(|line| line.times).sum::<i64>(), 60 - 5 - 20);
}

#[test]
fn cd_05_a_failed_try_uses_up_an_offered_code_and_never_ends_what_was_redeemed() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    let code = ada.approves(&w);
    let id = latchkey::base::id::GrantId(world.audited("code.issued").unwrap().subject.unwrap().parse().unwrap());
    let tokens = world.exchange(&w, &code).json();
    // What a failed try does that looked before the good one was committed.
    assert!(!world.change(move |conn| grants::use_up(conn, id, BEGIN)));
    assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).status, 200);
}

#[test]
fn rfc6749_3_1_a_request_object_without_a_value_is_none() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    ada.approves(&w);
    let query = form(&request_of(&w, &[]));
    assert!(ada.get(&format!("/openid/authorize?{query}&request=&request_uri=")).redirected("code").is_some());
}

#[test]
fn ca_23_a_disabled_key_is_no_place_to_go_after_logout() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    let tokens = ada.grants(&w);
    let id = w.id;
    world.change(move |conn| keys::set_enabled(conn, id, false, BEGIN));
    let hint = tokens["id_token"].as_str().unwrap();
    let answer = ada.get(&format!("/openid/logout?{}", form(&[("id_token_hint", hint), ("post_logout_redirect_uri", &w.redirect_uri)])));
    assert_eq!((answer.status, answer.header("location")), (200, None));
}

#[test]
fn rt_24_introspection_of_a_refresh_token_tells_no_scope_the_key_lost() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    world.change_policy(&w, |policy| policy.scopes = Some("openid profile".into()));
    assert_eq!(world.introspect(tokens["refresh_token"].as_str().unwrap())["scope"], "openid profile");
}

#[test]
fn multiple_response_types_2_1_who_asks_for_a_token_in_the_fragment_is_refused_there() {
    let world = World::new();
    let w = world.w();
    for kind in ["token", "token code2", "id_token none"] {
        let answer = world.browser().opens(&w, &[("response_type", kind)]);
        answer.is_refused_to(&w, "unsupported_response_type", &world.issuer);
        assert!(answer.location().contains('#'), "{kind}: {answer:?}");
    }
    assert!(!world.browser().opens(&w, &[("response_type", "none")]).location().contains('#'));
}
