//! Sweeping out of turn: what the running server does by itself, for a database whose server is away.

use crate::base::Fault;
use crate::store::audit::Entry;
use crate::store::{audit, sweep};

use super::Desk;

/// Deletes whatever may go, in small writes; answers how many rows went.
pub fn sweep_all(desk: &Desk, mut told: impl FnMut(usize)) -> Result<usize, Fault> {
    let mut gone = 0;
    loop {
        let now = desk.clock.now();
        match desk.db.write(move |conn| sweep::batch(conn, now))? {
            0 => break,
            batch => gone += batch,
        }
        told(gone);
    }
    if gone > 0 {
        let now = desk.clock.now();
        let entry = Entry { times: i64::try_from(gone).unwrap_or(i64::MAX), ..desk.entry("purge.done", "", now) };
        desk.db.write(move |conn| audit::write(conn, &Entry { subject: None, ..entry }))?;
    }
    Ok(gone)
}
