//! The OpenAPI document in the hands of somebody else's program, which asks everything it describes, and much that it does not.

use std::time::Duration;

use latchkey::base::Seconds;
use latchkey::platform::role::Role;

use crate::support::clients::{folder, program};
use crate::support::journeys;
use crate::support::platform::MLS;
use crate::support::world::World;

/// What must hold of every answer, besides that the server never breaks.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,unsupported_method,ignored_auth";

#[test]
fn schemathesis_finds_no_request_that_breaks_the_server_and_no_answer_the_document_does_not_describe() {
    if !journeys() {
        return;
    }
    let world = World::with(&[("rates.private", "0"), ("rates.per_second", "0")]);
    world.developer(70, MLS);
    world.key_of(70, 71, MLS, &[Role::Private, Role::SingleSession]);
    let staff = world.staff();
    let told = program(folder().join("venv/bin/schemathesis"))
        .arg("--config-file")
        .arg(folder().join("schemathesis.toml").display().to_string())
        .arg("run")
        .arg(format!("{}/v1/openapi.json", world.issuer))
        .arg("--header")
        .arg(format!("Authorization: Bearer {staff}"))
        .arg("--checks")
        .arg(CHECKS)
        .arg("--max-examples=25")
        .arg("--phases=examples,coverage,fuzzing,stateful")
        .arg("--seed=7")
        .arg("--workers=1")
        .arg("--no-color")
        .limit(Duration::from_mins(10))
        .run();
    match told {
        Ok(told) => println!("{}", told.lines().rev().take(25).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")),
        Err(failure) => panic!("{failure}"),
    }
    // It did what it liked, and the server stands.
    world.advance(Seconds(1));
    assert_eq!(world.my_account(&staff).status, 200);
}
