//! MLSs: a name and a face.

use diesel::prelude::*;

use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::mlses;

/// An MLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mls {
    /// The platform's 26 digits.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// File under `static/`.
    pub logo: Option<String>,
    /// One of the stylesheet's accents.
    pub accent: Option<String>,
    /// Where its people find help.
    pub support: Option<String>,
}

type Row = (String, String, String, Option<String>, Option<String>, Option<String>, i64, bool);

fn read((id, name, time_zone, logo, accent, support, _, _): Row) -> Result<Mls, Fault> {
    Ok(Mls { id: id.parse().map_err(Fault::broken)?, name, time_zone, logo, accent, support })
}

/// Adds an MLS; `false` where its name is taken.
pub fn add(conn: &mut Conn, mls: &Mls, now: Timestamp) -> Result<bool, Fault> {
    let added = conn.execute(
        diesel::insert_into(mlses::table)
            .values((
                mlses::id.eq(mls.id.as_str()),
                mlses::name.eq(&mls.name),
                mlses::time_zone.eq(&mls.time_zone),
                mlses::logo.eq(&mls.logo),
                mlses::accent.eq(&mls.accent),
                mlses::support.eq(&mls.support),
                mlses::created_at.eq(now.0),
            ))
            .on_conflict_do_nothing(),
    )?;
    Ok(added == 1)
}

/// Adds an invented MLS, to which sample data belongs.
pub fn add_sample(conn: &mut Conn, mls: &Mls, now: Timestamp) -> Result<(), Fault> {
    add(conn, mls, now)?;
    conn.execute(diesel::update(mlses::table.find(mls.id.as_str())).set(mlses::sample.eq(true)))?;
    Ok(())
}

/// The MLS of that name.
pub fn named(conn: &mut Conn, name: &str) -> Result<Option<Mls>, Fault> {
    conn.one::<Row>(mlses::table.filter(mlses::name.eq(name)))?.map(read).transpose()
}

/// The MLS of that id.
pub fn get(conn: &mut Conn, id: &AccountId) -> Result<Option<Mls>, Fault> {
    conn.one::<Row>(mlses::table.find(id.as_str()))?.map(read).transpose()
}

/// Every MLS that is not invented, by name.
pub fn all(conn: &mut Conn) -> Result<Vec<Mls>, Fault> {
    conn.all::<Row>(mlses::table.filter(mlses::sample.eq(false)).order(mlses::name))?.into_iter().map(read).collect()
}
