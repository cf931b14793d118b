//! A fault: the machine could not. (A refusal, "you may not", is a value of its own in each room.)

use std::fmt;

/// Why the machine could not do what it should have; the caller sees 500 or 503 and an error id, the log sees the text.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Too busy or the store is away: trying again shortly may help (503 with Retry-After).
    Unavailable(String),
    /// Something is broken that waiting will not mend (500).
    Broken(String),
    /// What was asked would take too long, and was given up (503).
    TooSlow(String),
}

impl Fault {
    /// A fault that waiting may mend.
    pub fn unavailable(why: impl fmt::Display) -> Self {
        Self::Unavailable(why.to_string())
    }

    /// A fault that waiting will not mend.
    pub fn broken(why: impl fmt::Display) -> Self {
        Self::Broken(why.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "unavailable: {why}"),
            Self::Broken(why) => write!(f, "broken: {why}"),
            Self::TooSlow(why) => write!(f, "too slow: {why}"),
        }
    }
}

impl std::error::Error for Fault {}
