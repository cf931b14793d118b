//! `GET` and `POST /openid/userinfo`. Spec: OpenID Connect Core §5.3, RFC 6750

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::userinfo;
use crate::http::body::{self, BodyProblem};
use crate::http::respond::{self, OAuthError, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};
use crate::protocol::params::Params;

use super::token::{origin_of_key, with_origin};

/// `GET /openid/userinfo`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    if token_in_query(&request) {
        return twice(&visit);
    }
    answer(&app, &visit, &request, bearer(request.headers())).await
}

/// `POST /openid/userinfo`: the token in the header or, without one there, in the body.
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if token_in_query(&request) {
        return twice(&visit);
    }
    let header_token = bearer(request.headers());
    let body_token = if request.headers().contains_key(header::CONTENT_TYPE) {
        match body::form(&request, payload).await {
            Ok(params) => match params.one("access_token") {
                Ok(token) => token.map(str::to_owned),
                Err(problem) => return Style::Token.unreadable(&visit, &BodyProblem::Params(problem)),
            },
            Err(why) => return Style::Token.unreadable(&visit, &why),
        }
    } else {
        None
    };
    match (header_token, body_token) {
        (Some(_), Some(_)) => twice(&visit),
        (token, None) | (None, token) => answer(&app, &visit, &request, token).await,
    }
}

/// The token of an `Authorization` header: `Bearer` or, as the platform's own clients send it, `OAuth`; the scheme's case does not count.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    (known && !token.is_empty()).then(|| token.to_owned())
}

fn token_in_query(request: &HttpRequest) -> bool {
    let query = request.query_string();
    !query.is_empty() && Params::from_form(query.as_bytes()).is_ok_and(|params| params.has("access_token"))
}

fn twice(visit: &Visit) -> HttpResponse {
    visit.ended("token_misplaced");
    respond::json(
        StatusCode::BAD_REQUEST,
        &OAuthError { error: "invalid_request", error_description: "Send the access token once, in the Authorization header." },
    )
}

async fn answer(app: &Hands, visit: &Visit, request: &HttpRequest, token: Option<String>) -> HttpResponse {
    let Some(token) = token else { return unauthorized(visit, "token_missing", "Bearer") };
    match reading(app, move |app, conn| userinfo::userinfo(app, conn, &token)).await {
        Ok(Ok((said, registered))) => with_origin(respond::bytes_json(StatusCode::OK, said), origin_of_key(&registered.client, request)),
        Ok(Err(userinfo::Refusal::Token(why))) => unauthorized(visit, why.reason(), "Bearer error=\"invalid_token\""),
        Ok(Err(userinfo::Refusal::Scope)) => {
            visit.ended("openid_missing");
            let mut answer = respond::json(
                StatusCode::FORBIDDEN,
                &OAuthError { error: "insufficient_scope", error_description: "The token was not issued for OpenID Connect." },
            );
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"insufficient_scope\", scope=\"openid\""));
            answer
        }
        Err(fault) => Style::Token.fault(visit, &fault),
    }
}

fn unauthorized(visit: &Visit, reason: &'static str, challenge: &'static str) -> HttpResponse {
    visit.ended(reason);
    let mut answer = respond::json(
        StatusCode::UNAUTHORIZED,
        &OAuthError { error: "invalid_token", error_description: "The access token is missing, invalid, expired or revoked." },
    );
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    answer
}
