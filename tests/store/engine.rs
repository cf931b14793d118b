//! What a write promises, on either engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use latchkey::base::Fault;
use latchkey::store::{Conn, facts};

use crate::support::world::World;

#[test]
fn a_fault_rolls_the_whole_write_back_and_a_refusal_commits() {
    let world = World::new();
    let broken: Result<(), Fault> = world.app.db.write(|conn| {
        facts::settle(conn, "first half", "x")?;
        Err(Fault::broken("second half"))
    });
    assert!(broken.is_err());
    assert_eq!(world.app.db.read(|conn| facts::get(conn, "first half")).unwrap(), None);
    // A refusal is a value: what was written on the way to it stays.
    let refused: Result<(), &str> = world
        .app
        .db
        .write(|conn| {
            facts::settle(conn, "told", "x")?;
            Ok(Err("no"))
        })
        .unwrap();
    assert_eq!(refused, Err("no"));
    assert_eq!(world.app.db.read(|conn| facts::get(conn, "told")).unwrap().as_deref(), Some("x"));
}

#[test]
fn r_70_a_panic_in_one_write_is_that_callers_fault_alone() {
    let world = World::new();
    let panicked: Result<(), Fault> = world.app.db.write(|conn| {
        facts::settle(conn, "before the panic", "x")?;
        panic!("on purpose")
    });
    assert!(matches!(panicked, Err(Fault::Broken(_))));
    assert_eq!(world.app.db.read(|conn| facts::get(conn, "before the panic")).unwrap(), None);
    assert_eq!(world.app.db.write(|conn| facts::settle(conn, "after", "y")).unwrap(), "y");
}

#[test]
fn writes_committed_together_fail_one_by_one() {
    let world = World::new();
    let pending: Vec<_> = (0..40)
        .map(|number| {
            let work = move |conn: &mut Conn| {
                facts::settle(conn, &format!("row {number}"), "x")?;
                if number % 10 == 3 { Err(Fault::broken("this one")) } else { Ok(number) }
            };
            (number, world.app.db.submit_write(work).unwrap())
        })
        .collect();
    for (number, answer) in pending {
        assert_eq!(answer.wait().is_err(), number % 10 == 3, "{number}");
        let there = world.app.db.read(move |conn| facts::get(conn, &format!("row {number}"))).unwrap();
        assert_eq!(there.is_none(), number % 10 == 3, "{number}");
    }
}

#[test]
fn what_was_answered_is_seen_by_whoever_reads_next() {
    let world = World::new();
    for number in 0..50 {
        world.app.db.write(move |conn| facts::settle(conn, &format!("seen {number}"), "x")).unwrap();
        assert!(world.app.db.read(move |conn| facts::get(conn, &format!("seen {number}"))).unwrap().is_some());
    }
}

#[test]
fn a_full_queue_says_so_at_once_and_what_it_took_is_done_or_said_not_to_be() {
    let world = World::new();
    let (release, held) = flume::bounded::<()>(0);
    let held = Arc::new(held);
    // Every thread that could write is held, so that the queue can only fill.
    let blockers: Vec<_> = (0..8)
        .map(|_| {
            let held = Arc::clone(&held);
            world
                .app
                .db
                .submit_write(move |_| {
                    let _ = held.recv();
                    Ok(())
                })
                .unwrap()
        })
        .collect();
    let done = Arc::new(AtomicUsize::new(0));
    let mut refused = None;
    let mut pending = Vec::new();
    for _ in 0..5000 {
        let done = Arc::clone(&done);
        match world.app.db.submit_write(move |_| {
            done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }) {
            Ok(answer) => pending.push(answer),
            Err(fault) => {
                refused = Some(fault);
                break;
            }
        }
    }
    assert!(matches!(refused, Some(Fault::Unavailable(_))), "{refused:?}");
    drop(release);
    blockers.into_iter().for_each(|blocker| blocker.wait().unwrap());
    let said = pending.into_iter().filter_map(|answer| answer.wait().ok()).count();
    assert_eq!(done.load(Ordering::SeqCst), said);
    assert!(said > 0);
}

#[test]
fn r_75_a_write_that_waited_until_its_caller_gave_up_is_not_begun() {
    let world = World::new();
    let busy = |_: &mut Conn| {
        std::thread::sleep(std::time::Duration::from_millis(4500));
        Ok(())
    };
    // Every thread that could write is busy for longer than anybody waits for his turn.
    let first: Vec<_> = (0..4).map(|_| world.app.db.submit_write(busy).unwrap()).collect();
    let late = world.app.db.submit_write(|conn| facts::settle(conn, "late", "x")).unwrap();
    let late = late.into_receiver().recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert!(matches!(late, Err(Fault::Unavailable(_))), "{late:?}");
    assert!(first.into_iter().next().unwrap().wait().is_ok(), "what was begun is finished");
    assert_eq!(world.app.db.read(|conn| facts::get(conn, "late")).unwrap(), None);
}
