//! Telling: the audit row of a change, written with it; and the refusals, told until they become many.

use std::net::IpAddr;

use crate::app::{App, RefusalKind};
use crate::base::id::AuditId;
use crate::base::{Digest, Fault, Timestamp};
use crate::platform::form::email_key;
use crate::store::Conn;
use crate::store::audit::{self, Entry};

/// Who is at the door, as far as the door can tell.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The peer address, as the proxy rule decided it.
    pub peer: Option<IpAddr>,
    /// The request's id.
    pub request_id: String,
    /// The browser, cut to 256 characters.
    pub user_agent: String,
}

impl Caller {
    /// A line of the audit about `event`, with what the door knows.
    pub fn entry(&self, app: &App, event: &str, refused: bool, now: Timestamp) -> Entry {
        Entry {
            peer: self.peer.map(|peer| peer.to_string()),
            request_id: Some(self.request_id.clone()),
            ..Entry::new(AuditId(app.random.id(now)), now, event, refused)
        }
    }
}

/// A line about a new password that is wanted for an address nobody has: by its digest alone, for the address may be anybody's.
pub fn unknown_address(app: &App, caller: &Caller, email: &str) -> Entry {
    Entry {
        subject: Some(format!("address:{}", Digest::of(email_key(email).as_bytes()).hex())),
        reason: Some("address_unknown".to_owned()),
        ..caller.entry(app, "reset.requested", true, app.now())
    }
}

/// Writes a line with the change it tells of.
pub fn record(conn: &mut Conn, entry: &Entry) -> Result<(), Fault> {
    audit::write(conn, entry)
}

/// Tells a refusal that changed nothing, without making anybody wait for it.
pub fn refused(app: &App, caller: &Caller, event: &'static str, reason: &'static str, client: Option<&str>) {
    if !app.tally.count(RefusalKind { event, reason, client: client.map(str::to_owned), peer: caller.peer }) {
        return;
    }
    let entry = Entry { client: client.map(str::to_owned), reason: Some(reason.to_owned()), ..caller.entry(app, event, true, app.now()) };
    // A refusal that cannot be written down is still a refusal; the log line of the request tells it too.
    app.db.write_beside("a refusal", move |conn| audit::write(conn, &entry));
}

/// Writes down a refusal that a write found, unless it is one of too many alike.
pub fn refused_in_write(
    app: &App,
    conn: &mut Conn,
    caller: &Caller,
    event: &'static str,
    reason: &'static str,
    entry: &Entry,
) -> Result<(), Fault> {
    if app.tally.count(RefusalKind { event, reason, client: entry.client.clone(), peer: caller.peer }) {
        audit::write(conn, entry)?;
    }
    Ok(())
}

/// Writes down the refusals of the past minute that were only counted.
pub fn flush(app: &App) -> Result<(), Fault> {
    let now = app.now();
    let untold = app.tally.drain();
    let entries: Vec<Entry> = untold
        .iter()
        .cloned()
        .map(|(kind, times)| Entry {
            client: kind.client,
            peer: kind.peer.map(|peer| peer.to_string()),
            reason: Some(kind.reason.to_owned()),
            times: i64::try_from(times).unwrap_or(i64::MAX),
            ..Entry::new(AuditId(app.random.id(now)), now, kind.event, true)
        })
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let told = app.db.write(move |conn| entries.iter().try_for_each(|entry| audit::write(conn, entry)));
    if told.is_err() {
        app.tally.give_back(untold);
    }
    told
}
