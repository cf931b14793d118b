//! Links in letters: one-time, for one purpose and subject, sent to one address. Only the digest of a link's secret is kept.

use diesel::prelude::*;

use crate::base::id::LinkId;
use crate::base::{Digest, Fault, Seconds, Timestamp};

use super::conn::Conn;
use super::schema::links;

/// How long a link is remembered after its time, so that one that was used is told from one that never was.
const REMEMBERED: Seconds = Seconds::days(30);

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Link {
    id: i64,
    /// What it is for.
    pub purpose: String,
    digest: String,
    /// Whom or what it is about: a row of the purpose's own table.
    pub subject: String,
    /// Where it was sent.
    pub address: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    /// What else it is tied to; the purpose's own business.
    pub detail: String,
    sweep_at: i64,
}

impl Link {
    /// Its row.
    pub fn id(&self) -> LinkId {
        LinkId(self.id)
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        Timestamp(self.created_at)
    }

    /// When it stops to work.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.expires_at)
    }

    /// Whether it still works: neither used nor over.
    pub fn works(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now.0 < self.expires_at
    }
}

/// A link to be written down.
pub struct NewLink<'a> {
    /// Its row.
    pub id: LinkId,
    /// What it is for.
    pub purpose: &'a str,
    /// The digest of its secret.
    pub digest: &'a Digest,
    /// Whom or what it is about.
    pub subject: &'a str,
    /// Where it is sent.
    pub address: &'a str,
    /// When it stops to work.
    pub expires_at: Timestamp,
    /// What else it is tied to.
    pub detail: &'a str,
}

/// Writes a link down.
pub fn put(conn: &mut Conn, new: &NewLink<'_>, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(links::table).values((
        links::id.eq(new.id.0),
        links::purpose.eq(new.purpose),
        links::digest.eq(new.digest.hex()),
        links::subject.eq(new.subject),
        links::address.eq(new.address),
        links::created_at.eq(now.0),
        links::expires_at.eq(new.expires_at.0),
        links::detail.eq(new.detail),
        links::sweep_at.eq((new.expires_at + REMEMBERED).0),
    )))?;
    Ok(())
}

/// The link with that secret, if it was made for this purpose; whether it works is the caller's question.
pub fn find(conn: &mut Conn, purpose: &str, digest: &Digest) -> Result<Option<Link>, Fault> {
    conn.one(links::table.filter(links::purpose.eq(purpose)).filter(links::digest.eq(digest.hex())))
}

/// The link of that row; whether it works, and for what, is the caller's question.
pub fn get(conn: &mut Conn, id: LinkId) -> Result<Option<Link>, Fault> {
    conn.one(links::table.find(id.0))
}

/// Uses a link up; `false` where it was used before or is over. Of two who try at once one succeeds.
pub fn use_up(conn: &mut Conn, id: LinkId, now: Timestamp) -> Result<bool, Fault> {
    let fresh = links::table.find(id.0).filter(links::used_at.is_null()).filter(links::expires_at.gt(now.0));
    Ok(conn.execute(diesel::update(fresh).set(links::used_at.eq(now.0)))? == 1)
}

/// Every link of this purpose about `subject` works no more; answers how many did until now.
pub fn void(conn: &mut Conn, purpose: &str, subject: &str, now: Timestamp) -> Result<usize, Fault> {
    let fresh = links::table.filter(links::purpose.eq(purpose)).filter(links::subject.eq(subject)).filter(links::used_at.is_null());
    conn.execute(diesel::update(fresh).set(links::used_at.eq(now.0)))
}

/// Every link of this purpose that is tied to `detail` works no more.
pub fn void_detail(conn: &mut Conn, purpose: &str, detail: &str, now: Timestamp) -> Result<usize, Fault> {
    let fresh = links::table.filter(links::purpose.eq(purpose)).filter(links::detail.eq(detail)).filter(links::used_at.is_null());
    conn.execute(diesel::update(fresh).set(links::used_at.eq(now.0)))
}

/// How many links of this purpose were made about `subject` since then.
pub fn made_since(conn: &mut Conn, purpose: &str, subject: &str, since: Timestamp) -> Result<i64, Fault> {
    let recent = links::table.filter(links::purpose.eq(purpose)).filter(links::subject.eq(subject)).filter(links::created_at.gt(since.0));
    Ok(conn.one(recent.count())?.unwrap_or_default())
}
