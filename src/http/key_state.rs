//! How a key stands, as every page shows it.

use super::pages::parts::{Cell, Tone};
use crate::platform::lines::KeyState;

/// The state in one word.
pub fn badge(state: KeyState) -> Cell {
    let tone = match state {
        KeyState::Working => Tone::Good,
        KeyState::Appealed => Tone::Waiting,
        KeyState::Suspended => Tone::Bad,
        KeyState::Off => Tone::Plain,
    };
    Cell::badge(state.words(), tone)
}

/// The state of a token that was not revoked: it works where its key does.
pub fn token_badge(key: KeyState) -> Cell {
    match key {
        KeyState::Working => Cell::badge("Active", Tone::Good),
        KeyState::Suspended | KeyState::Appealed => Cell::badge("Key suspended", Tone::Bad),
        KeyState::Off => Cell::badge("Key off", Tone::Plain),
    }
}
