//! Whose page it is: the portal's name, the agent's face, the MLS's colours.

use crate::flows::consumer::look::{Host, Shown};
use crate::http::pages::{AgentCard, Brand, PortalPage};
use crate::http::respond;
use crate::identity::account::Account;

/// The brand of a portal's pages; our own where no agent is chosen yet.
pub fn brand(host: Option<&Host>) -> Brand {
    let Some(host) = host else { return Brand::house() };
    let face = respond::brand(host.mls.clone());
    Brand { mls_name: host.portal.display_name.clone(), logo: None, ..face }
}

/// An agent as pages show one. Only a picture of ours is shown: pages on which passwords are typed fetch nothing from elsewhere.
pub fn card(agent: &Account) -> AgentCard {
    let photo = agent.profile.images.iter().find(|image| image.kind == "Photo").map(|image| image.uri.as_str());
    AgentCard {
        name: agent.profile.name.clone(),
        office: agent.profile.office.clone(),
        mls: agent.mls_name.clone(),
        photo: photo.filter(|uri| uri.starts_with("/static/") && !uri.contains("..")).map(str::to_owned),
    }
}

/// An empty page of a portal.
pub fn page(host: Option<&Host>, title: impl Into<String>, lede: impl Into<String>) -> PortalPage {
    PortalPage {
        brand: brand(host),
        agent: host.map(|host| card(&host.agent)),
        title: title.into(),
        lede: lede.into(),
        notice: None,
        parts: Vec::new(),
    }
}

/// "to continue to Harborview Homes (harborview.example)"
pub fn towards(shown: &Shown) -> String {
    format!("to continue to {} ({})", crate::base::text::readable(&shown.registered.key.name, 128), shown.destination.host())
}
