//! `/account`: who one is here, and what can be done.

use crate::app::App;
use crate::base::Fault;
use crate::flows::account::{connections, sessions};
use crate::flows::console::enter::{Area, Guest};
use crate::flows::logout;
use crate::http::console::frame;
use crate::http::door::{Asked, Shown};
use crate::http::pages::parts::{Block, CardLink, Cell, Facts, Section};
use crate::store::Conn;

/// `GET /account`
pub fn show(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let applications = connections::of(app, conn, &guest.account.id)?.len();
    let living = sessions::of(app, conn, &guest.account.id)?.len();
    let (account, profile) = (&guest.account, &guest.account.profile);
    let mut page = frame::page(guest, Area::Account, &asked.path, &format!("Hello, {}", first_name(guest)), "");
    page.lede = format!("Applications that can act for you at {}, where you are signed in, and how to end either.", account.mls_name);
    let facts = Facts::new(
        "who",
        [
            ("Name", Cell::text(profile.name.clone())),
            ("Login name", Cell::text(account.login_name.clone())),
            ("MLS", Cell::text(account.mls_name.clone())),
            ("Office", Cell::text(profile.office.clone())),
            ("Member number", Cell::text(profile.member_mls_id.clone())),
            ("E-mail", Cell::text(profile.primary_email().unwrap_or_default())),
        ],
    );
    let plural = |count: usize, one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    let card = |id: &str, text: &str, href: &str, about: String| CardLink { about, ..CardLink::action(id, text, href) };
    page.blocks = vec![
        Block::Links(vec![
            card(
                "to-applications",
                "Applications",
                "/account/applications",
                format!("{} can act for you.", plural(applications, "application", "applications")),
            ),
            card(
                "to-sessions",
                "Sessions",
                "/account/sessions",
                format!("You are signed in in {}.", plural(living, "browser", "browsers")),
            ),
            card("to-history", "History", "/account/history", "Sign-ins and changes, including attempts that failed.".to_owned()),
            card("to-security", "Security", "/account/security", "Change your password, or lock your account.".to_owned()),
        ]),
        Block::Section(Section::new(
            "facts",
            "Your account",
            "Your MLS maintains these. Ask it to make changes.",
            vec![Block::Facts(facts)],
        )),
    ];
    Ok(Shown::Page(Box::new(page)))
}

fn first_name(guest: &Guest) -> &str {
    let profile = &guest.account.profile;
    if profile.first_name.is_empty() { &profile.name } else { &profile.first_name }
}

/// `POST /account/sign-out`
pub fn sign_out(app: &App, conn: &mut Conn, guest: &Guest, _: &Asked) -> Result<Shown, Fault> {
    logout::end(app, conn, &guest.caller, guest.session.id, &guest.account.id)?;
    Ok(Shown::Left)
}
