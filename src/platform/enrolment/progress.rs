//! How far an enrolment has come, and what becomes of it by each event.

use crate::base::id::AccountId;
use crate::base::{Seconds, Timestamp};
use crate::platform::approval::{Answer, Place, Step};

use super::{Effect, Event, Refusal, State};

/// How long an enrolment waits in all.
pub const EXPIRES: Seconds = Seconds::days(30);
/// After how long without an answer somebody is reminded, once each.
pub const REMINDERS: [Seconds; 2] = [Seconds::days(2), Seconds::days(5)];

/// How far an enrolment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub state: State,
    /// The chain of this round, in order.
    pub steps: Vec<Step>,
    /// The digest of the plan that is being approved.
    pub content: String,
    /// The digest of the plan whose terms the developer accepted last.
    pub accepted: String,
    /// Which round of approvals this is: a changed plan begins a new one.
    pub round: i64,
    /// When it was sent.
    pub submitted_at: Timestamp,
    /// Since when whoever is to answer has been waited for.
    pub waiting_since: Timestamp,
    /// How often they were reminded.
    pub reminders: i64,
}

impl Progress {
    /// An enrolment that was just sent: the first of the chain is asked.
    pub fn begin(steps: Vec<Step>, content: &str, now: Timestamp) -> Self {
        let mut begun = Self {
            state: State::AwaitingDeveloper,
            steps,
            content: content.to_owned(),
            accepted: content.to_owned(),
            round: 1,
            submitted_at: now,
            waiting_since: now,
            reminders: 0,
        };
        begun.state = begun.waits_for().map_or(State::AwaitingDeveloper, |step| State::Awaiting(step.place));
        begun
    }

    /// The step that is waited for.
    pub fn waits_for(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.approved.is_none())
    }

    /// When it expires.
    pub fn expires_at(&self) -> Timestamp {
        self.submitted_at + EXPIRES
    }

    /// When something happens by itself: a reminder, or the end.
    pub fn next_at(&self) -> Option<Timestamp> {
        if !self.state.is_open() {
            return None;
        }
        let sent = usize::try_from(self.reminders).unwrap_or(usize::MAX);
        let reminder = REMINDERS.get(sent).map(|after| self.waiting_since + *after);
        Some(reminder.map_or(self.expires_at(), |reminder| reminder.min(self.expires_at())))
    }

    /// What becomes of it.
    ///
    /// Refuses: see [`Refusal`].
    pub fn after(&self, event: Event<'_>, now: Timestamp) -> Result<(Self, Vec<Effect>), Refusal> {
        if !self.state.is_open() {
            return Err(if self.state == State::Expired { Refusal::Over } else { Refusal::AlreadyDecided });
        }
        if now >= self.expires_at() && !matches!(event, Event::Expire | Event::Withdraw | Event::EndPlan) {
            return Err(Refusal::Over);
        }
        match event {
            Event::Approve { by, shown } => self.approved(by, shown, now),
            Event::Decline { by, shown, reason } => {
                self.turn_of(by, shown)?;
                if reason.trim().is_empty() { Err(Refusal::ReasonMissing) } else { Ok(self.closed(State::Declined)) }
            }
            Event::Delegate { by, to } => self.delegated(by, to, now),
            Event::PlanChanged { content } => self.changed(content, now),
            Event::Accept { shown } => self.accepted(shown),
            Event::Withdraw => Ok(self.closed(State::Withdrawn)),
            Event::EndPlan => Ok(self.closed(State::Declined)),
            Event::Expire if now >= self.expires_at() => Ok(self.closed(State::Expired)),
            Event::Remind => {
                let sent = usize::try_from(self.reminders).unwrap_or(usize::MAX);
                let due = REMINDERS.get(sent).is_some_and(|after| now >= self.waiting_since + *after);
                let reminded = Self { reminders: self.reminders + 1, ..self.clone() };
                if due { Ok((reminded, vec![Effect::Remind])) } else { Err(Refusal::TooEarly) }
            }
            Event::Expire => Err(Refusal::TooEarly),
        }
    }

    fn closed(&self, state: State) -> (Self, Vec<Effect>) {
        (Self { state, ..self.clone() }, vec![Effect::Close])
    }

    /// The place in the chain whose answer is waited for, if it is this person's.
    fn turn_of(&self, by: &AccountId, shown: &str) -> Result<Place, Refusal> {
        let asked = |step: &&Step| step.addressees.contains(by);
        match self.waits_for() {
            Some(step) if asked(&step) && shown == self.content => Ok(step.place),
            Some(step) if asked(&step) => Err(Refusal::Stale),
            _ if self.steps.iter().filter(|step| step.approved.is_some()).any(|step| asked(&step)) => Err(Refusal::AlreadyAnswered),
            _ if self.steps.iter().any(|step| asked(&step)) => Err(Refusal::NotYourTurn),
            _ => Err(Refusal::NotYours),
        }
    }

    fn approved(&self, by: &AccountId, shown: &str, now: Timestamp) -> Result<(Self, Vec<Effect>), Refusal> {
        self.turn_of(by, shown)?;
        let mut after = self.clone();
        let mut effects = Vec::new();
        // Who stands in several places at once answers for all of them, and each is recorded.
        let asked = after.steps.iter_mut().skip_while(|step| step.approved.is_some());
        for step in asked.take_while(|step| step.addressees.contains(by)) {
            step.approved = Some(Answer { by: by.clone(), at: now });
            effects.push(Effect::Approved(step.place));
        }
        after.waiting_since = now;
        after.reminders = 0;
        let next = after.waits_for().map(|step| step.place);
        after.state = match next {
            Some(place) => {
                effects.push(Effect::Ask(place));
                State::Awaiting(place)
            }
            None if after.accepted == after.content => {
                effects.push(Effect::Issue);
                State::Issued
            }
            None => {
                effects.push(Effect::AskDeveloper);
                State::AwaitingDeveloper
            }
        };
        Ok((after, effects))
    }

    fn delegated(&self, by: &AccountId, to: &AccountId, now: Timestamp) -> Result<(Self, Vec<Effect>), Refusal> {
        let place = self.turn_of(by, &self.content)?;
        let mut after = self.clone();
        if let Some(step) = after.steps.iter_mut().find(|step| step.place == place) {
            if step.addressees.contains(to) {
                return Err(Refusal::Same);
            }
            step.addressees.retain(|known| known != by);
            step.addressees.push(to.clone());
        }
        after.waiting_since = now;
        after.reminders = 0;
        Ok((after, vec![Effect::Ask(place)]))
    }

    /// What was approved is no longer what is offered: the chain begins anew.
    fn changed(&self, content: &str, now: Timestamp) -> Result<(Self, Vec<Effect>), Refusal> {
        if content == self.content {
            return Err(Refusal::Same);
        }
        let steps = self.steps.iter().map(|step| Step { approved: None, ..step.clone() }).collect();
        let (content, round) = (content.to_owned(), self.round + 1);
        let mut after = Self { steps, content, round, waiting_since: now, reminders: 0, ..self.clone() };
        let mut effects = Vec::new();
        after.state = match after.waits_for() {
            Some(step) => {
                effects.push(Effect::Ask(step.place));
                State::Awaiting(step.place)
            }
            None => State::AwaitingDeveloper,
        };
        if after.accepted != after.content {
            effects.push(Effect::AskDeveloper);
        }
        Ok((after, effects))
    }

    fn accepted(&self, shown: &str) -> Result<(Self, Vec<Effect>), Refusal> {
        if shown != self.content {
            return Err(Refusal::Stale);
        }
        if self.accepted == self.content {
            return Err(Refusal::Same);
        }
        let after = Self { accepted: self.content.clone(), ..self.clone() };
        Ok(match after.state {
            State::AwaitingDeveloper => (Self { state: State::Issued, ..after }, vec![Effect::Issue]),
            _ => (after, Vec::new()),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::id::StepId;
    use crate::platform::approval::tests::id;

    pub const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    pub fn steps(addressees: &[(Place, &[u8])]) -> Vec<Step> {
        let numbered = addressees.iter().zip(1..);
        numbered
            .map(|((place, who), number)| Step {
                id: StepId(number),
                place: *place,
                addressees: who.iter().map(|n| id(*n)).collect(),
                approved: None,
            })
            .collect()
    }

    fn usual() -> Progress {
        Progress::begin(steps(&[(Place::Agent, &[1]), (Place::Broker, &[2]), (Place::Association, &[7, 8])]), "v1", NOW)
    }

    fn approve(progress: &Progress, by: u8) -> Result<(Progress, Vec<Effect>), Refusal> {
        progress.after(Event::Approve { by: &id(by), shown: &progress.content }, NOW)
    }

    #[test]
    fn each_place_is_asked_only_after_the_one_before() {
        let begun = usual();
        assert_eq!(begun.state, State::Awaiting(Place::Agent));
        assert_eq!(approve(&begun, 2), Err(Refusal::NotYourTurn));
        let (second, effects) = approve(&begun, 1).unwrap();
        assert_eq!(
            (second.state, effects),
            (State::Awaiting(Place::Broker), vec![Effect::Approved(Place::Agent), Effect::Ask(Place::Broker)])
        );
        assert_eq!(approve(&second, 1), Err(Refusal::AlreadyAnswered));
        let (third, _) = approve(&second, 2).unwrap();
        let (issued, effects) = approve(&third, 8).unwrap();
        assert_eq!((issued.state, effects), (State::Issued, vec![Effect::Approved(Place::Association), Effect::Issue]));
        assert_eq!(approve(&issued, 7), Err(Refusal::AlreadyDecided));
    }

    #[test]
    fn who_stands_in_two_places_answers_once_and_both_are_recorded() {
        let begun = Progress::begin(steps(&[(Place::Agent, &[2]), (Place::Broker, &[2]), (Place::Association, &[7])]), "v1", NOW);
        let (after, effects) = approve(&begun, 2).unwrap();
        assert_eq!(effects, [Effect::Approved(Place::Agent), Effect::Approved(Place::Broker), Effect::Ask(Place::Association)]);
        assert!(after.steps[..2].iter().all(|step| step.approved.as_ref().is_some_and(|answer| answer.by == id(2))));
    }

    #[test]
    fn pw_10_a_changed_plan_voids_every_answer_and_needs_the_developers_word_again() {
        let (second, _) = approve(&usual(), 1).unwrap();
        let (changed, effects) = second.after(Event::PlanChanged { content: "v2" }, NOW).unwrap();
        assert_eq!((changed.state, changed.round), (State::Awaiting(Place::Agent), 2));
        assert_eq!(effects, [Effect::Ask(Place::Agent), Effect::AskDeveloper]);
        assert_eq!(changed.after(Event::Approve { by: &id(1), shown: "v1" }, NOW), Err(Refusal::Stale));
        let all = [1, 2, 7].iter().fold(changed.clone(), |progress, by| approve(&progress, *by).unwrap().0);
        assert_eq!(all.state, State::AwaitingDeveloper);
        assert_eq!(all.after(Event::Accept { shown: "v1" }, NOW), Err(Refusal::Stale));
        assert_eq!(all.after(Event::Accept { shown: "v2" }, NOW).unwrap().1, [Effect::Issue]);
        // Accepted on the way, it is issued with the last approval.
        let (accepted, _) = changed.after(Event::Accept { shown: "v2" }, NOW).unwrap();
        let all = [1, 2, 7].iter().fold(accepted, |progress, by| approve(&progress, *by).unwrap().0);
        assert_eq!(all.state, State::Issued);
    }

    #[test]
    fn a_no_needs_a_reason_and_ends_it() {
        let decline = |reason| usual().after(Event::Decline { by: &id(1), shown: "v1", reason }, NOW);
        assert_eq!(decline(" \n"), Err(Refusal::ReasonMissing));
        let (declined, effects) = decline("Not active").unwrap();
        assert_eq!((declined.state, effects), (State::Declined, vec![Effect::Close]));
    }

    #[test]
    fn another_answers_in_the_brokers_stead_and_the_broker_no_more() {
        let (second, _) = approve(&usual(), 1).unwrap();
        let (delegated, effects) = second.after(Event::Delegate { by: &id(2), to: &id(3) }, NOW).unwrap();
        assert_eq!(effects, [Effect::Ask(Place::Broker)]);
        assert_eq!(approve(&delegated, 2), Err(Refusal::NotYours));
        assert_eq!(approve(&delegated, 3).unwrap().0.state, State::Awaiting(Place::Association));
    }

    #[test]
    fn reminders_come_after_two_and_five_days_and_the_end_after_thirty() {
        let day = |n: i64| NOW + Seconds::days(n);
        let begun = usual();
        assert_eq!(begun.after(Event::Remind, day(2) - Seconds(1)), Err(Refusal::TooEarly));
        let (once, _) = begun.after(Event::Remind, day(2)).unwrap();
        assert_eq!(once.after(Event::Remind, day(4)), Err(Refusal::TooEarly));
        let (twice, _) = once.after(Event::Remind, day(5)).unwrap();
        assert_eq!(twice.after(Event::Remind, day(29)), Err(Refusal::TooEarly));
        assert_eq!([&begun, &once, &twice].map(Progress::next_at), [Some(day(2)), Some(day(5)), Some(day(30))]);
        assert_eq!(twice.after(Event::Expire, day(30) - Seconds(1)), Err(Refusal::TooEarly));
        assert_eq!(twice.after(Event::Approve { by: &id(1), shown: "v1" }, day(30)), Err(Refusal::Over));
        let (expired, _) = twice.after(Event::Expire, day(30)).unwrap();
        assert_eq!((expired.state, expired.next_at()), (State::Expired, None));
        assert_eq!(expired.after(Event::Withdraw, day(30)), Err(Refusal::Over));
    }
}
