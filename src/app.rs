//! What each flow may use: database, keys, clock, chance, settings. One for the whole process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::base::id::KeyId;
use crate::base::{Clock, Fault, Random, Timestamp};
use crate::config::Settings;
use crate::flows::rates::Rates;
use crate::flows::usage::Usage;
use crate::hashing::Hasher;
use crate::mail::Mailbox;
use crate::protocol::client::Lifetimes;
use crate::protocol::handle::MacRing;
use crate::protocol::metadata::Metadata;
use crate::signing::{Document, KeyRing, Seal};
use crate::store::keys::Registered;
use crate::store::{Conn, Db, keys};

/// How old a remembered key may be: what one node disables another refuses within a second.
const KEY_AGE: Duration = Duration::from_secs(1);
/// How many keys are remembered.
const MOST_KEYS: usize = 4096;

/// The process's one set of hands.
pub struct App {
    /// The database.
    pub db: Db,
    /// Signs what we say.
    pub ring: KeyRing,
    /// Makes and reads handles.
    pub macs: ArcSwap<MacRing>,
    /// Seals what must be readable again.
    pub seal: Seal,
    /// Compares passwords.
    pub hasher: Hasher,
    /// Tells the time.
    pub clock: Clock,
    /// Gives chance.
    pub random: Random,
    /// What the operator chose.
    pub settings: Settings,
    /// The discovery document, ready to send.
    pub metadata: Document,
    /// Keys looked up within the last second.
    pub keys: KnownKeys,
    /// Refusals of this minute, told in full only until they become many.
    pub tally: Tally,
    /// How much each key may still ask for.
    pub rates: Rates,
    /// Requests to the API that are not yet written down.
    pub usage: Usage,
    /// The letters that left, in a demonstration only.
    pub mailbox: Option<Arc<Mailbox>>,
}

impl App {
    /// Puts the hands together; `flows::start` prepares what they hold.
    pub fn new(db: Db, ring: KeyRing, macs: MacRing, seal: Seal, clock: Clock, random: Random, settings: Settings) -> Result<Self, Fault> {
        // One core stays for everybody who does not sign in at the moment.
        let threads = settings.workers.saturating_sub(1).max(1);
        let hasher = Hasher::new(threads, settings.password_queue)?;
        let of = &settings.lifetimes;
        let keys = KnownKeys::new(Lifetimes {
            code: of.code,
            access_token: of.access_token,
            refresh_sliding: of.refresh_sliding,
            refresh_absolute: of.refresh_absolute,
            id_token: of.id_token,
        });
        let metadata = serde_json::to_vec(&Metadata::of(&settings.issuer)).map(Document::ready).map_err(Fault::broken)?;
        Ok(Self {
            db,
            ring,
            macs: ArcSwap::from_pointee(macs),
            seal,
            hasher,
            clock,
            random,
            settings,
            metadata,
            keys,
            tally: Tally::default(),
            rates: Rates::default(),
            usage: Usage::default(),
            mailbox: None,
        })
    }

    /// The same for a demonstration, whose letters are shown.
    #[must_use]
    pub fn showing(self, mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox: Some(mailbox), ..self }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Keys that were read within the last second.
pub struct KnownKeys {
    lifetimes: Lifetimes,
    by_client_id: RwLock<HashMap<String, (Instant, Arc<Registered>)>>,
    by_id: RwLock<HashMap<KeyId, (Instant, Arc<Registered>)>>,
}

impl KnownKeys {
    /// No key yet; `lifetimes` are the installation's.
    pub fn new(lifetimes: Lifetimes) -> Self {
        Self { lifetimes, by_client_id: RwLock::default(), by_id: RwLock::default() }
    }

    /// The key with that `client_id`, if it was read within the last second: no database is asked.
    pub fn fresh(&self, client_id: &str) -> Option<Arc<Registered>> {
        let known = self.by_client_id.read().unwrap_or_else(PoisonError::into_inner);
        known.get(client_id).filter(|(at, _)| at.elapsed() < KEY_AGE).map(|(_, key)| Arc::clone(key))
    }

    /// The key with that `client_id`.
    pub fn named(&self, conn: &mut Conn, client_id: &str) -> Result<Option<Arc<Registered>>, Fault> {
        match self.fresh(client_id) {
            Some(key) => Ok(Some(key)),
            None => Ok(keys::by_client_id(conn, client_id)?.map(|key| self.remember(key))),
        }
    }

    /// The key of that row.
    pub fn get(&self, conn: &mut Conn, id: KeyId) -> Result<Option<Arc<Registered>>, Fault> {
        let known = self
            .by_id
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .filter(|(at, _)| at.elapsed() < KEY_AGE)
            .map(|(_, key)| Arc::clone(key));
        match known {
            Some(key) => Ok(Some(key)),
            None => Ok(keys::get(conn, id)?.map(|key| self.remember(key))),
        }
    }

    /// Forgets everything, because this process changed a key.
    pub fn forget(&self) {
        self.by_client_id.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.by_id.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn remember(&self, mut key: Registered) -> Arc<Registered> {
        if let Some(client) = Arc::get_mut(&mut key.client) {
            client.lifetimes = client.policy.lifetimes.over(self.lifetimes);
        }
        let key = Arc::new(key);
        let entry = (Instant::now(), Arc::clone(&key));
        put(&self.by_client_id, key.key.key.clone(), entry.clone());
        put(&self.by_id, key.key.id, entry);
        key
    }
}

fn put<K: Eq + std::hash::Hash>(map: &RwLock<HashMap<K, (Instant, Arc<Registered>)>>, name: K, entry: (Instant, Arc<Registered>)) {
    let mut map = map.write().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= MOST_KEYS {
        map.clear();
    }
    map.insert(name, entry);
}

/// How many refusals of one kind from one source are told one by one in a minute.
const TOLD: u64 = 10;
/// How many kinds and sources are told apart in a minute; beyond it they are told together.
const MOST_KINDS: usize = 10_000;

/// What a refusal is counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefusalKind {
    /// The audit's event.
    pub event: &'static str,
    /// The fixed word for why.
    pub reason: &'static str,
    /// The key it concerned.
    pub client: Option<String>,
    /// Where it came from.
    pub peer: Option<IpAddr>,
}

/// Refusals of the running minute, so that a flood of them cannot fill the disk.
#[derive(Default)]
pub struct Tally {
    counts: Mutex<HashMap<RefusalKind, u64>>,
}

impl Tally {
    /// Counts a refusal; answers whether it is to be told by itself.
    pub fn count(&self, kind: RefusalKind) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let kind =
            if counts.len() >= MOST_KINDS && !counts.contains_key(&kind) { RefusalKind { client: None, peer: None, ..kind } } else { kind };
        let count = counts.entry(kind).or_default();
        *count += 1;
        *count <= TOLD
    }

    /// Ends the minute: what was not told one by one, with its count.
    pub fn drain(&self) -> Vec<(RefusalKind, u64)> {
        let counts = std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        counts.into_iter().filter(|(_, count)| *count > TOLD).map(|(kind, count)| (kind, count - TOLD)).collect()
    }

    /// Takes back what could not be told, for the next time.
    pub fn give_back(&self, untold: Vec<(RefusalKind, u64)>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, times) in untold {
            let count = counts.entry(kind).or_default();
            *count = (*count).max(TOLD) + times;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ds_06_a_flood_of_refusals_is_told_ten_times_and_then_as_a_number() {
        let tally = Tally::default();
        let kind = RefusalKind { event: "token.rejected", reason: "secret_wrong", client: None, peer: None };
        let told = (0..1000).filter(|_| tally.count(kind.clone())).count();
        assert_eq!(told, 10);
        let untold = tally.drain();
        assert_eq!(untold, vec![(kind.clone(), 990)]);
        assert!(tally.drain().is_empty());
        // What could not be written is told the next time, with what came since.
        assert!(tally.count(kind.clone()));
        tally.give_back(untold);
        assert!(!tally.count(kind.clone()));
        assert_eq!(tally.drain(), vec![(kind, 991)]);
    }
}
