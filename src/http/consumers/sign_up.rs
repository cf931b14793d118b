//! `/r/login/<portal>/signup/`: signing up at an agent's portal.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Digest, Fault};
use crate::flows::consumer::carry::{Ask, Page};
use crate::flows::consumer::enter::Browser;
use crate::flows::consumer::join::Details;
use crate::flows::consumer::look::{self, Host, Shown};
use crate::flows::consumer::sign_up::{self as flow, Newcomer, Signup};
use crate::flows::datamart::register::admit;
use crate::http::developers::too_many;
use crate::http::form::{Form, found};
use crate::http::limit::Failures;
use crate::http::pages::parts::{Field, Notice, Tone};
use crate::http::pages::{Part, PortalForm};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::consumer::{self, Home};
use crate::platform::form::{self, Problems};
use crate::platform::portal::Required;
use crate::protocol::params::Params;

use super::begin::{counted, named, read};
use super::face;
use super::walk::{Posted, browser, or_fault, posted, turned_away};

const ACTION: &str = "/auth/consumer/sign-up";

/// `GET /r/login/<portal>/signup/`
pub async fn get(app: Hands, visit: Visit, failures: Data<Failures>, request: HttpRequest) -> HttpResponse {
    let params = match read(&app, &visit, &failures, &request) {
        Ok(params) => params,
        Err(answer) => return *answer,
    };
    let (browser, cookies) = browser(&app, &request);
    let ask = Ask::fresh(named(&request), params, app.now());
    counted(&visit, &failures, or_fault(&visit, show(&app, &visit, &browser, ask, Form::default(), &cookies).await))
}

async fn show(app: &Hands, visit: &Visit, browser: &Browser, ask: Ask, form: Form, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
    let looking = browser.clone();
    let shown = reading(app, move |app, conn| look::sign_up(app, conn, &looking, &ask)).await?;
    Ok(match shown {
        Ok(shown) => page(&shown, form, cookies),
        Err(why) => turned_away(app, visit, why),
    })
}

/// The fields in which a portal asks for what it wants to know besides.
pub fn details(required: Required, form: &Form) -> Vec<Field> {
    let mut fields = Vec::new();
    if required.phone {
        fields.push(Field::typed("phone", "Phone", "tel").required().autocomplete("tel").from(form));
    }
    if required.address {
        fields.push(Field::line("street", "House number and street").required().autocomplete("address-line1").from(form));
        fields.push(Field::line("locality", "City").required().autocomplete("address-level2").from(form));
        fields.push(Field::line("region", "State").required().autocomplete("address-level1").from(form));
        fields.push(Field::line("postal_code", "ZIP code").required().autocomplete("postal-code").from(form));
    }
    fields
}

/// What was typed in those fields.
pub fn typed_details(params: &Params) -> Details {
    let text = |name: &str| params.text(name).unwrap_or_default().to_owned();
    Details {
        phone: text("phone"),
        home: Home { street: text("street"), locality: text("locality"), region: text("region"), postal_code: text("postal_code") },
    }
}

fn page(shown: &Shown, form: Form, cookies: &[Cookie<'_>]) -> HttpResponse {
    let refused = !form.problems.is_empty();
    let form = match (&shown.login_hint, refused) {
        (Some(hint), false) => form.with("email", hint.clone()),
        _ => form,
    };
    let mut page = face::page(shown.host.as_ref(), "Sign up", face::towards(shown));
    if refused {
        page.notice = Some(Notice::problems(&form.problems));
    }
    let mut fields = vec![
        Field::line("given_name", "First name").required().autocomplete("given-name").from(&form),
        Field::line("family_name", "Last name").required().autocomplete("family-name").from(&form),
        Field::typed("email", "E-mail address", "email")
            .required()
            .autocomplete("email")
            .hint("We e-mail you right away; you will sign in with this address.")
            .from(&form),
    ];
    let required = shown.host.as_ref().map_or_else(Required::default, |host| host.portal.required);
    fields.extend(details(required, &form));
    fields.push(
        Field::password("password", "Choose a password", "new-password")
            .hint("At least 8 characters. A few words in a row are good.")
            .from(&form),
    );
    fields.push(Field::password("password_again", "Repeat password", "new-password").from(&form));
    if let Some(host) = &shown.host {
        let agent = &host.agent.profile.name;
        page.parts.push(Part::Prose(format!("{agent} will see what you enter here, but not your password.")));
    }
    page.parts.push(Part::Form(PortalForm::new("sign-up-form", ACTION, &shown.flow, ("sign-up", "Sign up"), fields)));
    if let Some(host) = &shown.host {
        let back = format!("/r/login/{}?{}", host.portal.name, shown.query);
        page.parts.push(Part::Links(vec![("to-sign-in", "Already have a login? Sign in".to_owned(), back)]));
    }
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    respond::page_towards(status, &page, Some(&shown.destination.form_action()), cookies)
}

/// `POST /auth/consumer/sign-up`
pub async fn post(app: Hands, visit: Visit, request: HttpRequest, payload: Payload) -> HttpResponse {
    let Posted { params, browser, carried } = match posted(&app, &visit, &request, payload, |page| *page == Page::SignUp).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    or_fault(&visit, submit(&app, &visit, &browser, Ask::carried(&carried), &params).await)
}

/// What somebody who signs up typed, checked.
fn checked(params: &Params, required: Required) -> Result<(Newcomer, crate::identity::password::Password), Problems> {
    let text = |name: &str| params.text(name).unwrap_or_default();
    let mut problems = Problems::default();
    let given_name = problems.take("given_name", form::given(text("given_name"), 64, "Please give your first name."));
    let family_name = problems.take("family_name", form::given(text("family_name"), 64, "Please give your last name."));
    let email = problems.take("email", form::email(text("email")));
    let details = typed_details(params).check(required, &mut problems);
    let name = crate::platform::contact::full_name(&given_name, &family_name);
    let password = consumer::password(text("password"), &email, &name);
    if let Err(why) = &password {
        problems.note("password", format!("The password {why}."));
    } else if text("password") != text("password_again") {
        problems.note("password_again", "This is not the same as the field above.");
    }
    let newcomer = Newcomer { email, login_name: String::new(), name, given_name, family_name, phone: details.phone, home: details.home };
    match password {
        Ok(password) => problems.unless((newcomer, password)),
        Err(_) => Err(problems),
    }
}

async fn submit(app: &Hands, visit: &Visit, browser: &Browser, ask: Ask, params: &Params) -> Result<HttpResponse, Fault> {
    let (looking, asked) = (browser.clone(), ask.clone());
    let shown = match reading(app, move |app, conn| look::sign_up(app, conn, &looking, &asked)).await? {
        Ok(shown) => shown,
        Err(why) => return Ok(turned_away(app, visit, why)),
    };
    let Some(host) = shown.host.clone() else { return Ok(Style::Page.not_found(visit)) };
    let (newcomer, password) = match checked(params, host.portal.required) {
        Ok(checked) => checked,
        Err(problems) => {
            visit.ended("form_refused");
            return Ok(page(&shown, Form::sent(params, found(&problems)), &[]));
        }
    };
    let caller = visit.caller().clone();
    if let Err(until) = writing(app, move |app, conn| admit(app, conn, &caller, "consumer-sign-up")).await? {
        visit.ended("throttled");
        return Ok(too_many(app, visit, until));
    }
    let hash = hashed(app.hasher.hash(password, &app.random)?).await?;
    let signup = Signup {
        agent: Some(host.agent.id.clone()),
        contact: None,
        unconnected: ask.unconnected(),
        request: Some(ask.query()),
        browser: Some(Digest::of(browser.id.as_bytes()).hex()),
    };
    let (caller, new, portal) = (visit.caller().clone(), newcomer.clone(), host.portal.display_name.clone());
    writing(app, move |app, conn| flow::begin(app, conn, &caller, &new, &hash, &signup, &portal).map(drop)).await?;
    Ok(sent(&host, &newcomer.email))
}

/// The same whether somebody has that address or not.
fn sent(host: &Host, email: &str) -> HttpResponse {
    let mut page = face::page(Some(host), "Check your e-mail", "One step left: confirm that this address is yours.");
    let text = format!("We e-mailed {email}. Open the link within 24 hours and enter the password you chose.");
    page.notice = Some(Notice::new("sent", Tone::Good, "An e-mail is on its way.", text));
    page.parts
        .push(Part::Prose("You can close this page. In this browser, the link brings you back to the site you came from.".to_owned()));
    respond::page(StatusCode::OK, &page)
}
