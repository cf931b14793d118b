//! Web domains of keys.

use diesel::prelude::*;

use crate::base::id::{DomainId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::domain::{DOMAINS, Domain};
use crate::platform::query::{Page, Query};

use super::conn::Conn;
use super::listing::page_of;
use super::schema::domains;

type Row = (i64, i64, String, i64, i64);

fn read((id, key_id, uri, created_at, modified_at): Row) -> Domain {
    Domain { id: DomainId(id), key_id: KeyId(key_id), uri, created_at: Timestamp(created_at), modified_at: Timestamp(modified_at) }
}

/// The domains of a key that were asked for.
pub fn page(conn: &mut Conn, key: KeyId, query: &Query) -> Result<Page<Domain>, Fault> {
    Ok(page_of!(conn, &DOMAINS, query, domains::table.filter(domains::key_id.eq(key.0)), Row)?.map(read))
}

/// That domain of that key.
pub fn get(conn: &mut Conn, key: KeyId, id: DomainId) -> Result<Option<Domain>, Fault> {
    Ok(conn.one::<Row>(domains::table.find(id.0).filter(domains::key_id.eq(key.0)))?.map(read))
}

/// Which domain of a key has that address.
pub fn with_uri(conn: &mut Conn, key: KeyId, uri: &str) -> Result<Option<Domain>, Fault> {
    Ok(conn.one::<Row>(domains::table.filter(domains::key_id.eq(key.0)).filter(domains::uri.eq(uri)))?.map(read))
}

/// How many domains a key has.
pub fn count(conn: &mut Conn, key: KeyId) -> Result<i64, Fault> {
    Ok(conn.one::<i64>(domains::table.filter(domains::key_id.eq(key.0)).count())?.unwrap_or_default())
}

/// Adds a domain.
pub fn add(conn: &mut Conn, domain: &Domain) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(domains::table).values((
        domains::id.eq(domain.id.0),
        domains::key_id.eq(domain.key_id.0),
        domains::uri.eq(&domain.uri),
        domains::created_at.eq(domain.created_at.0),
        domains::modified_at.eq(domain.modified_at.0),
    )))?;
    Ok(())
}

/// Gives a domain of a key another address; `false` where it has no such domain.
pub fn set_uri(conn: &mut Conn, key: KeyId, id: DomainId, uri: &str, now: Timestamp) -> Result<bool, Fault> {
    let row = domains::table.find(id.0).filter(domains::key_id.eq(key.0));
    Ok(conn.execute(diesel::update(row).set((domains::uri.eq(uri), domains::modified_at.eq(now.0))))? == 1)
}

/// Removes a domain of a key; `false` where it has no such domain.
pub fn remove(conn: &mut Conn, key: KeyId, id: DomainId) -> Result<bool, Fault> {
    Ok(conn.execute(diesel::delete(domains::table.find(id.0).filter(domains::key_id.eq(key.0))))? == 1)
}
