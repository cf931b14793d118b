//! Browser sessions of accounts. A row holds the digest of the cookie's secret, never the secret.

use diesel::prelude::*;

use crate::base::id::{AccountId, SessionId};
use crate::base::{Digest, Fault, Seconds, Timestamp};
use crate::identity::session::Session;

use super::conn::Conn;
use super::schema::sessions;

/// How long an ended session is remembered.
const REMEMBERED: Seconds = Seconds::days(30);

#[derive(Queryable)]
struct Row {
    id: i64,
    digest: String,
    account_id: String,
    auth_time: i64,
    seen_at: i64,
    ends_at: i64,
    ended_at: Option<i64>,
    peer: Option<String>,
    user_agent: String,
    #[expect(dead_code, reason = "read with the row, used by the sweeper")]
    sweep_at: i64,
}

impl Row {
    fn read(self) -> Result<(Session, Origin), Fault> {
        let session = Session {
            id: SessionId(self.id),
            account_id: self.account_id.parse().map_err(Fault::broken)?,
            auth_time: Timestamp(self.auth_time),
            seen_at: Timestamp(self.seen_at),
            ends_at: Timestamp(self.ends_at),
            ended_at: self.ended_at.map(Timestamp),
        };
        Ok((session, Origin { peer: self.peer, user_agent: self.user_agent }))
    }
}

/// Where a session comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The peer address.
    pub peer: Option<String>,
    /// The browser, cut to 256 characters.
    pub user_agent: String,
}

/// Starts a session.
pub fn start(conn: &mut Conn, session: &Session, digest: &Digest, origin: &Origin) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(sessions::table).values((
        sessions::id.eq(session.id.0),
        sessions::digest.eq(digest.hex()),
        sessions::account_id.eq(session.account_id.as_str()),
        sessions::auth_time.eq(session.auth_time.0),
        sessions::seen_at.eq(session.seen_at.0),
        sessions::ends_at.eq(session.ends_at.0),
        sessions::peer.eq(&origin.peer),
        sessions::user_agent.eq(&origin.user_agent),
        sessions::sweep_at.eq((session.ends_at + REMEMBERED).0),
    )))?;
    Ok(())
}

/// The session of a cookie, if its secret fits; whether it is alive is the caller's question.
pub fn get(conn: &mut Conn, id: SessionId, secret: &Digest) -> Result<Option<Session>, Fault> {
    let Some(row) = conn.one::<Row>(sessions::table.find(id.0))? else { return Ok(None) };
    if !Digest::from_hex(&row.digest).is_some_and(|stored| stored.matches(secret)) {
        return Ok(None);
    }
    Ok(Some(row.read()?.0))
}

/// The newest `limit` sessions of an account that were not ended, newest first; whether they are alive is the caller's question.
pub fn of_account(conn: &mut Conn, account: &AccountId, limit: i64) -> Result<Vec<(Session, Origin)>, Fault> {
    let rows: Vec<Row> = conn.all(
        sessions::table
            .filter(sessions::account_id.eq(account.as_str()))
            .filter(sessions::ended_at.is_null())
            .order(sessions::id.desc())
            .limit(limit),
    )?;
    rows.into_iter().map(Row::read).collect()
}

/// A session whose person gave the password again: a new moment, and a new secret in the cookie. `false` where it is over.
pub fn renew(conn: &mut Conn, id: SessionId, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
    let living = diesel::update(sessions::table.find(id.0)).filter(sessions::ended_at.is_null());
    let set = (sessions::digest.eq(digest.hex()), sessions::auth_time.eq(now.0), sessions::seen_at.eq(now.0));
    conn.changed(living.set(set).returning(sessions::id))
}

/// Ends one session of an account; `false` where it is over or somebody else's.
pub fn end_of(conn: &mut Conn, account: &AccountId, id: SessionId, now: Timestamp) -> Result<bool, Fault> {
    let living =
        diesel::update(sessions::table.find(id.0)).filter(sessions::account_id.eq(account.as_str())).filter(sessions::ended_at.is_null());
    Ok(conn.execute(living.set(sessions::ended_at.eq(now.0)))? == 1)
}

/// Whether that session was neither ended nor swept.
pub fn not_ended(conn: &mut Conn, id: SessionId) -> Result<bool, Fault> {
    Ok(conn.one::<Option<i64>>(sessions::table.find(id.0).select(sessions::ended_at))?.is_some_and(|ended| ended.is_none()))
}

/// Notes that a session was used; the caller asks at most once a minute.
pub fn seen(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<(), Fault> {
    let earlier = diesel::update(sessions::table.find(id.0)).filter(sessions::seen_at.lt(now.0));
    conn.changed(earlier.set(sessions::seen_at.eq(now.0)).returning(sessions::id))?;
    Ok(())
}

/// Ends a session; `false` where it was over.
pub fn end(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<bool, Fault> {
    let living = diesel::update(sessions::table.find(id.0)).filter(sessions::ended_at.is_null());
    conn.changed(living.set(sessions::ended_at.eq(now.0)).returning(sessions::id))
}

/// Ends every session of an account but `kept`.
pub fn end_all(conn: &mut Conn, account: &AccountId, kept: Option<SessionId>, now: Timestamp) -> Result<usize, Fault> {
    let kept = kept.map_or(0, |id| id.0);
    conn.execute(
        diesel::update(
            sessions::table
                .filter(sessions::account_id.eq(account.as_str()))
                .filter(sessions::id.ne(kept))
                .filter(sessions::ended_at.is_null()),
        )
        .set(sessions::ended_at.eq(now.0)),
    )
}
