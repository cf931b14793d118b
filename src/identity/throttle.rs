//! Throttling of guesses: counted before the work, per account, per address and per known browser.

use crate::base::{Seconds, Timestamp};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Guesses at one account from browsers it does not know.
    Account,
    /// Guesses from one known browser of one account: strangers cannot lock it out.
    Device,
    /// Guesses from one address, at whatever accounts; so many a minute.
    Address(i64),
    /// Whatever else is to be had only so often in one day (UTC).
    Day(i64),
}

impl Rule {
    /// The audit's word for what was guessed at or from too often.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Device => "device",
            Self::Address(_) => "address",
            Self::Day(_) => "day",
        }
    }
}

/// The count of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Guesses in a row.
    pub attempts: i64,
    /// When the last one came. Units: milliseconds since 1970.
    pub last_at: i64,
    /// Until when no more are taken. Units: milliseconds since 1970.
    pub blocked_until: i64,
}

/// How many guesses at an account are free.
const FREE: i64 = 5;
/// At so many in a row only time brings the account back.
const LOCKED: i64 = 100;
/// How long that takes.
const LOCKED_FOR: Seconds = Seconds::hours(24);
/// A bucket that was left alone for so long starts again.
const FORGOTTEN: Seconds = Seconds::hours(24);
/// Admits one more guess, or says until when none is taken.
///
/// Accounts: five are free, then the wait is 1, 2, 4 … 15 minutes after each; after a hundred in a row, a day.
/// Addresses: as many a minute as the rule says, and days likewise.
pub fn admit(rule: Rule, count: Count, now: Timestamp) -> Result<Count, Timestamp> {
    if now.0 < count.blocked_until {
        return Err(Timestamp(count.blocked_until));
    }
    Ok(match rule {
        Rule::Address(most) => within(Seconds::minutes(1), most, count, now),
        Rule::Day(most) => within(Seconds::hours(24), most, count, now),
        Rule::Account | Rule::Device => {
            let forgotten = count.attempts < LOCKED && now.0 - count.last_at >= FORGOTTEN.0 * 1000;
            let attempts = if forgotten { 1 } else { count.attempts + 1 };
            let wait = match attempts {
                n if n < FREE => Seconds(0),
                n if n >= LOCKED => LOCKED_FOR,
                n => Seconds::minutes((1 << (n - FREE).min(4)).min(15)),
            };
            Count { attempts, last_at: now.0, blocked_until: if wait.0 == 0 { 0 } else { (now + wait).0 } }
        }
    })
}

/// Counts in windows that begin at the same moments for everybody.
fn within(window: Seconds, most: i64, count: Count, now: Timestamp) -> Count {
    let length = window.0 * 1000;
    let which = |at: i64| at.div_euclid(length);
    let attempts = if which(count.last_at) == which(now.0) { count.attempts + 1 } else { 1 };
    let blocked_until = if attempts >= most { (which(now.0) + 1) * length } else { 0 };
    Count { attempts, last_at: now.0, blocked_until }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_792_800_000);

    #[test]
    fn lg_01_after_five_guesses_the_wait_grows_to_a_quarter_of_an_hour() {
        let mut count = Count::default();
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..11 {
            count = admit(Rule::Account, count, now).unwrap();
            waits.push((count.blocked_until - now.0).max(0) / 60_000);
            now = Timestamp(now.0.max(count.blocked_until));
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(admit(Rule::Account, count, Timestamp(now.0 - 1)), Err(Timestamp(count.blocked_until)));
    }

    #[test]
    fn lg_02_an_account_costs_at_most_thirty_hashes_an_hour_however_many_ask() {
        let mut count = Count::default();
        let mut hashes = 0;
        for second in 0..3600 {
            if let Ok(next) = admit(Rule::Account, count, NOW + Seconds(second)) {
                count = next;
                hashes += 1;
            }
        }
        assert!(hashes <= 30, "{hashes}");
    }

    #[test]
    fn a_hundred_in_a_row_close_the_account_for_a_day() {
        let count = admit(Rule::Account, Count { attempts: 99, last_at: NOW.0, blocked_until: 0 }, NOW).unwrap();
        assert_eq!(count.blocked_until, (NOW + Seconds::hours(24)).0);
    }

    #[test]
    fn lg_03_an_address_has_twenty_guesses_a_minute() {
        let mut count = Count::default();
        let admitted = (0..60)
            .filter(|second| {
                admit(Rule::Address(20), count, NOW + Seconds(*second)).is_ok_and(|next| {
                    count = next;
                    true
                })
            })
            .count();
        assert_eq!(admitted, 20);
        assert!(admit(Rule::Address(20), count, NOW + Seconds(60)).is_ok());
    }

    #[test]
    fn what_is_to_be_had_so_often_a_day_is_to_be_had_again_at_midnight() {
        let mut count = Count::default();
        for _ in 0..20 {
            count = admit(Rule::Day(20), count, NOW).unwrap();
        }
        let midnight = Timestamp((NOW.0.div_euclid(86_400_000) + 1) * 86_400_000);
        assert_eq!(admit(Rule::Day(20), count, Timestamp(midnight.0 - 1)), Err(midnight));
        assert_eq!(admit(Rule::Day(20), count, midnight).unwrap().attempts, 1);
    }

    #[test]
    fn a_bucket_left_alone_for_a_day_starts_again() {
        let count = Count { attempts: 50, last_at: NOW.0, blocked_until: 0 };
        assert_eq!(admit(Rule::Account, count, NOW + Seconds::hours(24)).unwrap().attempts, 1);
    }
}
