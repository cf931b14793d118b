//! The settings as the rest of the house uses them.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use tracing::Level;

use crate::base::peer::ForwardedHeader;
use crate::base::{Seconds, Secret};

/// Every setting, checked one by one and against each other.
#[derive(Clone)]
pub struct Settings {
    /// `https://host[:port]`, in its one spelling, without closing slash; http only for this machine.
    pub issuer: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The certificate and key, if this server ends TLS itself.
    pub tls: Option<TlsFiles>,
    /// Proxies whose word on the client's address and on TLS counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they name the client.
    pub forwarded_header: ForwardedHeader,
    /// The host at which keys that copy data in bulk are used; without one they may use any.
    pub replication_host: Option<String>,
    /// Reverse proxies of data APIs, which may ask whether a request is allowed.
    pub gateways: Vec<IpNet>,
    /// How often keys may ask, by role.
    pub rates: Rates,
    /// Where everything is kept.
    pub database: DatabaseUrl,
    /// Connections to PostgreSQL; SQLite has no use for it.
    pub database_threads: usize,
    /// What seals keys in the database; not empty and no sample, its shape is the signing room's business.
    pub master_secret: Secret,
    /// Threads that answer requests.
    pub workers: usize,
    /// How letters leave, and in whose name.
    pub mail: MailSettings,
    /// How the log is written.
    pub log: LogSettings,
    /// When browser sessions end.
    pub sessions: Sessions,
    /// When codes and tokens end, unless their key says otherwise.
    pub lifetimes: Lifetimes,
    /// Sign-ins that may wait for the processor.
    pub password_queue: usize,
    /// Sign-ins a minute from one address; zero is no limit.
    pub sign_ins_per_minute: u32,
    /// Failed requests a minute of one key from one address; zero is no limit.
    pub client_failures: u32,
    /// When signing keys change.
    pub signing: SigningSettings,
    /// Whether people get a letter when somebody signs in from a new browser.
    pub sign_in_notice: bool,
}

/// How often keys may ask, by role. Units: requests in one window; zero is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// How long a window is.
    pub window: Seconds,
    /// In one second at one node, whatever the role.
    pub per_second: u32,
    /// In the role idx.
    pub idx: u32,
    /// In the role public.
    pub public: u32,
    /// In the role vow.
    pub vow: u32,
    /// In the role portal.
    pub portal: u32,
    /// In the role private.
    pub private: u32,
    /// Of a key that copies in bulk.
    pub replication: u32,
}

/// PEM files that exist; only its owner can read the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Where everything is kept.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A whole `postgres://` URL, which may hold a password.
    Postgres(Secret),
}

/// How letters leave, and in whose name.
#[derive(Clone)]
pub struct MailSettings {
    /// How letters leave.
    pub transport: MailTransport,
    /// `Name <name@example.com>` or just the address.
    pub from: String,
}

/// How letters leave.
#[derive(Clone)]
pub enum MailTransport {
    /// Through a mail server.
    Smtp(SmtpSettings),
    /// As files in a directory that exists.
    File(PathBuf),
    /// Only as a line in the log.
    Log,
}

/// Which mail server, and how to speak to it.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User name and password, if it wants them.
    pub login: Option<(String, Secret)>,
    /// How the connection is protected; none only if the host is this machine.
    pub encryption: MailEncryption,
    /// A PEM file with an authority to trust besides the public ones.
    pub ca_certificate: Option<PathBuf>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailEncryption {
    /// Upgraded by STARTTLS, or not used.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all.
    None,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// Text or JSON.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: Level,
}

/// Text or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// When browser sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sessions {
    /// After so long without use.
    pub idle: Seconds,
    /// After so long in any case.
    pub absolute: Seconds,
}

/// When codes and tokens end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Access tokens; at most 2,147,483 s.
    pub access_token: Seconds,
    /// Authorization codes; at most 600 s.
    pub code: Seconds,
    /// Refresh tokens, after so long without use.
    pub refresh_sliding: Seconds,
    /// Refresh tokens, in any case.
    pub refresh_absolute: Seconds,
    /// id_tokens.
    pub id_token: Seconds,
}

/// When signing keys change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningSettings {
    /// How often a new key takes over.
    pub rotate_every: Seconds,
    /// How long it is published before it signs; shorter than `rotate_every`.
    pub publish_ahead: Seconds,
}
