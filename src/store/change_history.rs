//! The change history: written with the change it tells of.

use diesel::prelude::*;

use crate::base::id::{AccountId, ChangeId, IdentityId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::change::{CHANGES, Change, RecordType};
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;

use super::conn::Conn;
use super::listing::page_of;
use super::schema::change_history;
use super::scope::within;

#[derive(Queryable)]
struct Row {
    id: i64,
    mls_id: Option<String>,
    action: String,
    record_type: String,
    record_id: String,
    identity_id: Option<i64>,
    key_id: Option<i64>,
    #[expect(dead_code, reason = "read with the row; the values name the same")]
    changed_fields: String,
    changed_values: String,
    changed_by: String,
    at: i64,
}

impl Row {
    fn read(self) -> Result<Change, Fault> {
        Ok(Change {
            id: ChangeId(self.id),
            mls_id: self.mls_id.map(|id| id.parse()).transpose().map_err(Fault::broken)?,
            action: self.action,
            record_type: self.record_type,
            record_id: self.record_id,
            identity_id: self.identity_id.map(IdentityId),
            key_id: self.key_id.map(KeyId),
            values: serde_json::from_str(&self.changed_values)
                .map_err(|error| Fault::broken(format!("values of change {}: {error}", self.id)))?,
            changed_by: self.changed_by,
            at: Timestamp(self.at),
        })
    }
}

/// Writes a change down.
pub fn write(conn: &mut Conn, change: &Change) -> Result<(), Fault> {
    let fields: Vec<&String> = change.values.keys().collect();
    conn.execute(diesel::insert_into(change_history::table).values((
        change_history::id.eq(change.id.0),
        change_history::mls_id.eq(change.mls_id.as_ref().map(AccountId::as_str)),
        change_history::action.eq(&change.action),
        change_history::record_type.eq(&change.record_type),
        change_history::record_id.eq(&change.record_id),
        change_history::identity_id.eq(change.identity_id.map(|id| id.0)),
        change_history::key_id.eq(change.key_id.map(|id| id.0)),
        change_history::changed_fields.eq(serde_json::to_string(&fields).map_err(Fault::broken)?),
        change_history::changed_values.eq(serde_json::to_string(&change.values).map_err(Fault::broken)?),
        change_history::changed_by.eq(&change.changed_by),
        change_history::at.eq(change.at.0),
    )))?;
    Ok(())
}

/// The changes of a developer, his keys and their authorizations, as far as they are within `reach`.
pub fn of_developer(conn: &mut Conn, reach: &Reach, id: IdentityId, query: &Query) -> Result<Page<Change>, Fault> {
    let scope = || change_history::table.filter(change_history::identity_id.eq(id.0)).filter(within("change_history", reach));
    page_of!(conn, &CHANGES, query, scope(), Row)?.try_map(Row::read)
}

/// The changes of one record, as far as they are within `reach`.
pub fn of_record(conn: &mut Conn, reach: &Reach, kind: RecordType, id: &str, query: &Query) -> Result<Page<Change>, Fault> {
    let scope = || {
        change_history::table
            .filter(change_history::record_type.eq(kind.name()))
            .filter(change_history::record_id.eq(id))
            .filter(within("change_history", reach))
    };
    page_of!(conn, &CHANGES, query, scope(), Row)?.try_map(Row::read)
}
