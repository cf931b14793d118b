//! Accounts.

use diesel::prelude::*;

use crate::base::id::AccountId;
use crate::base::{Fault, Timestamp};
use crate::identity::account::{Account, login_key};

use super::conn::Conn;
use super::schema::{accounts, mlses};

#[derive(Queryable, Identifiable)]
#[diesel(table_name = accounts)]
pub(super) struct Row {
    id: String,
    mls_id: String,
    login_name: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    login_key: String,
    user_type: String,
    active: bool,
    password_hash: Option<String>,
    tokens_valid_after: Option<i64>,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    roster_key: String,
    profile: String,
    #[expect(dead_code, reason = "read with the row, shown nowhere yet")]
    created_at: i64,
    modified_at: i64,
    #[expect(dead_code, reason = "read with the row; asked for by itself")]
    platform_staff: bool,
    locked_by_platform: bool,
}

impl Row {
    pub(super) fn read(self, (mls_name, time_zone): (String, String)) -> Result<(Account, Option<String>), Fault> {
        let account = Account {
            id: self.id.parse().map_err(Fault::broken)?,
            mls_id: self.mls_id.parse().map_err(Fault::broken)?,
            mls_name,
            time_zone,
            login_name: self.login_name,
            user_type: self.user_type.parse().map_err(Fault::broken)?,
            active: self.active,
            tokens_valid_after: self.tokens_valid_after.map(Timestamp),
            profile: serde_json::from_str(&self.profile)
                .map_err(|error| Fault::broken(format!("profile of account {}: {error}", self.id)))?,
            modified_at: Timestamp(self.modified_at),
        };
        Ok((account, self.password_hash))
    }
}

/// An account to be written, as a roster has it.
pub struct NewAccount<'a> {
    /// Its id, used where the roster key is new.
    pub id: AccountId,
    /// The MLS it belongs to.
    pub mls_id: &'a AccountId,
    /// The MLS's own key for it: the same key is the same account.
    pub roster_key: &'a str,
    /// What it signs in with.
    pub login_name: &'a str,
    /// Member, Office, Company or Mls.
    pub user_type: &'a str,
    /// May use the platform.
    pub active: bool,
    /// A hash from another system, written only where the account has none.
    pub password_hash: Option<&'a str>,
    /// The rest, as JSON.
    pub profile: &'a str,
}

/// What writing an account did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A new account.
    Added,
    /// A known one that was different.
    Changed,
    /// A known one that was the same.
    Same,
    /// Nothing: another account signs in with this name.
    LoginTaken,
}

/// Adds or updates the account of a roster key.
pub fn write(conn: &mut Conn, new: &NewAccount<'_>, now: Timestamp) -> Result<Written, Fault> {
    let key = login_key(new.login_name);
    let known =
        conn.one::<Row>(accounts::table.filter(accounts::mls_id.eq(new.mls_id.as_str())).filter(accounts::roster_key.eq(new.roster_key)))?;
    let holder: Option<String> = conn.one(accounts::table.filter(accounts::login_key.eq(&key)).select(accounts::id))?;
    if holder.is_some_and(|holder| known.as_ref().is_none_or(|known| known.id != holder)) {
        return Ok(Written::LoginTaken);
    }
    let Some(known) = known else {
        conn.execute(diesel::insert_into(accounts::table).values((
            accounts::id.eq(new.id.as_str()),
            accounts::mls_id.eq(new.mls_id.as_str()),
            accounts::login_name.eq(new.login_name.trim()),
            accounts::login_key.eq(key),
            accounts::user_type.eq(new.user_type),
            accounts::active.eq(new.active),
            accounts::password_hash.eq(new.password_hash),
            accounts::roster_key.eq(new.roster_key),
            accounts::profile.eq(new.profile),
            accounts::created_at.eq(now.0),
            accounts::modified_at.eq(now.0),
        )))?;
        return Ok(Written::Added);
    };
    if is_same(&known, new) {
        return Ok(Written::Same);
    }
    // A password or a lock that is set at this moment is not overwritten by what was read before it.
    conn.execute(diesel::update(accounts::table.find(&known.id)).set(accounts::id.eq(accounts::id)))?;
    let Some(known) = conn.one::<Row>(accounts::table.find(&known.id))? else { return Ok(Written::Same) };
    conn.execute(diesel::update(accounts::table.find(&known.id)).set((
        accounts::login_name.eq(new.login_name.trim()),
        accounts::login_key.eq(key),
        accounts::user_type.eq(new.user_type),
        accounts::active.eq(active(&known, new)),
        accounts::password_hash.eq(known.password_hash.as_deref().or(new.password_hash)),
        accounts::profile.eq(new.profile),
        accounts::modified_at.eq(now.0),
    )))?;
    Ok(Written::Changed)
}

/// A roster is the MLS's word, but for what the platform locked.
const fn active(known: &Row, new: &NewAccount<'_>) -> bool {
    new.active && !known.locked_by_platform
}

fn is_same(known: &Row, new: &NewAccount<'_>) -> bool {
    known.login_name == new.login_name.trim()
        && known.user_type == new.user_type
        && known.active == active(known, new)
        && known.profile == new.profile
        && (known.password_hash.is_some() || new.password_hash.is_none())
}

/// Adds an account that no roster has, unless its MLS has one of that roster key already; answers whose it is.
pub fn add_once(conn: &mut Conn, new: &NewAccount<'_>, now: Timestamp) -> Result<AccountId, Fault> {
    conn.execute(
        diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(new.id.as_str()),
                accounts::mls_id.eq(new.mls_id.as_str()),
                accounts::login_name.eq(new.login_name),
                accounts::login_key.eq(login_key(new.login_name)),
                accounts::user_type.eq(new.user_type),
                accounts::active.eq(new.active),
                accounts::password_hash.eq(new.password_hash),
                accounts::roster_key.eq(new.roster_key),
                accounts::profile.eq(new.profile),
                accounts::created_at.eq(now.0),
                accounts::modified_at.eq(now.0),
            ))
            .on_conflict_do_nothing(),
    )?;
    let query = accounts::table
        .filter(accounts::mls_id.eq(new.mls_id.as_str()))
        .filter(accounts::roster_key.eq(new.roster_key))
        .select(accounts::id);
    let id: Option<String> = conn.one(query)?;
    id.ok_or_else(|| Fault::broken("an account was added and is not there"))?.parse().map_err(Fault::broken)
}

/// The account of that id.
pub fn get(conn: &mut Conn, id: &AccountId) -> Result<Option<Account>, Fault> {
    let row: Option<(Row, (String, String))> = conn.one(
        accounts::table
            .inner_join(mlses::table)
            .filter(accounts::id.eq(id.as_str()))
            .select((accounts::all_columns, (mlses::name, mlses::time_zone))),
    )?;
    Ok(row.map(|(row, mls)| row.read(mls)).transpose()?.map(|(account, _)| account))
}

/// The account that signs in with that name, and its password hash.
pub fn by_login(conn: &mut Conn, login_name: &str) -> Result<Option<(Account, Option<String>)>, Fault> {
    let query = accounts::table
        .inner_join(mlses::table)
        .filter(accounts::login_key.eq(login_key(login_name)))
        .select((accounts::all_columns, (mlses::name, mlses::time_zone)));
    let row: Option<(Row, (String, String))> = conn.one(query)?;
    row.map(|(row, mls)| row.read(mls)).transpose()
}

/// Replaces a password hash by one of the same password with today's parameters, or holds on to it where there is none;
/// `false` where `hash` is no longer the account's. Whoever sets a password meanwhile comes before or after this write, never between.
pub fn rehash(conn: &mut Conn, id: &AccountId, hash: &str, rehashed: Option<&str>) -> Result<bool, Fault> {
    let same = diesel::update(accounts::table.find(id.as_str())).filter(accounts::password_hash.eq(hash)).filter(accounts::active.eq(true));
    Ok(conn.execute(same.set(accounts::password_hash.eq(rehashed.unwrap_or(hash))))? == 1)
}

/// Gives an account a new password: everything issued on the old one is dead. `false` where there is no such account.
pub fn set_password(conn: &mut Conn, id: &AccountId, hash: &str, now: Timestamp) -> Result<bool, Fault> {
    let set = (accounts::password_hash.eq(hash), accounts::tokens_valid_after.eq(now.0), accounts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(accounts::table.find(id.as_str())).set(set))? == 1)
}

/// Everything issued for an account until now is dead. `false` where there is no such account.
pub fn end_everything_issued(conn: &mut Conn, id: &AccountId, now: Timestamp) -> Result<bool, Fault> {
    let set = (accounts::tokens_valid_after.eq(now.0), accounts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(accounts::table.find(id.as_str())).set(set))? == 1)
}

/// Switches an account on or off; what it was issued sleeps while it is off. `false` where the platform locked it, or there is none.
pub fn set_active(conn: &mut Conn, id: &AccountId, active: bool, now: Timestamp) -> Result<bool, Fault> {
    let own = accounts::table.find(id.as_str()).filter(accounts::locked_by_platform.eq(false));
    Ok(conn.execute(diesel::update(own).set((accounts::active.eq(active), accounts::modified_at.eq(now.0))))? == 1)
}

/// Switches an account on in the name of the platform, whoever locked it.
pub fn unlock_by_platform(conn: &mut Conn, id: &AccountId, now: Timestamp) -> Result<bool, Fault> {
    let set = (accounts::active.eq(true), accounts::locked_by_platform.eq(false), accounts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(accounts::table.find(id.as_str())).set(set))? == 1)
}

/// Switches an account off in the name of the platform: its MLS does not switch it on again.
pub fn lock_by_platform(conn: &mut Conn, id: &AccountId, now: Timestamp) -> Result<bool, Fault> {
    let set = (accounts::active.eq(false), accounts::locked_by_platform.eq(true), accounts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(accounts::table.find(id.as_str())).set(set))? == 1)
}

/// What keeps an MLS from locking and unlocking one of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guard {
    /// It is staff of the platform, locked or not.
    pub platform_staff: bool,
    /// The platform locked it.
    pub locked_by_platform: bool,
}

/// The same of one account.
pub fn guard(conn: &mut Conn, id: &AccountId) -> Result<Guard, Fault> {
    let found: Option<(bool, bool)> =
        conn.one(accounts::table.find(id.as_str()).select((accounts::platform_staff, accounts::locked_by_platform)))?;
    Ok(found.map_or_else(Guard::default, |(platform_staff, locked_by_platform)| Guard { platform_staff, locked_by_platform }))
}

/// Makes an account staff of the platform, or takes that away.
pub fn set_platform_staff(conn: &mut Conn, id: &AccountId, staff: bool, now: Timestamp) -> Result<bool, Fault> {
    let set = (accounts::platform_staff.eq(staff), accounts::modified_at.eq(now.0));
    Ok(conn.execute(diesel::update(accounts::table.find(id.as_str())).set(set))? == 1)
}

/// Whether an account is staff of the platform and may use it.
pub fn is_platform_staff(conn: &mut Conn, id: &AccountId) -> Result<bool, Fault> {
    let staff: Option<bool> =
        conn.one(accounts::table.find(id.as_str()).filter(accounts::active.eq(true)).select(accounts::platform_staff))?;
    Ok(staff.unwrap_or(false))
}

/// Up to `limit` active accounts of the platform's staff.
pub fn platform_staff(conn: &mut Conn, limit: i64) -> Result<Vec<Account>, Fault> {
    let query = accounts::table
        .inner_join(mlses::table)
        .filter(accounts::platform_staff)
        .filter(accounts::active.eq(true))
        .order(accounts::id)
        .select((accounts::all_columns, (mlses::name, mlses::time_zone)))
        .limit(limit);
    let rows: Vec<(Row, (String, String))> = conn.all(query)?;
    rows.into_iter().map(|(row, mls)| row.read(mls).map(|(account, _)| account)).collect()
}

/// Up to `limit` active accounts of an MLS with that office or company.
pub fn colleagues(conn: &mut Conn, mls: &AccountId, office: &str, company: &str, limit: i64) -> Result<Vec<Account>, Fault> {
    // Offices stand in the profile's text; how it is spelled there is serde's own doing, and what is found is compared again by the caller.
    let member = |name: &str, value: &str| {
        let text = serde_json::to_string(value).unwrap_or_default().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%\"{name}\":{text}%")
    };
    let query = accounts::table
        .inner_join(mlses::table)
        .filter(accounts::mls_id.eq(mls.as_str()))
        .filter(accounts::active.eq(true))
        .filter(
            accounts::profile
                .like(member("OfficeId", office))
                .escape('\\')
                .or(accounts::profile.like(member("CompanyId", company)).escape('\\').and(accounts::user_type.eq("Company"))),
        )
        .order(accounts::id)
        .select((accounts::all_columns, (mlses::name, mlses::time_zone)))
        .limit(limit);
    let rows: Vec<(Row, (String, String))> = conn.all(query)?;
    rows.into_iter().map(|(row, mls)| row.read(mls).map(|(account, _)| account)).collect()
}

/// Up to `limit` active accounts of an MLS's own staff.
pub fn staff_of(conn: &mut Conn, mls: &AccountId, limit: i64) -> Result<Vec<Account>, Fault> {
    let query = accounts::table
        .inner_join(mlses::table)
        .filter(accounts::mls_id.eq(mls.as_str()))
        .filter(accounts::user_type.eq("Mls"))
        .filter(accounts::active.eq(true))
        .order(accounts::id)
        .select((accounts::all_columns, (mlses::name, mlses::time_zone)))
        .limit(limit);
    let rows: Vec<(Row, (String, String))> = conn.all(query)?;
    rows.into_iter().map(|(row, mls)| row.read(mls).map(|(account, _)| account)).collect()
}

/// Up to `limit` accounts behind the login key `after`, by login name.
pub fn page(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Account>, Fault> {
    let query = accounts::table
        .inner_join(mlses::table)
        .filter(accounts::login_key.gt(after))
        .order(accounts::login_key)
        .select((accounts::all_columns, (mlses::name, mlses::time_zone)))
        .limit(limit);
    let rows: Vec<(Row, (String, String))> = conn.all(query)?;
    rows.into_iter().map(|(row, mls)| row.read(mls).map(|(account, _)| account)).collect()
}

/// How many accounts there are.
pub fn count(conn: &mut Conn) -> Result<i64, Fault> {
    Ok(conn.one(accounts::table.count())?.unwrap_or_default())
}
