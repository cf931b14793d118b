//! The one door of the platform's API: who asks, may he, and in which shape he is answered.
//!
//! A handler names its service and hands over its work; the work runs only for somebody whom `platform::access` lets in.

use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::Payload as DevPayload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};

use crate::app::App;
use crate::base::Fault;
use crate::flows::check::{self, Admission, Bearer, Seen, Situation, Wanted};
use crate::flows::passwords::{Made, Passwords};
use crate::flows::platform::staff::Staff;
use crate::flows::rates::{self, Share};
use crate::flows::record::{self, Caller};
use crate::flows::usage::{self, Asked};
use crate::http::oauth::userinfo::bearer;
use crate::http::respond::Style;
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::platform::access::AccessRefusal;
use crate::platform::problem::ApiProblem;
use crate::platform::rate::Allowance;
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

impl Guest {
    /// The same as the Keys API sees him.
    pub fn staff(&self) -> Staff<'_> {
        Staff::of(&self.bearer, &self.caller)
    }
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
    style: Style,
    method: String,
    path: String,
    spark_user_agent: Option<String>,
    began: Instant,
}

impl Door {
    /// Runs the reading `work` for somebody who may use `service` in this way.
    pub async fn read(
        self,
        service: Service,
        mut work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        loop {
            let (caller, token, situation, wanted) = self.parts(service);
            let read = reading(&self.app, move |app, conn| {
                Ok(match check::admit(app, conn, token.as_deref(), &situation, wanted)? {
                    Admission::In(bearer, seen, allowance) => {
                        Step::Over(work(app, conn, &Guest { bearer: *bearer, caller })?, Some(seen), allowance)
                    }
                    Admission::Out(why, seen) => Step::Over(Err(why), seen, None),
                    // The work was not begun: it comes back.
                    Admission::Share(share) => Step::Again(share, work),
                })
            });
            match read.await {
                Ok(Step::Again(share, back)) => {
                    take(&self.app, share).await;
                    work = back;
                }
                Ok(Step::Over(said, seen, allowance)) => return self.end(Ok(said), seen.as_ref(), allowance),
                Err(fault) => return self.end(Err(fault), None, None),
            }
        }
    }

    /// Runs the writing `work` for somebody who may use `service` in this way: one write.
    pub async fn write(
        self,
        service: Service,
        work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        match self.admitted(service).await {
            Ok(allowance) => self.written(service, allowance, work).await,
            Err(answer) => answer,
        }
    }

    /// Admits and counts whoever is about to write: a stranger must not get as far as the queue of writes.
    async fn admitted(&self, service: Service) -> Result<Option<Allowance>, HttpResponse> {
        loop {
            let (_, token, situation, wanted) = self.parts(service);
            match reading(&self.app, move |app, conn| check::admit(app, conn, token.as_deref(), &situation, wanted)).await {
                Ok(Admission::In(_, _, allowance)) => return Ok(allowance),
                Ok(Admission::Out(why, seen)) => return Err(self.end(Ok(Err(why)), seen.as_ref(), None)),
                Ok(Admission::Share(share)) => take(&self.app, share).await,
                Err(fault) => return Err(self.end(Err(fault), None, None)),
            }
        }
    }

    /// The write itself; inside it is checked again who asks, because things change.
    async fn written(
        self,
        service: Service,
        allowance: Option<Allowance>,
        work: impl FnOnce(&App, &mut Conn, &Guest) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        let (caller, token, situation, wanted) = self.parts(service);
        let written = writing(&self.app, move |app, conn| {
            Ok(match check::permit(app, conn, token.as_deref(), &situation, wanted)? {
                Ok((bearer, seen)) => (work(app, conn, &Guest { bearer, caller })?, Some(seen)),
                Err(turned) => (Err(turned.why.into()), turned.seen),
            })
        });
        let written = written.await;
        if service == Service::Developers {
            // What this node remembers of keys may have changed with it.
            self.app.keys.forget();
        }
        match written {
            Ok((said, seen)) => self.end(Ok(said), seen.as_ref(), allowance),
            Err(fault) => self.end(Err(fault), None, None),
        }
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
            Err(why) => self.style.unreadable(&self.visit, &why),
        }
    }
}

/// What a write with passwords in it does first and then.
impl Door {
    /// Reads the body's envelope, lets `prepare` say which passwords must be compared and hashed, does that off the queue of writes, and
    /// runs the writing `work` with what came of it. Both check for themselves what is asked.
    pub async fn write_passwords(
        self,
        service: Service,
        request: &HttpRequest,
        payload: Payload,
        prepare: impl FnOnce(&App, &mut Conn, &Guest, &Members) -> Result<Result<Passwords, ApiProblem>, Fault> + Send + 'static,
        work: impl FnOnce(&App, &mut Conn, &Guest, &Members, Made) -> Result<Said, Fault> + Send + 'static,
    ) -> HttpResponse {
        let body = match envelope::body(request, payload).await {
            Ok(Ok(body)) => Arc::new(body),
            Ok(Err(why)) => return self.write(service, move |_, _, _| Ok(Err(why))).await,
            Err(why) => return Style::Api.unreadable(&self.visit, &why),
        };
        let allowance = match self.admitted(service).await {
            Ok(allowance) => allowance,
            Err(answer) => return answer,
        };
        let (caller, token, situation, wanted) = self.parts(service);
        let members = Arc::clone(&body);
        let prepared = writing(&self.app, move |app, conn| {
            Ok(match check::permit(app, conn, token.as_deref(), &situation, wanted)? {
                Ok((bearer, seen)) => (prepare(app, conn, &Guest { bearer, caller }, &members)?, Some(seen)),
                Err(turned) => (Err(turned.why.into()), turned.seen),
            })
        });
        let wanted = match prepared.await {
            Ok((Ok(wanted), _)) => wanted,
            Ok((Err(why), seen)) => return self.end(Ok(Err(why)), seen.as_ref(), allowance),
            Err(fault) => return self.end(Err(fault), None, None),
        };
        match self.made(wanted).await {
            Ok(made) => self.written(service, allowance, move |app, conn, guest| work(app, conn, guest, &body, made)).await,
            Err(fault) => self.end(Err(fault), None, None),
        }
    }

    async fn made(&self, wanted: Passwords) -> Result<Made, Fault> {
        let app = &self.app;
        let verdict = match wanted.compared {
            Some((password, stored)) => Some(hashed(app.hasher.verify(password, stored, &app.random)?).await?),
            None => None,
        };
        let hash = match wanted.hashed {
            // What is not going to be stored costs nobody anything.
            Some(password) if verdict.as_ref().is_none_or(|verdict| verdict.matches) => {
                Some(hashed(app.hasher.hash(password, &app.random)?).await?)
            }
            _ => None,
        };
        Ok(Made { verdict, hash })
    }
}

/// What stands in the envelope of a request.
type Members = serde_json::Map<String, serde_json::Value>;

/// How far a request got.
enum Step<W> {
    /// To its answer.
    Over(Said, Option<Seen>, Option<Allowance>),
    /// To the end of its key's share.
    Again(Share, W),
}

/// Takes a share of a key's window; where nothing can be written, this node goes on by itself.
pub async fn take(app: &Hands, share: Share) {
    if let Err(fault) = writing(app, move |app, conn| rates::take(app, conn, share)).await {
        tracing::warn!(%fault, "a share of a rate window could not be written down; this node counts by itself");
        rates::take_unwritten(app, share);
    }
}

impl Door {
    fn parts(&self, service: Service) -> (Caller, Option<String>, Situation, Wanted) {
        (self.visit.caller().clone(), self.token.clone(), self.situation.clone(), (Some(service), self.act))
    }

    /// Answers, and counts what became of the request.
    fn end(&self, said: Result<Said, Fault>, seen: Option<&Seen>, allowance: Option<Allowance>) -> HttpResponse {
        let mut refusal = None;
        let mut answer = match said {
            Ok(Ok(reply)) => reply.into_response(),
            Ok(Err(problem)) => {
                refusal = Some((problem.code_and_status().0, problem.reason()));
                turned_away(&self.app, &self.visit, self.visit.caller(), &problem);
                if self.style == Style::OData { envelope::refused_in_odata(&problem) } else { envelope::refused(&problem) }
            }
            Err(fault) => self.style.fault(&self.visit, &fault),
        };
        if self.style == Style::OData {
            answer.headers_mut().insert(HeaderName::from_static("odata-version"), HeaderValue::from_static("4.0"));
        }
        if let Some(allowance) = allowance {
            envelope::tell_allowance(&mut answer, allowance);
        }
        if let Some(seen) = seen {
            let asked = Asked {
                seen,
                method: &self.method,
                path: &self.path,
                status: answer.status().as_u16(),
                refusal,
                micros: i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX),
                caller: self.visit.caller(),
                spark_user_agent: self.spark_user_agent.as_deref(),
            };
            usage::note(&self.app, &asked);
        }
        answer
    }
}

/// Tells the log and the audit of somebody who is not let in.
pub fn turned_away(app: &App, visit: &Visit, caller: &Caller, problem: &ApiProblem) {
    visit.ended(problem.reason());
    if let ApiProblem::Access(refusal) = problem {
        record::refused(app, caller, event(*refusal), refusal.reason(), None);
    }
}

const fn event(refusal: AccessRefusal) -> &'static str {
    match refusal {
        AccessRefusal::Restricted => "key.restriction_denied",
        _ => "access.denied",
    }
}

/// What sent a request, as programs of the platform say it besides.
pub fn spark_user_agent(headers: &HeaderMap) -> Option<String> {
    headers.get("x-sparkapi-user-agent").and_then(|agent| agent.to_str().ok()).map(str::to_owned)
}

/// The one User-Agent header, whole; none where there is none, or more than one.
pub fn one_agent(headers: &HeaderMap) -> Option<String> {
    let mut agents = headers.get_all(header::USER_AGENT);
    match (agents.next(), agents.next()) {
        (Some(one), None) => one.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// What a request says of itself.
pub fn situation(app: &App, visit: &Visit, headers: &HeaderMap, host: Option<&str>) -> Situation {
    let replication_host =
        app.settings.replication_host.as_deref().is_some_and(|known| host.is_some_and(|host| host.eq_ignore_ascii_case(known)));
    Situation { secure: visit.is_secure(), peer: visit.caller().peer, agent: one_agent(headers), replication_host }
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
            style: Style::of_path(request.path()),
            method: request.method().to_string(),
            path: request.path().to_owned(),
            spark_user_agent: spark_user_agent(request.headers()),
            began: Instant::now(),
            app,
            visit,
            situation,
        }))
    }
}
