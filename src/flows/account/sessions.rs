//! A person's sessions: which there are, and their end.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::{AccountId, SessionId};
use crate::flows::authorize::limits;
use crate::flows::record::{Caller, record};
use crate::identity::session::Session;
use crate::store::audit::Entry;
use crate::store::sessions::{self, Origin};
use crate::store::{Conn, accounts};

/// How many sessions are shown.
const MOST: i64 = 100;

/// The sessions of a person that are alive, newest first.
pub fn of(app: &App, conn: &mut Conn, account: &AccountId) -> Result<Vec<(Session, Origin)>, Fault> {
    let (now, limits) = (app.now(), limits(app));
    let floor = accounts::get(conn, account)?.and_then(|account| account.tokens_valid_after);
    let all = sessions::of_account(conn, account, MOST)?;
    let alive = |session: &Session| session.alive(limits, now) && floor.is_none_or(|floor| session.auth_time >= floor);
    Ok(all.into_iter().filter(|(session, _)| alive(session)).collect())
}

/// Ends one session of a person. One write. `false` where it is over or somebody else's.
pub fn end(app: &App, conn: &mut Conn, caller: &Caller, account: &AccountId, id: SessionId) -> Result<bool, Fault> {
    let now = app.now();
    let ended = sessions::end_of(conn, account, id, now)?;
    if ended {
        let line = Entry { session: Some(id.to_string()), ..by(app, caller, account, "session.ended") };
        record(conn, &line)?;
    }
    Ok(ended)
}

/// Logs a person out everywhere: every session is over, and so is everything that was issued to applications for them. One write.
pub fn end_everything(app: &App, conn: &mut Conn, caller: &Caller, account: &AccountId) -> Result<(), Fault> {
    let now = app.now();
    accounts::end_everything_issued(conn, account, now)?;
    sessions::end_all(conn, account, None, now)?;
    record(conn, &Entry { reason: Some("everywhere".to_owned()), ..by(app, caller, account, "session.ended") })
}

/// A line of the audit about what somebody did with their own account.
pub fn by(app: &App, caller: &Caller, account: &AccountId, event: &str) -> Entry {
    Entry { actor: Some(account.to_string()), subject: Some(account.to_string()), ..caller.entry(app, event, false, app.now()) }
}
