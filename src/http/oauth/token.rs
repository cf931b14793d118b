//! `POST /openid/token` and `POST /v1/oauth2/grant`: credentials and a grant come in, tokens go out.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::exchange::{self, Asked, Decided};
use crate::flows::identify::{self, Identified};
use crate::flows::{mint, record};
use crate::http::api::door::one_agent;
use crate::http::body::{self, BodyProblem, Format};
use crate::http::limit::Failures;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::protocol::client::Client;
use crate::protocol::client_auth::Credentials;
use crate::protocol::params::Params;
use crate::protocol::token::{TokenAnswer, TokenRefusal};

/// Parameters that must never stand in a URL, where logs and histories keep them.
const SECRET_PARAMETERS: [&str; 7] = ["client_secret", "code", "refresh_token", "token", "client_assertion", "code_verifier", "password"];

/// `POST /openid/token`
pub async fn openid(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let (params, _) = match body::form_or_json(&request, payload).await {
        Ok(read) => read,
        Err(why) => return unreadable(&app, &visit, &why),
    };
    let (answer, origin) = tokens(&app, &visit, &failures, &request, &params, |answer| answer).await;
    with_origin(answer, origin)
}

/// `POST /v1/oauth2/grant`: to a JSON request exactly three members, because a client of the platform maps them onto a strict class.
pub async fn grant(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let (params, format) = match body::form_or_json(&request, payload).await {
        Ok(read) => read,
        Err(why) => return unreadable(&app, &visit, &why),
    };
    let shape = |answer: TokenAnswer| match format {
        Format::Json => answer.bare(),
        Format::Form => TokenAnswer { token_type: Some("Bearer"), ..answer.bare() },
    };
    tokens(&app, &visit, &failures, &request, &params, shape).await.0
}

fn unreadable(app: &Hands, visit: &Visit, why: &BodyProblem) -> HttpResponse {
    let refusal = why.refusal();
    record::refused(app, visit.caller(), refusal.event(), refusal.reason(), None);
    Style::Token.unreadable(visit, why)
}

/// The answer, and the origin a public client's page may read it from.
async fn tokens(
    app: &Hands,
    visit: &Visit,
    failures: &Failures,
    request: &HttpRequest,
    params: &Params,
    shape: impl Fn(TokenAnswer) -> TokenAnswer,
) -> (HttpResponse, Option<String>) {
    let client = match identified(app, visit, failures, request, params).await {
        Ok(client) => client,
        Err(answer) => return (answer, None),
    };
    let origin = origin_of(&client.registered.client, request);
    let answer = match exchanged(app, visit, &client, params).await {
        Ok(Ok(answer)) => respond::json(StatusCode::OK, &shape(answer)),
        Ok(Err(refusal)) => {
            if refusal.word() == "invalid_grant" {
                failures.count(visit.caller().peer, &client.registered.key.key);
            }
            respond::token_refusal(visit, &refusal, false)
        }
        Err(fault) => Style::Token.fault(visit, &fault),
    };
    (answer, origin)
}

async fn exchanged(app: &Hands, visit: &Visit, client: &Identified, params: &Params) -> Result<Result<TokenAnswer, TokenRefusal>, Fault> {
    let asked = match exchange::read(app, client, params) {
        Ok(Asked::Own(scope)) => return mint::own_token(app, client.proof.client(), scope, app.now()).map(Ok),
        Ok(Asked::Write(asked)) => asked,
        Err(why) => {
            record::refused(app, visit.caller(), why.event(), why.reason(), Some(&client.registered.key.key));
            return Ok(Err(why));
        }
    };
    let (caller, me) = (visit.caller().clone(), client.clone());
    match writing(app, move |app, conn| exchange::decide(app, conn, &caller, &me, &asked)).await? {
        Decided::Granted(granted) => exchange::answer(app, client, &granted).map(Ok),
        Decided::Refused(why) => Ok(Err(why)),
    }
}

/// The client behind a request, or the answer that says why not.
pub async fn identified(
    app: &Hands,
    visit: &Visit,
    failures: &Failures,
    request: &HttpRequest,
    params: &Params,
) -> Result<Identified, HttpResponse> {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = authorization.is_some_and(|value| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
    let refuse = |why: TokenRefusal, client: Option<&str>| {
        record::refused(app, visit.caller(), why.event(), why.reason(), client);
        respond::token_refusal(visit, &why, basic)
    };
    if has_secrets_in_query(request) {
        return Err(refuse(TokenRefusal::CredentialInQuery, None));
    }
    let credentials = Credentials::of(authorization, params).map_err(|why| refuse(why, None))?;
    visit.client(&credentials.client_id);
    let peer = visit.caller().peer;
    if failures.exceeded(peer, &credentials.client_id) {
        return Err(refuse(TokenRefusal::Throttled, None));
    }
    let claimed = credentials.client_id.clone();
    let judged = match identify::from_memory(app, &credentials) {
        Some(judged) => judged,
        None => reading(app, move |app, conn| identify::identify(app, conn, &credentials))
            .await
            .map_err(|fault| Style::Token.fault(visit, &fault))?,
    };
    let client = judged.map_err(|why| {
        failures.count(peer, &claimed);
        let known = (why != TokenRefusal::ClientUnknown).then_some(claimed.as_str());
        refuse(why, known)
    })?;
    // Only who proved to be the client learns that its key is restricted.
    let restrictions = &client.registered.key.restrictions;
    if !restrictions.is_none() && !restrictions.permit(peer, one_agent(request.headers()).as_deref()) {
        return Err(refuse(TokenRefusal::KeyRestricted, Some(&claimed)));
    }
    Ok(client)
}

fn has_secrets_in_query(request: &HttpRequest) -> bool {
    let query = request.query_string();
    !query.is_empty() && Params::from_form(query.as_bytes()).map_or(true, |params| SECRET_PARAMETERS.iter().any(|name| params.has(name)))
}

/// The request's origin, if it is where a public client's own pages live.
pub fn origin_of(client: &Client, request: &HttpRequest) -> Option<String> {
    let origin = request.headers().get(header::ORIGIN)?.to_str().ok()?;
    identify::has_origin(client, origin).then(|| origin.to_owned())
}

/// Lets the page at `origin` read the answer; without credentials, which this endpoint never needs from a browser.
pub fn with_origin(mut answer: HttpResponse, origin: Option<String>) -> HttpResponse {
    answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Origin"));
    if let Some(value) = origin.and_then(|origin| header::HeaderValue::from_str(&origin).ok()) {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    answer
}

/// `OPTIONS` of an endpoint a public client's page may call: answered for the origins of public keys, for no others.
pub async fn preflight(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default().to_owned();
    let asked = origin.clone();
    match reading(&app, move |app, conn| identify::is_public_origin(app, conn, &asked)).await {
        Ok(true) => {
            let mut answer = HttpResponse::NoContent();
            answer.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"));
            answer.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"));
            answer.insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"));
            with_origin(answer.finish(), Some(origin))
        }
        Ok(false) => Style::Token.wrong_method(&visit, if request.path() == "/openid/userinfo" { "GET, POST" } else { "POST" }),
        Err(fault) => Style::Token.fault(&visit, &fault),
    }
}
