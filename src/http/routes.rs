//! Every address, with its methods; anything else is 404, and another method 405 with `Allow`, each in its door's way.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, http::header};

use super::api::addresses;
use super::oauth::{authorize, callback, consent, hybrid, introspect, logout, metadata, revoke, sign_in, token, userinfo};
use super::respond::{self, Style};
use super::visit::Visit;
use super::{assets, gate, health, home, reference};

/// An address that answers other methods than `allow` with 405.
fn at(path: &'static str, allow: &'static str) -> Resource {
    let style = Style::of_path(path);
    web::resource(path).default_service(web::to(move |visit: Visit| async move { style.wrong_method(&visit, allow) }))
}

/// Mounts every address.
pub fn mount(config: &mut ServiceConfig) {
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        config.service(at(path, "GET, HEAD").route(web::get().to(metadata::discovery)).route(web::head().to(metadata::discovery)));
    }
    for path in ["/openid/jwks.json", "/openid/jwks"] {
        config.service(at(path, "GET, HEAD").route(web::get().to(metadata::jwks)).route(web::head().to(metadata::jwks)));
    }
    for address in addresses::all() {
        address.mount(config);
    }
    config
        .service(
            at("/openid/authorize", "GET, POST").route(web::get().to(authorize::openid_get)).route(web::post().to(authorize::openid_post)),
        )
        .service(at("/oauth2", "GET").route(web::get().to(authorize::oauth2_get)))
        .service(at("/openid", "GET, POST").route(web::get().to(hybrid::get)).route(web::post().to(hybrid::post)))
        .service(at("/openid/userid/{login}", "GET, HEAD").route(web::get().to(hybrid::identity)).route(web::head().to(hybrid::identity)))
        .service(at("/oauth2/callback", "GET, HEAD").route(web::get().to(callback::get)).route(web::head().to(callback::get)))
        .service(at("/openid/continue", "GET").route(web::get().to(authorize::go_on)))
        .service(at("/openid/sign-in", "POST").route(web::post().to(sign_in::post)))
        .service(at("/openid/consent", "POST").route(web::post().to(consent::post)))
        .service(
            at("/openid/token", "POST")
                .route(web::post().to(token::openid))
                .route(web::method(actix_web::http::Method::OPTIONS).to(token::preflight)),
        )
        .service(at("/v1/oauth2/grant", "POST").route(web::post().to(token::grant)))
        .service(
            at("/openid/userinfo", "GET, POST")
                .route(web::get().to(userinfo::get))
                .route(web::post().to(userinfo::post))
                .route(web::method(actix_web::http::Method::OPTIONS).to(token::preflight)),
        )
        .service(
            at("/openid/revoke", "POST")
                .route(web::post().to(revoke::post))
                .route(web::method(actix_web::http::Method::OPTIONS).to(token::preflight)),
        )
        .service(at("/openid/introspect", "POST").route(web::post().to(introspect::post)))
        .service(
            at("/openid/logout", "GET, POST, HEAD")
                .route(web::get().to(logout::get))
                .route(web::post().to(logout::post))
                .route(web::head().to(logout::head)),
        )
        .service(at("/health/live", "GET, HEAD").route(web::get().to(health::live)).route(web::head().to(health::live)))
        .service(at("/health/ready", "GET, HEAD").route(web::get().to(health::ready)).route(web::head().to(health::ready)))
        .service(at("/static/{name}", "GET, HEAD").route(web::get().to(asset)).route(web::head().to(asset)))
        .service(at("/", "GET, HEAD").route(web::get().to(home::get)).route(web::head().to(home::get)))
        .service(at("/reference", "GET, HEAD").route(web::get().to(reference::get)).route(web::head().to(reference::get)))
        .service(at("/ticket", "GET, HEAD").route(web::get().to(ticket)).route(web::head().to(ticket)))
        .service(at("/authz/check", "GET, POST").route(web::get().to(gate::check)).route(web::post().to(gate::check)))
        .service(web::resource(gate::ANY_ORIGINAL).to(gate::check_original))
        .configure(super::odata::mount)
        .configure(super::console::mount)
        .configure(super::developers::mount)
        .configure(super::consumers::mount)
        .default_service(web::to(nowhere));
}

async fn nowhere(visit: Visit, request: HttpRequest) -> HttpResponse {
    Style::of_path(request.path()).not_found(&visit)
}

/// Where guides of others tell developers to sign in.
async fn ticket() -> HttpResponse {
    respond::see_other("/developers", &[])
}

async fn asset(visit: Visit, request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some((_, kind, bytes)) = assets::ASSETS.iter().find(|(known, ..)| *known == name.as_str()) else {
        return Style::Page.not_found(&visit);
    };
    // Only an address with a version may be kept for ever: the version changes with the files.
    let keep = if request.query_string().starts_with("v=") { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, *kind)).insert_header((header::CACHE_CONTROL, keep)).body(*bytes)
}
