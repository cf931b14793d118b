//! Walks through time: single cases first, then random ones against what must always hold.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_seconds(1_792_800_000);
const TOKENS: Seconds = Seconds::hours(24);

fn policy() -> RotationPolicy {
    RotationPolicy::new(TOKENS)
}

/// Rows as a database would hold them, and what signed when.
#[derive(Default)]
struct Rows {
    keys: Vec<KeyFacts>,
    made: usize,
    /// kid and moment of each token signed.
    tokens: Vec<(String, Timestamp)>,
    /// Keys that had to sign before caches could know them: there was no other.
    hurried: Vec<String>,
}

impl Rows {
    fn obey(&mut self, now: Timestamp, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Create(algorithm, active_from) => {
                    self.made += 1;
                    let kid = format!("k{:04}", self.made);
                    if self.signer(algorithm, now).is_none() {
                        self.hurried.push(kid.clone());
                    }
                    let (signs_until, withdrawn_at) = (None, None);
                    self.keys.push(KeyFacts { kid, algorithm, published_at: now, active_from, signs_until, withdrawn_at });
                }
                Step::Activate(kid, at) => {
                    let algorithm = self.key(&kid).algorithm;
                    assert!(self.signer(algorithm, now).is_none(), "{kid} is hurried without need");
                    self.key(&kid).active_from = at;
                    self.hurried.push(kid);
                }
                Step::Retire(kid, at) => self.key(&kid).signs_until = Some(at),
                Step::Withdraw(kid, at) => self.key(&kid).withdrawn_at = Some(at),
                Step::Remove(kid) => self.keys.retain(|key| key.kid != kid),
            }
        }
    }

    fn key(&mut self, kid: &str) -> &mut KeyFacts {
        self.keys.iter_mut().find(|key| key.kid == kid).unwrap()
    }

    fn plan(&mut self, now: Timestamp) {
        self.obey(now, plan(now, &self.keys, &policy()));
    }

    fn signer(&self, algorithm: Algorithm, now: Timestamp) -> Option<&KeyFacts> {
        signer(self.keys.iter(), algorithm, now)
    }

    /// What must hold after every step.
    fn hold(&mut self, now: Timestamp) {
        for algorithm in Algorithm::ALL {
            let able: Vec<_> = self.keys.iter().filter(|key| key.algorithm == algorithm && key.may_sign(now)).collect();
            assert_eq!(able.len(), 1, "{algorithm} at {now:?}: {:#?}", self.keys);
            let key = able[0];
            assert!(
                self.hurried.contains(&key.kid) || key.published_at + policy().publish_ahead <= key.active_from,
                "{} signs before caches know it",
                key.kid
            );
            self.tokens.push((key.kid.clone(), now));
        }
        for (kid, signed) in &self.tokens {
            let here = self.keys.iter().any(|key| key.kid == *kid);
            assert!(here || *signed + TOKENS <= now, "{kid} was removed while a token it signed may live");
        }
        self.tokens.retain(|(_, signed)| *signed + TOKENS > now);
        assert!(plan(now, &self.keys, &policy()).is_empty(), "a plan obeyed leaves something to do: {:#?}", self.keys);
    }
}

#[test]
fn a_new_installation_gets_one_key_of_each_algorithm_that_signs_at_once() {
    let mut rows = Rows::default();
    assert_eq!(plan(START, &[], &policy()), Algorithm::ALL.map(|algorithm| Step::Create(algorithm, START)));
    rows.plan(START);
    rows.hold(START);
}

#[test]
fn tk_14_a_successor_is_published_an_hour_before_it_signs_and_the_old_key_stays_until_its_last_token_died() {
    let policy = policy().only(&[Algorithm::ES256]);
    let mut rows = Rows::default();
    rows.obey(START, plan(START, &[], &policy));
    let turn = START + Seconds::days(90);
    assert_eq!(plan(turn - Seconds(3601), &rows.keys, &policy), []);
    let steps = plan(turn - Seconds(3600), &rows.keys, &policy);
    assert_eq!(steps, [Step::Create(Algorithm::ES256, turn), Step::Retire("k0001".to_owned(), turn)]);
    rows.obey(turn - Seconds(3600), steps);
    assert_eq!(rows.signer(Algorithm::ES256, turn - Seconds(1)).unwrap().kid, "k0001");
    assert_eq!(rows.signer(Algorithm::ES256, turn).unwrap().kid, "k0002");
    let over = turn + TOKENS + SLACK;
    assert_eq!(plan(over - Seconds(1), &rows.keys, &policy), []);
    assert_eq!(plan(over, &rows.keys, &policy), [Step::Remove("k0001".to_owned())]);
}

#[test]
fn r_04_a_crash_between_creating_and_retiring_is_mended_by_the_next_plan() {
    let policy = policy().only(&[Algorithm::ES256]);
    let mut rows = Rows::default();
    rows.obey(START, plan(START, &[], &policy));
    let turn = START + Seconds::days(90);
    let first = plan(turn - Seconds(3600), &rows.keys, &policy).into_iter().take(1).collect();
    rows.obey(turn - Seconds(3600), first);
    for later in [turn - Seconds(60), turn, turn + Seconds::days(3)] {
        assert!(rows.signer(Algorithm::ES256, later).is_some());
        assert_eq!(plan(later, &rows.keys, &policy), [Step::Retire("k0001".to_owned(), turn)], "{later:?}");
    }
}

#[test]
fn r_04_two_nodes_that_create_at_once_leave_one_key_signing() {
    let mut rows = Rows::default();
    let steps = plan(START, &[], &policy());
    rows.obey(START, steps.clone());
    rows.obey(START, steps);
    rows.plan(START);
    for algorithm in Algorithm::ALL {
        assert_eq!(rows.keys.iter().filter(|key| key.algorithm == algorithm && key.may_sign(START)).count(), 1);
    }
    assert_eq!(plan(START, &rows.keys, &policy()), []);
}

#[test]
fn a_rotation_out_of_turn_publishes_first_and_is_not_begun_twice() {
    let policy = policy().only(&[Algorithm::RS256]);
    let mut rows = Rows::default();
    assert_eq!(rotate_now(START, &[], &policy), [Step::Create(Algorithm::RS256, START)]);
    rows.obey(START, rotate_now(START, &[], &policy));
    let (now, turn) = (START + Seconds::days(1), START + Seconds::days(1) + Seconds::hours(1));
    let steps = rotate_now(now, &rows.keys, &policy);
    assert_eq!(steps, [Step::Create(Algorithm::RS256, turn), Step::Retire("k0001".to_owned(), turn)]);
    rows.obey(now, steps);
    assert_eq!(rotate_now(now + Seconds(1), &rows.keys, &policy), []);
}

#[test]
fn tk_15_a_withdrawn_key_is_followed_at_once_by_the_waiting_key_or_else_a_fresh_one() {
    let policy = policy().only(&[Algorithm::ES256]);
    let mut rows = Rows::default();
    rows.obey(START, plan(START, &[], &policy));
    let now = START + Seconds(9);
    let gone = |kid: &str| Step::Withdraw(kid.to_owned(), now);
    assert_eq!(withdraw(now, &rows.keys, &policy, "k0001"), Some(vec![gone("k0001"), Step::Create(Algorithm::ES256, now)]));
    rows.obey(START, rotate_now(START, &rows.keys, &policy));
    assert_eq!(withdraw(now, &rows.keys, &policy, "k0001"), Some(vec![gone("k0001"), Step::Activate("k0002".to_owned(), now)]));
    // The waiting key itself: the present one stays until another successor is known.
    let turn = now + Seconds::hours(1);
    assert_eq!(
        withdraw(now, &rows.keys, &policy, "k0002"),
        Some(vec![gone("k0002"), Step::Create(Algorithm::ES256, turn), Step::Retire("k0001".to_owned(), turn)])
    );
    rows.key("k0001").withdrawn_at = Some(START);
    assert_eq!(withdraw(now, &rows.keys, &policy, "k0001"), None);
    assert_eq!(withdraw(now, &rows.keys, &policy, "nobody"), None);
}

#[test]
fn a_policy_that_publishes_later_than_caches_forget_is_refused() {
    assert!(policy().with(Seconds::days(30), Seconds::minutes(20)).is_ok());
    assert!(policy().with(Seconds::days(30), Seconds(20 * 60 - 1)).is_err());
    assert!(policy().with(Seconds::minutes(30), Seconds::minutes(20)).is_err());
}

#[derive(Debug, Clone)]
enum Event {
    Plan,
    Rotate,
    Withdraw(prop::sample::Index),
}

fn event() -> impl Strategy<Value = (i64, Event)> {
    let pause = prop_oneof![1..600_i64, 600..7_200_i64, 7_200..2_000_000_i64, 2_000_000..20_000_000_i64];
    let what = prop_oneof![6 => Just(Event::Plan), 2 => Just(Event::Rotate), 1 => any::<prop::sample::Index>().prop_map(Event::Withdraw)];
    (pause, what)
}

proptest! {
    #[test]
    fn tk_14_whatever_happens_one_published_key_signs_and_none_goes_too_early(events in prop::collection::vec(event(), 1..120)) {
        let mut rows = Rows::default();
        let mut now = START;
        rows.plan(now);
        rows.hold(now);
        for (pause, event) in events {
            now = now + Seconds(pause);
            match event {
                Event::Plan => {}
                Event::Rotate => rows.obey(now, rotate_now(now, &rows.keys, &policy())),
                Event::Withdraw(which) => {
                    let kid = rows.keys[which.index(rows.keys.len())].kid.clone();
                    rows.obey(now, withdraw(now, &rows.keys, &policy(), &kid).unwrap_or_default());
                    rows.tokens.retain(|(signer, _)| *signer != kid);
                }
            }
            rows.plan(now);
            rows.hold(now);
        }
    }

    #[test]
    fn r_04_a_plan_cut_short_anywhere_still_leaves_one_key_signing(events in prop::collection::vec((event(), 0..4_usize), 1..60)) {
        let mut rows = Rows::default();
        let mut now = START;
        rows.plan(now);
        for ((pause, event), cut) in events {
            now = now + Seconds(pause);
            let steps = match event {
                Event::Rotate => rotate_now(now, &rows.keys, &policy()),
                _ => plan(now, &rows.keys, &policy()),
            };
            rows.obey(now, steps.into_iter().take(cut).collect());
            for algorithm in Algorithm::ALL {
                prop_assert!(rows.signer(algorithm, now).is_some());
            }
            rows.plan(now);
            rows.hold(now);
        }
    }
}
