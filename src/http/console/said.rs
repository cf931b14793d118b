//! What a page says about what was just done there: fixed sentences, chosen by a word in the address.

use crate::http::pages::parts::{Notice, Tone};
use crate::protocol::params::Params;

const SENTENCES: &[(&str, &str, &str)] = &[
    ("disconnected", "Disconnected.", "It can no longer act for you."),
    ("session-ended", "Session ended.", "Whoever uses that browser has to sign in again."),
    ("password-changed", "Password changed.", "Every other session has ended, and a letter about it is on its way to you."),
    ("address-confirmed", "Your address is confirmed.", "Sign in to see how your registration stands."),
    ("password-set", "Your password is set.", "Sign in with it."),
];

/// The sentence a word stands for; any other word says nothing.
pub fn told(query: &Params) -> Option<Notice> {
    let word = query.text("said")?;
    let (_, heading, text) = SENTENCES.iter().find(|(known, ..)| *known == word)?;
    Some(Notice::new("said", Tone::Good, *heading, *text))
}
