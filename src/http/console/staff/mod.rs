//! `/mls` and `/admin`: what the staff of an MLS and of the platform work with. Pages that both have are the same, each within its reach.

mod accounts;
mod audit;
mod developers;
mod enrolments;
mod issue;
mod keys;
mod outbox;
mod overview;
mod plan_form;
mod plans;
mod signing;

use super::Place;
use crate::flows::console::enter::Area::{self, Admin, Mls};
use crate::http::door::{Asked, Needs};
use crate::platform::role::Role;

/// The addresses.
pub const PLACES: &[Place] = &[
    Place::page("/mls", Mls, overview::mls),
    Place::page("/mls/enrolments", Mls, enrolments::list),
    Place::page("/mls/enrolments/{enrolment}", Mls, enrolments::show),
    Place::page("/mls/plans", Mls, plans::list),
    Place::form("/mls/plans/new", Mls, plans::new, Needs::Recent, plans::add),
    Place::page("/mls/plans/{plan}", Mls, plans::show),
    Place::form("/mls/plans/{plan}/edit", Mls, plans::edit, Needs::Recent, plans::publish),
    Place::form("/mls/plans/{plan}/end", Mls, plans::ask_to_end, Needs::Recent, plans::end),
    Place::page("/mls/keys", Mls, keys::list),
    Place::form("/mls/keys/new", Mls, issue::form, Needs::Recent, issue::issue),
    Place::page("/mls/keys/{key}", Mls, keys::show),
    Place::act("/mls/keys/{key}/suspend", Mls, Needs::Recent, keys::suspend),
    Place::act("/mls/keys/{key}/resume", Mls, Needs::Recent, keys::resume),
    Place::act("/mls/keys/{key}/verify", Mls, Needs::Recent, keys::verify),
    Place::page("/mls/accounts", Mls, accounts::list),
    Place::page("/mls/accounts/{account}", Mls, accounts::show),
    Place::act("/mls/accounts/{account}/lock", Mls, Needs::Recent, accounts::lock),
    Place::act("/mls/accounts/{account}/unlock", Mls, Needs::Recent, accounts::unlock),
    Place::page("/admin", Admin, overview::admin),
    Place::page("/admin/developers", Admin, developers::list),
    Place::page("/admin/developers/{identity}", Admin, developers::show),
    Place::act("/admin/developers/{identity}/disable", Admin, Needs::Recent, developers::disable),
    Place::act("/admin/developers/{identity}/enable", Admin, Needs::Recent, developers::enable),
    Place::page("/admin/keys", Admin, keys::list),
    Place::form("/admin/keys/new", Admin, issue::form, Needs::Recent, issue::issue),
    Place::page("/admin/keys/{key}", Admin, keys::show),
    Place::act("/admin/keys/{key}/suspend", Admin, Needs::Recent, keys::suspend),
    Place::act("/admin/keys/{key}/resume", Admin, Needs::Recent, keys::resume),
    Place::act("/admin/keys/{key}/verify", Admin, Needs::Recent, keys::verify),
    Place::page("/admin/accounts", Admin, accounts::list),
    Place::page("/admin/accounts/{account}", Admin, accounts::show),
    Place::act("/admin/accounts/{account}/lock", Admin, Needs::Recent, accounts::lock),
    Place::act("/admin/accounts/{account}/unlock", Admin, Needs::Recent, accounts::unlock),
    Place::page("/admin/audit", Admin, audit::list),
    Place::page("/admin/signing", Admin, signing::list),
    Place::act("/admin/signing/rotate", Admin, Needs::Recent, signing::rotate),
    Place::page("/admin/outbox", Admin, outbox::list),
];

/// In which console somebody is. The door has asked whether he may be.
fn area(asked: &Asked) -> Area {
    if asked.path == "/admin" || asked.path.starts_with("/admin/") { Admin } else { Mls }
}

/// Where that console begins.
const fn root(area: Area) -> &'static str {
    super::frame::named(area).1
}

/// What data a role opens, as a sentence.
fn explained(role: Role) -> String {
    let words = role.explained();
    let (first, rest) = words.split_at_checked(1).unwrap_or((words, ""));
    format!("{}{rest}.", first.to_uppercase())
}

/// How many rows are asked for: one more than are shown, to know whether there are more.
const ROWS_AND_ONE: i64 = 26;
