//! The one door of the consoles: who is here, may he enter, is the form ours, was the password given lately; then the page's own work.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::{Fault, Secret, Timestamp};
use crate::flows::authorize::Browser;
use crate::flows::console::enter::{self, Guest};
use crate::flows::{record, sign_in as flow};
use crate::http::body;
use crate::http::cookies;
use crate::http::oauth::origin;
use crate::http::pages::parts::{Block, Field, FormBlock, Notice, Section, Tone};
use crate::http::pages::{Brand, ConsolePage, SignedOutPage};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::{Needs, Place, frame, sign_in};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The parts of the path that vary, as (name, value).
    pub parts: Vec<(String, String)>,
    /// The query.
    pub query: Params,
    /// The form.
    pub form: Params,
    /// What became of the password in the form, where the form asks for one.
    pub password: Given,
    /// The hash of the new password in the form, where there is a good one.
    pub hash: Option<String>,
    /// The browser it comes from, to which pages behind letters are bound; empty where it has no cookie of ours.
    pub browser: String,
}

/// What became of a password in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given {
    /// It was not asked for, or not given.
    #[default]
    Not,
    /// It fits.
    Right,
    /// It does not, or may not be tried; this is the sentence for the field.
    Wrong(String),
}

impl Asked {
    /// The number in a part of the path; none that a row could have where it is none.
    pub fn number(&self, name: &str) -> i64 {
        let text = self.parts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        text.parse::<i64>().ok().filter(|number| *number > 0 && number.to_string() == text).unwrap_or(-1)
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// What is looked up.
    pub fn search(&self) -> String {
        crate::http::form::line(&self.query, "q", 128).unwrap_or_default()
    }

    /// Behind which row the page begins, as a number.
    pub fn after(&self) -> Option<i64> {
        self.query.text("after")?.parse().ok()
    }
}

/// What a page's work comes to.
pub enum Shown {
    /// A page.
    Page(Box<ConsolePage>),
    /// The page of a form again, with what is wrong.
    Refused(Box<ConsolePage>),
    /// It cannot be done as things stand.
    Conflict(Box<ConsolePage>),
    /// It is not for this person.
    Forbidden(Box<ConsolePage>),
    /// It was there and is over.
    Gone(Box<ConsolePage>),
    /// It is done; on to a path of ours.
    Go(String),
    /// The same, and the session has a new secret.
    GoRenewed(String, Secret),
    /// Nobody is signed in any more.
    Left,
    /// There is no such thing, or not for this person.
    Nothing,
}

/// `GET` of a place.
pub async fn look(app: Hands, visit: Visit, request: HttpRequest, place: &'static Place) -> HttpResponse {
    let Some(work) = place.get else { return Style::Page.not_found(&visit) };
    let (browser, fresh) = cookies::browser(&app, &request);
    let asked = asked(&request, Params::default());
    let (looking, caller) = (browser.clone(), visit.caller().clone());
    let said = reading(&app, move |app, conn| {
        Ok(match enter::enter(app, conn, &looking, &caller)? {
            None => Entered::Nobody,
            Some(guest) if !guest.may_enter(place.area) => Entered::Outside(Box::new(guest)),
            Some(guest) => Entered::In(work(app, conn, &guest, &asked)?),
        })
    })
    .await;
    let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    match said {
        Ok(Entered::Nobody) => sign_in::page(&app, &browser, request.path(), None, &cookies).await,
        Ok(Entered::Outside(guest)) => Ok(outside(&app, &visit, &guest, place)),
        Ok(Entered::In(shown)) => Ok(answer(&visit, shown, &browser, cookies)),
        Err(fault) => Err(fault),
    }
    .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// What came of entering.
enum Entered<T> {
    Nobody,
    Outside(Box<Guest>),
    In(T),
}

/// `POST` to a place.
pub async fn act(app: Hands, visit: Visit, request: HttpRequest, payload: Payload, place: &'static Place) -> HttpResponse {
    let Some(posted) = place.post else { return Style::Page.not_found(&visit) };
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let form = match body::form(&request, payload).await {
        Ok(form) => form,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let asked = asked(&request, form);
    posting(&app, &visit, &request, place, posted, asked).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

async fn posting(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    place: &'static Place,
    (needs, work): (Needs, super::Work),
    mut asked: Asked,
) -> Result<HttpResponse, Fault> {
    let (mut browser, fresh) = cookies::browser(app, request);
    let mut cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let (looking, caller) = (browser.clone(), visit.caller().clone());
    let back = if place.get.is_some() { asked.path.clone() } else { frame::named(place.area).1.to_owned() };
    // A stranger must not get as far as the queue of writes; inside the write it is checked again, because things change.
    let Some(guest) = reading(app, move |app, conn| enter::enter(app, conn, &looking, &caller)).await? else {
        return sign_in::page(app, &browser, &back, None, &cookies).await;
    };
    if !guest.may_enter(place.area) {
        return Ok(outside(app, visit, &guest, place));
    }

    let typed = asked.form.text("current_password").map(str::to_owned);
    let due = match needs {
        Needs::Session => false,
        Needs::Recent => !guest.is_recent(app.now()),
        Needs::NewPassword => true,
    };
    if due && let Some(typed) = typed {
        match confirm(app, visit, request, &guest, &typed).await? {
            Confirmed::Renewed(secret) => {
                cookies.push(cookies::set_session(guest.session.id, &secret));
                browser.session = Some((guest.session.id, secret.digest()));
                asked.password = Given::Right;
            }
            Confirmed::Wrong => asked.password = Given::Wrong("That is not your password.".to_owned()),
            Confirmed::Throttled(until) => {
                let minutes = (until.0 - app.now().0 + 59_999).max(60_000) / 60_000;
                asked.password =
                    Given::Wrong(format!("Too many attempts. Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" }));
            }
        }
    }
    if due && needs == Needs::Recent && asked.password != Given::Right {
        visit.ended("confirm_first");
        record::refused(app, visit.caller(), "access.denied", "confirm_first", None);
        return Ok(respond::page_towards(StatusCode::FORBIDDEN, &confirm_page(&guest, place, &asked), None, &cookies));
    }
    if needs == Needs::NewPassword && asked.password == Given::Right {
        let new = asked.form.text("new_password").unwrap_or_default();
        if let Ok(password) = Password::chosen(new, &guest.account.login_name, &guest.account.mls_name) {
            asked.hash = Some(hashed(app.hasher.hash(password, &app.random)?).await?);
        }
    }

    let (entering, caller) = (browser.clone(), visit.caller().clone());
    let said = writing(app, move |app, conn| {
        Ok(match enter::enter(app, conn, &entering, &caller)? {
            None => Entered::Nobody,
            Some(guest) if !guest.may_enter(place.area) => Entered::Outside(Box::new(guest)),
            Some(guest) => Entered::In(work(app, conn, &guest, &asked)?),
        })
    })
    .await?;
    match said {
        Entered::Nobody => sign_in::page(app, &browser, &back, None, &cookies).await,
        Entered::Outside(guest) => Ok(outside(app, visit, &guest, place)),
        Entered::In(shown) => Ok(answer(visit, shown, &browser, cookies)),
    }
}

enum Confirmed {
    Renewed(Secret),
    Wrong,
    Throttled(Timestamp),
}

/// Compares a password with that of who is signed in; counted as a sign-in is.
async fn confirm(app: &Hands, visit: &Visit, request: &HttpRequest, guest: &Guest, typed: &str) -> Result<Confirmed, Fault> {
    let Some(password) = Password::typed(typed) else { return Ok(Confirmed::Wrong) };
    let device = flow::Device::open(app, cookies::device(request).as_deref());
    let (caller, login) = (visit.caller().clone(), guest.account.login_name.clone());
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &login, &device)).await? {
        Ok(admitted) => admitted,
        Err(until) => return Ok(Confirmed::Throttled(until)),
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, session) = (visit.caller().clone(), guest.session.id);
    let secret = writing(app, move |app, conn| flow::confirm(app, conn, &caller, &admitted, &verdict, session)).await?;
    Ok(secret.map_or(Confirmed::Wrong, Confirmed::Renewed))
}

/// Asks for the password, with everything the form held carried along.
fn confirm_page(guest: &Guest, place: &Place, asked: &Asked) -> ConsolePage {
    let mut field = Field::password("current_password", "Your password", "current-password");
    let mut page = frame::page(
        guest,
        place.area,
        &asked.path,
        "Is it really you?",
        "This changes what others may do, so we ask for your password first.",
    );
    if let Given::Wrong(sentence) = &asked.password {
        field.problem = Some(sentence.clone());
        page.notice = Some(Notice {
            fields: vec![("current_password".to_owned(), sentence.clone())],
            ..Notice::new("problem", Tone::Bad, "One thing needs another look.", "")
        });
    }
    let mut sheet =
        FormBlock::new("confirm-form", asked.path.clone(), ("confirm", "Go on"), vec![field]).cancel(frame::named(place.area).1);
    for name in asked.form.names().filter(|name| *name != "current_password") {
        sheet = sheet.sends(name, asked.form.text(name).unwrap_or_default());
    }
    page.blocks = vec![Block::Section(Section::new(
        "confirm-section",
        "Enter your password again",
        "It counts for five minutes.",
        vec![Block::Form(sheet)],
    ))];
    page
}

/// Somebody is signed in who may not enter.
fn outside(app: &Hands, visit: &Visit, guest: &Guest, place: &Place) -> HttpResponse {
    visit.ended("console_closed");
    record::refused(app, visit.caller(), "access.denied", "console_closed", None);
    let (name, _) = frame::named(place.area);
    let mut page = frame::page(guest, enter::Area::Account, "/account", "This is not open to you", "");
    page.lede = format!("The page you asked for belongs to the {name}, and you are signed in as {}.", guest.account.login_name);
    page.blocks = vec![Block::Prose(vec![
        "If you have another login for it, sign out and sign in with that one. If you think this one should do, ask your MLS.".to_owned(),
    ])];
    respond::page(StatusCode::FORBIDDEN, &page)
}

/// What a request asks for, with the form it carries.
pub fn asked(request: &HttpRequest, form: Params) -> Asked {
    let parts = request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    Asked {
        path: request.path().to_owned(),
        parts,
        query,
        form,
        browser: cookies::browser_id(request).unwrap_or_default(),
        ..Asked::default()
    }
}

/// The session's cookie of one kind of people: how it is known, renewed and taken back.
pub struct Held<'a> {
    /// Whether a cookie to be set is that one.
    pub is: fn(&Cookie<'_>) -> bool,
    /// The cookie with a new secret, where there is a session.
    pub renewed: &'a dyn Fn(&Secret) -> Option<Cookie<'static>>,
    /// The cookie that takes it back.
    pub gone: fn() -> Cookie<'static>,
}

fn answer(visit: &Visit, shown: Shown, browser: &Browser, cookies: Vec<Cookie<'static>>) -> HttpResponse {
    let renewed = |secret: &Secret| browser.session.as_ref().map(|(id, _)| cookies::set_session(*id, secret));
    respond_to(visit, shown, &Held { is: cookies::is_session, renewed: &renewed, gone: cookies::drop_session }, cookies)
}

/// The answer to what a page's work came to, with cookies to set.
pub fn respond_to(visit: &Visit, shown: Shown, held: &Held<'_>, mut cookies: Vec<Cookie<'static>>) -> HttpResponse {
    let ended = |outcome: &'static str, status: StatusCode, page: &ConsolePage| {
        visit.ended(outcome);
        respond::page_towards(status, page, None, &cookies)
    };
    match shown {
        Shown::Page(page) => respond::page_towards(StatusCode::OK, &*page, None, &cookies),
        Shown::Refused(page) => ended("form_refused", StatusCode::UNPROCESSABLE_ENTITY, &page),
        Shown::Conflict(page) => ended("conflict", StatusCode::CONFLICT, &page),
        Shown::Forbidden(page) => ended("not_yours", StatusCode::FORBIDDEN, &page),
        Shown::Gone(page) => ended("gone", StatusCode::GONE, &page),
        Shown::Go(path) => respond::see_other(&path, &cookies),
        Shown::GoRenewed(path, secret) => {
            if let Some(fresh) = (held.renewed)(&secret) {
                cookies.retain(|cookie| !(held.is)(cookie));
                cookies.push(fresh);
            }
            respond::see_other(&path, &cookies)
        }
        Shown::Left => {
            cookies.retain(|cookie| !(held.is)(cookie));
            cookies.push((held.gone)());
            let mut answer = respond::page_towards(StatusCode::OK, &SignedOutPage { brand: Brand::house(), back: None }, None, &cookies);
            answer.headers_mut().insert(header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
            answer
        }
        Shown::Nothing => Style::Page.not_found(visit),
    }
}
