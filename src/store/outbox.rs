//! The outbox: letters written with the change they tell of, sent afterwards, at least once.

use diesel::prelude::*;

use crate::base::id::LetterId;
use crate::base::{Fault, Random, Seconds, Timestamp};

use super::conn::Conn;
use super::schema::outbox;
use super::search::{holding, lower};

/// How long one sender has a letter for itself.
const LEASE: Seconds = Seconds(120);
/// How long a letter is kept after it was sent or parked.
const REMEMBERED: Seconds = Seconds::days(30);

/// How a letter may stand.
pub const STATES: [&str; 3] = ["waiting", "sent", "parked"];

/// A letter on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub id: LetterId,
    /// To whom.
    pub recipient: String,
    /// About what.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same with a face.
    pub html: String,
    /// How often it was tried before.
    pub attempts: i64,
}

/// Puts a letter into the outbox.
pub fn put(conn: &mut Conn, letter: &Waiting, now: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::insert_into(outbox::table).values((
        outbox::id.eq(letter.id.0),
        outbox::recipient.eq(&letter.recipient),
        outbox::subject.eq(&letter.subject),
        outbox::text_body.eq(&letter.text),
        outbox::html_body.eq(&letter.html),
        outbox::state.eq("waiting"),
        outbox::attempts.eq(letter.attempts),
        outbox::next_at.eq(now.0),
        outbox::sweep_at.eq((now + Seconds::days(365)).0),
    )))?;
    Ok(())
}

/// Takes the next letter that is due, for this sender alone until the lease is over.
pub fn take(conn: &mut Conn, now: Timestamp) -> Result<Option<Waiting>, Fault> {
    type Row = (i64, String, String, String, String, i64, i64);
    let due = outbox::table
        .filter(outbox::state.eq("waiting"))
        .filter(outbox::next_at.le(now.0))
        .order((outbox::next_at, outbox::id))
        .select((outbox::id, outbox::recipient, outbox::subject, outbox::text_body, outbox::html_body, outbox::attempts, outbox::next_at))
        .limit(1);
    let Some((id, recipient, subject, text, html, attempts, next_at)) = conn.one::<Row>(due)? else { return Ok(None) };
    let untouched = diesel::update(outbox::table.find(id)).filter(outbox::next_at.eq(next_at)).filter(outbox::state.eq("waiting"));
    let won = conn.execute(untouched.set((outbox::next_at.eq((now + LEASE).0), outbox::attempts.eq(attempts + 1))))? == 1;
    Ok(won.then_some(Waiting { id: LetterId(id), recipient, subject, text, html, attempts: attempts + 1 }))
}

/// The letter left; its text is forgotten.
pub fn sent(conn: &mut Conn, id: LetterId, now: Timestamp) -> Result<(), Fault> {
    close(conn, id, "sent", None, now)
}

/// The letter cannot be sent; it stays for the operator to see.
pub fn park(conn: &mut Conn, id: LetterId, problem: &str, now: Timestamp) -> Result<(), Fault> {
    close(conn, id, "parked", Some(problem), now)
}

fn close(conn: &mut Conn, id: LetterId, state: &str, problem: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    let set = (
        outbox::state.eq(state),
        outbox::problem.eq(problem),
        outbox::text_body.eq(""),
        outbox::html_body.eq(""),
        outbox::sweep_at.eq((now + REMEMBERED).0),
    );
    conn.execute(diesel::update(outbox::table.find(id.0)).set(set))?;
    Ok(())
}

/// The letter will be tried again at `next`.
pub fn again(conn: &mut Conn, id: LetterId, problem: &str, next: Timestamp) -> Result<(), Fault> {
    conn.execute(diesel::update(outbox::table.find(id.0)).set((outbox::problem.eq(Some(problem)), outbox::next_at.eq(next.0))))?;
    Ok(())
}

/// How many letters are in each state.
pub fn counts(conn: &mut Conn) -> Result<Vec<(String, i64)>, Fault> {
    conn.all(outbox::table.group_by(outbox::state).select((outbox::state, diesel::dsl::count_star())).order(outbox::state))
}

/// A letter as the operator sees it: never its text, which may carry links.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Line {
    /// Its row.
    pub id: i64,
    /// To whom.
    pub recipient: String,
    /// About what.
    pub subject: String,
    /// waiting, sent or parked.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next. Units: milliseconds since 1970.
    pub next_at: i64,
    /// What went wrong the last time.
    pub problem: Option<String>,
}

impl Line {
    /// When it was written: its row is numbered by that.
    pub fn made_at(&self) -> Timestamp {
        Random::moment_of(self.id)
    }
}

/// The newest `limit` letters, newest first.
pub fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Line>, Fault> {
    let columns = (outbox::id, outbox::recipient, outbox::subject, outbox::state, outbox::attempts, outbox::next_at, outbox::problem);
    conn.all(outbox::table.order(outbox::id.desc()).select(columns).limit(limit))
}

/// Up to `limit` letters before the row `before`, newest first, to an address or with a subject that holds `part`; those in `state`, or all.
pub fn page(conn: &mut Conn, part: &str, state: Option<&str>, before: Option<i64>, limit: i64) -> Result<Vec<Line>, Fault> {
    let columns = (outbox::id, outbox::recipient, outbox::subject, outbox::state, outbox::attempts, outbox::next_at, outbox::problem);
    let pattern = holding(part);
    let lines = outbox::table
        .filter(outbox::id.lt(before.unwrap_or(i64::MAX)))
        .filter(lower(outbox::recipient).like(pattern.clone()).escape('\\').or(lower(outbox::subject).like(pattern).escape('\\')))
        .order(outbox::id.desc())
        .select(columns)
        .limit(limit);
    match state {
        Some(state) => conn.all(lines.filter(outbox::state.eq(state.to_owned()))),
        None => conn.all(lines),
    }
}

/// How many letters are due.
pub fn due(conn: &mut Conn, now: Timestamp) -> Result<i64, Fault> {
    Ok(conn.one(outbox::table.filter(outbox::state.eq("waiting")).filter(outbox::next_at.le(now.0)).count())?.unwrap_or_default())
}
