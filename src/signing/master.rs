//! The master secret: the one secret kept outside the database, from which every other key is derived.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use zeroize::Zeroizing;

use crate::base::random::base32;
use crate::base::{Fault, Random, Secret};

/// By this a leak scanner finds it.
const PREFIX: &str = "lkm_";
/// Sets our derivations apart from anybody else's who might be given the same secret.
const SALT: &[u8] = b"latchkey master secret v1";

/// 256 random bits, held outside the database; wiped when dropped, never printed.
pub struct MasterSecret(Zeroizing<[u8; 32]>);

impl MasterSecret {
    /// A fresh master secret as text, for the person who installs the server to keep.
    pub fn generate(random: &Random) -> Secret {
        Secret::generate(PREFIX, random)
    }

    /// Reads `lkm_` and 52 characters of `[a-z2-7]`; a line end behind them, as files have it, is forgiven.
    ///
    /// Refuses: anything else, with a sentence for the operator that repeats nothing of the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
        if line.is_empty() {
            return Err("the master secret is empty; `latchkey init` writes one".to_owned());
        }
        let Some(body) = line.strip_prefix(PREFIX) else {
            return Err(format!("the master secret does not begin with {PREFIX}; use the one `latchkey init` wrote"));
        };
        if body.len() != 52 {
            return Err(format!(
                "the master secret has {} characters behind {PREFIX} where there must be 52; perhaps part of it is missing",
                body.chars().count()
            ));
        }
        let bytes = base32().decode(body.as_bytes()).map(Zeroizing::new).ok();
        let Some(bytes) = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new) else {
            return Err("the master secret has a character that is none of a-z and 2-7, or was mistyped".to_owned());
        };
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err("the master secret is a placeholder, not a secret; `latchkey init` writes one".to_owned());
        }
        Ok(Self(bytes))
    }

    /// The key for one purpose; none tells anything of another or of the master secret.
    ///
    /// Spec: RFC 5869 §2
    pub(super) fn derive(&self, purpose: &str) -> Result<Zeroizing<[u8; 32]>, Fault> {
        hkdf_sha256(SALT, self.0.as_slice(), purpose.as_bytes())
    }
}

struct Bits256;

impl KeyType for Bits256 {
    fn len(&self) -> usize {
        32
    }
}

fn hkdf_sha256(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut out = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], Bits256)
        .and_then(|key| key.fill(out.as_mut_slice()))
        .map_err(|_| Fault::broken("a key cannot be derived"))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn rfc5869_a_1_the_derivation_follows_the_published_vector() {
        // RFC 5869 A.1 asks for 42 bytes; HKDF gives the same first 32 to whoever asks for 32.
        let salt = HEXLOWER.decode(b"000102030405060708090a0b0c").unwrap();
        let info = HEXLOWER.decode(b"f0f1f2f3f4f5f6f7f8f9").unwrap();
        let key = hkdf_sha256(&salt, &[0x0b; 22], &info).unwrap();
        assert_eq!(HEXLOWER.encode(key.as_slice()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    }

    #[test]
    fn a_generated_master_secret_is_read_again_with_or_without_a_line_end() {
        let text = MasterSecret::generate(&Random::default());
        assert_eq!(text.expose().len(), 56);
        let plain = MasterSecret::parse(text.expose()).unwrap().0;
        for end in ["\n", "\r\n"] {
            assert_eq!(MasterSecret::parse(&format!("{}{end}", text.expose())).unwrap().0, plain);
        }
    }

    #[test]
    fn cr_03_anything_but_a_whole_master_secret_is_refused_without_repeating_it() {
        let good = MasterSecret::generate(&Random::seeded(1)).expose().to_owned();
        let (cut, _) = good.split_at(good.len() - 1);
        let piece: String = good.chars().skip(4).take(8).collect();
        for bad in [
            String::new(),
            "\n".to_owned(),
            "changeme".to_owned(),
            good.to_uppercase(),
            format!(" {good}"),
            format!("{good} "),
            format!("{good}\n\n"),
            format!("{good}a"),
            format!("lkm_{}", "a".repeat(52)),
            format!("lkm_{}", "1".repeat(52)),
            // The last character carries four bits that must be zero: a second spelling of the same value.
            format!("{cut}b"),
            cut.to_owned(),
        ] {
            let sentence = MasterSecret::parse(&bad).err().expect(&bad);
            assert!(sentence.starts_with("the master secret "), "{sentence}");
            assert!(!sentence.contains(&piece), "{sentence}");
        }
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let master = MasterSecret::parse(MasterSecret::generate(&Random::seeded(1)).expose()).unwrap();
        assert_ne!(master.derive("a").unwrap(), master.derive("b").unwrap());
        assert_eq!(master.derive("a").unwrap(), master.derive("a").unwrap());
    }
}
