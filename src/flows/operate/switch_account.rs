//! Switching an account on or off.

use crate::base::Fault;
use crate::identity::account::Account;
use crate::store::audit::Entry;
use crate::store::{accounts, audit};

use super::{Declined, Desk};

/// Switches the account that signs in as `login` on or off; what it was issued sleeps while it is off. One write.
///
/// Refuses: a login name nobody has.
pub fn switch_account(desk: &Desk, login: &str, active: bool) -> Result<Result<Account, Declined>, Fault> {
    let wanted = login.to_owned();
    let now = desk.clock.now();
    let line = Entry {
        reason: Some(if active { "account_enabled" } else { "account_disabled" }.to_owned()),
        ..desk.entry("admin.action", "", now)
    };
    desk.db.write(move |conn| {
        let Some((account, _)) = accounts::by_login(conn, &wanted)? else {
            return Ok(Err(Declined::because("no account signs in with that name")));
        };
        if account.active != active {
            if active {
                accounts::unlock_by_platform(conn, &account.id, now)?;
            } else {
                accounts::lock_by_platform(conn, &account.id, now)?;
            }
            audit::write(conn, &Entry { subject: Some(account.id.to_string()), ..line })?;
        }
        Ok(Ok(Account { active, ..account }))
    })
}
