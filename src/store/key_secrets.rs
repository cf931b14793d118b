//! Secrets of keys as the Keys API lists them: never their values, of which only digests are kept.

use diesel::prelude::*;

use crate::base::id::{KeyId, KeySecretId};
use crate::base::{Fault, Seconds, Timestamp};

use super::conn::Conn;
use super::schema::key_secrets;

/// How long a secret that is over is still listed.
const REMEMBERED: Seconds = Seconds::days(30);

/// A secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySecret {
    /// Its row.
    pub id: KeySecretId,
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to be accepted.
    pub expires_at: Option<Timestamp>,
    /// The last day it was used.
    pub last_used_on: Option<String>,
}

impl KeySecret {
    /// Whether it is accepted.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

type Row = (i64, String, i64, Option<i64>, Option<String>);

fn read((id, name, created_at, expires_at, last_used_on): Row) -> KeySecret {
    KeySecret { id: KeySecretId(id), name, created_at: Timestamp(created_at), expires_at: expires_at.map(Timestamp), last_used_on }
}

macro_rules! columns {
    () => {
        (key_secrets::id, key_secrets::name, key_secrets::created_at, key_secrets::expires_at, key_secrets::last_used_on)
    };
}

/// The secrets of a key, oldest first.
pub fn of_key(conn: &mut Conn, key: KeyId) -> Result<Vec<KeySecret>, Fault> {
    let query = key_secrets::table.filter(key_secrets::key_id.eq(key.0)).order((key_secrets::created_at, key_secrets::id));
    Ok(conn.all::<Row>(query.select(columns!()))?.into_iter().map(read).collect())
}

/// That secret of that key.
pub fn get(conn: &mut Conn, key: KeyId, id: KeySecretId) -> Result<Option<KeySecret>, Fault> {
    let query = key_secrets::table.find(id.0).filter(key_secrets::key_id.eq(key.0));
    Ok(conn.one::<Row>(query.select(columns!()))?.map(read))
}

/// Gives a secret another name and another end.
pub fn set(conn: &mut Conn, key: KeyId, secret: &KeySecret) -> Result<(), Fault> {
    let row = key_secrets::table.find(secret.id.0).filter(key_secrets::key_id.eq(key.0));
    let set = (key_secrets::name.eq(&secret.name), key_secrets::expires_at.eq(secret.expires_at.map(|at| at.0)));
    conn.execute(diesel::update(row).set(set)).map(drop)
}

/// Removes a secret; `false` where the key has none such.
pub fn remove(conn: &mut Conn, key: KeyId, id: KeySecretId) -> Result<bool, Fault> {
    Ok(conn.execute(diesel::delete(key_secrets::table.find(id.0).filter(key_secrets::key_id.eq(key.0))))? == 1)
}

/// Forgets secrets of a key that were over long ago.
pub fn forget(conn: &mut Conn, key: KeyId, now: Timestamp) -> Result<(), Fault> {
    let old = key_secrets::table.filter(key_secrets::key_id.eq(key.0)).filter(key_secrets::expires_at.le((now - REMEMBERED).0));
    conn.execute(diesel::delete(old)).map(drop)
}
