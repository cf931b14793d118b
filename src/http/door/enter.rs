//! The door itself: who is here, may they enter, is the form ours, was the password given lately; then the place's own work.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::base::{Digest, Fault};
use crate::flows::console::enter::RECENT;
use crate::flows::record::{self, Caller};
use crate::http::oauth::origin;
use crate::http::respond::{self, Style};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, reading, writing};
use crate::http::{body, cookies};
use crate::identity::password::Password;
use crate::protocol::params::Params;
use crate::store::Conn;

use super::asked::{Asked, Given, asked};
use super::confirm::{self, Confirmed};
use super::{Needs, People, Place, Shown, Work, form_token, kept, shown};

/// What a browser holds of a session.
pub(super) type Held<P> = Option<(<P as People>::Id, Digest)>;

/// What came of entering.
pub(super) enum Entered<P: People> {
    Nobody,
    Outside(P::Guest),
    In(P::Id, Shown),
}

/// Enters and does the work: within one read, or one write.
pub(super) fn work<P: People>(
    app: &App,
    conn: &mut Conn,
    (held, caller): (&Held<P>, &Caller),
    whose: P::Whose,
    (work, asked): (Work<P>, &Asked),
) -> Result<Entered<P>, Fault> {
    Ok(match P::enter(app, conn, held.as_ref(), caller)? {
        None => Entered::Nobody,
        Some(guest) if !P::may_enter(&guest, whose) => Entered::Outside(guest),
        Some(guest) => Entered::In(P::session(&guest).0, work(app, conn, &guest, asked)?),
    })
}

/// `GET` of a place.
pub async fn look<P: People>(app: Hands, visit: Visit, request: HttpRequest, place: &'static Place<P>) -> HttpResponse {
    let Some(get) = place.get else { return Style::Page.not_found(&visit) };
    let at_door = AtDoor { app: &app, visit: &visit, request: &request, place };
    let (asked, held, caller) = (asked(&request, Params::default()), P::COOKIE.held(&request), visit.caller().clone());
    match reading(&app, move |app, conn| work::<P>(app, conn, (&held, &caller), place.whose, (get, &asked))).await {
        Ok(entered) => at_door.answer(entered, vec![]).await,
        Err(fault) => Err(fault),
    }
    .unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// `POST` to a place.
pub async fn act<P: People>(app: Hands, visit: Visit, request: HttpRequest, payload: Payload, place: &'static Place<P>) -> HttpResponse {
    let Some((needs, post)) = place.post else { return Style::Page.not_found(&visit) };
    if !origin::is_ours(&app, request.headers()) {
        return origin::refused(&app, &visit);
    }
    let form = match body::form(&request, payload).await {
        Ok(form) => form,
        Err(why) => return Style::Page.unreadable(&visit, &why),
    };
    let at_door = AtDoor { app: &app, visit: &visit, request: &request, place };
    at_door.post(asked(&request, form), needs, post).await.unwrap_or_else(|fault| Style::Page.fault(&visit, &fault))
}

/// A request at the door of a place.
struct AtDoor<'a, P: People> {
    app: &'a Hands,
    visit: &'a Visit,
    request: &'a HttpRequest,
    place: &'static Place<P>,
}

impl<P: People> AtDoor<'_, P> {
    async fn post(&self, mut asked: Asked, needs: Needs, post: Work<P>) -> Result<HttpResponse, Fault> {
        let Self { app, visit, request, place } = *self;
        let mut held: Held<P> = P::COOKIE.held(request);
        let (looking, caller) = (held, visit.caller().clone());
        // A stranger must not get as far as the queue of writes; inside the write it is checked again, because things change.
        let Some(guest) = reading(app, move |app, conn| P::enter(app, conn, looking.as_ref(), &caller)).await? else {
            return self.nobody(&asked.form).await;
        };
        if !P::may_enter(&guest, place.whose) {
            return self.answer(Entered::Outside(guest), vec![]).await;
        }
        let (session, auth_time) = P::session(&guest);
        if !form_token::fits::<P>(app, session, &asked.form) {
            return Ok(form_token::refused(app, visit));
        }

        let mut cookies = vec![];
        let due = match needs {
            Needs::Session => false,
            Needs::Recent => app.now().since(auth_time) >= RECENT,
            Needs::NewPassword => true,
        };
        if due && let Some(typed) = asked.form.text("current_password").map(str::to_owned) {
            match confirm::confirm::<P>(app, visit, request, guest.clone(), &typed).await? {
                Confirmed::Renewed(secret) => {
                    cookies.push(P::COOKIE.set(session, &secret));
                    held = Some((session, secret.digest()));
                    asked.password = Given::Right;
                }
                Confirmed::Wrong => asked.password = Given::Wrong("That is not your password.".to_owned()),
                Confirmed::Throttled(until) => asked.password = Given::Wrong(confirm::later(app.now(), until)),
            }
        }
        if due && needs == Needs::Recent && asked.password != Given::Right {
            visit.ended("confirm_first");
            record::refused(app, visit.caller(), "access.denied", "confirm_first", None);
            let (page, token) = (confirm::page(&guest, place, &asked), form_token::made::<P>(app, session)?);
            return Ok(respond::own_page(StatusCode::FORBIDDEN, &page, token, &cookies));
        }
        if needs == Needs::NewPassword && asked.password == Given::Right {
            let (new, (login, name)) = (asked.form.text("new_password").unwrap_or_default(), P::words(&guest));
            if let Ok(password) = Password::chosen(new, login, name) {
                asked.hash = Some(hashed(app.hasher.hash(password, &app.random)?).await?);
            }
        }

        let caller = visit.caller().clone();
        let entered = writing(app, move |app, conn| work::<P>(app, conn, (&held, &caller), place.whose, (post, &asked))).await?;
        P::changed(app);
        self.answer(entered, cookies).await
    }

    /// The sign-in page, which leads back with what was typed.
    async fn nobody(&self, form: &Params) -> Result<HttpResponse, Fault> {
        let (browser, fresh) = cookies::browser(self.app, self.request);
        let cookies: Vec<Cookie<'static>> = fresh.into_iter().collect();
        P::sign_in(self.app, &browser.id, kept::way(self.place, self.request.path(), form), &cookies).await
    }

    async fn answer(&self, entered: Entered<P>, mut cookies: Vec<Cookie<'static>>) -> Result<HttpResponse, Fault> {
        let Self { app, visit, request, place } = *self;
        cookies.extend(cookies::browser(app, request).1);
        match entered {
            Entered::Nobody => self.nobody(&Params::default()).await,
            Entered::Outside(guest) => {
                let (why, page) = P::outside(&guest, place.whose, request.path());
                visit.ended(why);
                record::refused(app, visit.caller(), "access.denied", why, None);
                let token = form_token::made::<P>(app, P::session(&guest).0)?;
                Ok(respond::own_page(StatusCode::FORBIDDEN, &page, token, &cookies))
            }
            Entered::In(session, shown) => {
                let token = form_token::made::<P>(app, session)?;
                Ok(shown::answer::<P>((visit, P::home(place.whose)), shown, session, token, cookies))
            }
        }
    }
}
