//! Home buyers: their sign-up and sign-in, the agents they are linked with, what their sites may do; and what agents do about them.

pub mod accounts;
pub mod contacts;
pub mod letters;
pub mod oneself;
pub mod portal;
pub mod portal_accounts;
pub mod sign_up;

use crate::base::Digest;
use crate::platform::form::email_key;

/// By what guesses at a consumer's password are counted, through whichever door they come.
pub fn bucket(login: &str) -> String {
    format!("consumer:{}", Digest::of(email_key(login).as_bytes()).hex())
}
