//! Consoles and people's own pages: one table of addresses.

pub mod account;
mod approvals;
mod events;
mod frame;
mod people;
mod registrations;
mod sign_in;
mod staff;

use actix_web::web::{self, ServiceConfig};

use crate::flows::console::enter::Area;
use crate::http::door::{self, Needs};

pub use people::Accounts;

type Place = door::Place<Accounts>;

/// Every address of every console.
pub fn places() -> impl Iterator<Item = &'static Place> {
    account::PLACES.iter().chain(DATAMART).chain(staff::PLACES)
}

/// Where the Datamart's approvals are given, and developers are let in.
const DATAMART: &[Place] = &[
    Place::page("/account/approvals", Area::Account, approvals::list),
    Place::page("/account/approvals/letter/{flow}", Area::Account, approvals::letter),
    Place::page("/account/approvals/{enrolment}", Area::Account, approvals::show),
    Place::act("/account/approvals/{enrolment}/approve", Area::Account, Needs::Session, approvals::approve),
    Place::act("/account/approvals/{enrolment}/decline", Area::Account, Needs::Session, approvals::decline),
    Place::act("/account/approvals/{enrolment}/delegate", Area::Account, Needs::Session, approvals::delegate),
    Place::act("/account/approvals/{enrolment}/comment", Area::Account, Needs::Session, approvals::comment),
    Place::page("/admin/registrations", Area::Admin, registrations::list),
    Place::page("/admin/registrations/{developer}", Area::Admin, registrations::show),
    Place::act("/admin/registrations/{developer}/activate", Area::Admin, Needs::Recent, registrations::activate),
    Place::act("/admin/registrations/{developer}/refuse", Area::Admin, Needs::Recent, registrations::refuse),
];

/// Mounts every address.
pub fn mount(config: &mut ServiceConfig) {
    config.service(door::at("/account/sign-in", "POST").route(web::post().to(sign_in::post)));
    door::mount(config, places());
}
