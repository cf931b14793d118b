//! One class of people who sign in here, and what the door has to know of them.

use std::fmt::Display;

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;

use crate::app::App;
use crate::base::{Digest, Fault, Timestamp};
use crate::flows::console::enter::Return;
use crate::flows::device::Device;
use crate::flows::guesses::{Admitted, Login};
use crate::flows::record::Caller;
use crate::http::cookies::SessionCookie;
use crate::http::pages::ConsolePage;
use crate::http::work::Hands;
use crate::store::Conn;

use super::Place;

/// One class of people: accounts of an MLS, developers, home buyers.
pub trait People: Sized + 'static {
    /// The id of a session of theirs.
    type Id: Copy + From<i64> + Display + Send + 'static;
    /// One of them who is signed in.
    type Guest: Clone + Send + 'static;
    /// Which of them a place is for.
    type Whose: Copy + Send + Sync + 'static;
    /// What one of them signs in as.
    type Login: Login + Send + 'static;

    /// The cookie that holds their session.
    const COOKIE: SessionCookie<Self::Id>;

    /// Who is signed in in the browser that holds this session.
    fn enter(app: &App, conn: &mut Conn, held: Option<&(Self::Id, Digest)>, caller: &Caller) -> Result<Option<Self::Guest>, Fault>;

    /// Their session, and when the password was given in it.
    fn session(guest: &Self::Guest) -> (Self::Id, Timestamp);

    /// Whether a place is for this one.
    fn may_enter(guest: &Self::Guest, whose: Self::Whose) -> bool;

    /// The frame of a page at `path`, with its heading and a sentence under it.
    fn page(guest: &Self::Guest, whose: Self::Whose, path: &str, title: &str, lede: &str) -> ConsolePage;

    /// Where those places begin.
    fn home(whose: Self::Whose) -> &'static str;

    /// What is said to one who may not enter, with the word for the log.
    fn outside(guest: &Self::Guest, whose: Self::Whose, path: &str) -> (&'static str, ConsolePage);

    /// Every place of theirs, in the order in which addresses are looked up.
    fn places() -> impl Iterator<Item = &'static Place<Self>>;

    /// The sign-in page that leads back.
    fn sign_in(app: &Hands, browser: &str, back: Return, cookies: &[Cookie<'_>]) -> impl Future<Output = Result<HttpResponse, Fault>>;

    /// Counts a guess at the password of who is signed in; `Err` says until when none is taken. One write.
    fn admit(
        app: &App,
        conn: &mut Conn,
        guest: &Self::Guest,
        caller: &Caller,
        device: &Device,
    ) -> Result<Result<Admitted<Self::Login>, Timestamp>, Fault>;

    /// Gives a session of who has just given the password again a new secret; `false` where it is over. Within a write.
    fn renew(app: &App, conn: &mut Conn, session: Self::Id, digest: &Digest) -> Result<bool, Fault>;

    /// What this node has to do once something was changed at a place of theirs.
    fn changed(_: &App) {}

    /// The words that a new password of theirs must not be.
    fn words(guest: &Self::Guest) -> (&str, &str);
}
