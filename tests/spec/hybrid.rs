//! `/openid`: the door of clients that were written before OpenID Connect.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::store::schema::{grants, keys};
use serde_json::json;

use crate::support::world::{Answer, Application, World};

const AX: [(&str, &str); 8] = [
    ("openid.ax.mode", "fetch_request"),
    ("openid.ax.type.first_name", "http://openid.net/schema/namePerson/first"),
    ("openid.ax.type.last_name", "http://openid.net/schema/namePerson/last"),
    ("openid.ax.type.middle_name", "http://openid.net/schema/namePerson/middle"),
    ("openid.ax.type.friendly", "http://openid.net/schema/namePerson/friendly"),
    ("openid.ax.type.id", "http://openid.net/schema/person/guid"),
    ("openid.ax.type.email", "http://openid.net/schema/contact/internet/email"),
    ("openid.ax.required", "first_name,last_name,middle_name,friendly,id,email"),
];

/// What such a client asks; `extra` replaces or adds parameters, an empty value leaves one out.
fn asked(app: &Application, extra: &[(&str, &str)]) -> String {
    let usual = [
        ("openid.mode", "checkid_setup"),
        ("openid.spark.client_id", app.client_id.as_str()),
        ("openid.return_to", app.redirect_uri.as_str()),
        ("openid.spark.combined_flow", "true"),
        ("openid.spark.state", "https://app.example/?a=1&b=%20#x"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| extra.iter().all(|(other, _)| other != name));
    let all = kept.chain(extra.iter().copied()).filter(|(_, value)| !value.is_empty());
    format!("/openid?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish())
}

fn assertion(answer: &Answer) -> Vec<(String, String)> {
    let url = url::Url::parse(answer.location()).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A client sends an assertion back to be checked.
fn is_vouched_for(world: &World, assertion: &[(String, String)]) -> bool {
    let back = assertion.iter().map(|(name, value)| (name.as_str(), if name == "openid.mode" { "check_authentication" } else { value }));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(back).finish();
    let answer = world.request("POST", "/openid", &[("content-type", "application/x-www-form-urlencoded")], Some(&body));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")), "{answer:?}");
    assert!(answer.body.starts_with("ns:http://specs.openid.net/auth/2.0\nis_valid:"), "{answer:?}");
    answer.body.ends_with("is_valid:true\n")
}

#[test]
fn an_old_client_gets_who_it_is_and_a_code_for_a_token_in_one_walk() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = ada.get(&asked(&w, &AX));
    assert!(page.body.contains("id=\"sign-in\""), "{page:?}");
    let answer = ada.walks(page);
    assert!(answer.location().starts_with(&w.redirect_uri), "{answer:?}");
    let get = |name: &str| answer.redirected(name).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
    assert_eq!(get("openid.mode"), "id_res");
    assert_eq!(get("openid.spark.state"), "https://app.example/?a=1&b=%20#x");
    assert_eq!(get("openid.return_to"), w.redirect_uri);
    assert!(get("openid.claimed_id").starts_with(&format!("{}/openid/userid/cv.ada?session_id=", world.issuer)));
    assert_eq!(get("openid.claimed_id"), get("openid.identity"));
    assert_eq!((get("openid.ax.value.first_name"), get("openid.ax.value.friendly")), ("Ada".into(), get("openid.sreg.fullname")));
    assert_eq!(get("openid.ax.value.id"), get("openid.sreg.nickname"));
    assert!(get("openid.ax.value.email").contains('@'));
    // The session's own cookie is nowhere in it.
    let cookie = ada.cookie("__Host-latchkey_session").unwrap();
    assert!(!answer.location().contains(cookie.split_once('.').unwrap().1));

    let body = json!({ "client_id": w.client_id, "client_secret": w.secret, "grant_type": "authorization_code", "code": get("openid.spark.code"), "redirect_uri": w.redirect_uri });
    let tokens = world.request("POST", "/v1/oauth2/grant", &[("content-type", "application/json")], Some(&body.to_string()));
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let account = world.api(&token, "GET", "/v1/my/account", None).result(200);
    assert_eq!(account["Id"], get("openid.sreg.nickname"));
    assert!(tokens.json().get("id_token").is_none());
    // Allowed once, it is not asked again.
    assert_eq!(ada.get(&asked(&w, &AX)).redirected("openid.mode").as_deref(), Some("id_res"));
}

#[test]
fn an_assertion_is_vouched_for_once_and_only_as_it_was_made() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let fresh = || assertion(&ada.walks(ada.get(&asked(&w, &[]))));
    let told = fresh();
    for name in [
        "openid.identity",
        "openid.return_to",
        "openid.sreg.nickname",
        "openid.response_nonce",
        "openid.sig",
        "openid.op_endpoint",
        "openid.spark.code",
    ] {
        let mut altered = told.clone();
        altered.iter_mut().find(|(known, _)| known == name).unwrap().1.push('x');
        assert!(!is_vouched_for(&world, &altered), "{name}");
    }
    let mut cut = told.clone();
    let signed = &mut cut.iter_mut().find(|(known, _)| known == "openid.signed").unwrap().1;
    *signed = signed.replace("identity,", "");
    assert!(!is_vouched_for(&world, &cut));
    assert!(is_vouched_for(&world, &told), "{told:?}");
    assert!(!is_vouched_for(&world, &told), "twice");
    let late = fresh();
    world.advance(Seconds::minutes(10));
    assert!(!is_vouched_for(&world, &late));
    // Nobody else's server vouches for it.
    assert!(!is_vouched_for(&World::new(), &fresh()));
    for (mode, status) in [("associate", 400), ("nonsense", 400), ("", 400)] {
        let body = format!("openid.mode={mode}");
        let answer = world.request("POST", "/openid", &[("content-type", "application/x-www-form-urlencoded")], Some(&body));
        assert_eq!(answer.status, status, "{mode}: {answer:?}");
        assert!(answer.body.starts_with("ns:http://specs.openid.net/auth/2.0\nerror:"), "{answer:?}");
    }
}

#[test]
fn who_asks_only_who_somebody_is_gets_no_code_and_nothing_that_acts() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let answer = ada.walks(ada.get(&asked(&w, &[("openid.spark.combined_flow", "")])));
    assert_eq!(answer.redirected("openid.mode").as_deref(), Some("id_res"));
    assert!(!answer.location().contains("code"), "{answer:?}");
    assert!(is_vouched_for(&world, &assertion(&answer)));
    assert!(world.audited("identity.asserted").is_some());
    let key = w.id;
    let grants = world.app.db.read(move |conn| conn.all::<i64>(grants::table.filter(grants::key_id.eq(key.0)).select(grants::id)));
    assert!(grants.unwrap().is_empty());
}

#[test]
fn a_no_an_absent_person_and_a_closed_key_are_answered_in_words_old_clients_know() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let mode = |answer: &Answer| answer.redirected("openid.mode");
    let nobody = ada.get(&asked(&w, &[("openid.mode", "checkid_immediate")]));
    assert_eq!(mode(&nobody).as_deref(), Some("setup_needed"), "{nobody:?}");
    let page = ada.get(&asked(&w, &[]));
    let cancelled = ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("cancel", "1")]);
    assert_eq!(mode(&cancelled).as_deref(), Some("cancel"), "{cancelled:?}");
    assert_eq!(cancelled.redirected("openid.spark.state").as_deref(), Some("https://app.example/?a=1&b=%20#x"));
    assert!(cancelled.redirected("error").is_none() && cancelled.redirected("iss").is_none());
    let consent = ada.get(ada.signs_in(&page, crate::support::world::PASSWORD).location());
    let denied = ada.post("/openid/consent", &[("flow", &consent.field("flow")), ("decision", "deny")]);
    assert_eq!(mode(&denied).as_deref(), Some("cancel"), "{denied:?}");
    // A key for which OpenID is off.
    let key = w.id.0;
    world.change(move |conn| conn.execute(diesel::update(keys::table.find(key)).set(keys::openid_enabled.eq(false))));
    let closed = ada.get(&asked(&w, &[]));
    assert_eq!(mode(&closed).as_deref(), Some("error"), "{closed:?}");
    assert!(closed.redirected("openid.error").is_some());
}

#[test]
fn what_has_no_registered_place_to_go_to_ends_on_a_page_of_ours() {
    let world = World::new();
    let w = world.w();
    for extra in [
        ("openid.return_to", "https://evil.example/cb"),
        ("openid.return_to", ""),
        ("openid.spark.client_id", "nobody"),
        ("openid.mode", ""),
        ("openid.mode", "id_res"),
        ("openid.mode", "check_authentication"),
    ] {
        let answer = world.get(&asked(&w, &[extra]));
        answer.is_page(400);
        assert!(!answer.body.contains("evil"), "{extra:?}");
    }
    let twice = format!("{}&openid.return_to=https%3A%2F%2Fevil.example%2Fcb", asked(&w, &[]));
    world.get(&twice).is_page(400);
    // What an identifier leads to is the same for everybody.
    let (there, nobody) = (world.get("/openid/userid/cv.ada?session_id=1"), world.get("/openid/userid/no.one"));
    assert_eq!((there.status, &there.body), (200, &nobody.body));
    assert!(there.body.contains(&format!("<link rel=\"openid2.provider\" href=\"{}/openid\">", world.issuer)));
}
