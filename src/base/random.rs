//! Randomness: the operating system's generator, or a seeded one in tests; and the ids minted from it.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use data_encoding::{BASE64URL_NOPAD, Encoding, Specification};
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

use super::clock::Timestamp;
use super::id::AccountId;

/// 2020-01-01T00:00:00Z in milliseconds: ids count from here, which gives 41 bits of time until 2089.
const ID_EPOCH: i64 = 1_577_836_800_000;

/// Where chance comes from.
pub struct Random {
    source: Source,
    last_id: AtomicI64,
    last_small_id: AtomicI64,
}

enum Source {
    System,
    Seeded(Box<Mutex<StdRng>>),
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

impl Default for Random {
    fn default() -> Self {
        Self { source: Source::System, last_id: AtomicI64::new(0), last_small_id: AtomicI64::new(0) }
    }
}

impl Random {
    /// A generator that repeats itself, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self {
            source: Source::Seeded(Box::new(Mutex::new(StdRng::seed_from_u64(seed)))),
            last_id: AtomicI64::new(0),
            last_small_id: AtomicI64::new(0),
        }
    }

    /// Fills `out`. A machine whose generator fails cannot keep any promise, so the process ends.
    pub fn fill(&self, out: &mut [u8]) {
        match &self.source {
            Source::System => {
                if SysRng.try_fill_bytes(out).is_err() {
                    std::process::abort();
                }
            }
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out),
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// 256 random bits as 43 characters of base64url.
    pub fn token(&self) -> String {
        BASE64URL_NOPAD.encode(&self.bytes::<32>())
    }

    /// 256 random bits as 52 characters of `[a-z2-7]`.
    pub fn word(&self) -> String {
        base32().encode(&self.bytes::<32>())
    }

    /// A 63-bit id: 41 bits of milliseconds, 22 of chance; each is larger than the one before it in this process.
    pub fn id(&self, now: Timestamp) -> i64 {
        rising(&self.last_id, Self::first_id(now) | (self.number() & ((1 << 22) - 1)))
    }

    /// The smallest [`Self::id`] of that moment.
    pub fn first_id(at: Timestamp) -> i64 {
        (at.0 - ID_EPOCH).clamp(0, (1 << 41) - 1) << 22
    }

    /// The moment of an [`Self::id`].
    pub const fn moment_of(id: i64) -> Timestamp {
        Timestamp((id >> 22) + ID_EPOCH)
    }

    /// An id that a JSON number carries exactly (below 2^53), for the rare things the API shows as integers; it rises like [`Self::id`].
    pub fn small_id(&self, now: Timestamp) -> i64 {
        rising(&self.last_small_id, ((now.0 - ID_EPOCH).clamp(0, (1 << 41) - 1) << 12) | (self.number() & ((1 << 12) - 1)))
    }

    /// The platform's 26 digits: UTC date and time to the second, then twelve of chance.
    pub fn digits<I: FromStr>(&self, now: Timestamp) -> I {
        let moment: String = now.iso().chars().filter(char::is_ascii_digit).collect();
        let digits = format!("{moment}{:012}", self.number() % 1_000_000_000_000);
        // Only a clock beyond the year 9999 gives other than 26 digits.
        digits.parse().unwrap_or_else(|_| self.digits(Timestamp(0)))
    }

    /// The same for an account.
    pub fn account_id(&self, now: Timestamp) -> AccountId {
        self.digits(now)
    }

    /// 25 characters of `[a-z0-9]`, as the platform's client ids are.
    pub fn client_id(&self) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut out = String::with_capacity(25);
        while out.len() < 25 {
            let [byte] = self.bytes::<1>();
            // 252 is the largest multiple of 36 in a byte: beyond it the choice would be uneven.
            if let (true, Some(letter)) = (byte < 252, ALPHABET.get(usize::from(byte % 36))) {
                out.push(char::from(*letter));
            }
        }
        out
    }

    fn number(&self) -> i64 {
        (u64::from_le_bytes(self.bytes::<8>()) >> 1).cast_signed()
    }
}

/// The fresh id, or the one after the last where that is not larger.
fn rising(last: &AtomicI64, fresh: i64) -> i64 {
    let mut minted = fresh;
    let _ = last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        minted = fresh.max(last + 1);
        Some(minted)
    });
    minted
}

/// RFC 4648 base32 in lower case without padding; decoding refuses every second spelling of a value.
pub fn base32() -> &'static Encoding {
    static SPELLING: OnceLock<Encoding> = OnceLock::new();
    SPELLING.get_or_init(|| {
        let mut spec = Specification::new();
        spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
        // The specification is a constant and valid; the fallback only spells in capitals.
        spec.encoding().unwrap_or(data_encoding::BASE32_NOPAD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_within_one_millisecond() {
        let random = Random::seeded(1);
        let now = Timestamp::from_seconds(1_792_800_000);
        let ids: Vec<i64> = (0..10_000).map(|_| random.id(now)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids[0] > 0);
        let small: Vec<i64> = (0..10_000).map(|_| random.small_id(now)).collect();
        assert!(small.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn small_ids_fit_a_json_number() {
        let far = Timestamp::from_seconds(3_000_000_000);
        assert!(Random::default().small_id(far) < 1 << 53);
    }

    #[test]
    fn a_client_id_is_25_of_a_to_z_and_digits() {
        let id = Random::default().client_id();
        assert_eq!(id.len(), 25);
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }

    #[test]
    fn an_account_id_begins_with_the_moment_it_was_minted() {
        let id = Random::seeded(7).account_id(Timestamp::from_seconds(1_792_800_000));
        assert!(id.as_str().starts_with("20261024000000"));
    }
}
