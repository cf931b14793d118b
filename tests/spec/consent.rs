//! Consent: who is asked, what is shown, what counts as a yes (CN).

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::protocol::client::Policy;
use latchkey::store::{consents, grants, schema};
use serde_json::{Value, json};

use super::sessions::settled;
use crate::support::world::{Answer, Application, BEGIN, OTHER_MLS, PASSWORD, Person, World, form, request_of};

const ADA: &str = "20261001000000000000000101";

/// The consent page of a request, after signing in where that is asked.
fn asked(person: &Person<'_>, app: &Application, extra: &[(&str, &str)]) -> Answer {
    let mut answer = person.opens(app, extra);
    if answer.body.contains("id=\"sign-in\"") {
        answer = person.signs_in(&answer, PASSWORD);
        answer = person.get(answer.location());
    }
    assert!(answer.body.contains("id=\"consent-allow\""), "{answer:?}");
    answer
}

fn decides(person: &Person<'_>, page: &Answer, decision: &str, extra: &[(&str, &str)]) -> Answer {
    let flow = page.field("flow");
    let mut fields = vec![("flow", flow.as_str()), ("decision", decision)];
    fields.extend(extra);
    person.post("/openid/consent", &fields)
}

fn remembered(world: &World, app: &Application) -> Option<String> {
    let id = app.id;
    world.app.db.read(move |conn| consents::get(conn, &ADA.parse().unwrap(), id)).unwrap().map(|consent| consent.scope.to_string())
}

fn claims(token: &Value) -> Value {
    use base64::Engine as _;
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Adds a redirect URI to a key.
fn also_at(world: &World, app: &Application, uri: &str) -> Application {
    let (id, uris) = (app.id.0, json!([app.redirect_uri, uri]).to_string());
    world.change(move |conn| conn.execute(diesel::update(schema::keys::table.find(id)).set(schema::keys::redirect_uris.eq(uris))));
    Application { redirect_uri: uri.to_owned(), ..app.clone() }
}

#[test]
fn cn_01_prompt_none_shows_no_page_and_says_what_is_missing() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let silently = |extra: &[(&str, &str)]| ada.opens(&w, &[&[("prompt", "none")], extra].concat());
    silently(&[]).is_refused_to(&w, "login_required", &world.issuer);
    world.audited_because("authz.denied", "login_required");
    asked(&ada, &w, &[]);
    silently(&[]).is_refused_to(&w, "consent_required", &world.issuer);
    world.audited_because("authz.denied", "consent_required");
    ada.approves(&w);
    assert!(silently(&[]).redirected("code").is_some());
    world.advance(Seconds(100));
    assert!(silently(&[("max_age", "100")]).redirected("code").is_some());
    silently(&[("max_age", "99")]).is_refused_to(&w, "login_required", &world.issuer);
    silently(&[("max_age", "0")]).is_refused_to(&w, "login_required", &world.issuer);
    // More than was allowed is not allowed silently.
    silently(&[("scope", "openid profile email phone")]).is_refused_to(&w, "consent_required", &world.issuer);
    assert_eq!(silently(&[]).redirected("state").as_deref(), Some("s-1"));
    let posted = ada.post("/openid/authorize", &request_of(&w, &[("prompt", "none"), ("max_age", "0")]));
    posted.is_refused_to(&w, "login_required", &world.issuer);
}

#[test]
fn cn_02_a_program_that_cannot_prove_who_it_is_is_asked_about_each_time() {
    let world = World::new();
    let (n, ada) = (world.key("n"), world.agent("cv.ada"));
    let private = also_at(&world, &n, "com.example.app:/cb");
    for app in [&n, &private] {
        ada.approves(app);
        let page = asked(&ada, app, &[]);
        assert!(page.body.contains("email address") || page.body.contains("e-mail address"), "all of it is shown again: {page:?}");
        ada.opens(app, &[("prompt", "none")]).is_refused_to(app, "consent_required", &world.issuer);
        // Also at another port of the same loopback address.
        let elsewhere = "http://127.0.0.1:50123/cb";
        let answer = ada.opens(&n, &[("prompt", "none"), ("redirect_uri", elsewhere)]);
        assert_eq!(answer.redirected("error").as_deref(), Some("consent_required"), "{answer:?}");
        assert!(answer.location().starts_with(elsewhere));
    }
    // Where the way leads to an https address of its own, the address is the proof.
    let p = world.key("p");
    ada.approves(&p);
    assert!(ada.opens(&p, &[("prompt", "none")]).redirected("code").is_some());
    let claimed = also_at(&world, &n, "https://n.example/cb");
    assert!(ada.opens(&claimed, &[("prompt", "none")]).redirected("code").is_some());
}

#[test]
fn cn_03_a_yes_is_to_what_the_page_showed_and_to_nothing_in_the_form() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = asked(&ada, &w, &[("scope", "openid email")]);
    let answer = decides(
        &ada,
        &page,
        "allow",
        &[
            ("scope", "openid profile email address phone RESO FBS"),
            ("shown", "openid profile email address phone RESO FBS"),
            ("allowed", "openid phone"),
            ("role", "private"),
            ("terms", "private replication"),
            ("client_id", &world.key("w2").client_id),
            ("redirect_uri", "https://other.example/cb"),
            ("state", "forged"),
            ("account", "20261001000000000000000102"),
            ("user_id", "20261001000000000000000102"),
            ("sub", "20261001000000000000000102"),
            ("first_party", "true"),
        ],
    );
    assert!(answer.location().starts_with(&w.redirect_uri), "{answer:?}");
    assert_eq!(answer.redirected("state").as_deref(), Some("s-1"));
    assert_eq!(remembered(&world, &w).as_deref(), Some("openid email"));
    assert_eq!(remembered(&world, &world.key("w2")), None);
    let tokens = world.exchange(&w, &answer.redirected("code").unwrap()).json();
    assert_eq!(tokens["scope"], "openid email");
    let said = world.userinfo(tokens["access_token"].as_str().unwrap()).json();
    assert_eq!((said["sub"].as_str(), said.get("phone_number"), said.get("name")), (Some(ADA), None, None));
    let line = world.audited("consent.granted").unwrap();
    assert_eq!(
        (line.actor.as_deref(), line.reason.as_deref(), line.client.as_deref()),
        (Some(ADA), Some("openid email"), Some(&*w.client_id))
    );
}

#[test]
fn cn_04_a_second_tab_does_not_change_what_the_first_one_asks() {
    let world = World::new();
    let (w, w2, ada) = (world.w(), world.key("w2"), world.agent("cv.ada"));
    let small = asked(&ada, &w, &[("scope", "openid"), ("state", "small")]);
    let large = asked(&ada, &w, &[("scope", "openid profile email address phone RESO FBS"), ("state", "large")]);
    let other = asked(&ada, &w2, &[("scope", "openid phone"), ("state", "other")]);
    let answer = decides(&ada, &small, "allow", &[]);
    assert_eq!(answer.redirected("state").as_deref(), Some("small"));
    assert_eq!(world.exchange(&w, &answer.redirected("code").unwrap()).json()["scope"], "openid");
    assert_eq!(remembered(&world, &w).as_deref(), Some("openid"));
    decides(&ada, &other, "deny", &[]).is_refused_to(&w2, "access_denied", &world.issuer);
    let answer = decides(&ada, &large, "allow", &[]);
    assert_eq!(world.exchange(&w, &answer.redirected("code").unwrap()).json()["scope"], "openid profile email address phone RESO FBS");
    assert_eq!(remembered(&world, &w2), None);
    // The terms changed between page and answer: what was not shown was not allowed.
    let shown = asked(&ada, &w2, &[]);
    let id = w2.id.0;
    world.change(move |conn| conn.execute(diesel::update(schema::keys::table.find(id)).set(schema::keys::roles.eq("private replication"))));
    let answer = decides(&ada, &shown, "allow", &[]);
    assert!(answer.body.contains("id=\"consent-allow\"") && answer.body.contains("Keep a copy"), "{answer:?}");
    assert_eq!(remembered(&world, &w2), None);
}

#[test]
fn cn_06_the_page_says_who_asks_for_what_for_how_long_and_where_the_way_leads() {
    let world = World::new();
    let (w, n, ada) = (world.w(), world.key("n"), world.agent("cv.ada"));
    let page = asked(&ada, &w, &[("scope", "openid profile email address phone RESO FBS")]);
    for text in [
        "Application w",
        "https://w.example/",
        "id=\"client-unverified\"",
        "Nobody has checked who runs this application",
        "Ada Agent",
        "cv.ada",
        "Read and change your MLS data as you can yourself",
        "Know who you are",
        "See your name, picture",
        "See your e-mail address",
        "See your postal address",
        "See your phone number",
        "See your member number",
        "See your kind of account",
        "<strong>app.example</strong>",
        "Access lasts 24 hours at a time and can be renewed without asking you for up to 365 days.",
        "id=\"not-you\"",
        "id=\"consent-deny\"",
    ] {
        assert!(page.body.contains(text), "{text} is not on {page:?}");
    }
    assert!(!asked(&ada, &w, &[("scope", "openid")]).body.contains("phone"));
    world.change_policy(&w, |policy| {
        policy.verified = true;
        policy.lifetimes.access_token = Some(Seconds(3600));
        policy.lifetimes.refresh_absolute = Some(Seconds::days(30));
    });
    let page = asked(&ada, &w, &[]);
    assert!(page.body.contains("id=\"client-verified\"") && !page.body.contains("Nobody has checked"), "{page:?}");
    assert!(page.body.contains("Access lasts 1 hour at a time and can be renewed without asking you for up to 30 days."), "{page:?}");
    let page = asked(&ada, &n, &[("redirect_uri", "http://127.0.0.1:50123/cb")]);
    assert!(page.body.contains("<strong>127.0.0.1</strong>") && page.body.contains("listings you may show to the public"), "{page:?}");
    let private = also_at(&world, &n, "com.example.app:/cb");
    assert!(asked(&ada, &private, &[]).body.contains("<strong>com.example.app:</strong>"));
    // "Not you?" leads to the sign-in page, with nobody signed in.
    let page = asked(&ada, &w, &[]);
    let answer = ada.get(decides(&ada, &page, "switch", &[]).location());
    assert!(answer.body.contains("id=\"sign-in\"") && ada.cookie("__Host-latchkey_session").is_none(), "{answer:?}");
}

#[test]
fn cn_07_a_no_leaves_nothing_behind_and_is_not_remembered() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = asked(&ada, &w, &[]);
    let before = settled(&world);
    decides(&ada, &page, "deny", &[]).is_refused_to(&w, "access_denied", &world.issuer);
    world.audited_because("authz.denied", "denied");
    world.advance(Seconds(1));
    let page = ada.opens(&world.key("w2"), &[("prompt", "select_account")]);
    ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("cancel", "1")]).is_refused_to(
        &world.key("w2"),
        "access_denied",
        &world.issuer,
    );
    world.audited_because("authz.denied", "cancelled");
    assert_eq!(settled(&world), before);
    asked(&ada, &w, &[]);
    // A no to more leaves the earlier yes as it was.
    ada.approves(&w);
    let before = settled(&world);
    let more = asked(&ada, &w, &[("scope", "openid phone")]);
    decides(&ada, &more, "deny", &[("scope", "openid phone")]).is_refused_to(&w, "access_denied", &world.issuer);
    assert_eq!(settled(&world), before);
    assert!(ada.opens(&w, &[]).redirected("code").is_some());
}

#[test]
fn cn_08_a_permission_taken_back_is_dead_at_once_and_asked_for_again() {
    let world = World::new();
    let (w, w2, ada, ben) = (world.w(), world.key("w2"), world.agent("cv.ada"), world.agent("cv.ben"));
    let (first, second, elsewhere, bens) = (ada.grants(&w), ada.grants(&w), ada.grants(&w2), ben.grants(&w));
    let code = ada.approves(&w);
    let id = w.id;
    world.change(move |conn| grants::end_all(conn, &ADA.parse().unwrap(), id, BEGIN));
    for tokens in [&first, &second] {
        assert!(!world.is_active(tokens["access_token"].as_str().unwrap()));
        world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(401, 1020);
        world.refresh(&w, tokens["refresh_token"].as_str().unwrap()).is_token_error(400, "invalid_grant");
    }
    world.exchange(&w, &code).is_token_error(400, "invalid_grant");
    for tokens in [&elsewhere, &bens] {
        assert!(world.is_active(tokens["access_token"].as_str().unwrap()));
    }
    ada.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "consent_required", &world.issuer);
    asked(&ada, &w, &[]);
}

#[test]
fn cn_09_whoever_asks_for_more_is_asked_about_the_difference() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let old = ada.grants(&w);
    let page = asked(&ada, &w, &[("scope", "openid profile email phone")]);
    let (new, already) = page.body.split_once("id=\"already\"").unwrap();
    assert!(new.contains("phone") && !new.contains("e-mail address") && already.contains("e-mail address"), "{page:?}");
    let tokens = world.exchange(&w, &decides(&ada, &page, "allow", &[]).redirected("code").unwrap()).json();
    assert_eq!(tokens["scope"], "openid profile email phone");
    assert_eq!(world.introspect(old["access_token"].as_str().unwrap())["scope"], "openid profile email");
    assert_eq!(world.refresh(&w, old["refresh_token"].as_str().unwrap()).json()["scope"], "openid profile email");
    // Less than was allowed is not asked, and does not shrink what was allowed.
    let less = ada.opens(&w, &[("scope", "openid")]);
    assert_eq!(world.exchange(&w, &less.redirected("code").unwrap()).json()["scope"], "openid");
    assert_eq!(remembered(&world, &w).as_deref(), Some("openid profile email phone"));
}

#[test]
fn cn_10_a_scope_the_key_may_not_have_is_in_no_token() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    world.change_policy(&w, |policy| policy.scopes = Some("openid email".into()));
    // The authorization endpoint leaves out what it does not know or may not give, as the platform does.
    let wide = "openid profile email phone admin root OPENID email:write offline_access";
    let page = asked(&ada, &w, &[("scope", wide)]);
    assert!(!page.body.contains("phone") && !page.body.contains("See your name"), "{page:?}");
    let tokens = world.exchange(&w, &decides(&ada, &page, "allow", &[]).redirected("code").unwrap()).json();
    assert_eq!(tokens["scope"], "openid email");
    assert_eq!(world.introspect(tokens["access_token"].as_str().unwrap())["scope"], "openid email");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    for scope in ["openid phone", "admin", "openid email profile", "OPENID", "email\tphone"] {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
        world.token(&w, &fields).is_token_error(400, "invalid_scope");
        world.audited_because("token.rejected", "scope_beyond_grant");
        world.token(&w, &[("grant_type", "client_credentials"), ("scope", scope)]).is_token_error(400, "invalid_scope");
    }
    // A refused wish costs nothing: the refresh token is still good.
    let narrowed = world.token(&w, &[("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "email")]).json();
    assert_eq!(narrowed["scope"], "email");
    assert_eq!(world.introspect(narrowed["access_token"].as_str().unwrap())["scope"], "email");
    // Cut after the fact: what was issued shrinks with it.
    world.change_policy(&w, |policy| policy.scopes = Some("openid".into()));
    assert_eq!(world.introspect(tokens["access_token"].as_str().unwrap())["scope"], "openid");
    assert!(world.userinfo(tokens["access_token"].as_str().unwrap()).json().get("email").is_none());
}

#[test]
fn cn_11_a_fresh_sign_in_means_the_password_and_a_new_time() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    for extra in [("prompt", "login"), ("max_age", "0"), ("max_age", "10"), ("prompt", "login consent")] {
        world.advance(Seconds(11));
        let page = ada.opens(&w, &[extra]);
        assert!(page.body.contains("id=\"password\"") && !page.body.contains("continue-as"), "{extra:?}: {page:?}");
        // Going on as who is signed in is no password.
        let answer = ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("continue_as", "1")]);
        assert!(answer.body.contains("id=\"password\"") && answer.header("location").is_none(), "{extra:?}: {answer:?}");
        // Nor is a wrong one.
        assert_eq!(ada.signs_in(&page, "wrong").status, 422, "{extra:?}");
        let answer = ada.walks(ada.signs_in(&page, PASSWORD));
        let tokens = world.exchange(&w, &answer.redirected("code").unwrap_or_else(|| panic!("{extra:?}: {answer:?}"))).json();
        assert_eq!(claims(&tokens["id_token"])["auth_time"], world.app.now().seconds(), "{extra:?}");
    }
    // A session within the age is not asked again, and keeps its time.
    world.advance(Seconds(10));
    let answer = ada.opens(&w, &[("max_age", "10")]);
    let tokens = world.exchange(&w, &answer.redirected("code").unwrap()).json();
    assert_eq!(claims(&tokens["id_token"])["auth_time"], world.app.now().seconds() - 10);
}

#[test]
fn cn_13_whoever_is_expected_and_is_not_there_is_not_replaced() {
    let world = World::new();
    let (w, ada, ben) = (world.w(), world.agent("cv.ada"), world.agent("cv.ben"));
    let bens = ben.grants(&w)["id_token"].as_str().unwrap().to_owned();
    ada.approves(&w);
    ada.opens(&w, &[("prompt", "none"), ("id_token_hint", &bens)]).is_refused_to(&w, "login_required", &world.issuer);
    let wish = json!({ "id_token": { "sub": { "value": "20261001000000000000000102" } } }).to_string();
    ada.opens(&w, &[("prompt", "none"), ("claims", &wish)]).is_refused_to(&w, "login_required", &world.issuer);
    let page = ada.opens(&w, &[("id_token_hint", &bens)]);
    assert!(page.body.contains("expects a different person"), "{page:?}");
    // Signing in as the same wrong person does not help.
    let answer = ada.get(ada.signs_in(&page, PASSWORD).location());
    assert!(answer.body.contains("id=\"sign-in\"") && answer.body.contains("expects a different person"), "{answer:?}");
    assert!(ben.opens(&w, &[("prompt", "none"), ("id_token_hint", &bens)]).redirected("code").is_some());
}

#[test]
fn cn_15_an_endless_or_unprintable_scope_is_refused() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.approves(&w);
    for (what, scope) in [
        ("ten thousand words", (0..10_000).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ")),
        ("ten thousand times the same", vec!["openid"; 10_000].join(" ")),
        ("64 KiB in one word", "s".repeat(60_000)),
        ("a tab", "openid\tprofile".into()),
        ("a line break", "openid\r\nprofile".into()),
        ("a bell", "openid \u{7}".into()),
        ("a delete", "openid \u{7f}".into()),
        ("a quote", "openid \"profile\"".into()),
        ("not ASCII", "openid pr\u{f6}file".into()),
    ] {
        // Neither an address nor a body of ours is longer than 64 KiB.
        let fields = request_of(&w, &[("scope", &scope)]);
        if form(&fields).len() >= 1 << 16 {
            ada.post("/openid/authorize", &fields).is_page(413);
            continue;
        }
        for answer in [ada.opens(&w, &[("scope", &scope)]), ada.post("/openid/authorize", &fields)] {
            assert_eq!(answer.status, 303, "{what}: {answer:?}");
            answer.is_refused_to(&w, "invalid_scope", &world.issuer);
            assert_eq!(answer.redirected("state").as_deref(), Some("s-1"), "{what}");
        }
    }
    world.audited_because("authz.denied", "scope_malformed");
}

#[test]
fn cn_16_whoever_may_not_use_a_key_is_refused_at_every_door_in_the_same_word() {
    let world = World::new();
    let (w, mia) = (world.w(), world.agent("hc.mia"));
    let tokens = mia.grants(&w);
    let code = mia.approves(&w);
    let id = w.id.0;
    let only = |mls: &'static str| {
        let mls_ids = json!([mls]).to_string();
        world.change(move |conn| conn.execute(diesel::update(schema::keys::table.find(id)).set(schema::keys::mls_ids.eq(mls_ids))));
    };
    only("20261001000000000000000001");
    mia.opens(&w, &[]).is_refused_to(&w, "access_denied", &world.issuer);
    world.audited_because("authz.denied", "person_outside");
    mia.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "access_denied", &world.issuer);
    let fresh = world.agent("hc.mia");
    let page = fresh.opens(&w, &[]);
    fresh.signs_in(&page, PASSWORD).is_refused_to(&w, "access_denied", &world.issuer);
    world.exchange(&w, &code).is_token_error(400, "access_denied");
    world.audited_because("token.rejected", "person_outside");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    world.refresh(&w, refresh).is_token_error(400, "access_denied");
    for token in ["access_token", "refresh_token"] {
        assert_eq!(world.introspect(tokens[token].as_str().unwrap()), json!({ "active": false }), "{token}");
    }
    assert_eq!(world.userinfo(tokens["access_token"].as_str().unwrap()).status, 401);
    world.my_account(tokens["access_token"].as_str().unwrap()).is_api_error(403, 1015);
    assert!(world.agent("cv.ada").approves_with(&w, &[]).redirected("code").is_some());
    // Let in again, the permission that was given is good again.
    only(OTHER_MLS);
    assert_eq!(world.refresh(&w, refresh).status, 200);
    let ada = world.agent("cv.ada");
    ada.signs_in(&ada.opens(&w, &[]), PASSWORD).is_refused_to(&w, "access_denied", &world.issuer);
}

#[test]
fn cn_05_only_an_administrators_flag_spares_the_question() {
    let world = World::new();
    let (w, first, ada) = (world.w(), world.key("first"), world.agent("cv.ada"));
    let page = ada.opens(&w, &[("skip_consent", "true"), ("first_party", "true"), ("approval_prompt", "auto"), ("prompt", "")]);
    let answer = ada.signs_in(&page, PASSWORD);
    assert!(ada.get(answer.location()).body.contains("id=\"consent-allow\""));
    assert!(ada.opens(&first, &[]).redirected("code").is_some());
    assert!(!Policy::default().first_party);
    // Taken away again, the next request asks.
    world.change_policy(&first, |policy| policy.first_party = false);
    asked(&ada, &first, &[]);
    let all = form(&request_of(&first, &[]));
    ada.get(&format!("/openid/authorize?{all}&prompt=none")).is_refused_to(&first, "consent_required", &world.issuer);
}
