//! The server engine: a few threads, each owning one connection; pure Rust, TLS by rustls.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::base::{Fault, Secret};

use super::conn::{Conn, OwnThread, PgConnection, PgLink};
use super::{Job, QUEUE};

/// How long any one statement may take. Units: milliseconds.
pub(super) const STATEMENT_TIMEOUT: u32 = 5000;

/// How to reach a PostgreSQL server.
#[derive(Clone)]
pub struct PgOptions {
    /// `postgres://user:password@host/database`, with `sslmode` and `sslrootcert` (a PEM file) if wanted.
    ///
    /// Without `sslmode` TLS is required, but for a server on this machine.
    pub url: Secret,
    /// How many connections.
    pub threads: usize,
}

pub(super) struct Postgres {
    jobs: flume::Sender<Job>,
}

#[derive(Clone)]
struct Target {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Postgres {
    /// Connects once to be sure, then starts the threads.
    pub fn connect(options: &PgOptions) -> Result<Self, Fault> {
        let target = Target::of(options)?;
        let (jobs, queue) = flume::bounded::<Job>(QUEUE);
        let (ready, first) = flume::bounded(1);
        let losses = Arc::new(AtomicU64::new(0));
        for number in 0..options.threads.max(1) {
            let (target, queue, losses, ready) = (target.clone(), queue.clone(), Arc::clone(&losses), ready.clone());
            std::thread::Builder::new()
                .name(format!("postgres-{number}"))
                .spawn(move || work(&target, &queue, &losses, (number == 0).then_some(ready)))
                .map_err(Fault::broken)?;
        }
        first
            .recv_timeout(Duration::from_secs(10))
            .unwrap_or_else(|_| Err(Fault::unavailable("PostgreSQL did not answer within ten seconds")))?;
        Ok(Self { jobs })
    }

    pub fn jobs(&self) -> &flume::Sender<Job> {
        &self.jobs
    }
}

/// Does jobs on a connection of its own. `losses` counts how often any thread saw the server go away: whoever connected before
/// the last time connects again, so that an outage costs each thread no failed job of its own.
fn work(target: &Target, queue: &flume::Receiver<Job>, losses: &AtomicU64, ready: Option<flume::Sender<Result<(), Fault>>>) {
    let mut conn = None;
    let mut connected_at = 0;
    if let Some(ready) = ready {
        let _ = ready.send(target.connect().map(|fresh| conn = Some(fresh)));
    }
    while let Ok(job) = queue.recv() {
        let seen = losses.load(Ordering::Relaxed);
        let held = match conn.take() {
            Some(held) if connected_at == seen => Ok(held),
            _ => {
                connected_at = seen;
                target.connect()
            }
        };
        match held {
            Err(why) => job(Err(why))(Ok(())),
            Ok(mut held) => {
                job(Ok(&mut held))(Ok(()));
                conn = match held {
                    Conn::Pg(link) if !link.is_sound() => {
                        if link.is_lost() {
                            losses.fetch_add(1, Ordering::Relaxed);
                        }
                        None
                    }
                    sound => Some(sound),
                };
            }
        }
    }
}

impl Target {
    fn of(options: &PgOptions) -> Result<Self, Fault> {
        let (url, root_file) = take_root_file(options.url.expose());
        let url = with_known_mode(&url);
        let names_ssl = url.contains("sslmode=");
        let mut config = tokio_postgres::Config::from_str(&url)
            .map_err(|_| Fault::broken("the database URL cannot be read: write postgres://user:password@host/database, with ?sslmode=disable, prefer or verify-full if wanted"))?;
        if !names_ssl {
            config.ssl_mode(if is_here(&config) { SslMode::Disable } else { SslMode::Require });
        }
        config
            .connect_timeout(Duration::from_secs(2))
            .keepalives_idle(Duration::from_secs(10))
            .tcp_user_timeout(Duration::from_secs(2))
            .application_name("latchkey")
            .options(format!(
                "-c statement_timeout={STATEMENT_TIMEOUT} -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c TimeZone=UTC"
            ));
        Ok(Self { config, tls: MakeRustlsConnect::new(client_config(root_file.as_deref())?) })
    }

    fn connect(&self) -> Result<Conn, Fault> {
        let runtime = OwnThread::runtime();
        let conn = runtime
            .block_on(async {
                let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(|error| with_causes(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(|error| error.to_string())
            })
            .map_err(|why| Fault::unavailable(format!("cannot connect to PostgreSQL: {why}")))?;
        Ok(Conn::Pg(Box::new(PgLink::new(PgConnection::from(conn)))))
    }
}

/// An error and what caused it: the driver's own sentence is only "error connecting to server".
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_says = inner.to_string();
        if !told.contains(&inner_says) {
            told = format!("{told}: {inner_says}");
        }
        cause = inner.source();
    }
    told
}

/// `verify-full` is what `require` means here, since rustls always looks at chain and name; the driver does not know the word.
fn with_known_mode(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs: Vec<&str> = query.split('&').map(|pair| if pair == "sslmode=verify-full" { "sslmode=require" } else { pair }).collect();
    format!("{base}?{}", pairs.join("&"))
}

/// Takes `sslrootcert=FILE` out of the URL, because the driver does not know it.
fn take_root_file(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (roots, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| pair.starts_with("sslrootcert="));
    let root = roots
        .first()
        .and_then(|pair| pair.split_once('='))
        .map(|(_, file)| percent_encoding::percent_decode_str(file).decode_utf8_lossy().into_owned());
    (if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) }, root)
}

fn is_here(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn client_config(root_file: Option<&str>) -> Result<ClientConfig, Fault> {
    let mut roots = RootCertStore::empty();
    match root_file {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let certificates =
                CertificateDer::pem_file_iter(file).map_err(|error| Fault::broken(format!("sslrootcert {file}: {error}")))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| Fault::broken(format!("sslrootcert {file}: {error}")))?;
                roots.add(certificate).map_err(|error| Fault::broken(format!("sslrootcert {file}: {error}")))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(Fault::broken)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_required_unless_the_server_is_on_this_machine_or_the_url_says_otherwise() {
        for (url, mode) in [
            ("postgres://u:p@db.example/latchkey", SslMode::Require),
            ("postgres://u:p@127.0.0.1:5433/latchkey", SslMode::Disable),
            ("postgres://u:p@127.0.0.1/latchkey?sslmode=require", SslMode::Require),
            ("postgres://u:p@127.0.0.1/latchkey?sslmode=verify-full", SslMode::Require),
        ] {
            assert_eq!(Target::of(&PgOptions { url: Secret::new(url), threads: 1 }).unwrap().config.get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn a_server_that_cannot_be_reached_is_told_with_the_cause() {
        // A port that was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap();
        let target = Target::of(&PgOptions { url: Secret::new(format!("postgres://u:p@{free}/d")), threads: 1 }).unwrap();
        let Some(Fault::Unavailable(why)) = target.connect().err() else { panic!("it connected") };
        assert!(why.starts_with("cannot connect to PostgreSQL: ") && why.contains("refused"), "{why}");
    }

    #[test]
    fn the_root_certificate_is_read_from_the_url() {
        assert_eq!(
            take_root_file("postgres://h/d?sslmode=require&sslrootcert=%2Fca.pem"),
            ("postgres://h/d?sslmode=require".into(), Some("/ca.pem".into()))
        );
        assert!(Target::of(&PgOptions { url: Secret::new("postgres://h/d?sslrootcert=/nowhere.pem"), threads: 1 }).is_err());
    }
}
