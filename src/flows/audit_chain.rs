//! The chain of the audit: each line that is settled is tied to the one before it, under the master secret.
//!
//! Nobody without that secret changes, removes or slips in a line of the chain unseen, whatever they may write in the database. Whoever
//! forgets the whole chain begins it anew; that the log tells how far it reached before shows that.

use serde_json::json;

use crate::base::{Fault, Random, Seconds, Timestamp};
use crate::signing::Seal;
use crate::store::audit::{self, Entry};
use crate::store::{Db, facts};

/// The fact that says how far the chain reaches.
const FACT: &str = "audit chain";
const VERSION: &str = "v1";
/// How old a line must be to be tied: by then no write that began before it is still on its way, on whatever node.
const SETTLED: Seconds = Seconds::minutes(15);
/// How many lines are read at a time.
const BATCH: i64 = 1000;

/// How far the chain reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many lines are tied.
    pub lines: i64,
    /// The last of them.
    pub last: i64,
    /// What ties it.
    pub link: String,
}

impl Reached {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (version, lines, last, link) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let whole = version == VERSION && parts.next().is_none() && link.len() == 64;
        whole.then_some(Self { lines: lines.parse().ok()?, last: last.parse().ok()?, link: link.to_owned() })
    }

    fn text(&self) -> String {
        format!("{VERSION}.{}.{}.{}", self.lines, self.last, self.link)
    }

    fn tie(&mut self, seal: &Seal, line: &Entry) {
        self.link = seal.link(&self.link, spelled(line).as_bytes());
        self.lines += 1;
        self.last = line.id;
    }
}

/// All of a line, in the one spelling that is tied.
fn spelled(line: &Entry) -> String {
    let Entry { id, at, event, outcome, actor, subject, client, session, peer, request_id, reason, times } = line;
    json!([id, at, event, outcome, actor, subject, client, session, peer, request_id, reason, times]).to_string()
}

/// Ties the lines that are settled; answers how far the chain reaches where it grew. Small writes, and of two nodes one does it.
///
/// # Errors
/// A chain that cannot be read: it is not begun anew by itself.
pub fn grow(db: &Db, seal: &Seal, now: Timestamp) -> Result<Option<Reached>, Fault> {
    let mut grown = None;
    loop {
        let before = db.read(|conn| facts::get(conn, FACT))?;
        let mut reached = match &before {
            Some(text) => Reached::read(text).ok_or_else(|| Fault::broken("the chain of the audit cannot be read"))?,
            None => Reached::default(),
        };
        let after = reached.last;
        let lines = db.read(move |conn| audit::between(conn, after, Random::first_id(now - SETTLED), BATCH))?;
        for line in &lines {
            reached.tie(seal, line);
        }
        let text = reached.text();
        if lines.is_empty() || !db.write(move |conn| facts::replace(conn, FACT, before.as_deref(), &text))? {
            return Ok(grown);
        }
        grown = Some(reached);
    }
}

/// What became of the lines that were tied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// They are as they were written.
    Sound(Reached),
    /// They are not: so many were tied, so many are there now.
    Broken {
        /// How many were tied.
        tied: i64,
        /// How many are there.
        there: i64,
    },
    /// No line is tied yet, or the chain was forgotten.
    Nothing,
}

/// Reads every line that was tied again. Reads only.
pub fn verify(db: &Db, seal: &Seal) -> Result<Found, Fault> {
    let Some(kept) = db.read(|conn| facts::get(conn, FACT))? else { return Ok(Found::Nothing) };
    let Some(kept) = Reached::read(&kept) else { return Ok(Found::Broken { tied: 0, there: 0 }) };
    let mut again = Reached::default();
    loop {
        let (after, end) = (again.last, kept.last.saturating_add(1));
        let lines = db.read(move |conn| audit::between(conn, after, end, BATCH))?;
        if lines.is_empty() {
            break;
        }
        for line in &lines {
            again.tie(seal, line);
        }
    }
    Ok(if again == kept { Found::Sound(kept) } else { Found::Broken { tied: kept.lines, there: again.lines } })
}
