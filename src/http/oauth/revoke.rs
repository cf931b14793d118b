//! `POST /openid/revoke`. Spec: RFC 7009

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::identify::Identified;
use crate::flows::revoke;
use crate::http::body;
use crate::http::limit::Failures;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, writing};
use crate::protocol::params::Params;

use super::token::{self, identified};

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
    // A public key's own page must be able to read that it is done.
    let origin = token::origin_of(&client, &request);
    token::with_origin(revoked(&app, &visit, client, &params).await, origin)
}

async fn revoked(app: &Hands, visit: &Visit, client: Identified, params: &Params) -> HttpResponse {
    let token = match params.need("token") {
        Ok(token) => token,
        Err(problem) => return respond::token_refusal(visit, &problem.into(), false),
    };
    if let Some(handle) = revoke::read(app, token) {
        let caller = visit.caller().clone();
        // Success is said only when it is durable.
        if let Err(fault) = writing(app, move |app, conn| revoke::revoke(app, conn, &caller, &client, &handle)).await {
            return Style::Token.fault(visit, &fault);
        }
    }
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).finish()
}
