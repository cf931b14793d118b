//! The introspection answer.

use serde::Serialize;

use super::client::Client;

/// All that is said of a token that is not good, or not the caller's business: byte by byte the same for each reason.
pub const INACTIVE: &str = r#"{"active":false}"#;

/// What is said of a good token. Units: seconds since 1970.
///
/// Spec: RFC 7662 §2.2
#[derive(Debug, Serialize)]
pub struct Introspection<'a> {
    /// Always true; see [`INACTIVE`].
    pub active: bool,
    /// What it opens.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The key it was issued to.
    pub client_id: &'a str,
    /// The person's login name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<&'a str>,
    /// `Bearer`, or `refresh_token` for one of those.
    pub token_type: &'static str,
    /// Until when it is good; a personal token has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it was made.
    pub iat: i64,
    /// The person, or the key itself.
    pub sub: &'a str,
    /// The platform's API.
    pub aud: &'a str,
    /// Who speaks.
    pub iss: &'a str,
    /// The data role in which the token acts (ours); a consumer's is the session's, whatever the key's own is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The roles of the key (ours), or the one of a consumer's session.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub roles: &'a [String],
    /// The agent with whom a consumer's token acts (ours).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<&'a str>,
    /// The contact of that agent that the consumer is (ours).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<&'a str>,
    /// To whose own data the token is limited (ours); the resource server holds requests to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restriction: Option<serde_json::Value>,
}

/// Whether `caller` may know about a token of `owner`: a key about its own, a resource server about any.
///
/// Spec: RFC 7662 §2.1, §4
pub fn may_know(caller: &Client, owner: &Client) -> bool {
    caller.key_id == owner.key_id || caller.policy.introspects
}
