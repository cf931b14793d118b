//! What the demo's sites have in common: their cookie, their answers, and work that waits for the network.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::http::assets::ASSETS;

/// Why something came to nothing: a word, and a sentence.
#[derive(Debug)]
pub struct Trouble {
    /// The error word.
    pub error: String,
    /// What there is to say about it.
    pub description: String,
}

/// A site on this device, which knows browsers by a cookie and sends people to a server to sign in.
pub struct Web {
    cookie: &'static str,
    issuer: String,
}

impl Web {
    /// The site with that cookie, at that server.
    pub fn new(cookie: &'static str, issuer: &str) -> Self {
        Self { cookie, issuer: issuer.to_owned() }
    }

    /// What the browser holds of ours.
    pub fn cookie(&self, request: &HttpRequest) -> Option<String> {
        request.cookie(self.cookie).map(|cookie| cookie.value().to_owned())
    }

    /// A page.
    pub fn page(&self, status: StatusCode, page: &impl Template) -> HttpResponse {
        let Ok(html) = page.render() else { return HttpResponse::InternalServerError().finish() };
        // Browsers apply form-action to redirects too, and signing out leads to the server.
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            self.issuer
        );
        HttpResponse::build(status)
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(html)
    }

    /// On to another place, with a cookie to be set; an empty text takes it away.
    pub fn see_other(&self, place: &str, set: Option<&str>) -> HttpResponse {
        let mut answer: HttpResponseBuilder = HttpResponse::SeeOther();
        if let Some(value) = set {
            let end = if value.is_empty() { "; Max-Age=0" } else { "" };
            answer.insert_header((header::SET_COOKIE, format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{end}", self.cookie)));
        }
        answer.insert_header((header::LOCATION, place)).insert_header((header::CACHE_CONTROL, "no-store")).finish()
    }
}

/// `GET /static/{name}`: the pictures and styles of the demo's sites.
pub async fn asset(name: Path<String>) -> HttpResponse {
    let own = ASSETS.iter().find(|(known, ..)| *known == name.as_str() && known.starts_with("demo"));
    match own {
        Some((_, kind, bytes)) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, *kind))
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(*bytes),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Runs what waits for the network off the worker.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    let gone = |_| Err(Trouble { error: "server_error".to_owned(), description: "The site is ending.".to_owned() });
    web::block(work).await.unwrap_or_else(gone)
}
