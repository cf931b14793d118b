//! The platform's own API under `/v1/`: everything in its envelope.

pub mod door;
pub mod envelope;
pub mod my_account;
