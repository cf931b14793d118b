use super::*;

pub const GOOD: &str = r#"
issuer = "https://auth.example.com"
listen = "127.0.0.1:8080"
database = "sqlite:latchkey.db"
master_secret = "canary-7hq2m9x4vb"
trusted_proxies = ["127.0.0.1"]
"#;

/// What is changed in the good configuration (its line for the same name is replaced, or the line is added), and the
/// beginning of the one complaint.
const MUTATIONS: &[(&str, &str)] = &[
    // Names.
    ("isuer = 'x'", "isuer (file): this name is not known; expected a known one, perhaps issuer"),
    ("mail.prot = 25", "mail.prot (file): this name is not known; expected a known one, perhaps mail.port"),
    ("Issuer = 'https://auth.example.com'", "Issuer (file): this name is not known; expected a known one, perhaps issuer"),
    ("lifetimes.code.max = 5", "lifetimes.code (file): the value has the wrong type"),
    ("unknown.deep.table = 'canary'", "unknown.deep.table (file): this name is not known"),
    ("\"line\\nbreak\\u001b\" = 1", "linebreak (file): this name is not known"),
    ("listen_file = 'DIR/secret'", "listen_file (file): this name is not known"),
    // Types.
    ("issuer = 5", "issuer (file): the value has the wrong type; expected https://host"),
    ("workers = '3'", "workers (file): the value has the wrong type; expected a whole number from 1 to 1024"),
    ("workers = 1.5", "workers (file): the value has the wrong type"),
    ("workers = true", "workers (file): the value has the wrong type"),
    ("sign_in_notice = 'yes'", "sign_in_notice (file): the value has the wrong type; expected true or false"),
    ("sign_in_notice = 1", "sign_in_notice (file): the value has the wrong type"),
    ("trusted_proxies = '10.0.0.1'", "trusted_proxies (file): the value has the wrong type; expected a list of"),
    ("master_secret = ['canary']", "master_secret (file): the value has the wrong type"),
    ("sessions.idle = 1979-05-27", "sessions.idle (file): the value has the wrong type"),
    ("mail = 'smtp'", "mail (file): this name is not known"),
    // Missing and empty.
    ("issuer = ", "issuer: it is missing"),
    ("database = ", "database: it is missing"),
    ("master_secret = ", "master_secret: it is missing; expected the text that `latchkey init` made"),
    ("master_secret = ''", "master_secret (file): it is empty"),
    ("master_secret = '  '", "master_secret (file): it is empty"),
    ("issuer = ''", "issuer (file): it is empty"),
    ("mail.from = ''", "mail.from (file): it is empty"),
    // Secrets.
    ("master_secret = 'REPLACE-ME'", "master_secret (file): it is the one from an example"),
    ("master_secret = 'please-Change-Me-now'", "master_secret (file): it is the one from an example"),
    ("master_secret = 'Secret'", "master_secret (file): it is the one from an example"),
    ("master_secret = '00000000000000000000000000000000'", "master_secret (file): it is the one from an example"),
    ("master_secret = \"canary\\ncanary\"", "master_secret (file): it has a line break"),
    ("database = 'postgres://u:change-me@db/name'", "database (file): its password is the one from an example"),
    // Issuers.
    ("issuer = 'auth.example.com'", "issuer (file): it is not an absolute URL"),
    ("issuer = 'http://auth.example.com'", "issuer (file): it is http for a host that is not this machine"),
    ("issuer = 'ftp://auth.example.com'", "issuer (file): it is neither https nor http"),
    ("issuer = 'https://auth.example.com/'", "issuer (file): it ends with a slash"),
    ("issuer = 'https://auth.example.com/openid'", "issuer (file): it has a path"),
    ("issuer = 'https://auth.example.com?x=canary'", "issuer (file): it has a query or fragment"),
    ("issuer = 'https://auth.example.com#'", "issuer (file): it has a query or fragment"),
    ("issuer = 'https://me:canary@auth.example.com'", "issuer (file): it has a user name or password in it"),
    ("issuer = 'https://Auth.example.com'", "issuer (file): it has a second spelling"),
    ("issuer = 'https://auth.example.com:443'", "issuer (file): it has a second spelling"),
    ("issuer = 'https://bücher.example'", "issuer (file): it has a second spelling"),
    ("issuer = ' https://auth.example.com'", "issuer (file): it has a second spelling"),
    // Databases and addresses.
    ("database = 'mysql://canary@db/name'", "database (file): it is no database that is known here"),
    ("database = 'latchkey.db'", "database (file): it is not a URL"),
    ("database = 'sqlite:'", "database (file): it has no path"),
    ("database = 'sqlite://latchkey.db'", "database (file): it has slashes where a path begins"),
    ("database = 'sqlite::memory:'", "database (file): it would forget everything at the end"),
    ("database = 'postgres:///name'", "database (file): it names no host"),
    ("database = 'postgres://u:canary@db'", "database (file): it names no database"),
    ("listen = 'localhost:8080'", "listen (file): it is not an address with a port"),
    ("listen = '127.0.0.1:80800'", "listen (file): it is not an address with a port"),
    ("trusted_proxies = ['proxy.example.com']", "trusted_proxies (file): one of them is no address or network"),
    ("trusted_proxies = ['10.0.0.1', 5]", "trusted_proxies (file): one of them is no address or network"),
    ("trusted_proxies = ['0.0.0.0/0']", "trusted_proxies (file): one of them is everyone"),
    ("trusted_proxies = []", "issuer (file): it is https, but nothing here would speak TLS"),
    (
        "forwarded_header = 'X-Real-IP'",
        "forwarded_header (file): it is none of the words it may be; expected one of x-forwarded-for, forwarded",
    ),
    // Numbers and spans.
    ("workers = 0", "workers (file): it is out of range; expected a whole number from 1 to 1024"),
    ("workers = -1", "workers (file): it is not a whole number"),
    ("database_threads = 1025", "database_threads (file): it is out of range"),
    ("lifetimes.code = 601", "lifetimes.code (file): it is out of range; expected 1 to 600 seconds"),
    ("lifetimes.code = '11m'", "lifetimes.code (file): it is out of range"),
    ("lifetimes.code = 0", "lifetimes.code (file): it is out of range"),
    ("lifetimes.code = '1 m'", "lifetimes.code (file): it is not a span of time"),
    ("lifetimes.code = '1w'", "lifetimes.code (file): it is not a span of time"),
    ("lifetimes.access_token = 2147484", "lifetimes.access_token (file): it is out of range"),
    ("lifetimes.id_token = '9223372036854775807d'", "lifetimes.id_token (file): it is too long"),
    ("sessions.idle = '13h'", "sessions.idle (file): it is longer than sessions.absolute"),
    ("lifetimes.refresh_absolute = '1d'", "lifetimes.refresh_sliding: it is longer than lifetimes.refresh_absolute"),
    ("signing = { rotate_every = '1d', publish_ahead = '2d' }", "signing.publish_ahead (file): it is longer than signing.rotate_every"),
    // Words.
    ("log.level = 'verbose'", "log.level (file): it is none of the words it may be"),
    ("log.format = 'JSON'", "log.format (file): it is none of the words it may be"),
    ("mail.transport = 'sendmail'", "mail.transport (file): it is none of the words it may be; expected one of smtp, file, log"),
    // Mail.
    ("mail.transport = 'smtp'", "mail.host: it is missing although mail.transport is smtp"),
    ("mail.transport = 'file'", "mail.directory: it is missing although mail.transport is file"),
    ("mail.directory = 'DIR/none'", "mail.directory (file): there is no such directory"),
    ("mail.from = 'nobody'", "mail.from (file): it is not an e-mail address"),
    ("mail.host = 'smtp://mail.example.com'", "mail.host (file): it is not the name of a host"),
    ("mail.port = 65536", "mail.port (file): it is out of range"),
    (
        "mail = { host = 'mail.example.com', encryption = 'none' }",
        "mail.encryption (file): it is none although mail.host is not this machine",
    ),
    ("mail.username = 'latchkey'", "mail.password: it is missing although mail.username is given"),
    ("mail.password = 'canary'", "mail.username: it is missing although mail.password is given"),
    ("mail.ca_certificate = 'DIR/none'", "mail.ca_certificate (file): the file cannot be read (entity not found)"),
    // TLS.
    ("tls.certificate = 'DIR/certificate.pem'", "tls.key: it is missing although tls.certificate is given"),
    ("tls.key = 'DIR/key.pem'", "tls.certificate: it is missing although tls.key is given"),
    ("tls = { certificate = 'DIR/none', key = 'DIR/key.pem' }", "tls.certificate (file): the file cannot be read"),
    ("tls = { certificate = 'DIR', key = 'DIR/key.pem' }", "tls.certificate (file): this is not a regular file"),
    ("tls = { certificate = 'DIR/empty', key = 'DIR/key.pem' }", "tls.certificate (file): what it should hold is not in the file"),
    ("tls = { certificate = 'DIR/key.pem', key = 'DIR/key.pem' }", "tls.certificate (file): what it should hold is not in the file"),
    (
        "tls = { certificate = 'DIR/certificate.pem', key = 'DIR/open-key.pem' }",
        "tls.key (file): it is a secret in a file that others can use (mode 0640)",
    ),
];

/// The good configuration with one line in the place of those for the same name; `name = ` takes the name away.
fn mutated(line: &str) -> String {
    let name = line.split(" = ").next().unwrap();
    let mut lines: Vec<_> = GOOD.lines().filter(|good| good.split(" = ").next() != Some(name)).collect();
    lines.extend(Some(line).filter(|line| !line.ends_with(" = ")));
    lines.join("\n")
}

#[test]
fn r_63_each_thing_wrong_is_one_line_that_says_what_and_what_is_expected() {
    let place = Place::new();
    assert!(load(Some(&place.config(GOOD)), &[], &[]).is_ok());
    let mut astray = Vec::new();
    for (line, complaint) in MUTATIONS {
        let lines = complaints(load(Some(&place.config(&mutated(line))), &[], &[]));
        if lines.len() != 1 || !lines[0].starts_with(complaint) {
            astray.push((line, lines));
        }
    }
    assert!(astray.is_empty(), "{astray:#?}");
}

#[test]
fn r_63_all_things_wrong_are_told_at_once() {
    let place = Place::new();
    let file = place.config("isuer = 'x'\nlisten = 'here'\nworkers = 0\n[mail]\ntransport = 'smtp'\nprot = 1\nusername = 'u'");
    let environment = [("LATCHKEY_LOG__LEVEL", "loud"), ("LATCHKEY_NONSENSE", "canary")];
    let lines = complaints(load(Some(&file), &environment, &[("colour", "red")]));
    for begin in [
        "isuer (file)",
        "mail.prot (file)",
        "LATCHKEY_NONSENSE: ",
        "colour (flag)",
        "issuer: it is missing",
        "database: it is missing",
        "master_secret: it is missing",
        "listen (file)",
        "workers (file)",
        "log.level (LATCHKEY_LOG__LEVEL)",
        "mail.host: it is missing",
        "mail.password: it is missing",
    ] {
        assert_eq!(lines.iter().filter(|line| line.starts_with(begin)).count(), 1, "{begin}\n{lines:#?}");
    }
    assert_eq!(lines.len(), 12, "{lines:#?}");
}
