//! The table of all settings.

/// One setting.
pub(super) struct Setting {
    /// Dotted: `section.name`, or just the name.
    pub name: &'static str,
    pub kind: Kind,
    pub unless_given: Unless,
    /// One sentence for the operator.
    pub about: &'static str,
}

/// What a setting takes.
pub(super) enum Kind {
    /// Text, described.
    Text(&'static str),
    /// Text that is never shown, may come from a `…_file`, and makes the file it stands in private.
    Secret(&'static str),
    /// An address that is a secret only if it has a password in it.
    Address(&'static str),
    /// A file or directory, described.
    Path(&'static str),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number between two bounds.
    Number(i64, i64),
    /// A span of time between two bounds. Units: seconds.
    Span(i64, i64),
    /// `true` or `false`.
    Switch,
    /// Several texts, described.
    List(&'static str),
}

/// What holds if nothing is given.
pub(super) enum Unless {
    /// Nothing does: the setting must be given.
    Required,
    /// This value, as the operator would write it.
    Default(&'static str),
    /// Nothing, or something worked out, described; and a sample for the example.
    Open(&'static str, &'static str),
}

use Kind::{Address, Choice, List, Number, Path, Secret, Span, Switch, Text};
use Unless::{Default, Open, Required};

const DAY: i64 = 86_400;
/// The platform counts lifetimes in milliseconds in 32 bits.
const LONGEST_ACCESS: i64 = 2_147_483;

const fn name(name: &'static str, kind: Kind, unless_given: Unless, about: &'static str) -> Setting {
    Setting { name, kind, unless_given, about }
}

/// Every setting; those without a section come first, as TOML wants it.
#[rustfmt::skip]
pub(super) const NAMES: &[Setting] = &[
    name("issuer", Text("https://host or https://host:port in lower case, without path or closing slash (http for this machine only)"), Required,
        "The address under which everyone reaches this server; it is in every token, so it must never change."),
    name("listen", Text("an address and port such as 127.0.0.1:8080 or [::]:443"), Default("127.0.0.1:8080"),
        "Where the server listens."),
    name("database", Address("sqlite:path or postgres://user:password@host/name"), Required,
        "Where everything is kept: a file on this machine, or PostgreSQL for several nodes."),
    name("database_threads", Number(1, 1024), Default("8"),
        "Connections to PostgreSQL; SQLite has no use for it."),
    name("master_secret", Secret("the text that `latchkey init` made, the same on all nodes"), Required,
        "Seals signing keys and tokens in the database; whoever has it and the database can be anyone."),
    name("workers", Number(1, 1024), Open("one per processor core", "2"),
        "Threads that answer requests."),
    name("trusted_proxies", List("addresses or networks such as 10.0.0.0/8, not everyone"), Default(""),
        "Proxies in front whose word on the client's address and on TLS counts."),
    name("forwarded_header", Choice(&["x-forwarded-for", "forwarded"]), Default("x-forwarded-for"),
        "The header in which those proxies name the client; the other one is ignored."),
    name("replication_host", Text("a host name in lower case such as replication.mls.example"), Open("none: replication keys may use any host", "replication.mls.example"),
        "The one host at which keys with the role replication may be used."),
    name("gateways", List("addresses or networks such as 10.0.0.8, not everyone"), Default(""),
        "Reverse proxies of data APIs: only they may ask /authz/check, and what they say of the original request counts."),
    name("password_queue", Number(1, 10_000), Default("64"),
        "Sign-ins that may wait for the processor before the next is asked to come back."),
    name("sign_ins_per_minute", Number(0, 1_000_000), Default("20"),
        "Sign-ins a minute from one address before the rest of the minute is refused; more where a whole office shares one, 0 is no limit."),
    name("client_failures", Number(0, 1_000_000), Default("30"),
        "Failed requests a minute of one key from one address before the rest of the minute is refused unseen; 0 is no limit."),
    name("sign_in_notice", Switch, Default("true"),
        "Whether people get an e-mail when someone signs in from a new browser."),

    name("tls.certificate", Path("a readable PEM file with the certificate and its chain"), Open("none: a trusted proxy ends TLS", "/etc/latchkey/certificate.pem"),
        "The certificate, if this server ends TLS itself."),
    name("tls.key", Path("a PEM file that only its owner can read (mode 0600)"), Open("none", "/etc/latchkey/key.pem"),
        "The certificate's private key."),

    name("mail.transport", Choice(&["smtp", "file", "log"]), Default("log"),
        "How e-mails leave: through a mail server, as files in a directory, or only as a line in the log."),
    name("mail.from", Text("an e-mail address such as MLS <no-reply@example.com>"), Open("latchkey@ the issuer's host", "MLS <no-reply@example.com>"),
        "In whose name e-mails are sent."),
    name("mail.directory", Path("a directory that exists"), Open("none", "/var/spool/latchkey"),
        "Where e-mails go with transport file."),
    name("mail.host", Text("the mail server's name or address"), Open("none", "mail.example.com"),
        "The mail server, with transport smtp."),
    name("mail.port", Number(1, 65_535), Open("587 with starttls, 465 with tls, 25 with none", "587"),
        "The mail server's port."),
    name("mail.encryption", Choice(&["starttls", "tls", "none"]), Default("starttls"),
        "How the connection to the mail server is protected; none only for a mail server on this machine."),
    name("mail.username", Text("the user name at the mail server"), Open("none", "latchkey"),
        "Who signs in to the mail server, if it wants that."),
    name("mail.password", Secret("the password at the mail server"), Open("none", super::values::SAMPLE_SECRET),
        "The password that belongs to the user name."),
    name("mail.ca_certificate", Path("a readable PEM file"), Open("none", "/etc/latchkey/mail-ca.pem"),
        "An authority to trust besides the public ones, for a mail server with a private certificate."),

    name("log.format", Choice(&["text", "json"]), Default("text"),
        "How the log on stderr is written."),
    name("log.level", Choice(&["error", "warn", "info", "debug", "trace"]), Default("info"),
        "From which importance on events are logged."),

    name("sessions.idle", Span(60, 90 * DAY), Default("60m"),
        "After how long without use a browser's session ends."),
    name("sessions.absolute", Span(60, 365 * DAY), Default("12h"),
        "After how long a browser's session ends in any case."),

    name("lifetimes.access_token", Span(1, LONGEST_ACCESS), Default("24h"),
        "How long an access token is good, unless its key says otherwise."),
    name("lifetimes.code", Span(1, 600), Default("60s"),
        "How long an authorization code is good."),
    name("lifetimes.refresh_sliding", Span(1, 3650 * DAY), Default("90d"),
        "After how long without use a refresh token ends."),
    name("lifetimes.refresh_absolute", Span(1, 3650 * DAY), Default("365d"),
        "After how long a refresh token ends in any case."),
    name("lifetimes.id_token", Span(1, LONGEST_ACCESS), Default("1h"),
        "How long an id_token is good."),

    name("rates.window", Span(1, DAY), Default("5m"),
        "The window in which a key's requests to the API are counted, on all nodes together."),
    name("rates.idx", Number(0, 100_000_000), Default("1500"),
        "Requests a window of a key in the role idx; 0 is no limit, here and below."),
    name("rates.public", Number(0, 100_000_000), Default("1500"),
        "The same for the role public."),
    name("rates.vow", Number(0, 100_000_000), Default("4000"),
        "The same for the role vow."),
    name("rates.portal", Number(0, 100_000_000), Default("4000"),
        "The same for the role portal."),
    name("rates.private", Number(0, 100_000_000), Default("4000"),
        "The same for the role private."),
    name("rates.replication", Number(0, 100_000_000), Default("0"),
        "The same for keys that copy in bulk, whatever else they are."),
    name("rates.per_second", Number(0, 100_000_000), Default("200"),
        "Requests of one key in one second at one node."),

    name("signing.rotate_every", Span(DAY, 3650 * DAY), Default("90d"),
        "How often a new signing key takes over."),
    name("signing.publish_ahead", Span(60, 30 * DAY), Default("1h"),
        "How long a new signing key is published before it signs."),
];

impl Setting {
    /// The entry of a dotted name.
    pub fn find(name: &str) -> Option<&'static Self> {
        NAMES.iter().find(|known| known.name == name)
    }

    /// What it takes, in words.
    pub fn expected(&self) -> String {
        match &self.kind {
            Text(what) | Secret(what) | Address(what) | Path(what) => (*what).to_owned(),
            List(what) => format!("a list of {what}"),
            Choice(words) => format!("one of {}", words.join(", ")),
            Number(least, most) => format!("a whole number from {least} to {most}"),
            Span(least, most) => format!("{least} to {most} seconds, as a number or like 90s, 15m, 12h, 30d"),
            Switch => "true or false".to_owned(),
        }
    }

    /// The environment variable that gives it.
    pub fn variable(&self) -> String {
        format!("LATCHKEY_{}", self.name.replace('.', "__").to_uppercase())
    }

    /// The known name that an unknown one was most likely meant to be.
    pub fn nearest(unknown: &str) -> &'static str {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let sorted = |name: &str| {
            let mut letters: Vec<_> = name.chars().collect();
            letters.sort_unstable();
            letters
        };
        let far = |known: &&Setting| {
            let edits = distance(known.name, unknown).min(1 + distance(&last(known.name), &last(unknown)));
            // Of two as far away, the one with the same letters is meant.
            (edits, sorted(known.name) != sorted(unknown))
        };
        NAMES.iter().min_by_key(far).map_or("", |known| known.name)
    }
}

/// How many letters to insert, drop or change to get from one to the other, names being short.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len().min(64)).collect();
    for (i, a) in one.bytes().enumerate() {
        let (mut diagonal, mut left) = (i, i + 1);
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            left = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, left);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        for (one, other, edits) in [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("mail", "mail", 0), ("mial", "mail", 2)] {
            assert_eq!(distance(one, other), edits, "{one} {other}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_the_name_that_was_meant() {
        for (slip, meant) in [("isuer", "issuer"), ("mail.prot", "mail.port"), ("smtp.host", "mail.host")] {
            assert_eq!(Setting::nearest(slip), meant);
        }
        Setting::nearest("");
        Setting::nearest(&"é".repeat(10_240));
    }

    #[test]
    fn names_are_unique_and_those_without_section_come_first() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(NAMES.iter().all(|known| seen.insert(known.name)));
        assert!(NAMES.is_sorted_by_key(|known| known.name.contains('.')));
    }
}
