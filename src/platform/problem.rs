//! What is wrong with a request to the platform's API that access itself lets through.

use super::access::AccessRefusal;
use super::rate::Excess;

/// What is wrong with one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The attribute, as the API spells it.
    pub attribute: String,
    /// A sentence that says what it must be.
    pub message: String,
}

impl FieldProblem {
    /// A problem of `attribute`.
    pub fn of(attribute: impl Into<String>, message: impl Into<String>) -> Self {
        Self { attribute: attribute.into(), message: message.into() }
    }
}

/// Why the API does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiProblem {
    /// The caller may not.
    Access(AccessRefusal),
    /// The body is no JSON object in an envelope, or not sent as `application/json`.
    NotJson,
    /// Required attributes or parameters are missing.
    Missing(Vec<FieldProblem>),
    /// Attributes or parameters break a constraint.
    Constraint(Vec<FieldProblem>),
    /// It would conflict with what is there.
    Conflict(Vec<FieldProblem>),
    /// The `_filter` cannot be understood.
    Query {
        /// What is wrong, in one sentence.
        message: String,
        /// Where. Units: characters from the beginning, counted from 0.
        position: usize,
    },
    /// The `_filter` is longer or more complex than is read.
    QueryTooComplex(&'static str),
    /// The key has used up what it may ask for.
    TooMany(Excess),
    /// The contact has no portal account, and one is needed.
    PortalAccountMissing,
    /// The contact has a portal account already.
    PortalAccountExists,
    /// What was sent to prove something, such as the old password, does not fit.
    ProofWrong(Vec<FieldProblem>),
    /// What was used before must not be used again, such as the old password.
    Reused(Vec<FieldProblem>),
}

impl ApiProblem {
    /// One attribute that breaks a constraint.
    pub fn constraint(attribute: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Constraint(vec![FieldProblem::of(attribute, message)])
    }

    /// No such thing, or somebody else's: the two look the same.
    pub const fn not_found() -> Self {
        Self::Access(AccessRefusal::NotFound)
    }

    /// The platform's code and the HTTP status that goes with it.
    pub const fn code_and_status(&self) -> (u16, u16) {
        match self {
            Self::Access(refusal) => refusal.code_and_status(),
            Self::NotJson => (1035, 400),
            Self::Missing(_) => (1050, 400),
            Self::Constraint(_) => (1053, 400),
            Self::Conflict(_) => (1055, 409),
            Self::Query { .. } => (1040, 400),
            Self::QueryTooComplex(_) => (1041, 400),
            Self::TooMany(_) => (1550, 429),
            Self::PortalAccountMissing => (1100, 403),
            Self::PortalAccountExists => (1110, 409),
            Self::ProofWrong(_) => (1060, 400),
            Self::Reused(_) => (1061, 400),
        }
    }

    /// A sentence for the caller; of the request it says attribute names only.
    pub fn message(&self) -> String {
        let listed = |said: &str, problems: &[FieldProblem]| {
            format!("{said}: {}", problems.iter().map(|problem| problem.attribute.as_str()).collect::<Vec<_>>().join(", "))
        };
        match self {
            Self::Access(refusal) => refusal.sentence().to_owned(),
            Self::NotJson => "Request body is not valid JSON".to_owned(),
            Self::Missing(problems) => listed("A required parameter is missing", problems),
            Self::Constraint(problems) => listed("A parameter does not meet its constraint", problems),
            Self::Conflict(problems) => listed("The request conflicts with existing data", problems),
            Self::Query { .. } => "The query cannot be understood".to_owned(),
            Self::QueryTooComplex(_) => "The query is too long or too complex".to_owned(),
            Self::TooMany(excess) => excess.limit.sentence().to_owned(),
            Self::PortalAccountMissing => "The contact does not have a portal account".to_owned(),
            Self::PortalAccountExists => "The contact already has a portal account".to_owned(),
            Self::ProofWrong(problems) => listed("A value sent for validation does not match", problems),
            Self::Reused(problems) => listed("Earlier data must not be used again", problems),
        }
    }

    /// What is wrong, attribute by attribute.
    pub fn fields(&self) -> &[FieldProblem] {
        match self {
            Self::Missing(problems)
            | Self::Constraint(problems)
            | Self::Conflict(problems)
            | Self::ProofWrong(problems)
            | Self::Reused(problems) => problems,
            _ => &[],
        }
    }

    /// The audit's and the log's word for it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Access(refusal) => refusal.reason(),
            Self::NotJson => "body_unreadable",
            Self::Missing(_) => "parameter_missing",
            Self::Constraint(_) => "constraint_broken",
            Self::Conflict(_) => "conflict",
            Self::Query { .. } => "query_unreadable",
            Self::QueryTooComplex(_) => "query_too_complex",
            Self::TooMany(excess) => excess.limit.reason(),
            Self::PortalAccountMissing => "portal_account_missing",
            Self::PortalAccountExists => "portal_account_exists",
            Self::ProofWrong(_) => "proof_wrong",
            Self::Reused(_) => "reused",
        }
    }
}

impl From<AccessRefusal> for ApiProblem {
    fn from(refusal: AccessRefusal) -> Self {
        Self::Access(refusal)
    }
}
