//! The page that asks whether an application may act for somebody.

use askama::Template;

use super::brand::is_web_link;
use super::{Brand, Person};

/// Asks whether an application may act for the person.
#[derive(Debug, Clone, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where the form posts to.
    pub action: String,
    /// The sealed request, carried on as the hidden field `flow`.
    pub flow: String,
    /// Who asks.
    pub client: ConsentClient,
    /// Who is asked.
    pub person: Person,
    /// What is asked for, each a phrase after "It will be able to": "See your name and e-mail address".
    pub permissions: Vec<String>,
    /// What was allowed before, when only the difference is asked for.
    pub already: Vec<String>,
    /// The host the browser is sent to, whichever the answer.
    pub redirect_host: String,
    /// How long the permission lasts, as a sentence; says so when it does not end by itself.
    pub lifetime: String,
}

/// The application that asks for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentClient {
    /// Its registered name.
    pub name: String,
    /// Its home on the web; becomes a link only if it is http or https.
    pub application_uri: Option<String>,
    /// Whether somebody has checked who runs it.
    pub verified: bool,
    /// The company or person that runs it; of an unverified one the page says that this is only claimed.
    pub owner: Option<String>,
}

impl ConsentClient {
    fn links(&self) -> bool {
        self.application_uri.as_deref().is_some_and(is_web_link)
    }
}
