//! Enrolments to which something happens by itself, and what the end of a plan does to them and their keys.

use diesel::prelude::*;

use crate::base::id::{EnrolmentId, PlanId};
use crate::base::{Fault, Timestamp};
use crate::platform::enrolment::State;

use super::conn::Conn;
use super::schema::{enrolments, keys};

/// The plan was ended: the keys that came of it are off at once, and everybody who is to be told is due.
pub fn end_of_plan(conn: &mut Conn, plan: PlanId, now: Timestamp) -> Result<(), Fault> {
    let issued = enrolments::table
        .filter(enrolments::plan_id.eq(plan.0))
        .filter(enrolments::state.eq(State::Issued.name()))
        .filter(enrolments::key_id.is_not_null())
        .select(enrolments::key_id.assume_not_null());
    let off = (keys::enabled.eq(false), keys::modified_at.eq(now.0));
    conn.execute(diesel::update(keys::table.filter(keys::id.eq_any(issued))).set(off))?;
    let concerned: Vec<&str> = State::ALL.into_iter().filter(|state| state.is_open() || *state == State::Issued).map(State::name).collect();
    let all = enrolments::table.filter(enrolments::plan_id.eq(plan.0)).filter(enrolments::state.eq_any(concerned));
    conn.execute(diesel::update(all).set(enrolments::next_at.eq(now.0)))?;
    Ok(())
}

/// Nothing more is due to an enrolment by itself; `false` where nothing was.
pub fn rest(conn: &mut Conn, id: EnrolmentId) -> Result<bool, Fault> {
    let due = enrolments::table.find(id.0).filter(enrolments::next_at.is_not_null());
    Ok(conn.execute(diesel::update(due).set(enrolments::next_at.eq(None::<i64>)))? == 1)
}

/// Since when something is due to an enrolment, and which it is: the order in which they go on.
pub type Due = (i64, EnrolmentId);

/// Up to `limit` enrolments behind `after` to which something is due by itself.
pub fn due(conn: &mut Conn, now: Timestamp, after: Due, limit: i64) -> Result<Vec<Due>, Fault> {
    let behind = enrolments::next_at.gt(after.0).or(enrolments::next_at.eq(after.0).and(enrolments::id.gt(after.1.0)));
    let rows: Vec<(i64, i64)> = conn.all(
        enrolments::table
            .filter(enrolments::next_at.le(now.0))
            .filter(behind)
            .order((enrolments::next_at, enrolments::id))
            .select((enrolments::next_at.assume_not_null(), enrolments::id))
            .limit(limit),
    )?;
    Ok(rows.into_iter().map(|(at, id)| (at, EnrolmentId(id))).collect())
}
