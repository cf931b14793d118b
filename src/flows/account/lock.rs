//! Locking one's own account: the emergency brake of somebody who no longer trusts what is signed in.

use crate::app::App;
use crate::base::Fault;
use crate::flows::record::{Caller, record};
use crate::flows::tell;
use crate::identity::account::Account;
use crate::mail::AccountNotice;
use crate::store::audit::Entry;
use crate::store::{Conn, accounts, sessions as rows};

use super::sessions::by;

/// Switches the account off, ends every session and everything issued, and tells the person by letter. One write.
///
/// Only the MLS can switch it on again: whoever has the password must not be able to.
pub fn lock(app: &App, conn: &mut Conn, caller: &Caller, account: &Account) -> Result<(), Fault> {
    let now = app.now();
    accounts::set_active(conn, &account.id, false, now)?;
    accounts::end_everything_issued(conn, &account.id, now)?;
    rows::end_all(conn, &account.id, None, now)?;
    record(conn, &Entry { reason: Some("by_the_person".to_owned()), ..by(app, caller, &account.id, "account.locked") })?;
    let what = "your account was locked by someone signed in to it. No one can sign in, and no application can act for you. Your MLS can unlock it.";
    tell::account_notice(
        app,
        conn,
        account,
        &AccountNotice::new(
            "Your account is locked",
            what,
            (&account.profile.name, &account.mls_name),
            now,
            caller.peer,
            &caller.user_agent,
        ),
    )
}
