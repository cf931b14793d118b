//! Every address of the API, with every method, as everybody: compared with the table of services and roles.

use std::path::Path;

use latchkey::http::api::address::{Gives, Verb};
use latchkey::http::api::addresses;
use latchkey::platform::access::AccessRefusal;
use latchkey::platform::role::Role;
use latchkey::platform::service::{Act, Service, Standing, level};
use latchkey::protocol::client::Privilege;
use serde_json::{Value, json};

use crate::support::platform::{ADA, MLS, STAFF};
use crate::support::world::{Answer, World};

/// Methods that are tried everywhere.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// Somebody who calls.
struct Caller {
    name: &'static str,
    token: Option<String>,
    standing: Option<Standing>,
}

/// One caller for each data role, an agent, the staff of the MLS, a key with the privilege, and nobody.
fn callers(world: &World) -> Vec<Caller> {
    let standing = |role, staff| Some(Standing { role: Some(role), staff, templated: false });
    let mut all = vec![Caller { name: "nobody", token: None, standing: None }];
    let maker = world.staff();
    for (key, role) in (100..).zip([Role::Idx, Role::Public, Role::Vow, Role::Portal]) {
        world.key_of(70, key, MLS, &[role, Role::SingleSession]);
        let path = format!("/v1/developers/identities/70/keys/{key}/tokens");
        let made = world.api(&maker, "POST", &path, Some(json!({ "UserId": STAFF }))).result(201);
        let token = Some(made["Token"].as_str().unwrap().to_owned());
        // The staff of an MLS gets no further with these roles than anybody else.
        all.push(Caller { name: role.name(), token, standing: standing(role, true) });
    }
    all.push(Caller { name: "agent", token: Some(world.token_of("cv.ada", "w2")), standing: standing(Role::Private, false) });
    all.push(Caller { name: "staff", token: Some(world.token_of("cv.staff", "w2")), standing: standing(Role::Private, true) });
    world.change_policy(&world.key("es256"), |policy| policy.privileges.push(Privilege::Developers));
    let own = world.token(&world.key("es256"), &[("grant_type", "client_credentials")]).json();
    let token = Some(own["access_token"].as_str().unwrap().to_owned());
    all.push(Caller { name: "privileged key", token, standing: standing(Role::Private, true) });
    all
}

/// An address with something in each of its changing parts that nobody has.
fn filled(path: &str) -> String {
    let fill = |part: &str| match part {
        "{template}" | "{account}" | "{user}" | "{contact}" | "{consumer}" | "{agent}" | "{portal}" | "{listing}" => {
            "20991231235959000000000000".to_owned()
        }
        part if part.starts_with('{') => "1".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// The answer stands in the envelope.
fn enveloped(answer: &Answer, said: &str) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{said}: {answer:?}");
    let inner = &answer.json()["D"];
    assert!(inner["Success"].is_boolean(), "{said}: {answer:?}");
    if inner["Success"] == false {
        assert!(inner["Code"].is_number() && inner["Message"].is_string(), "{said}: {answer:?}");
    } else {
        assert!(inner["Results"].is_array(), "{said}: {answer:?}");
    }
}

#[test]
fn ad_01_every_address_answers_every_method_for_everybody_as_the_table_says() {
    let world = World::new();
    world.developer(70, MLS);
    let callers = callers(&world);
    let mut wrong = Vec::new();
    for address in addresses::all() {
        let path = filled(address.path);
        for method in METHODS {
            let operation = address.operations.iter().find(|operation| operation.verb.name() == method);
            for caller in &callers {
                let said = format!("{method} {path} as {}", caller.name);
                let authorization = caller.token.as_ref().map(|token| format!("OAuth {token}"));
                let mut headers: Vec<(&str, &str)> = authorization.iter().map(|text| ("authorization", text.as_str())).collect();
                let body = matches!(method, "POST" | "PUT" | "PATCH").then(|| {
                    headers.push(("content-type", "application/json"));
                    r#"{"D":{}}"#
                });
                let answer = world.request(method, &path, &headers, body);
                let Some(operation) = operation else {
                    if answer.status != 405 || answer.header("allow") != Some(address.allow().as_str()) {
                        wrong.push(format!("{said}: {} with Allow {:?} instead of 405", answer.status, answer.header("allow")));
                    }
                    if method != "HEAD" {
                        enveloped(&answer, &said);
                        assert_eq!(answer.json()["D"]["Code"], 405, "{said}");
                    }
                    continue;
                };
                if matches!(operation.gives, Gives::Document) {
                    assert_eq!(answer.status, 200, "{said}: {answer:?}");
                    continue;
                }
                enveloped(&answer, &said);
                let expected = expected(address.service, caller.standing, operation.verb);
                let told = (answer.json()["D"]["Code"].as_u64(), answer.status);
                let fits = match expected {
                    Err(refusal) => told == (Some(refusal.code_and_status().0.into()), refusal.code_and_status().1),
                    // Who is let in meets what stands there: nothing of that name, or a body that lacks something.
                    Ok(()) => {
                        matches!(told, (None, 200 | 201) | (Some(404 | 1050 | 1053), 404 | 400)) || speaks_for_nobody(caller, &path, told)
                    }
                };
                if !fits {
                    wrong.push(format!("{said}: {told:?} instead of {expected:?}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A key that speaks for itself has no account to be shown, and whoever is no home buyer has no own place among them.
fn speaks_for_nobody(caller: &Caller, path: &str, told: (Option<u64>, u16)) -> bool {
    let own = ["/v1/consumers/me", "/v1/my/contact"].iter().any(|own| path.starts_with(own));
    (caller.name == "privileged key" || own) && told == (Some(1500), 403)
}

fn expected(service: Option<Service>, standing: Option<Standing>, verb: Verb) -> Result<(), AccessRefusal> {
    let Some(service) = service else { return Ok(()) };
    level(standing.ok_or(AccessRefusal::Unknown)?, service, Act::of_method(verb.name()))
}

#[test]
fn what_stands_in_no_table_is_not_found_whoever_asks() {
    let world = World::new();
    let staff = world.staff();
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/developers", "/v1/developers/nothing", "/v1/my/account/", "/v1/my", "/v2/my/account"] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let answer = world.api(&staff, method, path, None);
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
            if path.starts_with("/v1/") {
                answer.is_api_error(404, 404);
            }
        }
    }
}

/// Addresses of the API that no table declares: those of OAuth, which have no envelope.
const UNDECLARED: [&str; 1] = ["\"/v1/oauth2/grant\""];

#[test]
fn ad_01_an_address_of_the_api_is_mounted_by_the_table_or_not_at_all() {
    let routes = std::fs::read_to_string(Path::new("src/http/routes.rs")).unwrap();
    let mounted: Vec<&str> = routes.split("at(").skip(1).filter_map(|rest| rest.trim_start().split([',', ')']).next()).collect();
    let undeclared: Vec<&&str> = mounted.iter().filter(|path| path.starts_with("\"/v1/")).collect();
    assert!(undeclared.iter().all(|path| UNDECLARED.contains(path)), "declare them in http/api/addresses.rs: {undeclared:?}");
    let elsewhere = ["web::resource", "web::scope", ".service(", "#[get(", "#[post("];
    let mut wrong = Vec::new();
    let mut folders = vec![std::path::PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // A room of pages mounts its own, but none of the API.
            let room = path.ends_with("mod.rs") && !text.contains("\"/v1/");
            let known = room || ["src/http/routes.rs", "src/http/api/address.rs"].iter().any(|known| path == Path::new(known));
            if !known && path.starts_with("src/http") && elsewhere.iter().any(|word| text.contains(word)) {
                wrong.push(path);
            }
        }
    }
    assert_eq!(wrong, Vec::<std::path::PathBuf>::new(), "only routes.rs, the table and rooms of pages mount anything");
}

/// The members that an object must have, and all it may have, as the document describes it; `None` for what is not one of ours.
fn members(document: &Value, schema: &Value) -> Option<(Vec<String>, Vec<String>)> {
    let schema = match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let (mut needed, mut all) = (Vec::new(), Vec::new());
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let (more_needed, more) = members(document, part)?;
        needed.extend(more_needed);
        all.extend(more);
    }
    all.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    needed.extend(schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()));
    (!all.is_empty()).then_some((needed, all))
}

/// Asserts that a record has the members that the document says it has.
pub fn is_as_documented(document: &Value, name: &str, record: &Value) {
    let schema = &document["components"]["schemas"][name];
    let (needed, all) = members(document, schema).unwrap_or_else(|| panic!("no {name} in the document"));
    let record = record.as_object().unwrap();
    let unknown: Vec<_> = record.keys().filter(|member| !all.contains(member)).collect();
    assert!(unknown.is_empty(), "{name}: {unknown:?} are not in the document");
    let missing: Vec<_> = needed.iter().filter(|member| !record.contains_key(*member)).collect();
    assert!(missing.is_empty(), "{name}: {missing:?} are in the document and not in the record");
}

#[test]
fn records_are_as_the_document_describes_them() {
    let world = World::new();
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private, Role::SingleSession]);
    let staff = world.staff();
    let document = world.get("/v1/openapi.json").json();
    let tokens = "/v1/developers/identities/70/keys/71/tokens";
    is_as_documented(&document, "NewPersonalToken", &world.api(&staff, "POST", tokens, Some(json!({ "UserId": ADA }))).result(201));
    is_as_documented(&document, "PersonalToken", &world.api(&staff, "GET", tokens, None).result(200));
    is_as_documented(&document, "Account", &world.my_account(&staff).result(200));
}

#[test]
fn the_reference_page_tells_every_operation_and_fetches_nothing_from_elsewhere() {
    let world = World::new();
    let page = world.get("/reference");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{page:?}");
    for address in addresses::all() {
        assert!(page.body.contains(&format!("<code>{}</code>", address.path)), "{}", address.path);
        for operation in address.operations {
            assert!(page.body.contains(&operation.summary.replace('\'', "&#39;")), "{}", operation.summary);
        }
    }
    assert_eq!(page.body.matches("http://").count() + page.body.matches("https://").count(), 0);
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
}
