//! Where an enrolment stands: in rows, on pages, and whether anything can still happen.

use crate::platform::approval::Place;

/// Where an enrolment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Somebody of the chain has to answer.
    Awaiting(Place),
    /// The plan changed on the way: all have approved it, and the developer has yet to accept its new terms.
    AwaitingDeveloper,
    /// The key was issued.
    Issued,
    /// Somebody of the chain said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The developer took it back.
    Withdrawn,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Awaiting(Place::Agent),
        Self::Awaiting(Place::Broker),
        Self::Awaiting(Place::Association),
        Self::AwaitingDeveloper,
        Self::Issued,
        Self::Declined,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// As rows spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Awaiting(Place::Agent) => "awaiting_agent",
            Self::Awaiting(Place::Broker) => "awaiting_broker",
            Self::Awaiting(Place::Association) => "awaiting_association",
            Self::AwaitingDeveloper => "awaiting_developer",
            Self::Issued => "issued",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a row's word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == text)
    }

    /// Whether anything can still happen.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Awaiting(_) | Self::AwaitingDeveloper)
    }

    /// As pages say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Awaiting(Place::Agent) => "Waiting for the agent",
            Self::Awaiting(Place::Broker) => "Waiting for the broker",
            Self::Awaiting(Place::Association) => "Waiting for the association",
            Self::AwaitingDeveloper => "Waiting for you: the plan has changed",
            Self::Issued => "Issued",
            Self::Declined => "Declined",
            Self::Expired => "Expired",
            Self::Withdrawn => "Withdrawn",
        }
    }
}
