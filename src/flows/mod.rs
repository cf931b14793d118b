//! Verbs: one file is one thing done, with at most one write. Plain sequential code; where it runs is the door's business.

pub mod account;
pub mod authorize;
pub mod bearer;
pub mod carry;
pub mod check;
pub mod console;
pub mod consumer;
pub mod datamart;
pub mod exchange;
pub mod gate;
pub mod holder;
pub mod identify;
pub mod introspect;
pub mod issue;
pub mod logout;
pub mod mailbox;
pub mod mint;
pub mod operate;
pub mod passwords;
pub mod platform;

pub mod rates;
pub mod record;
pub mod revoke;
pub mod sign_in;
pub mod start;
pub mod tell;
pub mod upkeep;
pub mod usage;
pub mod userinfo;
