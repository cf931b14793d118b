//! The key ring that signs our JWTs, the seal under which secrets rest, and when keys follow one another.
//!
//! | file | what it holds |
//! |---|---|
//! | `master` `seal` | the one secret outside the database, and what is encrypted under it |
//! | `algorithm` `sign` `low_s` | a private key kept parsed, and how it signs |
//! | `rotation` | what to create, retire and remove, and when |
//!
//! No database, no clock, no thread here: rows come in and go out as values, and every moment is an argument.

mod algorithm;
mod low_s;
mod master;
mod rotation;
mod seal;
mod sign;

pub use algorithm::Algorithm;
pub use master::MasterSecret;
pub use rotation::{JWKS_MAX_AGE, KeyFacts, RotationPolicy, Step, plan, rotate_now, withdraw};
pub use seal::Seal;
pub use sign::SigningKey;
