//! Rules of the platform: keys, roles, and what a token may do. Pure.

pub mod access;
pub mod key;
pub mod role;
