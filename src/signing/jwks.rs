//! Documents as ready bytes, the JWKS above all: built when the ring changes, never per request.

use data_encoding::HEXLOWER;
use jsonwebtoken::jwk::{Jwk, JwkSet};

use crate::base::{Digest, Fault};

/// A published document with the tag by which caches ask for it again.
#[derive(Debug)]
pub struct Document {
    /// The JSON.
    pub bytes: Vec<u8>,
    /// A strong entity tag, quotes included.
    ///
    /// Spec: RFC 9110 §8.8.3
    pub etag: String,
}

impl Document {
    /// The document of these bytes.
    pub fn ready(bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        let etag = format!("\"{}\"", HEXLOWER.encode(digest.bytes().first_chunk::<16>().map_or(&[], <[u8; 16]>::as_slice)));
        Self { bytes, etag }
    }

    /// The JWK Set of `keys`, in their order.
    ///
    /// Spec: RFC 7517 §5
    pub(super) fn of<'a>(keys: impl Iterator<Item = &'a Jwk>) -> Result<Self, Fault> {
        serde_json::to_vec(&JwkSet { keys: keys.cloned().collect() }).map(Self::ready).map_err(Fault::broken)
    }
}
