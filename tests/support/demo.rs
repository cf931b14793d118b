//! `latchkey demo`, started once per test process as a newcomer would start it, only on ports of its own.

use super::leash::{self, Leash};
use super::postgres::{self, free_port};
use serde_json::Value;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

/// A running server with its demo people and keys.
pub struct Demo {
    /// The line of `--json`, as the client programs read it.
    pub line: String,
    pub issuer: String,
    pub told: Value,
    leash: Leash,
}

/// The server; it ends with the test process.
pub fn demo() -> &'static Demo {
    static DEMO: LazyLock<Demo> = LazyLock::new(Demo::start);
    &DEMO
}

impl Demo {
    fn start() -> Demo {
        let folder = leash::folder("demo");
        let mut command = Command::new(super::binary());
        command.args(["demo", "--json", "--listen", &format!("127.0.0.1:{}", free_port())]);
        command.args(["--sample-listen", &format!("127.0.0.1:{}", free_port())]);
        if postgres::chosen() {
            command.args(["--database", &postgres::create_database(None)]);
        }
        command.arg("--data-dir").arg(folder.join("data"));
        let leash = Leash::start(&mut command, folder, ":");
        let line = leash
            .line(Duration::from_secs(120), |line| line.starts_with('{').then(|| line.to_owned()))
            .unwrap_or_else(|output| panic!("`latchkey demo --json` told nothing:\n{output}"));
        let told: Value = serde_json::from_str(&line).expect("one line of JSON");
        let issuer = told["issuer"].as_str().expect("an issuer").to_owned();
        let demo = Demo { line, issuer, told, leash };
        demo.wait_until_it_answers();
        demo
    }

    /// What the server wrote to its log so far.
    pub fn log(&self) -> String {
        self.leash.output()
    }

    /// Where the sample application listens.
    pub fn sample(&self) -> &str {
        self.told["sample"].as_str().expect("a sample application")
    }

    /// The password of a demo account.
    pub fn password(&self, login: &str) -> &str {
        let accounts = self.told["accounts"].as_array().expect("accounts");
        let found = accounts.iter().find(|account| account["login"] == login).unwrap_or_else(|| panic!("no account {login}"));
        found["password"].as_str().expect("a password")
    }

    /// The name and password of a demo account of this type.
    pub fn account(&self, kind: &str) -> (&str, &str) {
        let accounts = self.told["accounts"].as_array().expect("accounts");
        let found = accounts.iter().find(|account| account["type"] == kind).expect("an account of that type");
        (found["login"].as_str().expect("a login"), found["password"].as_str().expect("a password"))
    }

    fn wait_until_it_answers(&self) {
        let address = self.issuer.strip_prefix("http://").expect("the demo speaks plain HTTP on loopback");
        for _ in 0..500 {
            if std::net::TcpStream::connect(address).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("nobody answers at {}:\n{}", self.issuer, self.log());
    }
}
