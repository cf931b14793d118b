//! Passwords: how they are spelled, which hashes are understood, which must be made anew.

use argon2::password_hash::phc::PasswordHash;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::account::login_key;

/// Argon2id's memory. Units: KiB.
pub const MEMORY_KIB: u32 = 19_456;
/// Argon2id's passes over it.
pub const PASSES: u32 = 2;
/// Argon2id's lanes.
pub const LANES: u32 = 1;
/// The longest password that is hashed at all. Units: bytes.
pub const LONGEST: usize = 1024;
/// The shortest password that may be chosen. Units: characters.
pub const SHORTEST: usize = 8;
/// The most memory an imported hash may ask for: a row must not be able to exhaust the machine. Units: KiB.
const MOST_MEMORY_KIB: u32 = 131_072;
/// The most passes an imported hash may ask for.
const MOST_PASSES: u32 = 10;
/// The highest bcrypt cost an imported hash may ask for.
const MOST_BCRYPT_COST: u32 = 14;

/// A password as it was typed: composed characters, no longer than [`LONGEST`], wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed; `None` where it is too long to be looked at.
    ///
    /// Spec: RFC 8265 §4.2 (composed and decomposed spellings are one password)
    pub fn typed(text: &str) -> Option<Self> {
        (text.len() <= LONGEST).then(|| Self(Zeroizing::new(text.nfc().collect())))
    }

    /// Takes a new password for the account of `login_name`, an account of `mls_name`.
    ///
    /// Refuses: one that is short, longer than is hashed, or the first anybody would guess.
    pub fn chosen(text: &str, login_name: &str, mls_name: &str) -> Result<Self, &'static str> {
        if text.chars().count() < SHORTEST {
            return Err("must have at least 8 characters");
        }
        let same = |other: &str| login_key(text) == login_key(other);
        if same(login_name) || same(mls_name) {
            return Err("must not be the login name or the name of the MLS");
        }
        Self::typed(text).ok_or("must have at most 1024 bytes")
    }

    /// The bytes to hash.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A stored hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredHash {
    /// Made here with today's parameters.
    Current(String),
    /// Argon2 with other parameters: to be made anew at the next sign-in.
    OlderArgon2(String),
    /// bcrypt, from another system: to be made anew at the next sign-in.
    Bcrypt(String),
}

impl StoredHash {
    /// Recognises a stored hash; `None` for anything else, also for one that would cost more than a sign-in may.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$") {
            let cost: u32 = text.get(4..6)?.parse().ok()?;
            return (text.len() == 60 && (4..=MOST_BCRYPT_COST).contains(&cost)).then(|| Self::Bcrypt(text.to_owned()));
        }
        let hash = PasswordHash::new(text).ok()?;
        let params = argon2::Params::try_from(&hash).ok()?;
        let known = matches!(hash.algorithm.as_str(), "argon2id" | "argon2i" | "argon2d");
        if !known
            || hash.hash.is_none()
            || hash.salt.is_none()
            || params.m_cost() > MOST_MEMORY_KIB
            || params.t_cost() > MOST_PASSES
            || params.p_cost() > 4
        {
            return None;
        }
        let current =
            hash.algorithm.as_str() == "argon2id" && params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES && params.p_cost() == LANES;
        Some(if current { Self::Current(text.to_owned()) } else { Self::OlderArgon2(text.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lg_08_a_password_beyond_1024_bytes_is_not_looked_at() {
        assert!(Password::typed(&"x".repeat(1024)).is_some());
        assert!(Password::typed(&"x".repeat(1025)).is_none());
    }

    #[test]
    fn a_new_password_is_neither_short_nor_the_first_guess() {
        let chosen = |text: &str| Password::chosen(text, "cv.ada.agent", "Cascade Valley MLS").map(|_| ());
        assert_eq!(chosen("1234567"), Err("must have at least 8 characters"));
        for guess in ["cv.ada.agent", "CV.Ada.Agent ", "cascade valley mls"] {
            assert_eq!(chosen(guess), Err("must not be the login name or the name of the MLS"));
        }
        assert_eq!(chosen(&"x".repeat(1025)), Err("must have at most 1024 bytes"));
        assert_eq!(chosen("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"), Ok(()));
    }

    #[test]
    fn lg_09_composed_and_decomposed_spellings_are_one_password_and_nul_does_not_end_it() {
        assert_eq!(Password::typed("caf\u{e9}").unwrap().bytes(), Password::typed("cafe\u{301}").unwrap().bytes());
        assert_ne!(Password::typed("a\0b").unwrap().bytes(), Password::typed("a").unwrap().bytes());
    }

    #[test]
    fn ds_14_a_hash_that_would_exhaust_the_machine_is_refused_unread() {
        let salt_and_hash = "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(matches!(StoredHash::parse(&format!("$argon2id$v=19$m=19456,t=2,p=1${salt_and_hash}")), Some(StoredHash::Current(_))));
        assert!(matches!(StoredHash::parse(&format!("$argon2id$v=19$m=4096,t=3,p=1${salt_and_hash}")), Some(StoredHash::OlderArgon2(_))));
        assert!(matches!(StoredHash::parse("$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"), Some(StoredHash::Bcrypt(_))));
        for bad in [
            format!("$argon2id$v=19$m=4194304,t=2,p=1${salt_and_hash}"),
            format!("$argon2id$v=19$m=19456,t=4000,p=1${salt_and_hash}"),
            "$2b$31$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW".into(),
            String::new(),
            "plain".into(),
            "$argon2id$v=19$m=19456,t=2,p=1$".into(),
        ] {
            assert_eq!(StoredHash::parse(&bad), None, "{bad}");
        }
    }
}
