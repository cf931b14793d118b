//! Personal tokens: bearer tokens that do not expire, of one account (or an MLS's generic agent) and one key.

use std::fmt;
use std::str::FromStr;

use crate::base::Timestamp;
use crate::base::id::{AccountId, KeyId, PersonalTokenId};

/// By this a leak scanner finds a personal token, and we tell it from a handle.
pub const PREFIX: &str = "lkp_";

/// To whose own listings a token is limited; the account's own, its office's or its company's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnData {
    /// The account's.
    Member,
    /// Its office's.
    Office,
    /// Its company's.
    Company,
}

impl OwnData {
    /// Exactly as requests, rows and answers spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Office => "office",
            Self::Company => "company",
        }
    }
}

impl FromStr for OwnData {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Member, Self::Office, Self::Company]
            .into_iter()
            .find(|known| known.name() == text)
            .ok_or_else(|| "must be member, office or company".to_owned())
    }
}

impl fmt::Display for OwnData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A personal token, without its value.
#[derive(Debug, Clone)]
pub struct PersonalToken {
    /// Its row.
    pub id: PersonalTokenId,
    /// The key.
    pub key_id: KeyId,
    /// The account it speaks for.
    pub account_id: AccountId,
    /// Its last four characters, by which its owner knows it again.
    pub last_four: String,
    /// To whose own listings it is limited.
    pub own_data: Option<OwnData>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// The last day it was used.
    pub last_used_on: Option<String>,
    /// When it was revoked or replaced.
    pub revoked_at: Option<Timestamp>,
}
