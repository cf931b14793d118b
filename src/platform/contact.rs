//! A contact: somebody an agent knows. With a portal account it can become somebody who signs in.

use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::base::id::{AccountId, ConsumerId, ContactId};

use super::form;
use super::problem::{ApiProblem, FieldProblem};
use super::query::{Field, Resource};

/// How many tags a contact may have.
const MOST_TAGS: usize = 50;
/// The longest tag, name or part of an address. Units: characters.
const LONGEST: usize = 128;

/// What lists of contacts can be asked.
pub const CONTACTS: Resource = Resource::of(
    "contacts",
    &[
        Field::shown("ResourceUri"),
        Field::text("Id", "id"),
        Field::text("OwnerId", "account_id"),
        Field::text("DisplayName", "display_name"),
        Field::text("GivenName", "given_name"),
        Field::text("FamilyName", "family_name"),
        Field::text("PrimaryEmail", "email"),
        Field::text("PrimaryPhoneNumber", "phone"),
        Field::text("HomeStreetAddress", "street"),
        Field::text("HomeLocality", "locality"),
        Field::text("HomeRegion", "region"),
        Field::text("HomePostalCode", "postal_code"),
        Field::members("Tags", "tags"),
        Field::truth("VowEnabled", "vow_enabled"),
        Field::text("RecordStatus", "record_status"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
);

/// How a contact came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordStatus {
    /// The agent knows them, or they signed up with the agent.
    Active,
    /// They signed up at the agent's portal without connecting with the agent.
    Unconnected,
}

impl RecordStatus {
    /// Exactly as the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Unconnected => "Unconnected",
        }
    }

    /// Reads a row's word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Unconnected].into_iter().find(|known| known.name() == text)
    }
}

/// What is known of a contact besides its place in the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the agent calls them.
    pub display_name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// Where to write to.
    pub email: String,
    /// Where to ring.
    pub phone: String,
    /// House and street.
    pub street: String,
    /// The town.
    pub locality: String,
    /// The state.
    pub region: String,
    /// The ZIP code.
    pub postal_code: String,
    /// The agent's own words.
    pub tags: Vec<String>,
}

/// The portal account of a contact: by it somebody may sign in at the agent's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalAccount {
    /// What they sign in with.
    pub login_name: String,
    /// They may.
    pub enabled: bool,
    /// In which language they are spoken to; nothing where nobody said.
    pub language: String,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The platform's 26 digits.
    pub id: ContactId,
    /// The agent who knows them.
    pub account_id: AccountId,
    /// The consumer who signs in by it.
    pub consumer_id: Option<ConsumerId>,
    /// What is known.
    pub facts: Facts,
    /// They may see the data of registered visitors, at portals and sites of third parties alike.
    pub vow_enabled: bool,
    /// How it came to be.
    pub status: RecordStatus,
    /// The portal account, where there is one.
    pub portal: Option<PortalAccount>,
    /// When they were last here, to the hour.
    pub last_active: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When any of it last changed.
    pub modified_at: Timestamp,
}

impl Contact {
    /// Whether a session may run by it at all, whatever portal and agent say.
    pub fn may_enter(&self) -> bool {
        self.vow_enabled && self.portal.as_ref().is_some_and(|account| account.enabled)
    }
}

/// The hour in which a moment lies: activity is told no more exactly.
pub fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(3_600_000))
}

/// What somebody wants of a contact; what is not said stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    fields: Vec<(&'static str, String)>,
    tags: Option<Vec<String>>,
    /// Whether they may see the data of registered visitors.
    pub vow_enabled: Option<bool>,
    /// Whether they are to be invited by letter.
    pub notify: bool,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The agent, by a key of theirs.
    Agent,
    /// The contact: what is the agent's own business is closed.
    Oneself,
}

const TEXTS: [&str; 9] = [
    "DisplayName",
    "GivenName",
    "FamilyName",
    "PrimaryEmail",
    "PrimaryPhoneNumber",
    "HomeStreetAddress",
    "HomeLocality",
    "HomeRegion",
    "HomePostalCode",
];
const ALIEN: &str = "is not an attribute that can be written";

impl Wish {
    /// Reads the body of a request.
    ///
    /// Refuses: attributes that this writer cannot write, and values that do not fit (1053).
    pub fn parse(body: &Map<String, Value>, writer: Writer) -> Result<Self, ApiProblem> {
        let mut wish = Self::default();
        let mut problems = Vec::new();
        for (name, value) in body {
            if let Err(why) = wish.take(name, value, writer) {
                problems.push(FieldProblem::of(name, why));
            }
        }
        if problems.is_empty() { Ok(wish) } else { Err(ApiProblem::Constraint(problems)) }
    }

    fn take(&mut self, name: &str, value: &Value, writer: Writer) -> Result<(), &'static str> {
        let agents = writer == Writer::Agent;
        if let Some(known) = TEXTS.into_iter().find(|known| *known == name) {
            // Who the person is to the platform is proved by a link in a letter, not said by the person.
            if known == "PrimaryEmail" && !agents {
                return Err(ALIEN);
            }
            let text = match value {
                Value::String(text) => text.as_str(),
                Value::Null => "",
                _ => return Err("must be text"),
            };
            self.fields.push((known, checked(known, text)?));
            return Ok(());
        }
        match (name, value) {
            ("Tags", Value::Array(tags)) if agents => self.tags = Some(tags_of(tags)?),
            ("VowEnabled", Value::Bool(on)) if agents => self.vow_enabled = Some(*on),
            ("Notify", Value::Bool(on)) if agents => self.notify = *on,
            ("Tags", _) if agents => return Err("must be a list of words"),
            ("VowEnabled" | "Notify", _) if agents => return Err("must be true or false"),
            _ => return Err(ALIEN),
        }
        Ok(())
    }

    /// The facts as they are to be.
    ///
    /// Refuses: a contact of whom neither a name nor an address is said (1050).
    pub fn applied(&self, mut facts: Facts) -> Result<Facts, ApiProblem> {
        for (name, value) in &self.fields {
            let place = match *name {
                "DisplayName" => &mut facts.display_name,
                "GivenName" => &mut facts.given_name,
                "FamilyName" => &mut facts.family_name,
                "PrimaryEmail" => &mut facts.email,
                "PrimaryPhoneNumber" => &mut facts.phone,
                "HomeStreetAddress" => &mut facts.street,
                "HomeLocality" => &mut facts.locality,
                "HomeRegion" => &mut facts.region,
                _ => &mut facts.postal_code,
            };
            place.clone_from(value);
        }
        if let Some(tags) = &self.tags {
            facts.tags.clone_from(tags);
        }
        if facts.display_name.is_empty() {
            facts.display_name = full_name(&facts.given_name, &facts.family_name);
        }
        if facts.display_name.is_empty() {
            facts.display_name.clone_from(&facts.email);
        }
        if facts.display_name.is_empty() {
            return Err(ApiProblem::Missing(vec![FieldProblem::of("DisplayName", "is needed, or PrimaryEmail")]));
        }
        Ok(facts)
    }
}

/// "Ada Lovelace", of which either part may be missing.
pub fn full_name(given: &str, family: &str) -> String {
    [given, family].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn checked(name: &str, text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    match name {
        "PrimaryEmail" => form::email(text).map_err(|_| "must be one e-mail address"),
        "PrimaryPhoneNumber" => form::phone(text).map_err(|_| "must be a phone number"),
        _ => form::line(text, LONGEST).map_err(|_| "must have at most 128 characters"),
    }
}

fn tags_of(tags: &[Value]) -> Result<Vec<String>, &'static str> {
    if tags.len() > MOST_TAGS {
        return Err("must have at most 50 words");
    }
    let mut words: Vec<String> = Vec::new();
    for tag in tags {
        let word = tag.as_str().and_then(|tag| form::line(tag, LONGEST).ok()).ok_or("must be a list of words of at most 128 characters")?;
        if !words.contains(&word) {
            words.push(word);
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value, writer: Writer) -> Result<Wish, ApiProblem> {
        Wish::parse(body.as_object().unwrap(), writer)
    }

    #[test]
    fn a_contact_is_called_by_what_is_known_of_it() {
        let named = |body: Value| read(&body, Writer::Agent).unwrap().applied(Facts::default()).map(|facts| facts.display_name);
        assert_eq!(named(json!({ "DisplayName": " Carla " })).as_deref(), Ok("Carla"));
        assert_eq!(named(json!({ "GivenName": "Carla", "FamilyName": "Consumer" })).as_deref(), Ok("Carla Consumer"));
        assert_eq!(named(json!({ "PrimaryEmail": "carla@example.com" })).as_deref(), Ok("carla@example.com"));
        assert!(matches!(named(json!({ "Tags": ["buyer"] })), Err(ApiProblem::Missing(_))));
    }

    #[test]
    fn what_is_not_said_stays_and_what_is_said_to_be_nothing_goes() {
        let before =
            Facts { display_name: "Carla".into(), phone: "+1 509 555 0100".into(), tags: vec!["buyer".into()], ..Facts::default() };
        let wish = read(&json!({ "GivenName": "Carla", "PrimaryPhoneNumber": null }), Writer::Agent).unwrap();
        let after = wish.applied(before.clone()).unwrap();
        assert_eq!(after, Facts { given_name: "Carla".into(), phone: String::new(), ..before });
    }

    #[test]
    fn pb_07_a_contact_cannot_write_what_is_the_agents_business() {
        for (name, value) in [
            ("VowEnabled", json!(true)),
            ("Tags", json!(["vip"])),
            ("Notify", json!(true)),
            ("PrimaryEmail", json!("other@example.com")),
            ("OwnerId", json!("20261001000000000000000102")),
            ("RecordStatus", json!("Active")),
            ("Id", json!("20261001000000000000000102")),
        ] {
            let Err(ApiProblem::Constraint(problems)) = read(&json!({ "GivenName": "C", name: value }), Writer::Oneself) else {
                panic!("{name}")
            };
            assert_eq!(problems.iter().map(|problem| problem.attribute.as_str()).collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused_by_name() {
        for (name, value) in [
            ("PrimaryEmail", json!("a@example.com, b@example.com")),
            ("PrimaryEmail", json!(7)),
            ("PrimaryPhoneNumber", json!("call me")),
            ("DisplayName", json!("x".repeat(129))),
            ("Tags", json!("vip")),
            ("Tags", json!([7])),
            ("Tags", json!(vec!["x"; 51])),
            ("VowEnabled", json!("true")),
            ("OwnerId", json!("1")),
        ] {
            let Err(ApiProblem::Constraint(problems)) = read(&json!({ name: value }), Writer::Agent) else { panic!("{name}") };
            assert_eq!(problems[0].attribute, name);
        }
        assert_eq!(hour_of(Timestamp(7_200_001)), Timestamp(7_200_000));
    }
}
