//! Putting letters into the outbox, within the write they tell of.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::LetterId;
use crate::identity::account::Account;
use crate::mail::{AccountNotice, Letter};
use crate::store::Conn;
use crate::store::outbox::{self, Waiting};

/// Writes a letter down; it is sent afterwards.
pub fn letter(app: &App, conn: &mut Conn, letter: Letter) -> Result<(), Fault> {
    let now = app.now();
    let waiting = Waiting {
        id: LetterId(app.random.id(now)),
        recipient: letter.to,
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        attempts: 0,
    };
    outbox::put(conn, &waiting, now)
}

/// Tells a person what happened to the account, if an address is known.
pub fn account_notice(app: &App, conn: &mut Conn, account: &Account, notice: &AccountNotice) -> Result<(), Fault> {
    match account.profile.primary_email() {
        Some(to) => letter(app, conn, notice.letter(to, &app.settings.issuer)?),
        None => Ok(()),
    }
}
