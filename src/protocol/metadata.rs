//! The discovery document, derived from the enums that dispatch.

use serde::Serialize;

use super::authorize::ResponseMode;
use super::authorize::request::Prompt;
use super::claims::id_token::ACR;
use super::claims::table::CLAIMS;
use super::client::{AuthMethod, GrantType, ResponseType, SigningAlgorithm};
use super::pkce;
use super::scope::Scope;

/// The discovery document.
///
/// Spec: OpenID Connect Discovery 1.0 §3, RFC 8414 §2, RFC 9207 §3
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the document has them")]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    end_session_endpoint: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: Vec<&'static str>,
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    code_challenge_methods_supported: Vec<&'static str>,
    prompt_values_supported: Vec<&'static str>,
    acr_values_supported: Vec<&'static str>,
    display_values_supported: Vec<&'static str>,
    ui_locales_supported: Vec<&'static str>,
    claim_types_supported: Vec<&'static str>,
    claims_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// The document of the server at `issuer`.
    pub fn of(issuer: &str) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let secrets = vec![AuthMethod::ClientSecretBasic.name(), AuthMethod::ClientSecretPost.name()];
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/openid/authorize"),
            token_endpoint: at("/openid/token"),
            userinfo_endpoint: at("/openid/userinfo"),
            jwks_uri: at("/openid/jwks.json"),
            revocation_endpoint: at("/openid/revoke"),
            introspection_endpoint: at("/openid/introspect"),
            end_session_endpoint: at("/openid/logout"),
            scopes_supported: Scope::ALL.map(Scope::name).to_vec(),
            response_types_supported: ResponseType::ALL.iter().map(|known| known.name()).collect(),
            response_modes_supported: ResponseMode::ALL.iter().map(|known| known.name()).collect(),
            grant_types_supported: GrantType::ALL.iter().map(|known| known.name()).collect(),
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: SigningAlgorithm::ALL.iter().map(|known| known.name()).collect(),
            token_endpoint_auth_methods_supported: AuthMethod::ALL.iter().map(|known| known.name()).collect(),
            revocation_endpoint_auth_methods_supported: AuthMethod::ALL.iter().map(|known| known.name()).collect(),
            introspection_endpoint_auth_methods_supported: secrets,
            code_challenge_methods_supported: vec![pkce::METHOD],
            prompt_values_supported: Prompt::WORDS.to_vec(),
            acr_values_supported: vec![ACR],
            display_values_supported: vec!["page"],
            ui_locales_supported: vec!["en"],
            claim_types_supported: vec!["normal"],
            claims_supported: CLAIMS.iter().map(|(name, _)| *name).collect(),
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            authorization_response_iss_parameter_supported: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pk_13_and_the_platforms_own_document_are_kept() {
        let document = serde_json::to_value(Metadata::of("https://mls.example")).unwrap();
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["claims_supported"].as_array().unwrap().len(), 37);
        assert_eq!(document["scopes_supported"], serde_json::json!(["openid", "profile", "email", "address", "phone", "RESO", "FBS"]));
        assert_eq!(document["response_types_supported"].as_array().unwrap().len(), 6);
        assert_eq!(document["revocation_endpoint"], "https://mls.example/openid/revoke");
        assert!(!document["grant_types_supported"].as_array().unwrap().contains(&"password".into()));
    }

    #[test]
    fn the_openidconnect_crate_reads_it() {
        let text = serde_json::to_string(&Metadata::of("https://mls.example")).unwrap();
        let read: openidconnect::core::CoreProviderMetadata = serde_json::from_str(&text).unwrap();
        assert_eq!(read.issuer().as_str(), "https://mls.example");
    }
}
