//! Rotating and withdrawing signing keys out of turn. A running server follows within seconds.

use crate::base::Fault;
use crate::signing::{KeyFacts, RotationPolicy, Seal, Step, StoredKey, rotate_now, withdraw};

use super::{Declined, Desk};
use crate::flows::start;

/// Every signing key, oldest first.
pub fn list(desk: &Desk) -> Result<Vec<KeyFacts>, Fault> {
    Ok(desk.db.read(start::stored)?.iter().map(StoredKey::facts).collect())
}

/// Publishes a new key of each algorithm, to sign once caches know it. Nothing where one waits already.
pub fn rotate(desk: &Desk, seal: &Seal, policy: &RotationPolicy) -> Result<Vec<Step>, Fault> {
    let now = desk.clock.now();
    // The operator may be here before the first server: its keys must not be sealed under a secret that nobody wrote down.
    start::settle_master_secret(&desk.db, seal)?;
    start::rotate(&desk.db, seal, &desk.random, now, "operator", |keys| rotate_now(now, keys, policy))
}

/// Withdraws a key at once, for an emergency: nothing it signed is believed any more.
///
/// Refuses: a key that is not there or withdrawn already.
pub fn withdraw_key(desk: &Desk, seal: &Seal, policy: &RotationPolicy, kid: &str) -> Result<Result<Vec<Step>, Declined>, Fault> {
    let now = desk.clock.now();
    start::settle_master_secret(&desk.db, seal)?;
    let steps = start::rotate(&desk.db, seal, &desk.random, now, "operator", |keys| withdraw(now, keys, policy, kid).unwrap_or_default())?;
    Ok(if steps.is_empty() { Err(Declined::because("there is no such signing key, or it is withdrawn already")) } else { Ok(steps) })
}
