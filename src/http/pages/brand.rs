//! Whose page it is, and who and what stands on it.

use crate::platform::naming::PLATFORM;

/// The accents an MLS may choose from; the first is what a page has without a choice.
pub const ACCENTS: [&str; 6] = ["accent-teal", "accent-navy", "accent-forest", "accent-plum", "accent-brick", "accent-slate"];

/// Whose page this is: the MLS stands at the top, not the software.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name at the top of the page.
    pub mls_name: String,
    /// A path under `/static/`; without one the first letter of the name stands in.
    pub logo: Option<String>,
    /// One of [`ACCENTS`]; any other word is as good as none.
    pub accent: Option<String>,
    /// Where members find help: an address, a link or a sentence.
    pub support: Option<String>,
}

impl Brand {
    /// A brand of which only the name is known.
    pub fn named(mls_name: impl Into<String>) -> Self {
        Self { mls_name: mls_name.into(), ..Self::default() }
    }

    /// Our own, for pages that belong to no MLS in particular.
    pub fn house() -> Self {
        Self { logo: Some("/static/favicon.svg".to_owned()), ..Self::named(PLATFORM) }
    }

    /// The stylesheet's class.
    pub(super) fn accent_class(&self) -> &'static str {
        let [first, ..] = ACCENTS;
        ACCENTS.into_iter().find(|known| self.accent.as_deref() == Some(known)).unwrap_or(first)
    }

    /// What stands in for a logo.
    pub(super) fn initial(&self) -> String {
        self.mls_name.trim_start().chars().take(1).flat_map(char::to_uppercase).collect()
    }

    /// Where the support text leads, if anywhere.
    pub(super) fn support_link(&self) -> Option<String> {
        let support = self.support.as_deref()?;
        if is_web_link(support) {
            Some(support.to_owned())
        } else if support.contains('@') && !support.contains(char::is_whitespace) {
            Some(format!("mailto:{support}"))
        } else {
            None
        }
    }
}

/// Whether `uri` may be the target of a link. Applications choose their own address, and `javascript:` is one too.
pub(super) fn is_web_link(uri: &str) -> bool {
    let scheme = uri.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("https" | "http"))
}

/// Somebody with a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// As other people know them: "Ada Agent".
    pub name: String,
    /// What they type to sign in.
    pub login: String,
}

/// A field of a form that the person does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A place to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackLink {
    /// Its name, as in "Return to …".
    pub name: String,
    /// Its address; a registered one, for the page links to it as it is.
    pub href: String,
}
