//! What was asked for at a place.

use actix_web::HttpRequest;

use crate::http::cookies;
use crate::http::form::line;
use crate::protocol::params::Params;

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The parts of the path that vary, as (name, value).
    pub parts: Vec<(String, String)>,
    /// The query.
    pub query: Params,
    /// The form.
    pub form: Params,
    /// What became of the password in the form, where the form asks for one.
    pub password: Given,
    /// The hash of the new password in the form, where there is a good one.
    pub hash: Option<String>,
    /// The browser it comes from, to which pages behind letters are bound; empty where it has no cookie of ours.
    pub browser: String,
}

/// What became of a password in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given {
    /// It was not asked for, or not given.
    #[default]
    Not,
    /// It fits.
    Right,
    /// It does not, or may not be tried; this is the sentence for the field.
    Wrong(String),
}

impl Asked {
    /// The number in a part of the path; none that a row could have where it is none.
    pub fn number(&self, name: &str) -> i64 {
        let text = self.part(name);
        text.parse::<i64>().ok().filter(|number| *number > 0 && number.to_string() == text).unwrap_or(-1)
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// What is looked up.
    pub fn search(&self) -> String {
        line(&self.query, "q", 128).unwrap_or_default()
    }

    /// Behind which row the page begins, as a number.
    pub fn after(&self) -> Option<i64> {
        self.query.text("after")?.parse().ok()
    }
}

/// What a request asks for, with the form it carries.
pub fn asked(request: &HttpRequest, form: Params) -> Asked {
    let parts = request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    Asked {
        path: request.path().to_owned(),
        parts,
        query,
        form,
        browser: cookies::browser_id(request).unwrap_or_default(),
        ..Asked::default()
    }
}
