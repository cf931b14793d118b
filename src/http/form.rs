//! A form as it came: what was typed in each field, and what is wrong with it, so that nothing typed is lost when it is shown again.

use std::collections::BTreeMap;

use crate::base::Problems;
use crate::base::text::readable;
use crate::protocol::params::Params;

/// The longest value that is shown again. Units: characters.
const LONGEST: usize = 8192;

/// A form.
#[derive(Debug, Clone, Default)]
pub struct Form {
    values: BTreeMap<String, String>,
    /// What is wrong with it.
    pub problems: Problems,
}

impl Form {
    /// The form a person sent; a field that came twice is empty.
    pub fn sent(params: &Params, problems: Problems) -> Self {
        let values = params.names().filter_map(|name| Some((name.to_owned(), params.text(name)?.to_owned()))).collect();
        Self { values, problems }
    }

    /// The same with a value of ours in a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    /// What stands in a field.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Whether a box is checked.
    pub fn checked(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }
}

/// What a rule found wrong with a form, as its page shows it.
pub fn found(problems: &crate::platform::form::Problems) -> Problems {
    let mut all = Problems::default();
    for (field, sentence) in &problems.0 {
        all.add(field, sentence.clone());
    }
    all
}

/// One line of text from a form: trimmed, without control characters, `None` where nothing is left.
pub fn line(params: &Params, name: &str, longest: usize) -> Option<String> {
    params.text(name).map(|text| readable(text, longest)).filter(|text| !text.is_empty())
}

/// Several lines of text from a form, each as [`line()`] makes it; empty ones are left out.
pub fn lines(params: &Params, name: &str, longest: usize) -> Vec<String> {
    let text = params.text(name).unwrap_or_default();
    text.chars().take(LONGEST).collect::<String>().lines().map(|line| readable(line, longest)).filter(|line| !line.is_empty()).collect()
}
