//! What happens to an enrolment, what follows from it, and why it does not.

use crate::base::id::AccountId;
use crate::platform::approval::Place;

/// What happens to an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Somebody of the chain says yes to what he was shown.
    Approve {
        /// Who.
        by: &'a AccountId,
        /// The digest of the plan on the page.
        shown: &'a str,
    },
    /// Somebody of the chain says no.
    Decline {
        /// Who.
        by: &'a AccountId,
        /// The digest of the plan on the page.
        shown: &'a str,
        /// Why; the developer reads it.
        reason: &'a str,
    },
    /// Somebody of the chain lets another answer; whether that one may is `approval::may_delegate`'s question.
    Delegate {
        /// Who.
        by: &'a AccountId,
        /// To whom.
        to: &'a AccountId,
    },
    /// The MLS published another version of the plan.
    PlanChanged {
        /// Its digest.
        content: &'a str,
    },
    /// The developer accepts the terms of the plan as it is now.
    Accept {
        /// The digest of the plan on the page.
        shown: &'a str,
    },
    /// The developer takes it back.
    Withdraw,
    /// The MLS ended the plan.
    EndPlan,
    /// Time passed.
    Expire,
    /// Time passed, and nobody answered.
    Remind,
}

/// What follows from an event, besides the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// This place approved.
    Approved(Place),
    /// This place is asked, by letter.
    Ask(Place),
    /// The developer is asked to accept the plan's new terms, by letter.
    AskDeveloper,
    /// Who is waited for is reminded, by letter.
    Remind,
    /// Key and credentials are issued.
    Issue,
    /// It is over: the developer is told, by letter, and no link works any more.
    Close,
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Somebody answered before, or it was withdrawn.
    AlreadyDecided,
    /// Its thirty days are over.
    Over,
    /// Whoever answers is not asked.
    NotYours,
    /// Whoever answers is asked later.
    NotYourTurn,
    /// Whoever answers has answered.
    AlreadyAnswered,
    /// The plan is no longer what the page showed.
    Stale,
    /// A no needs a reason.
    ReasonMissing,
    /// There is time left.
    TooEarly,
    /// Nothing is different from before.
    Same,
}

impl Refusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::AlreadyDecided => "enrolment_already_decided",
            Self::Over => "enrolment_over",
            Self::NotYours => "approval_not_yours",
            Self::NotYourTurn => "approval_not_your_turn",
            Self::AlreadyAnswered => "approval_already_answered",
            Self::Stale => "approval_stale",
            Self::ReasonMissing => "approval_reason_missing",
            Self::TooEarly => "enrolment_too_early",
            Self::Same => "enrolment_same",
        }
    }
}
