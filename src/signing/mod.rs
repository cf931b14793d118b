//! The key ring that signs our JWTs, the seal under which secrets rest, and when keys follow one another.
//!
//! | file | what it holds |
//! |---|---|
//! | `master` `seal` | the one secret outside the database, and what is encrypted under it |
//! | `algorithm` `sign` `low_s` | a private key kept parsed, and how it signs |
//! | `stored` | a signing key as a row |
//! | `ring` `jwks` | all keys at once, as readers see them without waiting, and the document that publishes them |
//! | `verify` | our own JWTs coming back |
//! | `rotation` | what to create, retire and remove, and when |
//!
//! No database, no clock, no thread here: rows come in and go out as values, and every moment is an argument.

mod algorithm;
mod jwks;
mod low_s;
mod master;
mod ring;
mod rotation;
mod seal;
mod sign;
mod stored;

mod verify;

pub use algorithm::Algorithm;
pub use jwks::Document;
pub use master::MasterSecret;
pub use ring::{BadRow, KeyRing};
pub use rotation::{JWKS_MAX_AGE, KeyFacts, RotationPolicy, Step, plan, rotate_now, withdraw};
pub use seal::Seal;
pub use sign::SigningKey;
pub use stored::StoredKey;
pub use verify::{Expected, Expiry, VerifyRefusal};
