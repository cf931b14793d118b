//! The one door of the portal: which developer is here, may he enter, is the form ours, was the password given lately; then the page's own
//! work.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::base::id::DeveloperSessionId;
use crate::base::{Digest, Fault, Secret, Timestamp};
use crate::flows::datamart::enter::{self, DeveloperGuest};
use crate::flows::datamart::sign_in as flow;
use crate::flows::record;
use crate::http::body;
use crate::http::console::{Asked, Given, Held, Needs, Shown, asked, respond_to};
use crate::http::cookies;
use crate::http::oauth::origin;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Field, FormBlock, Notice, Section, Tone};
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::identity::password::Password;
use crate::protocol::params::Params;

use super::{Place, Who, frame, overview, sign_in};

type Session = Option<(DeveloperSessionId, Digest)>;

/// What came of entering.
enum Entered {
    Nobody,
    Outside(Box<DeveloperGuest>),
    In(Shown),
}

fn may_enter(guest: &DeveloperGuest, who: Who) -> bool {
    who == Who::SignedIn || guest.developer.may_build()
}

/// `GET` of a place.
pub async fn look(app: Hands, visit: Visit, request: HttpRequest, place: &'static Place) -> HttpResponse {
    let Some(work) = place.get else { return Style::Page.not_found(&visit) };
    let (browser, fresh) = cookies::browser(&app, &request);
    let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let held = cookies::developer(&request);
    let (looking, caller, asked) = (held, visit.caller().clone(), asked(&request, Params::default()));
    let said = reading(&app, move |app, conn| {
        Ok(match enter::enter(app, conn, looking.as_ref(), &caller)? {
            None => Entered::Nobody,
            Some(guest) if !may_enter(&guest, place.who) => Entered::Outside(Box::new(guest)),
            Some(guest) => Entered::In(work(app, conn, &guest, &asked)?),
        })
    })
    .await;
    match said {
        Ok(Entered::Nobody) => sign_in::page(&app, &browser.id, request.path(), None, &cookies),
        Ok(Entered::Outside(guest)) => Ok(outside(&app, &visit, &guest, request.path())),
        Ok(Entered::In(shown)) => Ok(answer(&visit, shown, held, cookies)),
        Err(fault) => Err(fault),
    }
    .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// `POST` to a place.
pub async fn act(app: Hands, visit: Visit, request: HttpRequest, payload: Payload, place: &'static Place) -> HttpResponse {
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let form = match body::form(&request, payload).await {
        Ok(form) => form,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let asked = asked(&request, form);
    posting(&app, &visit, &request, place, asked).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

async fn posting(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    place: &'static Place,
    mut asked: Asked,
) -> Result<HttpResponse, Fault> {
    let Some((needs, work)) = place.post else { return Ok(Style::Page.not_found(visit)) };
    let (browser, fresh) = cookies::browser(app, request);
    let mut cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
    let mut held = cookies::developer(request);
    let back = if place.get.is_some() { asked.path.clone() } else { frame::HOME.to_owned() };
    let (looking, caller) = (held, visit.caller().clone());
    // A stranger must not get as far as the queue of writes; inside the write it is checked again, because things change.
    let Some(guest) = reading(app, move |app, conn| enter::enter(app, conn, looking.as_ref(), &caller)).await? else {
        return sign_in::page(app, &browser.id, &back, None, &cookies);
    };
    if !may_enter(&guest, place.who) {
        return Ok(outside(app, visit, &guest, &asked.path));
    }

    let typed = asked.form.text("current_password").map(str::to_owned);
    let due = match needs {
        Needs::Session => false,
        Needs::Recent => !guest.is_recent(app.now()),
        Needs::NewPassword => true,
    };
    if due && let Some(typed) = typed {
        match confirm(app, visit, &guest, &typed).await? {
            Confirmed::Renewed(secret) => {
                cookies.push(cookies::set_developer(guest.session.id, &secret));
                held = Some((guest.session.id, secret.digest()));
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
        return Ok(respond::page_towards(StatusCode::FORBIDDEN, &confirm_page(&guest, &asked), None, &cookies));
    }
    if needs == Needs::NewPassword && asked.password == Given::Right {
        let new = asked.form.text("new_password").unwrap_or_default();
        if let Ok(password) = Password::chosen(new, &guest.developer.facts.email, &guest.developer.facts.company) {
            asked.hash = Some(hashed(app.hasher.hash(password, &app.random)?).await?);
        }
    }

    let (entering, caller) = (held, visit.caller().clone());
    let said = writing(app, move |app, conn| {
        Ok(match enter::enter(app, conn, entering.as_ref(), &caller)? {
            None => Entered::Nobody,
            Some(guest) if !may_enter(&guest, place.who) => Entered::Outside(Box::new(guest)),
            Some(guest) => Entered::In(work(app, conn, &guest, &asked)?),
        })
    })
    .await?;
    // What this node remembers of keys may have changed with it.
    app.keys.forget();
    match said {
        Entered::Nobody => sign_in::page(app, &browser.id, &back, None, &cookies),
        Entered::Outside(guest) => Ok(outside(app, visit, &guest, request.path())),
        Entered::In(shown) => Ok(answer(visit, shown, held, cookies)),
    }
}

enum Confirmed {
    Renewed(Secret),
    Wrong,
    Throttled(Timestamp),
}

/// Compares a password with that of who is signed in; counted as a sign-in is.
async fn confirm(app: &Hands, visit: &Visit, guest: &DeveloperGuest, typed: &str) -> Result<Confirmed, Fault> {
    let Some(password) = Password::typed(typed) else { return Ok(Confirmed::Wrong) };
    let (caller, email) = (visit.caller().clone(), guest.developer.facts.email.clone());
    let admitted = match writing(app, move |app, conn| flow::admit(app, conn, &caller, &email)).await? {
        Ok(admitted) => admitted,
        Err(until) => return Ok(Confirmed::Throttled(until)),
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let (caller, session) = (visit.caller().clone(), guest.session.id);
    let secret = writing(app, move |app, conn| flow::confirm(app, conn, &caller, &admitted, &verdict, session)).await?;
    Ok(secret.map_or(Confirmed::Wrong, Confirmed::Renewed))
}

/// Asks for the password, with everything the form held carried along.
fn confirm_page(guest: &DeveloperGuest, asked: &Asked) -> ConsolePage {
    let mut field = Field::password("current_password", "Your password", "current-password");
    let lede = "This changes what your applications may do, so we ask for your password first.";
    let mut page = frame::page(guest, &asked.path, "Is it really you?", lede);
    if let Given::Wrong(sentence) = &asked.password {
        field.problem = Some(sentence.clone());
        page.notice = Some(Notice {
            fields: vec![("current_password".to_owned(), sentence.clone())],
            ..Notice::new("problem", Tone::Bad, "One thing needs another look.", "")
        });
    }
    let mut sheet = FormBlock::new("confirm-form", asked.path.clone(), ("confirm", "Go on"), vec![field]).cancel(frame::HOME);
    for name in asked.form.names().filter(|name| *name != "current_password") {
        sheet = sheet.sends(name, asked.form.text(name).unwrap_or_default());
    }
    let section = Section::new("confirm-section", "Enter your password again", "It counts for five minutes.", vec![Block::Form(sheet)]);
    page.blocks = vec![Block::Section(section)];
    page
}

/// A developer is signed in whom nobody has activated yet.
fn outside(app: &Hands, visit: &Visit, guest: &DeveloperGuest, path: &str) -> HttpResponse {
    visit.ended("developer_not_activated");
    record::refused(app, visit.caller(), "access.denied", "developer_not_activated", None);
    let mut page = frame::page(guest, path, "This is not open to you yet", "");
    page.blocks = vec![Block::Notice(overview::waiting())];
    respond::page(StatusCode::FORBIDDEN, &page)
}

fn answer(visit: &Visit, shown: Shown, held: Session, cookies: Vec<Cookie<'static>>) -> HttpResponse {
    let renewed = |secret: &Secret| held.map(|(id, _)| cookies::set_developer(id, secret));
    respond_to(visit, shown, &Held { is: cookies::is_developer, renewed: &renewed, gone: cookies::drop_developer }, cookies)
}
