//! Browser sessions of consumers: a table of their own, so that none ever passes for an account's.

use diesel::prelude::*;

use crate::base::id::{ConsumerId, ConsumerSessionId};
use crate::base::{Digest, Fault, Seconds, Timestamp};
use crate::identity::consumer::ConsumerSession;

use super::conn::Conn;
use super::schema::consumer_sessions;

/// How long an ended session is remembered.
const REMEMBERED: Seconds = Seconds::days(30);

type Row = (i64, String, String, i64, i64, i64, Option<i64>, Option<String>, String, i64);

fn read((id, _, consumer_id, auth_time, seen_at, ends_at, ended_at, peer, user_agent, _): Row) -> Result<ConsumerSession, Fault> {
    Ok(ConsumerSession {
        id: ConsumerSessionId(id),
        consumer_id: consumer_id.parse().map_err(Fault::broken)?,
        auth_time: Timestamp(auth_time),
        seen_at: Timestamp(seen_at),
        ends_at: Timestamp(ends_at),
        ended_at: ended_at.map(Timestamp),
        peer,
        user_agent,
    })
}

/// Starts a session.
pub fn start(conn: &mut Conn, session: &ConsumerSession, digest: &Digest) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(consumer_sessions::table).values((
        consumer_sessions::id.eq(session.id.0),
        consumer_sessions::digest.eq(digest.hex()),
        consumer_sessions::consumer_id.eq(session.consumer_id.as_str()),
        consumer_sessions::auth_time.eq(session.auth_time.0),
        consumer_sessions::seen_at.eq(session.seen_at.0),
        consumer_sessions::ends_at.eq(session.ends_at.0),
        consumer_sessions::peer.eq(&session.peer),
        consumer_sessions::user_agent.eq(&session.user_agent),
        consumer_sessions::sweep_at.eq((session.ends_at + REMEMBERED).0),
    )))?;
    Ok(())
}

/// The session of a cookie, if its secret fits; whether it is alive is the caller's question.
pub fn get(conn: &mut Conn, id: ConsumerSessionId, secret: &Digest) -> Result<Option<ConsumerSession>, Fault> {
    let Some(row) = conn.one::<Row>(consumer_sessions::table.find(id.0))? else { return Ok(None) };
    let fits = Digest::from_hex(&row.1).is_some_and(|stored| stored.matches(secret));
    fits.then(|| read(row)).transpose()
}

/// Whether that session was neither ended nor swept.
pub fn not_ended(conn: &mut Conn, id: ConsumerSessionId) -> Result<bool, Fault> {
    let ended = consumer_sessions::table.find(id.0).select(consumer_sessions::ended_at);
    Ok(conn.one::<Option<i64>>(ended)?.is_some_and(|ended| ended.is_none()))
}

/// Notes that a session was used; the caller asks at most once a minute.
pub fn seen(conn: &mut Conn, id: ConsumerSessionId, now: Timestamp) -> Result<(), Fault> {
    let earlier = diesel::update(consumer_sessions::table.find(id.0)).filter(consumer_sessions::seen_at.lt(now.0));
    conn.changed(earlier.set(consumer_sessions::seen_at.eq(now.0)).returning(consumer_sessions::id))?;
    Ok(())
}

/// A session whose consumer gave the password again: a new moment, a new end, and a new secret in the cookie. `false` where it is over.
pub fn renew(conn: &mut Conn, id: ConsumerSessionId, digest: &Digest, now: Timestamp, ends_at: Timestamp) -> Result<bool, Fault> {
    let living = diesel::update(consumer_sessions::table.find(id.0)).filter(consumer_sessions::ended_at.is_null());
    let set = (
        consumer_sessions::digest.eq(digest.hex()),
        consumer_sessions::auth_time.eq(now.0),
        consumer_sessions::seen_at.eq(now.0),
        consumer_sessions::ends_at.eq(ends_at.0),
        consumer_sessions::sweep_at.eq((ends_at + REMEMBERED).0),
    );
    conn.changed(living.set(set).returning(consumer_sessions::id))
}

/// Ends one session of a consumer; `false` where it is over or somebody else's.
pub fn end(conn: &mut Conn, consumer: &ConsumerId, id: ConsumerSessionId, now: Timestamp) -> Result<bool, Fault> {
    let living = consumer_sessions::table
        .find(id.0)
        .filter(consumer_sessions::consumer_id.eq(consumer.as_str()))
        .filter(consumer_sessions::ended_at.is_null());
    Ok(conn.execute(diesel::update(living).set(consumer_sessions::ended_at.eq(now.0)))? == 1)
}

/// Ends every session of a consumer but `kept`.
pub fn end_all(conn: &mut Conn, consumer: &ConsumerId, kept: Option<ConsumerSessionId>, now: Timestamp) -> Result<usize, Fault> {
    let living = consumer_sessions::table
        .filter(consumer_sessions::consumer_id.eq(consumer.as_str()))
        .filter(consumer_sessions::id.ne(kept.map_or(0, |id| id.0)))
        .filter(consumer_sessions::ended_at.is_null());
    conn.execute(diesel::update(living).set(consumer_sessions::ended_at.eq(now.0)))
}

/// The newest `limit` sessions of a consumer that were not ended, newest first; whether they are alive is the caller's question.
pub fn of_consumer(conn: &mut Conn, consumer: &ConsumerId, limit: i64) -> Result<Vec<ConsumerSession>, Fault> {
    let living =
        consumer_sessions::table.filter(consumer_sessions::consumer_id.eq(consumer.as_str())).filter(consumer_sessions::ended_at.is_null());
    conn.all::<Row>(living.order(consumer_sessions::id.desc()).limit(limit))?.into_iter().map(read).collect()
}
