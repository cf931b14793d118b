//! What the platform's API does: one file is one resource, its reads and its writes.

pub mod appstore_users;
pub mod authorizations;
pub mod domains;
pub mod generic_agent;
pub mod history;
pub mod identities;
pub mod issue_token;
pub mod key_facts;
pub mod key_record;
pub mod keys;
pub mod my_account;
pub mod own_change;
pub mod own_data;
pub mod personal_tokens;
pub mod roles;
pub mod sandbox;
pub mod secrets;
pub mod staff;
pub mod system;
pub mod templates;
pub mod usage;
