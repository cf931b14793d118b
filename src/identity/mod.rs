//! Rules about people: accounts, consumers, passwords, sign-in, sessions, throttling. Pure.

pub mod account;
pub mod card;
pub mod consumer;
pub mod password;
pub mod profile;
pub mod record;
pub mod roster;
pub mod session;
pub mod subject;
pub mod throttle;
