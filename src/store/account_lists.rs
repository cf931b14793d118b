//! Accounts as consoles list them, by login name.

use diesel::prelude::*;

use crate::base::Fault;
use crate::identity::account::{Account, login_key};
use crate::platform::reach::Reach;

use super::accounts::Row;
use super::conn::Conn;
use super::schema::{accounts, mlses};
use super::scope::within;
use super::search::{holding, lower};

/// Up to `limit` accounts within reach behind the login name `after`, in whose record `part` stands.
pub fn page(conn: &mut Conn, reach: &Reach, part: &str, after: &str, limit: i64) -> Result<Vec<Account>, Fault> {
    let pattern = holding(part);
    let rows: Vec<(Row, (String, String))> = conn.all(
        accounts::table
            .inner_join(mlses::table)
            .filter(within("accounts", reach))
            .filter(accounts::login_key.gt(login_key(after)))
            .filter(accounts::login_key.like(pattern.clone()).escape('\\').or(lower(accounts::profile).like(pattern).escape('\\')))
            .order(accounts::login_key)
            .limit(limit)
            .select((accounts::all_columns, (mlses::name, mlses::time_zone))),
    )?;
    rows.into_iter().map(|(row, mls)| row.read(mls).map(|(account, _)| account)).collect()
}

/// How many accounts are within reach.
pub fn count(conn: &mut Conn, reach: &Reach) -> Result<i64, Fault> {
    Ok(conn.one(accounts::table.filter(within("accounts", reach)).count())?.unwrap_or_default())
}
