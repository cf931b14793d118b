//! The OAuth client: what the protocol needs to know of a key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::id::{KeyId, KeySecretId};
use crate::base::{Digest, Seconds, Timestamp};

use super::redirect::RedirectUri;
use super::scope::Scopes;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one, in the order documents list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Exactly as it is written in requests and rows.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text { $($word => Ok(Self::$variant),)+ other => Err(format!("unknown: {other}")) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What can be expected of the program that holds the key.
    ClientKind {
        /// It runs on a server and can keep a secret.
        Confidential = "confidential",
        /// It runs in a browser or on a device: no secret, PKCE always.
        Public = "public",
    }
}

words! {
    /// How a token may be asked for. There is no password grant.
    GrantType {
        /// RFC 6749 §4.1
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §6
        RefreshToken = "refresh_token",
        /// RFC 6749 §4.4
        ClientCredentials = "client_credentials",
        /// Tokens straight from the authorization endpoint; a name for metadata, never for the token endpoint.
        Implicit = "implicit",
    }
}

words! {
    /// What the authorization endpoint hands out. Spec: OAuth 2.0 Multiple Response Type Encoding Practices §3, §5
    ResponseType {
        /// The code flow.
        Code = "code",
        /// Implicit, identity only.
        IdToken = "id_token",
        /// Implicit.
        IdTokenToken = "id_token token",
        /// Hybrid with an ID token at once.
        CodeIdToken = "code id_token",
        /// Hybrid with an access token at once.
        CodeToken = "code token",
        /// Hybrid with both.
        CodeIdTokenToken = "code id_token token",
    }
}

impl ResponseType {
    /// Reads a `response_type`: the order of its words does not count.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        Self::ALL.iter().copied().find(|known| known.name() == words.join(" "))
    }

    /// Whether a code is part of the answer.
    pub fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken | Self::CodeToken | Self::CodeIdTokenToken)
    }

    /// Whether an ID token is part of the answer.
    pub fn has_id_token(self) -> bool {
        matches!(self, Self::IdToken | Self::IdTokenToken | Self::CodeIdToken | Self::CodeIdTokenToken)
    }

    /// Whether an access token is part of the answer.
    pub fn has_token(self) -> bool {
        matches!(self, Self::IdTokenToken | Self::CodeToken | Self::CodeIdTokenToken)
    }
}

words! {
    /// How a client proves itself at the token endpoint.
    AuthMethod {
        /// In the Authorization header.
        ClientSecretBasic = "client_secret_basic",
        /// In the body.
        ClientSecretPost = "client_secret_post",
        /// A public key has nothing to prove; PKCE binds its code.
        None = "none",
    }
}

words! {
    /// How ID tokens for this key are signed.
    SigningAlgorithm {
        /// What the platform's clients expect.
        RS256 = "RS256",
        /// A seventeenth of RS256's cost.
        ES256 = "ES256",
        /// Ed25519.
        EdDSA = "EdDSA",
    }
}

words! {
    /// What an access token looks like.
    AccessTokenFormat {
        /// A handle: only this server can read it.
        Opaque = "opaque",
        /// A signed JWT. Spec: RFC 9068
        Jwt = "jwt",
    }
}

words! {
    /// What an administrator lets a key do beyond its role.
    Privilege {
        /// Use the Keys API, for its own MLS or, without one, for all.
        Developers = "developers",
        /// Say at the Keys API which MLSs a key serves.
        MultipleMls = "multiple_mls",
        /// Make keys of type SparkApiAuth at the Keys API.
        SparkApiAuth = "spark_api_auth",
        /// Create consumers for others.
        Consumers = "consumers",
    }
}

/// How long the things given to a key last. Units: seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// An authorization code; at most 600.
    pub code: Seconds,
    /// An access token; at most 2,147,483, beyond which a client of the platform overflows.
    pub access_token: Seconds,
    /// A refresh token that is not used.
    pub refresh_sliding: Seconds,
    /// A grant, however often it is refreshed.
    pub refresh_absolute: Seconds,
    /// An ID token.
    pub id_token: Seconds,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code: Seconds(60),
            access_token: Seconds(86_400),
            refresh_sliding: Seconds::days(90),
            refresh_absolute: Seconds::days(365),
            id_token: Seconds::hours(1),
        }
    }
}

/// Where a key's lifetimes differ from the installation's. Units: seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnLifetimes {
    /// An authorization code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Seconds>,
    /// An access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Seconds>,
    /// A refresh token that is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_sliding: Option<Seconds>,
    /// A grant, however often it is refreshed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_absolute: Option<Seconds>,
    /// An ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Seconds>,
}

impl OwnLifetimes {
    /// The key's own where it has one, the installation's otherwise.
    pub fn over(self, installation: Lifetimes) -> Lifetimes {
        Lifetimes {
            code: self.code.unwrap_or(installation.code),
            access_token: self.access_token.unwrap_or(installation.access_token),
            refresh_sliding: self.refresh_sliding.unwrap_or(installation.refresh_sliding),
            refresh_absolute: self.refresh_absolute.unwrap_or(installation.refresh_absolute),
            id_token: self.id_token.unwrap_or(installation.id_token),
        }
    }
}

/// What a key is allowed, as an administrator set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of an administrator")]
pub struct Policy {
    /// How it may ask for tokens.
    pub grant_types: Vec<GrantType>,
    /// What it may be handed at the authorization endpoint.
    pub response_types: Vec<ResponseType>,
    /// A confidential key that must use PKCE all the same; a public key always must.
    pub require_pkce: bool,
    /// How its ID tokens are signed.
    pub id_token_signed_response_alg: SigningAlgorithm,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// Which scopes it may ask for; `None` is all.
    pub scopes: Option<String>,
    /// Belongs to the platform itself: nobody is asked for consent. Only administrators set it.
    pub first_party: bool,
    /// Somebody at the MLS checked who owns it; the consent page says so.
    pub verified: bool,
    /// A resource server that may introspect other keys' tokens.
    pub introspects: bool,
    /// Refresh tokens are replaced at each use.
    pub rotates: bool,
    /// Only people whom an administrator authorized may use it; a consent alone is not enough.
    pub requires_authorization: bool,
    /// Belongs to the platform's own family of applications: consumers act as `portal`, not as `vow`.
    pub ecosystem: bool,
    /// What it may do beyond its role.
    pub privileges: Vec<Privilege>,
    /// How many requests it may send in one window, where that differs from its role's number; zero is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// How long things last, where that differs from the installation's.
    pub lifetimes: OwnLifetimes,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            response_types: vec![ResponseType::Code],
            require_pkce: false,
            id_token_signed_response_alg: SigningAlgorithm::RS256,
            access_token_format: AccessTokenFormat::Opaque,
            scopes: None,
            first_party: false,
            verified: false,
            introspects: false,
            rotates: true,
            requires_authorization: false,
            ecosystem: false,
            privileges: Vec::new(),
            requests: None,
            lifetimes: OwnLifetimes::default(),
        }
    }
}

/// One of a key's secrets, as its row has it.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    /// The row.
    pub id: KeySecretId,
    /// SHA-256 of the secret.
    pub digest: Digest,
    /// When it stops to be accepted.
    pub expires_at: Option<Timestamp>,
}

/// An OAuth client.
#[derive(Debug, Clone)]
pub struct Client {
    /// The key's row.
    pub key_id: KeyId,
    /// The `client_id`.
    pub client_id: String,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Not disabled and not deleted.
    pub enabled: bool,
    /// May use the OpenID endpoints.
    pub openid_enabled: bool,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Its live and expired secrets.
    pub secrets: Vec<ClientSecret>,
    /// What it may do.
    pub policy: Policy,
    /// How long what it is given lasts.
    pub lifetimes: Lifetimes,
    /// Anything issued before this moment is dead.
    pub tokens_valid_after: Option<Timestamp>,
}

impl Client {
    /// Whether `grant_type` is open to this key.
    pub fn may(&self, grant_type: GrantType) -> bool {
        self.policy.grant_types.contains(&grant_type)
    }

    /// Whether a code must come with a PKCE challenge. Spec: RFC 9700 §2.1.1
    pub fn requires_pkce(&self) -> bool {
        self.kind == ClientKind::Public || self.policy.require_pkce
    }

    /// The scopes this key may have.
    pub fn scopes(&self) -> Scopes {
        self.policy.scopes.as_deref().map_or_else(Scopes::all, Scopes::known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_response_type_come_in_any_order() {
        assert_eq!(ResponseType::parse("id_token code token"), Some(ResponseType::CodeIdTokenToken));
        for bad in ["", "token", "none", "code code", "code  id_token", "CODE"] {
            assert_eq!(ResponseType::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ca_25_no_name_of_a_password_grant_is_known() {
        for bad in ["password", "", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
            assert!(bad.parse::<GrantType>().is_err());
        }
    }
}
