//! Tokens of home buyers: whom they are about, in which role they act, and what ends them.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::protocol::grant::ConsumerRole;
use latchkey::store::{accounts, connections, consumer_sessions, consumers, contacts, keys};

use crate::support::consumers::Bond;
use crate::support::platform::{ADA, MLS};
use crate::support::rows::{claims, text};
use crate::support::world::{Answer, OTHER_MLS, World};

const CARLA: &str = "carla@example.com";

fn world() -> World {
    World::with(&[("gateways", "127.0.0.0/8")])
}

/// The gateway of a data API asks about a consumer's favourites.
fn favourites(world: &World, token: &str) -> Answer {
    asks(world, token, "/v1/listingcarts/portal/favorites")
}

fn asks(world: &World, token: &str, uri: &str) -> Answer {
    let authorization = format!("OAuth {token}");
    let headers = [("authorization", authorization.as_str()), ("x-original-method", "GET"), ("x-original-uri", uri)];
    world.request("GET", "/authz/check", &headers, None)
}

/// Code and status as the API itself would answer.
fn refusal(answer: &Answer) -> (&str, &str) {
    (answer.header("x-latchkey-code").unwrap_or_default(), answer.header("x-latchkey-status").unwrap_or_default())
}

#[test]
fn tokens_of_a_consumer_are_about_the_consumer_and_act_in_the_role_of_the_session() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    let access = text(&tokens, "access_token");

    let id_token = claims(text(&tokens, "id_token"));
    assert_eq!((id_token["sub"].as_str(), id_token["nonce"].as_str()), (Some(bond.consumer.as_str()), Some("n-1")));
    assert_eq!(id_token["sid"], bond.session.to_string());
    let said = world.userinfo(access).json();
    assert_eq!((said["sub"].as_str(), said["email"].as_str()), (Some(bond.consumer.as_str()), Some(CARLA)));
    assert_eq!((said["name"].as_str(), said["email_verified"].as_bool()), (Some("Carla Consumer"), Some(true)));
    assert!(said.get("Office").is_none() && said.get("MemberMlsId").is_none(), "{said}");

    let known = world.introspect(access);
    for (member, value) in [
        ("sub", bond.consumer.as_str()),
        ("username", CARLA),
        ("role", "vow"),
        ("agent", ADA),
        ("contact", bond.contact.as_str()),
        ("client_id", &site.client_id),
    ] {
        assert_eq!(known[member], value, "{member} of {known}");
    }
    assert_eq!(known["roles"], serde_json::json!(["vow"]));
    let refresh = world.introspect(text(&tokens, "refresh_token"));
    assert_eq!((refresh["sub"].as_str(), refresh["role"].as_str()), (Some(bond.consumer.as_str()), Some("vow")));

    let answer = favourites(&world, access);
    assert_eq!(answer.status, 200, "{answer:?}");
    for (name, value) in [
        ("x-latchkey-key", site.client_id.as_str()),
        ("x-latchkey-account", ADA),
        ("x-latchkey-consumer", bond.consumer.as_str()),
        ("x-latchkey-contact", bond.contact.as_str()),
        ("x-latchkey-role", "vow"),
        ("x-latchkey-mls", MLS),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name} of {answer:?}");
    }
}

#[test]
fn the_role_stays_when_tokens_are_refreshed_and_at_the_older_endpoint() {
    let world = world();
    let (family, bond) = (world.key("family"), world.bond("cv.ada", CARLA));
    let code = world.code_by(&bond, &family, ConsumerRole::Portal, "openid");
    let body = serde_json::json!({
        "client_id": family.client_id, "client_secret": family.secret, "grant_type": "authorization_code", "code": code,
        "redirect_uri": family.redirect_uri,
    });
    let answer = world.request("POST", "/v1/oauth2/grant", &[("content-type", "application/json")], Some(&body.to_string()));
    assert_eq!(answer.status, 200, "{answer:?}");
    let tokens = answer.json();
    assert_eq!(tokens["expires_in"], 86_400);
    assert_eq!(world.introspect(text(&tokens, "access_token"))["role"], "portal");
    let refreshed = world.refresh(&family, text(&tokens, "refresh_token")).json();
    assert_eq!(world.introspect(text(&refreshed, "access_token"))["role"], "portal");
    assert_eq!(favourites(&world, text(&refreshed, "access_token")).header("x-latchkey-role"), Some("portal"));
}

#[test]
fn pb_15_a_consumers_token_opens_nothing_of_agents_or_staff() {
    let world = world();
    // Also where the agent is staff, and the key has the privilege of the Keys API.
    let (site, bond) = (world.key("site"), world.bond("cv.staff", CARLA));
    world.change_policy(&site, |policy| policy.privileges = latchkey::protocol::client::Privilege::ALL.to_vec());
    let token = world.tokens_by(&bond, &site)["access_token"].as_str().unwrap().to_owned();
    for path in ["/v1/developers/identities", "/v1/developers/roles", "/v1/developers/templates", "/v1/appstore/users", "/v1/contacts"] {
        assert_eq!(refusal(&asks(&world, &token, path)), ("1500", "403"), "{path}");
    }
    world.api(&token, "GET", "/v1/developers/identities/1/keys/1/tokens", None).is_api_error(403, 1500);
}

/// What is done, and by which code the platform says it.
type End = (&'static str, Act, (&'static str, &'static str), Act);

#[test]
fn rt_11_pb_11_pb_12_pb_21_a_consumers_tokens_sleep_while_contact_portal_or_agent_are_off() {
    let ends: [End; 4] = [
        (
            "VowEnabled",
            |world, bond| world.changes_contact("cv.ada", &bond.contact, |contact| contact.vow_enabled = false),
            ("1015", "403"),
            |world, bond| world.changes_contact("cv.ada", &bond.contact, |contact| contact.vow_enabled = true),
        ),
        (
            "portal account",
            |world, bond| world.changes_contact("cv.ada", &bond.contact, |contact| contact.portal.as_mut().unwrap().enabled = false),
            ("1015", "403"),
            |world, bond| world.changes_contact("cv.ada", &bond.contact, |contact| contact.portal.as_mut().unwrap().enabled = true),
        ),
        (
            "portal",
            |world, _| drop(world.changes_portal("cv.ada", |portal| portal.enabled = false)),
            ("1015", "403"),
            |world, _| drop(world.changes_portal("cv.ada", |portal| portal.enabled = true)),
        ),
        (
            "agent",
            |world, _| assert!(world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), false, latchkey::base::Timestamp(1)))),
            ("1015", "403"),
            |world, _| assert!(world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), true, latchkey::base::Timestamp(1)))),
        ),
    ];
    for (what, off, code, on) in ends {
        let world = world();
        let other = world.second_node(&[("gateways", "127.0.0.0/8")]);
        let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
        let tokens = world.tokens_by(&bond, &site);
        let access = text(&tokens, "access_token");
        let offered = world.code_by(&bond, &site, ConsumerRole::Vow, "openid");
        assert_eq!((favourites(&world, access).status, favourites(&other, access).status), (200, 200), "{what}");
        off(&world, &bond);
        for node in [&world, &other] {
            assert_eq!(refusal(&favourites(node, access)), code, "{what}");
            assert!(!node.is_active(access) && !node.is_active(text(&tokens, "refresh_token")), "{what}");
            assert_eq!(node.userinfo(access).status, 401, "{what}");
        }
        world.refused_grant(&world.refresh(&site, text(&tokens, "refresh_token")), "token.rejected", "person_inactive", what);
        assert_eq!(world.redeems(&site, &offered).json()["error"], "invalid_grant", "{what}");
        on(&world, &bond);
        assert_eq!(favourites(&world, access).status, 200, "{what} again");
        assert_eq!(world.refresh(&site, text(&tokens, "refresh_token")).status, 200, "{what} again");
    }
}

/// What is done once and for all.
type Act = fn(&World, &Bond);

#[test]
fn cs_12_a_consumers_tokens_end_for_good_with_contact_password_and_session() {
    let ends: [(&str, Act); 4] = [
        ("contact deleted", |world, bond| {
            let (bond, now) = (bond.clone(), world.app.now());
            assert!(world.change(move |conn| contacts::delete(conn, &bond.agent, &bond.contact, now)));
        }),
        ("contact another consumer's", |world, bond| {
            let other = world.consumer("eve@example.com", "Eve");
            let (contact, other) = (bond.contact.clone(), other.to_string());
            world.change(move |conn| {
                use diesel::prelude::*;
                use latchkey::store::schema::contacts::dsl;
                conn.execute(diesel::update(dsl::contacts.find(contact.as_str())).set(dsl::consumer_id.eq(other)))
            });
        }),
        ("password changed", |world, bond| {
            let (consumer, now) = (bond.consumer.clone(), world.app.now() + Seconds(1));
            assert!(world.change(move |conn| consumers::set_password(conn, &consumer, "x", now)));
        }),
        ("everything issued ended", |world, bond| {
            let (consumer, now) = (bond.consumer.clone(), world.app.now() + Seconds(1));
            assert!(world.change(move |conn| consumers::end_everything_issued(conn, &consumer, now)));
        }),
    ];
    for (what, end) in ends {
        let world = world();
        let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
        let tokens = world.tokens_by(&bond, &site);
        let offered = world.code_by(&bond, &site, ConsumerRole::Vow, "openid");
        end(&world, &bond);
        let answer = favourites(&world, text(&tokens, "access_token"));
        assert_eq!(refusal(&answer), ("1020", "401"), "{what}");
        assert_eq!(answer.header("www-authenticate"), Some("OAuth realm='latchkey', error='expired_token'"), "{what}");
        assert_eq!(world.refresh(&site, text(&tokens, "refresh_token")).json()["error"], "invalid_grant", "{what}");
        assert_eq!(world.redeems(&site, &offered).json()["error"], "invalid_grant", "{what}");
        world.is_dead(text(&tokens, "access_token"), what);
    }
}

#[test]
fn a_code_given_in_a_session_that_was_ended_is_worth_nothing() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let offered = world.code_by(&bond, &site, ConsumerRole::Vow, "openid");
    let now = world.app.now();
    assert!(world.change(move |conn| consumer_sessions::end(conn, &bond.consumer, bond.session, now)));
    world.refused_grant(&world.redeems(&site, &offered), "token.rejected", "session_over", "ended");
}

#[test]
fn pb_16_a_disabled_key_says_so_also_for_a_consumers_token() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    world.switches(&site, false);
    assert_eq!(refusal(&favourites(&world, text(&tokens, "access_token"))), ("1010", "401"));
    assert!(!world.is_active(text(&tokens, "access_token")));
    world.switches(&site, true);
    assert_eq!(favourites(&world, text(&tokens, "access_token")).status, 200);
}

#[test]
fn pb_03_a_key_that_loses_the_role_idx_has_nothing_of_its_consumers_any_more() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    let offered = world.code_by(&bond, &site, ConsumerRole::Vow, "openid");
    world.gives_roles(site.id.0, "private");
    assert_eq!(refusal(&favourites(&world, text(&tokens, "access_token"))), ("1500", "403"));
    assert_eq!(world.refresh(&site, text(&tokens, "refresh_token")).json()["error"], "invalid_grant");
    assert_eq!(world.redeems(&site, &offered).json()["error"], "invalid_grant");
    assert!(!world.is_active(text(&tokens, "refresh_token")));
}

#[test]
fn pb_22_a_key_for_other_mlss_serves_no_consumer_of_this_one() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    world.narrows_to_mls(&site, Some(OTHER_MLS));
    assert_eq!(refusal(&favourites(&world, text(&tokens, "access_token"))), ("1015", "403"));
    assert_eq!(world.refresh(&site, text(&tokens, "refresh_token")).json()["error"], "access_denied");
}

#[test]
fn what_the_agent_does_with_the_own_account_is_no_business_of_consumers_tokens() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    let own = world.agent("cv.ada").grants(&site);
    let listed = world.app.db.read(|conn| connections::living(conn, &ADA.parse().unwrap(), latchkey::base::Timestamp(0))).unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    // The agent takes back what the agent allowed the site, and changes the password.
    world.takes_back_consent(&site, ADA);
    let now = world.app.now() + Seconds(1);
    world.change(move |conn| accounts::set_password(conn, &ADA.parse().unwrap(), "x", now));
    world.is_dead(text(&own, "access_token"), "the agent's own");
    assert_eq!(favourites(&world, text(&tokens, "access_token")).status, 200);
    assert_eq!(world.refresh(&site, text(&tokens, "refresh_token")).status, 200);
}

#[test]
fn a_site_revokes_what_a_consumer_gave_it_and_the_audit_names_the_consumer() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    assert_eq!(world.as_client(&site, "/openid/revoke", &[("token", text(&tokens, "refresh_token"))]).status, 200);
    world.is_dead(text(&tokens, "access_token"), "revoked");
    assert_eq!(world.audited("family.revoked").unwrap().subject.as_deref(), Some(bond.consumer.as_str()));
}

#[test]
fn the_consumers_token_wins_where_the_sites_own_signature_comes_along() {
    let world = world();
    let (site, bond) = (world.key("site"), world.bond("cv.ada", CARLA));
    let tokens = world.tokens_by(&bond, &site);
    let path = "/v1/savedsearches?AuthToken=c4ca4238a0b923820dcc509a6f75849b&ApiSig=c81e728d9d4c2f636f067f89cc14862c";
    let answer = asks(&world, text(&tokens, "access_token"), path);
    assert_eq!(answer.header("x-latchkey-role"), Some("vow"), "{answer:?}");
    assert_eq!(answer.header("x-latchkey-consumer"), Some(bond.consumer.as_str()));
    let _: KeyId = site.id;
    assert!(world.app.db.read(move |conn| keys::get(conn, site.id)).unwrap().is_some());
}
