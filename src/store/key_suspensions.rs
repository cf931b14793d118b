//! Suspensions of keys; at most one of a key runs.

use diesel::prelude::*;

use crate::base::id::{IdentityId, KeyId, SuspensionId};
use crate::base::{Fault, Timestamp};
use crate::platform::suspension::Suspension;

use super::conn::Conn;
use super::schema::{key_suspensions, keys};

type Row = (i64, i64, String, String, i64, Option<String>, Option<i64>, Option<String>, Option<i64>, bool);

fn read((id, key, reason, by, at, appeal, appealed_at, resumed_by, resumed_at, by_platform): Row) -> Suspension {
    Suspension {
        id: SuspensionId(id),
        key_id: KeyId(key),
        reason,
        suspended_by: by,
        by_platform,
        suspended_at: Timestamp(at),
        appeal: appeal.zip(appealed_at.map(Timestamp)),
        resumed: resumed_by.zip(resumed_at.map(Timestamp)),
    }
}

/// Writes a suspension down; `false` where one of the key runs already.
pub fn add(conn: &mut Conn, new: &Suspension) -> Result<bool, Fault> {
    let row = (
        key_suspensions::id.eq(new.id.0),
        key_suspensions::key_id.eq(new.key_id.0),
        key_suspensions::reason.eq(&new.reason),
        key_suspensions::suspended_by.eq(&new.suspended_by),
        key_suspensions::suspended_at.eq(new.suspended_at.0),
        key_suspensions::by_platform.eq(new.by_platform),
    );
    Ok(conn.execute(diesel::insert_into(key_suspensions::table).values(row).on_conflict_do_nothing())? == 1)
}

/// The suspension of a key that runs.
pub fn running(conn: &mut Conn, key: KeyId) -> Result<Option<Suspension>, Fault> {
    let running = key_suspensions::table.filter(key_suspensions::key_id.eq(key.0)).filter(key_suspensions::resumed_at.is_null());
    Ok(conn.one::<Row>(running)?.map(read))
}

/// Up to `limit` suspensions of a key, newest first.
pub fn of_key(conn: &mut Conn, key: KeyId, limit: i64) -> Result<Vec<Suspension>, Fault> {
    let rows: Vec<Row> =
        conn.all(key_suspensions::table.filter(key_suspensions::key_id.eq(key.0)).order(key_suspensions::id.desc()).limit(limit))?;
    Ok(rows.into_iter().map(read).collect())
}

/// Suspensions that run of a developer's keys, each with the key's name.
pub fn of_developer(conn: &mut Conn, identity: IdentityId, limit: i64) -> Result<Vec<(Suspension, String)>, Fault> {
    let rows: Vec<(Row, String)> = conn.all(
        key_suspensions::table
            .inner_join(keys::table)
            .filter(keys::identity_id.eq(identity.0))
            .filter(keys::deleted_at.is_null())
            .filter(key_suspensions::resumed_at.is_null())
            .order(key_suspensions::id)
            .select((key_suspensions::all_columns, keys::name))
            .limit(limit),
    )?;
    Ok(rows.into_iter().map(|(row, name)| (read(row), name)).collect())
}

/// What the developer says to a suspension; `false` where he said something before, or it is over.
pub fn appeal(conn: &mut Conn, id: SuspensionId, words: &str, now: Timestamp) -> Result<bool, Fault> {
    let open = key_suspensions::table.find(id.0).filter(key_suspensions::appeal.is_null()).filter(key_suspensions::resumed_at.is_null());
    let set = (key_suspensions::appeal.eq(words), key_suspensions::appealed_at.eq(now.0));
    Ok(conn.execute(diesel::update(open).set(set))? == 1)
}

/// Ends a suspension; `false` where it is over.
pub fn resume(conn: &mut Conn, id: SuspensionId, by: &str, now: Timestamp) -> Result<bool, Fault> {
    let running = key_suspensions::table.find(id.0).filter(key_suspensions::resumed_at.is_null());
    let set = (key_suspensions::resumed_by.eq(by), key_suspensions::resumed_at.eq(now.0));
    Ok(conn.execute(diesel::update(running).set(set))? == 1)
}
