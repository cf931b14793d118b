//! Asking for the password once more before something that matters.

use actix_web::HttpRequest;

use crate::base::{Fault, Secret, Timestamp};
use crate::flows::device::Device;
use crate::http::cookies;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Field, FormBlock, Notice, Section, Tone};
use crate::http::visit::Visit;
use crate::http::work::{Hands, hashed, writing};
use crate::identity::password::Password;

use super::asked::{Asked, Given};
use super::{People, Place, form_token};

/// What came of a password.
pub enum Confirmed {
    /// It fits; the session has a new secret.
    Renewed(Secret),
    /// It does not.
    Wrong,
    /// It is not looked at until then.
    Throttled(Timestamp),
}

/// Compares a password with that of who is signed in; counted as a sign-in is.
pub async fn confirm<P: People>(
    app: &Hands,
    visit: &Visit,
    request: &HttpRequest,
    guest: P::Guest,
    typed: &str,
) -> Result<Confirmed, Fault> {
    let Some(password) = Password::typed(typed) else { return Ok(Confirmed::Wrong) };
    let (caller, device) = (visit.caller().clone(), Device::open(app, cookies::device(request).as_deref()));
    let (session, _) = P::session(&guest);
    let admitted = match writing(app, move |app, conn| P::admit(app, conn, &guest, &caller, &device)).await? {
        Ok(admitted) => admitted,
        Err(until) => return Ok(Confirmed::Throttled(until)),
    };
    let verdict = hashed(app.hasher.verify(password, admitted.stored.clone(), &app.random)?).await?;
    let caller = visit.caller().clone();
    let secret = writing(app, move |app, conn| {
        admitted.confirm(app, conn, &caller, &verdict, session, |conn, digest| P::renew(app, conn, session, digest))
    })
    .await?;
    Ok(secret.map_or(Confirmed::Wrong, Confirmed::Renewed))
}

/// The sentence for the field of a password that is not looked at.
pub fn later(now: Timestamp, until: Timestamp) -> String {
    let minutes = (until.0 - now.0 + 59_999).max(60_000) / 60_000;
    format!("Too many attempts. Try again in {minutes} minute{}.", if minutes == 1 { "" } else { "s" })
}

/// Asks for the password, with everything the form held carried along.
pub fn page<P: People>(guest: &P::Guest, place: &Place<P>, asked: &Asked) -> ConsolePage {
    let mut field = Field::password("current_password", "Your password", "current-password");
    let lede = "This change is sensitive, so please enter your password first.";
    let mut page = P::page(guest, place.whose, &asked.path, "Confirm it's you", lede);
    if let Given::Wrong(sentence) = &asked.password {
        field.problem = Some(sentence.clone());
        page.notice = Some(Notice {
            fields: vec![("current_password".to_owned(), sentence.clone())],
            ..Notice::new("problem", Tone::Bad, "Please correct one thing.", "")
        });
    }
    let mut sheet = FormBlock::new("confirm-form", asked.path.clone(), ("confirm", "Continue"), vec![field]).cancel(P::home(place.whose));
    for name in asked.form.names().filter(|name| !["current_password", form_token::NAME].contains(name)) {
        sheet = sheet.sends(name, asked.form.text(name).unwrap_or_default());
    }
    let section = Section::new(
        "confirm-section",
        "Enter your password again",
        "You will not be asked again for five minutes.",
        vec![Block::Form(sheet)],
    );
    page.blocks = vec![Block::Section(section)];
    page
}
