//! What is told of the use of keys: single requests, sums by key, and sums by month.

use chrono::{DateTime, Datelike, Months, NaiveDate};

use crate::base::{Seconds, Timestamp};

use super::query::{Field, Resource};

/// How long single requests are told. Units: days.
pub const DETAIL_DAYS: i64 = 7;
/// The days of which a summary is made, today among them.
pub const SUMMARY_DAYS: i64 = 30;
/// The most months a bill reaches back, besides the running one.
pub const MOST_MONTHS: u32 = 12;
/// How many it reaches back where nobody says.
pub const USUAL_MONTHS: u32 = 3;

/// What lists of requests can be asked.
pub const DETAILS: Resource = Resource::of(
    "usage_details",
    &[
        Field::moment("RequestTimestamp", "at"),
        Field::text("Method", "method"),
        Field::digits("HttpStatus", "status"),
        Field::text("RequestResourceUri", "uri"),
        Field::shown("RequestDuration"),
        Field::text("IpAddress", "peer"),
        Field::text("UserAgent", "user_agent"),
        Field::text("SparkUserAgent", "spark_user_agent"),
        Field::text("Key", "keys.key"),
        Field::text("DataRole", "role"),
        Field::text("MlsId", "mls_id"),
        Field::text("UserId", "account_id"),
        Field::shown("User"),
        Field::shown("ResoApi"),
        Field::shown("ResoDictionaryVersion"),
        Field::whole("ErrorCode", "api_error"),
        Field::text("Reason", "reason"),
        Field::text("RequestId", "request_id"),
    ],
)
.newest_first()
.expansions(&["ErrorCode", "Reason", "RequestId"]);

/// What lists of sums by key can be asked.
pub const SUMMARIES: Resource = Resource::of(
    "keys",
    &[
        Field::text("Key", "key"),
        Field::words("DataRole", "roles"),
        Field::shown("DeveloperName"),
        Field::text("ApplicationName", "name"),
        Field::text("ApplicationUri", "application_uri"),
        Field::shown("ReplicationAllowed"),
        Field::shown("MostRecentRequestTimestamp"),
        Field::shown("AverageDailyRequests"),
        Field::shown("YesterdayRequests"),
        Field::shown("ErrorRate"),
        Field::shown("Mls"),
    ],
)
.most(500);

/// What lists of sums by month can be asked: they stand in one order only.
pub const BILLS: Resource = Resource::of(
    "bills",
    &[
        Field::shown("Key"),
        Field::shown("StartDate"),
        Field::shown("EndDate"),
        Field::shown("SuccessHits"),
        Field::shown("ClientErrorHits"),
        Field::shown("ServerErrorHits"),
    ],
);

/// Requests that were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Those that were done.
    pub successes: i64,
    /// Those that were refused.
    pub client_errors: i64,
    /// Those that failed.
    pub server_errors: i64,
    /// When the last one came. Units: milliseconds since 1970.
    pub last_at: i64,
}

impl Sums {
    /// All of them.
    pub const fn total(self) -> i64 {
        self.successes + self.client_errors + self.server_errors
    }

    /// Adds others to them.
    pub const fn add(&mut self, others: Self) {
        self.successes += others.successes;
        self.client_errors += others.client_errors;
        self.server_errors += others.server_errors;
        if others.last_at > self.last_at {
            self.last_at = others.last_at;
        }
    }

    /// The share that was not done, from 0 to 1, to four digits.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    pub fn error_rate(self) -> f64 {
        let total = self.total().max(1);
        ((self.client_errors + self.server_errors) as f64 / total as f64 * 10_000.0).round() / 10_000.0
    }

    /// So many a day, to one digit, over `days`.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    pub fn a_day(self, days: i64) -> f64 {
        (self.total() as f64 / days.max(1) as f64 * 10.0).round() / 10.0
    }
}

/// From one point to another, the latter not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: Timestamp,
    /// Where the next one begins.
    pub to: Timestamp,
}

const DAY: i64 = 86_400_000;

/// The days of which a summary is made, today and yesterday apart.
pub fn days(now: Timestamp) -> (Span, Span) {
    let today = Timestamp(now.0 - now.0.rem_euclid(DAY));
    let yesterday = today - Seconds::days(1);
    (Span { from: today - Seconds::days(SUMMARY_DAYS - 1), to: today + Seconds::days(1) }, Span { from: yesterday, to: today })
}

/// The calendar months (UTC) that lie in a span of days, the earliest first: each whole but for what the span cuts off.
///
/// Refuses: days that are none, that stand in the wrong order, lie ahead or reach back further than a bill does.
pub fn months(now: Timestamp, from: Option<&str>, until: Option<&str>) -> Result<Vec<Span>, (&'static str, &'static str)> {
    let today = DateTime::from_timestamp_millis(now.0).unwrap_or_default().date_naive();
    let day = |name, text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(|_| (name, "must be a day such as 2026-11-01")),
    };
    let last = day("EndDate", until)?.unwrap_or(today);
    let usual = beginning(today).checked_sub_months(Months::new(USUAL_MONTHS)).unwrap_or(today);
    let first = day("StartDate", from)?.unwrap_or_else(|| usual.min(last));
    let earliest = beginning(today).checked_sub_months(Months::new(MOST_MONTHS)).unwrap_or(today);
    if first < earliest {
        return Err(("StartDate", "must lie within the past year"));
    }
    if last > today {
        return Err(("EndDate", "must not lie ahead"));
    }
    if first > last {
        return Err(("StartDate", "must not be later than EndDate"));
    }
    let end = last.succ_opt().unwrap_or(last);
    let mut spans = Vec::new();
    let mut from = first;
    while from < end {
        let next = beginning(from).checked_add_months(Months::new(1)).unwrap_or(end).min(end);
        spans.push(Span { from: midnight(from), to: midnight(next) });
        from = next;
    }
    Ok(spans)
}

fn beginning(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-27.
    const NOW: Timestamp = Timestamp::from_seconds(1_795_780_800);

    fn said(spans: &[Span]) -> Vec<(String, String)> {
        spans.iter().map(|span| (span.from.day(), span.to.day())).collect()
    }

    #[test]
    fn a_bill_is_of_the_running_month_and_the_three_before_unless_told() {
        assert_eq!(NOW.day(), "2026-11-27");
        let of = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(
            said(&months(NOW, None, None).unwrap()),
            [
                of("2026-08-01", "2026-09-01"),
                of("2026-09-01", "2026-10-01"),
                of("2026-10-01", "2026-11-01"),
                of("2026-11-01", "2026-11-28")
            ]
        );
        assert_eq!(
            said(&months(NOW, Some("2025-12-30"), Some("2026-01-02")).unwrap()),
            [of("2025-12-30", "2026-01-01"), of("2026-01-01", "2026-01-03")]
        );
        assert_eq!(said(&months(NOW, Some("2026-11-27"), None).unwrap()), [of("2026-11-27", "2026-11-28")]);
        assert_eq!(said(&months(NOW, None, Some("2026-02-28")).unwrap()), [of("2026-02-28", "2026-03-01")]);
        assert_eq!(months(NOW, Some("2025-11-01"), None).unwrap().len(), 13);
    }

    #[test]
    fn a_span_that_is_none_is_refused_by_name() {
        for (from, until, name) in [
            (Some("2025-10-31"), None, "StartDate"),
            (Some("2026-11-28"), None, "StartDate"),
            (Some("2026-13-01"), None, "StartDate"),
            (Some("yesterday"), None, "StartDate"),
            (None, Some("2026-11-28"), "EndDate"),
            (None, Some("2026-02-30"), "EndDate"),
            (Some("2026-11-02"), Some("2026-11-01"), "StartDate"),
            (None, Some("2020-01-01"), "StartDate"),
        ] {
            assert_eq!(months(NOW, from, until).map_err(|(name, _)| name), Err(name), "{from:?} {until:?}");
        }
    }

    #[test]
    fn shares_and_averages_are_rounded_and_nothing_divides_by_zero() {
        let sums = Sums { successes: 2, client_errors: 1, server_errors: 0, last_at: 0 };
        assert!((sums.error_rate() - 0.3333).abs() < 1e-9 && (sums.a_day(30) - 0.1).abs() < 1e-9);
        assert!(Sums::default().error_rate().abs() < 1e-9 && Sums::default().a_day(0).abs() < 1e-9);
    }
}
