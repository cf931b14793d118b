//! The developer portal and the Datamart: registering, being activated, enrolling, being approved, getting credentials.

pub mod answer;
pub mod asked;
pub mod budget;
pub mod chain;
pub mod credentials;
pub mod decide;
pub mod demo_key;
pub mod due;
pub mod enrol;
pub mod enter;
pub mod link;
pub mod own;
pub mod password;
pub mod payment;
pub mod plans;
pub mod proceed;
pub mod register;
pub mod sample_mls;
pub mod sign_in;
