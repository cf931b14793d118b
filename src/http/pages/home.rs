//! The page at `/`.

use askama::Template;

use super::{Brand, Person};

/// What stands at `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// Whose page it is.
    pub brand: Brand,
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// Where the discovery document is.
    pub discovery: String,
    /// Where health is told.
    pub health: String,
    /// Who is signed in.
    pub current: Option<Person>,
    /// Where they can sign out.
    pub sign_out: String,
}
