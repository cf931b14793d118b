//! Rules about people: accounts, passwords, sign-in, sessions, throttling. Pure.

pub mod account;
pub mod password;
pub mod profile;
pub mod record;
pub mod roster;
pub mod session;
pub mod throttle;
