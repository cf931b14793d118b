//! The platform's own API under `/v1/`: everything in its envelope.

pub mod door;
pub mod envelope;
pub mod my_account;
pub mod path;
pub mod personal_tokens;
