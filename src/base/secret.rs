//! Secrets that cannot be printed or compared, and the digests that stand for them in rows.

use aws_lc_rs::{constant_time, digest, hmac};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::random::Random;

/// Text that must not be seen: no `Debug`, no `PartialEq`; wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes charge of `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A fresh secret of 256 random bits behind `prefix`, which lets a leak scanner find it.
    pub fn generate(prefix: &str, random: &Random) -> Self {
        Self::new(format!("{prefix}{}", random.word()))
    }

    /// The text itself, for the one place that must have it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a row may hold of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// The SHA-256 of a secret of 256 random bits: all that is ever stored of it.
#[derive(Debug, Clone, Copy, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(out)
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    /// 64 lower-case hexadecimal digits, as rows hold it.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// Reads what [`Digest::hex`] wrote; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        Some(Self(HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?))
    }

    /// The raw 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A symmetric key for HMAC-SHA256 over `purpose` and a message: one key never serves two purposes alike.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// A key from 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The tag of `parts`, which the caller must frame so that no two messages read the same.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_survives_its_spelling_and_nothing_else_does() {
        let digest = Secret::new("s").digest();
        assert!(Digest::from_hex(&digest.hex()).unwrap().matches(&digest));
        assert!(Digest::from_hex(&digest.hex().to_uppercase()).is_none());
        assert!(Digest::from_hex("").is_none());
        assert!(!digest.matches(&Secret::new("t").digest()));
    }

    #[test]
    fn sha_256_follows_its_published_vector() {
        assert_eq!(Digest::of(b"abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn hmac_follows_rfc_4231_case_2_with_a_padded_key() {
        // RFC 4231 §4.3: a key shorter than the block is padded with zeros, so padding it ourselves changes nothing.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            HEXLOWER.encode(&MacKey::new(&key).tag(&[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
