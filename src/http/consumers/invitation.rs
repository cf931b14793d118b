//! `/r/invitation/letter/<flow>`: taking the login that an agent made.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::base::id::LinkId;
use crate::base::{Fault, Problems};
use crate::flows::consumer::enter::Browser;
use crate::flows::consumer::invitation::{self as flow, Invited};
use crate::flows::consumer::sign_up::Newcomer;
use crate::flows::consumer::{join::Details, sign_in};
use crate::flows::datamart::link::{Carried, Purpose};
use crate::http::body;
use crate::http::developers::{letters, too_many};
use crate::http::form::{Form, found};
use crate::http::oauth::origin;
use crate::http::pages::parts::{Field, Notice};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::consumer;
use crate::identity::password::Password;
use crate::platform::form;
use crate::protocol::params::Params;

use super::sign_up::{details, typed_details};
use super::walk::{browser, device, held, or_fault, renewed};
use super::{face, own};

/// Where somebody is led who took the login: to what is said of it there, with the agent's name.
fn done(invited: &Invited) -> String {
    format!("{}?said={}&agent={}", own::HOME, own::READY, invited.host.agent.id)
}

/// What somebody new fills in; the first time with what the agent knows.
fn fields_of_new(invited: &Invited, form: &Form) -> Vec<Field> {
    let facts = &invited.contact.facts;
    let form = if form.problems.is_empty() {
        form.clone().with("given_name", facts.given_name.clone()).with("family_name", facts.family_name.clone())
    } else {
        form.clone()
    };
    let mut fields = vec![
        Field::line("given_name", "First name").required().autocomplete("given-name").from(&form),
        Field::line("family_name", "Last name").required().autocomplete("family-name").from(&form),
    ];
    fields.extend(details(invited.host.portal.required, &form));
    fields.push(
        Field::password("password", "Choose a password", "new-password")
            .hint("At least 8 characters. A few words in a row are good.")
            .from(&form),
    );
    fields.push(Field::password("password_again", "Repeat password", "new-password").from(&form));
    fields
}

fn page(path: &str, invited: &Invited, form: &Form) -> HttpResponse {
    let agent = &invited.host.agent.profile.name;
    let email = &invited.contact.facts.email;
    let refused = !form.problems.is_empty();
    let known = || vec![Field::password("password", "Your password", "current-password").from(form)];
    let (lede, fields, submit) = if invited.known.is_some() {
        (format!("You have a login with {email}. Enter its password to connect with {agent}."), known(), "Connect")
    } else {
        let lede = format!("You will sign in with {email}. {agent} sees what you enter here, but not your password.");
        (lede, fields_of_new(invited, form), "Create login")
    };
    let mut page = face::page(Some(&invited.host), format!("{agent} invites you"), lede);
    if refused {
        page.notice = Some(Notice::problems(&form.problems));
    }
    page.parts.push(Part::Form(PortalForm::new("invitation-form", path, "", ("take", submit), fields)));
    respond::page(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// `GET /r/invitation/letter/<flow>`
pub async fn get(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let (browser, _) = browser(&app, &request);
    let Some(id) = link(&app, &browser, &request) else { return letters::over(&visit) };
    match reading(&app, move |app, conn| flow::behind(app, conn, id)).await {
        Ok(Some(invited)) => page(request.path(), &invited, &Form::default()),
        Ok(None) => letters::over(&visit),
        Err(fault) => Style::Page.fault(&visit, &fault),
    }
}

fn link(app: &Hands, browser: &Browser, request: &HttpRequest) -> Option<LinkId> {
    Carried::open(app, &browser.id, Purpose::Invitation, request.match_info().get("flow").unwrap_or_default())
}

/// `POST /r/invitation/letter/<flow>`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    match body::form(&request, payload).await {
        Ok(params) => or_fault(&visit, take(&app, &visit, &request, &params).await),
        Err(why) => Style::Page.unreadable(&visit, &why),
    }
}

async fn take(app: &Hands, visit: &Visit, request: &HttpRequest, params: &Params) -> Result<HttpResponse, Fault> {
    let (browser, _) = browser(app, request);
    let Some(id) = link(app, &browser, request) else { return Ok(letters::over(visit)) };
    let Some(invited) = reading(app, move |app, conn| flow::behind(app, conn, id)).await? else { return Ok(letters::over(visit)) };
    if invited.known.is_some() {
        as_known(app, visit, request, &browser, (id, invited), params).await
    } else {
        as_new(app, visit, request, &browser, (id, invited), params).await
    }
}

/// What somebody new typed, checked.
fn checked(params: &Params, invited: &Invited) -> Result<(Newcomer, Password), form::Problems> {
    let text = |name: &str| params.text(name).unwrap_or_default();
    let mut problems = form::Problems::default();
    let given_name = problems.take("given_name", form::given(text("given_name"), 64, "Please give your first name."));
    let family_name = problems.take("family_name", form::given(text("family_name"), 64, "Please give your last name."));
    let Details { phone, home } = typed_details(params).check(invited.host.portal.required, &mut problems);
    let name = crate::platform::contact::full_name(&given_name, &family_name);
    let password = consumer::password(text("password"), &invited.contact.facts.email, &name);
    if let Err(why) = &password {
        problems.note("password", format!("The password {why}."));
    } else if text("password") != text("password_again") {
        problems.note("password_again", "This is not the same as the field above.");
    }
    let new = Newcomer { name, given_name, family_name, phone, home, ..Newcomer::default() };
    match password {
        Ok(password) => problems.unless((new, password)),
        Err(_) => Err(problems),
    }
}

async fn as_new(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    browser: &Browser,
    (id, invited): (LinkId, Invited),
    params: &Params,
) -> Result<HttpResponse, Fault> {
    let (new, password) = match checked(params, &invited) {
        Ok(checked) => checked,
        Err(problems) => {
            visit.ended("form_refused");
            return Ok(page(request.path(), &invited, &Form::sent(params, found(&problems))));
        }
    };
    let hash = hashed(app.hasher.hash(password, &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let opened = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        flow::take_new(app, conn, &caller, id, (&new, &hash), held.as_ref())
    })
    .await?;
    Ok(match opened {
        Some(opened) => respond::see_other(&done(&invited), &renewed(app, request, browser, &opened)?.1),
        None => letters::over(visit),
    })
}

async fn as_known(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    browser: &Browser,
    (id, invited): (LinkId, Invited),
    params: &Params,
) -> Result<HttpResponse, Fault> {
    let wrong = |visit: &Visit| {
        visit.ended("login_failed");
        page(request.path(), &invited, &Form::sent(&Params::default(), Problems::one("password", "That is not your password.")))
    };
    let Some(password) = Password::typed(params.text("password").unwrap_or_default()) else { return Ok(wrong(visit)) };
    let (caller, email, known) = (visit.caller().clone(), invited.contact.facts.email.clone(), device(app, request));
    let admitted = match writing(app, move |app, conn| sign_in::admit(app, conn, &caller, &email, &known)).await? {
        Ok(admitted) => admitted,
        Err(until) => return Ok(too_many(app, visit, until)),
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, holder) = (visit.caller().clone(), browser.clone());
    let opened = writing(app, move |app, conn| {
        let held = held(app, conn, &holder, &caller)?;
        let Some(opened) = sign_in::open(app, conn, &caller, &admitted, &verdict, None, held.as_ref())? else { return Ok(None) };
        let taken = flow::take_known(app, conn, &caller, id, &opened)?;
        Ok(Some((opened, taken)))
    })
    .await?;
    Ok(match opened {
        None => wrong(visit),
        Some((opened, Some(()))) => respond::see_other(&done(&invited), &renewed(app, request, browser, &opened)?.1),
        Some((_, None)) => letters::over(visit),
    })
}
