//! What happened to an account: sign-ins that succeeded and failed, sessions, passwords, permissions.

use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::console::names::Names;
use crate::store::Conn;
use crate::store::audit::{self, Entry};

/// What happened to an account, newest first: up to `limit` lines before the line `before`.
pub fn lines(conn: &mut Conn, account: &AccountId, before: Option<i64>, limit: usize) -> Result<Vec<Entry>, Fault> {
    let rows = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut lines = audit::by_actor(conn, account.as_str(), before, rows)?;
    lines.extend(audit::about_subject(conn, account.as_str(), before, rows)?);
    lines.sort_by_key(|line| std::cmp::Reverse(line.id));
    lines.dedup_by_key(|line| line.id);
    lines.truncate(limit);
    Ok(lines)
}

/// The same, with the names of what they mention.
pub fn page(conn: &mut Conn, account: &AccountId, before: Option<i64>, limit: usize) -> Result<(Vec<Entry>, Names), Fault> {
    let lines = lines(conn, account, before, limit)?;
    let names = Names::of(conn, &lines)?;
    Ok((lines, names))
}
