//! An account: a person or office of an MLS who signs in with MLS credentials.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::base::Timestamp;
use crate::base::id::AccountId;

use super::profile::Profile;

/// What an account stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserType {
    /// An agent.
    Member,
    /// An office.
    Office,
    /// A company of offices.
    Company,
    /// Staff of the association or MLS.
    Mls,
}

impl UserType {
    /// As pages say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mls => "MLS staff",
            other => other.name(),
        }
    }

    /// Exactly as the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "Member",
            Self::Office => "Office",
            Self::Company => "Company",
            Self::Mls => "Mls",
        }
    }
}

impl FromStr for UserType {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Member, Self::Office, Self::Company, Self::Mls]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| "must be Member, Office, Company or Mls".to_owned())
    }
}

impl fmt::Display for UserType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The platform's 26 digits; the `sub` of every token about this person.
    pub id: AccountId,
    /// The MLS it belongs to.
    pub mls_id: AccountId,
    /// The MLS's name.
    pub mls_name: String,
    /// The MLS's time zone, as in the IANA database.
    pub time_zone: String,
    /// What it signs in with, as the MLS spells it.
    pub login_name: String,
    /// What it stands for.
    pub user_type: UserType,
    /// May use the platform.
    pub active: bool,
    /// Anything issued before this moment is dead.
    pub tokens_valid_after: Option<Timestamp>,
    /// The rest.
    pub profile: Profile,
    /// When any of it last changed.
    pub modified_at: Timestamp,
}

/// The one spelling of a login name by which it is looked up and counted: full-width, capital and surrounded by spaces are the same name.
pub fn login_key(login_name: &str) -> String {
    login_name.nfkc().collect::<String>().trim().to_lowercase()
}

impl Account {
    /// One claim of the platform's discovery document, where this account has a value for it.
    ///
    /// Spec: OpenID Connect Core §5.1, RESO Data Dictionary (Member, Office)
    pub fn claim(&self, name: &str) -> Option<Value> {
        let profile = &self.profile;
        let text = |value: &str| (!value.is_empty()).then(|| Value::from(value));
        match name {
            "name" => text(&profile.name),
            "given_name" => text(&profile.first_name),
            "family_name" => text(&profile.last_name),
            "middle_name" => text(&profile.middle_name),
            "MemberNameSuffix" => text(&profile.name_suffix),
            "preferred_username" => text(&self.login_name),
            "website" => profile.websites.first().and_then(|site| text(&site.uri)),
            "address" => profile.addresses.first().map(|address| json!({ "formatted": address.address })),
            "phone_number" => profile.primary_phone().and_then(text),
            "phone_number_verified" => profile.primary_phone().map(|_| Value::from(false)),
            "picture" => profile.images.iter().find(|image| image.kind == "Photo").and_then(|image| text(&image.uri)),
            "email" => profile.primary_email().and_then(text),
            "email_verified" => profile.primary_email().map(|_| Value::from(profile.email_verified)),
            "zoneinfo" => text(&self.time_zone),
            "MemberMlsId" => text(&profile.member_mls_id),
            "OfficeKey" => text(&profile.office_id),
            "Office" => text(&profile.office),
            "OfficeMlsId" => text(&profile.office_mls_id),
            "MemberNrdsId" => text(&profile.member_nrds_id),
            "MemberStateLicense" => text(&profile.member_state_license),
            "MemberAOR" => text(&profile.member_aor),
            "MemberAORkey" => text(&profile.member_aor_key),
            "MemberPrimaryAorId" => text(&profile.member_primary_aor_id),
            "MemberPrimaryAorKey" => text(&profile.member_primary_aor_key),
            "MemberType" | "FlexmlsMemberType" => text(&profile.member_type),
            "MemberStatus" => Some(Value::from(if self.active { "Active" } else { "Inactive" })),
            "UserType" => Some(Value::from(self.user_type.name())),
            "UserLevel" => text(&profile.user_level),
            "user_is_visible" | "user_profile_visible" => Some(Value::from(profile.visible)),
            "user_is_enabled" | "user_is_active" | "mls_system_access" => Some(Value::from(self.active)),
            "user_is_billable" => Some(Value::from(profile.billable)),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn ada() -> Account {
        Account {
            id: "20261123014000123456789012".parse().unwrap(),
            mls_id: "20261123014000000000000001".parse().unwrap(),
            mls_name: "Cascade Valley MLS".into(),
            time_zone: "America/Los_Angeles".into(),
            login_name: "cv.ada".into(),
            user_type: UserType::Member,
            active: true,
            tokens_valid_after: None,
            profile: Profile { name: "Ada Agent".into(), first_name: "Ada".into(), last_name: "Agent".into(), ..Profile::default() },
            modified_at: Timestamp(0),
        }
    }

    #[test]
    fn lg_05_one_login_name_has_one_key() {
        for spelled in ["cv.ada", " CV.Ada ", "\u{ff43}\u{ff56}.\u{ff41}\u{ff44}\u{ff41}"] {
            assert_eq!(login_key(spelled), "cv.ada");
        }
    }

    #[test]
    fn a_claim_without_a_value_is_not_said() {
        assert_eq!(ada().claim("given_name"), Some("Ada".into()));
        for silent in ["middle_name", "email", "email_verified", "picture", "sub", "iss", "aud", "exp", "nonsense"] {
            assert_eq!(ada().claim(silent), None, "{silent}");
        }
    }

    #[test]
    fn the_account_record_has_what_clients_of_the_platform_read() {
        let record = serde_json::to_value(ada().record()).unwrap();
        for member in ["Id", "Name", "Company", "Active", "Emails", "UserType", "MlsId"] {
            assert!(record.get(member).is_some(), "{member}");
        }
    }
}
