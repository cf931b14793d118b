//! Who uses an application of the store.

use diesel::prelude::*;

use crate::base::id::{AccountId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::identity::profile::Profile;
use crate::platform::purchase::{PURCHASES, Purchase};
use crate::platform::query::{Page, Query};

use super::conn::Conn;
use super::listing::page_of;
use super::schema::{accounts, purchases};

type Row = (String, bool, String);

fn read((account, purchased, profile): Row) -> Result<Purchase, Fault> {
    let profile: Profile =
        serde_json::from_str(&profile).map_err(|error| Fault::broken(format!("profile of account {account}: {error}")))?;
    Ok(Purchase { account: account.parse().map_err(Fault::broken)?, purchased, name: profile.name })
}

/// Those who were asked for; only `account` where it is given.
pub fn page(conn: &mut Conn, key: KeyId, account: Option<&AccountId>, query: &Query) -> Result<Page<Purchase>, Fault> {
    macro_rules! scope {
        () => {
            purchases::table.inner_join(accounts::table).filter(purchases::key_id.eq(key.0)).filter(
                purchases::account_id.eq(account.map_or("", AccountId::as_str)).or(account.is_none().into_sql::<diesel::sql_types::Bool>()),
            )
        };
    }
    let columns = (purchases::account_id, purchases::purchased, accounts::profile);
    page_of!(conn, &PURCHASES, query, scope!(), Row, select columns)?.try_map(read)
}

/// Notes whether somebody uses the application.
pub fn set(conn: &mut Conn, key: KeyId, account: &AccountId, purchased: bool, now: Timestamp) -> Result<(), Fault> {
    let changed = (purchases::purchased.eq(purchased), purchases::modified_at.eq(now.0));
    let row = (purchases::key_id.eq(key.0), purchases::account_id.eq(account.as_str()), changed);
    conn.execute(
        diesel::insert_into(purchases::table).values(row).on_conflict((purchases::key_id, purchases::account_id)).do_update().set(changed),
    )?;
    Ok(())
}
