//! Personal tokens: bearer tokens that do not expire, of one account (or an MLS's generic agent) and one key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::id::{AccountId, KeyId, PersonalTokenId};
use crate::base::random::base32;
use crate::base::{Digest, Secret, Timestamp};

/// By this a leak scanner finds a personal token, and we tell it from a handle.
pub const PREFIX: &str = "lkp_";
/// The random part: 256 bits. Units: characters.
const WORD: usize = 52;
/// The checksum behind it: 30 bits. Units: characters.
const CHECKSUM: usize = 6;

/// The value of a token whose random part is `word`: the prefix, the word, and six characters by which whoever finds such a text
/// in a place where it should not be can tell, without asking us, that it is a token and no accident.
pub fn value(word: &str) -> Secret {
    Secret::new(format!("{PREFIX}{word}{}", checksum(word)))
}

/// Whether `text` is spelled as tokens are, checksum included; a guess or a slip of the pen is not, and needs no look-up.
pub fn is_well_formed(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else { return false };
    let Some((word, sum)) = rest.split_at_checked(WORD) else { return false };
    rest.len() == WORD + CHECKSUM && rest.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')) && checksum(word) == sum
}

/// The first six characters of base32 of SHA-256 of prefix and word.
fn checksum(word: &str) -> String {
    base32().encode(Digest::of(format!("{PREFIX}{word}").as_bytes()).bytes()).chars().take(CHECKSUM).collect()
}

/// To whose own listings a token is limited; the account's own, its office's or its company's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// What a resource server must hold the requests of a token to: the listings of one member, office or company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataRestriction {
    /// Whose: `member`, `office` or `company`.
    pub own_data: &'static str,
    /// The 26 digits of that member, office or company; empty where the account has none any more: then of nobody.
    pub id: String,
}

/// Why an account and a key cannot have a token together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The key does not have the role `single_session`.
    NotSingleSession,
    /// The key is disabled, or does not use OAuth 2.
    KeyClosed,
    /// The key is for people of other MLSs.
    PersonOutside,
    /// The account is switched off.
    PersonInactive,
    /// The account has no office or company whose own data could be meant.
    NoSuchData(OwnData),
    /// Another account has a live token of this key already: a key with `single_session` belongs to one person.
    SomebodyElses,
}

impl Unfit {
    /// The attribute of the request it is about.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::NotSingleSession => "Roles",
            Self::KeyClosed => "Enabled",
            Self::PersonOutside | Self::PersonInactive | Self::SomebodyElses => "UserId",
            Self::NoSuchData(_) => "OwnData",
        }
    }

    /// What is wrong with it; the attribute stands before it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotSingleSession => "must have the role single_session",
            Self::KeyClosed => "must be true, and the key of type OAuth2",
            Self::PersonOutside => "must be an account of an MLS that may use this key",
            Self::PersonInactive => "must be an active account",
            Self::NoSuchData(OwnData::Company) => "cannot be company: the account has none",
            Self::NoSuchData(_) => "cannot be office: the account has none",
            Self::SomebodyElses => "must be the account that has a token of this key, or that token must be revoked first",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD_OF_TEST: &str = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";

    #[test]
    fn tk_30_a_token_has_a_fixed_prefix_and_a_checksum_that_scanners_can_verify() {
        let value = value(WORD_OF_TEST);
        assert_eq!(value.expose(), "lkp_abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstvzqvsn");
        assert!(is_well_formed(value.expose()));
    }

    #[test]
    fn tk_33_a_guess_is_told_from_a_token_without_a_look_up() {
        let good = value(WORD_OF_TEST).expose().to_owned();
        for place in PREFIX.len()..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
            assert!(!is_well_formed(&String::from_utf8(bytes).unwrap()), "{place}");
        }
        let (bare, long, loud) = (good.replace(PREFIX, ""), format!("{good}a"), good.to_uppercase());
        let (short, wide) = (good.chars().take(61).collect::<String>(), format!("lkp_{}", "\u{e9}".repeat(29)));
        for bad in ["", PREFIX, &bare, &short, &long, &loud, &wide] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
