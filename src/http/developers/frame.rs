//! The frame around the portal's pages: who is here, the rooms.

use crate::flows::datamart::enter::DeveloperGuest;
use crate::http::pages::{Brand, ConsolePage, NavItem, Person, Shell};

/// Where the portal begins.
pub const HOME: &str = "/developers";

const ROOMS: &[(&str, &str, &str)] = &[
    ("nav-overview", "Overview", HOME),
    ("nav-keys", "Keys", "/developers/keys"),
    ("nav-sandbox", "Sandbox", "/developers/sandbox"),
    ("nav-datamart", "Datamart", "/appstore/datamart"),
    ("nav-enrolments", "Enrollments", "/appstore/datamart/enrolments"),
    ("nav-payment", "Invoices", "/appstore/datamart/payment"),
    ("nav-tokens", "Read a token", "/developers/tokens"),
    ("nav-security", "Security", "/developers/security"),
];

/// The frame for a developer who stands at `path`.
pub fn shell(guest: &DeveloperGuest, path: &str) -> Shell {
    // The longest address that leads here is where one is.
    let here = ROOMS.iter().rfind(|(_, _, href)| path == *href || (*href != HOME && path.starts_with(&format!("{href}/"))));
    let nav = ROOMS
        .iter()
        .map(|(id, text, href)| NavItem { id, text, href, current: here.is_some_and(|(_, _, current)| current == href) })
        .collect();
    let facts = &guest.developer.facts;
    Shell {
        person: Some(Person { name: facts.name(), login: facts.email.clone() }),
        sign_out: "/developers/sign-out".to_owned(),
        nav,
        ..open_shell()
    }
}

/// The frame for somebody who is not signed in.
pub fn open_shell() -> Shell {
    Shell { brand: Brand::house(), area: "Developers".to_owned(), home: HOME.to_owned(), ..Shell::default() }
}

/// A page of the portal.
pub fn page(guest: &DeveloperGuest, path: &str, title: &str, lede: &str) -> ConsolePage {
    ConsolePage { shell: shell(guest, path), title: title.to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}

/// A page for somebody who is not signed in.
pub fn open_page(title: &str, lede: &str) -> ConsolePage {
    ConsolePage { shell: open_shell(), title: title.to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}
