//! Consent: what a person allowed a key, and what is still to be asked.

use crate::protocol::client::{Client, ClientKind};
use crate::protocol::redirect::Destination;
use crate::protocol::scope::Scopes;

/// What a person allowed a key earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The scopes allowed.
    pub scope: Scopes,
    /// The terms shown beside them: the key's roles, in words that change when they change.
    pub terms: String,
}

/// What the consent page must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// What is asked now.
    pub asked: Scopes,
    /// What was allowed before and still stands.
    pub already: Scopes,
}

/// What must still be asked before `wanted` can be granted; `None` where nothing must.
///
/// A public key on a device cannot prove which program it is, so that its person is asked each time (RFC 8252 §8.6).
pub fn missing(client: &Client, destination: &Destination, wanted: Scopes, terms: &str, earlier: Option<&Consent>) -> Option<Missing> {
    if client.policy.first_party {
        return None;
    }
    let assured = client.kind == ClientKind::Confidential || destination.as_str().starts_with("https://");
    match earlier {
        Some(consent) if consent.terms == terms => {
            let asked = wanted.without(consent.scope);
            if asked.is_empty() && assured { None } else { Some(Missing { asked, already: wanted.and(consent.scope) }) }
        }
        _ => Some(Missing { asked: wanted, already: Scopes::NONE }),
    }
}
