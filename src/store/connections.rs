//! What acts for a person: permissions that live, consents, personal tokens, and when each key was last used for them.

use diesel::prelude::*;

use crate::base::id::{AccountId, KeyId, SessionId};
use crate::base::{Fault, Timestamp};
use crate::protocol::grant::GrantState;
use crate::protocol::scope::Scopes;

use super::conn::Conn;
use super::schema::{consents, grants, personal_tokens, usage_hours};

/// How many rows of one kind are looked at: a person with more has them in a script, not on a page.
const MOST: i64 = 500;

/// A permission that lives.
#[derive(Debug, Clone)]
pub struct Living {
    /// The key that has it.
    pub key_id: KeyId,
    /// What it may do.
    pub scope: Scopes,
    /// When it was given.
    pub given_at: Timestamp,
    /// When tokens were last issued on it.
    pub renewed_at: Timestamp,
    /// The browser session it was given in.
    pub session_id: Option<SessionId>,
}

/// The permissions of a person that live, newest first.
pub fn living(conn: &mut Conn, account: &AccountId, now: Timestamp) -> Result<Vec<Living>, Fault> {
    type Row = (i64, String, i64, i64, Option<i64>);
    let rows: Vec<Row> = conn.all(
        grants::table
            .filter(grants::account_id.eq(account.as_str()))
            // What consumers allowed is theirs to see and end, not their agent's.
            .filter(grants::consumer_id.is_null())
            .filter(grants::state.eq(GrantState::Active.name()))
            .filter(grants::ends_at.gt(now.0))
            .order(grants::id.desc())
            .select((grants::key_id, grants::scope, grants::offered_at, grants::rotated_at, grants::session_id))
            .limit(MOST),
    )?;
    Ok(rows
        .into_iter()
        .map(|(key, scope, given, renewed, session)| Living {
            key_id: KeyId(key),
            scope: Scopes::known(&scope),
            given_at: Timestamp(given),
            renewed_at: Timestamp(renewed),
            session_id: session.map(SessionId),
        })
        .collect())
}

/// The consents of a person: key, scope, when it was first given and when last.
pub fn consented(conn: &mut Conn, account: &AccountId) -> Result<Vec<(KeyId, Scopes, Timestamp, Timestamp)>, Fault> {
    let rows: Vec<(i64, String, i64, i64)> = conn.all(
        consents::table
            .filter(consents::account_id.eq(account.as_str()))
            .select((consents::key_id, consents::scope, consents::created_at, consents::granted_at))
            .limit(MOST),
    )?;
    Ok(rows.into_iter().map(|(key, scope, first, last)| (KeyId(key), Scopes::known(&scope), Timestamp(first), Timestamp(last))).collect())
}

/// The personal tokens of a person that live: key, when it was made and on which day it was last used.
pub fn tokens(conn: &mut Conn, account: &AccountId) -> Result<Vec<(KeyId, Timestamp, Option<String>)>, Fault> {
    let rows: Vec<(i64, i64, Option<String>)> = conn.all(
        personal_tokens::table
            .filter(personal_tokens::account_id.eq(account.as_str()))
            .filter(personal_tokens::revoked_at.is_null())
            .select((personal_tokens::key_id, personal_tokens::created_at, personal_tokens::last_used_on))
            .limit(MOST),
    )?;
    Ok(rows.into_iter().map(|(key, made, used)| (KeyId(key), Timestamp(made), used)).collect())
}

/// When a key last asked for this person's data, if it did within the months that are counted.
pub fn last_request(conn: &mut Conn, account: &AccountId, key: KeyId) -> Result<Option<Timestamp>, Fault> {
    let newest = usage_hours::table
        .filter(usage_hours::key_id.eq(key.0))
        .filter(usage_hours::account_id.eq(account.as_str()))
        .order(usage_hours::hour.desc())
        .select(usage_hours::last_at)
        .limit(1);
    Ok(conn.one::<i64>(newest)?.map(Timestamp))
}
