//! How often a key may ask: so many requests in a window of time, shared by all nodes, and never more than so many in one second.
//!
//! Nodes do not ask the database for every request: each takes a share of what is left and spends it. Shares shrink as the window
//! fills, so that the limit is never passed and little of it is left lying on other nodes.

use crate::base::{Seconds, Timestamp};

/// What a key may do in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How many requests in one window; zero is no limit.
    pub quota: i64,
    /// How long a window is; windows begin at multiples of it.
    pub window: Seconds,
    /// How many requests in one second at one node; zero is no limit.
    pub per_second: i64,
}

impl Rule {
    /// When the window that `now` is in began.
    pub fn began(&self, now: Timestamp) -> Timestamp {
        let length = (self.window.0 * 1000).max(1);
        Timestamp(now.0 - now.0.rem_euclid(length))
    }

    /// How long until that window is over, at least a second.
    pub fn resets(&self, now: Timestamp) -> Seconds {
        let left = self.began(now).0 + self.window.0 * 1000 - now.0;
        Seconds((left + 999) / 1000).max(Seconds(1))
    }

    /// How many requests to take at once when all nodes together have taken `taken`: a sixteenth of what is left, never nothing
    /// while something is left.
    pub fn share(&self, taken: i64) -> i64 {
        let left = (self.quota - taken).max(0);
        (left / 16).clamp(left.min(1), (self.quota / 32).max(1))
    }
}

/// Which limit a request met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The window's requests are used up.
    Quota,
    /// Too many requests came within one second.
    Rate,
}

impl Limit {
    /// The word that tells programs and the log which it was.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Quota => "quota_exhausted",
            Self::Rate => "rate_exceeded",
        }
    }

    /// A sentence for the caller.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Quota => "Over rate limit: this API key has used all requests of this window; wait until the next one begins",
            Self::Rate => "Over rate limit: too many requests in one second; wait a second and send fewer at once",
        }
    }
}

/// What is left of a window, as far as this node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The rule.
    pub rule: Rule,
    /// How many requests are left.
    pub remaining: i64,
    /// When the next window begins.
    pub resets: Seconds,
}

/// A request that is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// Which limit it met.
    pub limit: Limit,
    /// What is left.
    pub allowance: Allowance,
    /// When to try again.
    pub retry_after: Seconds,
}

/// What a node has of a window: its share, and what it spent of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purse {
    began: i64,
    left: i64,
    /// What all nodes together had taken when this one last took a share.
    taken: i64,
    second: i64,
    in_second: i64,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spending {
    /// It is within the limits.
    Within(Allowance),
    /// It is not.
    Over(Excess),
    /// The share is spent: take another one, then ask again.
    TakeShare,
}

impl Purse {
    /// Spends one request.
    pub fn spend(&mut self, rule: Rule, now: Timestamp) -> Spending {
        let began = rule.began(now).0;
        if self.began < began {
            *self = Self { began, second: self.second, in_second: self.in_second, ..Self::default() };
        }
        let second = now.0.div_euclid(1000);
        if self.second != second {
            (self.second, self.in_second) = (second, 0);
        }
        let over = |purse: &Self, limit, retry_after| Spending::Over(Excess { limit, retry_after, allowance: purse.allowance(rule, now) });
        if rule.per_second > 0 && self.in_second >= rule.per_second {
            return over(self, Limit::Rate, Seconds(1));
        }
        if rule.quota > 0 && self.left == 0 {
            return if self.taken >= rule.quota { over(self, Limit::Quota, rule.resets(now)) } else { Spending::TakeShare };
        }
        self.in_second += 1;
        if rule.quota > 0 {
            self.left -= 1;
        }
        Spending::Within(self.allowance(rule, now))
    }

    /// Puts in a share of the window that began at `began`, now that all nodes together have taken `taken`.
    pub fn put(&mut self, began: Timestamp, share: i64, taken: i64) {
        // A window that is over meanwhile gives nothing.
        if self.began <= began.0 {
            let left = if self.began == began.0 { self.left } else { 0 };
            (self.began, self.left, self.taken) = (began.0, left + share, taken);
        }
    }

    /// What all nodes together had taken when this one last took a share of the window `now` is in.
    pub fn taken(&self, rule: Rule, now: Timestamp) -> i64 {
        if self.began == rule.began(now).0 { self.taken } else { 0 }
    }

    /// Whether it says nothing any more about the window `now` is in.
    pub fn is_stale(&self, rule: Rule, now: Timestamp) -> bool {
        self.began < rule.began(now).0
    }

    fn allowance(&self, rule: Rule, now: Timestamp) -> Allowance {
        Allowance { rule, remaining: (rule.quota - self.taken).max(0) + self.left, resets: rule.resets(now) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: Rule = Rule { quota: 1500, window: Seconds(300), per_second: 0 };
    const NOON: Timestamp = Timestamp(1_800_000_000_000);

    /// What the database does: it gives no more than is left.
    fn take(taken: &mut i64, rule: Rule) -> i64 {
        let share = rule.share(*taken);
        *taken += share;
        share
    }

    #[test]
    fn one_node_may_spend_exactly_the_quota() {
        let (mut purse, mut taken, mut asked) = (Purse::default(), 0, 0);
        let mut served = 0;
        loop {
            match purse.spend(RULE, NOON) {
                Spending::Within(allowance) => {
                    served += 1;
                    assert_eq!(allowance.remaining, 1500 - served);
                }
                Spending::TakeShare => {
                    asked += 1;
                    let share = take(&mut taken, RULE);
                    purse.put(RULE.began(NOON), share, taken);
                }
                Spending::Over(excess) => {
                    assert_eq!((excess.limit, excess.retry_after), (Limit::Quota, RULE.resets(NOON)));
                    break;
                }
            }
        }
        assert_eq!(served, 1500);
        assert!(asked * 10 < served, "{asked}");
    }

    #[test]
    fn a_new_window_begins_with_everything() {
        let mut purse = Purse::default();
        purse.put(RULE.began(NOON), 0, 1500);
        assert!(matches!(purse.spend(RULE, NOON), Spending::Over(_)));
        assert_eq!(purse.spend(RULE, NOON + Seconds(300)), Spending::TakeShare);
    }

    #[test]
    fn so_many_in_one_second_and_no_more() {
        let rule = Rule { quota: 0, window: Seconds(300), per_second: 3 };
        let mut purse = Purse::default();
        for _ in 0..3 {
            assert!(matches!(purse.spend(rule, NOON), Spending::Within(_)));
        }
        assert!(matches!(purse.spend(rule, NOON), Spending::Over(Excess { limit: Limit::Rate, retry_after: Seconds(1), .. })));
        assert!(matches!(purse.spend(rule, NOON + Seconds(1)), Spending::Within(_)));
    }

    proptest! {
        /// Whatever the order in which nodes ask, together they never serve more than the quota, and what they refuse too early is
        /// no more than lies in the other nodes' purses.
        #[test]
        fn nodes_together_never_pass_the_quota(quota in 1_i64..400, order in proptest::collection::vec(0_usize..4, 0..1000)) {
            let rule = Rule { quota, ..RULE };
            let (mut purses, mut taken, mut served) = ([Purse::default(); 4], 0, 0);
            for node in order {
                loop {
                    match purses[node].spend(rule, NOON) {
                        Spending::Within(_) => { served += 1; break }
                        Spending::Over(_) => {
                            let idle: i64 = purses.iter().map(|purse| purse.left).sum();
                            prop_assert_eq!(served + idle, quota);
                            break;
                        }
                        Spending::TakeShare => {
                            let share = take(&mut taken, rule);
                            purses[node].put(rule.began(NOON), share, taken);
                        }
                    }
                }
                prop_assert!(served <= quota);
            }
        }
    }
}
