//! What somebody typed whose session was over: carried through the sign-in page, and put back into its form.
//!
//! Nothing is done with it: the form is shown again in the new session, and counts once its own button is pressed there.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::dev::{Path, ResourceDef};
use actix_web::http::StatusCode;

use crate::base::{Digest, Fault};
use crate::flows::console::enter::{Kept, Return};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, FormBlock, Notice, Tone};
use crate::http::respond;
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};
use crate::protocol::params::Params;

use super::asked::Asked;
use super::enter::{Entered, work};
use super::{People, Place, Shown, form_token};

/// The most that is carried: sealed, and with a password beside it, it must still fit into one form. Units: bytes.
const MOST: usize = 40 * 1024;

/// Whether a field may hold a secret, which is never carried.
fn is_secret(name: &str) -> bool {
    name.contains("password") || name == form_token::NAME || name == "token"
}

/// Where somebody who is not signed in is led after signing in: the page of the address, or the one the form stands on, with what was
/// typed.
pub fn way<P: People>(place: &Place<P>, path: &str, form: &Params) -> Return {
    let above = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
    let page = above.into_iter().find(|path| find::<P>(path).is_some()).unwrap_or_else(|| P::home(place.whose));
    let fields: Vec<(String, String)> =
        form.names().filter(|name| !is_secret(name)).filter_map(|name| Some((name.to_owned(), form.text(name)?.to_owned()))).collect();
    let long: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let kept = (!fields.is_empty() && long <= MOST).then(|| Kept { action: path.to_owned(), fields });
    Return { kept, ..Return::to(page) }
}

/// The page at a path.
struct Found<P: People> {
    place: &'static Place<P>,
    /// The parts of the path that vary.
    parts: Vec<(String, String)>,
}

fn find<P: People>(path: &str) -> Option<Found<P>> {
    P::places().filter(|place| place.get.is_some()).find_map(|place| {
        let mut matched = Path::new(path.to_owned());
        let fits = ResourceDef::new(place.path).capture_match_info(&mut matched);
        let parts = || matched.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        fits.then(|| Found { place, parts: parts() })
    })
}

/// Leads somebody back who just signed in: to the page, or to its form filled in with what was kept.
pub async fn back<P: People>(
    app: &Hands,
    visit: &Visit,
    (held, browser): ((P::Id, Digest), &str),
    back: Return,
    cookies: &[Cookie<'static>],
) -> Result<HttpResponse, Fault> {
    let there = respond::see_other(&back.path, cookies);
    let Some((kept, Found { place, parts })) = back.kept.zip(find::<P>(&back.path)) else { return Ok(there) };
    let Some(get) = place.get else { return Ok(there) };
    let asked = Asked { path: back.path, parts, browser: browser.to_owned(), ..Asked::default() };
    let (held, caller) = (Some(held), visit.caller().clone());
    let entered = reading(app, move |app, conn| work::<P>(app, conn, (&held, &caller), place.whose, (get, &asked))).await?;
    let Entered::In(session, Shown::Page(mut page)) = entered else { return Ok(there) };
    if !refill(&mut page, &kept) {
        return Ok(there);
    }
    let told = "You were signed out before it was sent. What you typed is still here: check it and send it again.";
    page.notice = Some(Notice::new("kept", Tone::Waiting, "Not sent yet.", told));
    Ok(respond::own_page(StatusCode::OK, &page, form_token::made::<P>(app, session)?, cookies))
}

/// Puts what was typed back into the form it was typed in; whether there is such a form.
fn refill(page: &mut ConsolePage, kept: &Kept) -> bool {
    let value = |name: &str| kept.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let mut forms: Vec<&mut FormBlock> = page.blocks.iter_mut().flat_map(Block::forms).filter(|form| form.action == kept.action).collect();
    // Several forms of a page may post to one address; what they send unseen tells them apart.
    let same = forms.iter().position(|form| form.hidden.iter().all(|(name, sent)| value(name) == sent)).unwrap_or(0);
    let Some(form) = forms.get_mut(same) else { return false };
    let typed = kept.fields.iter().fold(Form::default(), |form, (name, value)| form.with(name, value));
    form.fields = std::mem::take(&mut form.fields).into_iter().map(|field| field.from(&typed)).collect();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::developers::Developers;
    use crate::http::pages::parts::{Field, Section};

    fn place(path: &str) -> &'static Place<Developers> {
        Developers::places().find(|place| place.path == path).unwrap()
    }

    #[test]
    fn a_form_that_stands_on_another_page_leads_back_to_that_page() {
        let form = Params::from_form(b"words=hello&form_token=x").unwrap();
        let path = "/appstore/datamart/enrolments/7/comment";
        let way = way(place("/appstore/datamart/enrolments/{enrolment}/comment"), path, &form);
        assert_eq!(way.path, "/appstore/datamart/enrolments/7");
        assert_eq!(way.kept, Some(Kept { action: path.to_owned(), fields: vec![("words".to_owned(), "hello".to_owned())] }));
    }

    #[test]
    fn no_secret_is_carried_and_nothing_that_is_too_long() {
        let tokens = place("/developers/tokens");
        for form in ["token=lka_x&form_token=y", "current_password=a&new_password=b", "", &format!("a={}", "x".repeat(MOST + 1))] {
            assert_eq!(way(tokens, "/developers/tokens", &Params::from_form(form.as_bytes()).unwrap()).kept, None, "{form:.40}");
        }
    }

    #[test]
    fn of_several_forms_at_one_address_the_one_that_was_sent_is_filled_in() {
        let form = |part| FormBlock::new("f", "/x", ("s", "Save"), vec![Field::line("name", "Name")]).sends("part", part);
        let sections = ["one", "two"].map(|part| Block::Section(Section::new("s", "", "", vec![Block::Form(form(part))])));
        let mut page = ConsolePage { blocks: sections.into(), ..ConsolePage::default() };
        let fields = [("part", "two"), ("name", "Typed")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert!(refill(&mut page, &Kept { action: "/x".to_owned(), fields: fields.to_vec() }));
        let values: Vec<_> = page.blocks.iter_mut().flat_map(Block::forms).map(|form| form.fields[0].value.clone()).collect();
        assert_eq!(values, ["", "Typed"]);
        assert!(!refill(&mut page, &Kept { action: "/y".to_owned(), fields: vec![] }));
    }
}
