//! One typed id per noun, so that a session never passes for a grant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! integer_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(row: i64) -> Self {
                Self(row)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

integer_ids! {
    /// A grant's row.
    GrantId,
    /// A key's row; below 2^53, because the Keys API shows it as a JSON number.
    KeyId,
    /// One secret of a key; below 2^53.
    KeySecretId,
    /// A developer's record, which the Keys API calls an Identity; below 2^53.
    IdentityId,
    /// A browser session of an account.
    SessionId,
    /// A line of the audit.
    AuditId,
    /// A letter in the outbox.
    LetterId,
    /// A consent, which the Keys API calls an Authorization; below 2^53.
    ConsentId,
    /// A personal token's row; below 2^53.
    PersonalTokenId,
    /// A web domain of a key; below 2^53.
    DomainId,
    /// A line of the change history; below 2^53.
    ChangeId,
    /// One counted request.
    UsageId,
    /// A developer's account; below 2^53.
    DeveloperId,
    /// A browser session of a developer.
    DeveloperSessionId,
    /// A plan of the Datamart; below 2^53.
    PlanId,
    /// A developer's enrolment in a plan; below 2^53.
    EnrolmentId,
    /// One answer an enrolment waits for; below 2^53.
    StepId,
    /// A link in a letter.
    LinkId,
    /// A suspension of a key.
    SuspensionId,
    /// The record of an approval on whose word a key was issued by hand.
    KeyApprovalId,
    /// A line of an enrolment's timeline.
    TimelineId,
    /// A browser session of a consumer.
    ConsumerSessionId,
}

macro_rules! digit_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                if text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err("an id has exactly 26 digits".to_owned())
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

digit_ids! {
    /// The 26 digits by which the platform knows an account, office, company or MLS: fourteen of UTC date and time, twelve of chance.
    AccountId,
    /// The same of a home buyer with a login.
    ConsumerId,
    /// The same of somebody an agent knows.
    ContactId,
    /// The same of an agent's site for home buyers.
    PortalId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_exactly_26_digits() {
        assert!("20261123014000123456789012".parse::<AccountId>().is_ok());
        for bad in ["", "2026112301400012345678901", "202611230140001234567890123", "2026112301400012345678901x"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }
}
