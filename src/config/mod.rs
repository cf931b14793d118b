//! What the operator decides: read from a file, the environment and flags, checked as a whole, and typed.
//!
//! One table (`names.rs`) says which names exist, what they take and what holds without them; reading, the list of
//! unknown names, the commented example and README's table all follow it.

mod build;
mod example;
mod files;
mod names;
mod problems;
mod raw;
mod settings;
mod values;

pub use example::{commented_example, markdown_table};
pub use problems::{Problem, Problems};
pub use settings::{
    DatabaseUrl, Lifetimes, LogFormat, LogSettings, MailEncryption, MailSettings, MailTransport, Rates, Sessions, Settings,
    SigningSettings, SmtpSettings, TlsFiles,
};

use std::collections::BTreeMap;
use std::path::Path;

impl Settings {
    /// Reads the settings: `file` (TOML), over it the `environment` (`LATCHKEY_MAIL__HOST` is `mail.host`; other variables
    /// are not ours), over it `flags` by dotted name. A secret may come from a file named by `…_file` in any of them, and
    /// never as a flag.
    ///
    /// # Errors
    /// Every problem found, not only the first: unknown names, wrong types and values, what is missing or contradictory,
    /// files that others can read although they hold a secret. No value is ever repeated.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &BTreeMap<String, String>,
    ) -> Result<Self, Problems> {
        let raw = raw::Raw::read(file, environment, flags);
        build::build(raw)
    }
}

#[cfg(test)]
mod tests;
