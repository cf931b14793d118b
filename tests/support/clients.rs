//! Other people's client libraries, run as programs against our server; they live in `tests/clients`.

use super::leash;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program of `tests/clients` with what it needs to run.
pub struct Client {
    command: Command,
    name: String,
    input: String,
    limit: Duration,
}

/// A client written for Node: `node("openid-client.mjs")`.
pub fn node(script: &str) -> Client {
    let node = leash::program("node", &[]).unwrap_or_else(|| panic!("no node: apt-get install nodejs npm"));
    assert!(folder().join("node_modules").is_dir(), "no tests/clients/node_modules: run `npm ci` in tests/clients");
    Client::new(Command::new(node), script)
}

/// A client written in Python, run in the environment that `.ci/run` makes (`LATCHKEY_TEST_PYTHON` names another python).
pub fn python(script: &str) -> Client {
    let python = std::env::var_os("LATCHKEY_TEST_PYTHON").map_or_else(|| folder().join("venv/bin/python"), PathBuf::from);
    assert!(
        python.is_file(),
        "no {}: run `python3 -m venv venv && venv/bin/pip install -r requirements.txt` in tests/clients",
        python.display()
    );
    Client::new(Command::new(python), script)
}

/// Any other program, such as our own.
pub fn program(path: impl AsRef<Path>) -> Client {
    let path = path.as_ref();
    Client { command: Command::new(path), name: path.display().to_string(), input: String::new(), limit: Duration::from_mins(1) }
}

impl Client {
    fn new(mut command: Command, script: &str) -> Client {
        command.arg(folder().join(script)).current_dir(folder());
        Client { command, name: script.to_owned(), input: String::new(), limit: Duration::from_mins(1) }
    }

    pub fn arg(mut self, argument: impl AsRef<str>) -> Client {
        self.command.arg(argument.as_ref());
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<str>) -> Client {
        self.command.env(name, value.as_ref());
        self
    }

    /// What it reads on its standard input.
    pub fn input(mut self, text: impl Into<String>) -> Client {
        self.input = text.into();
        self
    }

    pub fn limit(mut self, limit: Duration) -> Client {
        self.limit = limit;
        self
    }

    /// Runs it and gives what it printed; `Err` tells how it failed, with all that it said.
    pub fn run(mut self) -> Result<String, String> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| format!("{}: {error}", self.name))?;
        let mut stdin = child.stdin.take().unwrap();
        // Read and written at the same time, since a full pipe stops whoever writes to it.
        let writer = std::thread::spawn(move || drop(stdin.write_all(self.input.as_bytes())));
        let stdout = all(child.stdout.take().unwrap());
        let stderr = all(child.stderr.take().unwrap());
        let start = Instant::now();
        let status = loop {
            match child.try_wait().map_err(|error| error.to_string())? {
                Some(status) => break Some(status),
                None if start.elapsed() > self.limit => {
                    let _ = child.kill();
                    let _ = child.wait();
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let _ = writer.join();
        let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
        match status {
            Some(status) if status.success() => Ok(stdout),
            Some(status) => Err(format!("{}: {status}\n{stdout}{stderr}", self.name)),
            None => Err(format!("{}: not done after {:?}\n{stdout}{stderr}", self.name, self.limit)),
        }
    }

    /// Runs it and expects its line `ok NAME`.
    pub fn succeeds(self) -> String {
        let output = self.run().unwrap_or_else(|failure| panic!("{failure}"));
        assert!(output.lines().any(|line| line.starts_with("ok ")), "no line `ok …` in\n{output}");
        output
    }
}

/// `tests/clients`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn all(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[test]
fn a_program_is_given_its_input_and_its_time() {
    let shell = |script: &str| program("/bin/sh").arg("-c").arg(script);
    assert_eq!(shell("read name; echo ok $name").input("ada\n").succeeds(), "ok ada\n");
    let failure = shell("echo wrong issuer >&2; exit 1").run().unwrap_err();
    assert!(failure.contains("wrong issuer") && failure.contains("exit status: 1"), "{failure}");
    let failure = shell("exec sleep 60").limit(Duration::from_millis(100)).run().unwrap_err();
    assert!(failure.contains("not done after"), "{failure}");
}
