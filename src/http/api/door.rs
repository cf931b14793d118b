//! The one door of the platform's API: who asks, may he, and in which envelope he is answered.
//!
//! A handler names its service and hands over its work; the work runs only for somebody whom `platform::access` lets in.

use actix_web::dev::Payload as DevPayload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};

use crate::app::App;
use crate::base::Fault;
use crate::flows::check::{self, Bearer, Situation};
use crate::flows::record::{self, Caller};
use crate::http::oauth::userinfo::bearer;
use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::platform::access::AccessRefusal;
use crate::platform::problem::ApiProblem;
use crate::platform::service::{Act, Service};
use crate::store::Conn;

use super::envelope::{self, Reply};
use super::tunnel;

/// Somebody who was let in.
pub struct Guest {
    /// His token, and what it opens.
    pub bearer: Bearer,
    /// Where he is.
    pub caller: Caller,
}

/// What a piece of work comes to.
pub type Said = Result<Reply, ApiProblem>;

/// A request to the API.
pub struct Door {
    /// The process's hands.
    pub app: Hands,
    /// The request.
    pub visit: Visit,
    /// Its query, undecoded.
    pub query: String,
    token: Option<String>,
    situation: Situation,
    act: Act,
}

impl Door {
    /// Runs the reading `work` for somebody who may use `service` in this way.
    pub async fn read(
        self,
        service: Service,
        work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        let (caller, token, situation, act) = (self.visit.caller().clone(), self.token, self.situation, self.act);
        let said = reading(&self.app, move |app, conn| {
            Ok(match check::admit(app, conn, token.as_deref(), &situation, service, act)? {
                Ok(bearer) => work(app, conn, &Guest { bearer, caller })?,
                Err(why) => Err(why.into()),
            })
        })
        .await;
        answer(&self.app, &self.visit, said)
    }

    /// Runs the writing `work` for somebody who may use `service` in this way: one write.
    pub async fn write(
        self,
        service: Service,
        work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        // A stranger must not get as far as the queue of writes; inside the write it is checked again, because things change.
        let (token, situation, act) = (self.token.clone(), self.situation.clone(), self.act);
        let first = reading(&self.app, move |app, conn| {
            Ok(check::admit(app, conn, token.as_deref(), &situation, service, act)?.map(drop).map_err(ApiProblem::Access))
        })
        .await;
        match first {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return answer(&self.app, &self.visit, Ok(Err(why))),
            Err(fault) => return answer(&self.app, &self.visit, Err(fault)),
        }
        let (caller, token, situation) = (self.visit.caller().clone(), self.token, self.situation);
        let said = writing(&self.app, move |app, conn| {
            Ok(match check::admit(app, conn, token.as_deref(), &situation, service, act)? {
                Ok(bearer) => work(app, conn, &Guest { bearer, caller })?,
                Err(why) => Err(why.into()),
            })
        })
        .await;
        answer(&self.app, &self.visit, said)
    }

    /// Reads the body's envelope, then runs the writing `work` with what is in it.
    pub async fn write_body(
        self,
        service: Service,
        request: &HttpRequest,
        payload: Payload,
        work: impl FnOnce(&App, &mut Conn, &Guest, &serde_json::Map<String, serde_json::Value>) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        match envelope::body(request, payload).await {
            Ok(Ok(body)) => self.write(service, move |app, conn, guest| work(app, conn, guest, &body)).await,
            // Who may not do it at all is told so first.
            Ok(Err(why)) => self.write(service, move |_, _, _| Ok(Err(why))).await,
            Err(why) => Style::Api.unreadable(&self.visit, &why),
        }
    }
}

fn answer(app: &Hands, visit: &Visit, said: Result<Said, Fault>) -> HttpResponse {
    match said {
        Ok(Ok(reply)) => reply.into_response(),
        Ok(Err(problem)) => {
            visit.ended(problem.reason());
            if let ApiProblem::Access(refusal) = problem {
                record::refused(app, visit.caller(), event(refusal), refusal.reason(), None);
            }
            envelope::refused(&problem)
        }
        Err(fault) => Style::Api.fault(visit, &fault),
    }
}

const fn event(refusal: AccessRefusal) -> &'static str {
    match refusal {
        AccessRefusal::Restricted => "key.restriction_denied",
        _ => "access.denied",
    }
}

/// What a request says of itself.
pub fn situation(app: &App, visit: &Visit, headers: &HeaderMap, host: Option<&str>) -> Situation {
    let mut agents = headers.get_all(header::USER_AGENT);
    let agent = match (agents.next(), agents.next()) {
        (Some(one), None) => one.to_str().ok().map(str::to_owned),
        _ => None,
    };
    let replication_host =
        app.settings.replication_host.as_deref().is_some_and(|known| host.is_some_and(|host| host.eq_ignore_ascii_case(known)));
    Situation { secure: visit.is_secure(), peer: visit.caller().peer, agent, replication_host }
}

impl FromRequest for Door {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut DevPayload) -> Self::Future {
        let (Some(app), Some(visit)) = (request.app_data::<Hands>().cloned(), request.extensions().get::<Visit>().cloned()) else {
            return std::future::ready(Err(actix_web::error::ErrorInternalServerError("no visit")));
        };
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let situation = situation(&app, &visit, request.headers(), host);
        std::future::ready(Ok(Self {
            query: tunnel::query(request),
            token: bearer(request.headers()),
            act: Act::of_method(request.method().as_str()),
            app,
            visit,
            situation,
        }))
    }
}
