//! Changes of the Keys API's records, as their history tells them: which attributes, from what to what, and never a secret.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::base::Timestamp;
use crate::base::id::{AccountId, ChangeId, IdentityId, KeyId};

use super::query::{Field, Resource};

/// What lists of changes can be asked; the newest come first.
pub const CHANGES: Resource = Resource::of(
    "change_history",
    &[
        Field::whole("Id", "id"),
        Field::text("Action", "action"),
        Field::text("RecordType", "record_type"),
        Field::text("RecordId", "record_id"),
        Field::shown("Key"),
        Field::shown("ChangedFields"),
        Field::shown("ChangedValues"),
        Field::shown("ChangedBy"),
        Field::shown("ChangedByKey"),
        Field::moment("ModificationTimestamp", "at"),
    ],
)
.newest_first();

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Create,
    /// It became another.
    Update,
    /// It was removed.
    Delete,
}

impl Action {
    /// As the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
        }
    }
}

/// What kind of record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    /// A developer.
    Identity,
    /// A key.
    Key,
    /// A permission of somebody for a key.
    Authorization,
    /// A template.
    Template,
}

impl RecordType {
    /// As the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Key => "Key",
            Self::Authorization => "Authorization",
            Self::Template => "Template",
        }
    }
}

/// Attributes that changed, each with what it was and what it is: `{"Name": ["before", "after"]}`.
pub type Values = Map<String, Value>;

/// What differs between two states of a record's writable attributes.
pub fn between(before: &impl Serialize, after: &impl Serialize) -> Values {
    let (before, after) = (members(before), members(after));
    let mut values = Values::new();
    for name in before.keys().chain(after.keys()) {
        let (old, new) = (before.get(name).unwrap_or(&Value::Null), after.get(name).unwrap_or(&Value::Null));
        if old != new {
            values.insert(name.clone(), json!([old, new]));
        }
    }
    values
}

/// What a record begins with; what is empty is not told.
pub fn beginning(after: &impl Serialize) -> Values {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    members(after).into_iter().filter(|(_, value)| !empty(value)).map(|(name, value)| (name, json!([null, value]))).collect()
}

/// One attribute that became another.
pub fn one(name: &str, before: impl Into<Value>, after: impl Into<Value>) -> Values {
    Values::from_iter([(name.to_owned(), json!([before.into(), after.into()]))])
}

fn members(state: &impl Serialize) -> Values {
    match serde_json::to_value(state) {
        Ok(Value::Object(members)) => members,
        _ => Values::new(),
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its row.
    pub id: ChangeId,
    /// The MLS whose record it was.
    pub mls_id: Option<AccountId>,
    /// What was done: the name of an [`Action`].
    pub action: String,
    /// To what kind of record: the name of a [`RecordType`].
    pub record_type: String,
    /// To which.
    pub record_id: String,
    /// Of which developer.
    pub identity_id: Option<IdentityId>,
    /// Of which key.
    pub key_id: Option<KeyId>,
    /// What changed.
    pub values: Values,
    /// Who did it: an account's 26 digits, or the `client_id` of a key that spoke for itself.
    pub changed_by: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_tells_what_was_and_what_is_and_nothing_that_stayed() {
        let before = json!({ "Name": "a", "Uri": "x", "Roles": ["idx"], "Gone": 1 });
        let after = json!({ "Name": "b", "Uri": "x", "Roles": ["idx", "vow"], "New": true });
        assert_eq!(
            Value::from(between(&before, &after)),
            json!({ "Name": ["a", "b"], "Roles": [["idx"], ["idx", "vow"]], "Gone": [1, null], "New": [null, true] })
        );
        assert!(between(&before, &before).is_empty());
        assert_eq!(
            Value::from(beginning(&json!({ "Name": "a", "Uri": "", "List": [], "None": null, "On": false }))),
            json!({ "Name": [null, "a"], "On": [null, false] })
        );
        assert_eq!(Value::from(one("Deleted", false, true)), json!({ "Deleted": [false, true] }));
    }
}
