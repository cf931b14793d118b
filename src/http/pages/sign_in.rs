//! The page that asks for login name and password.

use askama::Template;

use super::{Brand, Person};

/// Asks for login name and password.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where every form of the page posts to.
    pub action: String,
    /// The sealed request, carried on as the hidden field `flow`.
    pub flow: String,
    /// The application the person comes from, when one is known; there is a way back to it.
    pub client: Option<SignInClient>,
    /// The login name typed before, so that it need not be typed again.
    pub login: String,
    /// What went wrong the last time.
    pub problem: Option<SignInProblem>,
    /// Who is signed in already and may go on with one click.
    pub current: Option<Person>,
}

/// What is said to somebody whose form came after the session was over.
pub const KEPT: &str = "Sign in to continue; what you typed is kept.";

/// The application a person signs in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInClient {
    /// Its registered name.
    pub name: String,
    /// The host of its site.
    pub site: Option<String>,
}

/// Why the sign-in page is shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInProblem {
    /// Login and password do not belong together. Which of them is wrong is nobody's business.
    WrongLogin,
    /// Too many attempts; the next is heard after so many minutes.
    Throttled {
        /// Units: minutes, at least 1.
        minutes: u64,
    },
    /// Nobody did: the session was over when a form was sent, and what was typed is kept.
    SignedOut,
    /// Something that is not the fault of what was typed, such as a page left open too long. A whole sentence.
    Notice(String),
}

impl SignInProblem {
    // Nobody did anything wrong by leaving a page open, so that is not said in red.
    fn class(&self) -> &'static str {
        match self {
            Self::Notice(_) | Self::SignedOut => "notice",
            Self::WrongLogin | Self::Throttled { .. } => "problem",
        }
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::WrongLogin => "That login name and password do not match.",
            Self::Throttled { .. } => "Too many attempts.",
            Self::SignedOut => "You were signed out.",
            Self::Notice(_) => "Please sign in again.",
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::WrongLogin => "Check both and try again. Capital letters in the password matter.".to_owned(),
            Self::Throttled { minutes: 0 | 1 } => "Try again in 1 minute.".to_owned(),
            Self::Throttled { minutes } => format!("Try again in {minutes} minutes."),
            Self::SignedOut => KEPT.to_owned(),
            Self::Notice(sentence) => sentence.clone(),
        }
    }
}

impl SignInPage {
    fn doubts_fields(&self) -> bool {
        self.problem == Some(SignInProblem::WrongLogin)
    }

    // A person who may go on with one click is not dragged past that button to a field.
    fn starts_in_fields(&self) -> bool {
        self.current.is_none() || self.problem.is_some()
    }

    fn starts_at_login(&self) -> bool {
        self.starts_in_fields() && self.login.is_empty()
    }

    fn starts_at_password(&self) -> bool {
        self.starts_in_fields() && !self.login.is_empty()
    }
}
