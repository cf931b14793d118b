//! The signing keys' rows; private halves are sealed under the master secret before they come here.

use diesel::prelude::*;

use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::signing_keys;

/// A signing key's row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct Row {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// RS256, ES256 or EdDSA.
    pub algorithm: String,
    /// The private half, sealed.
    pub sealed_private: String,
    /// The public half, as a JWK.
    pub public_jwk: String,
    /// When it was first published. Units here and below: milliseconds since 1970.
    pub published_at: i64,
    /// From when on it signs.
    pub active_from: i64,
    /// Until when it signs.
    pub signs_until: Option<i64>,
    /// When it was withdrawn at once.
    pub withdrawn_at: Option<i64>,
}

/// Every key, oldest first.
pub fn all(conn: &mut Conn) -> Result<Vec<Row>, Fault> {
    conn.all(signing_keys::table.order((signing_keys::published_at, signing_keys::kid)))
}

/// Adds a key.
pub fn add(conn: &mut Conn, row: &Row) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(signing_keys::table).values(row.clone()).on_conflict_do_nothing())?;
    Ok(())
}

/// Sets until when a key signs.
pub fn retire(conn: &mut Conn, kid: &str, at: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::update(signing_keys::table.find(kid.to_owned())).filter(signing_keys::signs_until.is_null()).set(signing_keys::signs_until.eq(at.0)))?;
    Ok(())
}

/// Forgets a key whose last token is dead.
pub fn remove(conn: &mut Conn, kid: &str) -> Result<(), Fault> {
    conn.execute(diesel::delete(signing_keys::table.find(kid.to_owned())))?;
    Ok(())
}
