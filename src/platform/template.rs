//! RESO templates: which fields and which listings a key that is bound to one sees.

use serde_json::{Map, Value};

use crate::base::Timestamp;
use crate::base::id::AccountId;

use super::problem::FieldProblem;
use super::query::{Field, Resource};
use super::role::Role;

/// What lists of templates can be asked.
pub const TEMPLATES: Resource = Resource::of(
    "templates",
    &[
        Field::text("Id", "id"),
        Field::text("MlsId", "mls_id"),
        Field::text("OwnerId", "owner_id"),
        Field::text("AssociationId", "association_id"),
        Field::text("Name", "name"),
        Field::text("Description", "description"),
        Field::text("SyndicationId", "syndication_id"),
        Field::whole("ListingPhotoLimit", "listing_photo_limit"),
        Field::text("Role", "role"),
        Field::shown("RestrictiveFilters"),
        Field::shown("FieldOverrides"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
);

/// The longest name. Units: characters.
const LONGEST_NAME: usize = 100;
/// The longest description. Units: characters.
const LONGEST_DESCRIPTION: usize = 1000;
/// The longest filter of one resource. Units: characters.
const LONGEST_FILTER: usize = 4096;
/// The most photos a limit can name.
const MOST_PHOTOS: i64 = 1000;
/// The most resources, and the most fields of one, that overrides can name.
const MOST_NAMES: usize = 500;
/// Versions of the RESO Data Dictionary that templates can be written for.
pub const DICTIONARY_VERSIONS: [&str; 4] = ["1.6", "1.7", "2.0", "2.1"];

/// A template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The platform's 26 digits.
    pub id: AccountId,
    /// The MLS it belongs to.
    pub mls_id: Option<AccountId>,
    /// The account that made it.
    pub owner_id: Option<AccountId>,
    /// The association it is for.
    pub association_id: Option<AccountId>,
    /// What it says; all of it can be changed.
    pub content: Content,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
}

/// What a template says.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where listings are passed on to, if that is what it is for.
    pub syndication_id: Option<String>,
    /// How many photos of a listing are shown; all where nothing is said.
    pub listing_photo_limit: Option<i64>,
    /// In which data role keys that are bound to it act.
    pub role: Role,
    /// Which records are shown, resource by resource.
    pub restrictive_filters: Map<String, Value>,
    /// Which fields are shown or hidden, resource by resource.
    pub field_overrides: Map<String, Value>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            syndication_id: None,
            listing_photo_limit: None,
            role: Role::Idx,
            restrictive_filters: Map::new(),
            field_overrides: Map::new(),
        }
    }
}

impl Content {
    /// Takes over what `body` says of attributes; every one that is wrong is told.
    ///
    /// Refuses: attributes that cannot be written, and values that are not fit.
    pub fn set(&mut self, body: &Map<String, Value>) -> Vec<FieldProblem> {
        body.iter().filter_map(|(name, value)| self.set_one(name, value).err().map(|why| FieldProblem::of(name, why))).collect()
    }

    fn set_one(&mut self, name: &str, value: &Value) -> Result<(), String> {
        match name {
            "Name" => self.name = text(value, LONGEST_NAME).filter(|name| !name.is_empty()).ok_or(NAME)?,
            "Description" => self.description = text_or_null(value, LONGEST_DESCRIPTION).ok_or(DESCRIPTION)?,
            "SyndicationId" => {
                let id = text_or_null(value, LONGEST_NAME).ok_or("must be text of at most 100 characters, or null")?;
                self.syndication_id = Some(id).filter(|id| !id.is_empty());
            }
            "ListingPhotoLimit" => self.listing_photo_limit = photos(value)?,
            "Role" => self.role = role(value)?,
            "RestrictiveFilters" => self.restrictive_filters = filters(value)?,
            "FieldOverrides" => self.field_overrides = overrides(value)?,
            _ => return Err("is not an attribute that can be written".to_owned()),
        }
        Ok(())
    }

    /// What it says, attribute by attribute.
    pub fn attributes(&self) -> [(&'static str, Value); 7] {
        [
            ("Name", self.name.as_str().into()),
            ("Description", self.description.as_str().into()),
            ("SyndicationId", self.syndication_id.clone().into()),
            ("ListingPhotoLimit", self.listing_photo_limit.into()),
            ("Role", self.role.name().into()),
            ("RestrictiveFilters", self.restrictive_filters.clone().into()),
            ("FieldOverrides", self.field_overrides.clone().into()),
        ]
    }
}

const NAME: &str = "must be text of 1 to 100 characters";
const DESCRIPTION: &str = "must be text of at most 1000 characters";

/// One line of text, without control characters and without spaces around it.
fn text(value: &Value, longest: usize) -> Option<String> {
    let text = value.as_str()?.trim();
    let fits = text.chars().count() <= longest && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// The same; `null` is the empty text.
fn text_or_null(value: &Value, longest: usize) -> Option<String> {
    if value.is_null() { Some(String::new()) } else { text(value, longest) }
}

fn photos(value: &Value) -> Result<Option<i64>, String> {
    let wrong = || format!("must be a whole number from 0 to {MOST_PHOTOS}, or null");
    if value.is_null() {
        return Ok(None);
    }
    value.as_i64().filter(|limit| (0..=MOST_PHOTOS).contains(limit)).map(Some).ok_or_else(wrong)
}

fn role(value: &Value) -> Result<Role, String> {
    let role = value.as_str().and_then(|name| name.parse::<Role>().ok()).filter(|role| role.is_data_role());
    role.ok_or_else(|| "must be a data role: idx, public, vow, portal or private".to_owned())
}

/// An object, and its members but for the version.
type Versioned<'v> = (Map<String, Value>, Vec<(&'v String, &'v Value)>);

/// The version of the Data Dictionary that an object names, and its other members; an empty object says nothing.
fn versioned(value: &Value) -> Result<Versioned<'_>, String> {
    let members = value.as_object().ok_or("must be an object")?;
    let version = members.get("RESODictionaryVersion");
    let known = version.and_then(Value::as_str).is_some_and(|version| DICTIONARY_VERSIONS.contains(&version));
    if !known && !members.is_empty() {
        return Err(format!("must have a RESODictionaryVersion: {}", DICTIONARY_VERSIONS.join(", ")));
    }
    Ok((members.clone(), members.iter().filter(|(name, _)| *name != "RESODictionaryVersion").collect()))
}

/// `{"RESODictionaryVersion": "1.7", "Agent": true, "Property": {"Filter": "…"}}`
fn filters(value: &Value) -> Result<Map<String, Value>, String> {
    let (whole, others) = versioned(value)?;
    for (name, said) in others {
        let filter = |said: &Value| {
            let members = said.as_object()?;
            let filter = members.get("Filter")?.as_str()?;
            (members.len() == 1 && filter.chars().count() <= LONGEST_FILTER && !filter.contains(char::is_control)).then_some(())
        };
        let good = match name.as_str() {
            "Agent" => said.is_boolean() || said.is_null() || text(said, LONGEST_NAME).is_some(),
            name if is_resource(name) => filter(said).is_some(),
            _ => false,
        };
        if !good {
            return Err(format!("must have at {name} an object with a Filter of at most {LONGEST_FILTER} characters, as Property has"));
        }
    }
    Ok(whole)
}

/// `{"RESODictionaryVersion": "1.7", "Property": {"ListPrice": true, "PrivateRemarks": false}}`
fn overrides(value: &Value) -> Result<Map<String, Value>, String> {
    let (whole, others) = versioned(value)?;
    if others.len() > MOST_NAMES {
        return Err(format!("must name at most {MOST_NAMES} resources"));
    }
    for (name, said) in others {
        let fields = said.as_object().filter(|fields| fields.len() <= MOST_NAMES && is_resource(name));
        let good = fields.is_some_and(|fields| fields.iter().all(|(field, shown)| is_resource(field) && shown.is_boolean()));
        if !good {
            return Err(format!("must have at {name} an object of field names, each true (shown) or false (hidden)"));
        }
    }
    Ok(whole)
}

/// A name as the RESO Data Dictionary has them: letters, digits and underscores, a letter first.
fn is_resource(name: &str) -> bool {
    name.len() <= 100 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(body: &Value) -> Vec<String> {
        Content::default().set(body.as_object().unwrap()).into_iter().map(|problem| problem.attribute).collect()
    }

    #[test]
    fn a_template_says_which_fields_and_which_listings_are_shown() {
        let body = json!({
            "Name": " Broker sites ", "Description": "For brokers", "SyndicationId": null, "ListingPhotoLimit": 20, "Role": "vow",
            "RestrictiveFilters": { "RESODictionaryVersion": "1.7", "Agent": null, "Property": { "Filter": "City Eq 'Fargo'" } },
            "FieldOverrides": { "RESODictionaryVersion": "1.7", "Property": { "PrivateRemarks": false, "ListPrice": true } },
        });
        let mut content = Content::default();
        assert_eq!(content.set(body.as_object().unwrap()), []);
        assert_eq!((content.name.as_str(), content.role, content.listing_photo_limit), ("Broker sites", Role::Vow, Some(20)));
        let said: Map<String, Value> = content.attributes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(said["FieldOverrides"], body["FieldOverrides"]);
        let mut again = Content::default();
        assert_eq!(again.set(&said), []);
        assert_eq!(again, content);
    }

    #[test]
    fn what_is_not_fit_is_named() {
        for (attribute, bad) in [
            ("Name", json!("")),
            ("Name", json!("a".repeat(101))),
            ("Name", json!("a\u{0}b")),
            ("Name", json!(7)),
            ("Description", json!("x".repeat(1001))),
            ("ListingPhotoLimit", json!(-1)),
            ("ListingPhotoLimit", json!(1.5)),
            ("ListingPhotoLimit", json!("5")),
            ("Role", json!("single_session")),
            ("Role", json!("IDX")),
            ("Role", json!(null)),
            ("RestrictiveFilters", json!("x")),
            ("RestrictiveFilters", json!({ "Property": { "Filter": "x" } })),
            ("RestrictiveFilters", json!({ "RESODictionaryVersion": "9.9" })),
            ("RestrictiveFilters", json!({ "RESODictionaryVersion": "1.7", "Property": { "Filter": "x", "More": 1 } })),
            ("RestrictiveFilters", json!({ "RESODictionaryVersion": "1.7", "Property": { "Filter": "x".repeat(5000) } })),
            ("FieldOverrides", json!([])),
            ("FieldOverrides", json!({ "RESODictionaryVersion": "1.7", "Property": { "ListPrice": "no" } })),
            ("FieldOverrides", json!({ "RESODictionaryVersion": "1.7", "Prop erty": {} })),
            ("Id", json!("20261001000000000000000001")),
            ("MlsId", json!("20261001000000000000000001")),
            ("Unknown", json!(1)),
        ] {
            let body = json!({ attribute: bad });
            assert_eq!(set(&body), [attribute], "{body}");
        }
    }
}
