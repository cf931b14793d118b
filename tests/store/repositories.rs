//! The functions the flows stand on: conditional updates and what they count.

use latchkey::base::id::{AuditId, ConsentId, GrantId, KeyId, LetterId, SessionId};
use latchkey::base::{Digest, Fault, Seconds};
use latchkey::identity::session::Session;
use latchkey::identity::throttle::Rule;
use latchkey::protocol::authorize::Consent;
use latchkey::protocol::grant::{Grant, GrantState};
use latchkey::protocol::scope::Scopes;
use latchkey::store::audit::{self, Entry};
use latchkey::store::outbox::Waiting;
use latchkey::store::sessions::Origin;
use latchkey::store::{accounts, consents, grants, keys, outbox, sessions, sweep, throttles};

use crate::support::world::{BEGIN, World};

const ADA: &str = "20261001000000000000000101";

fn grant(id: i64, state: GrantState) -> Grant {
    Grant {
        id: GrantId(id),
        key_id: KeyId(1),
        account_id: ADA.parse().unwrap(),
        consumer: None,
        state,
        scope: Scopes::known("openid FBS"),
        nonce: Some("n\u{e9}".into()),
        challenge: None,
        redirect_uri: "https://app.example/cb".into(),
        claims: None,
        auth_time: BEGIN,
        session_id: None,
        offered_at: BEGIN,
        offer_ends: BEGIN + Seconds(60),
        ends_at: BEGIN + Seconds::days(365),
        generation: 0,
        rotated_at: BEGIN,
        front_channel: false,
        some_revoked: false,
    }
}

#[test]
fn a_grant_reads_as_it_was_written() {
    let world = World::new();
    let written = grant(1, GrantState::Offered);
    let same = written.clone();
    world.change(move |conn| grants::insert(conn, &same));
    let (read, person) = world.app.db.read(|conn| grants::with_person(conn, GrantId(1))).unwrap().unwrap();
    assert_eq!(read, written);
    assert!(person.active && person.login_name == "cv.ada");
    assert!(world.app.db.read(|conn| grants::with_person(conn, GrantId(2))).unwrap().is_none());
}

#[test]
fn an_id_that_another_node_minted_at_the_same_moment_loses_no_line_of_the_audit_and_is_otherwise_worth_another_try() {
    let world = World::new();
    let line = |event: &str| Entry::new(AuditId(7), BEGIN, event, false);
    let (first, second) = (line("session.ended"), line("consent.given"));
    world.change(move |conn| audit::write(conn, &first).and_then(|()| audit::write(conn, &second)));
    let told = world.app.db.read(|conn| audit::between(conn, 6, 9, 10)).unwrap();
    let told: Vec<_> = told.iter().map(|line| (line.id, line.event.as_str())).collect();
    assert_eq!(told, [(7, "session.ended"), (8, "consent.given")]);
    world.change(|conn| grants::insert(conn, &grant(1, GrantState::Offered)));
    let taken = world.app.db.write(|conn| grants::insert(conn, &grant(1, GrantState::Offered)));
    assert!(matches!(taken, Err(Fault::Unavailable(_))), "{taken:?}");
}

#[test]
fn r_28_of_many_who_activate_rotate_or_end_at_once_exactly_one_does() {
    let world = World::new();
    world.change(|conn| grants::insert(conn, &grant(1, GrantState::Offered)));
    type Step = fn(&mut latchkey::store::Conn) -> Result<bool, Fault>;
    let steps: [Step; 3] = [
        |conn| grants::activate(conn, GrantId(1), BEGIN + Seconds::days(365), BEGIN),
        |conn| grants::rotate(conn, GrantId(1), 0, BEGIN),
        |conn| grants::end(conn, GrantId(1), BEGIN),
    ];
    for step in steps {
        let all: Vec<_> = (0..32).map(|_| world.app.db.submit_write(step).unwrap()).collect();
        let won = all.into_iter().filter(|_| true).map(|answer| answer.wait().unwrap()).filter(|won| *won).count();
        assert_eq!(won, 1);
    }
    // Ended is ended: nothing brings it back.
    assert!(!world.change(|conn| grants::activate(conn, GrantId(1), BEGIN, BEGIN)));
    assert!(!world.change(|conn| grants::rotate(conn, GrantId(1), 1, BEGIN)));
}

#[test]
fn ending_everything_a_person_gave_a_key_spares_other_keys_and_takes_the_consent_along() {
    let world = World::new();
    world.change(|conn| {
        for (id, key) in [(1, 1), (2, 1), (3, 2)] {
            grants::insert(conn, &Grant { key_id: KeyId(key), ..grant(id, GrantState::Active) })?;
        }
        let consent = Consent { scope: Scopes::known("openid"), terms: "private".into() };
        consents::put(conn, ConsentId(1), &ADA.parse().unwrap(), KeyId(1), &consent, BEGIN)?;
        consents::put(conn, ConsentId(1), &ADA.parse().unwrap(), KeyId(1), &Consent { scope: Scopes::all(), ..consent }, BEGIN)
    });
    let known = world.app.db.read(|conn| consents::get(conn, &ADA.parse().unwrap(), KeyId(1))).unwrap();
    assert_eq!(known.map(|consent| consent.scope), Some(Scopes::all()));
    assert_eq!(world.change(|conn| grants::end_all(conn, &ADA.parse().unwrap(), KeyId(1), BEGIN)), 2);
    assert_eq!(world.app.db.read(|conn| consents::get(conn, &ADA.parse().unwrap(), KeyId(1))).unwrap(), None);
    let other = world.app.db.read(|conn| grants::with_person(conn, GrantId(3))).unwrap().unwrap().0;
    assert_eq!(other.state, GrantState::Active);
}

#[test]
fn one_revoked_token_marks_its_grant_and_no_other_token() {
    let world = World::new();
    world.change(|conn| {
        grants::insert(conn, &grant(1, GrantState::Active))?;
        grants::revoke_token(conn, 77, BEGIN + Seconds(10), Some(GrantId(1)))?;
        grants::revoke_token(conn, 77, BEGIN + Seconds(10), Some(GrantId(1)))
    });
    assert!(world.app.db.read(|conn| grants::is_revoked(conn, 77)).unwrap());
    assert!(!world.app.db.read(|conn| grants::is_revoked(conn, 78)).unwrap());
    assert!(world.app.db.read(|conn| grants::with_person(conn, GrantId(1))).unwrap().unwrap().0.some_revoked);
}

#[test]
fn a_session_is_found_only_with_its_secret() {
    let world = World::new();
    let session = Session {
        id: SessionId(5),
        account_id: ADA.parse().unwrap(),
        auth_time: BEGIN,
        seen_at: BEGIN,
        ends_at: BEGIN + Seconds::hours(12),
        ended_at: None,
    };
    let same = session.clone();
    world.change(move |conn| sessions::start(conn, &same, &Digest::of(b"secret"), &Origin::default()));
    let found = |secret: &'static [u8]| world.app.db.read(move |conn| sessions::get(conn, SessionId(5), &Digest::of(secret))).unwrap();
    assert_eq!(found(b"secret"), Some(session));
    assert_eq!(found(b"other"), None);
    assert!(world.change(|conn| sessions::end(conn, SessionId(5), BEGIN)));
    assert!(!world.change(|conn| sessions::end(conn, SessionId(5), BEGIN)));
    assert!(!world.app.db.read(|conn| sessions::not_ended(conn, SessionId(5))).unwrap());
}

#[test]
fn r_31_parallel_guesses_are_all_counted() {
    let world = World::new();
    let all: Vec<_> =
        (0..40).map(|_| world.app.db.submit_write(|conn| throttles::count(conn, Rule::Account, "account:x", BEGIN)).unwrap()).collect();
    let admitted = all.into_iter().filter_map(|answer| answer.wait().ok()).filter(Result::is_ok).count();
    assert_eq!(admitted, 5);
    world.change(|conn| throttles::clear(conn, "account:x"));
    assert!(world.change(|conn| throttles::count(conn, Rule::Account, "account:x", BEGIN)).is_ok());
}

#[test]
fn r_36_a_letter_is_taken_by_one_sender_and_comes_back_when_he_dies() {
    let world = World::new();
    let letter =
        Waiting { id: LetterId(1), recipient: "a@x.example".into(), subject: "s".into(), text: "t".into(), html: "h".into(), attempts: 0 };
    world.change(move |conn| outbox::put(conn, &letter, BEGIN));
    let takers: Vec<_> = (0..16).map(|_| world.app.db.submit_write(|conn| outbox::take(conn, BEGIN)).unwrap()).collect();
    assert_eq!(takers.into_iter().filter_map(|taker| taker.wait().unwrap()).count(), 1);
    assert!(world.change(|conn| outbox::take(conn, BEGIN + Seconds(60))).is_none());
    let again = world.change(|conn| outbox::take(conn, BEGIN + Seconds(121))).unwrap();
    assert_eq!(again.attempts, 2);
    world.change(|conn| outbox::sent(conn, LetterId(1), BEGIN));
    assert!(world.change(|conn| outbox::take(conn, BEGIN + Seconds::days(1))).is_none());
}

#[test]
fn a_roster_row_that_is_the_same_is_not_written_again() {
    let world = World::new();
    let write = |login: &'static str, key: &'static str| {
        world.change(move |conn| {
            let new = accounts::NewAccount {
                id: "20261001000000000000000777".parse().unwrap(),
                mls_id: &"20261001000000000000000001".parse().unwrap(),
                roster_key: key,
                login_name: login,
                user_type: "Member",
                active: true,
                password_hash: None,
                profile: "{}",
            };
            accounts::write(conn, &new, BEGIN)
        })
    };
    assert_eq!(write("cv.new", "new"), accounts::Written::Added);
    assert_eq!(write("cv.new", "new"), accounts::Written::Same);
    assert_eq!(write("cv.renamed", "new"), accounts::Written::Changed);
    assert_eq!(write(" CV.ADA", "other"), accounts::Written::LoginTaken);
}

#[test]
fn r_58_the_sweeper_takes_what_is_over_and_leaves_what_may_still_matter() {
    let world = World::new();
    world.change(|conn| {
        grants::insert(conn, &grant(1, GrantState::Offered))?;
        grants::insert(conn, &grant(2, GrantState::Active))?;
        grants::insert(conn, &grant(3, GrantState::Offered))?;
        grants::activate(conn, GrantId(3), BEGIN + Seconds::days(365), BEGIN)?;
        grants::revoke_token(conn, 1, BEGIN + Seconds(10), None)?;
        throttles::count(conn, Rule::Account, "account:old", BEGIN).map(drop)
    });
    let left = |id: i64| world.app.db.read(move |conn| grants::with_person(conn, GrantId(id))).unwrap().is_some();
    assert_eq!(world.change(|conn| sweep::batch(conn, BEGIN + Seconds(9))), 0);
    assert!(world.change(|conn| sweep::batch(conn, BEGIN + Seconds::days(3))) >= 3);
    assert!(!left(1) && left(2) && left(3));
    assert!(!world.app.db.read(|conn| grants::is_revoked(conn, 1)).unwrap());
    world.change(|conn| sweep::batch(conn, BEGIN + Seconds::days(366)));
    assert!(!left(2) && !left(3));
}

#[test]
fn an_origin_is_looked_up_literally() {
    let world = World::new();
    for (origin, known) in
        [("https://spa.example", true), ("https://sp_.example", false), ("https://%", false), ("https://spa.example\\", false)]
    {
        let found = world.app.db.read(move |conn| keys::public_with_uri_at(conn, origin)).unwrap();
        assert_eq!(!found.is_empty(), known, "{origin}");
    }
}
