//! A developer's enrolment in a plan: approved place by place, then issued; or declined, withdrawn or expired.

use crate::base::id::AccountId;
use crate::base::{Seconds, Timestamp};

use super::approval::{Answer, Place, Step};

/// How long an enrolment waits in all.
pub const EXPIRES: Seconds = Seconds::days(30);
/// After how long without an answer somebody is reminded, once each.
pub const REMINDERS: [Seconds; 2] = [Seconds::days(2), Seconds::days(5)];

/// Where an enrolment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Somebody of the chain has to answer.
    Awaiting(Place),
    /// The plan changed on the way: all have approved it, and the developer has yet to accept its new terms.
    AwaitingDeveloper,
    /// The key was issued.
    Issued,
    /// Somebody of the chain said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The developer took it back.
    Withdrawn,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Awaiting(Place::Agent),
        Self::Awaiting(Place::Broker),
        Self::Awaiting(Place::Association),
        Self::AwaitingDeveloper,
        Self::Issued,
        Self::Declined,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// As rows spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Awaiting(Place::Agent) => "awaiting_agent",
            Self::Awaiting(Place::Broker) => "awaiting_broker",
            Self::Awaiting(Place::Association) => "awaiting_association",
            Self::AwaitingDeveloper => "awaiting_developer",
            Self::Issued => "issued",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a row's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == text)
    }

    /// Whether anything can still happen.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Awaiting(_) | Self::AwaitingDeveloper)
    }

    /// As pages say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Awaiting(Place::Agent) => "Waiting for the agent",
            Self::Awaiting(Place::Broker) => "Waiting for the broker",
            Self::Awaiting(Place::Association) => "Waiting for the association",
            Self::AwaitingDeveloper => "Waiting for you: the plan has changed",
            Self::Issued => "Issued",
            Self::Declined => "Declined",
            Self::Expired => "Expired",
            Self::Withdrawn => "Withdrawn",
        }
    }
}

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

/// What happens to an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Somebody of the chain says yes to what he was shown.
    Approve {
        /// Who.
        by: &'a AccountId,
        /// The digest of the plan on the page.
        shown: &'a str,
    },
    /// Somebody of the chain says no.
    Decline {
        /// Who.
        by: &'a AccountId,
        /// The digest of the plan on the page.
        shown: &'a str,
        /// Why; the developer reads it.
        reason: &'a str,
    },
    /// Somebody of the chain lets another answer; whether that one may is `approval::may_delegate`'s question.
    Delegate {
        /// Who.
        by: &'a AccountId,
        /// To whom.
        to: &'a AccountId,
    },
    /// The MLS published another version of the plan.
    PlanChanged {
        /// Its digest.
        content: &'a str,
    },
    /// The developer accepts the terms of the plan as it is now.
    Accept {
        /// The digest of the plan on the page.
        shown: &'a str,
    },
    /// The developer takes it back.
    Withdraw,
    /// The MLS ended the plan.
    EndPlan,
    /// Time passed.
    Expire,
    /// Time passed, and nobody answered.
    Remind,
}

/// What follows from an event, besides the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// This place approved.
    Approved(Place),
    /// This place is asked, by letter.
    Ask(Place),
    /// The developer is asked to accept the plan's new terms, by letter.
    AskDeveloper,
    /// Who is waited for is reminded, by letter.
    Remind,
    /// Key and credentials are issued.
    Issue,
    /// It is over: the developer is told, by letter, and no link works any more.
    Close,
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Somebody answered before, or it was withdrawn.
    AlreadyDecided,
    /// Its thirty days are over.
    Over,
    /// Whoever answers is not asked.
    NotYours,
    /// Whoever answers is asked later.
    NotYourTurn,
    /// Whoever answers has answered.
    AlreadyAnswered,
    /// The plan is no longer what the page showed.
    Stale,
    /// A no needs a reason.
    ReasonMissing,
    /// There is time left.
    TooEarly,
    /// Nothing is different from before.
    Same,
}

impl Refusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AlreadyDecided => "enrolment_already_decided",
            Self::Over => "enrolment_over",
            Self::NotYours => "approval_not_yours",
            Self::NotYourTurn => "approval_not_your_turn",
            Self::AlreadyAnswered => "approval_already_answered",
            Self::Stale => "approval_stale",
            Self::ReasonMissing => "approval_reason_missing",
            Self::TooEarly => "enrolment_too_early",
            Self::Same => "enrolment_same",
        }
    }
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::id::StepId;
    use crate::platform::approval::tests::id;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn steps(addressees: &[(Place, &[u8])]) -> Vec<Step> {
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

    #[derive(Debug, Clone)]
    enum Move {
        Approve(u8, bool),
        Decline(u8, bool),
        Delegate(u8, u8),
        Change(u8),
        Accept(bool),
        Withdraw,
        EndPlan,
        Expire,
        Remind,
    }

    fn moves() -> impl Strategy<Value = Move> {
        let who = 1..9_u8;
        prop_oneof![
            8 => (who.clone(), prop::bool::weighted(0.9)).prop_map(|(by, fresh)| Move::Approve(by, fresh)),
            1 => (who.clone(), any::<bool>()).prop_map(|(by, reason)| Move::Decline(by, reason)),
            2 => (who.clone(), who).prop_map(|(by, to)| Move::Delegate(by, to)),
            1 => (1..4_u8).prop_map(Move::Change),
            1 => any::<bool>().prop_map(Move::Accept),
            1 => Just(Move::Withdraw),
            1 => Just(Move::EndPlan),
            2 => Just(Move::Expire),
            3 => Just(Move::Remind),
        ]
    }

    /// What should be so, kept as plain facts: who is asked in each place, who has answered, and how it ended.
    #[derive(Debug, Clone)]
    struct Model {
        asked: [Vec<u8>; 3],
        answered: usize,
        plan: u8,
        accepted: u8,
        end: Option<State>,
        waiting: Timestamp,
        reminded: usize,
    }

    impl Model {
        /// Whether the move counts; then the facts follow it.
        fn plays(&mut self, turn: &Move, now: Timestamp) -> bool {
            let over = now >= NOW + Seconds::days(30);
            let turn_of = |by: &u8| self.asked.get(self.answered).is_some_and(|who| who.contains(by));
            if self.end.is_some() {
                return false;
            }
            let counts = match turn {
                Move::Approve(by, fresh) => !over && *fresh && turn_of(by),
                Move::Decline(by, reason) => !over && *reason && turn_of(by),
                Move::Delegate(by, to) => !over && turn_of(by) && !self.asked[self.answered].contains(to),
                Move::Change(plan) => !over && *plan != self.plan,
                Move::Accept(fresh) => !over && *fresh && self.accepted != self.plan,
                Move::Withdraw | Move::EndPlan => true,
                Move::Expire => over,
                Move::Remind => {
                    let after = [2, 5].get(self.reminded).copied();
                    !over && after.is_some_and(|days| now >= self.waiting + Seconds::days(days))
                }
            };
            if !counts {
                return false;
            }
            match turn {
                Move::Approve(by, _) => {
                    while self.asked.get(self.answered).is_some_and(|who| who.contains(by)) {
                        self.answered += 1;
                    }
                    (self.waiting, self.reminded) = (now, 0);
                }
                Move::Delegate(by, to) => {
                    self.asked[self.answered].retain(|who| who != by);
                    self.asked[self.answered].push(*to);
                    (self.waiting, self.reminded) = (now, 0);
                }
                Move::Change(plan) => {
                    self.plan = *plan;
                    self.answered = 0;
                    (self.waiting, self.reminded) = (now, 0);
                }
                Move::Accept(_) => self.accepted = self.plan,
                Move::Decline(..) | Move::EndPlan => self.end = Some(State::Declined),
                Move::Withdraw => self.end = Some(State::Withdrawn),
                Move::Expire => self.end = Some(State::Expired),
                Move::Remind => self.reminded += 1,
            }
            if self.end.is_none() && self.answered == 3 && self.accepted == self.plan {
                self.end = Some(State::Issued);
            }
            true
        }

        fn state(&self) -> State {
            self.end.unwrap_or_else(|| Place::ALL.get(self.answered).map_or(State::AwaitingDeveloper, |place| State::Awaiting(*place)))
        }
    }

    proptest! {
        #[test]
        fn an_enrolment_is_what_its_history_says(
            chain in prop::array::uniform3(prop::collection::hash_set(1..9_u8, 1..3)),
            moves in prop::collection::vec((moves(), 0..70_i64), 0..40),
        ) {
            let asked = chain.map(|who| { let mut who: Vec<u8> = who.into_iter().collect(); who.sort_unstable(); who });
            let places: Vec<(Place, &[u8])> = Place::ALL.into_iter().zip(asked.iter().map(Vec::as_slice)).collect();
            let mut progress = Progress::begin(steps(&places), "v0", NOW);
            let mut model = Model { asked: asked.clone(), answered: 0, plan: 0, accepted: 0, end: None, waiting: NOW, reminded: 0 };
            let mut now = NOW;
            let mut issued = 0;
            for (turn, hours) in moves {
                now = now + Seconds::hours(hours);
                let fresh = |fresh: bool| if fresh { progress.content.clone() } else { "another".to_owned() };
                let (by, to, shown);
                let event = match &turn {
                    Move::Approve(who, is_fresh) => { (by, shown) = (id(*who), fresh(*is_fresh)); Event::Approve { by: &by, shown: &shown } }
                    Move::Decline(who, reason) => {
                        (by, shown) = (id(*who), fresh(true));
                        Event::Decline { by: &by, shown: &shown, reason: if *reason { "no" } else { "" } }
                    }
                    Move::Delegate(from, other) => { (by, to) = (id(*from), id(*other)); Event::Delegate { by: &by, to: &to } }
                    Move::Change(plan) => { shown = format!("v{plan}"); Event::PlanChanged { content: &shown } }
                    Move::Accept(is_fresh) => { shown = fresh(*is_fresh); Event::Accept { shown: &shown } }
                    Move::Withdraw => Event::Withdraw,
                    Move::EndPlan => Event::EndPlan,
                    Move::Expire => Event::Expire,
                    Move::Remind => Event::Remind,
                };
                let counted = model.plays(&turn, now);
                match progress.after(event, now) {
                    Ok((after, effects)) => {
                        prop_assert!(counted, "{turn:?} should not count: {progress:?}");
                        issued += effects.iter().filter(|effect| **effect == Effect::Issue).count();
                        prop_assert_eq!(effects.contains(&Effect::Close), !after.state.is_open() && after.state != State::Issued);
                        progress = after;
                    }
                    Err(why) => prop_assert!(!counted, "{turn:?} should count but {why:?}: {progress:?}"),
                }
                prop_assert_eq!(progress.state, model.state());
                let answered = progress.steps.iter().take_while(|step| step.approved.is_some()).count();
                prop_assert_eq!(answered, model.answered);
                // Nobody answers out of turn: no approval stands behind a gap, and each is by somebody who was asked.
                prop_assert!(progress.steps[answered..].iter().all(|step| step.approved.is_none()));
                prop_assert!(progress.steps.iter().all(|step| step.approved.as_ref().is_none_or(|answer| step.addressees.contains(&answer.by))));
            }
            prop_assert!(issued <= 1);
            prop_assert_eq!(issued == 1, progress.state == State::Issued);
        }
    }
}
