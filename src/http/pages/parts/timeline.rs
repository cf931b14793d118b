//! What happened and what is still to come, step by step.

use askama::Template;

/// Steps, first one first.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/timeline.html")]
pub struct Timeline {
    /// The element's id.
    pub id: &'static str,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// How it stands.
    pub state: StepState,
    /// What it is.
    pub title: String,
    /// When it happened, or what it waits for.
    pub when: String,
    /// More about it.
    pub text: String,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It is done.
    Done,
    /// It is what everything waits for.
    Current,
    /// It comes later.
    Later,
    /// It ended badly.
    Failed,
}

impl StepState {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Current => "current",
            Self::Later => "later",
            Self::Failed => "failed",
        }
    }

    /// The same for who cannot see the mark.
    const fn words(self) -> &'static str {
        match self {
            Self::Done => "Done:",
            Self::Current => "Now:",
            Self::Later => "Later:",
            Self::Failed => "Ended:",
        }
    }
}
