//! What a developer's keys were used for: day by day, why requests were refused, and each request that was kept.

use std::collections::BTreeMap;

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Seconds, Timestamp};
use crate::flows::platform::usage::{self, DetailRecord};
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Page, Query};
use crate::platform::usage::{DETAIL_DAYS, DETAILS, Span, Sums};
use crate::store::{Conn, audit, usage_reports};

use super::applications::Owner;

/// How many days a chart shows, today among them.
pub const CHART_DAYS: i64 = 30;
const DAY: i64 = 86_400_000;

/// What one key was used for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Day by day, the oldest first.
    pub days: Vec<(String, Sums)>,
    /// Why requests of the last days were refused, and how many of those that were kept; the most frequent first.
    pub reasons: Vec<(String, i64)>,
    /// People who allowed it to act for them.
    pub people: i64,
}

/// What one key was used for.
///
/// Refuses: a key that is not his.
pub fn of_key(app: &App, conn: &mut Conn, owner: &Owner<'_>, key: KeyId) -> Result<Result<Report, ApiProblem>, Fault> {
    if let Err(problem) = owner.staff.key(conn, owner.place(key))? {
        return Ok(Err(problem));
    }
    let now = app.now();
    let today = Timestamp(now.0 - now.0.rem_euclid(DAY));
    let span = Span { from: today - Seconds::days(CHART_DAYS - 1), to: today + Seconds::days(1) };
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for (hour, of_hour) in usage_reports::by_hour(conn, key, span)? {
        sums.entry(hour.day()).or_default().add(of_hour);
    }
    let day = |number: i64| (span.from + Seconds::days(number)).day();
    let days = (0..CHART_DAYS).map(day).map(|day| (day.clone(), sums.get(&day).copied().unwrap_or_default())).collect();
    let reasons = usage_reports::reasons(conn, key, now - Seconds::days(DETAIL_DAYS))?;
    let people = usage_reports::people(conn, key)?;
    Ok(Ok(Report { days, reasons, people }))
}

/// A page of the requests of the last days that were kept, the newest first; only that of `request_id` where one is named.
///
/// Refuses: a key that is not his.
pub fn requests(
    app: &App,
    conn: &mut Conn,
    owner: &Owner<'_>,
    key: KeyId,
    (request_id, page): (&str, i64),
) -> Result<Result<Page<DetailRecord>, ApiProblem>, Fault> {
    let client_id = match owner.staff.key(conn, owner.place(key))? {
        Ok(registered) => registered.key.key,
        Err(problem) => return Ok(Err(problem)),
    };
    let quoted =
        |text: &str| text.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')).collect::<String>();
    let mut filter = format!("Key Eq '{}'", quoted(&client_id));
    if !request_id.is_empty() {
        filter.push_str(" And RequestId Eq '");
        filter.push_str(&quoted(request_id));
        filter.push('\'');
    }
    let pairs = [
        ("_filter", filter),
        ("_expand", "ErrorCode,Reason,RequestId".to_owned()),
        ("_limit", "25".to_owned()),
        ("_page", page.max(1).to_string()),
        ("_pagination", "1".to_owned()),
    ];
    match Query::of_list(&DETAILS, &pairs.map(|(name, value)| (name.to_owned(), value))) {
        Ok(query) => usage::details(app, conn, &owner.staff, &query).map(Ok),
        Err(problem) => Ok(Err(problem)),
    }
}

/// The most refusals a page shows.
const MOST_REFUSALS: i64 = 50;

/// A refusal at sign-in or the token endpoint, with the reason that the standard's few words keep to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// What was refused, in the audit's word.
    pub event: String,
    /// Why.
    pub reason: String,
    /// The id that the error showed.
    pub request_id: String,
    /// How often, where many alike were told together.
    pub times: i64,
}

/// The newest refusals of a key at the protocol's own endpoints within the last week; only that of `request_id` where one is named.
///
/// Refuses: a key that is not his.
pub fn refusals(
    app: &App,
    conn: &mut Conn,
    owner: &Owner<'_>,
    key: KeyId,
    request_id: &str,
) -> Result<Result<Vec<Refusal>, ApiProblem>, Fault> {
    let client_id = match owner.staff.key(conn, owner.place(key))? {
        Ok(registered) => registered.key.key,
        Err(problem) => return Ok(Err(problem)),
    };
    let since = app.now() - Seconds::days(DETAIL_DAYS);
    let named = Some(request_id).filter(|id| !id.is_empty());
    let told = |entry: audit::Entry| Refusal {
        at: Timestamp(entry.at),
        event: entry.event,
        reason: entry.reason.unwrap_or_default(),
        request_id: entry.request_id.unwrap_or_default(),
        times: entry.times,
    };
    Ok(Ok(audit::refused_of(conn, &client_id, named, since, MOST_REFUSALS)?.into_iter().map(told).collect()))
}
