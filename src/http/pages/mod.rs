//! What a person sees on the way through signing in: one struct per page, each drawn by the template of its name.
//!
//! The ids of form fields and buttons are a contract: tests, password managers and people's scripts find them by name.
//! No page has inline script or style, because the content security policy allows none.

mod answers;
mod brand;
mod consent;
mod console;
mod home;
mod leaving;
pub mod parts;
mod portal;
mod reference;
mod refusal;
mod sign_in;
#[cfg(test)]
pub(in crate::http) mod tests;

pub use answers::{CallbackAnswer, CallbackPage, FormPostPage};
pub use brand::{ACCENTS, BackLink, Brand, HiddenField, Person};
pub use consent::{ConsentClient, ConsentPage};
pub use console::{ConsolePage, NavItem, Shell};
pub use home::HomePage;
pub use leaving::{IdentityPage, SignOutPage, SignedOutPage};
pub use portal::{AgentCard, Part, PortalConsentPage, PortalForm, PortalPage};
pub use reference::{Attribute, ReferenceOperation, ReferencePage, ReferenceService};
pub use refusal::ErrorPage;
pub use sign_in::{KEPT, SignInClient, SignInPage, SignInProblem};

use std::sync::LazyLock;

use crate::base::Digest;
use crate::http::assets::ASSETS;

/// A short word that changes whenever any file under `/static/` does, so that browsers may keep those files for ever.
pub fn asset_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let bytes: Vec<u8> = ASSETS.iter().flat_map(|(_, _, bytes)| bytes.iter().copied()).collect();
        Digest::of(&bytes).hex().chars().take(12).collect()
    });
    &VERSION
}
