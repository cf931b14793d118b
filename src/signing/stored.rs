//! A signing key as a row: the private half sealed and bound to its row, the rest in the open.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};

use super::algorithm::Algorithm;
use super::rotation::KeyFacts;
use super::seal::Seal;
use super::sign::SigningKey;
use crate::base::{Fault, Random, Timestamp};

/// A row of `signing_keys`.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// The thumbprint that names the key: 43 characters of base64url.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The PKCS#8 private key, sealed at `signing_keys/private/<kid>`.
    pub sealed_private: String,
    /// The public half as JSON, for people and tools; the ring itself derives it from the private one.
    pub public_jwk: String,
    /// Since when it stands in the JWKS.
    pub published_at: Timestamp,
    /// From when it may sign.
    pub active_from: Timestamp,
    /// Until when it may sign; open while nothing follows it.
    pub signs_until: Option<Timestamp>,
    /// When it was withdrawn in an emergency: from then on it neither signs, nor verifies, nor stands in the JWKS.
    pub withdrawn_at: Option<Timestamp>,
}

impl StoredKey {
    /// A fresh key, published now; makes no use of the database, so it belongs before the write that inserts it (RSA takes some 50 ms).
    pub fn generate(algorithm: Algorithm, seal: &Seal, random: &Random, now: Timestamp, active_from: Timestamp) -> Result<Self, Fault> {
        let key = SigningKey::generate(algorithm)?;
        let kid = key.kid().to_owned();
        Ok(Self {
            sealed_private: seal.seal(&place(&kid), &key.to_pkcs8()?, random)?,
            public_jwk: serde_json::to_string(key.jwk()).map_err(Fault::broken)?,
            kid,
            algorithm,
            published_at: now,
            active_from,
            signs_until: None,
            withdrawn_at: None,
        })
    }

    /// What the rotation needs to know of it.
    pub fn facts(&self) -> KeyFacts {
        KeyFacts {
            kid: self.kid.clone(),
            algorithm: self.algorithm,
            published_at: self.published_at,
            active_from: self.active_from,
            signs_until: self.signs_until,
            withdrawn_at: self.withdrawn_at,
        }
    }

    /// Opens and parses the key.
    ///
    /// # Errors
    /// The kid, when the row was altered: the seal does not open, or what it holds is not the key the row says it is.
    pub(super) fn open(&self, seal: &Seal) -> Result<SigningKey, Fault> {
        let key = SigningKey::from_pkcs8(self.algorithm, &seal.open(&place(&self.kid), &self.sealed_private)?)?;
        let shown = serde_json::from_str::<Jwk>(&self.public_jwk).ok().and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256).ok());
        if key.kid() == self.kid && shown.as_deref() == Some(key.kid()) {
            Ok(key)
        } else {
            Err(Fault::broken(format!("the row of signing key {} holds another key", self.kid)))
        }
    }
}

fn place(kid: &str) -> String {
    format!("signing_keys/private/{kid}")
}
