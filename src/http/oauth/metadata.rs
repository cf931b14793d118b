//! Discovery document and key set: ready bytes that anybody may keep for a while.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Digest;
use crate::http::work::Hands;
use crate::signing::JWKS_MAX_AGE;

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`
pub async fn discovery(app: Hands, request: HttpRequest) -> HttpResponse {
    let etag = format!("\"{}\"", Digest::of(&app.metadata).hex().chars().take(16).collect::<String>());
    ready(&request, &etag, app.metadata.clone(), "public, max-age=900")
}

/// `GET /openid/jwks.json` and `/openid/jwks`
pub async fn jwks(app: Hands, request: HttpRequest) -> HttpResponse {
    let document = app.ring.jwks();
    ready(&request, &document.etag, document.bytes.clone(), &format!("public, max-age={}", JWKS_MAX_AGE.0))
}

fn ready(request: &HttpRequest, etag: &str, bytes: Vec<u8>, keep: &str) -> HttpResponse {
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known == etag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if known {
        return answer.finish();
    }
    answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(bytes)
}
