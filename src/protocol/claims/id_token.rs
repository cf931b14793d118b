//! The ID token.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::Digest;

/// The `typ` of its header.
pub const TYP: &str = "JWT";

/// How a person proves who he is here: one password. Spec: RFC 8176 (`pwd`)
pub const AMR: [&str; 1] = ["pwd"];

/// The one authentication context class this server reaches.
pub const ACR: &str = "urn:latchkey:acr:password";

/// The claims of an ID token. Units: seconds since 1970.
///
/// Spec: OpenID Connect Core §2, §3.1.3.6, §3.3.2.11
#[derive(Debug, Serialize)]
pub struct IdToken<'a> {
    /// Who speaks.
    pub iss: &'a str,
    /// About whom.
    pub sub: &'a str,
    /// To whom.
    pub aud: &'a str,
    /// Until when it counts.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
    /// When the person gave the password.
    pub auth_time: i64,
    /// The client's own word, returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// See [`ACR`].
    pub acr: &'static str,
    /// See [`AMR`].
    pub amr: [&'static str; 1],
    /// Binds the access token that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The browser session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// What the person's profile says; never a member above, because the table of claims has none of them.
    #[serde(flatten)]
    pub profile: Map<String, Value>,
}

/// The left half of the SHA-256 of an access token or code; every algorithm offered here hashes with SHA-256
/// (EdDSA by convention with SHA-512, of which this is the left half too).
///
/// Spec: OpenID Connect Core §3.1.3.6
pub fn half_hash(text: &str, sha512: bool) -> String {
    if sha512 {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, text.as_bytes());
        BASE64URL_NOPAD.encode(digest.as_ref().get(..32).unwrap_or_default())
    } else {
        BASE64URL_NOPAD.encode(Digest::of(text.as_bytes()).bytes().get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tk_24_openid_core_appendix_a_the_hashes_hold() {
        // OpenID Connect Core Appendix A.3, A.4 and A.6.
        assert_eq!(half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", false), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(half_hash("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", false), "LDktKdoQak3Pk0cnXxCltA");
    }
}
