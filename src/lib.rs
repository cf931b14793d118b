//! Latchkey: an OAuth 2 and OpenID Connect authorization server for a real-estate MLS data platform.
//!
//! Floors, from the ground up; each names only floors below it (`tests/house.rs` checks):
//!
//! | floor | rooms | what they are |
//! |---|---|---|
//! | 0 | [`base`] | words: ids, secrets, timestamps, faults |
//! | 1 | `protocol` `identity` `platform` | rules: pure, no I/O; they never name one another |
//! | 2 | `store` `signing` `mail` `config` `observe` | hands: I/O; they never name one another |
//! | 3 | `app` `flows` | verbs: one file is one thing done |
//! | 4 | `http` `cli` | doors: how the world and the operator speak to us |

pub mod app;
pub mod base;
pub mod cli;
pub mod config;
pub mod flows;
pub mod hashing;
pub mod http;
pub mod identity;
pub mod mail;
pub mod observe;
pub mod platform;
pub mod protocol;
pub mod signing;
pub mod store;
