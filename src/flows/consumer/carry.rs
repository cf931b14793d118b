//! Carrying a site's request through the pages of an agent's portal: sealed, bound to the browser, for ten minutes.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::base::id::{AccountId, ConsumerId};
use crate::base::{Fault, Seconds, Timestamp};
use crate::flows::carry::FlowRefusal;
use crate::protocol::authorize::request::PARAMETERS;
use crate::protocol::params::Params;

/// How long a page may stay open before its form is refused.
const OPEN_FOR: Seconds = Seconds::minutes(10);
const PURPOSE: &str = "consumer-authorize";
/// Of who signs up: not to be connected with the agent.
pub const UNCONNECTED: &str = "unconnected";

/// Which door was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entrance {
    /// That of one agent's portal, by its name.
    Portal(String),
    /// That of every agent's: who signs in chooses one of their agents.
    Any,
}

/// A site's request, and what happened on our pages since it came.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Which door was opened.
    pub entrance: Entrance,
    /// The parameters.
    pub params: Params,
    /// When it came.
    pub began: Timestamp,
    /// The agent that was chosen.
    pub agent: Option<AccountId>,
    /// The person chose to go on as who is signed in.
    pub chosen: bool,
    /// What was allowed on the consent page, by its words: the terms, and the scopes.
    pub allowed: Option<(String, String)>,
}

impl Ask {
    /// A request that has just come.
    pub fn fresh(entrance: Entrance, params: Params, now: Timestamp) -> Self {
        Self { entrance, params, began: now, agent: None, chosen: false, allowed: None }
    }

    /// A request that was carried through a page.
    pub fn carried(carried: &Carried) -> Self {
        Self {
            entrance: carried.entrance.clone(),
            params: Params::from_form(carried.request.as_bytes()).unwrap_or_default(),
            began: carried.began,
            agent: carried.agent.clone(),
            chosen: carried.chosen,
            allowed: None,
        }
    }

    /// Whether who signs up is not to be connected with the agent.
    pub fn unconnected(&self) -> bool {
        // The parameter is a flag: it says so by standing there.
        self.params.has(UNCONNECTED) && !matches!(self.params.text(UNCONNECTED), Some("false" | "0"))
    }

    /// The request's parameters, as a query.
    pub fn query(&self) -> String {
        let mut names = PARAMETERS.to_vec();
        names.push(UNCONNECTED);
        self.params.to_form(&names)
    }

    /// Seals the request into a page.
    pub fn seal(&self, app: &App, browser: &str, page: Page) -> Result<String, Fault> {
        let carried = Carried {
            entrance: self.entrance.clone(),
            request: self.query(),
            began: self.began,
            agent: self.agent.clone(),
            chosen: self.chosen,
            page,
            sealed_at: app.now(),
        };
        app.seal.seal_flow(PURPOSE, browser.as_bytes(), &serde_json::to_vec(&carried).map_err(Fault::broken)?, &app.random)
    }
}

/// The page that carries a request, and what it showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Page {
    /// Signing in.
    SignIn,
    /// Signing up.
    SignUp,
    /// Between two pages.
    Continue,
    /// Choosing an agent.
    Choose {
        /// Who was asked.
        consumer: ConsumerId,
    },
    /// Connecting with an agent.
    Join {
        /// Who was asked.
        consumer: ConsumerId,
        /// With whom.
        agent: AccountId,
    },
    /// Allowing a site to act.
    Consent {
        /// Who was asked.
        consumer: ConsumerId,
        /// About which scopes.
        shown: String,
        /// On which terms.
        terms: String,
    },
}

/// What a page's hidden field carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Carried {
    entrance: Entrance,
    request: String,
    began: Timestamp,
    agent: Option<AccountId>,
    chosen: bool,
    /// Which page it was put into.
    pub page: Page,
    sealed_at: Timestamp,
}

impl Carried {
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
