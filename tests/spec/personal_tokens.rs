//! Personal tokens: made by staff, shown once, never expiring, revoked at once.

use std::sync::Barrier;

use latchkey::base::{Digest, Seconds};
use latchkey::platform::role::Role;
use serde_json::json;

use crate::support::platform::{ADA, BEN, MIA, MLS};
use crate::support::tables;
use crate::support::world::{OTHER_MLS, PASSWORD, World};

const TOKENS: &str = "/v1/developers/identities/70/keys/71/tokens";
const FEED: [Role; 2] = [Role::Private, Role::SingleSession];

fn world() -> World {
    let world = World::new();
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &FEED);
    world
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn tk_30_a_token_is_made_for_one_account_shown_once_listed_without_its_value_used_and_revoked() {
    let world = world();
    let staff = world.staff();
    let made = world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201);
    let token = text(&made["Token"]);
    assert!(token.starts_with("lkp_") && token.len() == 62, "{token}");
    assert!(token.ends_with(&text(&made["LastFour"])));
    assert_eq!((&made["User"]["Name"], &made["KeyId"], &made["OwnData"]), (&json!("Ada Agent"), &json!(71), &json!(null)));
    assert_eq!(made["CreatedBy"], "20261001000000000000000105");
    assert_eq!(made["LastUsed"], json!(null));

    // It speaks for Ada wherever a bearer token does, for years.
    world.advance(Seconds::days(3650));
    assert_eq!(world.my_account(&token).result(200)["Id"], ADA);
    let known = world.introspect(&token);
    assert_eq!(
        (&known["active"], &known["sub"], &known["username"], &known["exp"]),
        (&json!(true), &json!(ADA), &json!("cv.ada"), &json!(null))
    );

    // All that is kept of it are its digest and its end.
    let database = tables::text(&world.app.db);
    assert!(!database.contains(&token) && !database.contains(&token[4..56]));
    assert!(database.contains(&Digest::of(token.as_bytes()).hex()));

    let staff = world.staff();
    tables::quiet(&world.app.db);
    let listed = world.api(&staff, "GET", TOKENS, None).result(200);
    assert_eq!(listed["LastUsed"], "2036-11-15");
    assert_eq!(listed.get("Token"), None);
    let one = text(&listed["ResourceUri"]);
    assert_eq!(world.api(&staff, "GET", &one, None).result(200), listed);

    assert_eq!(world.api(&staff, "DELETE", &one, None).results(200), Vec::<serde_json::Value>::new());
    world.my_account(&token).is_api_error(401, 1020);
    assert_eq!(world.introspect(&token), json!({ "active": false }));
    world.api(&staff, "DELETE", &one, None).is_api_error(404, 404);
    assert!(world.api(&staff, "GET", &one, None).result(200)["RevokedTimestamp"].is_string());
    for event in ["personal_token.created", "personal_token.revoked"] {
        let line = world.audited(event).unwrap();
        assert_eq!((line.actor.as_deref(), line.subject.as_deref()), (Some("20261001000000000000000105"), Some(ADA)), "{event}");
        assert_eq!(line.client.as_deref(), Some("feed000000000000000000071"));
    }
}

#[test]
fn pb_20_a_single_session_key_signs_nobody_in_and_stays_with_its_first_person() {
    let world = world();
    let staff = world.staff();
    let token = text(&world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201)["Token"]);

    let refused = world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": BEN })));
    refused.is_api_error(409, 1055).names("UserId");
    assert_eq!(world.my_account(&token).result(200)["Id"], ADA);

    // Nor does a browser get it for anybody, by either page, signed in or not.
    world.gives_roles(1, "private single_session");
    let (w, ben) = (world.w(), world.agent("cv.ben"));
    for _ in 0..2 {
        ben.opens(&w, &[]).is_refused_to(&w, "unauthorized_client", &world.issuer);
        let old = ben.get(&format!("/oauth2?client_id={}&redirect_uri={}&response_type=code", w.client_id, w.redirect_uri));
        assert_eq!(old.redirected("error").as_deref(), Some("unauthorized_client"), "{old:?}");
        world.audited_because("authz.denied", "browser_closed");
        ben.signs_in(&ben.opens(&world.key("w2"), &[]), PASSWORD);
    }
    // Once the first person's token is revoked, the key may go to somebody else.
    let one = text(&world.api(&staff_of(&world), "GET", TOKENS, None).result(200)["ResourceUri"]);
    world.api(&staff_of(&world), "DELETE", &one, None).results(200);
    world.api(&staff_of(&world), "POST", TOKENS, Some(json!({ "UserId": BEN }))).result(201);
}

/// A staff token of a key that still signs people in.
fn staff_of(world: &World) -> String {
    world.token_of("cv.staff", "w2")
}

#[test]
fn tk_30_a_second_token_of_the_same_account_replaces_the_first() {
    let world = world();
    let staff = world.staff();
    let make = || text(&world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201)["Token"]);
    let (first, second) = (make(), make());
    world.my_account(&first).is_api_error(401, 1020);
    assert_eq!(world.my_account(&second).status, 200);
    assert_eq!(world.audited("personal_token.created").unwrap().reason.as_deref(), Some("replaced"));
    assert_eq!(world.api(&staff, "GET", TOKENS, None).results(200).len(), 2);
}

#[test]
fn tk_30_of_many_tokens_made_at_once_one_is_left_alive() {
    let world = world();
    let staff = world.staff();
    let start = Barrier::new(8);
    let made: Vec<_> = std::thread::scope(|scope| {
        let many: Vec<_> = (0..8)
            .map(|number| {
                let (world, staff, start) = (&world, &staff, &start);
                scope.spawn(move || {
                    start.wait();
                    world.api(staff, "POST", TOKENS, Some(json!({ "UserId": if number % 2 == 0 { ADA } else { BEN } })))
                })
            })
            .collect();
        many.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(made.iter().all(|answer| matches!(answer.status, 201 | 409)), "{made:?}");
    let tokens: Vec<String> = made.iter().filter(|answer| answer.status == 201).map(|answer| text(&answer.result(201)["Token"])).collect();
    assert_eq!(tokens.iter().filter(|token| world.my_account(token).status == 200).count(), 1);
    let people: std::collections::BTreeSet<String> =
        world.api(&staff, "GET", TOKENS, None).results(200).iter().map(|one| text(&one["User"]["Id"])).collect();
    assert_eq!(people.len(), 1, "one key, one person: {people:?}");
}

#[test]
fn the_generic_agent_of_an_mls_is_made_once_and_nobody_can_sign_in_as_it() {
    let world = world();
    let staff = world.staff();
    let made = world.api(&staff, "POST", TOKENS, Some(json!({ "GenericAgent": true }))).result(201);
    assert_eq!((&made["User"]["Name"], &made["User"]["UserType"]), (&json!("Generic agent of Cascade Valley MLS"), &json!("Member")));
    let again = world.api(&staff, "POST", TOKENS, Some(json!({ "GenericAgent": true }))).result(201);
    assert_eq!(made["User"]["Id"], again["User"]["Id"]);
    let account = world.my_account(&text(&again["Token"])).result(200);
    assert_eq!(account["MlsId"], MLS);

    let page = world.browser().opens(&world.w(), &[]);
    let stranger = world.agent("generic-agent.20261001000000000000000001");
    for password in ["", PASSWORD] {
        assert_ne!(stranger.signs_in(&page, password).status, 303);
    }
}

#[test]
fn a_token_limited_to_own_data_says_so_to_the_resource_server() {
    let world = world();
    let staff = world.staff();
    for (own, id) in [("member", ADA), ("office", "20261001000000000000000011"), ("company", "20261001000000000000000012")] {
        let made = world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA, "OwnData": own }))).result(201);
        assert_eq!(made["OwnData"], own);
        assert_eq!(world.introspect(&text(&made["Token"]))["restriction"], json!({ "own_data": own, "id": id }));
    }
    let whole = world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201);
    assert_eq!(world.introspect(&text(&whole["Token"])).get("restriction"), None);
    // A generic agent belongs to no office.
    world.key_of(70, 72, MLS, &FEED);
    let refused = world.api(
        &staff,
        "POST",
        "/v1/developers/identities/70/keys/72/tokens",
        Some(json!({ "GenericAgent": true, "OwnData": "office" })),
    );
    refused.is_api_error(400, 1053).names("OwnData");
}

#[test]
fn pb_04_tokens_of_foreign_absent_and_misplaced_keys_all_look_absent() {
    let world = world();
    world.developer(80, OTHER_MLS);
    world.key_of(80, 81, OTHER_MLS, &FEED);
    world.developer(90, MLS);
    let staff = world.staff();
    let mine = world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201);
    let id = &mine["Id"];
    let before = tables::settled(&world.app.db);
    for path in [
        "/v1/developers/identities/80/keys/81/tokens",
        "/v1/developers/identities/70/keys/81/tokens",
        "/v1/developers/identities/90/keys/71/tokens",
        "/v1/developers/identities/70/keys/999/tokens",
        "/v1/developers/identities/070/keys/71/tokens",
        "/v1/developers/identities/70/keys/x/tokens",
        "/v1/developers/identities/99999999999999999999/keys/71/tokens",
    ] {
        let answers = [
            world.api(&staff, "GET", path, None),
            world.api(&staff, "POST", path, Some(json!({ "UserId": ADA }))),
            world.api(&staff, "GET", &format!("{path}/{id}"), None),
            world.api(&staff, "DELETE", &format!("{path}/{id}"), None),
        ];
        for answer in answers {
            answer.is_api_error(404, 404);
        }
    }
    tables::are_unchanged(&world.app.db, &before);
    assert_eq!(world.my_account(&text(&mine["Token"])).status, 200);
}

#[test]
fn pb_01_only_staff_may_make_tokens() {
    let world = world();
    let before = tables::settled(&world.app.db);
    world.request("POST", TOKENS, &[("content-type", "application/json")], Some("{}")).is_api_error(401, 1000);
    tables::are_unchanged(&world.app.db, &before);
    let ada = world.token_of("cv.ada", "w");
    for (method, body) in [("GET", None), ("POST", Some(json!({ "UserId": ADA })))] {
        world.api(&ada, method, TOKENS, body).is_api_error(403, 1500);
    }
    assert_eq!(tables::count(&world.app.db, "personal_tokens"), 0);
}

#[test]
fn a_wish_that_cannot_be_fulfilled_names_the_attribute_and_changes_nothing() {
    let world = world();
    world.key_of(70, 72, MLS, &[Role::Private]);
    world.key_of(70, 73, MLS, &FEED);
    world.change(|conn| latchkey::store::keys::set_enabled(conn, latchkey::base::id::KeyId(73), false, crate::support::world::BEGIN));
    let staff = world.staff();
    let before = tables::quiet(&world.app.db);
    for (key, body, status, code, attribute) in [
        (71, json!({}), 400, 1050, "UserId"),
        (71, json!({ "GenericAgent": false }), 400, 1050, "UserId"),
        (71, json!({ "UserId": MIA }), 400, 1053, "UserId"),
        (71, json!({ "UserId": "20261001000000000000009999" }), 400, 1053, "UserId"),
        (71, json!({ "UserId": "20261001000000000000000104" }), 400, 1053, "UserId"),
        (71, json!({ "UserId": 7 }), 400, 1053, "UserId"),
        (71, json!({ "UserId": ADA, "GenericAgent": true }), 400, 1053, "GenericAgent"),
        (71, json!({ "UserId": ADA, "GenericAgent": "yes" }), 400, 1053, "GenericAgent"),
        (71, json!({ "UserId": ADA, "OwnData": "everything" }), 400, 1053, "OwnData"),
        (71, json!({ "UserId": ADA, "OwnData": 1 }), 400, 1053, "OwnData"),
        (71, json!({ "UserId": ADA, "Token": "lkp_mine" }), 400, 1053, "Token"),
        (72, json!({ "UserId": ADA }), 400, 1053, "Roles"),
        (72, json!({ "GenericAgent": true }), 400, 1053, "Roles"),
        (73, json!({ "UserId": ADA }), 400, 1053, "Enabled"),
    ] {
        let path = format!("/v1/developers/identities/70/keys/{key}/tokens");
        world.api(&staff, "POST", &path, Some(body.clone())).is_api_error(status, code).names(attribute);
    }
    tables::are_unchanged(&world.app.db, &before);
}

#[test]
fn tk_31_a_token_follows_its_key_its_person_and_their_roles_within_a_second() {
    let world = world();
    let staff = world.staff();
    let token = text(&world.api(&staff, "POST", TOKENS, Some(json!({ "UserId": ADA }))).result(201)["Token"]);
    let enabled = |on| {
        world.change(move |conn| latchkey::store::keys::set_enabled(conn, latchkey::base::id::KeyId(71), on, crate::support::world::BEGIN));
    };
    let active = |on| {
        world.change(move |conn| latchkey::store::accounts::set_active(conn, &ADA.parse().unwrap(), on, crate::support::world::BEGIN));
    };
    enabled(false);
    world.my_account(&token).is_api_error(401, 1010);
    enabled(true);
    active(false);
    world.my_account(&token).is_api_error(403, 1015);
    // The token wakes up again with its person.
    active(true);
    assert_eq!(world.my_account(&token).status, 200);
    world.gives_roles(71, "idx single_session");
    assert_eq!(world.introspect(&token)["roles"], json!(["idx", "single_session"]));
    // A key that signs people in has no ready-made tokens.
    world.gives_roles(71, "private");
    world.my_account(&token).is_api_error(403, 1013);
    world.gives_roles(71, "private single_session");
    world.change(|conn| {
        use diesel::prelude::*;
        use latchkey::store::schema::keys;
        conn.execute(diesel::update(keys::table.find(71)).set(keys::deleted_at.eq(1)))
    });
    world.my_account(&token).is_api_error(401, 1000);
}

#[test]
fn tk_33_what_is_no_token_is_refused_like_one_that_never_was() {
    let world = world();
    let never = latchkey::platform::personal_token::value(&world.app.random.word());
    for guess in ["lkp_", "lkp_x", never.expose(), &format!("{}a", never.expose()), &never.expose().to_uppercase()] {
        world.my_account(guess).is_api_error(401, 1000);
    }
}
