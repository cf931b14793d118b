//! One signing key, kept parsed: parsing it again for each token would cost more than half of every signature.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use serde::Serialize;
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::low_s;
use crate::base::Fault;

/// A private key ready to sign, with its public half ready to verify and to publish.
pub struct SigningKey {
    pair: Pair,
    public: DecodingKey,
    jwk: Jwk,
    kid: String,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    kid: &'a str,
    typ: &'a str,
}

impl SigningKey {
    /// A fresh key from the operating system's generator: RSA of 2048 bits (some 50 ms), P-256 or Ed25519 (microseconds).
    pub fn generate(algorithm: Algorithm) -> Result<Self, Fault> {
        let failed = |_| Fault::broken(format!("a {algorithm} key cannot be generated"));
        Self::from_pair(match algorithm {
            Algorithm::RS256 => Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?)),
            Algorithm::ES256 => Pair::Ec(Box::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?)),
            Algorithm::EdDSA => Pair::Ed(Box::new(Ed25519KeyPair::generate().map_err(failed)?)),
        })
    }

    /// Reads an unencrypted PKCS#8 document; a key of another algorithm and RSA below 2048 bits are faults.
    ///
    /// Spec: RFC 5208
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, Fault> {
        let failed = |_| Fault::broken(format!("a {algorithm} key cannot be read"));
        Self::from_pair(match algorithm {
            Algorithm::RS256 => Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(der).map_err(failed)?)),
            Algorithm::ES256 => Pair::Ec(Box::new(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(failed)?)),
            Algorithm::EdDSA => Pair::Ed(Box::new(Ed25519KeyPair::from_pkcs8(der).map_err(failed)?)),
        })
    }

    fn from_pair(pair: Pair) -> Result<Self, Fault> {
        let (algorithm, public) = match &pair {
            Pair::Rsa(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&parts.n, &parts.e))
            }
            // "DER" is jsonwebtoken's word; it takes the bare point and the bare 32 bytes.
            Pair::Ec(pair) => (Algorithm::ES256, DecodingKey::from_ec_der(pair.public_key().as_ref())),
            Pair::Ed(pair) => (Algorithm::EdDSA, DecodingKey::from_ed_der(pair.public_key().as_ref())),
        };
        let mut jwk = Jwk::from_decoding_key(&public, Some(algorithm.jose())).map_err(Fault::broken)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(Fault::broken)?;
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_id = Some(kid.clone());
        Ok(Self { pair, public, jwk, kid })
    }

    /// The private key as an unencrypted PKCS#8 version 1 document, wiped when dropped: only ever to be sealed.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let failed = |_| Fault::broken(format!("a {} key cannot be written", self.algorithm()));
        Ok(Zeroizing::new(match &self.pair {
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair.as_ref()).map_err(failed)?.as_ref().to_vec(),
            Pair::Ec(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Ed(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
        }))
    }

    /// What this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Rsa(_) => Algorithm::RS256,
            Pair::Ec(_) => Algorithm::ES256,
            Pair::Ed(_) => Algorithm::EdDSA,
        }
    }

    /// The key's name: the SHA-256 thumbprint of its public half, 43 characters of base64url.
    ///
    /// Spec: RFC 7638 §3
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half with `kid`, `use` and `alg`.
    ///
    /// Spec: RFC 7517 §4
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    pub(super) fn public(&self) -> &DecodingKey {
        &self.public
    }

    /// Signs `claims` as a compact JWS whose header is exactly `alg`, `kid` and `typ`.
    ///
    /// Takes some 15 µs (ES256), 270 µs (RS256) or 9 µs (EdDSA).
    ///
    /// Spec: RFC 7515 §7.1, RFC 7518 §3.3, RFC 7518 §3.4, RFC 8037 §3.1
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Fault> {
        let header = serde_json::to_vec(&Header { alg: self.algorithm(), kid: &self.kid, typ }).map_err(Fault::broken)?;
        let claims = serde_json::to_vec(claims).map_err(Fault::broken)?;
        let mut token = String::with_capacity((header.len() + claims.len() + 256) * 4 / 3 + 8);
        BASE64URL_NOPAD.encode_append(&header, &mut token);
        token.push('.');
        BASE64URL_NOPAD.encode_append(&claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }

    pub(super) fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = |_| Fault::broken(format!("signing with {} failed", self.algorithm()));
        // The library asks for a generator only to look like another one; it uses its own.
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::Ec(pair) => {
                let mut signature = pair.sign(&random, message).map_err(failed)?.as_ref().to_vec();
                low_s::lower(&mut signature);
                Ok(signature)
            }
            Pair::Ed(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests;
