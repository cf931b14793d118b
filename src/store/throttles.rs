//! Counters of guesses, shared by all nodes.

use diesel::prelude::*;

use crate::base::{Fault, Seconds, Timestamp};
use crate::identity::throttle::{Count, Rule, admit};

use super::conn::Conn;
use super::schema::throttles;

/// How long a counter is kept after its last use.
const REMEMBERED: Seconds = Seconds::days(2);
/// How often a lost race is tried again before the caller is told to come back.
const TRIES: usize = 16;

/// Counts one more guess in `bucket`, or says until when none is taken.
///
/// The count is raised where it still is what was read, so that parallel guesses are all counted on both engines.
pub fn count(conn: &mut Conn, rule: Rule, bucket: &str, now: Timestamp) -> Result<Result<(), Timestamp>, Fault> {
    for _ in 0..TRIES {
        let held: Option<(i64, i64, i64)> =
            conn.one(throttles::table.find(bucket).select((throttles::attempts, throttles::last_at, throttles::blocked_until)))?;
        let before = held.map_or_else(Count::default, |(attempts, last_at, blocked_until)| Count { attempts, last_at, blocked_until });
        let after = match admit(rule, before, now) {
            Ok(after) => after,
            Err(until) => return Ok(Err(until)),
        };
        let set = (
            throttles::attempts.eq(after.attempts),
            throttles::last_at.eq(after.last_at),
            throttles::blocked_until.eq(after.blocked_until),
            throttles::sweep_at.eq((now + REMEMBERED).0),
        );
        let won = if held.is_none() {
            conn.execute(diesel::insert_into(throttles::table).values((throttles::bucket.eq(bucket), set)).on_conflict_do_nothing())? == 1
        } else {
            let unchanged = diesel::update(throttles::table.find(bucket))
                .filter(throttles::attempts.eq(before.attempts))
                .filter(throttles::last_at.eq(before.last_at));
            conn.changed(unchanged.set(set).returning(throttles::attempts))?
        };
        if won {
            return Ok(Ok(()));
        }
    }
    Err(Fault::unavailable("a counter is contended"))
}

/// Whether this is the first time that `bucket` comes; remembered as long as any counter.
pub fn first(conn: &mut Conn, bucket: &str, now: Timestamp) -> Result<bool, Fault> {
    let row = (
        throttles::bucket.eq(bucket),
        throttles::attempts.eq(1_i64),
        throttles::last_at.eq(now.0),
        throttles::blocked_until.eq(0_i64),
        throttles::sweep_at.eq((now + REMEMBERED).0),
    );
    Ok(conn.execute(diesel::insert_into(throttles::table).values(row).on_conflict_do_nothing())? == 1)
}

/// Forgets a bucket, after its own person succeeded.
pub fn clear(conn: &mut Conn, bucket: &str) -> Result<(), Fault> {
    conn.execute(diesel::delete(throttles::table.find(bucket)))?;
    Ok(())
}
