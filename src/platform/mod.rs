//! Rules of the platform: keys, roles, and what a token may do. Pure.

pub mod access;
pub mod approval;
pub mod body;
pub mod change;
pub mod developer;
pub mod domain;
pub mod enrolment;
pub mod form;
pub mod identity;
pub mod key;
pub mod personal_token;
pub mod plan;
pub mod problem;
pub mod purchase;
pub mod query;
pub mod rate;
pub mod reach;
pub mod registration;
pub mod restriction;
pub mod role;
pub mod sample;
pub mod service;
pub mod template;
pub mod usage;
pub mod wish;
