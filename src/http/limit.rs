//! Limits on failures: so many a minute for one key from one address, in memory of this node.
//!
//! Secrets and codes are far too long to be guessed; this keeps a broken or hostile client from costing everybody else.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_mins(1);
/// Where a failure came from: an address and the key it named.
type Source = (Option<IpAddr>, String);
/// How many sources are told apart.
const MOST: usize = 20_000;

/// Failures of the running minute.
pub struct Failures {
    allowed: u32,
    window: Mutex<(Instant, HashMap<Source, u32>)>,
}

impl Failures {
    /// Allows so many failures a minute; zero is no limit.
    pub fn allowing(allowed: u32) -> Self {
        Self { allowed, window: Mutex::new((Instant::now(), HashMap::new())) }
    }

    /// Whether this source has failed too often this minute.
    pub fn exceeded(&self, peer: Option<IpAddr>, client_id: &str) -> bool {
        if self.allowed == 0 {
            return false;
        }
        let window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        // The common case costs no allocation: nobody fails.
        !window.1.is_empty()
            && window.0.elapsed() < MINUTE
            && window.1.get(&(peer, cut(client_id))).is_some_and(|count| *count >= self.allowed)
    }

    /// Counts a failure.
    pub fn count(&self, peer: Option<IpAddr>, client_id: &str) {
        if self.allowed == 0 {
            return;
        }
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0.elapsed() >= MINUTE || window.1.len() >= MOST {
            *window = (Instant::now(), HashMap::new());
        }
        *window.1.entry((peer, cut(client_id))).or_default() += 1;
    }
}

fn cut(client_id: &str) -> String {
    client_id.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ca_05_one_source_is_limited_and_no_other() {
        let failures = Failures::allowing(3);
        let here = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..3 {
            assert!(!failures.exceeded(here, "w"));
            failures.count(here, "w");
        }
        assert!(failures.exceeded(here, "w"));
        assert!(!failures.exceeded(here, "x"));
        assert!(!failures.exceeded(Some(IpAddr::from([192, 0, 2, 2])), "w"));
    }
}
