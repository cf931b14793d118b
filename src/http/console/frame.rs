//! The frame around a console's pages: whose it is, who is here, the rooms.

use crate::flows::console::enter::{Area, Guest};
use crate::http::oauth::authorize::person;
use crate::http::pages::{Brand, ConsolePage, NavItem, Shell};
use crate::http::respond::brand;

const ACCOUNT: &[(&str, &str, &str)] = &[
    ("nav-overview", "Overview", "/account"),
    ("nav-applications", "Applications", "/account/applications"),
    ("nav-approvals", "Approvals", "/account/approvals"),
    ("nav-sessions", "Sessions", "/account/sessions"),
    ("nav-history", "History", "/account/history"),
    ("nav-security", "Security", "/account/security"),
];

const MLS: &[(&str, &str, &str)] = &[
    ("nav-overview", "Overview", "/mls"),
    ("nav-enrolments", "Enrollments", "/mls/enrolments"),
    ("nav-plans", "Plans", "/mls/plans"),
    ("nav-keys", "Keys", "/mls/keys"),
    ("nav-accounts", "People", "/mls/accounts"),
];

const ADMIN: &[(&str, &str, &str)] = &[
    ("nav-overview", "Overview", "/admin"),
    ("nav-registrations", "Registrations", "/admin/registrations"),
    ("nav-keys", "Keys", "/admin/keys"),
    ("nav-developers", "Developers", "/admin/developers"),
    ("nav-accounts", "People", "/admin/accounts"),
    ("nav-audit", "Audit", "/admin/audit"),
    ("nav-signing", "Signing keys", "/admin/signing"),
    ("nav-outbox", "Outbox", "/admin/outbox"),
];

/// Rooms of an area.
const fn rooms(area: Area) -> &'static [(&'static str, &'static str, &'static str)] {
    match area {
        Area::Account => ACCOUNT,
        Area::Mls => MLS,
        Area::Admin => ADMIN,
    }
}

/// An area's name and beginning.
pub const fn named(area: Area) -> (&'static str, &'static str) {
    match area {
        Area::Account => ("Your account", "/account"),
        Area::Mls => ("MLS console", "/mls"),
        Area::Admin => ("Platform console", "/admin"),
    }
}

/// The frame for somebody who stands at `path`.
pub fn shell(guest: &Guest, area: Area, path: &str) -> Shell {
    let (name, home) = named(area);
    // The longest address that leads here is where one is.
    let here = rooms(area).iter().rfind(|(_, _, href)| path == *href || (*href != home && path.starts_with(&format!("{href}/"))));
    let nav = rooms(area)
        .iter()
        .filter(|(_, _, href)| super::places().any(|place| place.path == *href))
        .map(|(id, text, href)| NavItem { id, text, href, current: here.is_some_and(|(_, _, current)| current == href) })
        .collect();
    let elsewhere = [Area::Account, Area::Mls, Area::Admin]
        .into_iter()
        .filter(|other| *other != area && guest.may_enter(*other) && super::places().any(|place| place.whose == *other))
        .map(named)
        .map(|(name, home)| (name.to_owned(), home.to_owned()))
        .collect();
    Shell {
        // The platform's own console has the face of the house.
        brand: if area == Area::Admin { Brand::house() } else { brand(guest.mls.clone()) },
        area: name.to_owned(),
        home: home.to_owned(),
        person: Some(person(&guest.account)),
        sign_out: "/account/sign-out".to_owned(),
        nav,
        elsewhere,
        crumbs: Vec::new(),
    }
}

/// A page with the frame of its area, one or more steps below the beginning.
pub fn page(guest: &Guest, area: Area, path: &str, title: &str, lede: &str) -> ConsolePage {
    ConsolePage { shell: shell(guest, area, path), title: title.to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}
