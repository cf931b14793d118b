//! Lines of the lists that staff open: as much of each thing as one looks for it by.

use crate::base::Timestamp;
use crate::base::id::{IdentityId, KeyId};

use super::suspension::Suspension;

/// A key in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// Its row.
    pub id: KeyId,
    /// The application.
    pub name: String,
    /// The `client_id`.
    pub client_id: String,
    /// Its roles, parted by spaces.
    pub roles: String,
    /// How it stands.
    pub state: KeyState,
    /// Whose it is: company, or else the person.
    pub developer: Option<String>,
    /// The MLS that issued it.
    pub mls: Option<String>,
    /// The last day it was used.
    pub last_active: Option<String>,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It can be used.
    Working,
    /// It was suspended.
    Suspended,
    /// It was suspended, and its developer appeals.
    Appealed,
    /// It is switched off.
    Off,
}

impl KeyState {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Working, Self::Suspended, Self::Appealed, Self::Off];

    /// How a key stands that is enabled or not, and under that suspension or none.
    pub const fn of(enabled: bool, running: Option<&Suspension>) -> Self {
        match running {
            _ if enabled => Self::Working,
            Some(running) if running.appeal.is_some() => Self::Appealed,
            Some(_) => Self::Suspended,
            None => Self::Off,
        }
    }

    /// As addresses spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Suspended => "suspended",
            Self::Appealed => "appealed",
            Self::Off => "off",
        }
    }

    /// As pages say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Working => "Active",
            Self::Suspended => "Suspended",
            Self::Appealed => "Suspended (appealed)",
            Self::Off => "Off",
        }
    }

    /// Reads an address's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == text)
    }
}

/// A developer in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeveloperLine {
    /// The record the Keys API calls an Identity.
    pub id: IdentityId,
    /// The person.
    pub name: String,
    /// For whom he works.
    pub company: String,
    /// Where he is written to.
    pub email: String,
    /// The MLS whose developer he is; one who registered with the platform is nobody's.
    pub mls: Option<String>,
    /// The last day one of his keys was used.
    pub last_active: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}
