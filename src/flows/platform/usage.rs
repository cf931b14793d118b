//! What is told of the use of keys: to the staff of their MLS.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::base::id::{AccountId, IdentityId, KeyId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::identity::account::Account;
use crate::identity::record::Summary;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Query};
use crate::platform::reach::Reach;
use crate::platform::role::Role;
use crate::platform::service::Service;
use crate::platform::usage::{self, SUMMARY_DAYS, Span, Sums};
use crate::store::usage_reports::{self, DetailRow, UsedKey};
use crate::store::{Conn, accounts, mlses};

use super::staff::Staff;

/// The single requests of the last seven days that were asked for.
pub fn details(app: &App, conn: &mut Conn, staff: &Staff<'_>, query: &Query) -> Result<Page<DetailRecord>, Fault> {
    let since = app.now() - Seconds::days(usage::DETAIL_DAYS);
    let page = usage_reports::details(conn, staff.reach(), since, query)?;
    let mut known = HashMap::new();
    page.try_map(|row| {
        let user = match row.account_id.as_deref().and_then(|id| id.parse::<AccountId>().ok()) {
            Some(id) => summary(conn, staff.reach(), &mut known, id)?,
            None => None,
        };
        Ok(DetailRecord::of(row, user))
    })
}

/// Few words about somebody; nothing of people of another MLS, whoever issued the key they use.
fn summary(
    conn: &mut Conn,
    reach: &Reach,
    known: &mut HashMap<AccountId, Option<Summary>>,
    id: AccountId,
) -> Result<Option<Summary>, Fault> {
    if let Some(found) = known.get(&id) {
        return Ok(found.clone());
    }
    let seen = accounts::get(conn, &id)?.filter(|account| reach.covers(Some(&account.mls_id)));
    let found = seen.as_ref().map(Account::summary);
    known.insert(id, found.clone());
    Ok(found)
}

/// The keys that were used in the last thirty days, with sums; by `user` only where there is one.
///
/// Refuses: a user the caller may not see.
pub fn summaries(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    user: Option<&AccountId>,
    query: &Query,
) -> Result<Result<Page<SummaryRecord>, ApiProblem>, Fault> {
    let reach = staff.reach();
    if let Some(user) = user {
        let seen = accounts::get(conn, user)?.is_some_and(|account| reach.covers(Some(&account.mls_id)));
        if !seen {
            return Ok(Err(ApiProblem::not_found()));
        }
    }
    let (span, yesterday) = usage::days(app.now());
    let page = usage_reports::used(conn, reach, user, span.from, query)?;
    let ids: Vec<i64> = page.records.iter().map(|key| key.id).collect();
    let month: HashMap<KeyId, Sums> = usage_reports::sums(conn, &ids, user, span)?.into_iter().collect();
    let day: HashMap<KeyId, Sums> = usage_reports::sums(conn, &ids, user, yesterday)?.into_iter().collect();
    let names: HashMap<String, String> = mlses::all(conn)?.into_iter().map(|mls| (mls.id.to_string(), mls.name)).collect();
    let page = page.try_map(|key| {
        let developer = match key.identity_id {
            Some(id) => staff.identity(conn, IdentityId(id))?.map(|found| found.facts.full_name()).unwrap_or_default(),
            None => String::new(),
        };
        let of = |sums: &HashMap<KeyId, Sums>| sums.get(&KeyId(key.id)).copied().unwrap_or_default();
        Ok::<_, Fault>(SummaryRecord::of(&key, developer, of(&month), of(&day), &names))
    })?;
    Ok(Ok(page))
}

/// The requests of each key of a developer, month by month.
///
/// Refuses: a developer the caller may not see, and a span that is none.
pub fn bills(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    identity: IdentityId,
    (from, until): (Option<&str>, Option<&str>),
    query: &Query,
) -> Result<Result<Page<BillRecord>, ApiProblem>, Fault> {
    if let Err(problem) = staff.identity(conn, identity)? {
        return Ok(Err(problem));
    }
    let spans = match usage::months(app.now(), from, until) {
        Ok(spans) => spans,
        Err((name, why)) => return Ok(Err(ApiProblem::constraint(name, why))),
    };
    let keys = usage_reports::keys_of_identity(conn, staff.reach(), identity)?;
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let mut records = Vec::new();
    for span in spans.into_iter().rev() {
        let sums: HashMap<KeyId, Sums> = usage_reports::sums(conn, &ids, None, span)?.into_iter().collect();
        let used = keys.iter().filter_map(|key| Some((key, sums.get(&KeyId(key.id))?)));
        records.extend(used.map(|(key, sums)| BillRecord::of(identity, key, span, *sums)));
    }
    Ok(Ok(query.page_of(records, |_, _| crate::platform::query::Cell::Nothing)))
}

/// One request.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = UsageDetail)]
pub struct DetailRecord {
    /// When it came.
    pub request_timestamp: String,
    /// Its method.
    pub method: String,
    /// What it was answered, as text.
    pub http_status: String,
    /// Its path, without the query.
    pub request_resource_uri: String,
    /// How long it took, in seconds.
    pub request_duration: f64,
    /// Where it came from.
    pub ip_address: Option<String>,
    /// What sent it.
    pub user_agent: String,
    /// What sent it, as programs of the platform say it besides.
    pub spark_user_agent: Option<String>,
    /// The key.
    pub key: String,
    /// In which role it acted.
    pub data_role: String,
    /// On whose data.
    pub mls_id: Option<String>,
    /// For whom: 26 digits.
    pub user_id: Option<String>,
    /// The same in a few words.
    pub user: Option<Summary>,
    /// Whether it went to the RESO Web API.
    pub reso_api: bool,
    /// The version of the Data Dictionary it asked for, where the path says it.
    pub reso_dictionary_version: Option<String>,
    /// The code of a refusal; only where it is asked for.
    #[schema(required = false)]
    pub error_code: Option<i64>,
    /// The real reason of a refusal; only where it is asked for.
    #[schema(required = false)]
    pub reason: Option<String>,
    /// The request's id, which its sender was shown; only where it is asked for.
    #[schema(required = false)]
    pub request_id: String,
}

impl DetailRecord {
    #[expect(clippy::cast_precision_loss, reason = "no request takes 2^52 microseconds")]
    fn of(row: DetailRow, user: Option<Summary>) -> Self {
        let version = row.uri.strip_prefix("/Version/").and_then(|rest| rest.split('/').next()).map(str::to_owned);
        Self {
            request_timestamp: Timestamp(row.at).iso(),
            method: row.method,
            http_status: row.status.to_string(),
            reso_api: Service::of_path(&row.uri) == Some(Service::ResoWebApi),
            reso_dictionary_version: version,
            request_resource_uri: row.uri,
            request_duration: row.micros as f64 / 1e6,
            ip_address: row.peer,
            user_agent: row.user_agent,
            spark_user_agent: row.spark_user_agent,
            key: row.key,
            data_role: row.role,
            mls_id: row.mls_id,
            user_id: row.account_id,
            user,
            error_code: row.api_error,
            reason: row.reason,
            request_id: row.request_id,
        }
    }
}

/// An MLS in two words.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = MlsName)]
pub struct MlsName {
    /// Its 26 digits.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What a key was used for in the last thirty days.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = UsageSummary)]
pub struct SummaryRecord {
    /// The key.
    pub key: String,
    /// Its data role.
    pub data_role: Option<&'static str>,
    /// Whose it is.
    pub developer_name: String,
    /// The application's name.
    pub application_name: String,
    /// The application's web site.
    pub application_uri: String,
    /// Whether it may copy in bulk.
    pub replication_allowed: bool,
    /// When the last request came.
    pub most_recent_request_timestamp: Option<String>,
    /// Requests a day, over the last thirty.
    pub average_daily_requests: f64,
    /// Requests of yesterday (UTC).
    pub yesterday_requests: i64,
    /// The share that was refused or failed, from 0 to 1.
    pub error_rate: f64,
    /// The MLS that issued it.
    pub mls: Option<MlsName>,
}

impl SummaryRecord {
    fn of(key: &UsedKey, developer_name: String, month: Sums, day: Sums, names: &HashMap<String, String>) -> Self {
        let roles: Vec<Role> = key.roles.split(' ').filter_map(|name| name.parse().ok()).collect();
        let mls = |id: &String| MlsName { id: id.clone(), name: names.get(id).cloned().unwrap_or_default() };
        Self {
            key: key.key.clone(),
            data_role: roles.iter().copied().filter(|role| role.is_data_role()).max().map(Role::name),
            developer_name,
            application_name: key.name.clone(),
            application_uri: key.application_uri.clone(),
            replication_allowed: roles.contains(&Role::Replication),
            most_recent_request_timestamp: (month.last_at > 0).then(|| Timestamp(month.last_at).iso()),
            average_daily_requests: month.a_day(SUMMARY_DAYS),
            yesterday_requests: day.total(),
            error_rate: month.error_rate(),
            mls: key.mls_id.as_ref().map(mls),
        }
    }
}

/// A key in a few words.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = KeyName)]
pub struct KeyName {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub resource_uri: String,
    /// The application's name.
    pub name: String,
    /// The key.
    pub key: String,
}

/// What a key was used for in one month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = BillingSummary)]
pub struct BillRecord {
    /// Which one.
    pub key: KeyName,
    /// The first day.
    pub start_date: String,
    /// The last day.
    pub end_date: String,
    /// Requests that were done.
    pub success_hits: i64,
    /// Requests that were refused.
    pub client_error_hits: i64,
    /// Requests that failed.
    pub server_error_hits: i64,
}

impl BillRecord {
    fn of(identity: IdentityId, key: &UsedKey, span: Span, sums: Sums) -> Self {
        Self {
            key: KeyName {
                id: key.id,
                resource_uri: format!("/v1/developers/identities/{identity}/keys/{}", key.id),
                name: key.name.clone(),
                key: key.key.clone(),
            },
            start_date: span.from.day(),
            end_date: (span.to - Seconds::days(1)).day(),
            success_hits: sums.successes,
            client_error_hits: sums.client_errors,
            server_error_hits: sums.server_errors,
        }
    }
}
