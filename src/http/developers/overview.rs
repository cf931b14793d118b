//! `/developers`: how the registration stands, and what can be done.

use crate::app::App;
use crate::base::Fault;
use crate::flows::console::keys;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::datamart::{credentials, sign_in};
use crate::http::door::{Asked, Shown, said};
use crate::http::pages::parts::{Block, Button, CardLink, Cell, Facts, Notice, Section, Tone, moment};
use crate::platform::registration::{PROMISED, State};
use crate::store::Conn;

use super::frame;

/// `GET /developers`
pub fn show(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let facts = &guest.developer.facts;
    let mut page =
        frame::page(guest, &asked.path, &format!("Hello, {}", facts.first_name), "Your registration, and what you build on the platform.");
    page.notice = said::told(&asked.query);
    if guest.developer.state != State::Activated {
        page.blocks.push(Block::Notice(waiting()));
    }
    for (suspension, name) in keys::of_mine(conn, guest)? {
        let text = if suspension.appeal.is_some() { "Your appeal is being reviewed." } else { "See why, and appeal." };
        page.blocks.push(Block::Notice(Notice::new("suspended", Tone::Bad, format!("{name} is suspended."), text)));
        let about = format!("Since {}.", moment(suspension.suspended_at));
        let href = format!("/developers/keys/{}/suspension", suspension.key_id);
        page.blocks.push(Block::Links(vec![CardLink {
            about,
            ..CardLink::action(format!("suspension-{}", suspension.key_id), "See why and appeal", href)
        }]));
    }
    if let Some((_, client_id)) = credentials::demo_key(conn, &guest.developer)? {
        let key = Facts::new("demo-key-facts", [("Key", Cell::Code(client_id))]);
        let again = Button::new("credentials-again", "E-mail me a link to its token", "/developers/credentials/again");
        let lede = "It opens sample data: invented listings to build and test with.";
        let blocks = vec![Block::Facts(key), Block::Buttons(vec![again])];
        page.blocks.push(Block::Section(Section::new("demo-key", "Your demo key", lede, blocks)));
        page.blocks.push(Block::Links(vec![
            CardLink {
                about: "Your applications: secrets, addresses, usage and refusals.".to_owned(),
                ..CardLink::action("to-keys", "Keys", "/developers/keys")
            },
            CardLink {
                about: "First calls, what each role opens, and a test person to sign in as.".to_owned(),
                ..CardLink::action("to-sandbox", "Sandbox", "/developers/sandbox")
            },
            CardLink {
                about: "Find your MLS, read its plans, enroll.".to_owned(),
                ..CardLink::action("to-datamart", "Datamart", "/appstore/datamart")
            },
            CardLink {
                about: "What you asked for, and its progress.".to_owned(),
                ..CardLink::action("to-enrolments", "Enrollments", "/appstore/datamart/enrolments")
            },
        ]));
    }
    let items = Facts::new(
        "who",
        [
            ("Name", Cell::text(facts.name())),
            ("Company", Cell::text(facts.company.clone())),
            ("E-mail", Cell::text(facts.email.clone())),
            ("Phone", Cell::text(facts.phone.clone())),
            ("Website", Cell::text(facts.website.clone())),
            ("Building", Cell::text(facts.building.clone())),
            ("Registered", Cell::Time(guest.developer.submitted_at)),
            ("Activated", guest.developer.decided_at.map_or_else(|| Cell::text("not yet"), Cell::Time)),
        ],
    );
    page.blocks.push(Block::Section(Section::new("facts", "Your registration", "", vec![Block::Facts(items)])));
    Ok(Shown::Page(Box::new(page)))
}

/// What a developer whom nobody has activated yet is told.
pub fn waiting() -> Notice {
    let text = format!("The platform's staff decides within {PROMISED} business days and e-mails you. Until then you cannot create keys.");
    Notice::new("waiting", Tone::Waiting, "Your registration is under review.", text)
}

/// `POST /developers/sign-out`
pub fn sign_out(app: &App, conn: &mut Conn, guest: &DeveloperGuest, _: &Asked) -> Result<Shown, Fault> {
    sign_in::end(app, conn, guest)?;
    Ok(Shown::Left)
}
