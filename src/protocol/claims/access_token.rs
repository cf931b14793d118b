//! The access token as a JWT, for keys that ask for it.

use serde::Serialize;

/// The `typ` of its header. Spec: RFC 9068 §2.1
pub const TYP: &str = "at+jwt";

/// The claims of a JWT access token. Units: seconds since 1970.
///
/// Spec: RFC 9068 §2.2
#[derive(Debug, Serialize)]
pub struct AccessToken<'a> {
    /// Who speaks.
    pub iss: &'a str,
    /// The person, or the key itself (client credentials).
    pub sub: &'a str,
    /// The platform's API, which goes by the issuer's name.
    pub aud: &'a str,
    /// The key.
    pub client_id: &'a str,
    /// When it was made.
    pub iat: i64,
    /// Until when it counts.
    pub exp: i64,
    /// What tells it apart; a revoked token is remembered by it.
    pub jti: &'a str,
    /// What it opens.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    /// The handle that says the same, so that our own endpoints check the row and not only the signature.
    pub lkh: &'a str,
}
