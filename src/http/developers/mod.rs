//! The developer portal: one table of addresses.
//!
//! Developers are a class of people of their own: their session is another cookie than an account's, and neither opens the other's pages.

mod credentials;
mod datamart;
mod enrolments;
pub mod frame;
mod keys;
pub mod letters;
mod overview;
mod payment;
mod people;
mod register;
mod reset;
mod sandbox;
mod security;
mod sign_in;
pub mod story;
mod suspension;
mod tokens;

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};

use crate::http::door::{self, Needs, at};
use crate::http::limit::Failures;
use crate::http::visit::Visit;
use crate::http::work::Hands;

pub use people::{Developers, Who};

type Place = door::Place<Developers>;

pub use enrolments::sentence;
pub use register::too_many;

const OWN: &[Place] = &[
    Place::page("/developers", Who::SignedIn, overview::show),
    Place::form("/developers/credentials/letter/{flow}", Who::Activated, credentials::ask, Needs::Session, credentials::show),
    Place::act("/developers/credentials/again", Who::Activated, Needs::Session, credentials::again),
    Place::form("/developers/keys/{key}/suspension", Who::Activated, suspension::show, Needs::Session, suspension::appeal),
    Place::page("/developers/keys", Who::Activated, keys::list::show),
    Place::form("/developers/keys/new", Who::Activated, keys::wizard::choose, Needs::Session, keys::wizard::chosen),
    Place::form("/developers/keys/new/{kind}", Who::Activated, keys::wizard::ask, Needs::Recent, keys::wizard::make),
    Place::form("/developers/keys/{key}", Who::Activated, keys::one::show, Needs::Recent, keys::one::change),
    Place::form("/developers/keys/{key}/delete", Who::Activated, keys::remove::ask, Needs::Recent, keys::remove::delete),
    Place::page("/developers/keys/{key}/requests", Who::Activated, keys::requests::show),
    Place::act("/developers/keys/{key}/secrets", Who::Activated, Needs::Recent, keys::secrets::make),
    Place::act("/developers/keys/{key}/secrets/{secret}/end", Who::Activated, Needs::Recent, keys::secrets::end),
    Place::act("/developers/keys/{key}/secrets/{secret}/delete", Who::Activated, Needs::Recent, keys::secrets::delete),
    Place::form("/developers/keys/{key}/try", Who::Activated, keys::trial::show, Needs::Session, keys::trial::build),
    Place::form("/developers/tokens", Who::Activated, tokens::show, Needs::Session, tokens::read),
    Place::form("/developers/sandbox", Who::Activated, sandbox::show, Needs::NewPassword, sandbox::set),
    Place::form("/developers/security", Who::SignedIn, security::show, Needs::NewPassword, security::change),
    Place::act("/developers/security/sessions/{session}/end", Who::SignedIn, Needs::Session, security::end),
    Place::page("/appstore/datamart", Who::Activated, datamart::search),
    Place::form("/appstore/datamart/payment", Who::Activated, payment::show, Needs::Session, payment::put),
    Place::page("/appstore/datamart/enrolments", Who::Activated, enrolments::list),
    Place::page("/appstore/datamart/enrolments/{enrolment}", Who::Activated, enrolments::one),
    Place::act("/appstore/datamart/enrolments/{enrolment}/withdraw", Who::Activated, Needs::Session, enrolments::withdraw),
    Place::act("/appstore/datamart/enrolments/{enrolment}/accept", Who::Activated, Needs::Session, enrolments::accept),
    Place::act("/appstore/datamart/enrolments/{enrolment}/comment", Who::Activated, Needs::Session, enrolments::comment),
    Place::page("/appstore/datamart/plans/{plan}", Who::Activated, datamart::plan),
    Place::form("/appstore/datamart/plans/{plan}/enrol", Who::Activated, datamart::form, Needs::Session, datamart::enrol),
    Place::page("/appstore/datamart/{mls}", Who::Activated, datamart::mls),
    Place::act("/developers/sign-out", Who::SignedIn, Needs::Session, overview::sign_out),
];

/// Every address of the portal.
pub fn places() -> impl Iterator<Item = &'static Place> {
    OWN.iter()
}

/// A page for people who are not signed in, and the form on it.
macro_rules! open {
    ($config:ident, $path:literal, $get:expr, $post:expr) => {
        $config.service(at($path, "GET, HEAD, POST").route(web::get().to($get)).route(web::head().to($get)).route(web::post().to($post)))
    };
}

/// Mounts every address: those with a fixed word before those where anything may stand.
pub fn mount(config: &mut ServiceConfig) {
    open!(config, "/register/developers", register::get, register::post);
    open!(config, "/register/developers/verify/letter/{flow}", register::verify_get, register::verify_post);
    open!(config, "/developers/sign-in", sign_in::get, sign_in::post);
    open!(config, "/developers/reset", reset::get, reset::post);
    open!(config, "/developers/reset/letter/{flow}", reset::set_get, reset::set_post);
    door::mount(config, places());
    for (purpose, path, on) in letters::LETTERS {
        let open = move |app: Hands, visit: Visit, failures: web::Data<Failures>, request: HttpRequest| {
            letters::open(app, visit, failures, request, purpose, on)
        };
        config.service(at(path, "GET, HEAD").route(web::get().to(open)).route(web::head().to(open)));
    }
}
