//! Starting: the schema fits, the master secret is the right one, there are keys to sign and to MAC with.

use std::collections::BTreeMap;

use crate::base::id::AuditId;
use crate::base::{Clock, Fault, Random, Timestamp};
use crate::protocol::handle::MacRing;
use crate::signing::{KeyRing, RotationPolicy, Seal, Step, StoredKey, plan};
use crate::store::audit::{self, Entry};
use crate::store::migrate::{self, Standing};
use crate::store::signing_keys::{self, Row};
use crate::store::{Conn, Db, facts};

const MASTER_CHECK: &str = "master_secret_check";

/// Refuses to go on unless the schema is exactly the one this binary knows.
pub fn check_schema(db: &Db) -> Result<(), Fault> {
    match db.read(migrate::standing)? {
        Standing::Current => Ok(()),
        Standing::Behind(steps) => {
            Err(Fault::broken(format!("the database lacks the migration {}: run `latchkey migrate`", steps.join(", "))))
        }
        Standing::Ahead(number) => {
            Err(Fault::broken(format!("the database was migrated by a newer latchkey (step {number}): run that one")))
        }
        Standing::Altered(name) => Err(Fault::broken(format!(
            "the migration {name} reads differently from when it was applied: this is not the binary that made this database"
        ))),
    }
}

/// Applies every missing migration; `told` hears the name of each.
pub fn migrate(db: &Db, clock: &Clock, mut told: impl FnMut(&str)) -> Result<usize, Fault> {
    let mut applied = 0;
    loop {
        let now = clock.now();
        match db.write(move |conn| migrate::next(conn, now))? {
            Some(name) => told(name),
            None => return Ok(applied),
        }
        applied += 1;
    }
}

/// Refuses a master secret other than the one this database was sealed with; a fresh database takes any.
pub fn check_master_secret(db: &Db, seal: &Seal) -> Result<(), Fault> {
    match db.read(|conn| facts::get(conn, MASTER_CHECK))? {
        Some(known) => seal.verify(&known),
        None => Ok(()),
    }
}

/// Writes down which master secret this database is sealed with, before anything is sealed under it.
///
/// Refuses: a master secret other than the one written down already.
pub fn claim(db: &Db, seal: &Seal) -> Result<(), Fault> {
    check_master_secret(db, seal)?;
    let check = seal.check_value();
    let settled = db.write(move |conn| facts::settle(conn, MASTER_CHECK, &check))?;
    seal.verify(&settled)
}

/// Prepares what the running server holds; on a fresh database it makes the first keys.
///
/// Refuses: a master secret other than the one this database was sealed with; nothing is made then.
pub fn prepare(db: &Db, seal: &Seal, random: &Random, policy: &RotationPolicy, now: Timestamp) -> Result<(KeyRing, MacRing), Fault> {
    claim(db, seal)?;
    let macs = mac_ring(db, seal, random, now)?;
    rotate(db, seal, random, now, "latchkey", |keys| plan(now, keys, policy))?;
    let (ring, bad) = KeyRing::load(seal, &db.read(stored)?)?;
    for row in bad {
        tracing::error!(kid = row.kid, fault = %row.fault, "a signing key cannot be read and is left out");
    }
    Ok((ring, macs))
}

/// The MAC keys of handles; on a fresh database the first is made.
pub fn mac_ring(db: &Db, seal: &Seal, random: &Random, now: Timestamp) -> Result<MacRing, Fault> {
    let mut rows = db.read(facts::mac_keys)?;
    if rows.is_empty() {
        let sealed = seal.seal(&mac_place(1), &random.bytes::<32>(), random)?;
        rows = db.write(move |conn| {
            facts::add_mac_key(conn, 1, &sealed, now)?;
            facts::mac_keys(conn)
        })?;
    }
    let mut keys = Vec::new();
    for (version, sealed) in rows {
        let bytes: [u8; 32] = seal
            .open(&mac_place(version), &sealed)?
            .as_slice()
            .try_into()
            .map_err(|_| Fault::broken(format!("MAC key {version} has the wrong length")))?;
        keys.push((u8::try_from(version).map_err(Fault::broken)?, bytes));
    }
    Ok(MacRing::new(keys))
}

fn mac_place(version: i64) -> String {
    format!("mac_keys/sealed/{version}")
}

/// Makes a plan, and carries it out if the keys are still the ones it was made for. Answers the steps taken.
///
/// New keys are made before the write, because an RSA key takes some 50 ms. `actor` is who the audit names.
pub fn rotate(
    db: &Db,
    seal: &Seal,
    random: &Random,
    now: Timestamp,
    actor: &str,
    plan: impl Fn(&[crate::signing::KeyFacts]) -> Vec<Step>,
) -> Result<Vec<Step>, Fault> {
    for _ in 0..5 {
        let before = db.read(signing_keys::all)?;
        let keys = before.iter().map(from_row).collect::<Result<Vec<_>, Fault>>()?;
        let steps = plan(&keys.iter().map(StoredKey::facts).collect::<Vec<_>>());
        if steps.is_empty() {
            return Ok(steps);
        }
        let mut made = BTreeMap::new();
        for (place, step) in steps.iter().enumerate() {
            if let Step::Create(algorithm, active_from) = step {
                made.insert(place, to_row(StoredKey::generate(*algorithm, seal, random, now, *active_from)?));
            }
        }
        let todo = steps.clone();
        let entry = told(random, now, actor, &steps);
        let done = db.write(move |conn| {
            if signing_keys::all(conn)? != before {
                return Ok(false);
            }
            todo.iter().enumerate().try_for_each(|(place, step)| take(conn, step, made.get(&place)))?;
            audit::write(conn, &entry)?;
            Ok(true)
        })?;
        if done {
            return Ok(steps);
        }
    }
    Err(Fault::unavailable("another node is rotating the signing keys"))
}

/// The line of the audit: how many steps, and the key that was withdrawn if one was.
fn told(random: &Random, now: Timestamp, actor: &str, steps: &[Step]) -> Entry {
    let withdrawn = steps.iter().find_map(|step| if let Step::Withdraw(kid, _) = step { Some(kid.clone()) } else { None });
    Entry {
        actor: Some(actor.to_owned()),
        reason: withdrawn.is_some().then(|| "withdrawn".to_owned()),
        subject: withdrawn,
        times: i64::try_from(steps.len()).unwrap_or(i64::MAX),
        ..Entry::new(AuditId(random.id(now)), now, "signingkey.rotated", false)
    }
}

fn take(conn: &mut Conn, step: &Step, made: Option<&Row>) -> Result<(), Fault> {
    match (step, made) {
        (Step::Create(..), Some(row)) => signing_keys::add(conn, row),
        (Step::Create(..), None) => Err(Fault::broken("a planned key was not made")),
        (Step::Activate(kid, at), _) => signing_keys::activate(conn, kid, *at),
        (Step::Retire(kid, at), _) => signing_keys::retire(conn, kid, *at),
        (Step::Withdraw(kid, at), _) => signing_keys::withdraw(conn, kid, *at),
        (Step::Remove(kid), _) => signing_keys::remove(conn, kid),
    }
}

/// Every stored key.
pub fn stored(conn: &mut Conn) -> Result<Vec<StoredKey>, Fault> {
    signing_keys::all(conn)?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<StoredKey, Fault> {
    Ok(StoredKey {
        kid: row.kid.clone(),
        algorithm: row.algorithm.parse().map_err(Fault::broken)?,
        sealed_private: row.sealed_private.clone(),
        public_jwk: row.public_jwk.clone(),
        published_at: Timestamp(row.published_at),
        active_from: Timestamp(row.active_from),
        signs_until: row.signs_until.map(Timestamp),
        withdrawn_at: row.withdrawn_at.map(Timestamp),
    })
}

fn to_row(key: StoredKey) -> Row {
    Row {
        kid: key.kid,
        algorithm: key.algorithm.to_string(),
        sealed_private: key.sealed_private,
        public_jwk: key.public_jwk,
        published_at: key.published_at.0,
        active_from: key.active_from.0,
        signs_until: key.signs_until.map(|at| at.0),
        withdrawn_at: key.withdrawn_at.map(|at| at.0),
    }
}
