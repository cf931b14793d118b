//! Revocation: one access token, or everything that hangs on a grant.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::KeyId;
use crate::protocol::handle::{Handle, Kind, Owner};
use crate::store::audit::Entry;
use crate::store::{Conn, grants};

use super::check;
use super::identify::Identified;
use super::record::{Caller, record, refused_in_write};

/// Reads a token to be revoked: an access token of either form, or a refresh token; anything else is already as good as revoked.
///
/// Spec: RFC 7009 §2.1, §2.2
pub fn read(app: &App, token: &str) -> Option<Handle> {
    if token.starts_with(Kind::Refresh.prefix()) { app.macs.load().read(Kind::Refresh, token) } else { check::read(app, token) }
}

/// Revokes what `handle` stands for, if it is the client's own. One write.
///
/// A refresh token takes its whole family along.
/// Spec: RFC 7009 §2.1
pub fn revoke(app: &App, conn: &mut Conn, caller: &Caller, client: &Identified, handle: &Handle) -> Result<(), Fault> {
    let now = app.now();
    let me = client.registered.key.id;
    let (owner, person) = match handle.owner {
        Owner::Key(id) => (Some(id), None),
        Owner::Grant(id) => grants::owner(conn, id)?.map_or((None, None), |(key, person)| (Some(key), Some(person))),
    };
    let Some(owner) = owner else { return Ok(()) };
    let line = |event: &str, refused: bool| Entry {
        subject: person.clone(),
        client: Some(client.registered.key.key.clone()),
        ..caller.entry(app, event, refused, now)
    };
    if owner != me {
        let line = Entry { reason: Some("foreign_token".to_owned()), ..line("revoke.denied", true) };
        return refused_in_write(app, conn, caller, "revoke.denied", "foreign_token", &line);
    }
    match (handle.kind, handle.owner) {
        (Kind::Refresh, Owner::Grant(id)) => {
            if grants::end(conn, id, now)? {
                record(conn, &line("family.revoked", false))?;
            }
        }
        (_, Owner::Grant(id)) => {
            grants::revoke_token(conn, handle.nonce, handle.expires, Some(id))?;
            record(conn, &line("token.revoked", false))?;
        }
        (_, Owner::Key(KeyId(_))) => {
            grants::revoke_token(conn, handle.nonce, handle.expires, None)?;
            record(conn, &line("token.revoked", false))?;
        }
    }
    Ok(())
}
