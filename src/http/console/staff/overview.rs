//! `/mls` and `/admin`: what waits, and where everything is.

use crate::app::App;
use crate::base::Fault;
use crate::flows::console::enter::{Area, Guest};
use crate::flows::console::look;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, CardLink, Notice, Tone};
use crate::platform::registration::PROMISED;
use crate::store::Conn;

fn card(id: &str, text: &str, href: &str, about: String) -> CardLink {
    CardLink { about, ..CardLink::action(id, text, href) }
}

fn many(count: i64, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

/// `GET /mls`
pub fn mls(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let counts = look::of_mls(conn, guest)?;
    let lede = format!("Who may use the data of {}, and on what terms.", guest.account.mls_name);
    let mut page = frame::page(guest, Area::Mls, &asked.path, &guest.account.mls_name.clone(), &lede);
    page.notice = said::told(&asked.query);
    if counts.waiting > 0 {
        let words = many(counts.waiting, "enrollment is waiting for you.", "enrollments are waiting for you.");
        page.blocks.push(Block::Notice(Notice::new(
            "waiting",
            Tone::Waiting,
            words,
            "Without an answer, they expire thirty days after they were sent.",
        )));
    }
    page.blocks.push(Block::Links(vec![
        card(
            "to-enrolments",
            "Enrollments",
            "/mls/enrolments",
            if counts.waiting == 0 {
                "None is waiting for you.".to_owned()
            } else {
                many(counts.waiting, "is waiting for you.", "are waiting for you.")
            },
        ),
        card("to-plans", "Plans", "/mls/plans", "What developers can have, its price and its terms.".to_owned()),
        card("to-keys", "Keys", "/mls/keys", format!("{} in use, {} suspended.", counts.working, counts.suspended)),
        card("to-issue", "Issue a key", "/mls/keys/new", "For a developer whom no plan fits, with a written approval.".to_owned()),
        card("to-accounts", "People", "/mls/accounts", many(counts.people, "agent, office or company.", "agents, offices and companies.")),
        card("to-approvals", "Your approvals", "/account/approvals", "Requests waiting for you personally.".to_owned()),
    ]));
    Ok(Shown::Page(Box::new(page)))
}

/// `GET /admin`
pub fn admin(_: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let counts = look::of_platform(conn)?;
    let mut page = frame::page(
        guest,
        Area::Admin,
        &asked.path,
        "The platform",
        "Developers, keys and people of every MLS, and what the server does by itself.",
    );
    page.notice = said::told(&asked.query);
    if counts.waiting > 0 {
        let words = many(counts.waiting, "registration is waiting for us.", "registrations are waiting for us.");
        let text = format!("Everyone hears from us within {PROMISED} business days.");
        page.blocks.push(Block::Notice(Notice::new("waiting", Tone::Waiting, words, text)));
    }
    if counts.parked > 0 {
        let words = many(counts.parked, "e-mail could not be sent.", "e-mails could not be sent.");
        page.blocks.push(Block::Notice(Notice::new("parked", Tone::Bad, words, "The outbox says why.")));
    }
    page.blocks.push(Block::Links(vec![
        card(
            "to-registrations",
            "Registrations",
            "/admin/registrations",
            if counts.waiting == 0 { "No one is waiting.".to_owned() } else { many(counts.waiting, "waits.", "wait.") },
        ),
        card("to-developers", "Developers", "/admin/developers", "Who builds on the platform, and with which keys.".to_owned()),
        card("to-keys", "Keys", "/admin/keys", format!("{} in use, {} suspended.", counts.working, counts.suspended)),
        card("to-issue", "Issue a key", "/admin/keys/new", "Only with the MLS's approval, which is kept on record.".to_owned()),
        card("to-accounts", "People", "/admin/accounts", many(counts.people, "account.", "accounts.")),
        card("to-audit", "Audit", "/admin/audit", "Who did what, when and from where, including what was refused.".to_owned()),
        card("to-signing", "Signing keys", "/admin/signing", "The keys that sign tokens.".to_owned()),
        card("to-outbox", "Outbox", "/admin/outbox", "E-mails that are waiting, were sent, or could not be sent.".to_owned()),
    ]));
    Ok(Shown::Page(Box::new(page)))
}
