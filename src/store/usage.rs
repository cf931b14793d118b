//! What was asked of the platform's API: exact counts by the hour, and some requests in full.

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::base::id::{AccountId, KeyId, UsageId};
use crate::base::{Fault, Timestamp};

use super::conn::Conn;
use super::schema::{usage_details, usage_hours};

/// Counts of one key and person in one role within one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// When the hour began.
    pub hour: Timestamp,
    /// The key.
    pub key: KeyId,
    /// The person; none where the key asked for itself.
    pub account: Option<AccountId>,
    /// The role in which it acted; empty where it had none.
    pub role: &'static str,
    /// Requests that were done.
    pub successes: i64,
    /// Requests that were refused.
    pub client_errors: i64,
    /// Requests that failed.
    pub server_errors: i64,
    /// The last one.
    pub last_at: Timestamp,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Its row.
    pub id: UsageId,
    /// When it came.
    pub at: Timestamp,
    /// Its method.
    pub method: String,
    /// What it was answered.
    pub status: u16,
    /// Its path; a query may hold what is nobody's business.
    pub path: String,
    /// How long it took. Units: microseconds.
    pub micros: i64,
    /// Where it came from.
    pub peer: Option<String>,
    /// What sent it.
    pub user_agent: String,
    /// What sent it, as programs of the platform say it besides.
    pub spark_user_agent: Option<String>,
    /// The key.
    pub key: KeyId,
    /// The role in which it acted.
    pub role: &'static str,
    /// On whose data.
    pub mls: Option<AccountId>,
    /// The person.
    pub account: Option<AccountId>,
    /// The platform's code of a refusal.
    pub code: Option<u16>,
    /// The real reason of a refusal, as the log has it.
    pub reason: Option<&'static str>,
    /// The request's id, which the caller was shown.
    pub request_id: String,
}

/// How long a single request is remembered, and how long a count. Units: days.
const DETAIL_DAYS: i64 = 7;
const COUNT_DAYS: i64 = 400;

/// Adds counts to what is there.
pub fn add(conn: &mut Conn, counts: &[HourCount]) -> Result<(), Fault> {
    for count in counts {
        let row = (
            usage_hours::hour.eq(count.hour.0),
            usage_hours::key_id.eq(count.key.0),
            usage_hours::account_id.eq(count.account.as_ref().map_or("", AccountId::as_str)),
            usage_hours::role.eq(count.role),
            usage_hours::successes.eq(count.successes),
            usage_hours::client_errors.eq(count.client_errors),
            usage_hours::server_errors.eq(count.server_errors),
            usage_hours::last_at.eq(count.last_at.0),
            usage_hours::sweep_at.eq((count.hour + crate::base::Seconds::days(COUNT_DAYS)).0),
        );
        let newer = (
            usage_hours::successes.eq(usage_hours::successes + excluded(usage_hours::successes)),
            usage_hours::client_errors.eq(usage_hours::client_errors + excluded(usage_hours::client_errors)),
            usage_hours::server_errors.eq(usage_hours::server_errors + excluded(usage_hours::server_errors)),
            usage_hours::last_at.eq(excluded(usage_hours::last_at)),
        );
        let same = (usage_hours::key_id, usage_hours::hour, usage_hours::account_id, usage_hours::role);
        conn.execute(diesel::insert_into(usage_hours::table).values(row).on_conflict(same).do_update().set(newer))?;
    }
    Ok(())
}

/// Keeps single requests.
pub fn keep(conn: &mut Conn, details: &[Detail]) -> Result<(), Fault> {
    for detail in details {
        conn.execute(diesel::insert_into(usage_details::table).values((
            (
                usage_details::id.eq(detail.id.0),
                usage_details::at.eq(detail.at.0),
                usage_details::method.eq(&detail.method),
                usage_details::status.eq(i64::from(detail.status)),
                usage_details::uri.eq(&detail.path),
                usage_details::micros.eq(detail.micros),
                usage_details::peer.eq(&detail.peer),
                usage_details::user_agent.eq(&detail.user_agent),
                usage_details::spark_user_agent.eq(&detail.spark_user_agent),
            ),
            (
                usage_details::key_id.eq(detail.key.0),
                usage_details::role.eq(detail.role),
                usage_details::mls_id.eq(detail.mls.as_ref().map(AccountId::as_str)),
                usage_details::account_id.eq(detail.account.as_ref().map(AccountId::as_str)),
                usage_details::api_error.eq(detail.code.map(i64::from)),
                usage_details::reason.eq(detail.reason),
                usage_details::request_id.eq(&detail.request_id),
                usage_details::sweep_at.eq((detail.at + crate::base::Seconds::days(DETAIL_DAYS)).0),
            ),
        )))?;
    }
    Ok(())
}
