//! Doors for home buyers: agents' portals, links in letters, and people's own page. A consumer's session is another cookie than an
//! account's, and neither opens the other's pages.

mod begin;
mod choose;
mod consent;
mod face;
mod invitation;
mod join;
mod own;
mod own_sign_in;
mod people;
mod porch;
mod reset;
mod sign_in;
mod sign_up;
mod verify;
mod walk;

use actix_web::HttpRequest;
use actix_web::web::{self, ServiceConfig};

use crate::flows::datamart::link::Purpose;
use crate::http::developers::letters;
use crate::http::door::{self, at};
use crate::http::limit::Failures;
use crate::http::visit::Visit;
use crate::http::work::Hands;

pub use people::Consumers;

/// Links in letters: where they are opened, and where they lead on to.
const LETTERS: [(Purpose, &str, &str); 3] = [
    (Purpose::ConsumerVerify, "/r/verify/{secret}", "/r/verify/letter"),
    (Purpose::ConsumerReset, "/r/reset/{secret}", "/r/reset/letter"),
    (Purpose::Invitation, "/r/invitation/{secret}", "/r/invitation/letter"),
];

/// A page.
macro_rules! page {
    ($config:ident, $path:literal, $get:expr) => {
        $config.service(at($path, "GET, HEAD").route(web::get().to($get)).route(web::head().to($get)))
    };
}

/// A form that stands on other pages.
macro_rules! act {
    ($config:ident, $path:literal, $post:expr) => {
        $config.service(at($path, "POST").route(web::post().to($post)))
    };
}

/// A page and the form on it.
macro_rules! both {
    ($config:ident, $path:literal, $get:expr, $post:expr) => {
        $config.service(at($path, "GET, HEAD, POST").route(web::get().to($get)).route(web::head().to($get)).route(web::post().to($post)))
    };
}

/// Every address for who is signed in.
pub fn places() -> impl Iterator<Item = &'static door::Place<Consumers>> {
    own::PLACES.iter()
}

/// Mounts every address.
pub fn mount(config: &mut ServiceConfig) {
    page!(config, "/auth/vow", begin::any);
    page!(config, "/auth/vow/{portal}", begin::portal);
    page!(config, "/r/login/{portal}", begin::portal);
    page!(config, "/r/login/{portal}/signup", sign_up::get);
    page!(config, "/r/login/{portal}/signup/", sign_up::get);
    page!(config, "/auth/consumer/continue", begin::go_on);
    act!(config, "/auth/consumer/sign-in", sign_in::post);
    act!(config, "/auth/consumer/sign-up", sign_up::post);
    act!(config, "/auth/consumer/choose", choose::post);
    act!(config, "/auth/consumer/join", join::post);
    act!(config, "/auth/consumer/consent", consent::post);
    both!(config, "/r/verify/letter/{flow}", verify::get, verify::post);
    both!(config, "/r/reset/letter/{flow}", reset::set_get, reset::set_post);
    both!(config, "/r/invitation/letter/{flow}", invitation::get, invitation::post);
    both!(config, "/my/forgot", reset::get, reset::post);
    both!(config, "/my/sign-in", own_sign_in::get, own_sign_in::post);
    door::mount(config, places());
    for (purpose, path, on) in LETTERS {
        let open = move |app: Hands, visit: Visit, failures: web::Data<Failures>, request: HttpRequest| {
            letters::open(app, visit, failures, request, purpose, on)
        };
        config.service(at(path, "GET, HEAD").route(web::get().to(open)).route(web::head().to(open)));
    }
}
