//! The rest of an account: names, affiliations and ways to reach it, in the platform's own member names.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an MLS knows of a person or office beside login and status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Profile {
    /// The full name.
    pub name: String,
    /// The given name.
    pub first_name: String,
    /// What stands between.
    pub middle_name: String,
    /// The family name.
    pub last_name: String,
    /// Jr., III …
    pub name_suffix: String,
    /// The MLS's own grading of users.
    pub user_level: String,
    /// Agent, Broker, Assistant …
    pub member_type: String,
    /// The member number at the MLS.
    pub member_mls_id: String,
    /// The number at the national association.
    pub member_nrds_id: String,
    /// The number of the state licence.
    pub member_state_license: String,
    /// The association of realtors.
    pub member_aor: String,
    /// Its key.
    pub member_aor_key: String,
    /// The primary association's number.
    pub member_primary_aor_id: String,
    /// The primary association's key.
    pub member_primary_aor_key: String,
    /// The office's name.
    pub office: String,
    /// The office's 26 digits or key.
    pub office_id: String,
    /// The office's number at the MLS.
    pub office_mls_id: String,
    /// The company's name.
    pub company: String,
    /// The company's 26 digits or key.
    pub company_id: String,
    /// E-mail addresses.
    pub emails: Vec<Email>,
    /// Somebody saw that the primary address works.
    pub email_verified: bool,
    /// Telephones.
    pub phones: Vec<Phone>,
    /// Codes of professional designations, such as ABR.
    pub designations: Vec<String>,
    /// Web sites, the primary one first.
    pub websites: Vec<Website>,
    /// Postal addresses, the primary one first.
    pub addresses: Vec<Address>,
    /// Photo and logo.
    pub images: Vec<Image>,
    /// Shown in the MLS's directory.
    pub visible: bool,
    /// Pays for itself.
    pub billable: bool,
}

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Email {
    /// Its number within the account.
    pub id: String,
    /// Work, Home …
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// The address.
    pub address: String,
    /// The one to write to.
    pub primary: bool,
}

/// A telephone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Phone {
    /// Its number within the account.
    pub id: String,
    /// Work, Mobile …
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// As people write it.
    pub number: String,
    /// The one to ring.
    pub primary: bool,
}

/// A web site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Website {
    /// Where it is.
    pub uri: String,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Address {
    /// As it stands on an envelope.
    pub address: String,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Image {
    /// Photo or Logo.
    #[serde(rename = "Type")]
    pub kind: String,
    /// A label.
    pub name: String,
    /// Where it is.
    pub uri: String,
}

impl Profile {
    /// The address to write to: the one marked primary, or else the first.
    pub fn primary_email(&self) -> Option<&str> {
        self.emails.iter().find(|email| email.primary).or_else(|| self.emails.first()).map(|email| email.address.as_str())
    }

    /// The number to ring: the one marked primary, or else the first.
    pub fn primary_phone(&self) -> Option<&str> {
        self.phones.iter().find(|phone| phone.primary).or_else(|| self.phones.first()).map(|phone| phone.number.as_str())
    }

    /// All addresses, the primary one first.
    pub fn emails_primary_first(&self) -> Vec<&Email> {
        let mut emails: Vec<&Email> = self.emails.iter().collect();
        emails.sort_by_key(|email| !email.primary);
        emails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_address_stands_first() {
        let email = |address: &str, primary| Email { address: address.into(), primary, ..Email::default() };
        let profile = Profile { emails: vec![email("a@x.example", false), email("b@x.example", true)], ..Profile::default() };
        assert_eq!(profile.primary_email(), Some("b@x.example"));
        assert_eq!(profile.emails_primary_first()[0].address, "b@x.example");
    }

    #[test]
    fn a_profile_survives_its_row_and_forgives_what_it_does_not_know() {
        let read: Profile = serde_json::from_str(r#"{"Name":"Ada","Emails":[{"Type":"Work","Address":"a@x.example"}]}"#).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
}
