//! The Keys API against the platform's own documentation, written down here a second time: addresses, methods, roles, and the members of
//! every record.

use std::collections::BTreeSet;

use latchkey::platform::role::Role;
use latchkey::store::schema::change_history;
use serde_json::{Value, json};

use super::keys::{made, scene, wish};
use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::world::World;

/// Who may call.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    /// Staff of the MLS, in the role private.
    Staff,
    /// Every role, for its own key.
    Everybody,
}
use Who::{Everybody, Staff};

/// `<K>` and its like are replaced by what is there. What stands behind `|` is ours.
const ADDRESSES: &[(&str, &str, Who)] = &[
    ("/v1/developers/identities", "GET POST", Staff),
    ("/v1/developers/identities/<I>", "GET PUT DELETE", Staff),
    ("/v1/developers/identities/<I>/history", "GET", Staff),
    ("/v1/developers/identities/<I>/billing", "GET", Staff),
    ("/v1/developers/identities/<I>/keys", "GET POST", Staff),
    ("/v1/developers/identities/<I>/keys/deleted", "GET", Staff),
    ("/v1/developers/identities/<I>/keys/<K>", "GET PUT DELETE", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/authorizations", "GET POST", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/authorizations/<A>", "GET DELETE", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/domains", "GET POST", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/domains/<D>", "GET PUT DELETE", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/secrets", "GET POST", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/secrets/<S>", "GET PUT DELETE", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/tokens", "GET POST", Staff),
    ("/v1/developers/identities/<I>/keys/<K>/tokens/<T>", "GET DELETE", Staff),
    ("/v1/developers/roles", "GET", Staff),
    ("/v1/developers/roles/<R>", "GET", Staff),
    ("/v1/developers/templates", "GET POST", Staff),
    ("/v1/developers/templates/<P>", "GET PUT DELETE", Staff),
    ("/v1/developers/templates/<P>/history", "GET", Staff),
    ("/v1/developers/audit", "GET", Staff),
    ("/v1/developers/audit/summary", "GET", Staff),
    ("/v1/developers/audit/summary/users/<U>", "GET", Staff),
    ("/v1/developers/domains", "GET POST", Everybody),
    ("/v1/developers/domains/<O>", "GET PUT DELETE", Everybody),
];

/// One of everything, and its addresses.
struct There {
    world: World,
    staff: String,
    parts: Vec<(&'static str, String)>,
}

fn there() -> There {
    let (world, staff) = scene();
    let mut body = wish();
    body["Roles"] = json!(["private", "single_session"]);
    let (_, key) = made(&world, &staff, body);
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let post = |path: &str, body: Value| {
        let made = world.api(&staff, "POST", path, Some(body)).result(201);
        made["Id"].as_str().map_or_else(|| made["Id"].to_string(), str::to_owned)
    };
    let first = world.api(&staff, "GET", &format!("{key}/secrets"), None).result(200)["Id"].to_string();
    let roles = world.api(&staff, "GET", "/v1/developers/roles", None).results(200);
    let parts = vec![
        ("<I>", "70".to_owned()),
        ("<K>", last(&key)),
        ("<A>", post(&format!("{key}/authorizations"), json!({ "UserId": ADA }))),
        ("<D>", post(&format!("{key}/domains"), json!({ "Uri": "https://app.example" }))),
        ("<S>", first),
        ("<T>", post(&format!("{key}/tokens"), json!({ "UserId": ADA }))),
        ("<R>", roles[0]["Id"].to_string()),
        ("<P>", post("/v1/developers/templates", json!({ "Name": "T", "Role": "idx" }))),
        ("<U>", ADA.to_owned()),
        ("<O>", post("/v1/developers/domains", json!({ "Uri": "https://own.example" }))),
    ];
    There { world, staff, parts }
}

impl There {
    fn filled(&self, path: &str) -> String {
        self.parts.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
    }

    /// A token in each role, of somebody who would otherwise be staff; and an agent's.
    fn strangers(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("agent", self.world.token_of("cv.ada", "w2"))];
        for (key, role) in (100..).zip([Role::Idx, Role::Public, Role::Vow, Role::Portal]) {
            self.world.key_of(70, key, MLS, &[role, Role::SingleSession]);
            let path = format!("/v1/developers/identities/70/keys/{key}/tokens");
            let made = self.world.api(&self.staff, "POST", &path, Some(json!({ "UserId": STAFF }))).result(201);
            all.push((role.name(), made["Token"].as_str().unwrap().to_owned()));
        }
        all
    }
}

#[test]
fn each_method_of_each_address_answers_each_role_as_the_documentation_says() {
    let there = there();
    let strangers = there.strangers();
    let mut wrong = Vec::new();
    for (path, methods, who) in ADDRESSES {
        let path = there.filled(path);
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let body = || matches!(method, "POST" | "PUT").then(|| json!({ "Nonsense": 1 }));
            let offered = methods.split(' ').any(|known| known == method);
            let mut note = |name: &str, answer: &crate::support::world::Answer, expected: &str, fits: bool| {
                if !fits {
                    wrong.push(format!("{method} {path} as {name}: {} {} instead of {expected}", answer.status, answer.body));
                }
            };
            for (name, token) in &strangers {
                let answer = there.world.api(token, method, &path, body());
                let said = (answer.status, answer.json()["D"]["Code"].as_u64());
                let (expected, fits) = match (offered, *who) {
                    (false, _) => ("405", said == (405, Some(405))),
                    (true, Staff) => ("403/1500", said == (403, Some(1500))),
                    // Its own key has no such domain.
                    (true, Everybody) => ("its own domains", matches!(said, (200, None) | (404, Some(404)) | (400, Some(1053)))),
                };
                note(name, &answer, expected, fits);
            }
            let nobody = there.world.request(method, &path, &[("content-type", "application/json")], Some("{\"D\":{}}"));
            let said = (nobody.status, nobody.json()["D"]["Code"].as_u64());
            note("nobody", &nobody, "401 or 405", said == if offered { (401, Some(1000)) } else { (405, Some(405)) });
            // Deleting comes last, or the rest would find nothing.
            if method == "DELETE" && offered {
                continue;
            }
            let answer = there.world.api(&there.staff, method, &path, body());
            let said = (answer.status, answer.json()["D"]["Code"].as_u64());
            let expected = match (offered, method) {
                (false, _) => (405, Some(405)),
                (true, "GET") => (200, None),
                (true, _) => (400, Some(1053)),
            };
            note("staff", &answer, &format!("{expected:?}"), said == expected);
            if !offered {
                let allow: BTreeSet<&str> = answer.header("allow").unwrap_or_default().split(", ").collect();
                note("staff", &answer, "Allow", allow == methods.split(' ').collect());
            }
        }
    }
    for (path, methods, _) in ADDRESSES.iter().rev().filter(|(_, methods, _)| methods.contains("DELETE")) {
        let answer = there.world.api(&there.staff, "DELETE", &there.filled(path), None);
        if answer.status != 200 {
            wrong.push(format!("DELETE {path} ({methods}): {answer:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The documented members of each record, and ours behind the bar.
const MEMBERS: &[(&str, &str)] = &[
    (
        "Identity",
        "Id ResourceUri FirstName LastName Company Email Website Phone Comments MlsId AdditionalContacts User LastActive Editable Deleted \
         CreatedTimestamp ModificationTimestamp |",
    ),
    (
        "Key",
        "Id ResourceUri IdentityId Name Type Key RedirectUri ApplicationUri MultipleMls MlsIds Roles TemplateId Enabled OpenIDEnabled Comments \
         Editable Deleted LastActive CreatedTimestamp ModificationTimestamp PermittedIPAddresses PermittedUserAgents | Kind RedirectUris \
         RequirePkce RequiresAuthorization IdTokenSignedResponseAlg Lifetimes",
    ),
    ("Authorization", "Id ResourceUri User CreatedTimestamp ModificationTimestamp | UserId GivenBy Scope"),
    ("Role", "Id ResourceUri Name DataRole CreatedTimestamp ModificationTimestamp | Services"),
    (
        "Template",
        "Id ResourceUri OwnerId AssociationId MlsId Name Description SyndicationId ListingPhotoLimit Role RestrictiveFilters FieldOverrides \
         CreatedTimestamp ModificationTimestamp |",
    ),
    ("Change", "Id Action RecordType Key ChangedFields ChangedValues ChangedBy ModificationTimestamp | RecordId ChangedByKey"),
    ("Domain", "Id Uri CreatedTimestamp ModificationTimestamp |"),
    ("User", "Id ResourceUri UserType Name OfficeId Office CompanyId Company FbsIdxCustomer MlsId |"),
    ("AdditionalContact", "Name Type Email Phone |"),
    ("KeySecret", "| Id ResourceUri Name Live LastUsed CreatedTimestamp ExpiresTimestamp"),
];

#[test]
fn records_have_the_documented_members_and_ours_and_the_document_names_exactly_those() {
    let there = there();
    let body = json!({ "FirstName": "Dora", "LastName": "D", "Email": "d@example.com", "AdditionalContacts": [{ "Name": "Tom" }] });
    there.world.api(&there.staff, "PUT", &there.filled("/v1/developers/identities/<I>"), Some(body)).result(200);
    let get = |path: &str| there.world.api(&there.staff, "GET", &there.filled(path), None).results(200)[0].clone();
    let identity = get("/v1/developers/identities/<I>");
    let authorization = get("/v1/developers/identities/<I>/keys/<K>/authorizations/<A>");
    let records = [
        ("AdditionalContact", identity["AdditionalContacts"][0].clone()),
        ("Identity", identity),
        ("Key", get("/v1/developers/identities/<I>/keys/<K>?_expand=PermittedIPAddresses,PermittedUserAgents")),
        ("User", authorization["User"].clone()),
        ("Authorization", authorization),
        ("Role", get("/v1/developers/roles/<R>?_expand=Services")),
        ("Template", get("/v1/developers/templates/<P>")),
        ("Change", get("/v1/developers/identities/<I>/history")),
        ("Domain", get("/v1/developers/identities/<I>/keys/<K>/domains/<D>")),
        ("KeySecret", get("/v1/developers/identities/<I>/keys/<K>/secrets/<S>")),
    ];
    assert_eq!(records.len(), MEMBERS.len());
    let document = there.world.get("/v1/openapi.json").json();
    for (name, record) in records {
        let members = MEMBERS.iter().find(|(known, _)| *known == name).unwrap().1;
        let expected: BTreeSet<&str> = members.split([' ', '|']).filter(|word| !word.is_empty()).collect();
        let found: BTreeSet<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, expected, "{name}");
        let described: BTreeSet<&str> =
            document["components"]["schemas"][name]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(described, expected, "{name} in the document");
    }
}

#[test]
fn a_failure_comes_in_the_documented_envelope() {
    let (world, staff) = scene();
    let nobody = world.get("/v1/developers/identities");
    assert_eq!(
        (nobody.status, nobody.json()),
        (401, json!({ "D": { "Success": false, "Code": 1000, "Message": "Invalid API key and/or request signed improperly" } }))
    );
    let unfit = world.api(&staff, "POST", "/v1/developers/identities/70/keys", Some(json!({ "Name": "x", "Trusted": true })));
    assert_eq!(
        (unfit.status, unfit.json()),
        (
            400,
            json!({ "D": {
                "Success": false, "Code": 1053, "Message": "A parameter does not meet its constraint: Trusted",
                "Errors": [{
                    "Type": "InvalidAttribute", "Attribute": "Trusted", "Message": "is not an attribute that can be written", "Status": "Fatal",
                }],
                "Details": "Trusted is not an attribute that can be written",
            } })
        )
    );
    let headers = [("authorization", format!("OAuth {staff}"))];
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).chain([("content-type", "text/plain")]).collect();
    world.request("POST", "/v1/developers/identities", &headers, Some("{\"D\":{}}")).is_api_error(400, 1035);
    let headers: Vec<(&str, &str)> =
        headers.into_iter().filter(|(name, _)| *name != "content-type").chain([("content-type", "application/json")]).collect();
    for broken in ["", "{", "[]", "{\"D\":[]}", "{\"D\":{},\"E\":{}}", "{\"Name\":\"x\"}", "{\"D\":{\"Name\":\"a\",\"Name\":\"b\"}}"] {
        world.request("POST", "/v1/developers/identities", &headers, Some(broken)).is_api_error(400, 1035);
    }
    // Nothing of it stands in the history.
    use diesel::prelude::*;
    assert_eq!(world.app.db.read(|conn| conn.one::<i64>(change_history::table.count())).unwrap(), Some(0));
}
