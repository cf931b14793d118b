//! The audit: one row for each sign-in, consent, grant, revocation, key change and refusal, written with the change it tells of.

use diesel::prelude::*;

use crate::base::id::AuditId;
use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::audit;

/// One line of the audit. Never: passwords, codes, tokens, secrets, cookie values.
#[derive(Debug, Clone, Default, Queryable, Insertable, PartialEq, Eq)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct Entry {
    /// Its row.
    pub id: i64,
    /// When. Units: milliseconds since 1970.
    pub at: i64,
    /// What, in the words of the audit's list of events.
    pub event: String,
    /// `ok` or `refused`.
    pub outcome: String,
    /// Who did it: an account's id, or the operator.
    pub actor: Option<String>,
    /// To whom or what.
    pub subject: Option<String>,
    /// With which key.
    pub client: Option<String>,
    /// In which browser session.
    pub session: Option<String>,
    /// From which address.
    pub peer: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Why, in one fixed word.
    pub reason: Option<String>,
    /// How often, where many alike are told in one line.
    pub times: i64,
}

impl Entry {
    /// A line about `event`.
    pub fn new(id: AuditId, at: Timestamp, event: &str, refused: bool) -> Self {
        Self {
            id: id.0,
            at: at.0,
            event: event.to_owned(),
            outcome: if refused { "refused" } else { "ok" }.to_owned(),
            times: 1,
            ..Self::default()
        }
    }
}

/// How many ids in a row may be taken before a line is given up.
const NEIGHBORS: i64 = 100;

/// Writes a line. Another node may have minted the same id in the same millisecond: the next one that is free is as good, and no change
/// fails because of how it is told.
///
/// # Errors
/// [`Fault::Unavailable`] where a hundred ids in a row are taken.
pub fn write(conn: &mut Conn, entry: &Entry) -> Result<(), Fault> {
    for id in entry.id..entry.id.saturating_add(NEIGHBORS) {
        let line = Entry { id, ..entry.clone() };
        if conn.execute(diesel::insert_into(audit::table).values(line).on_conflict_do_nothing())? == 1 {
            return Ok(());
        }
    }
    Err(Fault::unavailable("no id is free for a line of the audit"))
}

/// Up to `limit` lines behind the line `after` and before the line `end`, oldest first.
pub fn between(conn: &mut Conn, after: i64, end: i64, limit: i64) -> Result<Vec<Entry>, Fault> {
    conn.all(audit::table.filter(audit::id.gt(after)).filter(audit::id.lt(end)).order(audit::id).limit(limit))
}

/// Up to `limit` lines of what somebody did, newest first, before the line `before`.
pub fn by_actor(conn: &mut Conn, actor: &str, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, Fault> {
    let lines = audit::table.filter(audit::actor.eq(actor.to_owned())).filter(audit::id.lt(before.unwrap_or(i64::MAX)));
    conn.all(lines.order(audit::id.desc()).limit(limit))
}

/// Up to `limit` lines about somebody or something, newest first, before the line `before`.
pub fn about_subject(conn: &mut Conn, subject: &str, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, Fault> {
    let lines = audit::table.filter(audit::subject.eq(subject.to_owned())).filter(audit::id.lt(before.unwrap_or(i64::MAX)));
    conn.all(lines.order(audit::id.desc()).limit(limit))
}

/// Up to `limit` lines before the line `before`, newest first, whose event begins with `event`; where something is looked for, only those
/// that name it as actor, subject, key or request.
pub fn search(conn: &mut Conn, wanted: &str, event: &str, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, Fault> {
    let lines = || {
        audit::table
            .filter(audit::id.lt(before.unwrap_or(i64::MAX)))
            .filter(audit::event.like(format!("{}%", event.replace('_', "\\_"))).escape('\\'))
            .order(audit::id.desc())
            .limit(limit)
    };
    if wanted.is_empty() {
        return conn.all(lines());
    }
    // Each column by its own index, and the pages together: all at once would have to sort everything that somebody ever did.
    let mut found: Vec<Entry> = conn.all(lines().filter(audit::actor.eq(wanted.to_owned())))?;
    found.extend(conn.all::<Entry>(lines().filter(audit::subject.eq(wanted.to_owned())))?);
    found.extend(conn.all::<Entry>(lines().filter(audit::client.eq(wanted.to_owned())))?);
    found.extend(conn.all::<Entry>(lines().filter(audit::request_id.eq(wanted.to_owned())))?);
    found.sort_by_key(|line| std::cmp::Reverse(line.id));
    found.dedup_by_key(|line| line.id);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Up to `limit` refusals that concerned a key, newest first, since then; of one request only where one is named.
pub fn refused_of(conn: &mut Conn, client: &str, request_id: Option<&str>, since: Timestamp, limit: i64) -> Result<Vec<Entry>, Fault> {
    let lines =
        audit::table.filter(audit::client.eq(client.to_owned())).filter(audit::outcome.eq("refused")).filter(audit::at.ge(since.0)).filter(
            audit::request_id
                .eq(request_id.unwrap_or_default().to_owned())
                .or(request_id.is_none().into_sql::<diesel::sql_types::Nullable<diesel::sql_types::Bool>>()),
        );
    conn.all(lines.order(audit::id.desc()).limit(limit))
}

/// The newest `limit` lines, newest first, of one event or of all.
pub fn newest(conn: &mut Conn, event: Option<&str>, limit: i64) -> Result<Vec<Entry>, Fault> {
    match event {
        Some(event) => conn.all(audit::table.filter(audit::event.eq(event.to_owned())).order(audit::id.desc()).limit(limit)),
        None => conn.all(audit::table.order(audit::id.desc()).limit(limit)),
    }
}
