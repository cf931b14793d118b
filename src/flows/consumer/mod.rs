//! Home buyers: their sign-up and sign-in, the agents they are linked with, what their sites may do; and what agents do about them.

pub mod accounts;
pub mod carry;
pub mod contacts;
pub mod enter;
pub mod invitation;
pub mod issue;
pub mod join;
pub mod letters;
pub mod look;
pub mod oneself;
pub mod own;
pub mod password;
pub mod portal;
pub mod portal_accounts;
pub mod sign_in;
pub mod sign_up;
pub mod verify;

use crate::base::Digest;
use crate::platform::form::email_key;

/// By what guesses at a consumer's password are counted, through whichever door they come.
pub fn bucket(login: &str) -> String {
    format!("consumer:{}", Digest::of(email_key(login).as_bytes()).hex())
}
