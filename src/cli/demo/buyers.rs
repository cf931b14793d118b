//! The demo's home buyers, and the portals of agents at which they sign in.

use super::people::PASSWORD;
use crate::cli::failure::Failure;
use crate::flows::operate::Desk;
use crate::flows::operate::portals::{self, Buyer};
use crate::flows::operate::set_password::hash;
use crate::identity::password::Password;
use crate::platform::portal::Required;

/// A home buyer to sign in as.
pub struct DemoBuyer {
    /// What they sign in with.
    pub login: &'static str,
    /// Name and part, for a person who chooses.
    pub who: &'static str,
    /// The portal at which they are known, by its name.
    pub portal: String,
}

const PORTALS: [(&str, &str, Required); 2] = [
    ("cv.ada", "Ada's Homes", Required { address: false, phone: true }),
    ("cv.ben", "Ben's Listings", Required { address: false, phone: false }),
];

/// Given name, family name, address, telephone, agents, and who it is.
type Known = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const BUYERS: [Known; 2] = [
    ("Cara", "Customer", "cara@home.example", "509-555-0171", &["cv.ada"], "Cara Customer, who buys a home with Ada Agent"),
    ("Tom", "Twice", "tom@home.example", "509-555-0172", &["cv.ada", "cv.ben"], "Tom Twice, who looks with Ada Agent and with Ben Broker"),
];

/// Sees to it that portals and buyers are there; who is there already keeps what they have.
pub fn invite(desk: &Desk) -> Result<Vec<DemoBuyer>, Failure> {
    let mut names = Vec::new();
    for (agent, display_name, required) in PORTALS {
        names.push(portals::portal(desk, agent, display_name, required)??);
    }
    let hash = hash(desk, Password::typed(PASSWORD).ok_or_else(|| Failure::other("the demo's password is too long"))?)?;
    let portal = names.first().cloned().unwrap_or_default();
    let mut buyers = Vec::new();
    for (given_name, family_name, login, phone, agents, who) in BUYERS {
        let text = str::to_owned;
        let buyer = Buyer { email: text(login), given_name: text(given_name), family_name: text(family_name), phone: text(phone) };
        portals::consumer(desk, &buyer, &hash, agents)??;
        buyers.push(DemoBuyer { login, who, portal: portal.clone() });
    }
    Ok(buyers)
}
