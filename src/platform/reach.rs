//! How far the word of somebody who uses the Keys API goes: always part of the question that is put to the database.

use crate::base::id::{AccountId, IdentityId};

/// Whose developers, keys and templates somebody may see and change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's: a key with the privilege of the Keys API that no MLS issued.
    Everything,
    /// Those of one MLS.
    Mls(AccountId),
    /// What belongs to one developer, who makes new things in the name of an MLS of invented data.
    Own {
        /// The developer.
        identity: IdentityId,
        /// The MLS.
        sandbox: AccountId,
    },
    /// Nobody's.
    Nothing,
}

/// Somebody for whom a token speaks.
#[derive(Debug, Clone, Copy)]
pub struct Speaker<'a> {
    /// His MLS.
    pub mls: &'a AccountId,
    /// Whether he is of its staff.
    pub staff: bool,
}

impl Reach {
    /// The reach of a token: `privileged` is its key's, `issuer` the MLS that issued the key.
    ///
    /// Staff reach as far as their MLS, whatever the key. Somebody else reaches anything only by a key's privilege, and no further than
    /// both of them.
    pub fn of(speaker: Option<Speaker<'_>>, issuer: Option<&AccountId>, privileged: bool) -> Self {
        match (speaker, issuer) {
            (Some(speaker), _) if speaker.staff => Self::Mls(speaker.mls.clone()),
            _ if !privileged => Self::Nothing,
            (Some(speaker), Some(issuer)) if issuer != speaker.mls => Self::Nothing,
            (Some(Speaker { mls, .. }), _) | (None, Some(mls)) => Self::Mls(mls.clone()),
            (None, None) => Self::Everything,
        }
    }

    /// Whether what belongs to `mls` is within it; what belongs to none is within everything only.
    pub fn covers(&self, mls: Option<&AccountId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Mls(own) => mls == Some(own),
            Self::Own { .. } | Self::Nothing => false,
        }
    }

    /// Whether what belongs to that developer and `mls` is within it.
    pub fn covers_of(&self, developer: Option<IdentityId>, mls: Option<&AccountId>) -> bool {
        match self {
            Self::Own { identity, .. } => developer == Some(*identity),
            _ => self.covers(mls),
        }
    }

    /// The MLS in whose name something new is made.
    pub fn issuer(&self) -> Option<&AccountId> {
        match self {
            Self::Own { sandbox, .. } => Some(sandbox),
            _ => self.mls(),
        }
    }

    /// The one MLS it is limited to.
    pub fn mls(&self) -> Option<&AccountId> {
        match self {
            Self::Mls(own) => Some(own),
            Self::Everything | Self::Own { .. } | Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pb_04_nobody_reaches_beyond_his_own_mls_but_a_privileged_key_of_none() {
        let one: AccountId = "20261001000000000000000001".parse().unwrap();
        let two: AccountId = "20261001000000000000000002".parse().unwrap();
        let staff = Some(Speaker { mls: &one, staff: true });
        let agent = Some(Speaker { mls: &one, staff: false });
        for (speaker, issuer, privileged, reach) in [
            (staff, Some(&two), false, Reach::Mls(one.clone())),
            (staff, Some(&two), true, Reach::Mls(one.clone())),
            (staff, None, true, Reach::Mls(one.clone())),
            (agent, Some(&one), false, Reach::Nothing),
            (agent, Some(&one), true, Reach::Mls(one.clone())),
            (agent, Some(&two), true, Reach::Nothing),
            (agent, None, true, Reach::Mls(one.clone())),
            (None, Some(&two), true, Reach::Mls(two.clone())),
            (None, None, true, Reach::Everything),
            (None, None, false, Reach::Nothing),
            (None, Some(&two), false, Reach::Nothing),
        ] {
            assert_eq!(Reach::of(speaker, issuer, privileged), reach, "{speaker:?} {issuer:?} {privileged}");
        }
        assert!(Reach::Mls(one.clone()).covers(Some(&one)) && !Reach::Mls(one.clone()).covers(Some(&two)));
        let own = Reach::Own { identity: IdentityId(7), sandbox: two.clone() };
        assert!(
            own.covers_of(Some(IdentityId(7)), Some(&one)) && !own.covers_of(Some(IdentityId(8)), Some(&two)) && !own.covers(Some(&two))
        );
        assert!(Reach::Mls(one.clone()).covers_of(None, Some(&one)) && own.issuer() == Some(&two) && own.mls().is_none());
        assert!(!Reach::Mls(one.clone()).covers(None) && Reach::Everything.covers(None) && !Reach::Nothing.covers(Some(&one)));
    }
}
