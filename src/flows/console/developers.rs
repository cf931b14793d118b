//! Developers in the platform's console: the records that the Keys API calls Identities, with their keys and their logins.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::IdentityId;
use crate::flows::record::record;
use crate::platform::developer::Developer;
use crate::platform::identity::Identity;
use crate::platform::lines::{DeveloperLine, KeyLine};
use crate::platform::reach::Reach;
use crate::store::audit::Entry;
use crate::store::key_lists::{self, Wanted};
use crate::store::{Conn, developers, identities};

use super::enter::Guest;

/// How many keys of a developer are shown.
const MOST: i64 = 100;

/// A page of the developers within reach, newest first.
pub fn list(conn: &mut Conn, reach: &Reach, wanted: &Wanted) -> Result<Vec<DeveloperLine>, Fault> {
    key_lists::developers_page(conn, reach, wanted)
}

/// A developer with his keys.
pub struct Facts {
    /// The record.
    pub identity: Identity,
    /// Who signs in to the portal for it, if anybody.
    pub developer: Option<Developer>,
    /// The keys, newest first.
    pub keys: Vec<KeyLine>,
}

/// The developer of that record, if it is within reach.
pub fn one(conn: &mut Conn, reach: &Reach, id: IdentityId) -> Result<Option<Facts>, Fault> {
    let Some(identity) = identities::get(conn, reach, id)?.filter(|found| found.deleted_at.is_none()) else { return Ok(None) };
    let developer = developers::of_identity(conn, id)?;
    let keys = key_lists::keys_page(conn, reach, &Wanted { identity: Some(id), limit: MOST, ..Wanted::default() })?;
    Ok(Some(Facts { identity, developer, keys }))
}

/// Lets a developer sign in to the portal and enrol, or no more; his keys stay as they are. One write.
///
/// `None` where there is no such developer; `false` where it is so already.
pub fn switch(app: &App, conn: &mut Conn, guest: &Guest, id: IdentityId, enabled: bool) -> Result<Option<bool>, Fault> {
    identities::hold(conn, id)?;
    // Who was deleted stays switched off.
    if identities::get(conn, &Reach::Everything, id)?.is_none_or(|found| found.deleted_at.is_some()) {
        return Ok(None);
    }
    let Some(developer) = developers::of_identity(conn, id)? else { return Ok(None) };
    if developer.enabled == enabled {
        return Ok(Some(false));
    }
    developers::set_enabled(conn, developer.id, enabled, app.now())?;
    let event = if enabled { "developer.enabled" } else { "developer.disabled" };
    record(conn, &Entry { subject: Some(format!("developer:{}", developer.id)), ..guest.entry(app, event) })?;
    Ok(Some(true))
}
