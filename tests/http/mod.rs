//! The addresses, one by one.

pub mod account;
mod addresses;
mod authorizations;
mod boundaries;
mod console;
mod consumers;
mod datamart;
mod developers;
mod documented;
mod domains;
mod identities;
mod kept;
mod keys;
mod mailbox;
mod own_keys;
mod registering;
mod roles;
mod sandbox;
mod secrets;
mod staff;
mod system;
mod templates;
mod usage;
mod walk;
