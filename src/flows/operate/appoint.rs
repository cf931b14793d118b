//! Making an account staff of the platform, or taking that away. Nobody can do it from within.

use crate::base::Fault;
use crate::identity::account::Account;
use crate::store::audit::Entry;
use crate::store::{accounts, audit};

use super::{Declined, Desk};

/// Makes the account that signs in as `login` staff of the platform, or no longer. One write.
///
/// Refuses: a login name nobody has.
pub fn appoint(desk: &Desk, login: &str, staff: bool) -> Result<Result<Account, Declined>, Fault> {
    let wanted = login.to_owned();
    let now = desk.clock.now();
    let reason = if staff { "platform_staff_appointed" } else { "platform_staff_dismissed" };
    let line = Entry { reason: Some(reason.to_owned()), ..desk.entry("admin.action", "", now) };
    desk.db.write(move |conn| {
        let Some((account, _)) = accounts::by_login(conn, &wanted)? else {
            return Ok(Err(Declined::because("no account signs in with that name")));
        };
        accounts::set_platform_staff(conn, &account.id, staff, now)?;
        audit::write(conn, &Entry { subject: Some(account.id.to_string()), ..line })?;
        Ok(Ok(account))
    })
}
