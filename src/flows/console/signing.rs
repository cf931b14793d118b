//! Signing keys in the platform's console. Making a key takes longer than a write may: what staff want is written down, and upkeep does it.

use crate::app::App;
use crate::base::Fault;
use crate::flows::record::record;
use crate::flows::start;
use crate::signing::{KeyFacts, StoredKey, rotate_now};
use crate::store::audit::Entry;
use crate::store::{Conn, facts};

use super::enter::Guest;

const WANTED: &str = "signing_rotation_wanted";

/// Every signing key, oldest first, and whether somebody wants them rotated.
pub fn list(conn: &mut Conn) -> Result<(Vec<KeyFacts>, bool), Fault> {
    let keys = start::stored(conn)?.iter().map(StoredKey::facts).collect();
    Ok((keys, facts::get(conn, WANTED)?.is_some()))
}

/// Wants the signing keys rotated out of turn. One write.
pub fn rotate(app: &App, conn: &mut Conn, guest: &Guest) -> Result<(), Fault> {
    facts::settle(conn, WANTED, guest.account.id.as_str())?;
    record(conn, &Entry { reason: Some("signing_rotation_wanted".to_owned()), ..guest.entry(app, "admin.action") })
}

/// Does what staff want: publishes a new key of each algorithm, to sign once caches know it. `false` where nobody wants anything.
pub fn carry_out(app: &App) -> Result<bool, Fault> {
    let Some(actor) = app.db.read(|conn| facts::get(conn, WANTED))? else { return Ok(false) };
    let (now, policy) = (app.now(), crate::flows::upkeep::rotation_policy(&app.settings)?);
    start::rotate(&app.db, &app.seal, &app.random, now, &actor, |keys| rotate_now(now, keys, &policy))?;
    app.db.write(|conn| facts::forget(conn, WANTED))?;
    Ok(true)
}
