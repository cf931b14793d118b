//! Two writes at one moment: the later one builds on what the earlier one left, on both engines.

use std::sync::mpsc;
use std::time::Duration;

use latchkey::base::Fault;
use latchkey::store::accounts::{NewAccount, Written};
use latchkey::store::{Conn, accounts, contacts};
use serde_json::json;

use crate::support::datamart::{idx, wish};
use crate::support::platform::{ADA, MLS};
use crate::support::tables;
use crate::support::world::{BEGIN, World};

/// Runs `later` while `first` has written and not yet committed.
fn while_writing<T>(world: &World, first: impl FnOnce(&mut Conn) -> Result<(), Fault> + Send + 'static, later: impl FnOnce() -> T) -> T {
    let (written, wait) = mpsc::channel();
    std::thread::scope(|scope| {
        let db = &world.app.db;
        scope.spawn(move || {
            db.write(move |conn| {
                first(conn)?;
                written.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(300));
                Ok(())
            })
            .unwrap();
        });
        wait.recv().unwrap();
        later()
    })
}

#[test]
fn pb_09_an_agents_closing_of_a_contact_survives_what_the_consumer_or_a_site_writes_at_that_moment() {
    let world = World::new();
    let bond = world.bond("cv.ada", "carla@example.com");
    let consumer = world.tokens_by(&bond, &world.key("site"))["access_token"].as_str().unwrap().to_owned();
    let agent = world.token_of("cv.ada", "w");
    let (own, portal) = ("/v1/my/contact".to_owned(), format!("/v1/contacts/{}/portal", bond.contact));
    for (token, path, body) in [
        (&consumer, &own, json!({ "PrimaryPhoneNumber": "+1 509 555 0199" })),
        (&agent, &portal, json!({ "Locale": { "Language": "es" } })),
        (&agent, &format!("/v1/contacts/{}", bond.contact), json!({ "Tags": ["buyer"] })),
    ] {
        world.changes_contact("cv.ada", &bond.contact, |contact| contact.vow_enabled = true);
        let (owner, id, now) = (bond.agent.clone(), bond.contact.clone(), world.app.now());
        let close = move |conn: &mut Conn| {
            let mut contact = contacts::get(conn, &owner, &id)?.unwrap();
            contact.vow_enabled = false;
            contacts::change(conn, &contact, now).map(|_| ())
        };
        let answer = while_writing(&world, close, || world.api(token, "PUT", path, Some(body)));
        // Where the look at the token waits for the closing too, the consumer is turned away.
        assert!(answer.status == 200 || (token == &consumer && answer.status == 403), "{answer:?}");
        let (owner, id) = (bond.agent.clone(), bond.contact.clone());
        let kept = world.app.db.read(move |conn| contacts::get(conn, &owner, &id)).unwrap().unwrap();
        assert!(!kept.vow_enabled, "{path} opened it again");
    }
    let (owner, id) = (bond.agent.clone(), bond.contact.clone());
    let kept = world.app.db.read(move |conn| contacts::get(conn, &owner, &id)).unwrap().unwrap();
    assert_eq!((kept.portal.unwrap().language.as_str(), kept.facts.tags), ("es", vec!["buyer".to_owned()]), "and nothing else is lost");
}

#[test]
fn a_roster_that_is_read_at_that_moment_undoes_no_password_and_no_lock_of_the_platform() {
    let world = World::new();
    let sets = |conn: &mut Conn| {
        accounts::set_password(conn, &ADA.parse().unwrap(), "the new hash", BEGIN)?;
        accounts::lock_by_platform(conn, &ADA.parse().unwrap(), BEGIN).map(drop)
    };
    let read = || {
        world.app.db.write(|conn| {
            let row = NewAccount {
                id: ADA.parse().unwrap(),
                mls_id: &MLS.parse().unwrap(),
                roster_key: "cv.ada",
                login_name: "cv.ada",
                user_type: "Member",
                active: true,
                password_hash: None,
                profile: r#"{"Name":"Ada Newname"}"#,
            };
            accounts::write(conn, &row, BEGIN)
        })
    };
    assert_eq!(while_writing(&world, sets, read).unwrap(), Written::Changed);
    let (ada, hash) = world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap();
    assert_eq!((ada.profile.name.as_str(), ada.active, hash.as_deref()), ("Ada Newname", false, Some("the new hash")));
    // Nor does its MLS, which looked before the platform locked her.
    assert!(!world.change(|conn| accounts::set_active(conn, &ADA.parse().unwrap(), true, BEGIN)));
    assert!(!world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().0.active);
    assert!(world.change(|conn| accounts::unlock_by_platform(conn, &ADA.parse().unwrap(), BEGIN)));
    assert!(world.app.db.read(|conn| accounts::by_login(conn, "cv.ada")).unwrap().unwrap().0.active);
}

#[test]
fn of_enrolments_for_the_same_sent_at_once_one_is_taken() {
    let world = World::new();
    let dora = world.dora();
    world.makes_broker("cv.ben");
    world.offers(11, idx());
    let start = std::sync::Barrier::new(4);
    let taken = std::thread::scope(|scope| {
        let mut all = Vec::new();
        for _ in 0..4 {
            let cookie = dora.cookie("__Host-latchkey_developer").unwrap();
            let (world, start) = (&world, &start);
            all.push(scope.spawn(move || {
                let same = world.agent("dora@example.com");
                same.set_cookie("__Host-latchkey_developer", &cookie);
                same.get("/appstore/datamart/plans/11/enrol");
                start.wait();
                same.post("/appstore/datamart/plans/11/enrol", &wish()).status
            }));
        }
        all.into_iter().map(|one| one.join().unwrap()).filter(|status| *status == 303).count()
    });
    assert_eq!((taken, tables::count(&world.app.db, "enrolments")), (1, 1));
}
