//! `latchkey demo`: all of it on this machine, with invented people, for whoever wants to see it work.

mod builders;
mod buyers;
mod folder;
mod keys;
mod people;
mod porch;
mod sample;
mod told;
mod web;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Done;
use super::failure::Failure;
use super::open::{self, Mode};
use super::{check, serve, settings};
use crate::app::App;
use crate::base::host;
use crate::config::Settings;
use crate::flows::operate::Desk;
use crate::flows::{start, upkeep};
use crate::mail::Mailbox;

const LISTEN: &str = "127.0.0.1:8080";
const SAMPLE_LISTEN: &str = "127.0.0.1:8081";
const PORCH_LISTEN: &str = "127.0.0.1:8082";

const EXAMPLES: &str = "\
Examples:
  latchkey demo
  latchkey demo --listen 127.0.0.1:9000 --sample-listen 127.0.0.1:9001 --data-dir /tmp/my-demo
  latchkey demo --json

Everything is kept in the data folder, so that the next demo knows the same people and keys; delete the folder to begin anew.";

/// Show it all on this machine: server, people, keys and a sample application, with nothing to set up.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Where the server listens: on this machine only, because everybody knows the demo's password
    #[arg(long, default_value = LISTEN, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Where the sample application listens [default: 127.0.0.1:8081, or any free port if that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    sample_listen: Option<SocketAddr>,
    /// Where the sample site for home buyers listens [default: 127.0.0.1:8082, or any free port if that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    porch_listen: Option<SocketAddr>,
    /// Where everything is kept
    #[arg(long, default_value = "latchkey-demo", value_name = "FOLDER")]
    data_dir: PathBuf,
    /// Use this PostgreSQL database instead of a file in the data folder
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Print one line of JSON with addresses, people and keys, then serve
    #[arg(long)]
    json: bool,
}

impl Demo {
    /// Prepares whatever is missing, then serves.
    pub fn run(&self) -> Done {
        for address in std::iter::once(&self.listen).chain(&self.sample_listen).chain(&self.porch_listen) {
            if !host::is_loopback(&address.ip().to_string()) {
                return Err(Failure::config(format!(
                    "listen: the demo stays on this machine, {address} does not; expected 127.0.0.1:PORT or [::1]:PORT"
                )));
            }
        }
        folder::make(&self.data_dir)?;
        let listener = bind(self.listen)?;
        let sample_listener = bind_or_any(self.sample_listen, SAMPLE_LISTEN)?;
        let porch_listener = bind_or_any(self.porch_listen, PORCH_LISTEN)?;
        let issuer = origin(listener.local_addr()?);
        let (home, porch) = (origin(sample_listener.local_addr()?), origin(porch_listener.local_addr()?));
        let settings = self.settings(&issuer, listener.local_addr()?)?;
        let seal = settings::seal(&settings)?;
        let mailer = serve::mailer(&settings)?;
        serve::log(&settings)?;
        serve::tell_panics();

        let db = open::database(&settings, Mode::MayCreate)?;
        let _lock = open::lock(&settings)?;
        let desk = Desk::new(db);
        start::migrate(&desk.db, &desk.clock, |_| ())?;
        start::check_schema(&desk.db)?;
        start::check_master_secret(&desk.db, &seal).map_err(check::wrong_master)?;
        let (ring, macs) = start::prepare(&desk.db, &seal, &desk.random, &upkeep::rotation_policy(&settings)?, desk.clock.now())?;
        people::invite(&desk, &issuer)?;
        let buyers = buyers::invite(&desk)?;
        let keys = keys::hand_out(&desk, &self.data_dir, &home, &porch)?;
        let tokens = builders::invite(&desk, &self.data_dir)?;
        let mailbox = Arc::new(Mailbox::default());
        let Desk { db, clock, random } = desk;
        let app = Arc::new(App::new(db, ring, macs, seal, clock, random, settings)?.showing(Arc::clone(&mailbox)));

        if self.json {
            told::json(&issuer, (&home, &porch), &buyers, &keys, &tokens)?;
        } else {
            told::people(&issuer, (&home, &porch), &buyers, &self.data_dir)?;
        }
        let site = porch_site(&issuer, &porch, &buyers, &keys)?;
        let logins = buyers.iter().map(|buyer| (buyer.login.to_owned(), buyer.who.to_owned())).collect();
        let upkeep = serve::Upkeep::start(&app, mailer.keeping(mailbox))?;
        let served = actix_web::rt::System::new().block_on(async {
            let sample = sample::server(sample_listener, sample::Party::new(&issuer, &home, &keys)?)?;
            let handle = sample.handle();
            actix_web::rt::spawn(sample);
            let porch = porch::server(porch_listener, site, logins)?;
            let porch_handle = porch.handle();
            actix_web::rt::spawn(porch);
            let served = crate::http::run(Arc::clone(&app), listener).await;
            handle.stop(false).await;
            porch_handle.stop(false).await;
            served
        });
        upkeep.stop();
        served.map_err(|why| Failure::other(format!("the server ended: {why}")))
    }

    fn settings(&self, issuer: &str, listen: SocketAddr) -> Result<Settings, Failure> {
        let at = |name: &str| self.data_dir.join(name).to_string_lossy().into_owned();
        // Given as variables are, because a database URL with a password is not taken from flags. The demo's own
        // environment is left alone: it must start alike for everybody.
        let given = [
            ("LATCHKEY_ISSUER", issuer.to_owned()),
            ("LATCHKEY_LISTEN", listen.to_string()),
            ("LATCHKEY_DATABASE", self.database.clone().unwrap_or_else(|| format!("sqlite:{}", at("latchkey.db")))),
            ("LATCHKEY_MASTER_SECRET_FILE", folder::master_secret(&self.data_dir)?.to_string_lossy().into_owned()),
            // Everybody on this machine has one address.
            ("LATCHKEY_CLIENT_FAILURES", "0".to_owned()),
            // The sample site has a data service of its own, on this machine.
            ("LATCHKEY_GATEWAYS", "127.0.0.1,::1".to_owned()),
            ("LATCHKEY_MAIL__TRANSPORT", "file".to_owned()),
            ("LATCHKEY_MAIL__DIRECTORY", at(folder::MAIL)),
        ];
        let environment = given.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok(Settings::load(None, environment, &std::collections::BTreeMap::new())?)
    }
}

/// The site for home buyers, with the key made for it.
fn porch_site(issuer: &str, porch: &str, buyers: &[buyers::DemoBuyer], keys: &[keys::DemoKey]) -> Result<porch::Site, Failure> {
    let key = keys.iter().find(|key| key.name == keys::PORCH).ok_or_else(|| Failure::other("the site for home buyers has no key"))?;
    let portal = buyers.first().map_or("", |buyer| buyer.portal.as_str());
    Ok(porch::Site::new(issuer, porch, portal, key))
}

/// The address that was asked for, or else the usual one, or any free one where that is taken.
fn bind_or_any(asked: Option<SocketAddr>, usual: &str) -> Result<TcpListener, Failure> {
    match asked {
        Some(address) => bind(address),
        None => TcpListener::bind(usual).or_else(|_| bind(SocketAddr::from(([127, 0, 0, 1], 0)))),
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|why| check::address_taken(address, &why))
}

/// The address as a browser spells it: the usual port is not written.
fn origin(address: SocketAddr) -> String {
    let text = format!("http://{address}");
    text.strip_suffix(":80").map_or(text.clone(), str::to_owned)
}
