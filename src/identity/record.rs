//! An account as the API shows it: in full, or in the few words that other records say of it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::account::Account;
use super::card::{EmailRecord, ImageRecord, PhoneRecord, WebsiteRecord};
use super::consumer::Consumer;
use super::profile::{Address, Email, Phone, Profile};

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
    /// Always false: there is no such subscription here.
    pub fbs_idx_customer: bool,
    /// E-mail addresses, the primary one first, because clients take the first.
    pub emails: Vec<EmailRecord>,
    /// Telephones.
    pub phones: Vec<PhoneRecord>,
    /// Web sites.
    pub websites: Vec<WebsiteRecord>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Photo and logo.
    pub images: Vec<ImageRecord>,
    /// What the person has learned.
    pub qualifications: Qualifications,
    /// Always empty: settings of the MLS's own system are kept there.
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
    /// What the caller may change of it.
    pub permissions: Permissions,
    /// Wants letters about new listings; only of a consumer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get_email_updates: Option<bool>,
    /// When any of it last changed.
    pub modification_timestamp: String,
}

/// What somebody has learned, as far as the MLS's roster says it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Qualifications {
    /// Professional designations.
    pub designations: Vec<Designation>,
    /// Null: no roster says it.
    pub expertise: Option<String>,
}

/// A professional designation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Designation {
    /// Its code, such as ABR.
    pub code: String,
    /// What it is called: its code, where nothing else is known.
    pub name: String,
    /// Null: no roster says since when.
    pub dates: Option<String>,
}

impl Qualifications {
    fn of(profile: &Profile) -> Self {
        let designation = |code: &String| Designation { code: code.clone(), name: code.clone(), dates: None };
        Self { designations: profile.designations.iter().map(designation).collect(), expertise: None }
    }
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
            fbs_idx_customer: false,
            emails: profile.email_records(),
            phones: profile.phone_records(),
            websites: profile.website_records(),
            images: profile.image_records(),
            qualifications: Qualifications::of(&profile),
            settings: Map::new(),
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
            addresses: profile.addresses,
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
            fbs_idx_customer: false,
            emails: vec![EmailRecord::of(&email)],
            phones: if self.phone.is_empty() { Vec::new() } else { vec![PhoneRecord::of(&phone)] },
            websites: Vec::new(),
            addresses: if self.home.is_empty() { Vec::new() } else { vec![Address { address: self.home.line() }] },
            images: Vec::new(),
            qualifications: Qualifications::default(),
            settings: Map::new(),
            permissions: Permissions { editable: true, editable_settings: vec!["GetEmailUpdates".to_owned()] },
            get_email_updates: Some(self.email_updates),
            modification_timestamp: self.modified_at.iso(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::super::account::tests::ada;
    use super::*;

    #[test]
    fn a_record_has_the_members_that_programs_of_the_platform_read_and_null_where_nobody_knows() {
        let profile = json!({
            "Name": "Ada Agent", "Emails": [{ "Id": "1", "Type": "Work", "Address": "ada@example.com", "Primary": true }],
            "Phones": [{ "Id": "1", "Type": "Work", "Number": "509-555-0101 x7", "Primary": true }], "Designations": ["ABR"],
            "Websites": [{ "Uri": "https://ada.example/" }], "Images": [{ "Type": "Photo", "Name": "Photo", "Uri": "https://ada.example/a.jpg" }],
        });
        let record = to_value(Account { profile: from_value(profile).unwrap(), ..ada() }.record()).unwrap();
        assert_eq!(
            record["Phones"],
            json!([{
                "Id": "1", "Type": "Work", "Name": "", "Number": "509-555-0101 x7", "Primary": true, "InternationalCode": "",
                "AreaCode": "509", "Prefix": "555", "LineNumber": "0101", "Extension": "7",
            }])
        );
        assert_eq!(record["Emails"][0]["ProfileDisplay"], json!(null));
        assert_eq!(record["Websites"], json!([{ "Id": "1", "Name": "", "Primary": true, "Uri": "https://ada.example/", "Type": "" }]));
        assert_eq!(record["Images"][0]["Id"], "1");
        let designations = json!([{ "Code": "ABR", "Name": "ABR", "Dates": null }]);
        assert_eq!(record["Qualifications"], json!({ "Designations": designations, "Expertise": null }));
        assert_eq!((&record["Settings"], &record["FbsIdxCustomer"]), (&json!({}), &json!(false)));
    }
}
