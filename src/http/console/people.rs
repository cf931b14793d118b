//! Accounts of an MLS, as the door knows them.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;

use crate::app::App;
use crate::base::id::SessionId;
use crate::base::{Digest, Fault, Timestamp};
use crate::flows::console::enter::{self, Area, Guest, Return};
use crate::flows::device::Device;
use crate::flows::guesses::Admitted;
use crate::flows::record::Caller;
use crate::flows::sign_in as flow;
use crate::http::cookies::{self, SessionCookie};
use crate::http::door::{People, Place};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::Block;
use crate::http::work::Hands;
use crate::identity::account::Account;
use crate::store::Conn;

use super::{frame, sign_in};

/// People with a login of their MLS: agents, brokers, staff.
pub struct Accounts;

impl People for Accounts {
    type Id = SessionId;
    type Guest = Guest;
    type Whose = Area;
    type Login = Account;

    const COOKIE: SessionCookie<SessionId> = cookies::SESSION;

    fn enter(app: &App, conn: &mut Conn, held: Option<&(SessionId, Digest)>, caller: &Caller) -> Result<Option<Guest>, Fault> {
        enter::enter(app, conn, held, caller)
    }

    fn session(guest: &Guest) -> (SessionId, Timestamp) {
        (guest.session.id, guest.session.auth_time)
    }

    fn may_enter(guest: &Guest, area: Area) -> bool {
        guest.may_enter(area)
    }

    fn page(guest: &Guest, area: Area, path: &str, title: &str, lede: &str) -> ConsolePage {
        frame::page(guest, area, path, title, lede)
    }

    fn home(area: Area) -> &'static str {
        frame::named(area).1
    }

    fn outside(guest: &Guest, area: Area, _: &str) -> (&'static str, ConsolePage) {
        let lede = format!("This page belongs to the {}. You are signed in as {}.", frame::named(area).0, guest.account.login_name);
        let mut page = frame::page(guest, Area::Account, "/account", "You do not have access to this page", &lede);
        page.blocks = vec![Block::Prose(vec![
            "If you have another login for it, sign out and sign in with that one. If you think you should have access, ask your MLS."
                .to_owned(),
        ])];
        ("console_closed", page)
    }

    fn places() -> impl Iterator<Item = &'static Place<Self>> {
        super::places()
    }

    async fn sign_in(app: &Hands, browser: &str, back: Return, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
        sign_in::page(app, browser, &back, None, cookies).await
    }

    fn admit(
        app: &App,
        conn: &mut Conn,
        guest: &Guest,
        caller: &Caller,
        device: &Device,
    ) -> Result<Result<Admitted<Account>, Timestamp>, Fault> {
        flow::admit(app, conn, caller, &guest.account.login_name, device)
    }

    fn renew(app: &App, conn: &mut Conn, session: SessionId, digest: &Digest) -> Result<bool, Fault> {
        flow::renew(app, conn, session, digest)
    }

    fn words(guest: &Guest) -> (&str, &str) {
        (&guest.account.login_name, &guest.account.mls_name)
    }
}
