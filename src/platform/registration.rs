//! A developer's registration: submitted, its address verified, then activated or refused by the platform's staff.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Weekday};

use crate::base::{Seconds, Timestamp};

use super::form::{self, Problems};
use super::naming;

/// How long the link that verifies the address works; without it the registration is over.
pub const VERIFY_WITHIN: Seconds = Seconds::hours(24);
/// Within how many business days the platform promises to decide.
pub const PROMISED: u32 = 3;
/// The version of the terms that developers accept when they register.
pub const TERMS_VERSION: &str = "2026-11";

/// Where a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Sent; nobody has proved yet that the address is theirs.
    Submitted,
    /// The address is theirs; the staff has to decide.
    Verified,
    /// May build.
    Activated,
    /// May not, for a reason that was told.
    Refused,
    /// Nobody verified the address in time.
    Expired,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Submitted, Self::Verified, Self::Activated, Self::Refused, Self::Expired];

    /// As rows spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Verified => "verified",
            Self::Activated => "activated",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    /// Reads a row's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == text)
    }
}

/// What happens to a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The person behind the address opened the link and gave the password.
    Verify,
    /// The staff says yes.
    Activate,
    /// The staff says no.
    Refuse,
    /// Time passed.
    Expire,
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody has verified the address yet.
    NotVerified,
    /// The address was verified before.
    AlreadyVerified,
    /// The staff has decided before.
    AlreadyDecided,
    /// It was not verified in time.
    Over,
    /// There is time left.
    TooEarly,
}

impl Refusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotVerified => "registration_not_verified",
            Self::AlreadyVerified => "registration_already_verified",
            Self::AlreadyDecided => "registration_already_decided",
            Self::Over => "registration_over",
            Self::TooEarly => "registration_too_early",
        }
    }
}

/// What becomes of a registration in `state`, sent at `submitted_at`.
///
/// Refuses: see [`Refusal`].
pub fn next(state: State, event: Event, submitted_at: Timestamp, now: Timestamp) -> Result<State, Refusal> {
    let late = now >= submitted_at + VERIFY_WITHIN;
    match (state, event) {
        (State::Submitted, Event::Verify) if late => Err(Refusal::Over),
        (State::Submitted, Event::Verify) => Ok(State::Verified),
        (State::Submitted, Event::Expire) if late => Ok(State::Expired),
        (State::Submitted, Event::Expire) => Err(Refusal::TooEarly),
        (State::Submitted, Event::Activate | Event::Refuse) => Err(Refusal::NotVerified),
        (State::Verified, Event::Activate) => Ok(State::Activated),
        (State::Verified, Event::Refuse) => Ok(State::Refused),
        (State::Verified, Event::Verify | Event::Expire) => Err(Refusal::AlreadyVerified),
        (State::Activated | State::Refused, _) => Err(Refusal::AlreadyDecided),
        (State::Expired, _) => Err(Refusal::Over),
    }
}

/// What somebody who registers says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// The given name.
    pub first_name: String,
    /// The family name.
    pub last_name: String,
    /// The company.
    pub company: String,
    /// The address, which is what they will sign in with.
    pub email: String,
    /// The company's web site.
    pub website: String,
    /// Where to ring.
    pub phone: String,
    /// What they mean to build.
    pub building: String,
}

impl Registration {
    /// Takes what was typed, in its one spelling.
    ///
    /// Refuses: all that is wrong at once, field by field.
    pub fn parse(typed: &Self, accepted: bool) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let parsed = Self {
            first_name: problems.take("first_name", naming::person(&typed.first_name, 64)),
            last_name: problems.take("last_name", naming::person(&typed.last_name, 64)),
            company: problems.take("company", naming::line(&typed.company, 128)),
            email: problems.take("email", form::email(&typed.email)),
            website: problems.take("website", form::website(&typed.website)),
            phone: problems.take("phone", form::phone(&typed.phone)),
            building: problems.take("building", form::paragraphs(&typed.building, 4000)),
        };
        if !accepted {
            problems.note("terms", "Please read and accept the terms to register.");
        }
        problems.unless(parsed)
    }

    /// "Ada Lovelace".
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// How many business days (Monday to Friday, UTC) have passed between two moments: a weekend counts for nothing.
pub fn business_days(from: Timestamp, to: Timestamp) -> u32 {
    let day = |at: Timestamp| DateTime::from_timestamp_millis(at.0).unwrap_or_default().date_naive();
    let (from, to) = (day(from), day(to));
    let works = |day: NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    // Whole weeks at once, so that a row from long ago costs no more than one from yesterday.
    let days = u32::try_from((to - from).num_days()).unwrap_or(0);
    let rest = (1..=days % 7).filter_map(|n| from.checked_add_days(Days::new(u64::from(n)))).filter(|day| works(*day)).count();
    days / 7 * 5 + u32::try_from(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: i64 = 86_400;
    // A Monday.
    const MONDAY: Timestamp = Timestamp::from_seconds(1_795_392_000);

    fn typed() -> Registration {
        Registration {
            first_name: "Dora".into(),
            last_name: "Developer".into(),
            company: "Builders".into(),
            email: "dora@builders.example".into(),
            website: "https://builders.example/".into(),
            phone: "+1 509 555 0100".into(),
            building: "A site.".into(),
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_beside_its_field() {
        assert_eq!(Registration::parse(&typed(), true), Ok(typed()));
        let problems = Registration::parse(&Registration::default(), false).unwrap_err();
        for field in ["first_name", "last_name", "company", "email", "website", "phone", "building", "terms"] {
            assert!(problems.of(field).is_some(), "{field}");
        }
    }

    #[test]
    fn business_days_leave_weekends_out() {
        for (from, to, days) in [(0, 0, 0), (0, 1, 1), (0, 4, 4), (0, 5, 4), (0, 7, 5), (4, 7, 1), (5, 6, 0), (0, 15, 11), (3, 1, 0)] {
            assert_eq!(business_days(MONDAY + Seconds(from * DAY), MONDAY + Seconds(to * DAY)), days, "{from} to {to}");
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![Just(Event::Verify), Just(Event::Activate), Just(Event::Refuse), Just(Event::Expire)]
    }

    proptest! {
        /// Against a model that keeps the whole history instead of a state.
        #[test]
        fn a_registration_is_what_its_history_says(events in prop::collection::vec((event(), 0..30_i64), 0..12)) {
            let (mut state, mut now) = (State::Submitted, MONDAY);
            let (mut verified, mut decided, mut expired) = (false, None, false);
            for (event, hours) in events {
                now = now + Seconds::hours(hours);
                let in_time = now < MONDAY + Seconds::hours(24);
                let allowed = match event {
                    Event::Verify => !verified && !expired && in_time,
                    Event::Activate | Event::Refuse => verified && decided.is_none(),
                    Event::Expire => !verified && !expired && !in_time,
                };
                match next(state, event, MONDAY, now) {
                    Ok(after) => {
                        prop_assert!(allowed, "{state:?} {event:?}");
                        match event {
                            Event::Verify => verified = true,
                            Event::Activate | Event::Refuse => decided = Some(event),
                            Event::Expire => expired = true,
                        }
                        state = after;
                    }
                    Err(_) => prop_assert!(!allowed, "{state:?} {event:?}"),
                }
                let expected = match (decided, verified, expired) {
                    (Some(Event::Activate), ..) => State::Activated,
                    (Some(_), ..) => State::Refused,
                    (None, true, _) => State::Verified,
                    (None, false, true) => State::Expired,
                    _ => State::Submitted,
                };
                prop_assert_eq!(state, expected);
            }
        }

        #[test]
        fn business_days_add_up(first in 0..4000_i64, second in 0..4000_i64) {
            let at = |day: i64| MONDAY + Seconds(day * DAY);
            let whole = business_days(at(0), at(first + second));
            prop_assert_eq!(whole, business_days(at(0), at(first)) + business_days(at(first), at(first + second)));
            prop_assert!(i64::from(whole) <= first + second);
        }
    }
}
