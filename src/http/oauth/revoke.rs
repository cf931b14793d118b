//! `POST /openid/revoke`. Spec: RFC 7009

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::revoke;
use crate::http::body;
use crate::http::limit::Failures;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, writing};

use super::token::{identified, origin_of, with_origin};

/// `POST /openid/revoke`
pub async fn post(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let params = match body::form_or_json(&request, payload).await {
        Ok((params, _)) => params,
        Err(why) => return Style::Token.unreadable(&visit, &why),
    };
    let client = match identified(&app, &visit, &failures, &request, &params).await {
        Ok(client) => client,
        Err(answer) => return answer,
    };
    let origin = origin_of(&client.registered.client, &request);
    let token = match params.need("token") {
        Ok(token) => token,
        Err(problem) => return with_origin(respond::token_refusal(&visit, &problem.into(), false), origin),
    };
    if let Some(handle) = revoke::read(&app, token) {
        let caller = visit.caller().clone();
        // Success is said only when it is durable.
        if let Err(fault) = writing(&app, move |app, conn| revoke::revoke(app, conn, &caller, &client, &handle)).await {
            return with_origin(Style::Token.fault(&visit, &fault), origin);
        }
    }
    with_origin(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).finish(), origin)
}
