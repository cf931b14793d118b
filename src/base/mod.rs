//! Words: ids, secrets, timestamps, clock, randomness, faults. This floor names nothing above it.

pub mod clock;
pub mod fault;
pub mod host;
pub mod id;
pub mod json;
pub mod peer;
pub mod problems;
pub mod random;
pub mod secret;
pub mod text;

pub use clock::{Clock, Seconds, Timestamp};
pub use fault::Fault;
pub use problems::Problems;
pub use random::Random;
pub use secret::{Digest, Secret};
