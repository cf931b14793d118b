//! A token request: one variant per grant type, all its fields present.

use crate::protocol::client::GrantType;
use crate::protocol::handle::{Handle, Kind, MacRing};
use crate::protocol::params::Params;

use super::TokenRefusal;

/// Every parameter of the token endpoint; none may come twice.
pub const PARAMETERS: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// What a client asks of the token endpoint.
#[derive(Debug)]
pub enum TokenRequest {
    /// RFC 6749 §4.1.3
    Code(CodeGrant),
    /// RFC 6749 §6
    Refresh(RefreshGrant),
    /// RFC 6749 §4.4.2
    ClientCredentials {
        /// The scope asked for, as it came.
        scope: Option<String>,
    },
}

/// A code to be redeemed.
#[derive(Debug)]
pub struct CodeGrant {
    /// The code.
    pub code: Handle,
    /// Where the client says it was sent; one that does not say fails like one that says something else.
    pub redirect_uri: Option<String>,
    /// The PKCE verifier.
    pub verifier: Option<String>,
}

/// A refresh token to be used.
#[derive(Debug)]
pub struct RefreshGrant {
    /// The refresh token.
    pub token: Handle,
    /// The narrower scope asked for, as it came.
    pub scope: Option<String>,
    /// Some clients of the platform send it; it must then be the grant's.
    pub redirect_uri: Option<String>,
}

impl TokenRequest {
    /// Reads a request of `grant_type`, which the caller checked against the client.
    ///
    /// Refuses: missing or repeated parameters, and texts that are no handles of ours.
    pub fn parse(grant_type: GrantType, params: &Params, macs: &MacRing) -> Result<Self, TokenRefusal> {
        let owned = |name| Ok::<_, TokenRefusal>(params.one(name)?.map(str::to_owned));
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::Code(CodeGrant {
                code: macs.read(Kind::Code, params.need("code")?).ok_or(TokenRefusal::CodeUnknown)?, // RFC 6749 §4.1.3
                redirect_uri: owned("redirect_uri")?,                                                // RFC 6749 §4.1.3
                verifier: owned("code_verifier")?,                                                   // RFC 7636 §4.5
            }),
            GrantType::RefreshToken => Self::Refresh(RefreshGrant {
                token: macs.read(Kind::Refresh, params.need("refresh_token")?).ok_or(TokenRefusal::RefreshUnknown)?, // RFC 6749 §6
                scope: owned("scope")?,                                                                              // RFC 6749 §6
                redirect_uri: owned("redirect_uri")?,
            }),
            GrantType::ClientCredentials => Self::ClientCredentials { scope: owned("scope")? }, // RFC 6749 §4.4.2
            GrantType::Implicit => return Err(TokenRefusal::GrantTypeUnknown),
        })
    }

    /// The `grant_type` of a request.
    ///
    /// Refuses: a missing or repeated one, and every name that is not offered.
    pub fn grant_type(params: &Params) -> Result<GrantType, TokenRefusal> {
        params.none_repeated(PARAMETERS)?;
        match params.need("grant_type")?.parse() {
            Ok(GrantType::Implicit) | Err(_) => Err(TokenRefusal::GrantTypeUnknown),
            Ok(known) => Ok(known),
        }
    }
}
