//! `/account`: people's own pages.

mod applications;
mod history;
mod overview;
mod security;
mod sessions;

use super::Place;
use crate::flows::console::enter::Area::Account;
use crate::http::door::Needs;

/// The addresses.
pub const PLACES: &[Place] = &[
    Place::page("/account", Account, overview::show),
    Place::page("/account/applications", Account, applications::list),
    Place::form("/account/applications/{key}/disconnect", Account, applications::ask, Needs::Session, applications::disconnect),
    Place::page("/account/sessions", Account, sessions::list),
    Place::act("/account/sessions/{session}/end", Account, Needs::Recent, sessions::end),
    Place::act("/account/sessions/end-all", Account, Needs::Recent, sessions::end_all),
    Place::page("/account/history", Account, history::list),
    Place::form("/account/security", Account, security::show, Needs::NewPassword, security::change_password),
    Place::form("/account/lock", Account, security::ask_to_lock, Needs::Recent, security::lock),
    Place::act("/account/sign-out", Account, Needs::Session, overview::sign_out),
];
