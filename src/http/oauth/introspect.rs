//! `POST /openid/introspect`. Spec: RFC 7662

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::flows::{introspect, record};
use crate::http::body;
use crate::http::limit::Failures;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};
use crate::protocol::client::ClientKind;
use crate::protocol::token::TokenRefusal;

use super::token::identified;

/// `POST /openid/introspect`
pub async fn post(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return Style::Token.unreadable(&visit, &why),
    };
    let client = match identified(&app, &visit, &failures, &request, &params).await {
        Ok(client) => client,
        Err(answer) => return answer,
    };
    if client.proof.client().kind == ClientKind::Public {
        // A public key proves nothing, so anybody could ask in its name.
        return respond::token_refusal(&visit, &TokenRefusal::SecretMissing, false);
    }
    let token = match params.need("token") {
        Ok(token) => token.to_owned(),
        Err(problem) => return respond::token_refusal(&visit, &problem.into(), false),
    };
    let me = client.clone();
    match reading(&app, move |app, conn| introspect::introspect(app, conn, &me, &token)).await {
        Ok((answer, denied)) => {
            if denied {
                record::refused(&app, visit.caller(), "introspect.denied", "foreign_token", Some(&client.registered.key.key));
            }
            respond::bytes_json(StatusCode::OK, answer)
        }
        Err(fault) => Style::Token.fault(&visit, &fault),
    }
}
