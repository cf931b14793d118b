//! `/`: what this server is.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::authorize;

use super::cookies;
use super::oauth::authorize::person;
use super::pages::{Brand, HomePage};
use super::respond::{self, Style};
use super::visit::Visit;
use super::work::{Hands, reading};

/// `GET /`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = cookies::browser(&app, &request);
    let signed_in = match reading(&app, move |app, conn| authorize::signed_in(app, conn, browser.session.as_ref(), app.now())).await {
        Ok(signed_in) => signed_in,
        Err(fault) => return Style::Page.fault(&visit, &fault),
    };
    let page = HomePage {
        brand: Brand::house(),
        issuer: app.settings.issuer.clone(),
        discovery: "/.well-known/openid-configuration".to_owned(),
        health: "/health/ready".to_owned(),
        current: signed_in.map(|(_, account)| person(&account)),
        sign_out: "/openid/logout".to_owned(),
    };
    respond::page(StatusCode::OK, &page)
}
