//! Passwords that come with a request to the API: compared and hashed off the queue of writes, between a first look and the write.

use crate::hashing::Verdict;
use crate::identity::password::{Password, StoredHash};

/// What is to be compared and hashed.
#[derive(Default)]
pub struct Passwords {
    /// A password that must be the one that is stored.
    pub compared: Option<(Password, Option<StoredHash>)>,
    /// A password that is to be stored.
    pub hashed: Option<Password>,
}

/// What came of it.
#[derive(Default)]
pub struct Made {
    /// Whether the password was the one that is stored.
    pub verdict: Option<Verdict>,
    /// What may be stored.
    pub hash: Option<String>,
}
