//! Developers, as the door knows them.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;

use crate::app::App;
use crate::base::id::DeveloperSessionId;
use crate::base::{Digest, Fault, Timestamp};
use crate::flows::console::enter::Return;
use crate::flows::datamart::enter::{self, DeveloperGuest};
use crate::flows::datamart::sign_in as flow;
use crate::flows::device::Device;
use crate::flows::guesses::Admitted;
use crate::flows::record::Caller;
use crate::http::cookies::{self, SessionCookie};
use crate::http::door::{People, Place};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::Block;
use crate::http::work::Hands;
use crate::platform::developer::Developer;
use crate::store::Conn;

use super::{frame, overview, sign_in};

/// Which developers may enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever is signed in.
    SignedIn,
    /// Whom the platform's staff activated.
    Activated,
}

/// People who registered to build something.
pub struct Developers;

impl People for Developers {
    type Id = DeveloperSessionId;
    type Guest = DeveloperGuest;
    type Whose = Who;
    type Login = Developer;

    const COOKIE: SessionCookie<DeveloperSessionId> = cookies::DEVELOPER;

    fn enter(
        app: &App,
        conn: &mut Conn,
        held: Option<&(DeveloperSessionId, Digest)>,
        caller: &Caller,
    ) -> Result<Option<DeveloperGuest>, Fault> {
        enter::enter(app, conn, held, caller)
    }

    fn session(guest: &DeveloperGuest) -> (DeveloperSessionId, Timestamp) {
        (guest.session.id, guest.session.auth_time)
    }

    fn may_enter(guest: &DeveloperGuest, who: Who) -> bool {
        who == Who::SignedIn || guest.developer.may_build()
    }

    fn page(guest: &DeveloperGuest, _: Who, path: &str, title: &str, lede: &str) -> ConsolePage {
        frame::page(guest, path, title, lede)
    }

    fn home(_: Who) -> &'static str {
        frame::HOME
    }

    fn outside(guest: &DeveloperGuest, _: Who, path: &str) -> (&'static str, ConsolePage) {
        let mut page = frame::page(guest, path, "This is not open to you yet", "");
        page.blocks = vec![Block::Notice(overview::waiting())];
        ("developer_not_activated", page)
    }

    fn places() -> impl Iterator<Item = &'static Place<Self>> {
        super::places()
    }

    async fn sign_in(app: &Hands, browser: &str, back: Return, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
        sign_in::page(app, browser, &back, None, cookies)
    }

    fn admit(
        app: &App,
        conn: &mut Conn,
        guest: &DeveloperGuest,
        caller: &Caller,
        device: &Device,
    ) -> Result<Result<Admitted<Developer>, Timestamp>, Fault> {
        flow::admit(app, conn, caller, &guest.developer.facts.email, device)
    }

    fn renew(app: &App, conn: &mut Conn, session: DeveloperSessionId, digest: &Digest) -> Result<bool, Fault> {
        flow::renew(app, conn, session, digest)
    }

    fn changed(app: &App) {
        // What it remembers of keys may have changed with it.
        app.keys.forget();
    }

    fn words(guest: &DeveloperGuest) -> (&str, &str) {
        (&guest.developer.facts.email, &guest.developer.facts.company)
    }
}
