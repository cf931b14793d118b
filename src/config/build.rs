//! From what was given to typed settings: each value by itself, then the values against each other.

use std::path::{Path, PathBuf};

use tracing::Level;

use super::files;
use super::names::{Kind, Setting, Unless};
use super::problems::Problems;
use super::raw::{Given, Raw};
use super::settings::{
    Lifetimes, LogFormat, LogSettings, MailEncryption, MailSettings, MailTransport, Rates, Sessions, Settings, SigningSettings,
    SmtpSettings, TlsFiles,
};
use super::values;
use crate::base::peer::ForwardedHeader;
use crate::base::{Seconds, Secret, host};

/// Settings, or everything that is wrong.
pub(super) fn build(raw: Raw) -> Result<Settings, Problems> {
    let mut from = Builder { raw };
    let settings = from.settings();
    match settings {
        Ok(settings) if from.raw.problems.0.is_empty() => Ok(settings),
        _ => Err(from.raw.problems),
    }
}

struct Builder {
    raw: Raw,
}

/// In place of a value: a problem was noted, so the settings will be refused in the end.
struct Noted;

type Noting<T> = Result<T, Noted>;

impl Builder {
    /// Looks at everything before it gives up on anything.
    fn settings(&mut self) -> Noting<Settings> {
        let issuer = self.one("issuer", values::issuer);
        let listen = self.one("listen", |text| text.parse().map_err(|_| "it is not an address with a port"));
        let tls = self.tls();
        let trusted_proxies = self.networks("trusted_proxies");
        let forwarded_header = self.choice("forwarded_header", |word| match word {
            "forwarded" => ForwardedHeader::Forwarded,
            _ => ForwardedHeader::XForwardedFor,
        });
        let replication_host = self.optional("replication_host", values::host);
        let gateways = self.networks("gateways");
        let rates = self.rates();
        let database = self.one("database", values::database);
        let database_threads = self.count("database_threads");
        let master_secret = self.secret("master_secret");
        let workers = if self.is_given("workers") { self.count("workers") } else { Ok(cores()) };
        let mail = self.mail(issuer.as_deref().unwrap_or_default());
        let format = self.choice("log.format", |word| if word == "json" { LogFormat::Json } else { LogFormat::Text });
        let level = self.choice("log.level", |word| word.parse().unwrap_or(Level::INFO));
        let idle = self.span("sessions.idle");
        let absolute = self.span("sessions.absolute");
        let access_token = self.span("lifetimes.access_token");
        let code = self.span("lifetimes.code");
        let refresh_sliding = self.span("lifetimes.refresh_sliding");
        let refresh_absolute = self.span("lifetimes.refresh_absolute");
        let id_token = self.span("lifetimes.id_token");
        let rotate_every = self.span("signing.rotate_every");
        let publish_ahead = self.span("signing.publish_ahead");
        let password_queue = self.count("password_queue");
        let sign_ins_per_minute = self.count("sign_ins_per_minute");
        let client_failures = self.count("client_failures");
        let sign_in_notice = self.one("sign_in_notice", values::switch);

        self.not_longer(("sessions.idle", &idle), ("sessions.absolute", &absolute));
        self.not_longer(("lifetimes.refresh_sliding", &refresh_sliding), ("lifetimes.refresh_absolute", &refresh_absolute));
        self.not_longer(("signing.publish_ahead", &publish_ahead), ("signing.rotate_every", &rotate_every));
        if let (Ok(issuer), Ok(tls), Ok(proxies)) = (&issuer, &tls, &trusted_proxies) {
            self.encrypted_or_not(issuer, tls.is_some(), !proxies.is_empty());
        }
        Ok(Settings {
            issuer: issuer?,
            listen: listen?,
            tls: tls?,
            trusted_proxies: trusted_proxies?,
            forwarded_header: forwarded_header?,
            replication_host: replication_host?,
            gateways: gateways?,
            rates: rates?,
            database: database?,
            database_threads: database_threads?,
            master_secret: master_secret?,
            workers: workers?,
            mail: mail?,
            log: LogSettings { format: format?, level: level? },
            sessions: Sessions { idle: idle?, absolute: absolute? },
            lifetimes: Lifetimes {
                access_token: access_token?,
                code: code?,
                refresh_sliding: refresh_sliding?,
                refresh_absolute: refresh_absolute?,
                id_token: id_token?,
            },
            password_queue: password_queue?,
            sign_ins_per_minute: u32::try_from(sign_ins_per_minute?).unwrap_or(u32::MAX),
            client_failures: u32::try_from(client_failures?).unwrap_or(u32::MAX),
            signing: SigningSettings { rotate_every: rotate_every?, publish_ahead: publish_ahead? },
            sign_in_notice: sign_in_notice?,
        })
    }
}

/// Values against each other.
impl Builder {
    fn rates(&mut self) -> Noting<Rates> {
        let window = self.span("rates.window");
        let of = |from: &mut Self, name| from.count(name).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let per_second = of(self, "rates.per_second");
        let (idx, public, vow) = (of(self, "rates.idx"), of(self, "rates.public"), of(self, "rates.vow"));
        let (portal, private, replication) = (of(self, "rates.portal"), of(self, "rates.private"), of(self, "rates.replication"));
        Ok(Rates {
            window: window?,
            per_second: per_second?,
            idx: idx?,
            public: public?,
            vow: vow?,
            portal: portal?,
            private: private?,
            replication: replication?,
        })
    }

    fn tls(&mut self) -> Noting<Option<TlsFiles>> {
        let certificate = self.pem("tls.certificate", "-----BEGIN CERTIFICATE-----");
        let key = self.pem("tls.key", "PRIVATE KEY-----");
        match (certificate?, key?) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
            (Some(_), None) => self.complain("tls.key", "it is missing although tls.certificate is given"),
            (None, Some(_)) => self.complain("tls.certificate", "it is missing although tls.key is given"),
        }
    }

    fn mail(&mut self, issuer: &str) -> Noting<MailSettings> {
        let transport = self.choice("mail.transport", str::to_owned);
        let from = self.optional("mail.from", |text| match text.parse::<lettre::message::Mailbox>() {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err("it is not an e-mail address"),
        });
        let directory = self.optional("mail.directory", |text| {
            let path = PathBuf::from(text);
            if path.is_dir() { Ok(path) } else { Err("there is no such directory") }
        });
        let smtp = self.smtp(transport.as_ref().is_ok_and(|word| word == "smtp"));
        let transport = match transport?.as_str() {
            "smtp" => MailTransport::Smtp(smtp?.ok_or(Noted)?),
            "file" => match directory? {
                Some(directory) => MailTransport::File(directory),
                None => return self.complain("mail.directory", "it is missing although mail.transport is file"),
            },
            _ => MailTransport::Log,
        };
        Ok(MailSettings { transport, from: from?.unwrap_or_else(|| sender(issuer)) })
    }

    /// The mail server, if one is named, as it must be when it is `wanted`; looked at even if letters go elsewhere, so that a
    /// wrong value does not wait for its day.
    fn smtp(&mut self, wanted: bool) -> Noting<Option<SmtpSettings>> {
        let server = self.optional("mail.host", |text| {
            let strange = |c: char| c.is_whitespace() || c.is_control() || "/@?#".contains(c);
            if text.contains(strange) { Err("it is not the name of a host") } else { Ok(text.to_owned()) }
        });
        let port = if self.is_given("mail.port") { self.count("mail.port").map(Some) } else { Ok(None) };
        let encryption = self.choice("mail.encryption", |word| match word {
            "tls" => MailEncryption::Tls,
            "none" => MailEncryption::None,
            _ => MailEncryption::StartTls,
        });
        let ca_certificate = self.pem("mail.ca_certificate", "-----BEGIN CERTIFICATE-----");
        let login = self.login();
        if wanted && matches!(server, Ok(None)) {
            return self.complain("mail.host", "it is missing although mail.transport is smtp");
        }
        let (Some(host), encryption) = (server?, encryption?) else { return login.map(|_| None) };
        if encryption == MailEncryption::None && !host::is_loopback(&host) {
            return self.complain("mail.encryption", "it is none although mail.host is not this machine");
        }
        let usual = match encryption {
            MailEncryption::StartTls => 587,
            MailEncryption::Tls => 465,
            MailEncryption::None => 25,
        };
        let port = port?.and_then(|port: usize| u16::try_from(port).ok()).unwrap_or(usual);
        Ok(Some(SmtpSettings { host, port, login: login?, encryption, ca_certificate: ca_certificate? }))
    }

    fn login(&mut self) -> Noting<Option<(String, Secret)>> {
        let username = self.optional("mail.username", |text| Ok(text.to_owned()));
        let password = if self.is_given("mail.password") { self.secret("mail.password").map(Some) } else { Ok(None) };
        match (username?, password?) {
            (Some(username), Some(password)) => Ok(Some((username, password))),
            (None, None) => Ok(None),
            (Some(_), None) => self.complain("mail.password", "it is missing although mail.username is given"),
            (None, Some(_)) => self.complain("mail.username", "it is missing although mail.password is given"),
        }
    }

    fn not_longer(&mut self, shorter: (&str, &Noting<Seconds>), longer: (&str, &Noting<Seconds>)) {
        if let ((name, Ok(short)), (other, Ok(long))) = (shorter, longer)
            && short > long
        {
            let shown = self.shown(name);
            self.raw.problems.add(shown, format!("it is longer than {other}"), format!("at most {other}"));
        }
    }

    fn encrypted_or_not(&mut self, issuer: &str, tls: bool, proxies: bool) {
        let https = issuer.starts_with("https:");
        let shown = self.shown("issuer");
        if tls && !https {
            self.raw.problems.add(shown, "it is http although tls.certificate is given", "https, or no [tls]");
        } else if https && !tls && !proxies {
            let wrong = "it is https, but nothing here would speak TLS";
            self.raw.problems.add(shown, wrong, "tls.certificate and tls.key, or trusted_proxies that end TLS");
        }
    }
}

/// Each value by itself.
impl Builder {
    fn is_given(&self, name: &str) -> bool {
        self.raw.given.contains_key(name)
    }

    fn shown(&self, name: &str) -> String {
        self.raw.given.get(name).map_or_else(|| name.to_owned(), |given| format!("{name} ({})", given.source))
    }

    fn complain<T>(&mut self, name: &str, wrong: &str) -> Noting<T> {
        let expected = Setting::find(name).map(Setting::expected).unwrap_or_default();
        let shown = self.shown(name);
        self.raw.problems.add(shown, wrong, expected);
        Err(Noted)
    }

    /// The text given for `name`, or its default.
    fn text(&mut self, name: &str) -> Noting<String> {
        match (self.raw.given.get(name), Setting::find(name).map(|entry| &entry.unless_given)) {
            (Some(Given { texts, .. }), _) => match texts.as_ref().ok_or(Noted)?.first().filter(|text| !text.is_empty()) {
                Some(text) => Ok(text.clone()),
                None => self.complain(name, "it is empty"),
            },
            (None, Some(Unless::Default(value))) => Ok((*value).to_owned()),
            (None, _) if self.raw.incomplete => Err(Noted),
            (None, _) => self.complain(name, "it is missing"),
        }
    }

    fn one<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, &'static str>) -> Noting<T> {
        let text = self.text(name)?;
        read(&text).or_else(|wrong| self.complain(name, wrong))
    }

    fn optional<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, &'static str>) -> Noting<Option<T>> {
        if self.is_given(name) { self.one(name, read).map(Some) } else { Ok(None) }
    }

    fn secret(&mut self, name: &str) -> Noting<Secret> {
        self.one(name, values::secret)
    }

    fn choice<T>(&mut self, name: &str, read: impl Fn(&str) -> T) -> Noting<T> {
        let words = if let Some(Kind::Choice(words)) = Setting::find(name).map(|entry| &entry.kind) { *words } else { &[] };
        self.one(name, |text| if words.contains(&text) { Ok(read(text)) } else { Err("it is none of the words it may be") })
    }

    fn count(&mut self, name: &str) -> Noting<usize> {
        let range = if let Some(Kind::Number(least, most)) = Setting::find(name).map(|entry| &entry.kind) { *least..=*most } else { 0..=0 };
        self.one(name, |text| {
            let number = values::number(text)?;
            usize::try_from(number).ok().filter(|_| range.contains(&number)).ok_or("it is out of range")
        })
    }

    fn span(&mut self, name: &str) -> Noting<Seconds> {
        let range = if let Some(Kind::Span(least, most)) = Setting::find(name).map(|entry| &entry.kind) { *least..=*most } else { 0..=0 };
        self.one(name, |text| {
            let span = values::span(text)?;
            if range.contains(&span.0) { Ok(span) } else { Err("it is out of range") }
        })
    }

    fn networks(&mut self, name: &str) -> Noting<Vec<ipnet::IpNet>> {
        let texts = self.raw.given.get(name).map_or_else(|| Some(Vec::new()), |given| given.texts.clone()).ok_or(Noted)?;
        let read: Result<Vec<_>, _> = texts.iter().map(|text| values::network(text)).collect();
        read.or_else(|wrong| self.complain(name, wrong))
    }

    /// A PEM file with `mark` in it; private keys must be their owner's alone.
    fn pem(&mut self, name: &str, mark: &str) -> Noting<Option<PathBuf>> {
        let Some(path) = self.optional(name, |text| Ok(PathBuf::from(text)))? else { return Ok(None) };
        let wrong = match files::read(Path::new(&path)) {
            Ok(content) if !content.text.contains(mark) => "what it should hold is not in the file".to_owned(),
            Ok(files::Content { others_may_read: Some(mode), .. }) if mark.contains("PRIVATE") => files::not_private(mode),
            Ok(_) => return Ok(Some(path)),
            Err(wrong) => wrong,
        };
        self.complain(name, &wrong)
    }
}

fn sender(issuer: &str) -> String {
    let host = url::Url::parse(issuer).ok().and_then(|url| url.domain().map(str::to_owned));
    format!("latchkey@{}", host.unwrap_or_else(|| "localhost".to_owned()))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
