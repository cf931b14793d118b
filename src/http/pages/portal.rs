//! The pages of agents' portals, on which home buyers sign in and up: the portal's name, the agent's face, and one thing to do at a time.

#![expect(unused_qualifications, reason = "the derived match of an enum names it in full")]

use askama::Template;
use askama::filters::HtmlSafe;

use super::brand::is_web_link;
use super::parts::{Field, Notice};
use super::{Brand, Person};

/// An agent, as pages show one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCard {
    /// The name.
    pub name: String,
    /// The office.
    pub office: String,
    /// The MLS.
    pub mls: String,
    /// A file under `/static/`; without one the first letter of the name stands in. Nothing is fetched from elsewhere.
    pub photo: Option<String>,
}

impl AgentCard {
    fn initial(&self) -> String {
        self.name.trim_start().chars().take(1).flat_map(char::to_uppercase).collect()
    }
}

/// A page of a portal.
#[derive(Debug, Clone, Template)]
#[template(path = "consumer/page.html")]
pub struct PortalPage {
    /// Whose page it is: the portal stands at the top.
    pub brand: Brand,
    /// Whose portal it is.
    pub agent: Option<AgentCard>,
    /// The heading.
    pub title: String,
    /// A sentence under it.
    pub lede: String,
    /// What just happened, or went wrong.
    pub notice: Option<Notice>,
    /// The parts.
    pub parts: Vec<Part>,
}

impl PortalPage {
    /// Whether a form was refused; the title of the window says so too.
    fn refused(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| !notice.fields.is_empty())
    }
}

/// A part of a portal's page.
#[derive(Debug, Clone, Template)]
#[template(path = "consumer/part.html")]
pub enum Part {
    /// Something to fill in, or a button.
    Form(PortalForm),
    /// Agents to choose from, each with the account's id.
    Agents {
        /// Where the form posts to.
        action: String,
        /// The sealed request.
        flow: String,
        /// The agents.
        agents: Vec<(String, AgentCard)>,
    },
    /// A line between two ways to go on.
    Or(String),
    /// A paragraph.
    Prose(String),
    /// Links: id, words, a path of ours.
    Links(Vec<(&'static str, String, String)>),
}

impl HtmlSafe for Part {}

/// A form with one button.
#[derive(Debug, Clone)]
pub struct PortalForm {
    /// The element's id.
    pub id: &'static str,
    /// Where it posts to: a path of ours.
    pub action: String,
    /// What it sends unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// The fields.
    pub fields: Vec<Field>,
    /// The button's id and words.
    pub submit: (&'static str, String),
    /// The name the button sends.
    pub sends: Option<&'static str>,
    /// Whether it is what most people came for.
    pub main: bool,
}

impl PortalForm {
    /// A form that carries the sealed request on.
    pub fn new(id: &'static str, action: impl Into<String>, flow: &str, submit: (&'static str, &str), fields: Vec<Field>) -> Self {
        let hidden = if flow.is_empty() { Vec::new() } else { vec![("flow", flow.to_owned())] };
        Self { id, action: action.into(), hidden, fields, submit: (submit.0, submit.1.to_owned()), sends: None, main: true }
    }

    /// A button beside the main one, which sends its name.
    #[must_use]
    pub fn aside(mut self, sends: &'static str) -> Self {
        self.sends = Some(sends);
        self.main = false;
        self
    }

    /// The main button, which sends its name.
    #[must_use]
    pub fn sending(mut self, sends: &'static str) -> Self {
        self.sends = Some(sends);
        self
    }
}

/// Asks whether a site may act for a home buyer with an agent.
#[derive(Debug, Clone, Template)]
#[template(path = "consumer/consent.html")]
pub struct PortalConsentPage {
    /// Whose page it is.
    pub brand: Brand,
    /// Whose portal it is.
    pub agent: Option<AgentCard>,
    /// The agent's name.
    pub agent_name: String,
    /// Where the form posts to.
    pub action: String,
    /// The sealed request.
    pub flow: String,
    /// The site's registered name.
    pub site: String,
    /// Its home on the web.
    pub home: String,
    /// Whether somebody has checked who runs it.
    pub verified: bool,
    /// The company or person that runs it, where it has a developer.
    pub owner: Option<String>,
    /// Who is asked.
    pub person: Person,
    /// What is asked for.
    pub permissions: Vec<String>,
    /// What was allowed before, when only the difference is asked for.
    pub already: Vec<String>,
    /// The role in which it acts.
    pub role: String,
    /// The host the browser is sent to, whichever the answer.
    pub redirect_host: String,
    /// How long the permission lasts, as a sentence.
    pub lifetime: String,
}

impl PortalConsentPage {
    fn links(&self) -> bool {
        is_web_link(&self.home)
    }
}
