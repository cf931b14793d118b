//! The developer portal and the Datamart: registering, being activated, enrolling, being approved, getting credentials.

pub mod enter;
pub mod link;
pub mod password;
pub mod register;
pub mod sign_in;
