//! Proof Key for Code Exchange: only `S256`, never `plain`.

use aws_lc_rs::constant_time;
use data_encoding::BASE64URL_NOPAD;

use crate::base::Digest;

/// The one method this server knows, as the discovery document lists it.
pub const METHOD: &str = "S256";

/// A code challenge: the SHA-256 of the verifier in 43 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Reads a `code_challenge`; `None` unless it is the one spelling of 32 bytes.
    ///
    /// Spec: RFC 7636 §4.2
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 43 && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok()).then(|| Self(text.to_owned()))
    }

    /// The challenge that `verifier` answers.
    ///
    /// Spec: RFC 7636 §4.2
    pub fn of(verifier: &str) -> Self {
        Self(BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).bytes()))
    }

    /// As it stands in a grant's row.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is the text this challenge was made of.
    ///
    /// Refuses: a verifier that is not 43 to 128 unreserved characters, though its hash may match.
    /// Spec: RFC 7636 §4.1, §4.6
    pub fn answered_by(&self, verifier: &str) -> bool {
        let well_formed = (43..=128).contains(&verifier.len())
            && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
        well_formed && constant_time::verify_slices_are_equal(Self::of(verifier).0.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7636_appendix_b_the_vector_holds() {
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.answered_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.answered_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
    }

    #[test]
    fn pk_05_a_challenge_has_exactly_one_spelling() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for bad in [
            format!("{good}="),
            good.replace('-', "+"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c".to_owned(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c\0".to_owned(),
        ] {
            assert!(Challenge::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn pk_08_a_verifier_of_the_wrong_length_fails_though_its_hash_matches() {
        for verifier in ["a".to_owned(), "a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(42))] {
            let challenge = Challenge::parse(&BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).bytes())).unwrap();
            assert!(!challenge.answered_by(&verifier), "{verifier}");
        }
        for length in [43, 128] {
            let verifier = "a".repeat(length);
            let challenge = Challenge::parse(&BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).bytes())).unwrap();
            assert!(challenge.answered_by(&verifier));
        }
    }
}
