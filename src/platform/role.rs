//! Roles: what data a key opens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

use super::query::{Cell, Field, Resource};

/// A role of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anonymous visitors of a public site.
    Idx,
    /// A known, limited audience before login.
    Public,
    /// A home buyer at a third party's site.
    Vow,
    /// A home buyer in the platform's own applications.
    Portal,
    /// An agent, broker or MLS staff.
    Private,
    /// The key comes with one ready-made token.
    SingleSession,
    /// The key may copy data in bulk from the replication host.
    Replication,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [Self::Idx, Self::Public, Self::Vow, Self::Portal, Self::Private, Self::SingleSession, Self::Replication];

    /// Exactly as the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idx => "idx",
            Self::Public => "public",
            Self::Vow => "vow",
            Self::Portal => "portal",
            Self::Private => "private",
            Self::SingleSession => "single_session",
            Self::Replication => "replication",
        }
    }

    /// Whether it opens data; the others only modify.
    pub const fn is_data_role(self) -> bool {
        !matches!(self, Self::SingleSession | Self::Replication)
    }

    /// What data it opens, in plain words for who chooses it.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Idx => "listings that may be shown to anonymous visitors of a public website",
            Self::Public => "listings for a known, limited audience before they sign in",
            Self::Vow => "listings for home buyers who have registered and signed in",
            Self::Portal => "listings for the clients of an agent, in the agent's own portal",
            Self::Private => "everything the agent, broker or MLS may see, confidential fields included",
            Self::SingleSession => "nothing by itself: one ready-made token, and nobody signs in",
            Self::Replication => "nothing by itself: copies in bulk, from the replication host",
        }
    }

    /// What allowing a key of this role means, in one plain sentence for the consent page.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Idx => "Read the listings you may show to the public, and pass on inquiries to you as contacts.",
            Self::Public => "Read the listings and contacts that a limited audience may see.",
            Self::Vow => "Read the listings and let your clients keep favorites on this site.",
            Self::Portal => "Read the listings and let your clients use your portal.",
            Self::Private => "Read and change your MLS data as you can yourself: listings, contacts and account.",
            Self::SingleSession => "Stay signed in for you without asking again.",
            Self::Replication => "Keep a copy of the data it may read.",
        }
    }

    /// The same of a key, whoever allows it, for who built it.
    pub const fn allows(self) -> &'static str {
        match self {
            Self::Idx => "Read the listings that may be shown to the public, and pass on inquiries as contacts.",
            Self::Public => "Read the listings and contacts that a limited audience may see.",
            Self::Vow => "Read the listings and keep home buyers' favorites.",
            Self::Portal => "Read the listings and serve an agent's clients in the agent's portal.",
            Self::Private => "Read and change MLS data as the person who allows it can: listings, contacts and account.",
            Self::SingleSession => "Act with one ready-made token; no one signs in.",
            Self::Replication => "Keep a copy of the data it may read.",
        }
    }
}

/// What the list of roles can be asked.
pub const ROLES: Resource = Resource::of(
    "roles",
    &[
        Field::whole("Id", "id"),
        Field::text("Name", "name"),
        Field::truth("DataRole", "data_role"),
        Field::moment("CreatedTimestamp", "created_at"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
)
.expansions(&["Services"]);

impl Role {
    /// Its number in the catalogue.
    pub fn id(self) -> i64 {
        Self::ALL.iter().zip(1..).find_map(|(role, id)| (*role == self).then_some(id)).unwrap_or_default()
    }

    /// The role of that number.
    pub fn of_id(id: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// What it has in a column of the catalogue.
    pub fn cell(self, column: &str) -> Cell {
        match column {
            "id" => Cell::Whole(self.id()),
            "name" => Cell::Text(self.name().to_owned()),
            "data_role" => Cell::Truth(self.is_data_role()),
            _ => Cell::Whole(CATALOGUED.0),
        }
    }
}

/// When the roles were laid down; they are part of the program and change with it only.
pub const CATALOGUED: Timestamp = Timestamp::from_seconds(1_791_072_000);

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| format!("{text}: not a role; known are {}", Self::ALL.map(Self::name).join(", ")))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
