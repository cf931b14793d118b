//! What was counted, as it is told: requests, sums of keys.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::base::{Fault, Timestamp};
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::platform::usage::{DETAILS, SUMMARIES, Span, Sums};

use super::conn::Conn;
use super::listing::page_of;
use super::schema::{consents, keys, usage_details, usage_hours};
use super::scope::within;

/// A request that was kept.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct DetailRow {
    /// When it came.
    pub at: i64,
    /// Its method.
    pub method: String,
    /// What it was answered.
    pub status: i64,
    /// Its path.
    pub uri: String,
    /// How long it took. Units: microseconds.
    pub micros: i64,
    /// Where it came from.
    pub peer: Option<String>,
    /// What sent it.
    pub user_agent: String,
    /// What sent it, as programs of the platform say it besides.
    pub spark_user_agent: Option<String>,
    /// The `client_id`.
    pub key: String,
    /// In which role; empty where it had none.
    pub role: String,
    /// On whose data.
    pub mls_id: Option<String>,
    /// For whom.
    pub account_id: Option<String>,
    /// The platform's code of a refusal.
    pub api_error: Option<i64>,
    /// The real reason of a refusal.
    pub reason: Option<String>,
    /// The request's id.
    pub request_id: String,
}

/// A key that was used.
#[derive(Debug, Clone, Queryable)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct UsedKey {
    /// Its row.
    pub id: i64,
    /// The `client_id`.
    pub key: String,
    /// The application's name.
    pub name: String,
    /// The application's web site.
    pub application_uri: String,
    /// Its roles, parted by spaces.
    pub roles: String,
    /// The developer it belongs to.
    pub identity_id: Option<i64>,
    /// The MLS that issued it.
    pub mls_id: Option<String>,
}

/// The single requests that were asked for, of the keys within reach.
pub fn details(conn: &mut Conn, reach: &Reach, since: Timestamp, query: &Query) -> Result<Page<DetailRow>, Fault> {
    macro_rules! scope {
        () => {
            usage_details::table
                .inner_join(keys::table.on(keys::id.eq(usage_details::key_id)))
                .filter(within("keys", reach))
                .filter(usage_details::at.ge(since.0))
        };
    }
    let columns = (
        usage_details::at,
        usage_details::method,
        usage_details::status,
        usage_details::uri,
        usage_details::micros,
        usage_details::peer,
        usage_details::user_agent,
        usage_details::spark_user_agent,
        keys::key,
        usage_details::role,
        usage_details::mls_id,
        usage_details::account_id,
        usage_details::api_error,
        usage_details::reason,
        usage_details::request_id,
    );
    page_of!(conn, &DETAILS, query, scope!(), DetailRow, select columns)
}

/// The keys within reach that were used since then; by `account` where there is one.
pub fn used(conn: &mut Conn, reach: &Reach, account: Option<&AccountId>, since: Timestamp, query: &Query) -> Result<Page<UsedKey>, Fault> {
    macro_rules! scope {
        () => {
            keys::table.filter(within("keys", reach)).filter(exists(
                usage_hours::table
                    .filter(usage_hours::key_id.eq(keys::id))
                    .filter(usage_hours::hour.ge(since.0))
                    .filter(usage_hours::account_id.eq(account.map_or("", AccountId::as_str)).or(account.is_none().into_sql::<Bool>())),
            ))
        };
    }
    let columns = (keys::id, keys::key, keys::name, keys::application_uri, keys::roles, keys::identity_id, keys::mls_id);
    page_of!(conn, &SUMMARIES, query, scope!(), UsedKey, select columns)
}

/// Every key of a developer within `reach`, deleted ones included, in the order they were made.
pub fn keys_of_identity(conn: &mut Conn, reach: &Reach, identity: IdentityId) -> Result<Vec<UsedKey>, Fault> {
    let columns = (keys::id, keys::key, keys::name, keys::application_uri, keys::roles, keys::identity_id, keys::mls_id);
    conn.all(keys::table.filter(keys::identity_id.eq(identity.0)).filter(within("keys", reach)).order(keys::id).select(columns))
}

/// What was counted of keys within a span; of `account` only where there is one. A key of which nothing was counted is not told.
pub fn sums(conn: &mut Conn, of: &[i64], account: Option<&AccountId>, span: Span) -> Result<Vec<(KeyId, Sums)>, Fault> {
    let query = usage_hours::table
        .filter(usage_hours::key_id.eq_any(of.to_vec()))
        .filter(usage_hours::hour.ge(span.from.0))
        .filter(usage_hours::hour.lt(span.to.0))
        .filter(usage_hours::account_id.eq(account.map_or("", AccountId::as_str)).or(account.is_none().into_sql::<Bool>()))
        .group_by(usage_hours::key_id)
        // What a sum of whole numbers is, the engines see differently.
        .select((
            usage_hours::key_id,
            sql::<BigInt>("CAST(SUM(successes) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(client_errors) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(server_errors) AS BIGINT)"),
            sql::<BigInt>("MAX(last_at)"),
        ));
    let rows: Vec<(i64, i64, i64, i64, i64)> = conn.all(query)?;
    let read =
        |(key, successes, client_errors, server_errors, last_at)| (KeyId(key), Sums { successes, client_errors, server_errors, last_at });
    Ok(rows.into_iter().map(read).collect())
}

/// What was counted of a key within a span, hour by hour.
pub fn by_hour(conn: &mut Conn, key: KeyId, span: Span) -> Result<Vec<(Timestamp, Sums)>, Fault> {
    let query = usage_hours::table
        .filter(usage_hours::key_id.eq(key.0))
        .filter(usage_hours::hour.ge(span.from.0))
        .filter(usage_hours::hour.lt(span.to.0))
        .group_by(usage_hours::hour)
        .order(usage_hours::hour)
        .select((
            usage_hours::hour,
            sql::<BigInt>("CAST(SUM(successes) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(client_errors) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(server_errors) AS BIGINT)"),
            sql::<BigInt>("MAX(last_at)"),
        ));
    let rows: Vec<(i64, i64, i64, i64, i64)> = conn.all(query)?;
    let read = |(hour, successes, client_errors, server_errors, last_at)| {
        (Timestamp(hour), Sums { successes, client_errors, server_errors, last_at })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Why requests of a key were refused since then, as far as single ones were kept; the most frequent first.
pub fn reasons(conn: &mut Conn, key: KeyId, since: Timestamp) -> Result<Vec<(String, i64)>, Fault> {
    let query = usage_details::table
        .filter(usage_details::key_id.eq(key.0))
        .filter(usage_details::at.ge(since.0))
        .filter(usage_details::reason.is_not_null())
        .group_by(usage_details::reason)
        .select((usage_details::reason.assume_not_null(), diesel::dsl::count_star()));
    let mut rows: Vec<(String, i64)> = conn.all(query)?;
    rows.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    Ok(rows)
}

/// How many people allowed a key to act for them.
pub fn people(conn: &mut Conn, key: KeyId) -> Result<i64, Fault> {
    Ok(conn.one::<i64>(consents::table.filter(consents::key_id.eq(key.0)).count())?.unwrap_or_default())
}
