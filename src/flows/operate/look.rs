//! What the operator may look at. Reads only.

use std::sync::Arc;

use crate::base::Fault;
use crate::base::id::KeyId;
use crate::identity::account::Account;
use crate::store::keys::Registered;
use crate::store::outbox::{self, Line};
use crate::store::{accounts, keys};

use super::Desk;

/// How many rows are read at a time.
const PAGE: i64 = 500;

/// Every account by login name, up to `most`; `wanted` picks.
pub fn accounts(desk: &Desk, most: usize, wanted: impl Fn(&Account) -> bool) -> Result<Vec<Account>, Fault> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = desk.db.read(move |conn| accounts::page(conn, &from, PAGE))?;
        let Some(last) = page.last() else { return Ok(found) };
        after = crate::identity::account::login_key(&last.login_name);
        found.extend(page.into_iter().filter(&wanted));
        if found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// The account that signs in as `login`, and whether it has a password.
pub fn account(desk: &Desk, login: &str) -> Result<Option<(Account, bool)>, Fault> {
    let wanted = login.to_owned();
    let found = desk.db.read(move |conn| accounts::by_login(conn, &wanted))?;
    Ok(found.map(|(account, hash)| (account, hash.is_some())))
}

/// Every key that was not deleted, oldest first.
pub fn keys(desk: &Desk) -> Result<Vec<Registered>, Fault> {
    let mut found: Vec<Registered> = Vec::new();
    loop {
        let after = found.last().map_or(KeyId(0), |last| last.key.id);
        let page = desk.db.read(move |conn| keys::page(conn, after, PAGE))?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

/// The key of that `client_id`, if it is there.
pub fn key(desk: &Desk, client_id: &str) -> Result<Option<Arc<Registered>>, Fault> {
    let wanted = client_id.to_owned();
    Ok(desk.db.read(move |conn| keys::by_client_id(conn, &wanted))?.map(Arc::new))
}

/// The outbox as it may be shown.
pub struct Letters {
    /// The newest letters, newest first.
    pub newest: Vec<Line>,
    /// How many are in each state.
    pub counts: Vec<(String, i64)>,
}

/// The newest letters, and how many are in each state.
pub fn outbox(desk: &Desk, most: i64) -> Result<Letters, Fault> {
    desk.db.read(move |conn| Ok(Letters { newest: outbox::newest(conn, most)?, counts: outbox::counts(conn)? }))
}
