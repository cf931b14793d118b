use super::*;
use crate::base::Seconds;
use crate::base::peer::ForwardedHeader;
use crate::config::names::{NAMES, Unless};
use crate::config::{DatabaseUrl, LogFormat, MailEncryption, MailTransport, commented_example, markdown_table};

const LEAST: &[(&str, &str)] = &[
    ("LATCHKEY_ISSUER", "http://127.0.0.1:8080"),
    ("LATCHKEY_DATABASE", "sqlite:latchkey.db"),
    ("LATCHKEY_MASTER_SECRET", CANARY),
    ("PATH", "/bin"),
    ("LATCHKEY", "not ours"),
];

fn loaded(result: Result<Settings, Problems>) -> Settings {
    result.unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn three_values_are_enough_and_the_rest_has_the_documented_defaults() {
    let settings = loaded(load(None, LEAST, &[]));
    assert_eq!(settings.issuer, "http://127.0.0.1:8080");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(&settings.database, DatabaseUrl::Sqlite(path) if path == Path::new("latchkey.db")));
    assert_eq!(settings.master_secret.expose(), CANARY);
    assert!(settings.tls.is_none() && settings.trusted_proxies.is_empty() && settings.sign_in_notice);
    assert_eq!((settings.database_threads, settings.password_queue), (8, 64));
    assert!(settings.workers >= 1);
    assert_eq!(settings.forwarded_header, ForwardedHeader::XForwardedFor);
    assert!(matches!(settings.mail.transport, MailTransport::Log));
    assert_eq!(settings.mail.from, "latchkey@localhost");
    assert_eq!((settings.log.format, settings.log.level), (LogFormat::Text, tracing::Level::INFO));
    assert_eq!((settings.sessions.idle, settings.sessions.absolute), (Seconds::minutes(60), Seconds::hours(12)));
    let lifetimes = settings.lifetimes;
    assert_eq!((lifetimes.access_token, lifetimes.code, lifetimes.id_token), (Seconds(86_400), Seconds(60), Seconds(3600)));
    assert_eq!((lifetimes.refresh_sliding, lifetimes.refresh_absolute), (Seconds::days(90), Seconds::days(365)));
    assert_eq!((settings.signing.rotate_every, settings.signing.publish_ahead), (Seconds::days(90), Seconds::hours(1)));
}

#[test]
fn every_setting_can_be_given_in_the_file() {
    let place = Place::new();
    let file = place.config(&format!(
        r#"
        issuer = "https://auth.example.com"
        listen = "[::]:443"
        database = "postgres://latchkey:{CANARY}@db.example.com/latchkey"
        database_threads = 16
        master_secret_file = "DIR/secret"
        workers = 3
        trusted_proxies = ["10.1.2.3/8", "2001:db8::1"]
        forwarded_header = "forwarded"
        password_queue = 10
        sign_in_notice = false
        tls = {{ certificate = "DIR/certificate.pem", key = "DIR/key.pem" }}
        [mail]
        transport = "smtp"
        from = "MLS <no-reply@example.com>"
        host = "mail.example.com"
        encryption = "tls"
        username = "latchkey"
        password = "{CANARY}"
        ca_certificate = "DIR/certificate.pem"
        [log]
        format = "json"
        level = "debug"
        [sessions]
        idle = 900
        absolute = "8h"
        [lifetimes]
        access_token = 2147483
        code = "600s"
        "#
    ));
    let settings = loaded(load(Some(&file), &[], &[]));
    assert!(matches!(&settings.database, DatabaseUrl::Postgres(url) if url.expose().contains(CANARY)));
    assert_eq!(settings.master_secret.expose(), format!("{CANARY}-from-file"));
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8", "2001:db8::1/128"].map(|net| net.parse().unwrap()));
    assert_eq!(settings.forwarded_header, ForwardedHeader::Forwarded);
    assert_eq!((settings.workers, settings.database_threads, settings.password_queue), (3, 16, 10));
    assert_eq!(settings.tls.unwrap().key, place.path("key.pem"));
    assert_eq!((settings.log.format, settings.log.level), (LogFormat::Json, tracing::Level::DEBUG));
    assert_eq!((settings.sessions.idle, settings.sessions.absolute), (Seconds(900), Seconds::hours(8)));
    assert_eq!((settings.lifetimes.access_token, settings.lifetimes.code), (Seconds(2_147_483), Seconds(600)));
    let MailTransport::Smtp(smtp) = settings.mail.transport else { panic!("not smtp") };
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.encryption), ("mail.example.com", 465, MailEncryption::Tls));
    assert!(smtp.login.is_some_and(|(user, password)| user == "latchkey" && password.expose() == CANARY));
    assert!(smtp.ca_certificate.is_some() && !settings.sign_in_notice);
}

#[test]
fn flags_go_before_environment_and_environment_before_the_file() {
    let place = Place::new();
    let file = place.config("listen = '127.0.0.1:1'\nworkers = 1\npassword_queue = 1\n[mail]\nhost = 'a.example'");
    let environment =
        [LEAST, &[("LATCHKEY_LISTEN", "127.0.0.1:2"), ("LATCHKEY_WORKERS", "2"), ("LATCHKEY_TRUSTED_PROXIES", "10.0.0.1, ::1")]].concat();
    let settings = loaded(load(Some(&file), &environment, &[("listen", "127.0.0.1:3")]));
    assert_eq!((settings.listen.port(), settings.workers, settings.password_queue), (3, 2, 1));
    assert_eq!(settings.trusted_proxies.len(), 2);
}

#[test]
fn a_secret_can_come_from_a_file_of_its_own_and_outranks_the_configuration_file() {
    let place = Place::new();
    let file = place.config(&format!("issuer = 'http://localhost'\ndatabase = 'sqlite:a'\nmaster_secret = '{CANARY}'"));
    let path = place.path("secret");
    let settings = loaded(load(Some(&file), &[("LATCHKEY_MASTER_SECRET_FILE", path.to_str().unwrap())], &[]));
    assert_eq!(settings.master_secret.expose(), format!("{CANARY}-from-file"));
}

#[test]
fn a_file_without_secrets_may_be_read_by_everybody() {
    let place = Place::new();
    let file = place.file("open.toml", "issuer = 'http://localhost'\ndatabase = 'sqlite:a'", 0o644);
    loaded(load(Some(&file), &[("LATCHKEY_MASTER_SECRET", CANARY)], &[]));
}

#[test]
fn the_commented_example_loads_as_it_is() {
    let place = Place::new();
    for issuer in ["https://auth.example.com", "http://127.0.0.1:8080"] {
        let file = place.config(&commented_example(issuer, "127.0.0.1:9", "sqlite:/var/lib/latchkey/latchkey.db", "a\"b\\c-canary"));
        let settings = loaded(load(Some(&file), &[], &[]));
        assert_eq!((settings.issuer.as_str(), settings.listen.port(), settings.master_secret.expose()), (issuer, 9, "a\"b\\c-canary"));
    }
}

#[test]
fn every_comment_of_the_example_is_a_setting_that_loads_when_it_is_let_in() {
    let place = Place::new();
    let example = commented_example("https://auth.example.com", "127.0.0.1:9", "sqlite:a.db", CANARY);
    let mut let_in = String::new();
    for line in example.lines() {
        let setting = line.strip_prefix("# ").filter(|rest| rest.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')));
        let_in.push_str(setting.unwrap_or(line));
        let_in.push('\n');
    }
    let here =
        |text: &str| text.replace("mail-ca.pem", "certificate.pem").replace("/etc/latchkey", "DIR").replace("/var/spool/latchkey", "DIR");
    let samples = complaints(load(Some(&place.config(&here(&let_in))), &[], &[]));
    assert!(samples.len() == 1 && samples[0].starts_with("mail.password (file): it is the one from an example"), "{samples:?}");
    let chosen = here(&let_in).replace("REPLACE-ME", CANARY);
    loaded(load(Some(&place.config(&chosen)), &[], &[]));
    for entry in NAMES {
        let own = entry.name.rsplit('.').next().unwrap();
        assert!(chosen.lines().any(|line| line.starts_with(&format!("{own} = "))), "{}", entry.name);
    }
}

#[test]
fn the_table_for_readers_has_a_line_for_every_setting() {
    let table = markdown_table();
    assert_eq!(table.lines().count(), NAMES.len() + 2);
    for (line, entry) in table.lines().skip(2).zip(NAMES) {
        assert!(line.starts_with(&format!("| `{}` | `{}`", entry.name, entry.variable())), "{line}");
        assert_eq!(line.matches(" | ").count(), 4, "{line}");
        assert_eq!(line.contains("required"), matches!(entry.unless_given, Unless::Required), "{line}");
    }
}
