//! Home buyers, as the door of their own pages knows them.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;

use crate::app::App;
use crate::base::id::ConsumerSessionId;
use crate::base::{Digest, Fault, Timestamp};
use crate::flows::console::enter::Return;
use crate::flows::consumer::enter::{self, ConsumerGuest};
use crate::flows::consumer::sign_in as flow;
use crate::flows::device::Device;
use crate::flows::guesses::Admitted;
use crate::flows::record::Caller;
use crate::http::cookies::{self, SessionCookie};
use crate::http::door::{People, Place};
use crate::http::pages::ConsolePage;
use crate::http::work::Hands;
use crate::identity::consumer::Consumer;
use crate::store::Conn;

use super::{own, own_sign_in};

/// People who look for a home, with an agent.
pub struct Consumers;

impl People for Consumers {
    type Id = ConsumerSessionId;
    type Guest = ConsumerGuest;
    type Whose = ();
    type Login = Consumer;

    const COOKIE: SessionCookie<ConsumerSessionId> = cookies::CONSUMER;

    fn enter(
        app: &App,
        conn: &mut Conn,
        held: Option<&(ConsumerSessionId, Digest)>,
        caller: &Caller,
    ) -> Result<Option<ConsumerGuest>, Fault> {
        enter::enter(app, conn, held, caller)
    }

    fn session(guest: &ConsumerGuest) -> (ConsumerSessionId, Timestamp) {
        (guest.session.id, guest.session.auth_time)
    }

    fn may_enter(_: &ConsumerGuest, (): ()) -> bool {
        true
    }

    fn page(guest: &ConsumerGuest, (): (), path: &str, title: &str, lede: &str) -> ConsolePage {
        own::frame(guest, path, title, lede)
    }

    fn home((): ()) -> &'static str {
        own::HOME
    }

    fn outside(guest: &ConsumerGuest, (): (), path: &str) -> (&'static str, ConsolePage) {
        ("not_yours", own::frame(guest, path, "You do not have access to this page", ""))
    }

    fn places() -> impl Iterator<Item = &'static Place<Self>> {
        super::places()
    }

    async fn sign_in(app: &Hands, browser: &str, back: Return, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
        own_sign_in::page(app, browser, &back, own_sign_in::Tried::default(), cookies)
    }

    fn admit(
        app: &App,
        conn: &mut Conn,
        guest: &ConsumerGuest,
        caller: &Caller,
        device: &Device,
    ) -> Result<Result<Admitted<Consumer>, Timestamp>, Fault> {
        flow::admit(app, conn, caller, &guest.consumer.email, device)
    }

    fn renew(app: &App, conn: &mut Conn, session: ConsumerSessionId, digest: &Digest) -> Result<bool, Fault> {
        flow::renew(app, conn, session, digest)
    }

    fn words(guest: &ConsumerGuest) -> (&str, &str) {
        (&guest.consumer.email, &guest.consumer.name)
    }
}
