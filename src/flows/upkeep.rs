//! Upkeep: what the running server does by itself. Reload and rotate keys, sweep, send letters, tell counted refusals.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::app::App;
use crate::base::{Fault, Seconds};
use crate::mail::{Letter, MailProblem, Mailer, backoff};
use crate::signing::{RotationPolicy, plan};
use crate::store::{outbox, sweep};

use super::console::signing;
use super::datamart::due;
use super::{audit_chain, record, start, usage};

/// How often keys are read again.
const RELOAD: u64 = 2;
/// How often what was counted of the API's use is written down.
const COUNTING: u64 = 5;
/// How often rotation and sweeping are considered.
const HOUSEKEEPING: u64 = 60;

/// How keys are rotated here: a retired one stays until the last token it signed is dead.
pub fn rotation_policy(app_settings: &crate::config::Settings) -> Result<RotationPolicy, Fault> {
    let lifetimes = &app_settings.lifetimes;
    let longest = Seconds(lifetimes.access_token.0.max(lifetimes.id_token.0).max(Seconds::days(25).0));
    RotationPolicy::new(longest).with(app_settings.signing.rotate_every, app_settings.signing.publish_ahead).map_err(Fault::broken)
}

/// Runs upkeep until `stop`, on a thread for each concern: neither a mail server that hangs nor a long sweep keeps this node from
/// hearing that a key was withdrawn.
pub fn run(app: &Arc<App>, mailer: &Mailer, stop: &AtomicBool) {
    std::thread::scope(|threads| {
        threads.spawn(|| {
            every(RELOAD, stop, || {
                told("rotate keys on demand", || signing::carry_out(app).map(drop));
                told("reload keys", || reload(app));
            });
        });
        threads.spawn(|| every(1, stop, || told("send e-mails", || send(app, mailer, stop).map(drop))));
        threads.spawn(|| every(COUNTING, stop, || told("count usage", || usage::flush(app))));
        every(HOUSEKEEPING, stop, || {
            told("rotate keys", || rotate(app));
            told("sweep", || sweep_all(app, stop).map(drop));
            told("remind and expire", || due::run(app).map(drop));
            told("tell refusals", || record::flush(app));
            told("tie the audit", || tie(app));
        });
    });
    told("count usage", || usage::flush(app));
    told("tell refusals", || record::flush(app));
}

/// Does something now and every so many seconds, until `stop`.
fn every(seconds: u64, stop: &AtomicBool, mut work: impl FnMut()) {
    let mut second = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        if second.is_multiple_of(seconds) {
            work();
        }
        std::thread::sleep(Duration::from_secs(1));
        second += 1;
    }
}

/// Does it, and tells the log where it fails: a panic ends neither the thread nor what else it does.
fn told(what: &str, work: impl FnOnce() -> Result<(), Fault>) {
    let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Fault::broken("it panicked")));
    if let Err(fault) = done {
        tracing::warn!(what, %fault, "upkeep failed and will be tried again");
    }
}

/// Reads the keys again, so that what another node or the operator changed counts here within seconds.
pub fn reload(app: &App) -> Result<(), Fault> {
    let rows = app.db.read(start::stored)?;
    for row in app.ring.replace(&app.seal, &rows)? {
        tracing::error!(kid = row.kid, fault = %row.fault, "a signing key cannot be read and is left out");
    }
    Ok(())
}

fn rotate(app: &App) -> Result<(), Fault> {
    let now = app.now();
    let policy = rotation_policy(&app.settings)?;
    let steps = start::rotate(&app.db, &app.seal, &app.random, now, "latchkey", |keys| plan(now, keys, &policy))?;
    if !steps.is_empty() {
        tracing::info!(?steps, "signing keys rotated");
        reload(app)?;
    }
    Ok(())
}

/// Ties the audit's settled lines. The log keeps how far the chain reaches where nobody who writes in the database can change it.
fn tie(app: &App) -> Result<(), Fault> {
    if let Some(reached) = audit_chain::grow(&app.db, &app.seal, app.now())? {
        tracing::info!(lines = reached.lines, link = reached.link, "the audit is tied");
    }
    Ok(())
}

/// Sweeps until nothing more may go; answers how many rows went. Small batches, so that no other write waits for long.
pub fn sweep_all(app: &App, stop: &AtomicBool) -> Result<usize, Fault> {
    let mut gone = 0;
    while !stop.load(Ordering::Relaxed) {
        let now = app.now();
        match app.db.write(move |conn| sweep::batch(conn, now))? {
            0 => break,
            batch => gone += batch,
        }
    }
    Ok(gone)
}

/// Sends the letters that are due; answers how many left.
pub fn send(app: &App, mailer: &Mailer, stop: &AtomicBool) -> Result<usize, Fault> {
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let now = app.now();
        if app.db.read(move |conn| outbox::due(conn, now))? == 0 {
            break;
        }
        let Some(waiting) = app.db.write(move |conn| outbox::take(conn, now))? else { break };
        let letter = Letter {
            to: waiting.recipient.clone(),
            subject: waiting.subject.clone(),
            text: waiting.text.clone(),
            html: waiting.html.clone(),
        };
        let outcome = mailer.send(&letter);
        let after = app.now();
        if outcome.is_ok() {
            mailer.keep(&letter, after);
        }
        let id = waiting.id;
        let attempts = u32::try_from(waiting.attempts).unwrap_or(u32::MAX);
        app.db.write(move |conn| match outcome {
            Ok(()) => outbox::sent(conn, id, after),
            Err(MailProblem::Permanent(why)) => outbox::park(conn, id, &why, after),
            Err(MailProblem::Temporary(why)) => match backoff(attempts) {
                Some(wait) => outbox::again(conn, id, &why, after + wait),
                None => outbox::park(conn, id, &why, after),
            },
        })?;
        sent += 1;
    }
    Ok(sent)
}
