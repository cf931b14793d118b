//! Rules of the platform: keys, roles, and what a token may do. Pure.

pub mod access;
pub mod key;
pub mod personal_token;
pub mod problem;
pub mod restriction;
pub mod role;
pub mod service;
