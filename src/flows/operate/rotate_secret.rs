//! Replacing a key's secret without a gap: the old ones are accepted for a while beside the new one.

use crate::base::id::KeySecretId;
use crate::base::{Fault, Seconds, Secret, Timestamp};
use crate::protocol::client::ClientKind;
use crate::store::audit::Entry;
use crate::store::{audit, keys};

use super::create_key::SECRET_PREFIX;
use super::{Declined, Desk};

/// A new secret, told now and never again.
pub struct Rotated {
    /// The secret.
    pub secret: Secret,
    /// Until when the secrets before it are accepted.
    pub others_until: Timestamp,
}

/// Gives a key a new secret and lets the others expire after `overlap`. One write.
///
/// Refuses: a `client_id` nobody has, a public key.
pub fn rotate_secret(desk: &Desk, client_id: &str, overlap: Seconds) -> Result<Result<Rotated, Declined>, Fault> {
    let wanted = client_id.to_owned();
    let now = desk.clock.now();
    let rotated = Rotated { secret: Secret::generate(SECRET_PREFIX, &desk.random), others_until: now + overlap };
    let (digest, until) = (rotated.secret.digest(), rotated.others_until);
    let secret_id = KeySecretId(desk.random.small_id(now));
    let line = desk.entry("key.secret_rotated", "", now);
    let done = desk.db.write(move |conn| {
        let Some(registered) = keys::by_client_id(conn, &wanted)?.filter(|found| found.key.deleted_at.is_none()) else {
            return Ok(Err(Declined::because("there is no key with that client_id")));
        };
        if registered.client.kind == ClientKind::Public {
            return Ok(Err(Declined::because("a public key has no secret")));
        }
        let id = registered.key.id;
        keys::add_secret(conn, secret_id, id, &format!("rotated {}", now.day()), &digest, None, now)?;
        keys::expire_other_secrets(conn, id, secret_id, until)?;
        audit::write(conn, &Entry { subject: Some(id.to_string()), client: Some(wanted), ..line })?;
        Ok(Ok(()))
    })?;
    Ok(done.map(|()| rotated))
}
