//! `/v1/portal`, `/v1/contacts`, `/v1/my/contact`, `/v1/consumers`: home buyers as agents, their sites and they themselves see them.

use diesel::prelude::*;
use latchkey::base::Seconds;
use latchkey::protocol::client::Privilege;
use latchkey::protocol::grant::ConsumerRole;
use latchkey::store::schema::keys;
use serde_json::{Value, json};

use super::addresses::is_as_documented;
use crate::support::consumers::Bond;
use crate::support::platform::{ADA, BEN, MLS};
use crate::support::world::{OTHER_MLS, PASSWORD, World};

const CARLA: &str = "carla@example.com";

/// A consumer's token at somebody else's site.
fn session(world: &World, bond: &Bond) -> String {
    world.tokens_by(bond, &world.key("site"))["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn an_agent_makes_changes_and_switches_off_a_portal_and_the_site_and_the_consumer_read_it() {
    let world = World::new();
    let (agent, site) = (world.token_of("cv.ada", "w"), world.token_of("cv.ada", "site"));
    assert!(world.api(&agent, "GET", "/v1/portal", None).results(200).is_empty());
    world.api(&agent, "PUT", "/v1/portal", Some(json!({ "Enabled": false }))).is_api_error(404, 404);
    world.api(&agent, "POST", "/v1/portal", Some(json!({ "RequiredFields": ["Phone"] }))).is_api_error(400, 1050).names("DisplayName");
    let asked = json!({ "DisplayName": "Ada's Homes", "RequiredFields": ["Phone", "Address"] });
    let made = world.api(&agent, "POST", "/v1/portal", Some(asked.clone())).result(201);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Portal", &made);
    assert_eq!((made["Name"].as_str(), made["OwnerId"].as_str(), made["Enabled"].as_bool()), (Some("adashomes"), Some(ADA), Some(true)));
    assert_eq!(made["RequiredFields"], json!(["Address", "Phone"]));
    world.api(&agent, "POST", "/v1/portal", Some(asked)).is_api_error(409, 1055);
    let path = made["ResourceUri"].as_str().unwrap();
    assert_eq!(world.api(&site, "GET", path, None).result(200), made);
    let bond = world.bond("cv.ada", CARLA);
    assert_eq!(world.api(&session(&world, &bond), "GET", "/v1/portal", None).result(200), made);
    for reader in [&site, &session(&world, &bond)] {
        world.api(reader, "PUT", "/v1/portal", Some(json!({ "Enabled": false }))).is_api_error(405, 1017);
    }
    let changed = world.api(&agent, "PUT", path, Some(json!({ "DisplayName": "Summit", "Enabled": false }))).result(200);
    assert_eq!((changed["Name"].as_str(), changed["Enabled"].as_bool()), (Some("summit"), Some(false)));
    world.audited("portal.disabled").unwrap();
    world.api(&agent, "DELETE", "/v1/portal", None).is_api_error(405, 405);
    // Another agent's looks absent.
    let ben = world.token_of("cv.ben", "w");
    world.api(&ben, "GET", path, None).is_api_error(404, 404);
    world.api(&ben, "PUT", path, Some(json!({ "Enabled": true }))).is_api_error(404, 404);
    assert!(world.api(&ben, "GET", "/v1/portal", None).results(200).is_empty());
}

#[test]
fn contacts_are_found_by_a_tag_they_have_whatever_stands_in_it() {
    let world = World::new();
    let agent = world.token_of("cv.ada", "w");
    let list = |query: &str| world.api(&agent, "GET", &format!("/v1/contacts{query}"), None);
    for (name, tags) in
        [("Carla", json!(["buyer"])), ("Dan Doe", json!([])), ("Eve", json!(["first, buyer", "she said \"yes\"", ",", "O'Hara"]))]
    {
        world.api(&agent, "POST", "/v1/contacts", Some(json!({ "DisplayName": name, "Tags": tags }))).result(201);
    }
    let tagged = |filter: &str| {
        let question = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("_filter", filter)
            .append_pair("_orderby", "DisplayName")
            .finish();
        list(&format!("?{question}")).results(200).iter().map(|contact| contact["DisplayName"].clone()).collect::<Vec<_>>()
    };
    for (filter, found) in [
        ("Tags Eq 'buyer'", &["Carla"][..]),
        ("Tags Eq 'Buyer'", &[]),
        ("Tags Eq 'first, buyer'", &["Eve"]),
        ("Tags Eq ','", &["Eve"]),
        ("Tags Eq 'she said \"yes\"'", &["Eve"]),
        ("Tags Eq 'yes\\\\'", &[]),
        ("Tags Eq 'O\\'Hara'", &["Eve"]),
        ("Tags Eq 'buyer',','", &["Carla", "Eve"]),
        ("Tags Ne 'buyer'", &["Dan Doe", "Eve"]),
    ] {
        assert_eq!(tagged(filter), found, "{filter}");
    }
}

#[test]
fn an_agent_and_the_agents_site_keep_contacts_and_lists_answer_questions() {
    let world = World::new();
    let (agent, site) = (world.token_of("cv.ada", "w"), world.token_of("cv.ada", "site"));
    let asked = json!({ "DisplayName": "Carla", "PrimaryEmail": CARLA, "HomeLocality": "Wenatchee", "Tags": ["buyer"] });
    let made = world.api(&site, "POST", "/v1/contacts", Some(asked)).result(201);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Contact", &made);
    assert_eq!(
        (made["OwnerId"].as_str(), made["VowEnabled"].as_bool(), made["RecordStatus"].as_str()),
        (Some(ADA), Some(true), Some("Active"))
    );
    let older = json!({ "Contacts": [{ "GivenName": "Dan", "FamilyName": "Doe" }], "Notify": false });
    let second = world.api(&agent, "POST", "/v1/contacts", Some(older)).result(201);
    assert_eq!(second["DisplayName"], "Dan Doe");
    let list = |query: &str| world.api(&agent, "GET", &format!("/v1/contacts{query}"), None);
    assert_eq!(list("").results(200).len(), 2);
    assert_eq!(list("?_filter=HomeLocality%20Eq%20%27Wenatchee%27&_select=DisplayName").result(200), json!({ "DisplayName": "Carla" }));
    assert_eq!(list("?_pagination=1&_limit=1").json()["D"]["Pagination"]["TotalRows"], 2);
    list("?_filter=Password%20Eq%20%27x%27").is_api_error(400, 1040);
    let path = made["ResourceUri"].as_str().unwrap();
    let changed = world.api(&agent, "PUT", path, Some(json!({ "VowEnabled": false, "Tags": [] }))).result(200);
    assert_eq!((changed["VowEnabled"].as_bool(), &changed["Tags"]), (Some(false), &json!([])));
    assert_eq!(world.api(&site, "GET", path, None).result(200), changed);
    world.api(&agent, "PUT", path, Some(json!({ "OwnerId": BEN }))).is_api_error(400, 1053).names("OwnerId");
    world
        .api(&agent, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": "CARLA@example.com" })))
        .is_api_error(409, 1055)
        .names("PrimaryEmail");
    world.api(&agent, "POST", "/v1/contacts", Some(json!({ "Contacts": [] }))).is_api_error(400, 1053).names("Contacts");
    assert!(world.api(&agent, "DELETE", path, None).results(200).is_empty());
    world.api(&agent, "GET", path, None).is_api_error(404, 404);
    assert_eq!(list("").results(200), [second]);
}

#[test]
fn a_contact_can_be_closed_although_another_bears_the_same_address() {
    let world = World::new();
    let agent = world.token_of("cv.ada", "w");
    let bond = world.bond("cv.ada", CARLA);
    let own = world.contact("cv.ada", CARLA, None);
    for id in [&own, &bond.contact] {
        let closed = world.api(&agent, "PUT", &format!("/v1/contacts/{id}"), Some(json!({ "VowEnabled": false }))).result(200);
        assert_eq!(closed["VowEnabled"], false);
    }
    let third = world.api(&agent, "POST", "/v1/contacts", Some(json!({ "DisplayName": "Dan" }))).result(201);
    let path = third["ResourceUri"].as_str().unwrap();
    world.api(&agent, "PUT", path, Some(json!({ "PrimaryEmail": CARLA }))).is_api_error(409, 1055).names("PrimaryEmail");
}

#[test]
fn pb_09_pb_10_contacts_of_other_agents_look_absent_whatever_is_asked() {
    let world = World::new();
    let (ada, ben) = (world.token_of("cv.ada", "w"), world.token_of("cv.ben", "w"));
    let made = world.api(&ada, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": CARLA }))).result(201);
    let path = made["ResourceUri"].as_str().unwrap();
    for (method, body) in [("GET", None), ("PUT", Some(json!({ "DisplayName": "Mine" }))), ("DELETE", None)] {
        world.api(&ben, method, path, body.clone()).is_api_error(404, 404);
        world.api(&ben, method, "/v1/contacts/nonsense", body).is_api_error(404, 404);
    }
    for (method, body) in [("GET", None), ("POST", Some(json!({}))), ("PUT", Some(json!({})))] {
        world.api(&ben, method, &format!("{path}/portal"), body).is_api_error(404, 404);
    }
    assert!(world.api(&ben, "GET", "/v1/contacts?_filter=OwnerId%20Eq%20%2720261001000000000000000101%27", None).results(200).is_empty());
    // A consumer's session reads the one contact it is, and no list at all.
    let (bond, other) = (world.bond("cv.ada", "mine@example.com"), world.bond("cv.ada", "other@example.com"));
    let token = session(&world, &bond);
    world.api(&token, "GET", "/v1/contacts", None).is_api_error(403, 1500);
    world.api(&token, "GET", &format!("/v1/contacts/{}", bond.contact), None).is_api_error(403, 1500);
    assert_eq!(world.api(&token, "GET", &format!("/v1/contacts/{}/portal", bond.contact), None).result(200)["Identity"]["Connected"], true);
    world.api(&token, "GET", &format!("/v1/contacts/{}/portal", other.contact), None).is_api_error(404, 404);
    world.api(&token, "GET", &format!("{path}/portal"), None).is_api_error(404, 404);
    world.api(&token, "PUT", &format!("/v1/contacts/{}/portal", bond.contact), Some(json!({}))).is_api_error(405, 1017);
}

#[test]
fn a_contact_is_invited_by_a_letter_only_where_somebody_can_come() {
    let world = World::new();
    let agent = world.token_of("cv.ada", "w");
    let asked = json!({ "DisplayName": "Carla <b>www.evil.example</b>", "PrimaryEmail": CARLA, "Notify": true });
    world.api(&agent, "POST", "/v1/contacts", Some(asked.clone())).is_api_error(400, 1053).names("Notify");
    assert!(world.api(&agent, "GET", "/v1/contacts", None).results(200).is_empty());
    world.portal("cv.ada", "Ada's Homes");
    world.api(&agent, "POST", "/v1/contacts", Some(asked)).result(201);
    let letters = world.letters_to(CARLA);
    assert_eq!(letters.len(), 1);
    assert!(letters[0].0.contains("Ada Agent") && letters[0].1.contains("Ada's Homes"), "{letters:?}");
    assert!(!letters[0].1.contains("www.evil"), "{letters:?}");
    assert!(world.link_to(CARLA).starts_with("/r/invitation/lkl_"));
    // The same address is not flooded, whoever asks.
    for (n, login) in ["cv.ben", "hc.mia", "cv.staff"].into_iter().enumerate() {
        world.portal(login, "Homes");
        let token = world.token_of(login, "w");
        world.api(&token, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": CARLA, "Notify": true }))).result(201);
        assert_eq!(world.letters_to(CARLA).len(), (n + 2).min(3), "{login}");
    }
    world.audited_because("contact.invited", "too_many_letters");
}

#[test]
fn a_portal_account_comes_with_an_address_and_is_missing_without_one() {
    let world = World::new();
    let (agent, site) = (world.token_of("cv.ada", "w"), world.token_of("cv.ada", "site"));
    let with = world.api(&agent, "POST", "/v1/contacts", Some(json!({ "PrimaryEmail": CARLA }))).result(201);
    let path = format!("{}/portal", with["ResourceUri"].as_str().unwrap());
    let account = world.api(&agent, "GET", &path, None).result(200);
    is_as_documented(&world.get("/v1/openapi.json").json(), "PortalAccount", &account);
    assert_eq!((account["LoginName"].as_str(), account["Enabled"].as_bool()), (Some(CARLA), Some(true)));
    assert_eq!((&account["Settings"]["Enabled"], &account["Identity"]), (&json!("true"), &json!({ "Connected": false, "Email": CARLA })));
    world.api(&site, "POST", &path, Some(json!({ "LoginName": CARLA }))).is_api_error(409, 1110);

    let without = world.api(&agent, "POST", "/v1/contacts", Some(json!({ "DisplayName": "Dan" }))).result(201);
    let path = format!("{}/portal", without["ResourceUri"].as_str().unwrap());
    // A client of the platform reads 404 as: there is none.
    world.api(&agent, "GET", &path, None).is_api_error(404, 404);
    world.api(&agent, "PUT", &path, Some(json!({ "Settings": { "Enabled": "false" } }))).is_api_error(403, 1100);
    world.api(&agent, "DELETE", &path, None).is_api_error(405, 405);
    world.api(&site, "POST", &path, Some(json!({}))).is_api_error(400, 1050).names("LoginName");
    world.api(&site, "POST", &path, Some(json!({ "LoginName": "dan" }))).is_api_error(400, 1050).names("LoginName");
    let made = world.api(&site, "POST", &path, Some(json!({ "LoginName": "dan@example.com", "Locale": { "Language": "es" } }))).result(201);
    assert_eq!((made["LoginName"].as_str(), &made["Locale"]["Language"]), (Some("dan@example.com"), &json!("es")));
    world.api(&site, "PUT", &path, Some(json!({ "Settings": { "Enabled": "false" } }))).is_api_error(405, 1018);
    let off = world.api(&agent, "PUT", &path, Some(json!({ "Settings": { "Enabled": "false" } }))).result(200);
    assert_eq!((off["Enabled"].as_bool(), &off["Settings"]["Enabled"]), (Some(false), &json!("false")));
    for (bad, name) in [
        (json!({ "Settings": { "Enabled": 1 } }), "Settings"),
        (json!({ "Settings": { "Role": "private" } }), "Settings"),
        (json!({ "Locale": { "Language": "e'n" } }), "Locale"),
        (json!({ "LoginName": "carla@example.com" }), "LoginName"),
        (json!({ "Password": "short" }), "Password"),
        (json!({ "Identity": {} }), "Identity"),
    ] {
        world.api(&agent, "PUT", &path, Some(bad)).is_api_error(400, 1053).names(name);
    }
}

#[test]
fn pw_15_whoever_chooses_a_password_for_somebody_else_cannot_sign_in_with_it() {
    let world = World::new();
    world.portal("cv.ada", "Ada's Homes");
    let site = world.token_of("cv.ada", "site");
    let contact = world.api(&site, "POST", "/v1/contacts", Some(json!({ "DisplayName": "Dan" }))).result(201);
    let path = format!("{}/portal", contact["ResourceUri"].as_str().unwrap());
    let asked = json!({ "LoginName": "dan@example.com", "Password": "chosen by the site" });
    let made = world.api(&site, "POST", &path, Some(asked)).result(201);
    assert_eq!(made["Identity"]["Connected"], false);
    assert!(world.link_to("dan@example.com").starts_with("/r/verify/lkl_"));
    let found = world.app.db.read(|conn| latchkey::store::consumers::by_login(conn, "dan@example.com")).unwrap();
    assert!(found.is_none());
    // Nobody learns whether an address is somebody's already: the answer is the same, the letter another.
    world.consumer(CARLA, "Carla Consumer");
    let contact = world.api(&site, "POST", "/v1/contacts", Some(json!({ "DisplayName": "C" }))).result(201);
    let path = format!("{}/portal", contact["ResourceUri"].as_str().unwrap());
    let made = world.api(&site, "POST", &path, Some(json!({ "LoginName": CARLA, "Password": "chosen by the site" }))).result(201);
    assert_eq!(made["Identity"]["Connected"], false);
    assert_eq!(world.letters_to(CARLA)[0].0, "You have a login already");
    // Of who is connected nobody else changes password or login name.
    let bond = world.bond("cv.ada", "eve@example.com");
    let agent = world.token_of("cv.ada", "w");
    let path = format!("/v1/contacts/{}/portal", bond.contact);
    world.api(&agent, "PUT", &path, Some(json!({ "Password": "chosen by the agent" }))).is_api_error(400, 1053).names("Password");
    world.api(&agent, "PUT", &path, Some(json!({ "LoginName": "evelyn" }))).is_api_error(400, 1053).names("LoginName");
}

#[test]
fn a_consumer_reads_and_changes_the_own_contact_but_not_what_is_the_agents() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    world.changes_contact("cv.ada", &bond.contact, |contact| contact.facts.tags = vec!["wastes time".into()]);
    let token = session(&world, &bond);
    let mine = world.api(&token, "GET", "/v1/my/contact", None).result(200);
    assert_eq!((mine["Id"].as_str(), mine["OwnerId"].as_str(), mine.get("Tags")), (Some(bond.contact.as_str()), Some(ADA), None));
    assert_eq!(world.api(&token, "GET", "/v1/my/contact?_select=DisplayName", None).result(200), json!({ "DisplayName": CARLA }));
    let changed =
        world.api(&token, "PUT", "/v1/my/contact", Some(json!({ "DisplayName": "Carla C.", "HomeLocality": "Chelan" }))).result(200);
    assert_eq!((changed["DisplayName"].as_str(), changed["HomeLocality"].as_str()), (Some("Carla C."), Some("Chelan")));
    for name in ["VowEnabled", "Tags", "PrimaryEmail", "OwnerId", "RecordStatus"] {
        world.api(&token, "PUT", "/v1/my/contact", Some(json!({ name: true }))).is_api_error(400, 1053).names(name);
    }
    // The agent sees what was changed, and the agent's own words are still there.
    let agent = world.token_of("cv.ada", "w");
    let seen = world.api(&agent, "GET", &format!("/v1/contacts/{}", bond.contact), None).result(200);
    assert_eq!((seen["DisplayName"].as_str(), &seen["Tags"]), (Some("Carla C."), &json!(["wastes time"])));
    world.api(&agent, "GET", "/v1/my/contact", None).is_api_error(403, 1500);
    world.api(&token, "POST", "/v1/my/contact", Some(json!({}))).is_api_error(405, 405);
}

#[test]
fn pb_15_a_consumers_session_is_refused_what_belongs_to_agents_and_staff() {
    let world = World::new();
    for role in [ConsumerRole::Vow, ConsumerRole::Portal] {
        let bond = world.bond("cv.staff", CARLA);
        let family = world.key("family");
        let code = world.code_by(&bond, &family, role, "openid");
        let token = world.redeems(&family, &code).json()["access_token"].as_str().unwrap().to_owned();
        for path in ["/v1/developers/roles", "/v1/developers/identities", "/v1/contacts", "/v1/contacts/unconnected", "/v1/appstore/users"]
        {
            world.api(&token, "GET", path, None).is_api_error(403, 1500);
        }
        world.change(move |conn| latchkey::store::contacts::delete(conn, &bond.agent, &bond.contact, latchkey::base::Timestamp(1)));
    }
}

#[test]
fn a_consumer_sees_the_agents_and_chooses_the_current_one() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    world.bond("cv.ben", CARLA);
    let unconnected = world.bond("hc.mia", CARLA);
    world
        .changes_contact("hc.mia", &unconnected.contact, |contact| contact.status = latchkey::platform::contact::RecordStatus::Unconnected);
    let token = session(&world, &bond);
    let me = world.api(&token, "GET", "/v1/consumers/me", None).result(200);
    let document = world.get("/v1/openapi.json").json();
    is_as_documented(&document, "Consumer", &me);
    assert_eq!((me["Id"].as_str(), me["Email"].as_str()), (Some(bond.consumer.as_str()), Some(CARLA)));
    let agents = world.api(&token, "GET", "/v1/consumers/me/agents", None).results(200);
    is_as_documented(&document, "LinkedAgent", &agents[0]);
    let mut ids: Vec<&str> = agents.iter().map(|agent| agent["Id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [ADA, BEN]);
    let agent = |id: &str| format!("/v1/consumers/me/agents/{id}");
    assert_eq!(world.api(&token, "GET", &agent(BEN), None).result(200)["Name"], "Ben Broker");
    world.api(&token, "GET", &agent("20261001000000000000000103"), None).is_api_error(404, 404);
    assert_eq!(world.api(&token, "GET", &agent("current"), None).result(200)["Id"], ADA);
    assert_eq!(world.api(&token, "PUT", &agent("current"), Some(json!({ "Id": BEN }))).result(200)["Id"], BEN);
    assert_eq!(world.api(&token, "GET", &agent("current"), None).result(200)["Id"], BEN);
    for bad in [json!({ "Id": "20261001000000000000000103" }), json!({ "Id": 7 }), json!({ "Id": BEN, "Name": "x" })] {
        world.api(&token, "PUT", &agent("current"), Some(bad)).is_api_error(400, 1053);
    }
    world.api(&token, "PUT", &agent("current"), Some(json!({}))).is_api_error(400, 1050).names("Id");
    // What another agent knows of the same person stays that agent's.
    assert_eq!(world.api(&token, "GET", &format!("{}/contacts", agent(ADA)), None).result(200)["Id"], bond.contact.as_str());
    world.api(&token, "GET", &format!("{}/contacts", agent(BEN)), None).is_api_error(404, 404);
    let renamed = world.api(&token, "PUT", "/v1/consumers/me", Some(json!({ "Name": "Carla C." }))).result(200);
    assert_eq!(renamed["Name"], "Carla C.");
    for name in ["Email", "Id", "LoginName", "Password", "email_verified"] {
        world.api(&token, "PUT", "/v1/consumers/me", Some(json!({ name: "x@example.com" }))).is_api_error(400, 1053).names(name);
    }
    for path in ["/v1/consumers/me", "/v1/consumers/me/agents", "/v1/consumers/me/agents/current", &format!("{}/contacts", agent(ADA))] {
        world.api(&world.token_of("cv.ada", "w"), "GET", path, None).is_api_error(403, 1500);
    }
    assert_eq!(world.api(&token, "GET", me["ResourceUri"].as_str().unwrap(), None).result(200)["Name"], "Carla C.");
}

#[test]
fn the_records_of_a_consumers_session_are_cut_and_its_lists_parted_as_all_others() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    world.bond("cv.ben", CARLA);
    let token = session(&world, &bond);
    let members = |path: &str| {
        let found = world.api(&token, "GET", path, None).results(200);
        found[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members("/v1/consumers/me?_select=Name,Email"), ["Email", "Name"]);
    assert_eq!(members("/v1/my/account?_select=Id"), ["Id"]);
    assert_eq!(members("/v1/portal?_select=DisplayName"), ["DisplayName"]);
    assert_eq!(members(&format!("/v1/consumers/me/agents/{ADA}?_select=PrimaryEmail")), ["PrimaryEmail"]);
    assert_eq!(members(&format!("/v1/consumers/me/agents/{ADA}/contacts?_select=DisplayName")), ["DisplayName"]);
    let agents = "/v1/consumers/me/agents?_orderby=Name";
    let second = world.api(&token, "GET", &format!("{agents}&_limit=1&_page=2&_pagination=1&_select=Name"), None);
    assert_eq!(second.result(200), json!({ "Name": "Ben Broker" }));
    let stands = json!({ "TotalRows": 2, "PageSize": 1, "TotalPages": 2, "CurrentPage": 2 });
    assert_eq!(second.json()["D"]["Pagination"], stands);
    let named = world.api(&token, "GET", &format!("{agents}&_filter=Name%20Eq%20%27Ben%20Broker%27"), None);
    assert_eq!(named.result(200)["Id"], BEN);
    for path in ["/v1/consumers/me", "/v1/my/account", "/v1/portal", "/v1/consumers/me/agents"] {
        // Every member can be asked for by its name, and no other word.
        for member in members(path) {
            assert_eq!(members(&format!("{path}?_select={member}")), [member.as_str()], "{path}");
        }
        world.api(&token, "GET", &format!("{path}?_select=Nothing"), None).is_api_error(400, 1053).names("_select");
    }
}

#[test]
fn only_a_privileged_key_makes_consumers_and_the_address_is_proved_by_letter_all_the_same() {
    let world = World::new();
    let agent = world.token_of("cv.ada", "w");
    let asked = json!({
        "LoginName": "carla", "Password": "words in a row", "PasswordConfirmation": "words in a row", "Name": "Carla", "Email": CARLA,
    });
    world.api(&agent, "POST", "/v1/consumers", Some(asked.clone())).is_api_error(403, 1500);
    world.change_policy(&world.w(), |policy| policy.privileges.push(Privilege::Consumers));
    let made = world.api(&agent, "POST", "/v1/consumers", Some(asked.clone())).result(201);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Consumer", &made);
    assert!(world.link_to(CARLA).starts_with("/r/verify/"));
    assert!(!serde_json::to_string(&made).unwrap().contains("words in a row"));
    let with = |name: &str, value: Value| {
        let mut other = asked.clone();
        other[name] = value;
        other
    };
    for (body, code, name) in [
        (with("PasswordConfirmation", json!("other words")), 1053, "PasswordConfirmation"),
        (with("Password", json!("short")), 1053, "Password"),
        (with("Email", json!("carla")), 1053, "Email"),
        (with("LoginName", json!("ben@example.com")), 1053, "LoginName"),
        (with("Name", json!(null)), 1050, "Name"),
        (with("Verified", json!(true)), 1053, "Verified"),
    ] {
        world.api(&agent, "POST", "/v1/consumers", Some(body)).is_api_error(400, code).names(name);
    }
    world.consumer("dan@example.com", "Dan");
    world.api(&agent, "POST", "/v1/consumers", Some(with("Email", json!("dan@example.com")))).is_api_error(409, 1055).names("Email");
}

#[test]
fn pb_10_a_consumer_is_seen_and_renamed_by_the_own_agent_and_by_a_privileged_key_of_the_mls() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    world.bond("hc.mia", CARLA);
    let stranger = world.bond("hc.mia", "eve@example.com");
    let (ada, ben) = (world.token_of("cv.ada", "w"), world.token_of("cv.ben", "w"));
    let path = format!("/v1/consumers/{}", bond.consumer);
    let agents = world.api(&ada, "GET", &format!("{path}/agents"), None).result(200);
    assert_eq!(agents["Id"], ADA);
    world.api(&ben, "GET", &format!("{path}/agents"), None).is_api_error(404, 404);
    world.api(&ben, "PUT", &path, Some(json!({ "Name": "x" }))).is_api_error(404, 404);
    world.api(&ben, "GET", &path, None).is_api_error(404, 404);
    assert_eq!(world.api(&ada, "PUT", &path, Some(json!({ "Name": "Carla of Ada" }))).result(200)["Name"], "Carla of Ada");
    let seen = world.api(&ada, "GET", &path, None).result(200);
    assert_eq!((&seen["ResourceUri"], &seen["LastLoginTimestamp"]), (&json!(path), &json!(null)));
    // Nobody but the person changes what the person signs in with.
    for name in ["Password", "PasswordConfirmation", "Email", "LoginName"] {
        world.api(&ada, "PUT", &path, Some(json!({ name: "ada@example.com" }))).is_api_error(400, 1053).names(name);
    }
    world.change_policy(&world.w(), |policy| policy.privileges.push(Privilege::Consumers));
    assert_eq!(world.api(&ben, "PUT", &path, Some(json!({ "Name": "Carla C." }))).result(200)["Name"], "Carla C.");
    assert_eq!(world.api(&ben, "GET", &format!("{path}/agents"), None).result(200)["Id"], ADA);
    world.api(&ben, "PUT", &format!("/v1/consumers/{}", stranger.consumer), Some(json!({ "Name": "x" }))).is_api_error(404, 404);
    // Only by a key for private data: an agent who signs in to a site for visitors is a visitor there.
    let key = world.key("n");
    for role in ["vow", "portal"] {
        let roles = role.to_owned();
        world.change(move |conn| conn.execute(diesel::update(keys::table.find(key.id.0)).set(keys::roles.eq(roles))));
        let visitor = world.token_of("cv.ada", "n");
        world.api(&visitor, "PUT", &path, Some(json!({ "Name": "x" }))).is_api_error(403, 1500);
    }
    // A consumer's session has nothing of other consumers, and changes itself by another address.
    let token = session(&world, &bond);
    for id in [&stranger.consumer, &bond.consumer] {
        world.api(&token, "PUT", &format!("/v1/consumers/{id}"), Some(json!({ "Name": "x" }))).is_api_error(404, 404);
        world.api(&token, "GET", &format!("/v1/consumers/{id}/agents"), None).is_api_error(404, 404);
        assert_eq!(world.api(&token, "GET", &format!("/v1/consumers/{id}"), None).status == 200, *id == bond.consumer);
    }
    assert_ne!(MLS, OTHER_MLS);
}

#[test]
fn a_consumers_own_account_is_not_the_agents_and_a_new_password_ends_everything() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    let token = session(&world, &bond);
    let account = world.api(&token, "GET", "/v1/my/account", None).result(200);
    is_as_documented(&world.get("/v1/openapi.json").json(), "Account", &account);
    assert_eq!((account["Id"].as_str(), account["UserType"].as_str()), (Some(bond.consumer.as_str()), Some("Consumer")));
    assert_eq!((&account["Emails"][0]["Address"], &account["MlsId"], &account["Office"]), (&json!(CARLA), &json!(MLS), &json!("")));
    assert_eq!(account["GetEmailUpdates"], false);
    let changed = world.api(&token, "PUT", "/v1/my/account", Some(json!({ "GetEmailUpdates": true }))).result(200);
    assert_eq!(changed["GetEmailUpdates"], true);
    let put = |body: Value| world.api(&token, "PUT", "/v1/my/account", Some(body));
    put(json!({ "Password": "another few words" })).is_api_error(400, 1050).names("PasswordValidation");
    put(json!({ "Password": "another few words", "PasswordValidation": "wrong" })).is_api_error(400, 1060).names("PasswordValidation");
    put(json!({ "Password": PASSWORD, "PasswordValidation": PASSWORD })).is_api_error(400, 1061).names("Password");
    put(json!({ "Password": "short", "PasswordValidation": PASSWORD })).is_api_error(400, 1053).names("Password");
    put(json!({ "UserType": "Member" })).is_api_error(400, 1053).names("UserType");
    world.advance(Seconds(1));
    put(json!({ "Password": "another few words", "PasswordValidation": PASSWORD })).result(200);
    world.api(&token, "GET", "/v1/my/account", None).is_api_error(401, 1020);
    assert_eq!(world.letters_to(CARLA).last().unwrap().0, "Your password was changed");
    // An account of an MLS has nothing to change here.
    let agent = world.token_of("cv.ada", "w");
    world.api(&agent, "PUT", "/v1/my/account", Some(json!({ "GetEmailUpdates": true }))).is_api_error(400, 1053).names("GetEmailUpdates");
    assert_eq!(world.api(&agent, "PUT", "/v1/my/account", Some(json!({}))).result(200)["Id"], ADA);
}

#[test]
fn lg_01_guesses_at_the_old_password_are_counted_as_at_the_sign_in_page() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    let token = session(&world, &bond);
    for _ in 0..5 {
        let guess = json!({ "Password": "another few words", "PasswordValidation": "a wrong guess" });
        world.api(&token, "PUT", "/v1/my/account", Some(guess)).is_api_error(400, 1060);
    }
    let right = json!({ "Password": "another few words", "PasswordValidation": PASSWORD });
    world.api(&token, "PUT", "/v1/my/account", Some(right)).is_api_error(400, 1060);
}
