//! Browser sessions of developers: a table of their own, so that none ever passes for an account's.

use diesel::prelude::*;

use crate::base::id::{DeveloperId, DeveloperSessionId};
use crate::base::{Digest, Fault, Seconds, Timestamp};

use super::conn::Conn;
use super::schema::developer_sessions;
use super::sessions::Origin;

/// How long an ended session is remembered.
const REMEMBERED: Seconds = Seconds::days(30);

/// A session of a developer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeveloperSession {
    /// Its row.
    pub id: DeveloperSessionId,
    /// Whose it is.
    pub developer_id: DeveloperId,
    /// When the password was given.
    pub auth_time: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it is over however much it is used.
    pub ends_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Where it was opened.
    pub peer: Option<String>,
    /// In which browser.
    pub user_agent: String,
}

impl DeveloperSession {
    /// Whether it is still good.
    pub fn alive(&self, idle: Seconds, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at && now.0 - self.seen_at.0 < idle.0 * 1000
    }
}

type Row = (i64, String, i64, i64, i64, i64, Option<i64>, Option<String>, String, i64);

fn read((id, _, developer_id, auth_time, seen_at, ends_at, ended_at, peer, user_agent, _): Row) -> DeveloperSession {
    DeveloperSession {
        id: DeveloperSessionId(id),
        developer_id: DeveloperId(developer_id),
        auth_time: Timestamp(auth_time),
        seen_at: Timestamp(seen_at),
        ends_at: Timestamp(ends_at),
        ended_at: ended_at.map(Timestamp),
        peer,
        user_agent,
    }
}

/// Starts a session.
pub fn start(conn: &mut Conn, session: &DeveloperSession, digest: &Digest, origin: &Origin) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(developer_sessions::table).values((
        developer_sessions::id.eq(session.id.0),
        developer_sessions::digest.eq(digest.hex()),
        developer_sessions::developer_id.eq(session.developer_id.0),
        developer_sessions::auth_time.eq(session.auth_time.0),
        developer_sessions::seen_at.eq(session.seen_at.0),
        developer_sessions::ends_at.eq(session.ends_at.0),
        developer_sessions::peer.eq(&origin.peer),
        developer_sessions::user_agent.eq(&origin.user_agent),
        developer_sessions::sweep_at.eq((session.ends_at + REMEMBERED).0),
    )))?;
    Ok(())
}

/// The session of a cookie, if its secret fits; whether it is alive is the caller's question.
pub fn get(conn: &mut Conn, id: DeveloperSessionId, secret: &Digest) -> Result<Option<DeveloperSession>, Fault> {
    let Some(row) = conn.one::<Row>(developer_sessions::table.find(id.0))? else { return Ok(None) };
    let fits = Digest::from_hex(&row.1).is_some_and(|stored| stored.matches(secret));
    Ok(fits.then(|| read(row)))
}

/// Notes that a session was used; the caller asks at most once a minute.
pub fn seen(conn: &mut Conn, id: DeveloperSessionId, now: Timestamp) -> Result<(), Fault> {
    let earlier = diesel::update(developer_sessions::table.find(id.0)).filter(developer_sessions::seen_at.lt(now.0));
    conn.changed(earlier.set(developer_sessions::seen_at.eq(now.0)).returning(developer_sessions::id))?;
    Ok(())
}

/// Ends a session; `false` where it was over.
pub fn end(conn: &mut Conn, id: DeveloperSessionId, now: Timestamp) -> Result<bool, Fault> {
    let living = diesel::update(developer_sessions::table.find(id.0)).filter(developer_sessions::ended_at.is_null());
    conn.changed(living.set(developer_sessions::ended_at.eq(now.0)).returning(developer_sessions::id))
}

/// A session whose developer gave the password again: a new moment, and a new secret in the cookie. `false` where it is over.
pub fn renew(conn: &mut Conn, id: DeveloperSessionId, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
    let living = diesel::update(developer_sessions::table.find(id.0)).filter(developer_sessions::ended_at.is_null());
    let set = (developer_sessions::digest.eq(digest.hex()), developer_sessions::auth_time.eq(now.0), developer_sessions::seen_at.eq(now.0));
    conn.changed(living.set(set).returning(developer_sessions::id))
}

/// Ends one session of a developer; `false` where it is over or somebody else's.
pub fn end_of(conn: &mut Conn, developer: DeveloperId, id: DeveloperSessionId, now: Timestamp) -> Result<bool, Fault> {
    let living = developer_sessions::table
        .find(id.0)
        .filter(developer_sessions::developer_id.eq(developer.0))
        .filter(developer_sessions::ended_at.is_null());
    Ok(conn.execute(diesel::update(living).set(developer_sessions::ended_at.eq(now.0)))? == 1)
}

/// Ends every session of a developer but `kept`.
pub fn end_all(conn: &mut Conn, developer: DeveloperId, kept: Option<DeveloperSessionId>, now: Timestamp) -> Result<usize, Fault> {
    let living = developer_sessions::table
        .filter(developer_sessions::developer_id.eq(developer.0))
        .filter(developer_sessions::id.ne(kept.map_or(0, |id| id.0)))
        .filter(developer_sessions::ended_at.is_null());
    conn.execute(diesel::update(living).set(developer_sessions::ended_at.eq(now.0)))
}

/// The newest `limit` sessions of a developer.
pub fn of_developer(conn: &mut Conn, developer: DeveloperId, limit: i64) -> Result<Vec<DeveloperSession>, Fault> {
    let rows: Vec<Row> = conn.all(
        developer_sessions::table
            .filter(developer_sessions::developer_id.eq(developer.0))
            .order(developer_sessions::id.desc())
            .limit(limit),
    )?;
    Ok(rows.into_iter().map(read).collect())
}
