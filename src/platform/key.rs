//! An API key: the platform's record of an application. What the protocol needs of it is `protocol::client::Client`.

use std::str::FromStr;

use url::Url;

use crate::base::Timestamp;
use crate::base::id::{AccountId, IdentityId, KeyId};

use super::query::{Field, Resource};
use super::restriction::Restrictions;
use super::role::Role;

/// What lists of keys can be asked.
pub const KEYS: Resource = Resource::of(
    "keys",
    &[
        Field::whole("Id", "id"),
        Field::shown("ResourceUri"),
        Field::whole("IdentityId", "identity_id"),
        Field::text("Name", "name"),
        Field::text("Type", "auth_type"),
        Field::text("Key", "key"),
        Field::shown("RedirectUri"),
        Field::text("ApplicationUri", "application_uri"),
        Field::truth("MultipleMls", "multiple_mls"),
        Field::shown("MlsIds"),
        Field::words("Roles", "roles"),
        Field::text("TemplateId", "template_id"),
        Field::truth("Enabled", "enabled"),
        Field::truth("OpenIDEnabled", "openid_enabled"),
        Field::text("Comments", "comments"),
        Field::shown("Editable"),
        Field::present("Deleted", "deleted_at"),
        Field::day("LastActive", "last_active"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "modified_at"),
        Field::text("Kind", "kind"),
        Field::shown("RedirectUris"),
        Field::shown("RequirePkce"),
        Field::shown("RequiresAuthorization"),
        Field::shown("IdTokenSignedResponseAlg"),
        Field::shown("Lifetimes"),
    ],
)
.expansions(&["PermittedIPAddresses", "PermittedUserAgents"]);

/// How the programs of a key prove that they hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthType {
    /// By OAuth 2, like everybody.
    OAuth2,
    /// By MD5 signatures over a session, as programs of the platform's first years do.
    SparkApiAuth,
}

impl AuthType {
    /// Exactly as the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OAuth2 => "OAuth2",
            Self::SparkApiAuth => "SparkApiAuth",
        }
    }
}

impl FromStr for AuthType {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::OAuth2, Self::SparkApiAuth]
            .into_iter()
            .find(|known| known.name() == text)
            .ok_or_else(|| "must be OAuth2 or SparkApiAuth".to_owned())
    }
}

/// A key, without its secrets.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its row.
    pub id: KeyId,
    /// The developer it belongs to.
    pub identity_id: Option<IdentityId>,
    /// The MLS that issued it.
    pub mls_id: Option<AccountId>,
    /// The application's name.
    pub name: String,
    /// The `client_id`.
    pub key: String,
    /// The application's web site.
    pub application_uri: String,
    /// What data it opens.
    pub roles: Vec<Role>,
    /// The same, as text, for answers.
    pub role_names: Vec<String>,
    /// May be used by people of several MLSs.
    pub multiple_mls: bool,
    /// Which; empty is every.
    pub mls_ids: Vec<AccountId>,
    /// The template it is bound to: then it may use the RESO Web API only.
    pub template_id: Option<String>,
    /// How it signs in.
    pub auth_type: AuthType,
    /// Where it may be used from.
    pub restrictions: Restrictions,
    /// Not switched off.
    pub enabled: bool,
    /// When it was deleted; the row stays.
    pub deleted_at: Option<Timestamp>,
    /// Notes of the administrators.
    pub comments: String,
    /// The last day it was used.
    pub last_active: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

impl Key {
    /// Whether somebody of `mls` may use this key at all.
    pub fn admits(&self, mls: &AccountId) -> bool {
        self.mls_ids.is_empty() || self.mls_ids.contains(mls)
    }

    /// The data role in which its tokens act: the widest it has.
    pub fn data_role(&self) -> Option<Role> {
        // In the order of `Role::ALL`, each opens more than those before it.
        self.roles.iter().copied().filter(|role| role.is_data_role()).max()
    }

    /// Whether it has that role, modifying ones included.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether people sign in for it in a browser. One with `single_session` has its token ready made; one that signs has no tokens at all.
    pub fn signs_people_in(&self) -> bool {
        self.auth_type == AuthType::OAuth2 && !self.has(Role::SingleSession)
    }

    /// Whether home buyers sign in for it at agents' portals: only a site's own key, which alone reads no more than the public may.
    pub fn signs_consumers_in(&self) -> bool {
        self.signs_people_in() && self.has(Role::Idx) && self.template_id.is_none()
    }

    /// The terms a person allows besides scopes: the roles, in a spelling that changes when they change.
    pub fn terms(&self) -> String {
        let mut names: Vec<&str> = self.roles.iter().map(|role| role.name()).collect();
        names.sort_unstable();
        names.join(" ")
    }
}

/// Checks an application's web site.
///
/// Refuses: anything but an absolute `https` URL with a host and without user name or password; `http` only on this device.
pub fn check_application_uri(text: &str) -> Result<(), &'static str> {
    const WRONG: &str = "must be a web address such as https://app.example/";
    let url = Url::parse(text).map_err(|_| WRONG)?;
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let good = text.len() <= 2048
        && text.bytes().all(|b| (0x21..=0x7e).contains(&b) && !matches!(b, b'"' | b'<' | b'>' | b'\\'))
        && (url.scheme() == "https" || (url.scheme() == "http" && here))
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && !text.contains('*');
    if good { Ok(()) } else { Err(WRONG) }
}

/// Checks what a key's roles must be: at least one that opens data, or a template that says what is opened.
pub fn check_roles(roles: &[Role], template: Option<&str>) -> Result<(), &'static str> {
    if template.is_some() || roles.iter().any(|role| role.is_data_role()) {
        Ok(())
    } else {
        Err("must have at least one data role (idx, public, vow, portal or private) or a TemplateId")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ru_14_an_application_uri_is_a_web_address() {
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://app.example/",
            "https://u:p@app.example/",
            "app.example",
            "",
            "https://*.example/",
            "https://a.example/\"x",
        ] {
            assert!(check_application_uri(bad).is_err(), "{bad}");
        }
        for good in ["https://app.example/", "http://127.0.0.1:8081/"] {
            assert!(check_application_uri(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_key_needs_a_data_role_or_a_template() {
        assert!(check_roles(&[Role::SingleSession], None).is_err());
        assert!(check_roles(&[Role::SingleSession, Role::Idx], None).is_ok());
        assert!(check_roles(&[], Some("20261123014000123456789012")).is_ok());
    }
}
