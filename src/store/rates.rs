//! How much of its window a key has taken, counted for all nodes together.

use diesel::prelude::*;

use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::rate_windows;

/// How often a lost race is tried again before the caller is told to come back.
const TRIES: usize = 16;

/// Takes a share of `bucket`'s window that began at `began` and ends at `ends`; `share` says how much, given what was taken before.
/// Answers how much it was, and what all have taken now. A window that another node's clock has already left gives what is left of
/// the later one.
pub fn take(conn: &mut Conn, bucket: &str, (began, ends): (Timestamp, Timestamp), share: impl Fn(i64) -> i64) -> Result<(i64, i64), Fault> {
    for _ in 0..TRIES {
        let held: Option<(i64, i64)> = conn.one(rate_windows::table.find(bucket).select((rate_windows::began_at, rate_windows::taken)))?;
        let current = held.filter(|(at, _)| *at >= began.0);
        let before = current.map_or(0, |(_, taken)| taken);
        let mine = share(before);
        if mine == 0 {
            return Ok((0, before));
        }
        let set = (
            rate_windows::began_at.eq(current.map_or(began.0, |(at, _)| at)),
            rate_windows::taken.eq(before + mine),
            rate_windows::sweep_at.eq(ends.0),
        );
        let won = match held {
            None => {
                conn.execute(
                    diesel::insert_into(rate_windows::table).values((rate_windows::bucket.eq(bucket), set)).on_conflict_do_nothing(),
                )? == 1
            }
            Some((at, taken)) => {
                let unchanged = diesel::update(rate_windows::table.find(bucket))
                    .filter(rate_windows::began_at.eq(at))
                    .filter(rate_windows::taken.eq(taken));
                conn.changed(unchanged.set(set).returning(rate_windows::taken))?
            }
        };
        if won {
            return Ok((mine, before + mine));
        }
    }
    Err(Fault::unavailable("a rate window is contended"))
}
