//! Password hashing: a few threads, each with its own memory, behind a queue that ends.
//!
//! One hash costs some 15 ms of a core and 19 MiB; without a bound a flood of sign-ins would stop every other answer.

use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::base::{Fault, Random};
use crate::identity::password::{LANES, MEMORY_KIB, PASSES, Password, StoredHash};

/// Units: bytes.
const OUTPUT: usize = 32;
/// Units: bytes.
const SALT: usize = 16;

/// The pool.
pub struct Hasher {
    jobs: flume::Sender<Job>,
}

/// What comparing a password with a stored hash found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// They fit.
    pub matches: bool,
    /// The password hashed with today's parameters, where it fits and the stored hash is older.
    pub rehashed: Option<String>,
}

struct Job {
    password: Password,
    task: Task,
}

enum Task {
    Verify { stored: Option<StoredHash>, fresh_salt: [u8; SALT], answer: flume::Sender<Result<Verdict, Fault>> },
    Hash { salt: [u8; SALT], answer: flume::Sender<Result<String, Fault>> },
}

impl Hasher {
    /// A pool of `threads` behind a queue of `queue`.
    pub fn new(threads: usize, queue: usize) -> Result<Self, Fault> {
        let (jobs, waiting) = flume::bounded::<Job>(queue.max(1));
        for number in 0..threads.max(1) {
            let waiting = waiting.clone();
            thread::Builder::new().name(format!("hasher-{number}")).spawn(move || work(&waiting)).map_err(Fault::broken)?;
        }
        Ok(Self { jobs })
    }

    /// Compares a password with a stored hash; without one (no such account) it works as long and finds no match.
    ///
    /// # Errors
    /// Unavailable when the queue is full, at once and before any work.
    pub fn verify(
        &self,
        password: Password,
        stored: Option<StoredHash>,
        random: &Random,
    ) -> Result<flume::Receiver<Result<Verdict, Fault>>, Fault> {
        let (answer, verdict) = flume::bounded(1);
        self.submit(Job { password, task: Task::Verify { stored, fresh_salt: random.bytes(), answer } })?;
        Ok(verdict)
    }

    /// Hashes a password with today's parameters.
    ///
    /// # Errors
    /// Unavailable when the queue is full.
    pub fn hash(&self, password: Password, random: &Random) -> Result<flume::Receiver<Result<String, Fault>>, Fault> {
        let (answer, hash) = flume::bounded(1);
        self.submit(Job { password, task: Task::Hash { salt: random.bytes(), answer } })?;
        Ok(hash)
    }

    fn submit(&self, job: Job) -> Result<(), Fault> {
        self.jobs.try_send(job).map_err(|_| Fault::unavailable("too many sign-ins are waiting"))
    }
}

fn work(waiting: &flume::Receiver<Job>) {
    // Taken for the first password and then kept: a server nobody signs in to needs no memory for it.
    let mut memory = Vec::new();
    while let Ok(Job { password, task }) = waiting.recv() {
        memory.resize(MEMORY_KIB as usize, Block::new());
        match task {
            Task::Verify { stored, fresh_salt, answer } => {
                let _ = answer.send(verify(&password, stored.as_ref(), &fresh_salt, &mut memory));
            }
            Task::Hash { salt, answer } => {
                let _ = answer.send(hash(&password, &salt, &mut memory));
            }
        }
    }
}

fn verify(password: &Password, stored: Option<&StoredHash>, fresh_salt: &[u8; SALT], memory: &mut [Block]) -> Result<Verdict, Fault> {
    let (matches, older) = match stored {
        None => {
            hash(password, fresh_salt, memory)?;
            (false, false)
        }
        Some(StoredHash::Current(text)) => (fits_argon2(password, text, memory)?, false),
        Some(StoredHash::OlderArgon2(text)) => (fits_argon2(password, text, memory)?, true),
        // bcrypt ends at a NUL and at 72 bytes by its nature; what it cannot tell apart it must not accept.
        Some(StoredHash::Bcrypt(text)) => (
            !password.bytes().contains(&0) && password.bytes().len() <= 72 && bcrypt::verify(password.bytes(), text).unwrap_or(false),
            true,
        ),
    };
    let rehashed = if matches && older { Some(hash(password, fresh_salt, memory)?) } else { None };
    Ok(Verdict { matches, rehashed })
}

fn fits_argon2(password: &Password, text: &str, memory: &mut [Block]) -> Result<bool, Fault> {
    let unreadable = || Fault::broken("a stored password hash cannot be read");
    let stored = PasswordHash::new(text).map_err(|_| unreadable())?;
    let params = Params::try_from(&stored).map_err(|_| unreadable())?;
    let algorithm = Algorithm::new(stored.algorithm.as_str()).map_err(|_| unreadable())?;
    let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(|_| unreadable())?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else { return Err(unreadable()) };
    let expected = expected.as_ref();
    let blocks = params.block_count();
    let argon2 = Argon2::new(algorithm, version, params);
    let mut out = vec![0; expected.len()];
    let done = match memory.get_mut(..blocks) {
        Some(own) => argon2.hash_password_into_with_memory(password.bytes(), salt.as_ref(), &mut out, own),
        None => argon2.hash_password_into(password.bytes(), salt.as_ref(), &mut out),
    };
    done.map_err(|_| unreadable())?;
    Ok(aws_lc_rs::constant_time::verify_slices_are_equal(&out, expected).is_ok())
}

fn hash(password: &Password, salt: &[u8; SALT], memory: &mut [Block]) -> Result<String, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT)).map_err(Fault::broken)?;
    let mut out = [0; OUTPUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.bytes(), salt, &mut out, memory)
        .map_err(Fault::broken)?;
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::typed(text).unwrap()
    }

    fn tried(hasher: &Hasher, typed: &str, stored: Option<&str>) -> Verdict {
        let stored = stored.map(|text| StoredHash::parse(text).unwrap());
        hasher.verify(password(typed), stored, &Random::seeded(1)).unwrap().recv().unwrap().unwrap()
    }

    #[test]
    fn cr_07_a_fresh_hash_has_todays_parameters_and_fits_only_its_password() {
        let hasher = Hasher::new(1, 4).unwrap();
        let stored = hasher.hash(password("correct horse"), &Random::seeded(1)).unwrap().recv().unwrap().unwrap();
        assert!(matches!(StoredHash::parse(&stored), Some(StoredHash::Current(_))));
        assert_eq!(tried(&hasher, "correct horse", Some(&stored)), Verdict { matches: true, rehashed: None });
        assert_eq!(tried(&hasher, "correct horsf", Some(&stored)), Verdict { matches: false, rehashed: None });
        assert_eq!(tried(&hasher, "correct horse", None), Verdict { matches: false, rehashed: None });
    }

    #[test]
    fn hashes_of_other_systems_fit_and_are_made_anew() {
        let hasher = Hasher::new(1, 4).unwrap();
        // bcrypt's published vector, and argon2's own from its reference program.
        for (typed, stored) in [
            ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
            ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        ] {
            let verdict = tried(&hasher, typed, Some(stored));
            assert!(verdict.matches, "{stored}");
            let rehashed = verdict.rehashed.unwrap();
            assert!(matches!(StoredHash::parse(&rehashed), Some(StoredHash::Current(_))));
            assert!(tried(&hasher, typed, Some(&rehashed)).matches);
            assert!(!tried(&hasher, "wrong", Some(stored)).matches);
        }
    }

    #[test]
    fn ds_01_a_full_queue_refuses_at_once() {
        let hasher = Hasher::new(1, 2).unwrap();
        let tries: Vec<_> = (0..50).map(|_| hasher.verify(password("x"), None, &Random::seeded(1))).collect();
        assert!(tries.iter().any(|tried| matches!(tried, Err(Fault::Unavailable(_)))));
        assert!(tries.into_iter().flatten().all(|answer| answer.recv().unwrap().is_ok()));
    }
}
