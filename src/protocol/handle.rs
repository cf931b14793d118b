//! Handles: the opaque texts we hand out. They need no row of their own, because they carry what they say under a MAC.
//!
//! `lk` + kind letter + `_` + lower-case base32 of
//! `version(1) owner(1) id(8) generation(4) issued(5) expires(5) nonce(8) [scope(2)] tag(16)`, all big-endian, times in seconds.

use crate::base::id::{GrantId, KeyId};
use crate::base::random::base32;
use crate::base::secret::MacKey;
use crate::base::{Random, Timestamp};

use super::scope::Scopes;

const TAG: usize = 16;
const FIXED: usize = 1 + 1 + 8 + 4 + 5 + 5 + 8;
const LATEST: i64 = (1 << 40) - 1;

/// What a handle is for; a code never passes for a token, because the kind is under the MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `lkc_`: an authorization code.
    Code,
    /// `lka_`: an access token.
    Access,
    /// `lkr_`: a refresh token.
    Refresh,
}

impl Kind {
    /// The four characters by which people and leak scanners know it.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "lkc_",
            Self::Access => "lka_",
            Self::Refresh => "lkr_",
        }
    }
}

/// What a handle hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A person's permission to a key.
    Grant(GrantId),
    /// The key itself (client credentials).
    Key(KeyId),
}

/// What a handle says. Units: `issued` and `expires` are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// What it is for.
    pub kind: Kind,
    /// What it hangs on.
    pub owner: Owner,
    /// Which refresh of the grant it belongs to.
    pub generation: u32,
    /// When it was made.
    pub issued: Timestamp,
    /// When it stops to be good.
    pub expires: Timestamp,
    /// Tells two handles apart that say the same; a revoked access token is remembered by it.
    pub nonce: i64,
    /// A narrower scope than the owner's, where one was asked for.
    pub scope: Option<Scopes>,
}

/// The MAC keys of handles, newest last; each handle names the one it was made with.
#[derive(Clone, Default)]
pub struct MacRing {
    keys: Vec<(u8, MacKey)>,
}

impl MacRing {
    /// A ring of `(version, 32 bytes)`, oldest first.
    pub fn new(keys: impl IntoIterator<Item = (u8, [u8; 32])>) -> Self {
        Self { keys: keys.into_iter().map(|(version, bytes)| (version, MacKey::new(&bytes))).collect() }
    }

    /// The text of `handle`; `None` where the ring is empty.
    pub fn write(&self, handle: &Handle) -> Option<String> {
        let (version, key) = self.keys.last()?;
        let mut bytes = Vec::with_capacity(FIXED + 2 + TAG);
        bytes.push(*version);
        let (owner, id) = match handle.owner {
            Owner::Grant(id) => (0, id.0),
            Owner::Key(id) => (1, id.0),
        };
        bytes.push(owner);
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&handle.generation.to_be_bytes());
        for time in [handle.issued, handle.expires] {
            bytes.extend(time.seconds().clamp(0, LATEST).to_be_bytes().into_iter().skip(3));
        }
        bytes.extend_from_slice(&handle.nonce.to_be_bytes());
        if let Some(scope) = handle.scope {
            bytes.extend_from_slice(&scope.bits().to_be_bytes());
        }
        let tag = key.tag(&[handle.kind.prefix().as_bytes(), &bytes]);
        bytes.extend(tag.into_iter().take(TAG));
        let mut text = String::with_capacity(4 + base32().encode_len(bytes.len()));
        text.push_str(handle.kind.prefix());
        base32().encode_append(&bytes, &mut text);
        Some(text)
    }

    /// What `text` says, if it is a handle of this `kind` that we made; every other text is `None`, whatever is wrong with it.
    pub fn read(&self, kind: Kind, text: &str) -> Option<Handle> {
        let spelled = text.strip_prefix(kind.prefix())?;
        if spelled.len() > base32().encode_len(FIXED + 2 + TAG) {
            return None;
        }
        let bytes = base32().decode(spelled.as_bytes()).ok()?;
        let (said, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        let (_, key) = self.keys.iter().find(|(version, _)| Some(version) == said.first())?;
        let expected = key.tag(&[kind.prefix().as_bytes(), said]);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.get(..TAG)?, tag).ok()?;

        let mut fields = Fields(said.get(1..)?);
        let owner = fields.number(1)?;
        let id = fields.number(8)?;
        Some(Handle {
            kind,
            owner: match owner {
                0 => Owner::Grant(GrantId(id)),
                1 => Owner::Key(KeyId(id)),
                _ => return None,
            },
            generation: u32::try_from(fields.number(4)?).ok()?,
            issued: Timestamp::from_seconds(fields.number(5)?),
            expires: Timestamp::from_seconds(fields.number(5)?),
            nonce: fields.number(8)?,
            scope: match fields.0.len() {
                0 => None,
                2 => Some(Scopes::from_bits(u16::try_from(fields.number(2)?).ok()?)?),
                _ => return None,
            },
        })
    }
}

/// A nonce for a handle: never zero, which stands for "derived, not drawn".
pub fn nonce(random: &Random) -> i64 {
    i64::from_le_bytes(random.bytes()) | 1
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// The next `width` bytes as a big-endian number.
    fn number(&mut self, width: usize) -> Option<i64> {
        let (head, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        Some(head.iter().fold(0, |number, byte| (number << 8) | i64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring() -> MacRing {
        MacRing::new([(1, [7; 32]), (2, [8; 32])])
    }

    fn sample() -> Handle {
        Handle {
            kind: Kind::Code,
            owner: Owner::Grant(GrantId(1 << 61)),
            generation: 3,
            issued: Timestamp::from_seconds(1_792_800_000),
            expires: Timestamp::from_seconds(1_792_800_060),
            nonce: -5,
            scope: None,
        }
    }

    #[test]
    fn a_handle_is_one_word_that_begins_with_a_letter() {
        let text = ring().write(&sample()).unwrap();
        assert!(text.starts_with("lkc_"));
        assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{text}");
    }

    #[test]
    fn cd_08_a_handle_of_one_kind_never_passes_for_another() {
        let text = ring().write(&sample()).unwrap();
        assert_eq!(ring().read(Kind::Code, &text), Some(sample()));
        for kind in [Kind::Access, Kind::Refresh] {
            assert_eq!(ring().read(kind, &text), None);
            assert_eq!(ring().read(kind, &text.replacen("lkc_", kind.prefix(), 1)), None);
        }
    }

    #[test]
    fn tk_18_a_handle_with_anything_changed_cut_or_added_is_none() {
        let text = ring().write(&sample()).unwrap();
        for i in 4..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = if bytes[i] == b'a' { b'b' } else { b'a' };
            assert_eq!(ring().read(Kind::Code, std::str::from_utf8(&bytes).unwrap()), None, "byte {i}");
        }
        for cut in 1..=40 {
            assert_eq!(ring().read(Kind::Code, text.get(..text.len() - cut).unwrap()), None, "cut {cut}");
        }
        for other in [
            format!("{text}a"),
            format!(" {text}"),
            format!("{text} "),
            format!("{text}\0"),
            text.to_uppercase(),
            format!("{text}="),
            format!("lkc_{}", "a".repeat(100_000)),
        ] {
            assert_eq!(ring().read(Kind::Code, &other), None);
        }
    }

    #[test]
    fn a_handle_of_an_older_mac_key_is_still_read_and_of_an_unknown_one_never() {
        let old = MacRing::new([(1, [7; 32])]).write(&sample()).unwrap();
        assert_eq!(ring().read(Kind::Code, &old), Some(sample()));
        let foreign = MacRing::new([(2, [9; 32])]).write(&sample()).unwrap();
        assert_eq!(ring().read(Kind::Code, &foreign), None);
        assert_eq!(MacRing::default().write(&sample()), None);
    }

    proptest! {
        #[test]
        fn whatever_a_handle_says_it_says_again(id in any::<i64>(), generation in any::<u32>(), issued in 0i64..=LATEST, expires in 0i64..=LATEST, nonce in any::<i64>(), key in any::<bool>(), bits in proptest::option::of(0u16..=127)) {
            let handle = Handle {
                kind: Kind::Access,
                owner: if key { Owner::Key(KeyId(id)) } else { Owner::Grant(GrantId(id)) },
                generation, issued: Timestamp::from_seconds(issued), expires: Timestamp::from_seconds(expires), nonce,
                scope: bits.and_then(Scopes::from_bits),
            };
            prop_assert_eq!(ring().read(Kind::Access, &ring().write(&handle).unwrap()), Some(handle));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,200}") {
            prop_assert_eq!(ring().read(Kind::Access, &text), None);
            prop_assert_eq!(ring().read(Kind::Access, &format!("lka_{text}")), None);
        }
    }
}
