//! One letter to a mail server (RFC 5321), encrypted before anything is said that matters, within a time limit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::time::{Duration, Instant};

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};

use super::MailProblem;
use crate::base::text::readable;
use crate::base::{Fault, Secret, host};

/// As many letters may be under way at once, those counted in that we no longer wait for.
const MOST_UNDER_WAY: usize = 4;

/// Which server takes our letters, and how we speak to it.
pub struct Smtp {
    /// Its name, which its certificate must bear, or its address.
    pub host: String,
    /// Its port: usually 587 for STARTTLS, 465 for TLS.
    pub port: u16,
    /// User name and password, if it wants them.
    pub login: Option<(String, Secret)>,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Certificates (PEM) of an authority to trust besides the public ones.
    pub ca_certificate: Option<PathBuf>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Upgraded by STARTTLS, or not used.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In clear: for a server on this machine only.
    None,
}

pub(super) struct Sender {
    server: Arc<Server>,
    pub(super) cap: Duration,
    under_way: Arc<AtomicUsize>,
}

struct Server {
    host: String,
    port: u16,
    login: Option<(String, Secret)>,
    protection: Protection,
}

enum Protection {
    StartTls(TlsParameters),
    Tls(TlsParameters),
    None,
}

impl Sender {
    pub(super) fn new(smtp: Smtp) -> Result<Self, Fault> {
        let Smtp { host, port, login, encryption, ca_certificate } = smtp;
        let tls = || -> Result<TlsParameters, Fault> {
            let mut tls = TlsParameters::builder(host.clone());
            if let Some(path) = &ca_certificate {
                let pem = std::fs::read(path).map_err(|why| Fault::broken(format!("mail: the CA certificate: {why}")))?;
                tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(Fault::broken)?);
            }
            tls.build_rustls().map_err(Fault::broken)
        };
        let protection = match encryption {
            Encryption::StartTls => Protection::StartTls(tls()?),
            Encryption::Tls => Protection::Tls(tls()?),
            Encryption::None if host::is_loopback(&host) => Protection::None,
            Encryption::None => {
                return Err(Fault::broken("mail: only a server on this machine may be spoken to without encryption"));
            }
        };
        let server = Arc::new(Server { host, port, login, protection });
        Ok(Self { server, cap: Duration::from_mins(1), under_way: Arc::default() })
    }

    /// The work is done on a thread of its own, because a server that says one byte a second defeats every socket timeout.
    pub(super) fn send(&self, message: &Message) -> Result<(), MailProblem> {
        let count = &self.under_way;
        if count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < MOST_UNDER_WAY).then_some(n + 1)).is_err() {
            return Err(MailProblem::Temporary("as many letters as allowed are still under way".to_owned()));
        }
        let place = Place(Arc::clone(count));
        let (server, message, deadline) = (Arc::clone(&self.server), message.clone(), Instant::now() + self.cap);
        let (answer, answered) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || {
                let _place = place;
                server.deliver(&message, deadline, &answer);
            })
            .map_err(|why| MailProblem::Temporary(format!("no thread to send from: {why}")))?;
        answered.recv_timeout(self.cap).unwrap_or_else(|_| Err(MailProblem::Temporary("the mail server took too long".to_owned())))
    }
}

/// A letter under way, until its thread ends.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    fn deliver(&self, message: &Message, deadline: Instant, answer: &SyncSender<Result<(), MailProblem>>) {
        let (mut connection, sent) = match self.connect(deadline) {
            Ok(mut connection) => {
                let sent = hand_over(&mut connection, message, deadline);
                (Some(connection), sent)
            }
            Err(problem) => (None, Err(problem)),
        };
        // The receiver may have given up; and the farewell comes after the answer, so that nobody waits for it.
        let _ = answer.send(sent);
        if let Some(connection) = &mut connection {
            connection.abort();
        }
    }

    /// Connects, encrypts and signs in. No failure here is the letter's fault, so all are temporary.
    fn connect(&self, deadline: Instant) -> Result<SmtpConnection, MailProblem> {
        let (hello, temporary) = (ClientId::default(), |why: Error| MailProblem::Temporary(words(&why)));
        let tls = if let Protection::Tls(tls) = &self.protection { Some(tls) } else { None };
        let server = (self.host.trim_matches(['[', ']']), self.port);
        let mut connection = SmtpConnection::connect(server, Some(left(deadline)?), &hello, tls, None).map_err(temporary)?;
        if let Protection::StartTls(tls) = &self.protection {
            wait_at_most(&mut connection, deadline)?;
            connection.starttls(tls, &hello).map_err(temporary)?;
        }
        if let Some((user, password)) = &self.login {
            wait_at_most(&mut connection, deadline)?;
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).map_err(temporary)?;
        }
        Ok(connection)
    }
}

/// Sender, recipient, text. A sender refused for good is a wrong setting, not a wrong letter, and so is temporary.
fn hand_over(connection: &mut SmtpConnection, message: &Message, deadline: Instant) -> Result<(), MailProblem> {
    let by_code = |why: Error| if why.is_permanent() { MailProblem::Permanent(words(&why)) } else { MailProblem::Temporary(words(&why)) };
    let envelope = message.envelope();
    let mut parameters = Vec::new();
    if envelope.to().iter().chain(envelope.from()).any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(MailProblem::Permanent("the mail server does not take addresses beyond ASCII".to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    wait_at_most(connection, deadline)?;
    connection.command(Mail::new(envelope.from().cloned(), parameters)).map_err(|why| MailProblem::Temporary(words(&why)))?;
    for to in envelope.to() {
        wait_at_most(connection, deadline)?;
        connection.command(Rcpt::new(to.clone(), Vec::new())).map_err(by_code)?;
    }
    wait_at_most(connection, deadline)?;
    connection.command(Data).map_err(by_code)?;
    wait_at_most(connection, deadline)?;
    connection.message(&message.formatted()).map_err(by_code)?;
    Ok(())
}

fn left(deadline: Instant) -> Result<Duration, MailProblem> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(MailProblem::Temporary("the mail server took too long".to_owned())) } else { Ok(left) }
}

fn wait_at_most(connection: &mut SmtpConnection, deadline: Instant) -> Result<(), MailProblem> {
    connection.set_timeout(Some(left(deadline)?)).map_err(|why| MailProblem::Temporary(why.to_string()))
}

/// The server's words, fit to be stored and shown.
fn words(why: &Error) -> String {
    readable(&why.to_string(), 300)
}

#[cfg(test)]
mod tests;
