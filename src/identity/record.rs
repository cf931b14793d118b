//! An account as the API shows it: in full, or in the few words that other records say of it.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::Account;
use super::consumer::Consumer;
use super::profile::{Address, Email, Image, Phone, Website};

/// A person or office of an MLS.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = User)]
pub struct Summary {
    /// The platform's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub id: String,
    /// Where its record is.
    pub resource_uri: String,
    /// Member, Office, Company or Mls.
    pub user_type: &'static str,
    /// The full name.
    pub name: String,
    /// The office's 26 digits.
    pub office_id: String,
    /// The office's name.
    pub office: String,
    /// The company's 26 digits.
    pub company_id: String,
    /// The company's name.
    pub company: String,
    /// Always false: there is no such subscription here.
    pub fbs_idx_customer: bool,
    /// The MLS's 26 digits.
    pub mls_id: String,
}

/// An account in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Account)]
pub struct Record {
    /// Where it is.
    pub resource_uri: String,
    /// The platform's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub id: String,
    /// The full name.
    pub name: String,
    /// The given name.
    pub first_name: String,
    /// What stands between.
    pub middle_name: String,
    /// The family name.
    pub last_name: String,
    /// Member, Office, Company or Mls; Consumer for a home buyer's session.
    pub user_type: &'static str,
    /// The MLS's own grading of users.
    pub user_level: String,
    /// May use the platform.
    pub active: bool,
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
    /// The MLS's name.
    pub mls: String,
    /// The MLS's 26 digits.
    pub mls_id: String,
    /// E-mail addresses, the primary one first, because clients take the first.
    pub emails: Vec<Email>,
    /// Telephones.
    pub phones: Vec<Phone>,
    /// Web sites.
    pub websites: Vec<Website>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Photo and logo.
    pub images: Vec<Image>,
    /// What the caller may change of it.
    pub permissions: Permissions,
    /// Wants letters about new listings; only of a consumer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get_email_updates: Option<bool>,
    /// When any of it last changed.
    pub modification_timestamp: String,
}

/// What the caller may change of an account.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Permissions {
    /// The record.
    pub editable: bool,
    /// Settings.
    pub editable_settings: Vec<String>,
}

impl Account {
    /// What other records of the API say of this account.
    pub fn summary(&self) -> Summary {
        let profile = &self.profile;
        Summary {
            id: self.id.to_string(),
            resource_uri: format!("/v1/accounts/{}", self.id),
            user_type: self.user_type.name(),
            name: profile.name.clone(),
            office_id: profile.office_id.clone(),
            office: profile.office.clone(),
            company_id: profile.company_id.clone(),
            company: profile.company.clone(),
            fbs_idx_customer: false,
            mls_id: self.mls_id.to_string(),
        }
    }

    /// The record `/v1/my/account` shows.
    pub fn record(&self) -> Record {
        let profile = self.profile.clone();
        Record {
            resource_uri: format!("/v1/accounts/{}", self.id),
            id: self.id.to_string(),
            emails: profile.emails_primary_first().into_iter().cloned().collect(),
            name: profile.name,
            first_name: profile.first_name,
            middle_name: profile.middle_name,
            last_name: profile.last_name,
            user_type: self.user_type.name(),
            user_level: profile.user_level,
            active: self.active,
            office: profile.office,
            office_id: profile.office_id,
            office_mls_id: profile.office_mls_id,
            company: profile.company,
            company_id: profile.company_id,
            mls: self.mls_name.clone(),
            mls_id: self.mls_id.to_string(),
            phones: profile.phones,
            websites: profile.websites,
            addresses: profile.addresses,
            images: profile.images,
            permissions: Permissions::default(),
            get_email_updates: None,
            modification_timestamp: self.modified_at.iso(),
        }
    }
}

impl Consumer {
    /// The record `/v1/my/account` shows to a session with that agent: the consumer's own, within the agent's MLS.
    pub fn record(&self, agent: &Account) -> Record {
        let email = Email { id: "1".to_owned(), kind: "Home".to_owned(), name: String::new(), address: self.email.clone(), primary: true };
        let phone = Phone { id: "1".to_owned(), kind: "Home".to_owned(), name: String::new(), number: self.phone.clone(), primary: true };
        Record {
            resource_uri: "/v1/my/account".to_owned(),
            id: self.id.to_string(),
            name: self.name.clone(),
            first_name: self.given_name.clone(),
            middle_name: String::new(),
            last_name: self.family_name.clone(),
            user_type: "Consumer",
            user_level: String::new(),
            active: true,
            office: String::new(),
            office_id: String::new(),
            office_mls_id: String::new(),
            company: String::new(),
            company_id: String::new(),
            mls: agent.mls_name.clone(),
            mls_id: agent.mls_id.to_string(),
            emails: vec![email],
            phones: if self.phone.is_empty() { Vec::new() } else { vec![phone] },
            websites: Vec::new(),
            addresses: if self.home.is_empty() { Vec::new() } else { vec![Address { address: self.home.line() }] },
            images: Vec::new(),
            permissions: Permissions { editable: true, editable_settings: vec!["GetEmailUpdates".to_owned()] },
            get_email_updates: Some(self.email_updates),
            modification_timestamp: self.modified_at.iso(),
        }
    }
}
