//! The pages of signing out.

use askama::Template;

use super::{BackLink, Brand, HiddenField, Person};

/// Says that nobody is signed in any more.
#[derive(Debug, Clone, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where to go from here, if the application named a registered place.
    pub back: Option<BackLink>,
    /// Where to sign in again: a path of ours.
    pub again: Option<&'static str>,
}

/// What an identifier of somebody leads to: where such identifiers are given.
#[derive(Debug, Clone, Template)]
#[template(path = "identity.html")]
pub struct IdentityPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where identifiers are given. Spec: OpenID Authentication 2.0 §7.3.3
    pub endpoint: String,
}

/// Asks whether the person meant to sign out; a link alone must not do it.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_out.html")]
pub struct SignOutPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Where the form posts to.
    pub action: String,
    /// Who is signed in.
    pub person: Person,
    /// Shows that the form is ours; the hidden field `form_token`.
    pub form_token: String,
    /// What else the form carries on.
    pub hidden: Vec<HiddenField>,
}
