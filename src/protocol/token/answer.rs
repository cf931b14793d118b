//! A token answer.

use serde::Serialize;

use crate::base::Seconds;

/// What the token endpoint hands out; the platform's own grant endpoint shows only three members of it.
///
/// Spec: RFC 6749 §5.1, OpenID Connect Core §3.1.3.3
#[derive(Debug, Clone, Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: String,
    /// The next refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Seconds until the access token stops to be good.
    pub expires_in: Seconds,
    /// `Bearer`; left out where a strict client of the platform would stumble over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// What the access token opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

impl TokenAnswer {
    /// Cut to exactly `access_token`, `refresh_token` and `expires_in`, as a client of the platform with a strict class demands.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { token_type: None, scope: None, id_token: None, ..self }
    }
}
