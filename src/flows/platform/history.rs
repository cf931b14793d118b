//! The change history of developers, keys, authorizations and templates: who changed what, from what to what.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, ChangeId, IdentityId, KeyId};
use crate::identity::card::ImageRecord;
use crate::identity::record::Summary;
use crate::platform::change::{Action, Change, RecordType, Values};
use crate::platform::query::{Page, Query};
use crate::store::{Conn, accounts, change_history, keys};

use super::staff::Staff;

/// Which record was changed, and how.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// What was done.
    pub action: Action,
    /// To what kind of record.
    pub record: RecordType,
    /// To which.
    pub id: String,
    /// The MLS whose record it is.
    pub mls: Option<&'a AccountId>,
    /// Of which developer.
    pub identity: Option<IdentityId>,
    /// Of which key.
    pub key: Option<KeyId>,
    /// What changed; never a secret.
    pub values: Values,
}

/// Writes a change down, inside the write that makes it; nothing where nothing changed.
pub fn tell(app: &App, conn: &mut Conn, staff: &Staff<'_>, told: Told<'_>) -> Result<(), Fault> {
    if told.values.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let change = Change {
        id: ChangeId(app.random.small_id(now)),
        mls_id: told.mls.cloned(),
        action: told.action.name().to_owned(),
        record_type: told.record.name().to_owned(),
        record_id: told.id,
        identity_id: told.identity,
        key_id: told.key,
        values: told.values,
        changed_by: staff.actor(),
        at: now,
    };
    change_history::write(conn, &change)
}

/// Of what the changes are wanted.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A developer, his keys and their authorizations.
    Developer(IdentityId),
    /// One record of one kind.
    Record(RecordType, &'a str),
}

/// A page of changes, the newest first, as far as they are within the caller's reach; that he may see the record itself is asked before.
pub fn list(conn: &mut Conn, staff: &Staff<'_>, about: About<'_>, query: &Query) -> Result<Page<ChangeRecord>, Fault> {
    let page = match about {
        About::Developer(id) => change_history::of_developer(conn, staff.reach(), id, query)?,
        About::Record(kind, id) => change_history::of_record(conn, staff.reach(), kind, id, query)?,
    };
    page.try_map(|change| ChangeRecord::of(conn, change))
}

/// One change.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Change)]
pub struct ChangeRecord {
    /// Its number.
    pub id: i64,
    /// Create, Update or Delete.
    pub action: String,
    /// Identity, Key, Authorization or Template.
    pub record_type: String,
    /// The Id of the record. An addition of ours.
    pub record_id: String,
    /// The key it concerned.
    pub key: Option<KeySummary>,
    /// The names of what changed.
    pub changed_fields: Vec<String>,
    /// The same, each with a list of what it was and what it became.
    #[schema(value_type = Object)]
    pub changed_values: Values,
    /// The person who did it.
    pub changed_by: Option<Changer>,
    /// The Key of the application that did it, where no person did. An addition of ours.
    pub changed_by_key: Option<String>,
    /// When.
    pub modification_timestamp: String,
}

/// Few words about a key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct KeySummary {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: Option<String>,
    /// The application's name.
    pub name: String,
    /// The client_id.
    pub key: String,
}

/// Few words about somebody, and his pictures.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChangedBy)]
pub struct Changer {
    /// Who he is.
    #[serde(flatten)]
    pub user: Summary,
    /// Photo and logo.
    #[serde(rename = "Images")]
    pub images: Vec<ImageRecord>,
}

impl KeySummary {
    /// Few words about the key of that row.
    pub fn of(conn: &mut Conn, id: KeyId) -> Result<Option<Self>, Fault> {
        Ok(keys::named(conn, id)?.map(|(id, identity, name, key)| Self {
            id: id.0,
            resource_uri: identity.map(|identity| super::staff::Place { identity, key: id }.uri()),
            name,
            key,
        }))
    }
}

impl ChangeRecord {
    fn of(conn: &mut Conn, change: Change) -> Result<Self, Fault> {
        let account = match change.changed_by.parse::<AccountId>() {
            Ok(id) => accounts::get(conn, &id)?,
            Err(_) => None,
        };
        let changed_by = account.map(|account| Changer { user: account.summary(), images: account.profile.image_records() });
        Ok(Self {
            id: change.id.0,
            action: change.action,
            record_type: change.record_type,
            record_id: change.record_id,
            key: change.key_id.map(|id| KeySummary::of(conn, id)).transpose()?.flatten(),
            changed_fields: change.values.keys().cloned().collect(),
            changed_values: change.values,
            changed_by_key: changed_by.is_none().then_some(change.changed_by),
            changed_by,
            modification_timestamp: change.at.iso(),
        })
    }
}
