//! What the operator does at the command line: one file is one verb, with one write (a roster: one write for each batch).

pub mod add_mls;
pub mod appoint;
pub mod create_key;
pub mod import_accounts;
pub mod look;
pub mod personal_tokens;
pub mod portals;
pub mod rotate_secret;
pub mod sandbox;
pub mod set_password;
pub mod signing_keys;
pub mod sweep;
pub mod switch_account;
pub mod switch_key;

#[cfg(test)]
mod tests;

use crate::base::id::AuditId;
use crate::base::{Clock, Random, Timestamp};
use crate::store::Db;
use crate::store::audit::Entry;

/// The operator's hands: no signing keys and no seal, because most verbs need none.
pub struct Desk {
    /// The database.
    pub db: Db,
    /// Tells the time.
    pub clock: Clock,
    /// Gives chance.
    pub random: Random,
}

impl Desk {
    /// The machine's own clock and chance.
    pub fn new(db: Db) -> Self {
        Self { db, clock: Clock::default(), random: Random::default() }
    }

    /// A line of the audit about something the operator did.
    fn entry(&self, event: &str, subject: &str, now: Timestamp) -> Entry {
        Entry {
            actor: Some("operator".to_owned()),
            subject: Some(subject.to_owned()),
            ..Entry::new(AuditId(self.random.id(now)), now, event, false)
        }
    }
}

/// Why the operator's order was not carried out: sentences for the person who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined(pub Vec<String>);

impl Declined {
    fn because(why: impl Into<String>) -> Self {
        Self(vec![why.into()])
    }
}
