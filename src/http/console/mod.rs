//! Consoles and people's own pages: one table of addresses, each with who may enter and what it asks for; one door for all of them.

pub mod account;
mod approvals;
mod door;
mod frame;
mod registrations;
pub mod said;
mod sign_in;
mod staff;

pub use door::{Asked, Given, Held, Shown, asked, respond_to};

use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::base::Fault;
use crate::flows::console::enter::{Area, Guest};
use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::http::work::Hands;
use crate::store::Conn;

/// Draws a page, or does what a form asks for: one read, or one write.
pub type Work = fn(&App, &mut Conn, &Guest, &Asked) -> Result<Shown, Fault>;

/// What a form needs besides a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Session,
    /// A password given within the last five minutes; who gave it earlier is asked for it, with what was typed kept.
    Recent,
    /// The current password in the form itself, and a new one to be hashed.
    NewPassword,
}

/// An address.
pub struct Place {
    /// The path, as routes write it.
    pub path: &'static str,
    /// Who may enter.
    pub area: Area,
    /// What is shown.
    pub get: Option<Work>,
    /// What its form does, and needs.
    pub post: Option<(Needs, Work)>,
}

impl Place {
    const fn page(path: &'static str, area: Area, get: Work) -> Self {
        Self { path, area, get: Some(get), post: None }
    }

    const fn form(path: &'static str, area: Area, get: Work, needs: Needs, post: Work) -> Self {
        Self { path, area, get: Some(get), post: Some((needs, post)) }
    }

    const fn act(path: &'static str, area: Area, needs: Needs, post: Work) -> Self {
        Self { path, area, get: None, post: Some((needs, post)) }
    }

    /// The methods it answers.
    pub const fn allow(&self) -> &'static str {
        match (self.get.is_some(), self.post.is_some()) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            _ => "POST",
        }
    }
}

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
    config.service(
        web::resource("/account/sign-in")
            .route(web::post().to(sign_in::post))
            .default_service(web::to(|visit: Visit| async move { Style::Page.wrong_method(&visit, "POST") })),
    );
    for place in places() {
        let mut resource = web::resource(place.path);
        if place.get.is_some() {
            let look = move |app: Hands, visit: Visit, request: HttpRequest| door::look(app, visit, request, place);
            resource = resource.route(web::get().to(look)).route(web::head().to(look));
        }
        if place.post.is_some() {
            let act =
                move |app: Hands, visit: Visit, request: HttpRequest, payload: Payload| door::act(app, visit, request, payload, place);
            resource = resource.route(web::post().to(act));
        }
        let allow = place.allow();
        config.service(resource.default_service(web::to(move |visit: Visit| async move {
            let answer: HttpResponse = Style::Page.wrong_method(&visit, allow);
            answer
        })));
    }
}
