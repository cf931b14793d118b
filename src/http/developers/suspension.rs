//! `/developers/keys/{key}/suspension`: why a key was suspended, and what its developer says to that.

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Problems};
use crate::flows::console::keys as flow;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Field, FormBlock, Notice, Section, Tone, moment};
use crate::platform::form::paragraphs;
use crate::platform::suspension::Suspension;
use crate::store::Conn;

use super::frame;

/// The longest appeal. Units: characters.
const LONGEST: usize = 2000;

fn id(asked: &Asked) -> KeyId {
    KeyId(asked.number("key"))
}

/// `GET /developers/keys/{key}/suspension`
pub fn show(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let Some((registered, running)) = flow::mine(conn, guest, id(asked))? else { return Ok(Shown::Nothing) };
    let mut page = page(guest, asked, &registered.key.name, running.as_ref(), &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &DeveloperGuest, asked: &Asked, name: &str, running: Option<&Suspension>, form: &Form) -> ConsolePage {
    let Some(running) = running else {
        let mut page = frame::page(guest, &asked.path, &format!("{name} is not suspended"), "Its tokens and secrets work.");
        page.blocks = vec![Block::Links(vec![CardLink::action("to-overview", "Your overview", frame::HOME)])];
        return page;
    };
    let by = if running.by_platform { "the platform's staff" } else { "the MLS" };
    let mut page = frame::page(guest, &asked.path, &format!("{name} is suspended"), "");
    page.lede = format!("By {by}, since {}. Every request with it is refused until it is reinstated.", moment(running.suspended_at));
    page.blocks.push(Block::Section(Section::new("reason-section", "The reason", "", vec![Block::Prose(vec![running.reason.clone()])])));
    if let Some((words, at)) = &running.appeal {
        let lede = format!("Sent {}. We will e-mail you the decision.", moment(*at));
        page.blocks.push(Block::Section(Section::new("appeal-section", "Your appeal", lede, vec![Block::Prose(vec![words.clone()])])));
        return page;
    }
    let field =
        Field::lines("words", "Your appeal", 5).required().hint("What was wrong and how you fixed it, or why it is a mistake.").from(form);
    let sheet = FormBlock::new("appeal-form", asked.path.clone(), ("appeal", "Send appeal"), vec![field]);
    let lede = "It is e-mailed to whoever suspended the key. You can appeal once.";
    page.blocks.push(Block::Section(Section::new("appeal-section", "Appeal", lede, vec![Block::Form(sheet)])));
    page
}

/// `POST /developers/keys/{key}/suspension`
pub fn appeal(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let words = match paragraphs(asked.form.text("words").unwrap_or_default(), LONGEST) {
        Ok(words) => words,
        Err(why) => {
            let Some((registered, running)) = flow::mine(conn, guest, id(asked))? else { return Ok(Shown::Nothing) };
            let problems = Problems::one("words", why);
            let mut page = page(guest, asked, &registered.key.name, running.as_ref(), &Form::sent(&asked.form, problems.clone()));
            page.notice = Some(Notice::problems(&problems));
            return Ok(Shown::Refused(Box::new(page)));
        }
    };
    match flow::appeal(app, conn, guest, id(asked), &words)? {
        None => Ok(Shown::Nothing),
        Some(Ok(())) => Ok(Shown::Go(format!("{}?said=appealed", asked.path))),
        Some(Err(_)) => {
            let Some((registered, running)) = flow::mine(conn, guest, id(asked))? else { return Ok(Shown::Nothing) };
            let mut page = page(guest, asked, &registered.key.name, running.as_ref(), &Form::default());
            page.notice = Some(Notice::new("problem", Tone::Bad, "Nothing was sent.", "You already appealed, or the key works again."));
            Ok(Shown::Conflict(Box::new(page)))
        }
    }
}
