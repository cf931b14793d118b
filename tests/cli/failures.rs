//! Whatever is wrong at a start: an end within a second, one clear line, a code that tells its kind, and nothing made in its place.

use crate::support::postgres::free_port;
use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{Ended, Place};

const CONFIG: i32 = 78;
const DATABASE: i32 = 74;
const UNAVAILABLE: i32 = 69;

/// Longer than the second of the requirement, because tests share the machine and may run unoptimized.
const AT_MOST: Duration = Duration::from_secs(5);

fn one_line(ended: &Ended, code: i32, words: &str) {
    assert_eq!((ended.code, ended.lines.len()), (code, 1), "{words}: {:?}", ended.lines);
    assert!(ended.lines[0].starts_with("latchkey: ") && ended.lines[0].contains(words), "{words}: {:?}", ended.lines);
    assert!(ended.out.is_empty(), "{}", ended.out);
    assert!(ended.took < AT_MOST, "{words}: {:?}", ended.took);
}

#[test]
fn r_63_wrong_settings_end_a_start_with_one_line_each() {
    let place = Place::installed();
    place.write("plain.pem", "nothing of a certificate");
    let before = place.files();
    for (set, words) in [
        ("isuer=x", "isuer (flag): this name is not known; expected a known one, perhaps issuer"),
        ("workers=0", "workers (flag): it is out of range"),
        ("issuer=http://auth.example.com", "issuer (flag): it is http for a host that is not this machine"),
        ("issuer=http://127.0.0.1/", "issuer (flag): it ends with a slash"),
        ("listen=somewhere", "listen (flag): it is not an address with a port"),
        ("database=mysql://h/d", "database (flag): it is no database that is known here"),
        ("master_secret=whatever", "master_secret (flag): a secret as a flag can be seen"),
        ("master_secret_file=missing", "the file cannot be read"),
        ("tls.certificate=plain.pem", "tls.certificate"),
        ("mail.transport=file", "mail.directory: it is missing although mail.transport is file"),
        ("sessions.idle=13h", "sessions.idle (flag): it is longer than sessions.absolute"),
    ] {
        for verb in ["serve", "check"] {
            let ended = place.run(&[verb, "--set", set]);
            assert_eq!(ended.code, CONFIG, "{set}: {:?}", ended.lines);
            assert!(ended.lines.iter().any(|line| line.contains(words)), "{set}: {:?}", ended.lines);
            assert!(ended.lines.iter().all(|line| line.starts_with("latchkey: ") && line.contains("; expected ")), "{:?}", ended.lines);
            assert!(!ended.lines.iter().any(|line| line.contains("whatever")), "{:?}", ended.lines);
            assert!(ended.took < AT_MOST);
        }
    }
    assert_eq!(place.files(), before);
    one_line(&place.run(&["serve", "--config", "missing.toml"]), CONFIG, "file missing.toml: the file cannot be read");
}

#[test]
fn r_64_a_master_secret_that_is_none_is_refused_without_repeating_it() {
    let place = Place::installed();
    for bad in ["changeme", "lkm_short", "canary-canary", &format!("lkm_{}", "a".repeat(52))] {
        let mut command = place.command(&["serve"]);
        let ended = super::ended(command.env("LATCHKEY_MASTER_SECRET", bad));
        assert_eq!((ended.code, ended.lines.len()), (CONFIG, 1), "{bad}: {:?}", ended.lines);
        assert!(!ended.lines[0].contains("canary") && !ended.lines[0].contains(bad), "{:?}", ended.lines);
    }
}

#[test]
fn cr_03_another_master_secret_ends_the_start_and_names_both() {
    let place = Place::installed();
    assert_eq!(place.run(&["signing", "rotate"]).code, 0);
    let keys = place.run(&["signing", "list", "--json"]).out;
    assert_eq!(place.run(&["init", "--config", "other.toml", "--listen", "127.0.0.1:0"]).code, 0);
    one_line(&place.run(&["serve", "--config", "other.toml"]), CONFIG, "master_secret: this database was sealed with the master secret");
    for verb in [&["signing", "rotate", "--config", "other.toml"][..], &["signing", "withdraw", "any", "--config", "other.toml"]] {
        one_line(&place.run(verb), CONFIG, "master_secret: this database was sealed with the master secret");
    }
    assert_eq!(place.run(&["signing", "list", "--json"]).out, keys);
}

#[test]
fn r_07_a_missing_or_damaged_database_is_told_and_never_replaced() {
    let place = Place::new();
    assert_eq!(place.run(&["init", "--listen", "127.0.0.1:0"]).code, 0);
    for verb in [&["serve"][..], &["sweep"], &["keys", "list"], &["accounts", "list"]] {
        one_line(&place.run(verb), DATABASE, "there is no database latchkey.db: run `latchkey migrate` to create it");
    }
    assert_eq!(place.files(), ["latchkey.toml"]);

    // Whole pages of something else behind a good head.
    assert_eq!(place.run(&["migrate"]).code, 0);
    let connection = |sql: &str| {
        use diesel::connection::SimpleConnection as _;
        let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(place.path("latchkey.db").to_str().unwrap()).unwrap();
        conn.batch_execute(sql).unwrap();
    };
    connection("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
    let good = fs::read(place.path("latchkey.db")).unwrap();
    let mut torn = good.clone();
    torn[8192..].fill(0x5a);
    for (bytes, words) in [
        (torn.as_slice(), "is damaged"),
        (&good[..good.len() / 2], "is damaged"),
        (b"this is no database at all", "is damaged (it is no SQLite file)"),
        (b"", "is empty"),
    ] {
        fs::write(place.path("latchkey.db"), bytes).unwrap();
        let ended = place.run(&["serve"]);
        one_line(&ended, DATABASE, words);
        assert!(ended.lines[0].contains("latchkey.db") && ended.lines[0].contains("restore"), "{:?}", ended.lines);
        for file in ["latchkey.db-wal", "latchkey.db-shm"] {
            let _ = fs::remove_file(place.path(file));
        }
    }
}

#[test]
fn an_older_schema_and_a_file_others_can_read_are_told() {
    let place = Place::new();
    assert_eq!(place.run(&["init", "--listen", "127.0.0.1:0"]).code, 0);
    {
        use diesel::connection::SimpleConnection as _;
        let path = place.path("latchkey.db");
        let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE other (a)").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    one_line(&place.run(&["serve"]), DATABASE, "run `latchkey migrate`");
    fs::set_permissions(place.path("latchkey.db"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    one_line(&place.run(&["serve"]), DATABASE, "can be read by others");
}

#[test]
fn r_63_a_port_in_use_and_a_database_out_of_reach_are_told() {
    let place = Place::installed();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    one_line(&place.run(&["serve", "--listen", &address]), CONFIG, "cannot be used");
    let set = format!("listen={address}");
    assert_eq!(place.run(&["check", "--set", &set]).code, CONFIG);
    assert_eq!(place.run(&["check", "--set", &set, "--skip-address"]).code, 0);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = place.command(&["serve"]);
    let ended = super::ended(command.env("LATCHKEY_DATABASE", format!("postgres://u:canary@127.0.0.1:{free}/x")));
    one_line(&ended, UNAVAILABLE, "cannot connect to PostgreSQL");
    assert!(!ended.lines[0].contains("canary"));
}

#[test]
fn cr_14_a_certificate_that_does_not_go_with_its_key_ends_the_start() {
    let place = Place::installed();
    let one = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    place.write("certificate.pem", &one.cert.pem());
    place.write("key.pem", &other.signing_key.serialize_pem());
    fs::set_permissions(place.path("key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let flags = ["serve", "--set", "issuer=https://localhost:8443", "--set", "tls.certificate=certificate.pem", "--set", "tls.key=key.pem"];
    one_line(&place.run(&flags), CONFIG, "tls.");
}

#[test]
fn r_15_a_second_server_on_the_same_file_ends_at_once_and_the_first_ends_in_order() {
    let place = Place::installed();
    // A port that is free now may be taken a moment later, by another test: then the first server tries the next.
    let begin = || {
        let address = format!("127.0.0.1:{}", free_port());
        (place.command(&["serve", "--listen", &address, "--set", "log.format=json"]).spawn().unwrap(), address)
    };
    let (mut first, mut address) = begin();
    // Taken for good: a second server that wins the race for the lock fails at its address instead of staying.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().map(|address| (taken, address.to_string())).unwrap();
    let lock = place.path("latchkey.db.lock");
    let started = Instant::now();
    let second = loop {
        let ended = if lock.exists() { Some(place.run(&["serve", "--listen", &taken.1])) } else { None };
        // Before the first one holds its lock, the second fails at its address.
        if let Some(ended) = ended.filter(|ended| ended.code == DATABASE) {
            break ended;
        }
        assert!(started.elapsed() < Duration::from_secs(40), "the first server never came up");
        if first.try_wait().unwrap().is_some() {
            (first, address) = begin();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    one_line(&second, DATABASE, "another server works on the database");
    // The operator's other verbs work beside a running server.
    assert_eq!(place.run(&["keys", "list"]).code, 0);
    assert_eq!(place.run(&["migrate"]).code, 0);
    let check = place.run(&["check"]);
    assert!(check.code == 0 && check.out.contains("server: one works on this database now"), "{} {:?}", check.out, check.lines);
    // It listens to signals from the moment on in which it answers; a little later, to be sure.
    while matches!(ureq::get(format!("http://{address}/health/live")).call(), Err(why) if !matches!(why, ureq::Error::StatusCode(_))) {
        assert!(started.elapsed() < Duration::from_secs(120), "the first server never answered");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let told = std::process::Command::new("kill").args(["-s", "TERM", &first.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(first.wait().unwrap().code(), Some(0));
}

#[test]
fn the_demo_stays_on_this_machine() {
    let place = Place::new();
    for flags in [["--listen", "0.0.0.0:8080"], ["--sample-listen", "192.0.2.1:8081"], ["--listen", "[::]:8080"]] {
        let mut arguments = vec!["demo"];
        arguments.extend(flags);
        one_line(&place.run(&arguments), CONFIG, "the demo stays on this machine");
    }
    assert!(place.files().is_empty());
}
