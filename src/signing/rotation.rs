//! When signing keys follow one another: published, then signing, then only verifying, then gone.
//!
//! All of it is computed from the rows, so a crash between two steps leaves nothing undone: the next plan finds what is missing.
//! Create comes before the retirement it allows; at no moment is there nobody to sign.

use super::algorithm::Algorithm;
use crate::base::{Seconds, Timestamp};

/// How long caches may keep the JWKS. The door that serves it says the same.
pub const JWKS_MAX_AGE: Seconds = Seconds::minutes(15);
/// How far clocks of nodes may be apart, and how long a node may take to hear of a change.
const SLACK: Seconds = Seconds::minutes(5);

/// What the rotation needs to know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its name.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Since when it stands in the JWKS.
    pub published_at: Timestamp,
    /// From when it may sign.
    pub active_from: Timestamp,
    /// Until when it may sign; open while nothing follows it.
    pub signs_until: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

impl KeyFacts {
    /// Whether it may sign at `now`; where two may, the one active for the shorter time does.
    pub fn may_sign(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none()
            && self.published_at <= now
            && self.active_from <= now
            && self.signs_until.is_none_or(|until| now < until)
    }
}

/// How often keys follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPolicy {
    algorithms: Vec<Algorithm>,
    rotate_every: Seconds,
    publish_ahead: Seconds,
    keep_after: Seconds,
}

impl RotationPolicy {
    /// A new key of each algorithm every 90 days, published an hour before it signs, kept for `longest_token` after it signed last.
    pub fn new(longest_token: Seconds) -> Self {
        Self {
            algorithms: Algorithm::ALL.to_vec(),
            rotate_every: Seconds::days(90),
            publish_ahead: Seconds::hours(1),
            keep_after: Seconds(longest_token.0.max(0)),
        }
    }

    /// The same with other spans.
    ///
    /// Refuses: publishing less than the age caches may reach and 5 minutes ahead; rotating before the last rotation can be over.
    pub fn with(mut self, rotate_every: Seconds, publish_ahead: Seconds) -> Result<Self, String> {
        let least = Seconds(JWKS_MAX_AGE.0 + SLACK.0);
        if publish_ahead < least {
            return Err(format!(
                "a signing key must be published at least {least} before it signs, because caches keep the JWKS that long"
            ));
        }
        if rotate_every.0 < publish_ahead.0.saturating_mul(2) {
            return Err("signing keys must stay at least twice as long as they are published ahead".to_owned());
        }
        (self.rotate_every, self.publish_ahead) = (rotate_every, publish_ahead);
        Ok(self)
    }

    /// The same for these algorithms only; keys of others go on signing and follow nobody.
    #[must_use]
    pub fn only(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }
}

/// One thing to do. Those of one plan belong in one write; doing them again harms nothing, but `Create` would make a second key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Insert a fresh key, published now, that signs from the given moment.
    Create(Algorithm, Timestamp),
    /// Set `active_from`: a key that was to sign later has to begin now.
    Activate(String, Timestamp),
    /// Set `signs_until`.
    Retire(String, Timestamp),
    /// Set `withdrawn_at`.
    Withdraw(String, Timestamp),
    /// Delete the row: nothing it signed lives any more.
    Remove(String),
}

/// What is due at `now`; empty most of the time.
pub fn plan(now: Timestamp, keys: &[KeyFacts], policy: &RotationPolicy) -> Vec<Step> {
    let mut steps = Vec::new();
    for &algorithm in &policy.algorithms {
        follow(now, keys, policy, algorithm, false, &mut steps);
    }
    remove(now, keys, policy, &mut steps);
    steps
}

/// A rotation out of turn: publishes a new key of each algorithm now, to sign after `publish_ahead`; at once where no key signs yet.
///
/// Where a new key already waits for its turn, nothing is added.
pub fn rotate_now(now: Timestamp, keys: &[KeyFacts], policy: &RotationPolicy) -> Vec<Step> {
    let mut steps = Vec::new();
    for &algorithm in &policy.algorithms {
        follow(now, keys, policy, algorithm, true, &mut steps);
    }
    steps
}

/// An emergency: the key neither signs nor verifies from now on, and another of its algorithm signs at once.
///
/// That other key is the one already waiting in the JWKS, else a fresh one, which caches of the JWKS meet before they know it.
///
/// Refuses: a key that is not there or withdrawn already, with `None`.
pub fn withdraw(now: Timestamp, keys: &[KeyFacts], policy: &RotationPolicy, kid: &str) -> Option<Vec<Step>> {
    let key = keys.iter().find(|key| key.kid == kid && key.withdrawn_at.is_none())?;
    let rest: Vec<KeyFacts> = keys.iter().filter(|other| other.kid != kid).cloned().collect();
    let mut steps = vec![Step::Withdraw(kid.to_owned(), now)];
    if policy.algorithms.contains(&key.algorithm) {
        follow(now, &rest, policy, key.algorithm, false, &mut steps);
    }
    Some(steps)
}

/// Whose turn it is to sign.
pub(super) fn signer<'a>(keys: impl Iterator<Item = &'a KeyFacts>, algorithm: Algorithm, now: Timestamp) -> Option<&'a KeyFacts> {
    keys.filter(|key| key.algorithm == algorithm && key.may_sign(now)).max_by(|a, b| turn(a).cmp(&turn(b)))
}

fn turn(key: &KeyFacts) -> (Timestamp, &str) {
    (key.active_from, &key.kid)
}

/// One algorithm: somebody signs now, a successor is there in time, and each key ends where the next begins.
fn follow(now: Timestamp, keys: &[KeyFacts], policy: &RotationPolicy, algorithm: Algorithm, forced: bool, steps: &mut Vec<Step>) {
    let mut living: Vec<&KeyFacts> = keys.iter().filter(|key| key.algorithm == algorithm && key.withdrawn_at.is_none()).collect();
    living.sort_by(|a, b| turn(a).cmp(&turn(b)));
    let waiting = living.iter().find(|key| key.active_from > now && key.signs_until.is_none_or(|until| until > key.active_from));
    match (signer(keys.iter(), algorithm, now), waiting) {
        (None, Some(next)) => steps.push(Step::Activate(next.kid.clone(), now)),
        (None, None) => steps.push(Step::Create(algorithm, now)),
        (Some(_), Some(_)) => {}
        (Some(current), None) => {
            let soonest = now + policy.publish_ahead;
            // An end without a successor is what the withdrawal of the successor leaves behind.
            let due = current.signs_until.unwrap_or(current.active_from + policy.rotate_every);
            if forced || current.signs_until.is_some() || due <= soonest {
                let begins = if forced { soonest } else { due.max(soonest) };
                steps.push(Step::Create(algorithm, begins));
                steps.push(Step::Retire(current.kid.clone(), begins));
            }
        }
    }
    for pair in living.windows(2) {
        if let [key, next] = pair
            && key.signs_until.is_none_or(|until| until > next.active_from)
        {
            steps.push(Step::Retire(key.kid.clone(), next.active_from));
        }
    }
}

fn remove(now: Timestamp, keys: &[KeyFacts], policy: &RotationPolicy, steps: &mut Vec<Step>) {
    let over = |key: &&KeyFacts| {
        let last = key.withdrawn_at.or(key.signs_until);
        last.is_some_and(|last| last + policy.keep_after + SLACK <= now)
    };
    steps.extend(keys.iter().filter(over).map(|key| Step::Remove(key.kid.clone())));
}

#[cfg(test)]
mod tests;
