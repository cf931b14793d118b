//! The invoice account of a developer, without which nobody enrols. No card number ever comes here.

use crate::app::App;
use crate::base::Fault;
use crate::flows::record::record;
use crate::platform::developer::PaymentAccount;
use crate::platform::form::Problems;
use crate::store::{Conn, payment_accounts};

use super::enter::{DeveloperGuest, actor};

/// The account on file.
pub fn get(conn: &mut Conn, guest: &DeveloperGuest) -> Result<Option<PaymentAccount>, Fault> {
    payment_accounts::get(conn, guest.developer.id)
}

/// Writes the account down, or anew. One write.
///
/// Refuses: all that is wrong with it, field by field.
pub fn put(app: &App, conn: &mut Conn, guest: &DeveloperGuest, typed: &PaymentAccount) -> Result<Result<(), Problems>, Fault> {
    let account = match PaymentAccount::parse(typed) {
        Ok(account) => account,
        Err(problems) => return Ok(Err(problems)),
    };
    payment_accounts::put(conn, guest.developer.id, &account, app.now())?;
    record(conn, &guest.entry(app, "payment_account.set", &actor(&guest.developer)))?;
    Ok(Ok(()))
}
