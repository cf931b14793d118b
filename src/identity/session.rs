//! A browser session of an account.

use crate::base::id::{AccountId, SessionId};
use crate::base::{Seconds, Timestamp};

/// How often a session's last use is written down.
pub const SEEN_EVERY: Seconds = Seconds(60);

/// How long a session lasts.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Without any use.
    pub idle: Seconds,
    /// However much it is used.
    pub absolute: Seconds,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its row.
    pub id: SessionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// When the password was given.
    pub auth_time: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it is over however much it is used.
    pub ends_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// Whether it is still good.
    pub fn alive(&self, limits: Limits, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at && now.0 - self.seen_at.0 < limits.idle.0 * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cs_10_a_session_ends_by_idleness_by_age_and_by_order() {
        let now = Timestamp::from_seconds(1_792_800_000);
        let limits = Limits { idle: Seconds::minutes(60), absolute: Seconds::hours(12) };
        let session = Session {
            id: SessionId(1),
            account_id: "20261123014000123456789012".parse().unwrap(),
            auth_time: now,
            seen_at: now,
            ends_at: now + limits.absolute,
            ended_at: None,
        };
        assert!(session.alive(limits, now + Seconds(3599)));
        assert!(!session.alive(limits, now + Seconds(3600)));
        assert!(!Session { seen_at: now + limits.absolute, ..session.clone() }.alive(limits, now + limits.absolute));
        assert!(!Session { ended_at: Some(now), ..session }.alive(limits, now));
    }
}
