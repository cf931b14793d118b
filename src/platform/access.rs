//! May this request do this? One order of checks for every door of the platform's API.

/// Why a data API says no: the platform's numeric code, its HTTP status, its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessRefusal {
    /// The request did not come over TLS.
    Insecure,
    /// The key or token is not one of ours.
    Unknown,
    /// The key is disabled.
    KeyDisabled,
    /// The token was ours and is over: expired or revoked.
    Over,
    /// The person behind it may not use the platform at the moment.
    PersonInactive,
    /// There is no person behind it, and this resource needs one.
    NotAtThisLevel,
    /// No such resource.
    NotFound,
    /// Not this method on this resource.
    Method,
}

impl AccessRefusal {
    /// The platform's code and the HTTP status that goes with it; clients branch on both.
    pub const fn code_and_status(self) -> (u16, u16) {
        match self {
            Self::Insecure => (1030, 403),
            Self::Unknown => (1000, 401),
            Self::KeyDisabled => (1010, 401),
            Self::Over => (1020, 401),
            Self::PersonInactive => (1015, 403),
            Self::NotAtThisLevel => (1500, 403),
            Self::NotFound => (404, 404),
            Self::Method => (405, 405),
        }
    }

    /// A fixed sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Insecure => "SSL required",
            Self::Unknown => "Invalid API key and/or request signed improperly",
            Self::KeyDisabled => "API key is disabled",
            Self::Over => "Session token has expired",
            Self::PersonInactive => "User is unknown, inactive, or has no system access",
            Self::NotAtThisLevel => "Not available at your service level",
            Self::NotFound => "Not Found",
            Self::Method => "Method Not Allowed",
        }
    }
}

/// What the machine found out about a presented token.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question of the platform's order of checks")]
pub struct Facts {
    /// TLS all the way, or from a trusted proxy that says so.
    pub secure: bool,
    /// It is a token of ours.
    pub known: bool,
    /// Its key is neither disabled nor deleted.
    pub key_enabled: bool,
    /// It is neither expired nor revoked.
    pub in_time: bool,
    /// Its person may use the platform (a key's own token has none and passes).
    pub person_active: bool,
}

/// The platform's order: TLS, token, key, time, person.
///
/// Refuses: the first that fails.
pub fn decide(facts: Facts) -> Result<(), AccessRefusal> {
    for (good, refusal) in [
        (facts.secure, AccessRefusal::Insecure),
        (facts.known, AccessRefusal::Unknown),
        (facts.key_enabled, AccessRefusal::KeyDisabled),
        (facts.in_time, AccessRefusal::Over),
        (facts.person_active, AccessRefusal::PersonInactive),
    ] {
        if !good {
            return Err(refusal);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_several_things_are_wrong_the_platforms_order_decides() {
        let nothing = Facts { secure: false, known: false, key_enabled: false, in_time: false, person_active: false };
        assert_eq!(decide(nothing), Err(AccessRefusal::Insecure));
        assert_eq!(decide(Facts { secure: true, ..nothing }), Err(AccessRefusal::Unknown));
        assert_eq!(decide(Facts { secure: true, known: true, ..nothing }), Err(AccessRefusal::KeyDisabled));
        assert_eq!(decide(Facts { secure: true, known: true, key_enabled: true, ..nothing }), Err(AccessRefusal::Over));
        assert_eq!(
            decide(Facts {
                person_active: false,
                ..Facts { secure: true, known: true, key_enabled: true, in_time: true, person_active: true }
            }),
            Err(AccessRefusal::PersonInactive)
        );
    }
}
