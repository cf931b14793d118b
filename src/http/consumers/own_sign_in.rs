//! `/my/sign-in`: signing in to one's own page, without any site.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::Fault;
use crate::flows::console::enter::Return;
use crate::flows::consumer::sign_in as flow;
use crate::http::body;
use crate::http::door::{kept, said};
use crate::http::form::Form;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{KEPT, Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::people::Consumers;
use super::walk::{browser, device, held, later, or_fault, renewed, retry_after};
use super::{face, own};

/// Where the page is.
pub const PATH: &str = "/my/sign-in";

/// What came of the last try, or led here.
#[derive(Default)]
pub struct Tried {
    notice: Option<Notice>,
    login: String,
    status: StatusCode,
}

impl Tried {
    fn refused(notice: Notice, login: &str) -> Self {
        Self { notice: Some(notice), login: login.to_owned(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    fn wrong(login: &str) -> Self {
        let text = "Check both and try again. Capital letters in the password matter.";
        Self::refused(Notice::new("problem", Tone::Bad, "That address and password do not match.", text), login)
    }
}

/// The sign-in page that leads back.
pub fn page(app: &Hands, browser: &str, back: &Return, tried: Tried, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
    let flow = back.seal(app, browser)?;
    let mut page = face::page(None, "Sign in", "to see your sessions and the sites that act for you");
    page.notice = tried.notice.or_else(|| back.kept.as_ref().map(|_| Notice::new("problem", Tone::Plain, "You were signed out.", KEPT)));
    let form = Form::default().with("username", &tried.login);
    let fields = vec![
        Field::line("username", "E-mail address").required().autocomplete("username").from(&form),
        Field::password("password", "Password", "current-password"),
    ];
    page.parts.push(Part::Form(PortalForm::new("sign-in-form", PATH, &flow, ("sign-in", "Sign in"), fields)));
    page.parts.push(Part::Links(vec![("to-reset", "Forgot your password?".to_owned(), "/my/forgot".to_owned())]));
    Ok(respond::page_towards(tried.status, &page, None, cookies))
}

/// `GET /my/sign-in`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, cookies) = browser(&app, &request);
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    let told = Tried { notice: said::told(&query), ..Tried::default() };
    or_fault(&visit, page(&app, &browser.id, &Return::to(own::HOME), told, &cookies))
}

/// `POST /my/sign-in`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, sign_in(&app, &visit, &request, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn sign_in(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, cookies) = browser(app, request);
    let login = params.text("username").unwrap_or_default().to_owned();
    let Some(back) = params.text("flow").and_then(|text| Return::open(app, &browser.id, text)) else {
        visit.ended("flow_foreign");
        let text = "The page was open for too long, or belongs to another browser.";
        let tried = Tried::refused(Notice::new("problem", Tone::Plain, "Please sign in again.", text), "");
        return page(app, &browser.id, &Return::to(own::HOME), tried, &cookies);
    };
    let typed = Password::typed(params.text("password").unwrap_or_default());
    let Some(password) = typed.filter(|_| login.len() <= 256) else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Tried::wrong(""), &cookies);
    };
    let (caller, name, known) = (visit.caller().clone(), login.clone(), device(app, request));
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &name, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => {
            visit.ended("login_throttled");
            let notice = Notice::new("problem", Tone::Bad, "Too many attempts.", later(app, until));
            let tried = Tried { status: StatusCode::TOO_MANY_REQUESTS, ..Tried::refused(notice, &login) };
            let mut answer = page(app, &browser.id, &back, tried, &cookies)?;
            retry_after(app, &mut answer, until);
            return Ok(answer);
        }
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let opened = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        flow::open(app, conn, &caller, &admitted, &verdict, None, held.as_ref())
    })
    .await?;
    let Some(opened) = opened else {
        visit.ended("login_failed");
        return page(app, &browser.id, &back, Tried::wrong(&login), &cookies);
    };
    let held = (opened.id, opened.secret.digest());
    kept::back::<Consumers>(app, visit, (held, &browser.id), back, &renewed(app, request, &browser, &opened)?.1).await
}
