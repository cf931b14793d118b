//! Giving an account a new password: everything that hung on the old one ends.

use crate::base::Fault;
use crate::hashing::Hasher;
use crate::identity::account::Account;
use crate::identity::password::Password;
use crate::store::{accounts, audit, sessions};

use super::{Declined, Desk};

/// Sets the password of the account that signs in as `login`; its sessions and tokens end. One write, after the hash.
///
/// Refuses: a login name nobody has, a password that may not be chosen.
pub fn set_password(desk: &Desk, login: &str, password: &str) -> Result<Result<Account, Declined>, Fault> {
    let wanted = login.to_owned();
    let Some((account, _)) = desk.db.read(move |conn| accounts::by_login(conn, &wanted))? else {
        return Ok(Err(Declined::because("no account signs in with that name")));
    };
    let password = match Password::chosen(password, &account.login_name, &account.mls_name) {
        Ok(password) => password,
        Err(why) => return Ok(Err(Declined::because(format!("the password {why}")))),
    };
    let hash = hash(desk, password)?;
    let now = desk.clock.now();
    let entry = desk.entry("password.changed", account.id.as_str(), now);
    let id = account.id.clone();
    desk.db.write(move |conn| {
        accounts::set_password(conn, &id, &hash, now)?;
        sessions::end_all(conn, &id, None, now)?;
        audit::write(conn, &entry)
    })?;
    Ok(Ok(account))
}

/// Hashes one password with today's parameters.
pub fn hash(desk: &Desk, password: Password) -> Result<String, Fault> {
    let hasher = Hasher::new(1, 1)?;
    hasher.hash(password, &desk.random)?.recv().map_err(Fault::broken)?
}
