//! Personal tokens: only their digests are kept.

use diesel::prelude::*;

use crate::base::id::{AccountId, KeyId, PersonalTokenId};
use crate::base::{Digest, Fault, Seconds, Timestamp};
use crate::platform::personal_token::{OwnData, PersonalToken};

use super::conn::Conn;
use super::grants::{Person, PersonRow, person_columns, read_person};
use super::schema::{accounts, personal_tokens};

/// How long a replaced token is told from one that never was.
const REMEMBERED: Seconds = Seconds::days(365);

#[derive(Queryable)]
struct Row {
    id: i64,
    key_id: i64,
    account_id: String,
    #[expect(dead_code, reason = "read with the row, used only to look up")]
    digest: String,
    last_four: String,
    restriction: Option<String>,
    created_by: String,
    created_at: i64,
    last_used_on: Option<String>,
    revoked_at: Option<i64>,
    #[expect(dead_code, reason = "read with the row, used only to sweep")]
    sweep_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<PersonalToken, Fault> {
        Ok(PersonalToken {
            id: PersonalTokenId(self.id),
            key_id: KeyId(self.key_id),
            account_id: self.account_id.parse().map_err(Fault::broken)?,
            last_four: self.last_four,
            own_data: self.restriction.map(|text| text.parse::<OwnData>()).transpose().map_err(Fault::broken)?,
            created_by: self.created_by,
            created_at: Timestamp(self.created_at),
            last_used_on: self.last_used_on,
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}

/// The token with that digest and what must be known of its person: one statement.
pub fn with_person(conn: &mut Conn, digest: &Digest) -> Result<Option<(PersonalToken, Person)>, Fault> {
    let query = personal_tokens::table
        .inner_join(accounts::table)
        .filter(personal_tokens::digest.eq(digest.hex()))
        .select((personal_tokens::all_columns, person_columns!()));
    let found: Option<(Row, PersonRow)> = conn.one(query)?;
    found.map(|(row, person)| Ok((row.read()?, read_person(person)?))).transpose()
}

/// Whose live tokens a key has.
pub fn holders(conn: &mut Conn, key: KeyId) -> Result<Vec<AccountId>, Fault> {
    let query = personal_tokens::table
        .filter(personal_tokens::key_id.eq(key.0))
        .filter(personal_tokens::revoked_at.is_null())
        .select(personal_tokens::account_id)
        .limit(100);
    conn.all::<String>(query)?.into_iter().map(|id| id.parse().map_err(Fault::broken)).collect()
}

/// The token of that row.
pub fn get(conn: &mut Conn, id: PersonalTokenId) -> Result<Option<PersonalToken>, Fault> {
    conn.one::<Row>(personal_tokens::table.find(id.0))?.map(Row::read).transpose()
}

/// Whether the tokens that a key had were all taken back: it had some, and none lives.
pub fn taken_back(conn: &mut Conn, key: KeyId) -> Result<bool, Fault> {
    let any = personal_tokens::table.filter(personal_tokens::key_id.eq(key.0)).select(personal_tokens::id).limit(1);
    Ok(conn.one::<i64>(any)?.is_some() && holders(conn, key)?.is_empty())
}

/// Writes a token down; the one live before it for the same key and account is revoked.
pub fn put(conn: &mut Conn, token: &PersonalToken, digest: &Digest, now: Timestamp) -> Result<(), Fault> {
    let before = || {
        personal_tokens::table
            .filter(personal_tokens::key_id.eq(token.key_id.0))
            .filter(personal_tokens::account_id.eq(token.account_id.as_str()))
    };
    conn.execute(diesel::update(before().filter(personal_tokens::revoked_at.is_null())).set(personal_tokens::revoked_at.eq(now.0)))?;
    // The token made now says what those before it said; they may go in time.
    let replaced = before().filter(personal_tokens::sweep_at.is_null());
    conn.execute(diesel::update(replaced).set(personal_tokens::sweep_at.eq((now + REMEMBERED).0)))?;
    conn.execute(diesel::insert_into(personal_tokens::table).values((
        personal_tokens::id.eq(token.id.0),
        personal_tokens::key_id.eq(token.key_id.0),
        personal_tokens::account_id.eq(token.account_id.as_str()),
        personal_tokens::digest.eq(digest.hex()),
        personal_tokens::last_four.eq(&token.last_four),
        personal_tokens::restriction.eq(token.own_data.map(OwnData::name)),
        personal_tokens::created_by.eq(&token.created_by),
        personal_tokens::created_at.eq(now.0),
    )))?;
    Ok(())
}

/// Revokes a token; `false` where it already was, or is not this key's. The row stays: it says that the token was taken back.
pub fn revoke(conn: &mut Conn, id: PersonalTokenId, key: KeyId, now: Timestamp) -> Result<bool, Fault> {
    let live = personal_tokens::table.find(id.0).filter(personal_tokens::key_id.eq(key.0)).filter(personal_tokens::revoked_at.is_null());
    Ok(conn.execute(diesel::update(live).set(personal_tokens::revoked_at.eq(now.0)))? == 1)
}

/// Every live token of one account and key is revoked, and its row stays as with [`revoke`]; answers how many were.
pub fn revoke_all(conn: &mut Conn, account: &AccountId, key: KeyId, now: Timestamp) -> Result<usize, Fault> {
    let live = personal_tokens::table
        .filter(personal_tokens::key_id.eq(key.0))
        .filter(personal_tokens::account_id.eq(account.as_str()))
        .filter(personal_tokens::revoked_at.is_null());
    conn.execute(diesel::update(live).set(personal_tokens::revoked_at.eq(now.0)))
}

/// The tokens of a key, newest first; revoked ones too while they are remembered.
pub fn of_key(conn: &mut Conn, key: KeyId, limit: i64) -> Result<Vec<PersonalToken>, Fault> {
    let rows: Vec<Row> =
        conn.all(personal_tokens::table.filter(personal_tokens::key_id.eq(key.0)).order(personal_tokens::id.desc()).limit(limit))?;
    rows.into_iter().map(Row::read).collect()
}

/// Notes the day a token was last used; at most one write a day.
pub fn seen(conn: &mut Conn, id: PersonalTokenId, day: &str) -> Result<(), Fault> {
    let unseen = diesel::update(personal_tokens::table.find(id.0))
        .filter(personal_tokens::last_used_on.is_null().or(personal_tokens::last_used_on.lt(day)));
    conn.changed(unseen.set(personal_tokens::last_used_on.eq(day)).returning(personal_tokens::id))?;
    Ok(())
}
