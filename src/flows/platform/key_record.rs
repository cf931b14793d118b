//! A key as the Keys API shows it, and as somebody asks for it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::base::Seconds;
use crate::platform::query::Query;
use crate::platform::reach::Reach;
use crate::protocol::client::{OwnLifetimes, Privilege};
use crate::store::keys::Registered;

use super::staff::{Place, Staff};

/// A key, without its secrets.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Key)]
#[expect(clippy::struct_excessive_bools, reason = "the platform's record has them")]
pub struct KeyRecord {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// The developer it belongs to.
    pub identity_id: i64,
    /// The application's name, as people see it.
    pub name: String,
    /// OAuth2, or SparkApiAuth for programs that sign their requests.
    #[serde(rename = "Type")]
    pub auth_type: &'static str,
    /// The client_id.
    pub key: String,
    /// Where answers go.
    pub redirect_uri: Option<String>,
    /// The application's web site.
    pub application_uri: Option<String>,
    /// Whether people of several MLSs may use it.
    pub multiple_mls: bool,
    /// Of which MLSs, where they are several.
    pub mls_ids: Vec<String>,
    /// What data it opens, and what modifies that.
    pub roles: Vec<&'static str>,
    /// The template it is bound to: then it may use the RESO Web API only.
    pub template_id: Option<String>,
    /// Whether it is not switched off.
    pub enabled: bool,
    /// Whether it may use the OpenID endpoints.
    #[serde(rename = "OpenIDEnabled")]
    pub openid_enabled: bool,
    /// Notes of the administrators.
    pub comments: String,
    /// Whether the caller may change it.
    pub editable: bool,
    /// Whether it was deleted; then it is left out of the list.
    pub deleted: bool,
    /// The last day it was used.
    pub last_active: Option<String>,
    /// When it was made.
    pub created_timestamp: String,
    /// When it last changed.
    pub modification_timestamp: String,
    /// Addresses and networks it may be used from; an empty list is everywhere. Only where it is expanded.
    #[serde(rename = "PermittedIPAddresses", skip_serializing_if = "Option::is_none")]
    pub permitted_addresses: Option<Vec<String>>,
    /// User-Agents it may be used by; an empty list is all. Only where it is expanded.
    #[serde(rename = "PermittedUserAgents", skip_serializing_if = "Option::is_none")]
    pub permitted_agents: Option<Vec<String>>,
    /// confidential, or public for programs that cannot keep a secret. An addition of ours.
    pub kind: &'static str,
    /// Every place answers may go to; the first is RedirectUri. An addition of ours.
    pub redirect_uris: Vec<String>,
    /// Whether it must use PKCE although it has a secret; a public one always must. An addition of ours.
    pub require_pkce: bool,
    /// Whether only people with an authorization that the staff made may use it. An addition of ours.
    pub requires_authorization: bool,
    /// How its ID tokens are signed: RS256, ES256 or EdDSA. An addition of ours.
    pub id_token_signed_response_alg: &'static str,
    /// How long what it is given lasts, where that differs from the installation's. An addition of ours.
    pub lifetimes: Lifetimes,
}

/// A key that was made; this is the only answer with its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NewKey)]
pub struct MadeKey {
    /// The key.
    #[serde(flatten)]
    pub record: KeyRecord,
    /// The client secret; a public key has none.
    #[serde(rename = "Secret")]
    pub secret: Option<String>,
}

/// How long what is given to a key lasts. Null is the installation's.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = KeyLifetimes)]
pub struct Lifetimes {
    /// An authorization code, in seconds.
    pub code: Option<i64>,
    /// An access token.
    pub access_token: Option<i64>,
    /// A refresh token that is not used.
    pub refresh_sliding: Option<i64>,
    /// A refresh token, however often it is used.
    pub refresh_absolute: Option<i64>,
    /// An ID token.
    pub id_token: Option<i64>,
}

impl From<OwnLifetimes> for Lifetimes {
    fn from(own: OwnLifetimes) -> Self {
        let seconds = |span: Option<Seconds>| span.map(|span| span.0);
        Self {
            code: seconds(own.code),
            access_token: seconds(own.access_token),
            refresh_sliding: seconds(own.refresh_sliding),
            refresh_absolute: seconds(own.refresh_absolute),
            id_token: seconds(own.id_token),
        }
    }
}

/// Whether the caller may change a key: nobody changes one that may do more than he himself.
pub fn editable(staff: &Staff<'_>, registered: &Registered) -> bool {
    let (key, policy) = (&registered.key, &registered.client.policy);
    let special = policy.first_party || policy.introspects || policy.ecosystem;
    let held = |privilege: &Privilege| *privilege == Privilege::Developers || staff.may(*privilege);
    key.deleted_at.is_none()
        && staff.reach().covers_of(key.identity_id, key.mls_id.as_ref())
        && policy.privileges.iter().all(held)
        && (key.auth_type.name() == "OAuth2" || staff.may(Privilege::SparkApiAuth))
        && (!special || *staff.reach() == Reach::Everything)
}

impl KeyRecord {
    /// A key as the caller sees it, without what is there only when it is expanded.
    pub fn of(staff: &Staff<'_>, registered: &Registered) -> Self {
        let (key, client) = (&registered.key, &registered.client);
        let redirect_uris: Vec<String> = client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        let identity = key.identity_id.map(|id| id.0).unwrap_or_default();
        Self {
            id: key.id.0,
            resource_uri: key.identity_id.map(|identity| Place { identity, key: key.id }.uri()).unwrap_or_default(),
            identity_id: identity,
            name: key.name.clone(),
            auth_type: key.auth_type.name(),
            key: key.key.clone(),
            redirect_uri: redirect_uris.first().cloned(),
            application_uri: (!key.application_uri.is_empty()).then(|| key.application_uri.clone()),
            multiple_mls: key.multiple_mls,
            mls_ids: if key.multiple_mls { key.mls_ids.iter().map(ToString::to_string).collect() } else { Vec::new() },
            roles: key.roles.iter().map(|role| role.name()).collect(),
            template_id: key.template_id.clone(),
            enabled: key.enabled,
            openid_enabled: client.openid_enabled,
            comments: key.comments.clone(),
            editable: editable(staff, registered),
            deleted: key.deleted_at.is_some(),
            last_active: key.last_active.clone(),
            created_timestamp: key.created_at.iso(),
            modification_timestamp: key.modified_at.iso(),
            permitted_addresses: None,
            permitted_agents: None,
            kind: client.kind.name(),
            redirect_uris,
            require_pkce: client.policy.require_pkce,
            requires_authorization: client.policy.requires_authorization,
            id_token_signed_response_alg: client.policy.id_token_signed_response_alg.name(),
            lifetimes: client.policy.lifetimes.into(),
        }
    }

    /// The same, with what `query` expands.
    pub fn asked(staff: &Staff<'_>, registered: &Registered, query: &Query) -> Self {
        let lists = &registered.key.restrictions;
        Self {
            permitted_addresses: query.expands("PermittedIPAddresses").then(|| lists.addresses()),
            permitted_agents: query.expands("PermittedUserAgents").then(|| lists.agents().to_vec()),
            ..Self::of(staff, registered)
        }
    }
}

/// The key somebody wants. To make one, Name, Type, RedirectUri, ApplicationUri and Roles or a TemplateId are needed; to change one, nothing
/// is, and Type and Kind stay as they are.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = KeyWish, rename_all = "PascalCase")]
pub struct Asked {
    /// The application's name, as people see it.
    pub name: Option<String>,
    /// OAuth2; SparkApiAuth takes a special permission.
    #[schema(rename = "Type")]
    pub auth_type: Option<String>,
    /// Where answers go.
    pub redirect_uri: Option<String>,
    /// The application's web site.
    pub application_uri: Option<String>,
    /// Whether people of several MLSs may use it; takes a special permission.
    pub multiple_mls: Option<bool>,
    /// Of which MLSs; takes a special permission.
    pub mls_ids: Option<Vec<String>>,
    /// At least one of idx, public, vow, portal and private, unless there is a TemplateId; and single_session and replication.
    pub roles: Option<Vec<String>>,
    /// The template it is bound to.
    pub template_id: Option<String>,
    /// Whether it is switched on; true unless told.
    pub enabled: Option<bool>,
    /// Whether it may use the OpenID endpoints; true unless told.
    #[schema(rename = "OpenIDEnabled")]
    pub openid_enabled: Option<bool>,
    /// Notes of the administrators.
    pub comments: Option<String>,
    /// Addresses and networks it may be used from; an empty list is everywhere.
    #[schema(rename = "PermittedIPAddresses")]
    pub permitted_addresses: Option<Vec<String>>,
    /// User-Agents it may be used by; an empty list is all.
    #[schema(rename = "PermittedUserAgents")]
    pub permitted_agents: Option<Vec<String>>,
    /// confidential or public; confidential unless told. An addition of ours.
    pub kind: Option<String>,
    /// Every place answers may go to, beginning with RedirectUri. An addition of ours.
    pub redirect_uris: Option<Vec<String>>,
    /// Whether it must use PKCE although it has a secret. An addition of ours.
    pub require_pkce: Option<bool>,
    /// Whether only people with an authorization that the staff made may use it. An addition of ours.
    pub requires_authorization: Option<bool>,
    /// How its ID tokens are signed: RS256, ES256 or EdDSA. An addition of ours.
    pub id_token_signed_response_alg: Option<String>,
    /// How long what it is given lasts. An addition of ours.
    pub lifetimes: Option<Lifetimes>,
}
