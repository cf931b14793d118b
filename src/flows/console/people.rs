//! The people of an MLS in the consoles: finding them, and locking or unlocking an account. Nobody sets anybody's password.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::account::connections::{self, Connection};
use crate::flows::account::history;
use crate::flows::record::record;
use crate::flows::tell;
use crate::identity::account::Account;
use crate::mail::AccountNotice;
use crate::platform::reach::Reach;
use crate::store::accounts::Guard;
use crate::store::audit::Entry;
use crate::store::{Conn, account_lists, accounts, sessions};

use super::enter::{Area, Guest};

/// How many lines of an account's history are shown.
const LINES: usize = 10;

/// Up to `limit` accounts within reach behind the login name `after`, in whose record `part` stands.
pub fn list(conn: &mut Conn, reach: &Reach, part: &str, after: &str, limit: i64) -> Result<Vec<Account>, Fault> {
    account_lists::page(conn, reach, part, after, limit)
}

/// An account with what staff may know of it.
pub struct Facts {
    /// The account.
    pub account: Account,
    /// Whether it is staff of the platform, and whether the platform locked it.
    pub guard: Guard,
    /// What acts for it.
    pub connections: Vec<Connection>,
    /// What happened lately, newest first.
    pub history: Vec<Entry>,
}

/// The account of that id, if it is within reach.
pub fn one(app: &App, conn: &mut Conn, reach: &Reach, id: &AccountId) -> Result<Option<Facts>, Fault> {
    let Some(account) = accounts::get(conn, id)?.filter(|account| reach.covers(Some(&account.mls_id))) else { return Ok(None) };
    let connections = connections::of(app, conn, id)?;
    let history = history::lines(conn, id, None, LINES)?;
    let guard = accounts::guard(conn, id)?;
    Ok(Some(Facts { account, guard, connections, history }))
}

/// Why an account stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is one's own.
    Own,
    /// It is so already.
    Same,
    /// It is staff of the platform, whom no MLS locks out or lets in.
    Platforms,
    /// The platform locked it, and only the platform unlocks it.
    PlatformsLock,
}

/// Locks an account, or unlocks it. What it was issued sleeps while it is locked; sessions end. One write.
///
/// Refuses: see [`Refusal`]; `None` where there is no such account within reach.
pub fn switch(
    app: &App,
    conn: &mut Conn,
    guest: &Guest,
    area: Area,
    id: &AccountId,
    active: bool,
) -> Result<Option<Result<(), Refusal>>, Fault> {
    let Some(account) = accounts::get(conn, id)?.filter(|account| guest.reach(area).covers(Some(&account.mls_id))) else {
        return Ok(None);
    };
    if account.id == guest.account.id {
        return Ok(Some(Err(Refusal::Own)));
    }
    if account.active == active {
        return Ok(Some(Err(Refusal::Same)));
    }
    let guard = accounts::guard(conn, id)?;
    match area {
        Area::Admin => {}
        _ if guard.platform_staff => return Ok(Some(Err(Refusal::Platforms))),
        _ if guard.locked_by_platform => return Ok(Some(Err(Refusal::PlatformsLock))),
        _ => {}
    }
    let now = app.now();
    let switched = match (area, active) {
        (Area::Admin, true) => accounts::unlock_by_platform(conn, id, now)?,
        (Area::Admin, false) => accounts::lock_by_platform(conn, id, now)?,
        _ => accounts::set_active(conn, id, active, now)?,
    };
    if !switched {
        // The platform locked it between the look and this.
        return Ok(Some(Err(Refusal::PlatformsLock)));
    }
    if !active {
        sessions::end_all(conn, id, None, now)?;
    }
    let event = if active { "account.unlocked" } else { "account.locked" };
    let line = Entry { subject: Some(id.to_string()), reason: Some("by_staff".to_owned()), ..guest.entry(app, event) };
    record(conn, &line)?;
    let (subject, what) = if active {
        ("Your account is unlocked", "your account was unlocked: you can sign in again, and your applications work again.")
    } else {
        ("Your account is locked", "your account was locked. No one can sign in, and no application can act for you. Ask your MLS why.")
    };
    let who = (account.profile.name.as_str(), account.mls_name.as_str());
    tell::account_notice(app, conn, &account, &AccountNotice::new(subject, what, who, now, None, "the staff console"))?;
    Ok(Some(Ok(())))
}
