//! What staff only look at: the audit, the outbox, and how many of everything there are.

use crate::base::Fault;
use crate::platform::approval::Place;
use crate::platform::enrolment::State;
use crate::platform::reach::Reach;
use crate::platform::registration;
use crate::platform::wish::Enrolment;
use crate::store::audit::{self, Entry};
use crate::store::outbox::{self, Line};
use crate::store::{Conn, account_lists, developers, enrolments, key_lists, plans};

use super::enter::Guest;
use super::names::Names;

/// Lines of the audit before the line `before`, newest first, see [`audit::search`]; and whom and what they mention.
pub fn lines(conn: &mut Conn, wanted: &str, event: &str, before: Option<i64>, limit: i64) -> Result<(Vec<Entry>, Names), Fault> {
    let lines = audit::search(conn, wanted, event, before, limit)?;
    let names = Names::of(conn, &lines)?;
    Ok((lines, names))
}

/// How a letter may stand.
pub const LETTERS: [&str; 3] = outbox::STATES;

/// Letters before the row `before`, newest first; see [`outbox::page`]. Never their text.
pub fn letters(conn: &mut Conn, part: &str, state: Option<&str>, before: Option<i64>, limit: i64) -> Result<Vec<Line>, Fault> {
    outbox::page(conn, part, state, before, limit)
}

/// Enrolments in the plans of the MLS whose staff this is, newest first, before the row `before`.
pub fn enrolments(
    conn: &mut Conn,
    guest: &Guest,
    states: &[State],
    part: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<(Enrolment, String, String)>, Fault> {
    let mut found = Vec::new();
    for enrolment in enrolments::of_mls(conn, &guest.account.mls_id, states, part, before, limit)? {
        let plan = plans::get(conn, enrolment.plan_id)?.map(|plan| plan.content.name).unwrap_or_default();
        let company = developers::get(conn, enrolment.developer_id)?.map(|(developer, _)| developer.facts.company).unwrap_or_default();
        found.push((enrolment, plan, company));
    }
    Ok(found)
}

/// An enrolment in one of the plans of the MLS whose staff this is.
pub fn enrolment(conn: &mut Conn, guest: &Guest, id: crate::base::id::EnrolmentId) -> Result<Option<Enrolment>, Fault> {
    Ok(enrolments::get(conn, id)?.filter(|found| found.mls_id == guest.account.mls_id))
}

/// How many of everything an MLS has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfMls {
    /// Enrolments that wait for its staff.
    pub waiting: i64,
    /// Keys that work.
    pub working: i64,
    /// Keys that are suspended.
    pub suspended: i64,
    /// People and offices.
    pub people: i64,
}

/// How many of everything the MLS has whose staff this is.
pub fn of_mls(conn: &mut Conn, guest: &Guest) -> Result<OfMls, Fault> {
    let reach = Reach::Mls(guest.account.mls_id.clone());
    let (working, suspended) = key_lists::counts(conn, &reach)?;
    Ok(OfMls {
        waiting: enrolments::count(conn, &guest.account.mls_id, State::Awaiting(Place::Association))?,
        working,
        suspended,
        people: account_lists::count(conn, &reach)?,
    })
}

/// How many of everything the platform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfPlatform {
    /// Registrations that wait for its staff.
    pub waiting: i64,
    /// Keys that work.
    pub working: i64,
    /// Keys that are suspended.
    pub suspended: i64,
    /// People and offices.
    pub people: i64,
    /// Letters that could not be sent.
    pub parked: i64,
}

/// How many of everything the platform has.
pub fn of_platform(conn: &mut Conn) -> Result<OfPlatform, Fault> {
    let (working, suspended) = key_lists::counts(conn, &Reach::Everything)?;
    let parked = outbox::counts(conn)?.into_iter().find(|(state, _)| state == "parked").map_or(0, |(_, count)| count);
    Ok(OfPlatform {
        waiting: developers::count(conn, registration::State::Verified)?,
        working,
        suspended,
        people: account_lists::count(conn, &Reach::Everything)?,
        parked,
    })
}
