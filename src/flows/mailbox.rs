//! The letters of a demonstration, for whoever sits before this machine.

use crate::app::App;
use crate::mail::Kept;

/// The letters that left, newest first: those to an address, or with a subject, that holds `part`.
pub fn newest(app: &App, part: &str) -> Vec<Kept> {
    app.mailbox.as_ref().map(|mailbox| mailbox.newest(part)).unwrap_or_default()
}

/// One of them.
pub fn one(app: &App, number: usize) -> Option<Kept> {
    app.mailbox.as_ref()?.get(number)
}
