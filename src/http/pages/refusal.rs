//! The page that says that something cannot go on.

use askama::Template;

use super::Brand;

/// Says that something cannot go on, and what to do about it. Serves refusals, broken machines and busy ones alike.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The heading: "This link cannot be used".
    pub title: String,
    /// What happened, in a sentence or two.
    pub explanation: String,
    /// What to do next.
    pub next: String,
    /// The error word of the protocol; `id="error-code"`.
    pub code: String,
    /// The request's id in our logs; `id="error-id"`.
    pub request_id: String,
    /// Where to go on from here: words, and a path of ours.
    pub way_out: Option<(&'static str, &'static str)>,
}

impl ErrorPage {
    /// The page for a moment when there is more to do than hands.
    pub fn busy(brand: Brand, request_id: impl Into<String>) -> Self {
        Self {
            brand,
            title: "We are busy".to_owned(),
            explanation: "More people are signing in than we can serve at this moment. Nothing is lost.".to_owned(),
            next: "Wait a few seconds, then load this page again.".to_owned(),
            code: "temporarily_unavailable".to_owned(),
            request_id: request_id.into(),
            way_out: None,
        }
    }

    /// The page for a fault of ours, which tells nothing of its cause.
    pub fn broken(brand: Brand, request_id: impl Into<String>) -> Self {
        Self {
            brand,
            title: "Something went wrong here".to_owned(),
            explanation: "The problem is on our side and has been logged.".to_owned(),
            next: "Try again in a few minutes. If it happens again, ask for help and give the request number below.".to_owned(),
            code: "server_error".to_owned(),
            request_id: request_id.into(),
            way_out: None,
        }
    }
}
