//! Scopes: which identity claims a token opens. (What data it opens is decided by the key's roles.)

use std::fmt;

/// One scope this server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub enum Scope {
    /// The request is an OpenID Connect request.
    Openid = 1,
    /// Name, picture, web site, time zone.
    Profile = 1 << 1,
    /// E-mail address.
    Email = 1 << 2,
    /// Postal address.
    Address = 1 << 3,
    /// Telephone number.
    Phone = 1 << 4,
    /// The RESO Data Dictionary's Member and Office fields.
    Reso = 1 << 5,
    /// The platform's own fields.
    Fbs = 1 << 6,
}

impl Scope {
    /// Every scope, in the order the discovery document lists them.
    pub const ALL: [Self; 7] = [Self::Openid, Self::Profile, Self::Email, Self::Address, Self::Phone, Self::Reso, Self::Fbs];

    /// Exactly as it is written in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Reso => "RESO",
            Self::Fbs => "FBS",
        }
    }

    /// What allowing it means, in one plain sentence for the consent page.
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Openid => "Know who you are: your account number at this MLS.",
            Self::Profile => "See your name, picture, website and time zone.",
            Self::Email => "See your e-mail address.",
            Self::Address => "See your postal address.",
            Self::Phone => "See your phone number.",
            Self::Reso => "See your member number, office and association.",
            Self::Fbs => "See your kind of account and whether it is active.",
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Scopes(u16);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);

    /// Every scope.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Reads a `scope` parameter; unknown words are left out, as the platform does.
    ///
    /// Spec: RFC 6749 §3.3 ("may fully or partially ignore the scope requested")
    pub fn known(text: &str) -> Self {
        text.split(' ').filter_map(Self::word).collect()
    }

    /// Reads a `scope` parameter in which every word must be known; `None` otherwise.
    pub fn exactly(text: &str) -> Option<Self> {
        text.split(' ').filter(|word| !word.is_empty()).map(Self::word).collect::<Option<Vec<_>>>().map(|all| all.into_iter().collect())
    }

    fn word(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == word)
    }

    /// Whether `scope` is in the set.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope as u16 != 0
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either holds.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What this holds and `other` does not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `other` holds all of this.
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The scopes, in the discovery document's order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    /// The set as 16 bits, for a handle.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set from 16 bits; `None` where a bit stands for no scope.
    pub fn from_bits(bits: u16) -> Option<Self> {
        Self(bits).within(Self::all()).then_some(Self(bits))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope as u16))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_scopes_are_left_out_and_case_matters() {
        assert_eq!(Scopes::known("FBS openid sparkly reso openid").to_string(), "openid FBS");
        assert_eq!(Scopes::exactly("openid sparkly"), None);
        assert_eq!(Scopes::exactly("email openid").map(|s| s.to_string()), Some("openid email".into()));
    }

    #[test]
    fn every_set_survives_a_row_and_a_handle() {
        for bits in 0..=Scopes::all().bits() {
            let set = Scopes::from_bits(bits).unwrap();
            assert_eq!(Scopes::exactly(&set.to_string()), Some(set));
        }
        assert_eq!(Scopes::from_bits(1 << 9), None);
    }
}
