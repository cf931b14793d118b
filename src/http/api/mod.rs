//! The platform's own API under `/v1/`: everything in its envelope.

pub mod address;
pub mod addresses;
pub mod appstore_users;
pub mod authorizations;
pub mod consumers;
pub mod contacts;
pub mod domains;
pub mod door;
pub mod envelope;
pub mod identities;
pub mod keys;
pub mod list;
pub mod listings;
pub mod my_account;
pub mod my_contact;
pub mod openapi;
pub mod path;
pub mod personal_tokens;
pub mod portal;
pub mod roles;
pub mod secrets;
pub mod system;
pub mod templates;
pub mod tunnel;
pub mod usage;
