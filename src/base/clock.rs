//! Points and spans of time, and the clock they come from.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

/// A point in time. Units: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// A span of time. Units: whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Timestamp {
    /// The point `seconds` after 1970, as JWTs count (`NumericDate`).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970, rounded down, as JWTs count.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// ISO 8601 in UTC with a `Z`, to the second; dates beyond the calendar read as the epoch.
    pub fn iso(self) -> String {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The day this point lies in (UTC), as `YYYY-MM-DD`.
    pub fn day(self) -> String {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().format("%Y-%m-%d").to_string()
    }

    /// How long ago `earlier` was; never negative.
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds((self.0 - earlier.0).max(0) / 1000)
    }
}

impl Add<Seconds> for Timestamp {
    type Output = Self;
    fn add(self, span: Seconds) -> Self {
        Self(self.0.saturating_add(span.0.saturating_mul(1000)))
    }
}

impl Sub<Seconds> for Timestamp {
    type Output = Self;
    fn sub(self, span: Seconds) -> Self {
        Self(self.0.saturating_sub(span.0.saturating_mul(1000)))
    }
}

impl Seconds {
    /// `n` minutes.
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60)
    }
    /// `n` hours.
    pub const fn hours(n: i64) -> Self {
        Self(n * 3600)
    }
    /// `n` days.
    pub const fn days(n: i64) -> Self {
        Self(n * 86_400)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// Where "now" comes from: the machine, or a test that moves it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's wall clock.
    #[default]
    System,
    /// A clock that stands still until somebody moves it. Units: milliseconds.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(chrono::Utc::now().timestamp_millis()),
            Self::Fixed(at) => Timestamp(at.load(Ordering::Relaxed)),
        }
    }

    /// Moves a fixed clock on; the system clock takes no orders.
    pub fn advance(&self, by: Seconds) {
        if let Self::Fixed(at) = self {
            at.fetch_add(by.0 * 1000, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_reads_as_utc_with_a_z() {
        assert_eq!(Timestamp::from_seconds(1_792_800_000).iso(), "2026-10-24T00:00:00Z");
        assert_eq!(Timestamp::from_seconds(1_792_800_000).day(), "2026-10-24");
    }

    #[test]
    fn a_far_or_negative_timestamp_neither_overflows_nor_panics() {
        assert_eq!((Timestamp(i64::MAX) + Seconds::days(1)).0, i64::MAX);
        assert_eq!(Timestamp(i64::MAX).iso(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(-1).seconds(), -1);
    }
}
