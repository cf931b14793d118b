//! Pages for people who are signed in: tables of places, each with who may enter and what its form asks for; one door before all of them.
//!
//! Who comes is one class of [`People`] or another: none's session opens another's pages.

mod asked;
mod confirm;
mod enter;
pub mod form_token;
pub mod kept;
mod people;
pub mod said;
mod shown;

pub use asked::{Asked, Given, asked};
pub use people::People;
pub use shown::Shown;

use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource};

use crate::app::App;
use crate::base::Fault;
use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::http::work::Hands;
use crate::store::Conn;

/// Draws a page, or does what a form asks for: one read, or one write.
pub type Work<P> = fn(&App, &mut Conn, &<P as People>::Guest, &Asked) -> Result<Shown, Fault>;

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
pub struct Place<P: People> {
    /// The path, as routes write it.
    pub path: &'static str,
    /// Whose it is.
    pub whose: P::Whose,
    /// What is shown.
    pub get: Option<Work<P>>,
    /// What its form does, and needs.
    pub post: Option<(Needs, Work<P>)>,
}

impl<P: People> Place<P> {
    /// A page.
    pub const fn page(path: &'static str, whose: P::Whose, get: Work<P>) -> Self {
        Self { path, whose, get: Some(get), post: None }
    }

    /// A page with a form.
    pub const fn form(path: &'static str, whose: P::Whose, get: Work<P>, needs: Needs, post: Work<P>) -> Self {
        Self { path, whose, get: Some(get), post: Some((needs, post)) }
    }

    /// A form that stands on other pages.
    pub const fn act(path: &'static str, whose: P::Whose, needs: Needs, post: Work<P>) -> Self {
        Self { path, whose, get: None, post: Some((needs, post)) }
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

/// An address that answers other methods than `allow` with 405.
pub fn at(path: &str, allow: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move |visit: Visit| async move {
        let answer: HttpResponse = Style::Page.wrong_method(&visit, allow);
        answer
    }))
}

/// Mounts the places of one class of people.
pub fn mount<P: People>(config: &mut ServiceConfig, places: impl Iterator<Item = &'static Place<P>>) {
    for place in places {
        let mut resource = at(place.path, place.allow());
        if place.get.is_some() {
            let look = move |app: Hands, visit: Visit, request: HttpRequest| enter::look(app, visit, request, place);
            resource = resource.route(web::get().to(look)).route(web::head().to(look));
        }
        if place.post.is_some() {
            let act =
                move |app: Hands, visit: Visit, request: HttpRequest, payload: Payload| enter::act(app, visit, request, payload, place);
            resource = resource.route(web::post().to(act));
        }
        config.service(resource);
    }
}
