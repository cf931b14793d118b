//! What the platform's API does: one file is one resource, its reads and its writes.

pub mod my_account;
