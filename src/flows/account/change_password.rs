//! Changing one's own password: everything that hung on the old one ends, but not the session it is changed in.

use crate::app::App;
use crate::base::id::SessionId;
use crate::base::{Fault, Secret};
use crate::flows::record::{Caller, record};
use crate::identity::account::Account;
use crate::mail::AccountNotice;
use crate::store::{Conn, accounts, sessions as rows};

use super::sessions::by;
use crate::flows::tell;

/// Sets the new password's hash; every other session and everything issued to applications is over, and the person is told by letter.
/// Answers the new secret of the session that stays. One write.
///
/// # Errors
/// [`Fault::Unavailable`] where that session was ended meanwhile: whoever was thrown out changes nothing.
pub fn change(app: &App, conn: &mut Conn, caller: &Caller, account: &Account, session: SessionId, hash: &str) -> Result<Secret, Fault> {
    let now = app.now();
    accounts::set_password(conn, &account.id, hash, now)?;
    rows::end_all(conn, &account.id, Some(session), now)?;
    let secret = Secret::new(app.random.token());
    if !rows::renew(conn, session, &secret.digest(), now)? {
        return Err(Fault::unavailable("the session ended while the password was changed"));
    }
    record(conn, &by(app, caller, &account.id, "password.changed"))?;
    let what = "the password of your account was changed. Every other session is signed out, and applications must ask you again.";
    tell::account_notice(
        app,
        conn,
        account,
        &AccountNotice::new(
            "Your password was changed",
            what,
            (&account.profile.name, &account.mls_name),
            now,
            caller.peer,
            &caller.user_agent,
        ),
    )?;
    Ok(secret)
}
