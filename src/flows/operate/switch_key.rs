//! Switching a key on or off, and where its answers may go.

use crate::base::Fault;
use crate::protocol::redirect::RedirectUri;
use crate::store::audit::Entry;
use crate::store::{audit, keys};

use super::{Declined, Desk};

const NO_SUCH: &str = "there is no key with that client_id";

/// Switches a key on or off; what it was issued sleeps while it is off. One write. Answers the application's name.
///
/// Refuses: a `client_id` nobody has.
pub fn switch_key(desk: &Desk, client_id: &str, enabled: bool) -> Result<Result<String, Declined>, Fault> {
    let wanted = client_id.to_owned();
    let now = desk.clock.now();
    let line = desk.entry(if enabled { "key.updated" } else { "key.disabled" }, "", now);
    desk.db.write(move |conn| {
        let Some(registered) = keys::by_client_id(conn, &wanted)?.filter(|found| found.key.deleted_at.is_none()) else {
            return Ok(Err(Declined::because(NO_SUCH)));
        };
        if registered.key.enabled != enabled {
            keys::set_enabled(conn, registered.key.id, enabled, now)?;
            let reason = enabled.then(|| "enabled".to_owned());
            audit::write(conn, &Entry { subject: Some(registered.key.id.to_string()), client: Some(wanted), reason, ..line })?;
        }
        Ok(Ok(registered.key.name))
    })
}

/// Lets a key's answers go to other places of a program on this machine, as the demonstration needs when its port changed. One write.
///
/// Refuses: a `client_id` nobody has.
pub fn move_callbacks(desk: &Desk, client_id: &str, redirect_uris: &[String]) -> Result<Result<(), Declined>, Fault> {
    let (wanted, uris) = (client_id.to_owned(), redirect_uris.to_vec());
    let now = desk.clock.now();
    let line = desk.entry("key.updated", "", now);
    desk.db.write(move |conn| {
        let Some(registered) = keys::by_client_id(conn, &wanted)? else { return Ok(Err(Declined::because(NO_SUCH))) };
        if registered.client.redirect_uris.iter().map(RedirectUri::as_str).ne(uris.iter().map(String::as_str)) {
            keys::set_redirect_uris(conn, registered.key.id, &uris, now)?;
            let reason = Some("redirect_uris".to_owned());
            audit::write(conn, &Entry { subject: Some(registered.key.id.to_string()), client: Some(wanted), reason, ..line })?;
        }
        Ok(Ok(()))
    })
}
