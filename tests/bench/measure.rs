//! One measurement: connections that work in a closed loop, and the server's processor time meanwhile.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::serve::Subject;
use crate::wire::Wire;
use crate::work::Operation;

/// How hard and how long.
pub struct Load {
    pub lanes: usize,
    pub seconds: f64,
}

/// What came of it. Units: microseconds.
#[derive(Clone, Default)]
pub struct Result {
    /// Processor time of the server for one operation.
    pub cpu: f64,
    pub operations: usize,
    /// Operations in a second of the wall clock.
    pub rate: f64,
    pub median: u64,
    pub p99: u64,
    /// How many went wrong, and the first of them.
    pub errors: usize,
    pub problem: Option<String>,
}

/// Before the clock starts.
const WARM: f64 = 0.3;

/// Runs `begin(lane)` on each connection until the time is over.
pub fn run<'s>(subject: &Subject, load: &Load, begin: impl Fn(usize) -> Operation<'s> + Sync) -> Result {
    let (ready, done) = (Barrier::new(load.lanes + 1), Barrier::new(load.lanes + 1));
    let work = |lane: usize| {
        let mut wire = Wire::to(&subject.address);
        let mut operation = begin(lane);
        let warm = Instant::now();
        while warm.elapsed() < Duration::from_secs_f64(WARM) {
            let _ = operation(&mut wire);
        }
        ready.wait();
        let (start, mut times, mut problems) = (Instant::now(), Vec::new(), Vec::new());
        while start.elapsed() < Duration::from_secs_f64(load.seconds) {
            let began = Instant::now();
            match operation(&mut wire) {
                Ok(()) => times.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)),
                Err(problem) => {
                    problems.push(problem);
                    // Whatever ran out will not come back.
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
        done.wait();
        (times, problems)
    };
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..load.lanes).map(|lane| scope.spawn(move || work(lane))).collect();
        ready.wait();
        let (start, before) = (Instant::now(), subject.spent());
        done.wait();
        let (wall, spent) = (start.elapsed().as_secs_f64(), subject.spent() - before);
        let (mut times, mut problems) = (Vec::new(), Vec::new());
        for lane in lanes {
            let (some, wrong) = lane.join().unwrap();
            times.extend(some);
            problems.extend(wrong);
        }
        times.sort_unstable();
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        Result {
            cpu: spent / times.len() as f64,
            operations: times.len(),
            rate: times.len() as f64 / wall,
            median: at(0.5),
            p99: at(0.99),
            errors: problems.len(),
            problem: problems.into_iter().next(),
        }
    })
}
