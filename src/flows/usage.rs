//! Usage: requests are counted in memory and written down every few seconds, so that counting costs no request anything.
//!
//! Counts are exact but for what a node that is killed had not yet written. Single requests are kept only so many an hour of each key,
//! refused ones beside the others, so that no flood fills the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::app::App;
use crate::base::id::{AccountId, KeyId, UsageId};
use crate::base::text::readable;
use crate::base::{Fault, Timestamp};
use crate::platform::role::Role;
use crate::store::keys;
use crate::store::usage::{self, Detail, HourCount};

use super::check::Seen;
use super::record::Caller;

/// How many requests of one key are kept in full in one hour by one node, of those that were done and of those that were not.
const KEPT: u32 = 200;
/// How many counts a node holds before it writes them down at once.
const MANY: usize = 20_000;
/// How many rows go in one write.
const BATCH: usize = 200;
const HOUR: i64 = 3_600_000;

/// One request and what became of it.
pub struct Asked<'a> {
    /// Whose token it had.
    pub seen: &'a Seen,
    /// Its method.
    pub method: &'a str,
    /// Its path.
    pub path: &'a str,
    /// What it was answered.
    pub status: u16,
    /// The platform's code and the log's word, of a refusal.
    pub refusal: Option<(u16, &'static str)>,
    /// How long it took. Units: microseconds.
    pub micros: i64,
    /// Where it came from.
    pub caller: &'a Caller,
    /// What sent it, as programs of the platform say it besides.
    pub spark_user_agent: Option<&'a str>,
}

#[derive(Default, Clone, Copy)]
struct Count {
    successes: i64,
    client_errors: i64,
    server_errors: i64,
    last_at: i64,
}

/// What one key did in one hour.
#[derive(Default)]
struct OfKey {
    hour: i64,
    kept_done: u32,
    kept_refused: u32,
    /// By person and role; the key itself is nobody.
    counts: HashMap<Option<AccountId>, HashMap<Option<Role>, Count>>,
}

#[derive(Default)]
struct Held {
    keys: HashMap<KeyId, OfKey>,
    /// Counts of hours that are over.
    past: Vec<HourCount>,
    details: Vec<Detail>,
    size: usize,
}

/// Requests that are not yet written down.
#[derive(Default)]
pub struct Usage(Mutex<Held>);

/// Counts a request.
pub fn note(app: &App, asked: &Asked<'_>) {
    let now = app.now();
    let hour = now.0 - now.0.rem_euclid(HOUR);
    let mut held = app.usage.0.lock().unwrap_or_else(PoisonError::into_inner);
    if held.size >= MANY {
        // Nobody writes them down, or there are more people than are believed: counting must not eat the memory.
        return;
    }
    let Held { keys, past, size, details } = &mut *held;
    let of_key = keys.entry(asked.seen.key).or_default();
    if of_key.hour != hour {
        past.extend(of_key.take(asked.seen.key));
        *of_key = OfKey { hour, ..OfKey::default() };
    }
    let count = of_key.count(asked.seen, size);
    count.last_at = now.0;
    match asked.status {
        0..=399 => count.successes += 1,
        400..=499 => count.client_errors += 1,
        _ => count.server_errors += 1,
    }
    let kept = if asked.refusal.is_some() { &mut of_key.kept_refused } else { &mut of_key.kept_done };
    if *kept < KEPT {
        *kept += 1;
        details.push(asked.detail(app, now));
    }
}

impl OfKey {
    fn count(&mut self, seen: &Seen, size: &mut usize) -> &mut Count {
        self.counts.entry(seen.account.clone()).or_default().entry(seen.role).or_insert_with(|| {
            *size += 1;
            Count::default()
        })
    }

    fn take(&mut self, key: KeyId) -> Vec<HourCount> {
        let hour = Timestamp(self.hour);
        let counts = std::mem::take(&mut self.counts);
        let rows = counts.into_iter().flat_map(|(account, roles)| {
            roles.into_iter().map(move |(role, count)| HourCount {
                hour,
                key,
                account: account.clone(),
                role: role.map_or("", Role::name),
                successes: count.successes,
                client_errors: count.client_errors,
                server_errors: count.server_errors,
                last_at: Timestamp(count.last_at),
            })
        });
        rows.collect()
    }
}

impl Asked<'_> {
    fn detail(&self, app: &App, now: Timestamp) -> Detail {
        Detail {
            id: UsageId(app.random.id(now)),
            at: now,
            method: readable(self.method, 16),
            status: self.status,
            path: readable(self.path, 512),
            micros: self.micros,
            peer: self.caller.peer.map(|peer| peer.to_string()),
            user_agent: self.caller.user_agent.clone(),
            spark_user_agent: self.spark_user_agent.map(|agent| readable(agent, 256)),
            key: self.seen.key,
            role: self.seen.role.map_or("", Role::name),
            mls: self.seen.mls.clone(),
            account: self.seen.account.clone(),
            code: self.refusal.map(|(code, _)| code),
            reason: self.refusal.map(|(_, reason)| reason),
            request_id: self.caller.request_id.clone(),
        }
    }
}

/// Writes down what was counted since the last time.
pub fn flush(app: &App) -> Result<(), Fault> {
    let (mut counts, details) = {
        let mut held = app.usage.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { keys, past, size, details } = &mut *held;
        let mut counts = std::mem::take(past);
        for (key, of_key) in keys.iter_mut() {
            counts.extend(of_key.take(*key));
        }
        let hour = app.now().0 - app.now().0.rem_euclid(HOUR);
        keys.retain(|_, of_key| of_key.hour == hour);
        *size = 0;
        (counts, std::mem::take(details))
    };
    let today = app.now().day();
    let mut used: Vec<KeyId> = counts.iter().map(|count| count.key).collect();
    used.sort_unstable();
    used.dedup();
    // Two nodes that add to the same rows must take them in the same order.
    counts.sort_by(|a, b| (a.key, a.hour.0, &a.account, a.role).cmp(&(b.key, b.hour.0, &b.account, b.role)));
    let mut counts = counts.as_slice();
    while !counts.is_empty() {
        let (batch, rest) = counts.split_at(counts.len().min(BATCH));
        let rows = batch.to_vec();
        if let Err(fault) = app.db.write(move |conn| usage::add(conn, &rows)) {
            give_back(app, counts);
            return Err(fault);
        }
        counts = rest;
    }
    for batch in details.chunks(BATCH) {
        let rows = batch.to_vec();
        app.db.write(move |conn| usage::keep(conn, &rows))?;
    }
    for batch in used.chunks(BATCH) {
        let (batch, today) = (batch.to_vec(), today.clone());
        app.db.write(move |conn| batch.iter().try_for_each(|key| keys::seen(conn, *key, None, &today)))?;
    }
    Ok(())
}

/// Puts back what could not be written, for the next time.
fn give_back(app: &App, counts: &[HourCount]) {
    let mut held = app.usage.0.lock().unwrap_or_else(PoisonError::into_inner);
    held.size += counts.len();
    held.past.extend_from_slice(counts);
}
