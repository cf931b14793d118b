//! Other people's client libraries, from discovery to revocation.

use crate::support::clients::{Client, node, python};
use crate::support::demo::demo;
use crate::support::journeys;

fn walks(client: impl FnOnce() -> Client) {
    if journeys() {
        let demo = demo();
        println!("{}", client().arg(&demo.issuer).input(&demo.line).succeeds());
    }
}

#[test]
fn openid_client_walks_the_whole_way() {
    walks(|| node("openid-client.mjs"));
}

#[test]
fn oauth4webapi_walks_the_whole_way() {
    walks(|| node("oauth4webapi.mjs"));
}

#[test]
fn authlib_walks_the_whole_way() {
    walks(|| python("authlib_client.py"));
}

#[test]
fn the_platforms_own_old_clients_are_served_as_before() {
    walks(|| node("spark_shapes.mjs"));
}
