//! The measured side: a process of its own, so that its processor time is nobody else's.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_web::{App as Site, HttpResponse, HttpServer, web};
use latchkey::app::App;
use latchkey::base::{Clock, Random, Secret};
use latchkey::config::Settings;
use latchkey::flows::{start, upkeep};
use latchkey::http;
use latchkey::mail::{Mailer, Transport};
use latchkey::observe;
use latchkey::signing::{MasterSecret, Seal};
use latchkey::store::{Db, PgOptions};

use crate::seed;

const MASTER: &str = "lkm_a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5b6c7d2e3f4a5ba";

/// What `serve` is asked for on its command line.
pub struct Wanted<'a> {
    pub address: &'a str,
    pub folder: &'a Path,
    pub postgres: Option<&'a str>,
    pub grants: usize,
}

/// Serves as the product does, on a database that is filled first; what is there already stays.
pub fn run(wanted: &Wanted<'_>) {
    let listener = TcpListener::bind(wanted.address).unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let flags = [
        ("issuer", issuer.as_str()),
        // One address asks for everybody here, and no key may run out of requests.
        ("gateways", "127.0.0.1"),
        ("rates.private", "100000000"),
        ("rates.per_second", "0"),
        ("database", "sqlite:unused"),
        ("log.level", "warn"),
        ("client_failures", "0"),
        ("sign_ins_per_minute", "0"),
        ("sign_in_notice", "false"),
    ];
    let flags: BTreeMap<String, String> = flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let environment = [("LATCHKEY_MASTER_SECRET".to_owned(), MASTER.to_owned())];
    let settings = Settings::load(None, environment.into_iter(), &flags).unwrap_or_else(|problems| panic!("{problems}"));
    observe::init(observe::Format::Text, settings.log.level).unwrap();
    let db = match wanted.postgres {
        Some(url) => Db::postgres(&PgOptions { url: Secret::new(url), threads: settings.database_threads }).unwrap(),
        None => Db::sqlite(&wanted.folder.join("latchkey.db")).unwrap(),
    };
    let (clock, random) = (Clock::System, Random::default());
    start::migrate(&db, &clock, |_| {}).unwrap();
    let seal = Seal::new(&MasterSecret::parse(MASTER).unwrap()).unwrap();
    let policy = upkeep::rotation_policy(&settings).unwrap();
    let (ring, macs) = start::prepare(&db, &seal, &random, &policy, clock.now()).unwrap();
    let app = Arc::new(App::new(db, ring, macs, seal, clock, random, settings).unwrap());
    seed::fill(&app, wanted.grants, |step| eprintln!("  seeded: {step}"));
    if !wanted.folder.join("tokens.json").exists() {
        seed::tokens(&app, wanted.folder);
    }
    let kept = Arc::clone(&app);
    std::thread::spawn(move || {
        let mailer = Mailer::new(Transport::Log, "bench@example.com").unwrap();
        upkeep::run(&kept, &mailer, &AtomicBool::new(false));
    });
    println!("listening on {issuer}");
    actix_web::rt::System::new().block_on(http::run(app, listener)).unwrap();
}

/// Serves a constant: what a request costs before anything is done for it.
pub fn bare(address: &str) {
    const ANSWER: &str = r#"{"access_token":"lka_aeaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","token_type":"Bearer"}"#;
    let listener = TcpListener::bind(address).unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let site = || {
        let json = || HttpResponse::Ok().content_type("application/json").body(ANSWER);
        let post = move |_: web::Form<Vec<(String, String)>>| async move { json() };
        Site::new().route("/", web::get().to(move || async move { json() })).route("/", web::post().to(post))
    };
    actix_web::rt::System::new().block_on(HttpServer::new(site).workers(workers).listen(listener).unwrap().run()).unwrap();
}

/// A server process, from the outside.
pub struct Subject {
    pub name: String,
    pub address: String,
    process: Child,
}

impl Subject {
    /// Starts this very program again as a server, on one processor core where the machine has `taskset` and more than one.
    pub fn start(name: String, arguments: &[&str]) -> Self {
        let program = std::env::current_exe().unwrap();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let can_pin = cores > 1 && Command::new("taskset").arg("--version").stdout(Stdio::null()).status().is_ok();
        let mut command = if can_pin { Command::new("taskset") } else { Command::new(&program) };
        if can_pin {
            command.args(["-c", "0"]).arg(&program);
        }
        // It ends when its standard input does, and so never outlives us.
        let mut process = command.args(arguments).arg("--leashed").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let first = BufReader::new(process.stdout.take().unwrap()).lines().next();
        let line = first.unwrap_or_else(|| panic!("the server `{name}` did not start")).unwrap();
        let address = line.rsplit("//").next().unwrap().to_owned();
        Self { name, address, process }
    }

    /// The processor time of all its threads so far. Units: microseconds.
    pub fn spent(&self) -> f64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let nanos = |task: std::fs::DirEntry| {
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<f64>().ok()
        };
        tasks.flatten().filter_map(nanos).sum::<f64>() / 1000.0
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Ends this process when whoever started it is gone.
pub fn leash() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
