//! `/account/security`: the password, and the emergency brake.

#![expect(clippy::unnecessary_wraps, reason = "the work of an address may fail; that of these two cannot")]

use crate::app::App;
use crate::base::Fault;
use crate::flows::account::{change_password as flow, lock as brake};
use crate::flows::console::enter::{Area, Guest};
use crate::http::console::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::Form;
use crate::http::new_password;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, FormBlock, Notice, Section};
use crate::store::Conn;

/// `GET /account/security`
pub fn show(_: &App, _: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = page(guest, asked, &Form::default());
    page.notice = said::told(&asked.query);
    Ok(Shown::Page(Box::new(page)))
}

fn page(guest: &Guest, asked: &Asked, form: &Form) -> ConsolePage {
    let mut page = frame::page(guest, Area::Account, &asked.path, "Security", "Your password, and what to do when something is wrong.");
    let fields = new_password::fields_of_change(form);
    let sheet = FormBlock::new("password-form", "/account/security", ("change-password", "Change password"), fields);
    let lede = "You are signed out everywhere else, and applications must ask you again. We will e-mail you about it.";
    let lock = CardLink {
        about: "Nobody can sign in and no application can act for you, until your MLS unlocks it.".to_owned(),
        ..CardLink::action("to-lock", "Lock my account", "/account/lock")
    };
    page.blocks = vec![
        Block::Section(Section::new("password", "Change your password", lede, vec![Block::Form(sheet)])),
        Block::Section(Section::new("emergency", "If you think someone else is in your account", "", vec![Block::Links(vec![lock])])),
    ];
    page
}

/// `POST /account/security`
pub fn change_password(app: &App, conn: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let problems = new_password::problems_of_change(asked, &guest.account.login_name, &guest.account.mls_name);
    let (true, Some(hash)) = (problems.is_empty(), &asked.hash) else {
        let mut page = page(guest, asked, &Form::sent(&crate::protocol::params::Params::default(), problems.clone()));
        page.notice = Some(Notice::problems(&problems));
        return Ok(Shown::Refused(Box::new(page)));
    };
    let secret = flow::change(app, conn, &guest.caller, &guest.account, guest.session.id, hash)?;
    Ok(Shown::GoRenewed("/account/security?said=password-changed".to_owned(), secret))
}

/// `GET /account/lock`
pub fn ask_to_lock(_: &App, _: &mut Conn, guest: &Guest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = frame::page(
        guest,
        Area::Account,
        &asked.path,
        "Lock your account?",
        "Every session ends, no application can act for you, and no one can sign in, even with your password.",
    );
    page.shell.crumbs = vec![("Security".to_owned(), "/account/security".to_owned())];
    let sheet = FormBlock::new("lock-form", "/account/lock", ("lock", "Lock my account"), vec![]).ends().cancel("/account/security");
    let lede = format!("Only {} can unlock it. Have its phone number ready before you continue.", guest.account.mls_name);
    page.blocks = vec![Block::Section(Section::new("lock-section", "You cannot undo this yourself", lede, vec![Block::Form(sheet)]))];
    Ok(Shown::Page(Box::new(page)))
}

/// `POST /account/lock`
pub fn lock(app: &App, conn: &mut Conn, guest: &Guest, _: &Asked) -> Result<Shown, Fault> {
    brake::lock(app, conn, &guest.caller, &guest.account)?;
    Ok(Shown::Left)
}
