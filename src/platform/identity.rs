//! A developer as the Keys API keeps him: what it calls an Identity.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::base::Timestamp;
use crate::base::id::{AccountId, IdentityId};

use super::body::Body;
use super::form;
use super::naming;
use super::problem::ApiProblem;
use super::query::{Field, Resource};

/// What lists of developers can be asked.
pub const IDENTITIES: Resource = Resource::of(
    "identities",
    &[
        Field::whole("Id", "id"),
        Field::shown("ResourceUri"),
        Field::text("FirstName", "first_name"),
        Field::text("LastName", "last_name"),
        Field::text("Company", "company"),
        Field::text("Email", "email"),
        Field::text("Website", "website"),
        Field::text("Phone", "phone"),
        Field::text("Comments", "comments"),
        Field::text("MlsId", "mls_id"),
        Field::shown("AdditionalContacts"),
        Field::shown("User"),
        Field::day("LastActive", "last_active"),
        Field::shown("Editable"),
        Field::present("Deleted", "deleted_at"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
);

/// What can be written of a developer.
pub const WRITABLE: [&str; 8] = ["FirstName", "LastName", "Company", "Email", "Website", "Phone", "Comments", "AdditionalContacts"];
/// What can only be read.
const SHOWN: [&str; 9] =
    ["Id", "ResourceUri", "MlsId", "User", "LastActive", "Editable", "Deleted", "CreatedTimestamp", "ModificationTimestamp"];
/// How many further people there may be to talk to.
const MOST_CONTACTS: usize = 20;
/// The longest name, company and kind of contact. Units: characters.
const LONGEST_LINE: usize = 200;
/// The longest note. Units: characters.
const LONGEST_COMMENTS: usize = 4000;

/// Somebody else to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = AdditionalContact)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// What for: Technical, Billing …
    #[serde(rename = "Type")]
    pub kind: String,
    /// The address to write to.
    pub email: String,
    /// The number to ring.
    pub phone: String,
}

/// What can be written of a developer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Facts {
    /// The person's given name.
    pub first_name: String,
    /// The person's family name.
    pub last_name: String,
    /// For whom he works.
    pub company: String,
    /// The address to write to.
    pub email: String,
    /// The company's web site.
    pub website: String,
    /// The number to ring.
    pub phone: String,
    /// Notes of the administrators.
    pub comments: String,
    /// Further people to talk to.
    pub additional_contacts: Vec<Contact>,
}

/// A developer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its row.
    pub id: IdentityId,
    /// The MLS he belongs to; whoever registered with the platform itself belongs to none.
    pub mls_id: Option<AccountId>,
    /// The account of the same person.
    pub account_id: Option<AccountId>,
    /// What can be written of him.
    pub facts: Facts,
    /// When he was deleted; the row stays.
    pub deleted_at: Option<Timestamp>,
    /// The last day one of his keys was used.
    pub last_active: Option<String>,
    /// When he was added.
    pub created_at: Timestamp,
    /// When he last changed.
    pub modified_at: Timestamp,
}

impl Facts {
    /// The name people call him by.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Reads a new developer, and the MLS he is to belong to where whoever asks may say that.
    ///
    /// Refuses: 1050 without name or address, 1053 where anything is unfit, unknown or not to be written.
    pub fn create(members: &Map<String, Value>, says_mls: bool) -> Result<(Self, Option<AccountId>), ApiProblem> {
        let writable: Vec<&str> = WRITABLE.into_iter().chain(says_mls.then_some("MlsId")).collect();
        let mut body = Body::of(members, &writable, &SHOWN);
        body.need(&["FirstName", "LastName", "Email"]);
        let mut mls = None;
        if says_mls && body.value("MlsId").is_some_and(|value| !value.is_null()) {
            mls = body.text("MlsId", |text| text.parse::<AccountId>().map_err(|_| "must be the 26 digits of an MLS"));
        }
        let facts = Self::default().with(&mut body);
        body.end((facts, mls))
    }

    /// Reads what is to become of a developer; what is not said stays.
    ///
    /// Refuses: 1053 where anything is unfit, unknown or not to be written.
    pub fn change(&self, members: &Map<String, Value>) -> Result<Self, ApiProblem> {
        let mut body = Body::of(members, &WRITABLE, &SHOWN);
        let facts = self.clone().with(&mut body);
        body.end(facts)
    }

    fn with(mut self, body: &mut Body<'_>) -> Self {
        let mut set = |name: &str, target: &mut String, check: fn(&str) -> Result<String, &'static str>| {
            if let Some(text) = body.text(name, check) {
                *target = text;
            }
        };
        set("FirstName", &mut self.first_name, person);
        set("LastName", &mut self.last_name, person);
        set("Company", &mut self.company, company);
        set("Email", &mut self.email, email);
        set("Website", &mut self.website, website);
        set("Phone", &mut self.phone, phone);
        set("Comments", &mut self.comments, comments);
        if let Some(contacts) = body.read("AdditionalContacts", contacts) {
            self.additional_contacts = contacts;
        }
        self
    }
}

fn line(text: &str) -> Result<String, &'static str> {
    form::line(text, LONGEST_LINE).map_err(|_| "must be one line of 1 to 200 characters")
}

fn person(text: &str) -> Result<String, &'static str> {
    let shown = line(text)?;
    naming::person(&shown, LONGEST_LINE).map_err(|_| naming::REFUSED)
}

fn company(text: &str) -> Result<String, &'static str> {
    let shown = optional_line(text)?;
    if naming::passes_for_ours(&shown) { Err(naming::REFUSED) } else { Ok(shown) }
}

fn optional_line(text: &str) -> Result<String, &'static str> {
    form::optional_line(text, LONGEST_LINE).map_err(|_| "must be one line of at most 200 characters")
}

fn email(text: &str) -> Result<String, &'static str> {
    form::email(text).map_err(|_| "must be one e-mail address, such as name@company.example")
}

fn website(text: &str) -> Result<String, &'static str> {
    or_nothing(text, form::website, "must be a web address, such as https://company.example/")
}

fn phone(text: &str) -> Result<String, &'static str> {
    or_nothing(text, form::phone, "must be a phone number, such as +1 509 555 0100")
}

fn comments(text: &str) -> Result<String, &'static str> {
    or_nothing(text, |text| form::paragraphs(text, LONGEST_COMMENTS), "must have at most 4000 characters")
}

fn or_nothing(text: &str, check: impl FnOnce(&str) -> Result<String, &'static str>, wrong: &'static str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Ok(String::new()) } else { check(text).map_err(|_| wrong) }
}

fn contacts(value: &Value) -> Result<Vec<Contact>, String> {
    const WRONG: &str = "must be a list of objects with Name, Type, Email and Phone";
    let values = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(values) if values.len() <= MOST_CONTACTS => values,
        Value::Array(_) => return Err(format!("must have at most {MOST_CONTACTS} entries")),
        _ => return Err(WRONG.to_owned()),
    };
    let text = |members: &Map<String, Value>, name: &str| match members.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(WRONG.to_owned()),
    };
    let mut contacts = Vec::new();
    for value in values {
        let members = value.as_object().ok_or(WRONG)?;
        if members.keys().any(|name| !["Name", "Type", "Email", "Phone"].contains(&name.as_str())) {
            return Err(WRONG.to_owned());
        }
        let named = |name: &str, why: &str| format!("has an entry whose {name} {why}");
        let address = text(members, "Email")?;
        contacts.push(Contact {
            name: line(&text(members, "Name")?).map_err(|why| named("Name", why))?,
            kind: optional_line(&text(members, "Type")?).map_err(|why| named("Type", why))?,
            email: if address.is_empty() { address } else { email(&address).map_err(|why| named("Email", why))? },
            phone: phone(&text(members, "Phone")?).map_err(|why| named("Phone", why))?,
        });
    }
    Ok(contacts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dora() -> Value {
        json!({ "FirstName": "Dora", "LastName": "Developer", "Email": "dora@example.com" })
    }

    fn with(name: &str, value: Value) -> Map<String, Value> {
        let mut members = dora().as_object().unwrap().clone();
        members.insert(name.to_owned(), value);
        members
    }

    #[test]
    fn a_developer_has_a_name_and_an_address_and_everything_else_may_be_empty() {
        let (facts, mls) = Facts::create(dora().as_object().unwrap(), false).unwrap();
        assert_eq!((facts.first_name.as_str(), facts.company.as_str(), mls), ("Dora", "", None));
        for name in ["FirstName", "LastName", "Email"] {
            let mut members = dora().as_object().unwrap().clone();
            members.remove(name);
            let problem = Facts::create(&members, false).unwrap_err();
            assert_eq!((problem.code_and_status().0, problem.fields()[0].attribute.as_str()), (1050, name));
            assert_eq!(facts.change(json!({ name: null }).as_object().unwrap()).unwrap_err().code_and_status().0, 1053);
        }
        let same = facts.change(json!({ "Company": null, "Website": "", "AdditionalContacts": null }).as_object().unwrap()).unwrap();
        assert_eq!(same, facts);
    }

    #[test]
    fn pb_07_what_is_not_a_developers_to_say_is_refused_by_name() {
        let long = "x".repeat(5000);
        for (name, bad) in [
            ("Id", json!(7)),
            ("Deleted", json!(true)),
            ("Editable", json!(true)),
            ("User", json!({})),
            ("MlsId", json!("20261001000000000000000002")),
            ("CreatedTimestamp", json!("2026-01-01T00:00:00Z")),
            ("Trusted", json!(true)),
            ("FirstName", json!("")),
            ("FirstName", json!(7)),
            ("LastName", json!("Latchkey")),
            ("Company", json!("L\u{430}tchkey Inc.")),
            ("Email", json!("a@b.example,c@d.example")),
            ("Website", json!("javascript:alert(1)")),
            ("Phone", json!("call me")),
            ("Comments", json!(long)),
            ("AdditionalContacts", json!("none")),
            ("AdditionalContacts", json!([{ "Type": "Technical" }])),
            ("AdditionalContacts", json!([{ "Name": "Tom", "Email": "tom" }])),
            ("AdditionalContacts", json!([{ "Name": "Tom", "Role": "admin" }])),
            ("AdditionalContacts", json!(vec![json!({ "Name": "Tom" }); 21])),
        ] {
            let problem = Facts::create(&with(name, bad.clone()), false).unwrap_err();
            assert_eq!(problem.code_and_status().0, 1053, "{name} {bad:.40}");
            assert_eq!(problem.fields()[0].attribute, name);
        }
        let (_, mls) = Facts::create(&with("MlsId", json!("20261001000000000000000002")), true).unwrap();
        assert_eq!(mls.unwrap().as_str(), "20261001000000000000000002");
        assert!(Facts::create(&with("MlsId", json!("2")), true).is_err());
    }

    #[test]
    fn dr_11_names_cannot_turn_a_page_around() {
        let (facts, _) = Facts::create(&with("Company", json!("Good\u{202e}evil\u{200b}\r\nLtd.")), false).unwrap();
        assert_eq!(facts.company, "GoodevilLtd.");
    }
}
