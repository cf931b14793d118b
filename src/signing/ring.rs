//! All signing keys at once. Readers take a snapshot and never wait; a change replaces the whole snapshot.

use std::cmp::Reverse;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::Serialize;

use super::algorithm::Algorithm;
use super::jwks::Document;
use super::rotation::{KeyFacts, signer};
use super::seal::Seal;
use super::sign::SigningKey;
use super::stored::StoredKey;
use crate::base::{Fault, Timestamp};

/// The keys that sign and verify our JWTs; shared by all threads.
pub struct KeyRing {
    now: ArcSwap<Ring>,
}

/// One state of the ring. Withdrawn keys are among the facts only.
pub(super) struct Ring {
    keys: Vec<Held>,
    facts: Vec<KeyFacts>,
    document: Arc<Document>,
}

pub(super) struct Held {
    pub(super) key: SigningKey,
    pub(super) facts: KeyFacts,
}

/// A row that was left out of the ring, for the operator's alarm: it was altered, moved, or sealed under another master secret.
#[derive(Debug)]
pub struct BadRow {
    /// Which signing key.
    pub kid: String,
    /// What is wrong with it.
    pub fault: Fault,
}

impl KeyRing {
    /// A ring of the given rows, and the rows that could not be used: one bad row stops neither the others nor a withdrawal.
    pub fn load(seal: &Seal, rows: &[StoredKey]) -> Result<(Self, Vec<BadRow>), Fault> {
        let (ring, bad) = Ring::open(seal, rows)?;
        Ok((Self { now: ArcSwap::from_pointee(ring) }, bad))
    }

    /// Puts other rows in place of all the present ones; answers already begun finish with what they had.
    pub fn replace(&self, seal: &Seal, rows: &[StoredKey]) -> Result<Vec<BadRow>, Fault> {
        let (ring, bad) = Ring::open(seal, rows)?;
        self.now.store(Arc::new(ring));
        Ok(bad)
    }

    /// Signs `claims` as a compact JWS of type `typ` with the key whose turn it is.
    ///
    /// # Errors
    /// No key of the algorithm may sign now: unavailable, because the next rotation creates one.
    pub fn sign(&self, algorithm: Algorithm, typ: &str, claims: &impl Serialize, now: Timestamp) -> Result<String, Fault> {
        let ring = self.now.load();
        let turn = signer(ring.keys.iter().map(|held| &held.facts), algorithm, now);
        let held = turn.and_then(|facts| ring.held(&facts.kid));
        held.ok_or_else(|| Fault::unavailable(format!("no {algorithm} key may sign now")))?.key.sign(typ, claims)
    }

    /// The JWK Set of every key that is not withdrawn, RSA first and the newest of each algorithm first.
    pub fn jwks(&self) -> Arc<Document> {
        Arc::clone(&self.now.load().document)
    }

    /// What the rotation needs to know, withdrawn keys included; a bad row is not among them, so a plan puts another key in its place.
    pub fn facts(&self) -> Vec<KeyFacts> {
        self.now.load().facts.clone()
    }

    pub(super) fn snapshot(&self) -> Arc<Ring> {
        self.now.load_full()
    }
}

impl Ring {
    fn open(seal: &Seal, rows: &[StoredKey]) -> Result<(Self, Vec<BadRow>), Fault> {
        let mut keys = Vec::new();
        let mut bad = Vec::new();
        for row in rows.iter().filter(|row| row.withdrawn_at.is_none()) {
            match row.open(seal) {
                Ok(key) => keys.push(Held { key, facts: row.facts() }),
                Err(fault) => bad.push(BadRow { kid: row.kid.clone(), fault }),
            }
        }
        let is_bad = |row: &&StoredKey| bad.iter().any(|bad| bad.kid == row.kid);
        let facts = rows.iter().filter(|row| !is_bad(row)).map(StoredKey::facts).collect();
        keys.sort_by(|a, b| {
            let order = |held: &Held| (held.facts.algorithm, Reverse(held.facts.active_from));
            order(a).cmp(&order(b)).then_with(|| a.facts.kid.cmp(&b.facts.kid))
        });
        let document = Arc::new(Document::of(keys.iter().map(|held| held.key.jwk()))?);
        Ok((Self { keys, facts, document }, bad))
    }

    pub(super) fn held(&self, kid: &str) -> Option<&Held> {
        self.keys.iter().find(|held| held.facts.kid == kid)
    }
}

#[cfg(test)]
mod tests;
