//! `/developers/keys/{key}/secrets`: made, shown once, switched off, then deleted.

use crate::app::App;
use crate::base::Fault;
use crate::base::id::KeySecretId;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::portal::applications as flow;
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown};
use crate::http::form::{Form, line};
use crate::http::pages::parts::{Block, CardLink, Copy, Notice, Section, Tone};
use crate::store::Conn;

use super::one::{self, OVERLAPS};
use super::{KEYS, at, beside, crumbs, key, owner};

/// `POST /developers/keys/{key}/secrets`
pub fn make(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let name = line(&asked.form, "secret_name", 64).unwrap_or_default();
    let chosen = asked.form.text("overlap").and_then(|text| OVERLAPS.iter().find(|(hours, _)| *hours == text));
    let hours = chosen.and_then(|(hours, _)| hours.parse().ok());
    match flow::add_secret(app, conn, &owner, id, &name, hours)? {
        Ok(made) => {
            let mut page = frame::page(guest, &asked.path, "Your new secret", &made.record.name);
            page.shell.crumbs = crumbs(Some((id, "The key")));
            page.notice = Some(Notice::new("once", Tone::Waiting, "Copy it now.", "It cannot be shown again, and we do not keep it."));
            let blocks = vec![Block::Copy(Copy { id: "secret", label: "Secret (client_secret)".to_owned(), text: made.secret })];
            let words = chosen.map_or("as before", |(_, words)| words);
            let lede = format!("Earlier secrets keep working: {words}.");
            let back = CardLink {
                about: "You can switch off the old one there.".to_owned(),
                ..CardLink::action("to-key", "Back to the key", at(id))
            };
            page.blocks = vec![
                Block::Section(Section::new("secret-section", "Store it on your servers only", lede, blocks)),
                Block::Links(vec![back]),
            ];
            Ok(Shown::Page(Box::new(page)))
        }
        Err(problem) if problem.code_and_status().1 == 404 => Ok(Shown::Nothing),
        Err(problem) => {
            let problems = beside(&problem);
            let form = Form::sent(&asked.form, problems.clone());
            Ok(one::page(app, conn, guest, &owner, asked, Some(&form))?.map_or(Shown::Nothing, |mut page| {
                page.notice = Some(Notice::problems(&problems));
                Shown::Refused(Box::new(page))
            }))
        }
    }
}

/// `POST /developers/keys/{key}/secrets/{secret}/end`
pub fn end(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let ended = flow::end_secret(app, conn, &owner, id, KeySecretId(asked.number("secret")))?;
    Ok(ended.map_or(Shown::Nothing, |_| Shown::Go(format!("{KEYS}/{id}?said=secret-ended"))))
}

/// `POST /developers/keys/{key}/secrets/{secret}/delete`
pub fn delete(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    match flow::delete_secret(app, conn, &owner, id, KeySecretId(asked.number("secret")))? {
        Ok(()) => Ok(Shown::Go(format!("{KEYS}/{id}?said=secret-deleted"))),
        Err(problem) if problem.code_and_status().1 == 409 => Ok(Shown::Go(format!("{KEYS}/{id}"))),
        Err(_) => Ok(Shown::Nothing),
    }
}
