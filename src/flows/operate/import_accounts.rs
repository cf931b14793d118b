//! Importing a roster: good rows are kept, bad rows are told; doing it again changes nothing.

use std::collections::HashMap;

use serde::Serialize;

use crate::base::Fault;
use crate::base::id::AccountId;
use crate::identity::account::login_key;
use crate::identity::roster::{self, Record, RosterAccount};
use crate::store::accounts::{self, NewAccount, Written};
use crate::store::audit::{self, Entry};
use crate::store::mlses::Mls;

use super::Desk;

/// How many rows go in one write, so that a running server's writes wait for none of them long.
pub const BATCH: usize = 250;

/// One row of a roster file: a record, or why it is none.
#[derive(Debug)]
pub struct Row {
    /// Where in the file.
    pub line: usize,
    /// What it says.
    pub record: Result<Record, String>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// Where in the file.
    pub line: usize,
    /// Why; never what the row said of a person.
    pub reason: String,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New accounts.
    pub added: usize,
    /// Accounts that were different.
    pub changed: usize,
    /// Accounts that were the same.
    pub same: usize,
    /// Rows that were not taken.
    pub bad: Vec<BadRow>,
}

/// Imports the rows of a roster; `told` hears how many rows are done. One write for each batch.
///
/// An account keeps a password it has: a hash in the roster counts only where there is none yet.
pub fn import_accounts(desk: &Desk, mls: &Mls, login_prefix: &str, rows: Vec<Row>, mut told: impl FnMut(usize)) -> Result<Imported, Fault> {
    let mut imported = Imported::default();
    let mut seen = Seen::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut done = 0;
    for Row { line, record } in rows {
        let read = record.and_then(|record| roster::account(&record, login_prefix)).and_then(|account| seen.first(line, account));
        match read {
            Ok(account) => batch.push((line, account)),
            Err(reason) => imported.bad.push(BadRow { line, reason }),
        }
        if batch.len() == BATCH {
            done += batch.len();
            write(desk, mls, std::mem::take(&mut batch), &mut imported)?;
            told(done + imported.bad.len());
        }
    }
    if !batch.is_empty() {
        done += batch.len();
        write(desk, mls, batch, &mut imported)?;
    }
    told(done + imported.bad.len());
    imported.bad.sort_by_key(|bad| bad.line);
    Ok(imported)
}

/// Which keys and login names stood in earlier lines.
#[derive(Default)]
struct Seen {
    keys: HashMap<String, usize>,
    logins: HashMap<String, usize>,
}

impl Seen {
    fn first(&mut self, line: usize, account: RosterAccount) -> Result<RosterAccount, String> {
        let login = login_key(&account.login_name);
        if let Some(earlier) = self.keys.get(&account.roster_key) {
            return Err(format!("its key stands in line {earlier} already"));
        }
        if let Some(earlier) = self.logins.get(&login) {
            return Err(format!("its login name {} stands in line {earlier} already", account.login_name));
        }
        self.keys.insert(account.roster_key.clone(), line);
        self.logins.insert(login, line);
        Ok(account)
    }
}

fn write(desk: &Desk, mls: &Mls, batch: Vec<(usize, RosterAccount)>, imported: &mut Imported) -> Result<(), Fault> {
    let now = desk.clock.now();
    let lines: Vec<(usize, String)> = batch.iter().map(|(line, account)| (*line, account.login_name.clone())).collect();
    let mut ready: Vec<(AccountId, RosterAccount, String)> = Vec::with_capacity(batch.len());
    for (_, account) in batch {
        let profile = serde_json::to_string(&account.profile).map_err(Fault::broken)?;
        ready.push((desk.random.account_id(now), account, profile));
    }
    let mls_id = mls.id.clone();
    let entry = Entry { reason: Some("accounts_imported".to_owned()), ..desk.entry("admin.action", mls.id.as_str(), now) };
    let written = desk.db.write(move |conn| {
        let mut written = Vec::with_capacity(ready.len());
        for (id, account, profile) in &ready {
            let new = NewAccount {
                id: id.clone(),
                mls_id: &mls_id,
                roster_key: &account.roster_key,
                login_name: &account.login_name,
                user_type: account.user_type.name(),
                active: account.active,
                password_hash: account.password_hash.as_deref(),
                profile,
            };
            written.push(accounts::write(conn, &new, now)?);
        }
        let changes = written.iter().filter(|written| matches!(written, Written::Added | Written::Changed)).count();
        if changes > 0 {
            audit::write(conn, &Entry { times: i64::try_from(changes).unwrap_or(i64::MAX), ..entry })?;
        }
        Ok(written)
    })?;
    for ((line, login), written) in lines.into_iter().zip(written) {
        match written {
            Written::Added => imported.added += 1,
            Written::Changed => imported.changed += 1,
            Written::Same => imported.same += 1,
            Written::LoginTaken => {
                imported.bad.push(BadRow { line, reason: format!("another account signs in as {login}") });
            }
        }
    }
    Ok(())
}
