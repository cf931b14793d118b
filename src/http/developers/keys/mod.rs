//! `/developers/keys`: a developer's applications and their keys.

pub mod list;
pub mod one;
pub mod remove;
pub mod requests;
pub mod secrets;
pub mod trial;
pub mod wizard;

use crate::base::Problems;
use crate::base::id::KeyId;
use crate::http::door::Asked;
use crate::platform::problem::ApiProblem;
use crate::protocol::client::ClientKind;
use crate::protocol::redirect::RedirectUri;

/// Where the keys are.
pub const KEYS: &str = "/developers/keys";

/// The key an address names.
fn key(asked: &Asked) -> KeyId {
    KeyId(asked.number("key"))
}

/// Where a key's page is.
fn at(key: KeyId) -> String {
    format!("{KEYS}/{key}")
}

/// The developer as the owner of keys; a page that nobody without an identity is shown.
macro_rules! owner {
    ($guest:expr) => {
        match $crate::flows::portal::applications::Owner::of($guest) {
            Some(owner) => owner,
            None => return Ok($crate::http::door::Shown::Nothing),
        }
    };
}
use owner;

/// What the Keys API refuses, beside the field of the form it is about.
fn beside(problem: &ApiProblem) -> Problems {
    let mut problems = Problems::default();
    for field in problem.fields() {
        let (name, what) = match field.attribute.as_str() {
            "RedirectUri" | "RedirectUris" => ("redirect_uris", "The list"),
            "ApplicationUri" => ("application_uri", "The website"),
            "PermittedIPAddresses" => ("addresses", "The list"),
            "PermittedUserAgents" => ("agents", "The list"),
            "RequirePkce" => ("pkce", "PKCE"),
            "Secret" | "Kind" | "Type" => ("secret_name", "The secret"),
            _ => ("name", "The name"),
        };
        problems.add(name, format!("{what} {}.", field.message));
    }
    if problems.is_empty() {
        problems.add("name", problem.message());
    }
    problems
}

/// Looks at each redirect URI by itself, so that each refusal is told beside its line.
fn redirects(lines: &[String], kind: ClientKind, problems: &mut Problems) {
    let wrong: Vec<String> =
        lines.iter().filter_map(|line| RedirectUri::register(line, kind).err().map(|why| format!("{line}: it {why}."))).collect();
    if lines.is_empty() {
        problems.add("redirect_uris", "Enter at least one address, one per line.");
    } else if !wrong.is_empty() {
        problems.add("redirect_uris", wrong.join(" "));
    }
}

/// The way to a page below the keys, or below one of them.
fn crumbs(key: Option<(KeyId, &str)>) -> Vec<(String, String)> {
    let all = ("Keys".to_owned(), KEYS.to_owned());
    std::iter::once(all).chain(key.map(|(id, name)| (name.to_owned(), at(id)))).collect()
}
