//! Pages that carry an answer of the authorization endpoint.

use askama::Template;

use super::{Brand, HiddenField};

/// Shows the answer to a program that has no address of its own, so that a person can carry it over.
#[derive(Debug, Clone, Template)]
#[template(path = "callback.html")]
pub struct CallbackPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The answer to show.
    pub answer: CallbackAnswer,
}

impl CallbackPage {
    fn refused(&self) -> bool {
        matches!(self.answer, CallbackAnswer::Refused { .. })
    }
}

/// An authorization response as a person copies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    /// It went well.
    Code {
        /// The code to carry over.
        code: String,
        /// The state it belongs to.
        state: Option<String>,
    },
    /// It did not.
    Refused {
        /// The error word.
        error: String,
        /// What the response says about it. Anybody can write such a link, so the page shows it as a quotation.
        description: Option<String>,
        /// The state it belongs to.
        state: Option<String>,
    },
}

/// Carries an answer back to the application in a form (`response_mode=form_post`), by itself or at a click.
#[derive(Debug, Clone, Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// Whose page it is.
    pub brand: Brand,
    /// The application's registered address.
    pub action: String,
    /// The answer.
    pub fields: Vec<HiddenField>,
}
