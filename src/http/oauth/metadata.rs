//! Discovery document and key set: ready bytes that anybody may keep for a while.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::http::work::Hands;
use crate::signing::{Document, JWKS_MAX_AGE};

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`
pub async fn discovery(app: Hands, request: HttpRequest) -> HttpResponse {
    ready(&request, &app.metadata, "public, max-age=900")
}

/// `GET /openid/jwks.json` and `/openid/jwks`
pub async fn jwks(app: Hands, request: HttpRequest) -> HttpResponse {
    ready(&request, &app.ring.jwks(), &format!("public, max-age={}", JWKS_MAX_AGE.0))
}

fn ready(request: &HttpRequest, document: &Document, keep: &str) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| *known == document.etag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, document.etag.as_str()))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if known {
        return answer.finish();
    }
    answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(document.bytes.clone())
}
