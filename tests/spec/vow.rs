//! The doors for home buyers: signing in and up at agents' portals, and coming back to the site with a code.

use latchkey::base::Seconds;
use latchkey::platform::portal::Required;
use serde_json::json;

use crate::support::consumers::{newcomer, site_request};
use crate::support::datamart::presses;
use crate::support::platform::{ADA, BEN};
use crate::support::rows::{claims, text};
use crate::support::world::{Answer, OTHER_MLS, PASSWORD, Person, World};

const CARLA: &str = "carla@example.com";
const DOOR: &str = "/auth/vow/adashomes";
const SESSION: &str = "__Host-latchkey_session";
const CONSUMER: &str = "__Host-latchkey_consumer";

/// Ada's portal, and Carla who is her contact.
fn world() -> World {
    let world = World::with(&[("gateways", "127.0.0.0/8")]);
    world.portal("cv.ada", "Ada's Homes");
    let carla = world.consumer(CARLA, "Carla Consumer");
    world.contact("cv.ada", CARLA, Some(&carla));
    world
}

fn carla(world: &World) -> Person<'_> {
    world.agent(CARLA)
}

/// The code of an answer that leads back to the site.
fn code(answer: &Answer) -> String {
    answer.redirected("code").unwrap_or_else(|| panic!("no code: {answer:?}"))
}

#[test]
fn a_consumer_signs_in_at_a_portal_allows_the_site_and_the_site_reads_the_own_contact() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let page = carla.enters_at(DOOR, &site, &[("scope", "openid profile email"), ("nonce", "n-7"), ("mls", "ignored")]);
    assert_eq!(page.status, 200);
    for said in ["Ada&#39;s Homes", "Ada Agent", "Summit Realty", "Cascade Valley MLS", "Application site", "site.example"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let answer = carla.signs_in_at(&page, PASSWORD);
    assert_eq!(answer.status, 303, "{answer:?}");
    let consent = carla.get(answer.location());
    assert!(consent.body.contains("act for you with") && consent.body.contains("Ada Agent"), "{consent:?}");
    let answer = carla.post("/auth/consumer/consent", &[("flow", &consent.field("flow")), ("decision", "allow")]);
    // The state comes back byte for byte, though it is an address with a query of its own; nobody goes there.
    assert!(answer.location().starts_with("https://site.example/cb?"), "{answer:?}");
    assert_eq!(answer.redirected("state").as_deref(), Some("https://site.example/listing?id=7&tab=a%20b#top"));
    assert_eq!(answer.redirected("iss").as_deref(), Some(world.issuer.as_str()));
    let tokens = world.redeems(&site, &code(&answer)).json();
    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((id_token["nonce"].as_str(), id_token["aud"].as_str()), (Some("n-7"), Some(site.client_id.as_str())));
    let access = text(&tokens, "access_token");
    assert_eq!(world.userinfo(access).json()["sub"], id_token["sub"]);
    assert_eq!(world.api(access, "GET", "/v1/my/contact", None).result(200)["OwnerId"], ADA);
    world.api(access, "GET", "/v1/developers/roles", None).is_api_error(403, 1500);
    // Who allowed it before is not asked again.
    assert!(carla.enters_at(DOOR, &site, &[("scope", "openid profile email")]).redirected("code").is_some());
}

#[test]
fn the_older_grant_takes_the_code_as_json_and_the_family_of_applications_acts_as_portal() {
    let world = world();
    let family = world.key("family");
    let answer = carla(&world).approves_at("/r/login/adashomes", &family, &[]);
    let body = json!({
        "client_id": family.client_id, "client_secret": family.secret, "grant_type": "authorization_code", "code": code(&answer),
        "redirect_uri": family.redirect_uri,
    });
    let tokens = world.request("POST", "/v1/oauth2/grant", &[("content-type", "application/json")], Some(&body.to_string()));
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let tokens = tokens.json();
    assert_eq!(tokens.as_object().unwrap().len(), 3, "{tokens}");
    assert_eq!(world.introspect(text(&tokens, "access_token"))["role"], "portal");
}

#[test]
fn whoever_has_several_agents_chooses_one_and_gets_no_other() {
    let world = world();
    world.bond("cv.ben", CARLA);
    world.portal("hc.mia", "Mia");
    let (site, carla) = (world.key("site"), carla(&world));
    let answer = carla.signs_in_at(&carla.enters_at("/auth/vow", &site, &[]), PASSWORD);
    let page = carla.get(answer.location());
    assert!(page.body.contains("Ada Agent") && page.body.contains("Ben Broker") && !page.body.contains("Mia Marine"), "{page:?}");
    // Somebody else's agent is no choice.
    let answer = carla.post("/auth/consumer/choose", &[("flow", &page.field("flow")), ("agent", "20261001000000000000000103")]);
    let page = carla.get(answer.location());
    assert!(page.body.contains("id=\"choose-form\""), "{page:?}");
    let answer = carla.walks_as_consumer(page, BEN);
    let tokens = world.redeems(&site, &code(&answer)).json();
    assert_eq!(world.introspect(text(&tokens, "access_token"))["agent"], BEN);
    assert_eq!(world.api(text(&tokens, "access_token"), "GET", "/v1/my/contact", None).result(200)["OwnerId"], BEN);
    // With one agent there is nothing to choose; with none there is nobody to act with.
    let dan = world.consumer("dan@example.com", "Dan");
    world.contact("cv.ada", "dan@example.com", Some(&dan));
    assert!(world.agent("dan@example.com").approves_at("/auth/vow", &site, &[]).redirected("code").is_some());
    world.consumer("eve@example.com", "Eve");
    let page = world.agent("eve@example.com").approves_at("/auth/vow", &site, &[]);
    assert!(page.body.contains("No agent yet"), "{page:?}");
}

#[test]
fn somebody_signs_up_proves_the_address_and_is_brought_back_to_the_site() {
    let world = world();
    world.changes_portal("cv.ada", |portal| portal.required = Required { address: true, phone: true });
    let (site, dan) = (world.key("site"), world.agent("dan@example.com"));
    let page = dan.enters_at("/r/login/adashomes/signup/", &site, &[]);
    for field in ["given_name", "family_name", "email", "phone", "street", "locality", "region", "postal_code", "password"] {
        assert!(page.body.contains(&format!("name=\"{field}\"")), "{field}: {}", page.body);
    }
    let flow = page.field("flow");
    let mut typed = newcomer("dan@example.com");
    typed.push(("flow", &flow));
    let refused = dan.post("/auth/consumer/sign-up", &typed);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.body.contains("#phone") && refused.body.contains("#street") && !refused.body.contains(PASSWORD));
    let flow = refused.field("flow");
    typed.retain(|(name, _)| *name != "flow");
    typed.extend([("flow", flow.as_str()), ("phone", "+1 509 555 0144"), ("street", "1 Elm St"), ("locality", "Chelan"), ("region", "WA")]);
    typed.push(("postal_code", "98816"));
    let sent = dan.post("/auth/consumer/sign-up", &typed);
    assert!(sent.status == 200 && sent.body.contains("An e-mail is on its way"), "{sent:?}");
    // Nobody signs in before the address is proved.
    let early = dan.signs_in_at(&dan.enters_at(DOOR, &site, &[]), PASSWORD);
    assert_eq!(early.status, 422, "{early:?}");

    let link = world.link_to("dan@example.com");
    let opened = dan.get(&link);
    let page = dan.get(opened.location());
    assert!(page.body.contains("Confirm your address") && page.body.contains("Ada&#39;s Homes"), "{page:?}");
    let wrong = dan.post(opened.location(), &[("password", "not this one")]);
    assert_eq!(wrong.status, 422);
    let answer = dan.walks_as_consumer(dan.post(opened.location(), &[("password", PASSWORD)]), "");
    assert_eq!(answer.redirected("state").as_deref(), Some("https://site.example/listing?id=7&tab=a%20b#top"));
    let tokens = world.redeems(&site, &code(&answer)).json();
    let contact = world.api(text(&tokens, "access_token"), "GET", "/v1/my/contact", None).result(200);
    assert_eq!(
        (&contact["DisplayName"], &contact["HomeLocality"], &contact["RecordStatus"]),
        (&json!("Carla Consumer"), &json!("Chelan"), &json!("Active"))
    );
    // The link is used up.
    assert_eq!(dan.get(&link).status, 410);
    assert_eq!(dan.post(opened.location(), &[("password", PASSWORD)]).status, 410);
}

#[test]
fn pw_05_opening_a_link_proves_nothing_and_in_another_browser_the_site_is_not_gone_on_to() {
    let world = world();
    let (site, dan) = (world.key("site"), world.agent("dan@example.com"));
    let flow = dan.enters_at("/r/login/adashomes/signup", &site, &[]).field("flow");
    let mut typed = newcomer("dan@example.com");
    typed.push(("flow", &flow));
    dan.post("/auth/consumer/sign-up", &typed);
    let link = world.link_to("dan@example.com");
    for _ in 0..5 {
        assert_eq!(world.get(&link).status, 303);
        assert_eq!(world.request("HEAD", &link, &[], None).status, 303);
    }
    let other = world.agent("dan@example.com");
    let opened = other.get(&link);
    let answer = other.post(opened.location(), &[("password", PASSWORD)]);
    assert!(answer.location().starts_with("/my/sessions"), "{answer:?}");
    assert!(other.get("/my/sessions").body.contains("dan@example.com"));
}

#[test]
fn lg_07_signing_up_with_somebody_elses_address_tells_nothing_and_changes_nothing() {
    let world = world();
    let site = world.key("site");
    let tries = |email: &'static str| {
        let eve = world.agent("eve@example.com");
        let flow = eve.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
        let mut typed = newcomer(email);
        typed.retain(|(name, _)| !name.starts_with("password"));
        typed.extend([("password", "chosen by eve"), ("password_again", "chosen by eve"), ("flow", &flow)]);
        eve.post("/auth/consumer/sign-up", &typed)
    };
    let (known, fresh) = (tries(CARLA), tries("nobody@example.com"));
    assert_eq!((known.status, known.body.replace(CARLA, "x")), (fresh.status, fresh.body.replace("nobody@example.com", "x")));
    let letters = world.letters_to(CARLA);
    assert_eq!(letters.last().unwrap().0, "You have a login already");
    assert!(world.letters_to("nobody@example.com")[0].0.contains("confirm"));
    // Carla's password is still hers, and Eve's opens nothing.
    assert!(carla(&world).approves_at(DOOR, &site, &[]).redirected("code").is_some());
    let eve = world.agent(CARLA);
    assert_eq!(eve.signs_in_at(&eve.enters_at(DOOR, &site, &[]), "chosen by eve").status, 422);
    // Three letters an hour go to one address, and the page never says so.
    for _ in 0..5 {
        assert_eq!(tries("nobody@example.com").body, fresh.body);
    }
    assert_eq!(world.letters_to("nobody@example.com").len(), 3);
}

#[test]
fn lg_03_a_flood_of_sign_ups_from_one_address_is_stopped() {
    let world = World::with(&[("sign_ins_per_minute", "5")]);
    world.portal("cv.ada", "Ada's Homes");
    let (site, eve) = (world.key("site"), world.browser());
    let mut last = None;
    for n in 0..8 {
        let flow = eve.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
        let email = format!("victim{n}@example.com");
        let mut typed = newcomer(&email);
        typed.push(("flow", &flow));
        last = Some(eve.post("/auth/consumer/sign-up", &typed));
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "{last:?}");
    assert!(last.header("retry-after").is_some());
    assert!(world.letters_to("victim7@example.com").is_empty());
}

#[test]
fn pb_12_a_portal_that_is_unknown_closed_renamed_or_of_an_inactive_agent_is_not_found() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let unknown = carla.enters_at("/auth/vow/nobody", &site, &[]);
    unknown.is_page(404);
    world.told_because(&unknown, "authz.rejected", "portal_unknown", "unknown");
    let same = |answer: &Answer, said: &str| {
        let without = |answer: &Answer| answer.body.replace(answer.header("x-request-id").unwrap(), "");
        assert_eq!((answer.status, without(answer)), (404, without(&unknown)), "{said}");
    };
    world.changes_portal("cv.ada", |portal| portal.enabled = false);
    same(&carla.enters_at(DOOR, &site, &[]), "closed");
    same(&carla.enters_at("/r/login/adashomes/signup/", &site, &[]), "closed sign-up");
    world.changes_portal("cv.ada", |portal| {
        portal.enabled = true;
        portal.display_name = "Summit".into();
    });
    same(&carla.enters_at(DOOR, &site, &[]), "renamed");
    assert_eq!(carla.enters_at("/auth/vow/summit", &site, &[]).status, 200);
    same(&carla.enters_at("/auth/vow/Summit", &site, &[]), "in capitals");
    world.change(|conn| latchkey::store::accounts::set_active(conn, &ADA.parse().unwrap(), false, latchkey::base::Timestamp(1)));
    same(&carla.enters_at("/auth/vow/summit", &site, &[]), "agent inactive");
}

#[test]
fn pb_12_names_of_portals_are_not_to_be_found_by_trying() {
    let world = World::with(&[("client_failures", "5")]);
    world.portal("cv.ada", "Ada's Homes");
    let site = world.key("site");
    // Without a site's own request the name is not even looked at.
    for door in [DOOR, "/auth/vow/nobody"] {
        let answer = world.get(door);
        answer.is_page(400);
    }
    let eve = world.browser();
    for n in 0..5 {
        assert_eq!(eve.enters_at(&format!("/auth/vow/guess{n}"), &site, &[]).status, 404);
    }
    assert_eq!(eve.enters_at("/auth/vow/guess5", &site, &[]).status, 429);
    assert_eq!(eve.enters_at(DOOR, &site, &[]).status, 429);
    assert_eq!(eve.get("/r/login/adashomes").status, 429, "a portal's own page is behind the same count");
}

#[test]
fn a_portals_bare_address_tells_whose_it_is_and_one_that_is_closed_is_as_one_that_never_was() {
    let world = World::with(&[("client_failures", "50")]);
    world.portal("cv.ada", "Ada's Homes");
    let site = world.key("site");
    let carla = carla(&world);
    let page = carla.get("/r/login/adashomes");
    assert_eq!(page.status, 200);
    for words in ["Ada&#39;s Homes", "Ada Agent", "href=\"/my/sign-in\""] {
        assert!(page.body.contains(words), "{words}: {page:?}");
    }
    let without = |answer: &Answer| answer.body.replace(answer.header("x-request-id").unwrap(), "");
    let unknown = carla.get("/r/login/nobody");
    unknown.is_page(404);
    assert_eq!(without(&unknown), without(&carla.enters_at("/r/login/nobody", &site, &[])), "as to a site's request");
    world.changes_portal("cv.ada", |portal| portal.enabled = false);
    assert_eq!(without(&carla.get("/r/login/adashomes")), without(&unknown), "closed");
    world.changes_portal("cv.ada", |portal| {
        portal.enabled = true;
        portal.display_name = "Summit".into();
    });
    assert_eq!(without(&carla.get("/r/login/adashomes")), without(&unknown), "renamed");
    assert_eq!(carla.get("/r/login/summit").status, 200);
    for n in 0..50 {
        carla.get(&format!("/r/login/guess{n}"));
    }
    assert_eq!(carla.get("/r/login/summit").status, 429, "guesses are counted");
}

#[test]
fn pb_13_a_key_without_the_role_idx_a_disabled_one_and_a_foreign_place_get_a_page_and_go_nowhere() {
    let world = world();
    let site = world.key("site");
    for name in ["w", "p"] {
        let answer = world.browser().enters_at(DOOR, &world.key(name), &[]);
        answer.is_page(400);
        world.told_because(&answer, "authz.rejected", "client_unfit", name);
    }
    for roles in ["vow", "private", "idx single_session"] {
        world.gives_roles(site.id.0, roles);
        world.browser().enters_at(DOOR, &site, &[]).is_page(400);
    }
    world.gives_roles(site.id.0, "idx");
    for (name, value) in [("redirect_uri", "https://evil.example/cb"), ("redirect_uri", ""), ("client_id", "nobody"), ("client_id", "")] {
        world.browser().enters_at(DOOR, &site, &[(name, value)]).is_page(400);
    }
    world.switches(&site, false);
    world.browser().enters_at(DOOR, &site, &[]).is_page(400);
}

#[test]
fn pb_22_a_key_for_other_mlss_is_refused_at_the_portal() {
    let world = world();
    let site = world.key("site");
    world.narrows_to_mls(&site, Some(OTHER_MLS));
    let answer = carla(&world).enters_at(DOOR, &site, &[]);
    answer.is_refused_to(&site, "access_denied", &world.issuer);
}

#[test]
fn pb_11_who_is_not_let_in_at_a_portal_is_told_what_a_stranger_is_told() {
    let world = world();
    let (site, agent) = (world.key("site"), world.token_of("cv.ada", "w"));
    let contact = world.api(&agent, "GET", "/v1/contacts", None).result(200);
    let path = contact["ResourceUri"].as_str().unwrap().to_owned();
    let signed_in = carla(&world);
    assert!(signed_in.approves_at(DOOR, &site, &[]).redirected("code").is_some());
    for (path, off, on) in [
        (path.clone(), json!({ "VowEnabled": false }), json!({ "VowEnabled": true })),
        (format!("{path}/portal"), json!({ "Settings": { "Enabled": "false" } }), json!({ "Settings": { "Enabled": "true" } })),
    ] {
        world.api(&agent, "PUT", &path, Some(off)).result(200);
        let right = world.agent(CARLA);
        let right = right.signs_in_at(&right.enters_at(DOOR, &site, &[]), PASSWORD);
        let stranger = world.agent(CARLA);
        let stranger = stranger.signs_in_at(&stranger.enters_at(DOOR, &site, &[]), "wrong");
        let plain = |answer: &Answer| answer.body.replace(&answer.field("flow"), "");
        assert_eq!((right.status, plain(&right)), (stranger.status, plain(&stranger)));
        // Who was signed in already is asked to sign in, and silently is nobody.
        assert!(signed_in.enters_at(DOOR, &site, &[]).body.contains("id=\"sign-in-form\""));
        signed_in.enters_at(DOOR, &site, &[("prompt", "none")]).is_refused_to(&site, "login_required", &world.issuer);
        world.api(&agent, "PUT", &path, Some(on)).result(200);
    }
    assert!(signed_in.enters_at(DOOR, &site, &[]).redirected("code").is_some());
}

#[test]
fn pb_14_agents_and_consumers_never_pass_for_one_another_also_with_one_address() {
    let world = world();
    let (site, w) = (world.key("site"), world.w());
    // The same address and password in both spaces of people.
    world.consumer("ada@example.com", "Ada at home");
    let ada = world.agent("cv.ada");
    ada.approves(&w);
    assert!(ada.cookie(SESSION).is_some());
    let page = ada.enters_at(DOOR, &site, &[]);
    assert!(page.body.contains("id=\"sign-in-form\""), "{page:?}");
    ada.enters_at(DOOR, &site, &[("prompt", "none")]).is_refused_to(&site, "login_required", &world.issuer);
    // An agent's session cookie under the consumers' name is nobody's.
    ada.set_cookie(CONSUMER, &ada.cookie(SESSION).unwrap());
    assert!(ada.enters_at(DOOR, &site, &[]).body.contains("id=\"sign-in-form\""));
    for login in ["cv.ada", "ada@example.com "] {
        let person = world.agent(login);
        let answer = person.signs_in_at(&person.enters_at(DOOR, &site, &[]), PASSWORD);
        assert_eq!(answer.status, if login == "cv.ada" { 422 } else { 303 }, "{login}");
    }
    let carla = carla(&world);
    assert!(carla.approves_at(DOOR, &site, &[]).redirected("code").is_some());
    assert!(carla.opens(&w, &[]).body.contains("id=\"sign-in\""));
    carla.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "login_required", &world.issuer);
    carla.set_cookie(SESSION, &carla.cookie(CONSUMER).unwrap());
    carla.opens(&w, &[("prompt", "none")]).is_refused_to(&w, "login_required", &world.issuer);
    assert_eq!(carla.signs_in(&carla.opens(&w, &[]), PASSWORD).status, 422);
}

#[test]
fn lg_01_lg_05_guesses_at_a_consumer_are_counted_by_address_and_login_name_alike() {
    let world = world();
    let site = world.key("site");
    let mut statuses = Vec::new();
    for spelled in [CARLA, " CARLA@example.com", "Carla@Example.Com", CARLA, CARLA, CARLA] {
        let eve = world.agent(spelled);
        statuses.push(eve.signs_in_at(&eve.enters_at(DOOR, &site, &[]), "a wrong guess").status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    let right = carla(&world);
    let throttled = right.signs_in_at(&right.enters_at(DOOR, &site, &[]), PASSWORD);
    assert_eq!(throttled.status, 429);
    assert!(throttled.header("retry-after").is_some());
    world.advance(Seconds(61));
    assert!(right.approves_at(DOOR, &site, &[]).redirected("code").is_some());
}

#[test]
fn lg_06_an_unknown_address_a_wrong_password_and_one_that_is_not_proved_look_alike() {
    let world = world();
    let site = world.key("site");
    let dan = world.agent("dan@example.com");
    let flow = dan.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
    let mut typed = newcomer("dan@example.com");
    typed.push(("flow", &flow));
    dan.post("/auth/consumer/sign-up", &typed);
    let tried = |login: &str, password: &str| {
        let person = world.agent(login);
        let answer = person.signs_in_at(&person.enters_at(DOOR, &site, &[]), password);
        (answer.status, answer.body.replace(&answer.field("flow"), "").replace(login, ""))
    };
    let wrong = tried(CARLA, "a wrong guess");
    for (login, password) in [("nobody@example.com", PASSWORD), ("dan@example.com", PASSWORD), ("x OR 1=1 --", "x"), ("{{7*7}}", "%s")] {
        assert_eq!(tried(login, password), wrong, "{login}");
    }
    let long = "x".repeat(1025);
    assert_eq!(tried(CARLA, &long).0, 422);
}

#[test]
fn cs_01_cs_02_forms_of_other_sites_other_browsers_and_other_pages_are_refused() {
    let world = world();
    let (site, carla, eve) = (world.key("site"), carla(&world), world.agent(CARLA));
    let page = carla.enters_at(DOOR, &site, &[]);
    let flow = page.field("flow");
    let fields = [("flow", flow.as_str()), ("username", CARLA), ("password", PASSWORD)];
    for path in ["sign-in", "sign-up", "choose", "join", "consent"] {
        let path = format!("/auth/consumer/{path}");
        for origin in ["https://evil.example", "null"] {
            let answer = carla.post_with(&path, &[("origin", origin)], &fields);
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
            assert!(answer.header("set-cookie").is_none());
        }
        assert_eq!(carla.post_with(&path, &[], &fields).status, 403, "{path}");
        // Another browser's flow, and one of another page.
        let foreign = eve.post(&path, &fields);
        assert_eq!(foreign.status, 403, "{path}: {foreign:?}");
        if path != "/auth/consumer/sign-in" {
            assert_eq!(carla.post(&path, &fields).status, 403, "{path}");
        }
    }
    for path in ["/my/sessions/1/end", "/my/sites/1/end", "/my/everywhere", "/my/password", "/my/sign-out", "/my/sign-in", "/my/forgot"] {
        assert_eq!(carla.post_with(path, &[("origin", "https://evil.example")], &[]).status, 403, "{path}");
    }
    world.advance(Seconds::minutes(11));
    assert_eq!(carla.post("/auth/consumer/sign-in", &fields).status, 400);
}

#[test]
fn cn_03_cn_07_consent_counts_for_who_was_asked_about_what_was_shown_and_no_leads_back_with_an_error() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let signed_in = carla.signs_in_at(&carla.enters_at(DOOR, &site, &[("scope", "openid")]), PASSWORD);
    let page = carla.get(signed_in.location());
    // What is added to the form is not read.
    let extra =
        [("flow", &*page.field("flow")), ("decision", "allow"), ("scope", "openid email phone"), ("agent", BEN), ("role", "private")];
    let answer = carla.post("/auth/consumer/consent", &extra);
    let tokens = world.redeems(&site, &code(&answer)).json();
    let known = world.introspect(text(&tokens, "access_token"));
    assert_eq!((known["scope"].as_str(), known["role"].as_str(), known["agent"].as_str()), (Some("openid"), Some("vow"), Some(ADA)));
    let page = carla.enters_at(DOOR, &site, &[("scope", "openid email")]);
    let denied = carla.post("/auth/consumer/consent", &[("flow", &page.field("flow")), ("decision", "deny")]);
    denied.is_refused_to(&site, "access_denied", &world.issuer);
    assert_eq!(denied.redirected("state").as_deref(), Some("https://site.example/listing?id=7&tab=a%20b#top"));
    // Somebody else signs in in the same browser before the form is sent.
    let page = carla.enters_at(DOOR, &site, &[("scope", "openid phone")]);
    let dan = world.consumer("dan@example.com", "Dan");
    world.contact("cv.ada", "dan@example.com", Some(&dan));
    let other = world.agent("dan@example.com");
    other.approves_at(DOOR, &site, &[]);
    carla.set_cookie(CONSUMER, &other.cookie(CONSUMER).unwrap());
    let answer = carla.post("/auth/consumer/consent", &[("flow", &page.field("flow")), ("decision", "allow")]);
    assert_eq!(answer.status, 403, "{answer:?}");
    world.advance(Seconds(1));
    let cancelled = other.post(
        "/auth/consumer/sign-in",
        &[("flow", &other.enters_at(DOOR, &site, &[("prompt", "login"), ("scope", "openid")]).field("flow")), ("cancel", "1")],
    );
    cancelled.is_refused_to(&site, "access_denied", &world.issuer);
}

#[test]
fn cn_01_cn_11_prompt_and_max_age_mean_what_they_say() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    carla.enters_at(DOOR, &site, &[("prompt", "none")]).is_refused_to(&site, "login_required", &world.issuer);
    let signed_in = carla.signs_in_at(&carla.enters_at(DOOR, &site, &[]), PASSWORD);
    assert!(carla.get(signed_in.location()).body.contains("consent-allow"));
    carla.enters_at(DOOR, &site, &[("prompt", "none")]).is_refused_to(&site, "consent_required", &world.issuer);
    assert!(carla.approves_at(DOOR, &site, &[]).redirected("code").is_some());
    assert!(carla.enters_at(DOOR, &site, &[("prompt", "none")]).redirected("code").is_some());
    world.advance(Seconds(100));
    for extra in [("prompt", "login"), ("max_age", "10")] {
        let page = carla.enters_at(DOOR, &site, &[extra]);
        assert!(page.body.contains("id=\"sign-in-form\""), "{extra:?}");
        assert!(carla.walks_as_consumer(page, "").redirected("code").is_some(), "{extra:?}");
        world.advance(Seconds(100));
    }
    let page = carla.enters_at(DOOR, &site, &[("prompt", "select_account")]);
    assert!(page.body.contains("Continue as Carla Consumer"));
    let answer = carla.post("/auth/consumer/sign-in", &[("flow", &page.field("flow")), ("continue_as", "1")]);
    assert!(answer.redirected("code").is_some(), "{answer:?}");
    assert!(carla.enters_at(DOOR, &site, &[("prompt", "consent")]).body.contains("consent-allow"));
    for (name, value, word) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unauthorized_client"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("request", "a.b.c", "request_not_supported"),
    ] {
        let answer = carla.enters_at(DOOR, &site, &[(name, value)]);
        assert_eq!(answer.status, 303, "{name}: {answer:?}");
        let error = answer.redirected("error").unwrap_or_default();
        assert!(
            error == word || ["unsupported_response_type", "unauthorized_client", "invalid_request"].contains(&&*error),
            "{name} {error}"
        );
        assert!(answer.redirected("code").is_none());
    }
}

#[test]
fn somebody_known_elsewhere_connects_with_the_agent_and_an_unconnected_one_stays_unconnected() {
    let world = world();
    world.portal("cv.ben", "Ben");
    world.portal("hc.mia", "Mia");
    world.changes_portal("cv.ben", |portal| portal.required = Required { address: true, phone: true });
    let (site, carla) = (world.key("site"), carla(&world));
    let signed_in = carla.signs_in_at(&carla.enters_at("/auth/vow/ben", &site, &[]), PASSWORD);
    let page = carla.get(signed_in.location());
    assert!(page.body.contains("Connect with Ben Broker?"), "{page:?}");
    carla.enters_at("/auth/vow/ben", &site, &[("prompt", "none")]).is_refused_to(&site, "consent_required", &world.issuer);
    // The telephone is known, the address is not.
    assert!(page.body.contains("name=\"street\"") && !page.body.contains("name=\"phone\""));
    let refused = carla.post("/auth/consumer/join", &[("flow", &page.field("flow")), ("join", "1")]);
    assert_eq!(refused.status, 422);
    let home = [("street", "1 Elm St"), ("locality", "Chelan"), ("region", "WA"), ("postal_code", "98816")];
    let flow = refused.field("flow");
    let mut fields = vec![("flow", flow.as_str()), ("join", "1")];
    fields.extend(home);
    let answer = carla.walks_as_consumer(carla.post("/auth/consumer/join", &fields), "");
    assert!(answer.redirected("code").is_some(), "{answer:?}");
    let ben = world.token_of("cv.ben", "w");
    let contact = world.api(&ben, "GET", "/v1/contacts", None).result(200);
    assert_eq!(
        (&contact["PrimaryEmail"], &contact["HomeLocality"], &contact["RecordStatus"]),
        (&json!(CARLA), &json!("Chelan"), &json!("Active"))
    );

    let answer = carla.approves_at("/auth/vow/mia", &site, &[("unconnected", "true")]);
    let tokens = world.redeems(&site, &code(&answer)).json();
    let access = text(&tokens, "access_token");
    assert_eq!(world.api(access, "GET", "/v1/my/contact", None).result(200)["RecordStatus"], "Unconnected");
    let mia = world.token_of("hc.mia", "w");
    assert_eq!(world.api(&mia, "GET", "/v1/contacts/unconnected", None).result(200)["PrimaryEmail"], CARLA);
    assert!(world.api(&ben, "GET", "/v1/contacts/unconnected", None).results(200).is_empty());
    let agents = world.api(access, "GET", "/v1/consumers/me/agents", None).results(200);
    assert_eq!(agents.len(), 2, "{agents:?}");
}

#[test]
fn a_contact_that_an_agent_made_is_the_consumers_once_the_address_is_proved() {
    let world = world();
    let site = world.key("site");
    let made = world.contact("cv.ada", "dan@example.com", None);
    world.changes_contact("cv.ada", &made, |contact| contact.facts.tags = vec!["buyer".into()]);
    let dan = world.agent("dan@example.com");
    let flow = dan.enters_at("/r/login/adashomes/signup/", &site, &[]).field("flow");
    let mut typed = newcomer("dan@example.com");
    typed.push(("flow", &flow));
    dan.post("/auth/consumer/sign-up", &typed);
    let opened = dan.get(&world.link_to("dan@example.com"));
    let answer = dan.walks_as_consumer(dan.post(opened.location(), &[("password", PASSWORD)]), "");
    let tokens = world.redeems(&site, &code(&answer)).json();
    let contact = world.api(text(&tokens, "access_token"), "GET", "/v1/my/contact", None).result(200);
    assert_eq!((contact["Id"].as_str(), contact["GivenName"].as_str()), (Some(made.as_str()), Some("Carla")));
}

#[test]
fn pw_24_an_invitation_is_taken_once_by_who_reads_the_letter_and_not_after_its_time() {
    let world = world();
    let agent = world.token_of("cv.ada", "w");
    let invite = |email: &str| {
        world
            .api(&agent, "POST", "/v1/contacts", Some(json!({ "DisplayName": "Dan Doe", "PrimaryEmail": email, "Notify": true })))
            .result(201);
        world.link_to(email)
    };
    let (dan, link) = (world.agent("dan@example.com"), invite("dan@example.com"));
    let opened = dan.get(&link);
    let page = dan.get(opened.location());
    assert!(page.body.contains("Ada Agent invites you") && page.body.contains("Choose a password"), "{page:?}");
    let typed = [("given_name", "Dan"), ("family_name", "Doe"), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(dan.post(opened.location(), &[("given_name", "Dan")]).status, 422);
    let taken = dan.post(opened.location(), &typed);
    assert_eq!(taken.status, 303, "{taken:?}");
    let told = dan.get(taken.location());
    assert!(
        told.body.contains("Your login with Ada Agent is ready.") && told.body.contains("at any site Ada Agent shares with you."),
        "{told:?}"
    );
    let foreign = dan.get("/my/sessions?said=login-ready&agent=%3Cb%3E").body;
    assert!(foreign.contains("Your login is ready.") && !foreign.contains("<b>"), "only an agent of one's own is named");
    assert_eq!(dan.post(opened.location(), &typed).status, 410);
    assert_eq!(dan.get(&link).status, 410);
    let site = world.key("site");
    assert!(world.agent("dan@example.com").approves_at(DOOR, &site, &[]).redirected("code").is_some());

    // Who has a login gives its password, and nobody else's will do.
    world.portal("cv.ben", "Ben");
    let ben = world.token_of("cv.ben", "w");
    world.api(&ben, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": CARLA, "Notify": true }))).result(201);
    let (carla, link) = (carla(&world), world.link_to(CARLA));
    let opened = carla.get(&link);
    assert!(carla.get(opened.location()).body.contains("You have a login with"));
    assert_eq!(carla.post(opened.location(), &[("password", "a wrong guess")]).status, 422);
    assert_eq!(carla.post(opened.location(), &typed).status, 303);
    assert!(carla.get("/my/sessions").body.contains("Ben Broker"));

    let late = invite("late@example.com");
    world.advance(Seconds(14 * 86_400 - 1));
    let opened = world.browser().get(&late);
    assert_eq!(opened.status, 303);
    world.advance(Seconds(1));
    assert_eq!(world.browser().get(&late).status, 410);
    // The kind of a link is part of it.
    for other in ["/r/verify", "/r/reset", "/developers/reset", "/approvals"] {
        assert_eq!(world.browser().get(&late.replace("/r/invitation", other)).status, 410, "{other}");
    }
}

#[test]
fn an_invitation_ends_with_the_contact_and_with_another_address_of_it() {
    let world = world();
    let agent = world.token_of("cv.ada", "w");
    for (n, change) in [json!({ "PrimaryEmail": "other@example.com" }), json!({ "VowEnabled": false })].into_iter().enumerate() {
        let email = format!("dan{n}@example.com");
        let made = world.api(&agent, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": email, "Notify": true }))).result(201);
        let dan = world.agent(&email);
        let opened = dan.get(&world.link_to(&email));
        world.api(&agent, "PUT", made["ResourceUri"].as_str().unwrap(), Some(change)).result(200);
        assert_eq!(dan.get(opened.location()).status, 410);
    }
}

#[test]
fn pw_03_pw_14_a_forgotten_password_is_set_by_a_link_and_everything_from_before_ends() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let answer = carla.approves_at(DOOR, &site, &[]);
    let tokens = world.redeems(&site, &code(&answer)).json();
    let asked = world.browser().post("/my/forgot", &[("email", CARLA)]);
    let nobody = world.browser().post("/my/forgot", &[("email", "nobody@example.com")]);
    assert_eq!((asked.status, asked.body.replace(CARLA, "x")), (nobody.status, nobody.body.replace("nobody@example.com", "x")));
    assert!(world.letters_to("nobody@example.com").is_empty());
    let first = world.link_to(CARLA);
    world.advance(Seconds(1));
    world.browser().post("/my/forgot", &[("email", " Carla@Example.com ")]);
    let link = world.link_to(CARLA);
    assert_ne!(first, link);
    let reader = world.browser();
    assert_eq!(reader.get(&first).status, 410);
    let opened = reader.get(&link);
    assert!(!opened.location().contains("lkl_"), "{opened:?}");
    let new = "an entirely new one";
    assert_eq!(reader.post(opened.location(), &[("new_password", new), ("new_password_again", "x")]).status, 422);
    let set = reader.post(opened.location(), &[("new_password", new), ("new_password_again", new)]);
    assert!(set.location().starts_with("/my/sign-in"), "{set:?}");
    assert!(reader.cookie(CONSUMER).is_none());
    assert_eq!(reader.post(opened.location(), &[("new_password", new), ("new_password_again", new)]).status, 410);
    world.is_dead(text(&tokens, "access_token"), "after a reset");
    assert!(carla.enters_at(DOOR, &site, &[]).body.contains("id=\"sign-in-form\""));
    assert_eq!(carla.signs_in_at(&carla.enters_at(DOOR, &site, &[]), PASSWORD).status, 422);
    assert_eq!(carla.signs_in_at(&carla.enters_at(DOOR, &site, &[]), new).status, 303);
    assert_eq!(world.letters_to(CARLA).last().unwrap().0, "Your password was changed");
    world.audited("reset.done").unwrap();
}

#[test]
fn cn_08_cs_23_a_consumer_sees_and_ends_sessions_and_sites_on_the_own_page() {
    let world = world();
    let (site, family, carla) = (world.key("site"), world.key("family"), carla(&world));
    let of = |application| {
        let answer = carla.approves_at(DOOR, application, &[]);
        text(&world.redeems(application, &code(&answer)).json(), "access_token").to_owned()
    };
    let (first, second) = (of(&site), of(&family));
    let other = world.agent(CARLA);
    let elsewhere = other.approves_at(DOOR, &site, &[]);
    let elsewhere = text(&world.redeems(&site, &code(&elsewhere)).json(), "access_token").to_owned();
    let page = carla.get("/my/sessions");
    for said in ["Carla Consumer", "Application site", "Application family", "Ada Agent", "this browser"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    // Another browser's session, with what was issued in it.
    let held = other.cookie(CONSUMER).unwrap();
    let id = held.split('.').next().unwrap();
    assert!(page.body.contains(id));
    assert_eq!(carla.post(&format!("/my/sessions/{id}/end"), &[]).status, 303);
    world.is_dead(&elsewhere, "of the session that was ended");
    assert!(other.get("/my/sessions").body.contains("id=\"sign-in-form\""));
    assert!(world.is_active(&first));
    // One site.
    assert_eq!(carla.post(&format!("/my/sites/{}/end", site.id), &[]).location(), "/my/sessions?said=disconnected");
    world.is_dead(&first, "of the site that was disconnected");
    assert!(world.is_active(&second));
    assert!(carla.enters_at(DOOR, &site, &[]).body.contains("consent-allow"));
    // Nobody ends what is somebody else's.
    let eve = world.consumer("eve@example.com", "Eve");
    world.contact("cv.ada", "eve@example.com", Some(&eve));
    let eve = world.agent("eve@example.com");
    eve.approves_at(DOOR, &site, &[]);
    let id = carla.cookie(CONSUMER).unwrap().split('.').next().unwrap().to_owned();
    assert_eq!(eve.post(&format!("/my/sessions/{id}/end"), &[]).status, 404);
    assert_eq!(eve.post(&format!("/my/sites/{}/end", family.id), &[]).status, 404);
    assert!(world.is_active(&second));
    // Everything.
    assert_eq!(carla.post("/my/everywhere", &[]).status, 200);
    assert_eq!(carla.cookie(CONSUMER), None);
    world.is_dead(&second, "after signing out everywhere");
    assert!(world.get("/my/sessions").body.contains("id=\"sign-in-form\""));
}

#[test]
fn cs_12_a_password_changed_on_the_own_page_ends_everything_but_this_session_and_is_told_by_letter() {
    let world = world();
    let (site, carla, other) = (world.key("site"), carla(&world), world.agent(CARLA));
    let issued = text(&world.redeems(&site, &code(&carla.approves_at(DOOR, &site, &[]))).json(), "access_token").to_owned();
    other.approves_at(DOOR, &site, &[]);
    let change = |current: &str, new: &str, again: &str| {
        let page = carla.get("/my/password");
        presses(&carla, &page, "password-form", &[("current_password", current), ("new_password", new), ("new_password_again", again)])
    };
    const NEW: &str = "nine green bottles";
    for (current, new, again) in [
        ("not it", NEW, NEW),
        ("", NEW, NEW),
        (PASSWORD, "short", "short"),
        (PASSWORD, NEW, "x"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, CARLA, CARLA),
    ] {
        let answer = change(current, new, again);
        assert_eq!(answer.status, 422, "{current} {new}: {answer:?}");
        assert!(!answer.body.contains(NEW) && answer.body.contains("-problem\""), "what is wrong stands beside a field: {answer:?}");
    }
    assert!(world.is_active(&issued));
    let letters = world.letters_to(CARLA).len();
    assert_eq!(change(PASSWORD, NEW, NEW).location(), "/my/password?said=password-changed");
    world.is_dead(&issued, "after the password was changed");
    assert_eq!(world.letters_to(CARLA).len(), letters + 1);
    assert!(carla.get("/my/sessions").body.contains("this browser"));
    assert!(other.get("/my/sessions").body.contains("id=\"sign-in-form\""));
    let fresh = world.agent(CARLA);
    assert_eq!(fresh.signs_in_at(&fresh.enters_at(DOOR, &site, &[]), PASSWORD).status, 422);
    assert_eq!(fresh.signs_in_at(&fresh.enters_at(DOOR, &site, &[]), NEW).status, 303);
}

#[test]
fn cs_18_whoever_signs_in_where_somebody_else_was_ends_that_session_with_all_it_gave() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let dan = world.consumer("dan@example.com", "Dan");
    world.contact("cv.ada", "dan@example.com", Some(&dan));
    let issued = text(&world.redeems(&site, &code(&carla.approves_at(DOOR, &site, &[]))).json(), "access_token").to_owned();
    assert!(world.is_active(&issued));
    world.advance(Seconds(1));
    let page = carla.enters_at(DOOR, &site, &[("prompt", "login"), ("scope", "openid")]);
    let page =
        carla.post("/auth/consumer/sign-in", &[("flow", &page.field("flow")), ("username", "dan@example.com"), ("password", PASSWORD)]);
    let answer = carla.walks_as_consumer(page, "");
    let tokens = world.redeems(&site, &code(&answer)).json();
    let mine = world.api(text(&tokens, "access_token"), "GET", "/v1/my/contact", None).result(200);
    assert_eq!(mine["PrimaryEmail"], "dan@example.com");
    world.is_dead(&issued, "of who was signed in there before");
    assert!(carla.get("/my/sessions").body.contains("Dan"));
}

#[test]
fn cs_11_signing_out_ends_the_consumers_session_and_what_was_issued_in_it() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    let tokens = |person: &Person<'_>| {
        let answer = person.approves_at(DOOR, &site, &[("scope", "openid")]);
        world.redeems(&site, &code(&answer)).json()
    };
    let issued = tokens(&carla);
    // Another site's link alone does not sign out.
    let asked = carla.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]);
    assert!(asked.status == 200 && asked.body.contains("Carla Consumer"), "{asked:?}");
    assert!(world.is_active(text(&issued, "access_token")));
    let hint = text(&issued, "id_token");
    let gone = carla.get_with(&format!("/openid/logout?id_token_hint={hint}"), &[("sec-fetch-site", "cross-site")]);
    assert_eq!(gone.status, 200);
    assert!(carla.cookie(CONSUMER).is_none());
    let answer = world.api(text(&issued, "access_token"), "GET", "/v1/my/contact", None);
    answer.is_api_error(401, 1020);
    // The bare address ends both kinds of session, each for itself.
    let both = world.agent(CARLA);
    let issued = tokens(&both);
    let ada = world.agent("cv.ada");
    ada.approves(&world.w());
    both.set_cookie(SESSION, &ada.cookie(SESSION).unwrap());
    assert_eq!(both.get("/openid/logout").status, 200);
    assert!(both.cookie(CONSUMER).is_none() && both.cookie(SESSION).is_none());
    world.is_dead(text(&issued, "access_token"), "after the bare logout");
    assert!(ada.opens(&world.w(), &[]).body.contains("id=\"sign-in\""));
    // A consumer's hint leaves an agent in the same browser alone.
    let both = world.agent(CARLA);
    let issued = tokens(&both);
    let ada = world.agent("cv.ada");
    ada.approves(&world.w());
    both.set_cookie(SESSION, &ada.cookie(SESSION).unwrap());
    let hint = text(&issued, "id_token");
    both.get_with(&format!("/openid/logout?id_token_hint={hint}"), &[("sec-fetch-site", "cross-site")]);
    assert!(both.cookie(CONSUMER).is_none());
    assert!(ada.opens(&world.w(), &[]).redirected("code").is_some());
}

#[test]
fn cs_06_cs_07_the_session_cookie_is_fresh_bound_to_this_host_and_kept_as_a_digest() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    carla.set_cookie(CONSUMER, "1.planted");
    let answer = carla.signs_in_at(&carla.enters_at(DOOR, &site, &[]), PASSWORD);
    let line = answer.headers.iter().find(|(name, value)| name == "set-cookie" && value.starts_with(CONSUMER)).unwrap().1.clone();
    for said in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(line.contains(said), "{line}");
    }
    assert!(!line.contains("Domain"), "{line}");
    let value = carla.cookie(CONSUMER).unwrap();
    let secret = value.split('.').nth(1).unwrap().to_owned();
    assert!(secret.len() >= 43);
    let rows = world.app.db.read(|conn| {
        use diesel::prelude::*;
        use latchkey::store::schema::consumer_sessions::dsl;
        conn.all::<String>(dsl::consumer_sessions.select(dsl::digest))
    });
    assert!(rows.unwrap().iter().all(|digest| !digest.contains(&secret)));
    world.advance(Seconds(1));
    carla.signs_in_at(&carla.enters_at(DOOR, &site, &[("prompt", "login"), ("scope", "openid")]), PASSWORD);
    assert_ne!(carla.cookie(CONSUMER).unwrap(), value);
    let old = world.agent(CARLA);
    old.set_cookie(CONSUMER, &value);
    assert!(old.enters_at(DOOR, &site, &[]).body.contains("id=\"sign-in-form\""));
}

#[test]
fn cs_10_a_consumers_session_ends_by_idleness_and_by_age() {
    let world = world();
    let (site, carla) = (world.key("site"), carla(&world));
    carla.approves_at(DOOR, &site, &[]);
    world.advance(Seconds::minutes(59));
    assert!(carla.enters_at(DOOR, &site, &[]).redirected("code").is_some());
    world.advance(Seconds::minutes(61));
    assert!(carla.enters_at(DOOR, &site, &[]).body.contains("id=\"sign-in-form\""));
}

#[test]
fn pw_01_pw_11_letters_lead_to_the_configured_address_and_pages_leak_nothing() {
    let world = world();
    let evil = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
    let mut headers = vec![("origin", world.issuer.as_str())];
    headers.extend(evil.into_iter().skip(1));
    assert_eq!(world.browser().post_with("/my/forgot", &headers, &[("email", CARLA)]).status, 200);
    let letter = world.letters_to(CARLA).pop().unwrap().1;
    assert!(letter.contains(&format!("{}/r/reset/lkl_", world.issuer)) && !letter.contains("evil"), "{letter}");
    for odd in ["", "lkl_", "lkl_%00", "null", "lkl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        for kind in ["verify", "reset", "invitation"] {
            let status = world.get(&format!("/r/{kind}/{odd}")).status;
            assert!([404, 410].contains(&status), "{kind} {odd}: {status}");
        }
    }
    let two = world.browser().post("/my/forgot", &[("email", "carla@example.com,eve@example.com")]);
    assert_eq!(two.status, 422);
    assert!(world.letters_to("eve@example.com").is_empty());
    let repeated = world.browser().post("/my/forgot", &[("email", CARLA), ("email", "eve@example.com")]);
    assert_eq!(repeated.status, 422);
    let site = world.key("site");
    for page in [world.browser().enters_at(DOOR, &site, &[]), world.get("/my/forgot"), world.get("/my/sign-in")] {
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        assert_eq!((page.header("x-frame-options"), page.header("cache-control")), (Some("DENY"), Some("no-store")));
    }
    assert!(site_request(&site, &[]).contains("client_id"));
}
