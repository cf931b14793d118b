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
    /// The key may not be used from this address or by this User-Agent.
    Restricted,
    /// The key may not be used in this way: a personal token of a key without `single_session`, say.
    Mechanism,
    /// The token was ours and is over: expired or revoked.
    Over,
    /// The person behind it may not use the platform at the moment.
    PersonInactive,
    /// The key may only use the replication host.
    ReplicationOnly,
    /// The role, or the absence of a person, does not open this resource.
    NotAtThisLevel,
    /// The role may read here and no more.
    ReadOnly,
    /// The role may use this resource, but not with this method.
    MethodForbidden,
    /// No such resource.
    NotFound,
    /// Not this method on this resource.
    Method,
}

impl AccessRefusal {
    /// Every refusal, as a test walks them.
    pub const ALL: [Self; 13] = [
        Self::Insecure,
        Self::Unknown,
        Self::KeyDisabled,
        Self::Restricted,
        Self::Mechanism,
        Self::Over,
        Self::PersonInactive,
        Self::ReplicationOnly,
        Self::NotAtThisLevel,
        Self::ReadOnly,
        Self::MethodForbidden,
        Self::NotFound,
        Self::Method,
    ];

    /// The platform's code and the HTTP status that goes with it; clients branch on both.
    pub const fn code_and_status(self) -> (u16, u16) {
        match self {
            Self::Insecure => (1030, 403),
            Self::Unknown => (1000, 401),
            Self::KeyDisabled => (1010, 401),
            Self::Restricted => (1019, 403),
            Self::Mechanism => (1013, 403),
            Self::Over => (1020, 401),
            Self::PersonInactive => (1015, 403),
            Self::ReplicationOnly => (1021, 403),
            Self::NotAtThisLevel => (1500, 403),
            Self::ReadOnly => (1017, 405),
            Self::MethodForbidden => (1018, 405),
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
            Self::Restricted => "API key may not be used from this address or by this User-Agent",
            Self::Mechanism => "This way of authenticating is not permitted for this API key",
            Self::Over => "Session token has expired",
            Self::PersonInactive => "User is unknown, inactive, or has no system access",
            Self::ReplicationOnly => "API key may only use the replication host",
            Self::NotAtThisLevel => "Not available at your service level",
            Self::ReadOnly => "API key is read-only",
            Self::MethodForbidden => "Method not permitted on this resource for this API key",
            Self::NotFound => "Not Found",
            Self::Method => "Method Not Allowed",
        }
    }

    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Insecure => "insecure",
            Self::Unknown => "token_unknown",
            Self::KeyDisabled => "key_disabled",
            Self::Restricted => "key_restricted",
            Self::Mechanism => "mechanism_forbidden",
            Self::Over => "token_over",
            Self::PersonInactive => "person_inactive",
            Self::ReplicationOnly => "replication_only",
            Self::NotAtThisLevel => "not_at_this_level",
            Self::ReadOnly => "read_only",
            Self::MethodForbidden => "method_forbidden",
            Self::NotFound => "not_found",
            Self::Method => "wrong_method",
        }
    }
}

/// What the machine found out about a request, one member a question of the platform's order.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question of the platform's order of checks")]
pub struct Facts {
    /// TLS all the way, or from a trusted proxy that says so.
    pub secure: bool,
    /// It is a token of ours.
    pub known: bool,
    /// Its key is not disabled.
    pub key_enabled: bool,
    /// Its key may be used from this address and by this User-Agent.
    pub permitted: bool,
    /// Its key may be used in this way.
    pub mechanism: bool,
    /// It is neither expired nor revoked.
    pub in_time: bool,
    /// Its person may use the platform (a key's own token has none and passes).
    pub person_active: bool,
    /// Its key may be used at this host.
    pub host: bool,
    /// What its role may do here.
    pub level: Result<(), AccessRefusal>,
}

impl Facts {
    /// A request against which nothing is known.
    pub const GOOD: Self = Self {
        secure: true,
        known: true,
        key_enabled: true,
        permitted: true,
        mechanism: true,
        in_time: true,
        person_active: true,
        host: true,
        level: Ok(()),
    };
}

/// The platform's order: TLS, token, key, address and User-Agent, way, time, person, host, role.
///
/// Refuses: the first that fails.
pub fn decide(facts: &Facts) -> Result<(), AccessRefusal> {
    for (good, refusal) in [
        (facts.secure, AccessRefusal::Insecure),
        (facts.known, AccessRefusal::Unknown),
        (facts.key_enabled, AccessRefusal::KeyDisabled),
        (facts.permitted, AccessRefusal::Restricted),
        (facts.mechanism, AccessRefusal::Mechanism),
        (facts.in_time, AccessRefusal::Over),
        (facts.person_active, AccessRefusal::PersonInactive),
        (facts.host, AccessRefusal::ReplicationOnly),
    ] {
        if !good {
            return Err(refusal);
        }
    }
    facts.level
}

#[cfg(test)]
mod tests {
    use super::*;

    type Mend = (AccessRefusal, fn(&mut Facts));

    /// Mends one fact after the other; each time the next one of the order refuses.
    #[test]
    fn when_several_things_are_wrong_the_platforms_order_decides() {
        let mut facts = Facts {
            secure: false,
            known: false,
            key_enabled: false,
            permitted: false,
            mechanism: false,
            in_time: false,
            person_active: false,
            host: false,
            level: Err(AccessRefusal::NotAtThisLevel),
        };
        let mends: [Mend; 9] = [
            (AccessRefusal::Insecure, |facts| facts.secure = true),
            (AccessRefusal::Unknown, |facts| facts.known = true),
            (AccessRefusal::KeyDisabled, |facts| facts.key_enabled = true),
            (AccessRefusal::Restricted, |facts| facts.permitted = true),
            (AccessRefusal::Mechanism, |facts| facts.mechanism = true),
            (AccessRefusal::Over, |facts| facts.in_time = true),
            (AccessRefusal::PersonInactive, |facts| facts.person_active = true),
            (AccessRefusal::ReplicationOnly, |facts| facts.host = true),
            (AccessRefusal::NotAtThisLevel, |facts| facts.level = Ok(())),
        ];
        for (refusal, mend) in mends {
            assert_eq!(decide(&facts), Err(refusal));
            mend(&mut facts);
        }
        assert_eq!(decide(&facts), Ok(()));
    }

    #[test]
    fn each_fact_alone_refuses() {
        assert_eq!(decide(&Facts { permitted: false, ..Facts::GOOD }), Err(AccessRefusal::Restricted));
        assert_eq!(decide(&Facts { person_active: false, ..Facts::GOOD }), Err(AccessRefusal::PersonInactive));
        assert_eq!(decide(&Facts { level: Err(AccessRefusal::ReadOnly), ..Facts::GOOD }), Err(AccessRefusal::ReadOnly));
    }

    #[test]
    fn no_two_refusals_share_a_reason() {
        let mut reasons: Vec<_> = AccessRefusal::ALL.iter().map(|refusal| refusal.reason()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), AccessRefusal::ALL.len());
    }
}
