//! Carrying an authorization request through our pages: sealed, bound to the browser, for ten minutes.
//!
//! Nothing is written for somebody who has not signed in, and twenty tabs work side by side.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::id::AccountId;
use crate::base::{Fault, Seconds, Timestamp};
use crate::protocol::authorize::Surface;
use crate::protocol::params::Params;

/// How long a page may stay open before its form is refused.
const OPEN_FOR: Seconds = Seconds::minutes(10);

const PURPOSE: &str = "authorize";

/// What a page's hidden field carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Carried {
    /// Which of the two authorization pages was opened.
    pub surface: Surface,
    /// The request as it came; it is checked again at every step.
    pub request: String,
    /// When the request came.
    pub began: Timestamp,
    /// The person chose to go on as who is signed in.
    pub chosen: bool,
    /// Which page it was put into.
    pub page: Page,
    /// When it was put there.
    pub sealed_at: Timestamp,
}

/// The page that carries the request, and what it showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    /// The sign-in page.
    SignIn,
    /// Between two pages.
    Continue,
    /// The consent page.
    Consent {
        /// Who was asked.
        account: AccountId,
        /// About which scopes.
        shown: String,
        /// On which terms.
        terms: String,
    },
}

/// Why what a page carried does not lead on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowRefusal {
    /// Missing, altered, of another browser, another page or another person.
    Foreign,
    /// The page was open for too long.
    Over,
}

impl FlowRefusal {
    /// The audit's and the log's word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Foreign => "flow_foreign",
            Self::Over => "flow_over",
        }
    }
}

impl Carried {
    /// The request's parameters.
    pub fn params(&self) -> Params {
        Params::from_form(self.request.as_bytes()).unwrap_or_default()
    }

    /// Seals this into a hidden field of a page that only `browser` can send back.
    pub fn seal(&self, app: &App, browser: &str) -> Result<String, Fault> {
        let plain = serde_json::to_vec(self).map_err(Fault::broken)?;
        app.seal.seal_flow(PURPOSE, browser.as_bytes(), &plain, &app.random)
    }

    /// Opens the field `flow` that this browser sends back from one of the pages that fit.
    ///
    /// Refuses: see [`FlowRefusal`].
    pub fn open(app: &App, browser: &str, params: &Params, fits: impl Fn(&Page) -> bool) -> Result<Self, FlowRefusal> {
        let text = params.one("flow").ok().flatten().unwrap_or_default();
        let plain = app.seal.open_flow(PURPOSE, browser.as_bytes(), text).ok_or(FlowRefusal::Foreign)?;
        let carried: Self = serde_json::from_slice(&plain).map_err(|_| FlowRefusal::Foreign)?;
        match carried {
            carried if !fits(&carried.page) => Err(FlowRefusal::Foreign),
            carried if app.now() < carried.sealed_at + OPEN_FOR => Ok(carried),
            _ => Err(FlowRefusal::Over),
        }
    }
}
