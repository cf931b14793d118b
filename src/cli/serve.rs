//! `latchkey serve`: everything is looked at before anything is started.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::Done;
use super::failure::Failure;
use super::open::{self, Mode};
use super::{check, settings};
use crate::app::App;
use crate::base::{Clock, Fault, Random};
use crate::config::{LogFormat, MailEncryption, MailTransport, Settings};
use crate::flows::{start, upkeep};
use crate::mail::{Encryption, Mailer, Smtp, Transport};
use crate::observe::{self, Format};

const EXAMPLES: &str = "\
Examples:
  latchkey serve --config latchkey.toml
  latchkey serve --config latchkey.toml --listen [::]:8443 --set log.format=json
  LATCHKEY_MASTER_SECRET_FILE=/run/secrets/master latchkey serve --config latchkey.toml";

/// Run the server until it is told to stop (SIGTERM or Ctrl-C), letting requests under way finish.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    #[command(flatten)]
    from: settings::From,
    /// Listen here instead
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

impl Serve {
    /// Starts the server and waits for its end.
    pub fn run(&self) -> Done {
        let settings = self.from.load(&[("listen", self.listen.clone())])?;
        let seal = settings::seal(&settings)?;
        if let Some(files) = &settings.tls {
            check::tls(files)?;
        }
        let mailer = mailer(&settings)?;
        let db = open::database(&settings, Mode::Existing)?;
        start::check_schema(&db)?;
        start::check_master_secret(&db, &seal).map_err(check::wrong_master)?;
        let _lock = open::lock(&settings)?;
        let listener = TcpListener::bind(settings.listen).map_err(|why| check::address_taken(settings.listen, &why))?;
        log(&settings)?;
        let (clock, random) = (Clock::default(), Random::default());
        let (ring, macs) = start::prepare(&db, &seal, &random, &upkeep::rotation_policy(&settings)?, clock.now())?;
        let app = Arc::new(App::new(db, ring, macs, seal, clock, random, settings)?);
        tell_panics();
        tracing::info!(issuer = app.settings.issuer, listen = %app.settings.listen, database = app.db.engine_name(), "latchkey serves");
        let upkeep = Upkeep::start(&app, mailer)?;
        let served = actix_web::rt::System::new().block_on(crate::http::run(Arc::clone(&app), listener));
        upkeep.stop();
        served.map_err(|why| Failure::other(format!("the server ended: {why}")))
    }
}

/// The thread that does what a running server does by itself.
pub struct Upkeep {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Upkeep {
    /// Starts it.
    pub fn start(app: &Arc<App>, mailer: Mailer) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let (app, told) = (Arc::clone(app), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("upkeep".into()).spawn(move || upkeep::run(&app, &mailer, &told))?;
        Ok(Self { stop, thread })
    }

    /// Ends it, after what it is doing.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        // A panic in there was told when it happened.
        let _ = self.thread.join();
    }
}

/// The mailer of the settings.
pub fn mailer(settings: &Settings) -> Result<Mailer, Failure> {
    let transport = match settings.mail.transport.clone() {
        MailTransport::Smtp(smtp) => Transport::Smtp(Smtp {
            host: smtp.host,
            port: smtp.port,
            login: smtp.login,
            encryption: match smtp.encryption {
                MailEncryption::StartTls => Encryption::StartTls,
                MailEncryption::Tls => Encryption::Tls,
                MailEncryption::None => Encryption::None,
            },
            ca_certificate: smtp.ca_certificate,
        }),
        MailTransport::File(directory) => Transport::File(directory),
        MailTransport::Log => Transport::Log,
    };
    Mailer::new(transport, &settings.mail.from).map_err(|fault| match fault {
        Fault::Unavailable(why) | Fault::Broken(why) | Fault::TooSlow(why) => Failure::config(why),
    })
}

/// Sends events to stderr as the settings say.
pub fn log(settings: &Settings) -> Done {
    let format = match settings.log.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    Ok(observe::init(format, settings.log.level)?)
}

/// Tells a panic in one line of the log: where, never what it said, since that may hold what nobody should read.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        tracing::error!(place, thread, "panicked; the work at hand is given up");
    }));
}
