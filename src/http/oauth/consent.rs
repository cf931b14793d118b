//! `POST /openid/consent`: what the consent page sends.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::authorize::{self, Ask, Browser};
use crate::flows::carry::{Carried, FlowRefusal, Page};
use crate::flows::logout;
use crate::http::body::{self, BodyProblem};
use crate::http::cookies;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading, writing};
use crate::protocol::authorize::AuthorizeRefusal;
use crate::protocol::scope::Scopes;

use super::authorize::{finish, start_again, unfit_form, walk_on};
use super::origin;

/// `POST /openid/consent`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let params = match body::form(&request, payload).await {
        Ok(params) => params,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let (browser, _) = cookies::browser(&app, &request);
    let carried = match Carried::open(&app, &browser.id, &params, |page| matches!(page, Page::Consent { .. })) {
        Ok(carried) => carried,
        Err(why) => return unfit_form(&app, &visit, why),
    };
    let decision = params.one("decision").ok().flatten().unwrap_or_default().to_owned();
    decide(&app, &visit, browser, carried, &decision).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

async fn decide(app: &Hands, visit: &Visit, browser: Browser, carried: Carried, decision: &str) -> Result<HttpResponse, Fault> {
    let Page::Consent { account, shown, terms } = &carried.page else {
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    };
    let looking = browser.clone();
    let session = reading(app, move |app, conn| authorize::session(app, conn, looking.session.as_ref(), app.now())).await?;
    let Some(session) = session else { return Ok(start_again(app, visit, FlowRefusal::Over)) };
    if session.account_id != *account {
        // The answer counts only for the person who was asked.
        return Ok(unfit_form(app, visit, FlowRefusal::Foreign));
    }
    let mut ask = Ask::carried(&carried);
    match decision {
        "allow" => {
            let (client_id, terms) = (ask.params.one("client_id").ok().flatten().unwrap_or_default().to_owned(), terms.clone());
            let same_terms = reading(app, move |app, conn| {
                Ok(app.keys.named(conn, &client_id)?.is_some_and(|registered| registered.key.terms() == terms))
            })
            .await?;
            // Had the key's roles changed meanwhile, the page would have shown something else: then it is shown again.
            ask.walk.allowed = if same_terms { Scopes::exactly(shown) } else { None };
            walk_on(app, visit, browser, ask, vec![]).await
        }
        "deny" => {
            let stage = reading(app, move |app, conn| authorize::turn_down(app, conn, &ask, AuthorizeRefusal::Denied)).await?;
            finish(app, visit, stage, vec![]).await
        }
        "switch" => {
            let (caller, account) = (visit.caller().clone(), account.clone());
            writing(app, move |app, conn| logout::end(app, conn, &caller, session.id, &account)).await?;
            let flow = authorize::carried(&ask, Page::Continue, app.now()).seal(app, &browser.id)?;
            Ok(respond::see_other(&format!("/openid/continue?flow={flow}"), &[cookies::SESSION.gone()]))
        }
        _ => Ok(Style::Page.unreadable(visit, &BodyProblem::Format)),
    }
}
