//! Consents as the Keys API sees them: by key, and who of the staff gave them.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::base::id::{AccountId, ConsentId, KeyId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::platform::authorization::{AUTHORIZATIONS, Authorization};
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::protocol::grant::GrantState;

use super::conn::Conn;
use super::listing::page_of;
use super::schema::{accounts, consents, grants};
use super::scope::within;

/// How long an ended permission is remembered.
const REMEMBERED: Seconds = Seconds::days(1);

type Row = (String, i64, String, String, i64, i64, Option<String>, i64);

fn read((account_id, _, scope, _, granted_at, id, given_by, created_at): Row) -> Result<Authorization, Fault> {
    Ok(Authorization {
        id: ConsentId(id),
        account_id: account_id.parse().map_err(Fault::broken)?,
        scope,
        given_by,
        created_at: Timestamp(created_at),
        modified_at: Timestamp(granted_at),
    })
}

/// The authorizations of a key that people within `reach` gave, whoever issued it.
macro_rules! of_key {
    ($key:expr, $reach:expr) => {
        consents::table
            .filter(consents::key_id.eq($key.0))
            .filter(exists(accounts::table.filter(accounts::id.eq(consents::account_id)).filter(within("accounts", $reach))))
    };
}

/// The authorizations of a key that people within `reach` gave and that were asked for.
pub fn page(conn: &mut Conn, reach: &Reach, key: KeyId, query: &Query) -> Result<Page<Authorization>, Fault> {
    page_of!(conn, &AUTHORIZATIONS, query, of_key!(key, reach), Row)?.try_map(read)
}

/// That authorization of that key, if somebody within `reach` gave it.
pub fn get(conn: &mut Conn, reach: &Reach, key: KeyId, id: ConsentId) -> Result<Option<Authorization>, Fault> {
    conn.one::<Row>(of_key!(key, reach).filter(consents::id.eq(id.0)))?.map(read).transpose()
}

/// The authorization of that person for that key.
pub fn of(conn: &mut Conn, account: &AccountId, key: KeyId) -> Result<Option<Authorization>, Fault> {
    conn.one::<Row>(consents::table.find((account.as_str(), key.0)))?.map(read).transpose()
}

/// Notes who of the staff gave an authorization.
pub fn give(conn: &mut Conn, account: &AccountId, key: KeyId, by: &str) -> Result<(), Fault> {
    let row = consents::table.find((account.as_str(), key.0));
    conn.execute(diesel::update(row).set(consents::given_by.eq(by))).map(drop)
}

/// Whether somebody of the staff authorized that person for that key.
pub fn is_given(conn: &mut Conn, account: &AccountId, key: KeyId) -> Result<bool, Fault> {
    let row = consents::table.find((account.as_str(), key.0)).filter(consents::given_by.is_not_null());
    Ok(conn.one::<i64>(row.select(consents::id))?.is_some())
}

/// Every permission for a key is over whose person nobody of the staff authorized; answers how many were.
pub fn end_others(conn: &mut Conn, key: KeyId, now: Timestamp) -> Result<usize, Fault> {
    let given = consents::table.filter(consents::key_id.eq(key.0)).filter(consents::given_by.is_not_null()).select(consents::account_id);
    let others = grants::table
        .filter(grants::key_id.eq(key.0))
        .filter(grants::state.ne(GrantState::Ended.name()))
        .filter(grants::account_id.ne_all(given));
    let set = (grants::state.eq(GrantState::Ended.name()), grants::sweep_at.eq((now + REMEMBERED).0));
    conn.execute(diesel::update(others).set(set))
}
