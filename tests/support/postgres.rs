//! One private PostgreSQL per test process, started when first asked for; or the one that `LATCHKEY_TEST_POSTGRES` names.
//!
//! It listens on loopback only, on a port of its own, asks for a password, speaks TLS to those who want it (the
//! certificate is in [`certificate`]), and flushes to the disk as a real one does.

use super::leash::{self, Leash};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

/// Whether the tests were asked to run on PostgreSQL.
pub fn chosen() -> bool {
    std::env::var("LATCHKEY_TEST_DATABASE").is_ok_and(|engine| engine == "postgres")
}

static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::start);

/// The server's maintenance database, or `None` when no PostgreSQL is installed and none was asked for.
pub fn url() -> Option<String> {
    if let Ok(theirs) = std::env::var("LATCHKEY_TEST_POSTGRES") {
        return Some(theirs);
    }
    let url = SERVER.as_ref().map(|server| server.url.clone());
    assert!(url.is_some() || !chosen(), "LATCHKEY_TEST_DATABASE=postgres, but there is no initdb: apt-get install postgresql");
    url
}

/// A new database, empty or a copy of `template` (a name or a url of one made here, to which nobody is connected).
///
/// A private server takes it away when it ends; on a server of the caller's it stays, as `latchkey_test_…`, to be looked at.
pub fn create_database(template: Option<&str>) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    static TURN: Mutex<()> = Mutex::new(());
    let server = url().expect("PostgreSQL is installed");
    let name = format!("latchkey_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let template = template.map_or("template0", |named| named.rsplit('/').next().unwrap_or(named));
    // One at a time: two copies of one template may get into each other's way, and neither gets faster.
    let turn = TURN.lock();
    let start = Instant::now();
    loop {
        match statement(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")) {
            Ok(()) => break,
            // A connection closed a moment ago may still count as a user of the template.
            Err(error) if error.contains("being accessed") && start.elapsed() < Duration::from_secs(60) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => panic!("CREATE DATABASE {name}: {error}"),
        }
    }
    drop(turn);
    let mut url = url::Url::parse(&server).expect("a postgres:// url");
    url.set_path(&name);
    url.into()
}

/// Runs one statement on its own connection.
pub fn statement(url: &str, text: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(|error| told(&error))?;
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(text).await.map_err(|error| told(&error));
        drop(client);
        let _ = connection.await;
        done
    })
}

fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// The certificate of the private server (for `localhost` and 127.0.0.1), as PEM: who trusts it can ask for `sslmode=verify-full`.
pub fn certificate() -> &'static str {
    &TLS.0
}

static TLS: LazyLock<(String, String)> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
});

struct Server {
    url: String,
    #[expect(dead_code, reason = "holds the server while the process lives")]
    leash: Leash,
}

impl Server {
    fn start() -> Option<Server> {
        let bin = installation()?;
        let folder = leash::folder("postgres");
        let data = folder.join("data");
        let password = format!("{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), &folder));
        write(&folder, "password", &password);
        write(&folder, "tls.crt", &TLS.0);
        write(&folder, "tls.key", &TLS.1);
        if as_root() {
            must(Command::new("chown").arg("-R").arg("postgres").arg(&folder));
        }
        // Only the making of the empty cluster goes without flushing: nothing is lost if the machine dies in that second.
        must(own(&bin.join("initdb")).arg("-D").arg(&data).arg("--pwfile").arg(folder.join("password")).args([
            "--username=latchkey",
            "--auth=password",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        for attempt in 0..5 {
            let port = free_port();
            let leash = Leash::start(
                own(&bin.join("postgres")).arg("-D").arg(&data).args(settings(&folder, port)),
                folder.clone(),
                // `kill` reaches the postmaster as SIGQUIT; it ends its children itself and frees its shared memory.
                &format!("kill -QUIT $(head -1 {}/postmaster.pid); sleep 0.3", data.display()),
            );
            match leash.line(Duration::from_secs(120), |line| {
                line.contains("ready to accept connections").then_some(true).or(line.contains("FATAL").then_some(false))
            }) {
                Ok(true) => {
                    return Some(Server { url: format!("postgres://latchkey:{password}@127.0.0.1:{port}/postgres"), leash });
                }
                // Somebody took the port between our look and its start; but the folder goes with the leash, so look again later.
                _ if attempt < 4 && leash.output().contains("Address already in use") => {
                    std::mem::forget(leash);
                }
                _ => panic!("PostgreSQL does not start:\n{}", leash.output()),
            }
        }
        unreachable!("the loop returns or panics")
    }
}

fn settings(folder: &Path, port: u16) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in [
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("unix_socket_directories", String::new()),
        ("max_connections", "400".to_owned()),
        ("fsync", "on".to_owned()),
        ("ssl", "on".to_owned()),
        ("ssl_cert_file", folder.join("tls.crt").display().to_string()),
        ("ssl_key_file", folder.join("tls.key").display().to_string()),
        ("log_min_messages", "warning".to_owned()),
        ("lc_messages", "C".to_owned()),
    ] {
        all.push("-c".to_owned());
        all.push(format!("{name}={value}"));
    }
    all
}

/// The newest installation: Debian keeps the programs of each major version in a folder outside `PATH`.
fn installation() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    let number = |bin: &PathBuf| bin.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok());
    versions.sort_by_key(|bin| std::cmp::Reverse(number(bin)));
    let initdb = leash::program("initdb", &versions)?;
    // In `PATH` there may be a link; its fellows are where it leads.
    Some(initdb.canonicalize().ok()?.parent()?.to_owned())
}

/// PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made.
fn own(program: &Path) -> Command {
    if !as_root() {
        return Command::new(program);
    }
    let mut command = if let Some(runuser) = leash::program("runuser", &[]) {
        let mut command = Command::new(runuser);
        command.args(["-u", "postgres", "--"]);
        command
    } else {
        let mut command = Command::new("su");
        command.args(["-s", "/bin/sh", "postgres", "-c", "exec \"$0\" \"$@\"", "--"]);
        command
    };
    // The folder that the tests started in may be closed to that user, who would complain of it.
    command.current_dir("/").arg(program);
    command
}

fn as_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("/proc")) == 0
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file in our folder");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its mode");
}

fn must(command: &mut Command) {
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(status.success(), "{command:?}: {status}\n{}{}", text(&stdout), text(&stderr));
}

/// A port of 127.0.0.1 that nobody listens at. Below those that the system gives to whoever asks for any: none of them can take it
/// in the moment before it is used.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test processes that run side by side begin at places of their own.
    let begin = std::process::id().wrapping_mul(97) % 12_000;
    loop {
        let port = 20_000 + u16::try_from((begin + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[test]
fn a_database_can_be_copied() {
    if !chosen() {
        return eprintln!("skipped: this test runs with LATCHKEY_TEST_DATABASE=postgres");
    }
    let model = create_database(None);
    statement(&model, "CREATE TABLE kept (id bigint)").unwrap();
    let copy = create_database(Some(&model));
    statement(&copy, "INSERT INTO kept VALUES (1)").unwrap();
    assert_ne!(model, copy);
    assert!(statement(&create_database(None), "INSERT INTO kept VALUES (1)").is_err());
    statement(&copy, "DO $$ BEGIN IF current_setting('fsync') <> 'on' THEN RAISE 'not durable'; END IF; END $$").unwrap();
    assert!(certificate().contains("BEGIN CERTIFICATE"));
}
