//! Long questions: a POST that says `X-HTTP-Method-Override: GET` is a GET whose query is the form in its body, and one that says
//! DELETE is a DELETE. It is what it says before anybody asks who may do it, so that it opens nothing else.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderName;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

use crate::http::body::{self, BodyProblem};
use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::platform::problem::ApiProblem;

use super::envelope;

/// As the platform spells it.
const NAME: &str = "X-HTTP-Method-Override";
const HEADER: HeaderName = HeaderName::from_static("x-http-method-override");

/// The query of a request that was tunnelled, undecoded.
struct Tunnelled(String);

/// The query of a request, undecoded, whichever way it came.
pub fn query(request: &HttpRequest) -> String {
    request.extensions().get::<Tunnelled>().map_or_else(|| request.query_string().to_owned(), |tunnelled| tunnelled.0.clone())
}

/// Lets requests out of the tunnel before they are routed. On any other method, and outside the API, the header says nothing.
pub async fn tunnel<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let here = *request.method() == Method::POST && Style::of_path(request.path()) == Style::Api;
    if !here || !request.headers().contains_key(HEADER) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Err(actix_web::error::ErrorInternalServerError("no visit"));
    };
    let (request, payload) = request.into_parts();
    match emerge(&request, payload, &visit).await {
        Ok((method, query)) => {
            request.extensions_mut().insert(Tunnelled(query));
            let mut request = ServiceRequest::from_parts(request, Payload::None);
            request.head_mut().method = method;
            Ok(next.call(request).await?.map_into_left_body())
        }
        Err(refused) => Ok(ServiceResponse::new(request, refused).map_into_right_body()),
    }
}

/// What a request really is.
///
/// Refuses: another method than GET or DELETE, two of them, and a body that is no form.
async fn emerge(request: &HttpRequest, mut payload: Payload, visit: &Visit) -> Result<(Method, String), HttpResponse> {
    let mut named = request.headers().get_all(HEADER).map(|value| value.as_bytes().to_ascii_uppercase());
    let method = match (named.next().as_deref(), named.next()) {
        (Some(b"GET"), None) => Method::GET,
        (Some(b"DELETE"), None) => Method::DELETE,
        _ => {
            visit.ended("override_unfit");
            return Err(envelope::refused(&ApiProblem::constraint(NAME, "must be GET or DELETE")));
        }
    };
    let unread = |why: BodyProblem| Style::Api.unreadable(visit, &why);
    let payload = web::Payload::from_request(request, &mut payload).await.map_err(|_| unread(BodyProblem::Format))?;
    let form = body::encoded(request, payload).await.map_err(unread)?;
    let both = [request.query_string(), &form].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
    Ok((method, both))
}
