//! Facts about this installation.

use diesel::prelude::*;

use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::{facts, mac_keys};

/// The fact of that name.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<String>, Fault> {
    conn.one(facts::table.find(name.to_owned()).select(facts::value))
}

/// Writes a fact down unless it is known; answers what is known afterwards.
pub fn settle(conn: &mut Conn, name: &str, value: &str) -> Result<String, Fault> {
    conn.execute(diesel::insert_into(facts::table).values((facts::name.eq(name), facts::value.eq(value))).on_conflict_do_nothing())?;
    Ok(get(conn, name)?.unwrap_or_default())
}

/// Writes a fact in place of what was known; `false` where something else is known by now.
pub fn replace(conn: &mut Conn, name: &str, before: Option<&str>, value: &str) -> Result<bool, Fault> {
    let written = match before {
        None => {
            let new = (facts::name.eq(name), facts::value.eq(value));
            conn.execute(diesel::insert_into(facts::table).values(new).on_conflict_do_nothing())?
        }
        Some(before) => {
            let same = facts::table.find(name.to_owned()).filter(facts::value.eq(before));
            conn.execute(diesel::update(same).set(facts::value.eq(value)))?
        }
    };
    Ok(written == 1)
}

/// Forgets a fact.
pub fn forget(conn: &mut Conn, name: &str) -> Result<(), Fault> {
    conn.execute(diesel::delete(facts::table.find(name.to_owned())))?;
    Ok(())
}

/// The sealed MAC keys of handles, oldest first.
pub fn mac_keys(conn: &mut Conn) -> Result<Vec<(i64, String)>, Fault> {
    conn.all(mac_keys::table.select((mac_keys::version, mac_keys::sealed)).order(mac_keys::version))
}

/// Adds a sealed MAC key unless its version is taken.
pub fn add_mac_key(conn: &mut Conn, version: i64, sealed: &str, now: Timestamp) -> Result<bool, Fault> {
    let row = (mac_keys::version.eq(version), mac_keys::sealed.eq(sealed), mac_keys::created_at.eq(now.0));
    Ok(conn.execute(diesel::insert_into(mac_keys::table).values(row).on_conflict_do_nothing())? == 1)
}
