//! Whose page it is: the portal's name, the agent's face, the MLS's colours.

use crate::flows::consumer::look::{Host, Shown};
use crate::http::pages::{AgentCard, Brand, PortalPage};
use crate::http::respond;

/// The brand of a portal's pages; our own where no agent is chosen yet.
pub fn brand(host: Option<&Host>) -> Brand {
    let Some(host) = host else { return Brand::house() };
    let face = respond::brand(host.mls.clone());
    Brand { mls_name: host.portal.display_name.clone(), logo: None, ..face }
}

/// The agent whose portal it is, as pages show one.
pub fn card(host: &Host) -> AgentCard {
    AgentCard {
        name: host.agent.profile.name.clone(),
        office: host.agent.profile.office.clone(),
        mls: host.agent.mls_name.clone(),
        photo: host.photo.clone(),
    }
}

/// An empty page of a portal.
pub fn page(host: Option<&Host>, title: impl Into<String>, lede: impl Into<String>) -> PortalPage {
    PortalPage { brand: brand(host), agent: host.map(card), title: title.into(), lede: lede.into(), notice: None, parts: Vec::new() }
}

/// "to continue to Harborview Homes (harborview.example)"
pub fn towards(shown: &Shown) -> String {
    format!("to continue to {} ({})", crate::base::text::readable(&shown.registered.key.name, 128), shown.destination.host())
}
