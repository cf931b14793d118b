//! An enrolment beside a plain model of it: whatever happens to it in whatever order, it is what its history says.

use proptest::prelude::*;

use super::progress::tests::{NOW, steps};
use super::{Effect, Event, Progress, State};
use crate::base::{Seconds, Timestamp};
use crate::platform::approval::Place;
use crate::platform::approval::tests::id;

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
