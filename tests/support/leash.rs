//! Programs that must not outlive the tests.
//!
//! A test process may end by a panic, by a signal, or by `exit`, which drops no static. So each program is started by a
//! small shell that holds the reading end of a pipe; the writing end is ours. However we go, the kernel closes it, and the
//! shell ends the program and removes its folder.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A running program and the folder that goes with it; both are gone soon after this is dropped.
pub struct Leash {
    shell: Child,
    held: Option<ChildStdin>,
    output: Arc<Mutex<String>>,
    folder: PathBuf,
}

impl Leash {
    /// Starts `program`, with `TMPDIR` set to `folder`. `farewell` is a shell line run before everything left is killed.
    pub fn start(program: &mut Command, folder: PathBuf, farewell: &str) -> Leash {
        // The program is waited for: what it held open and locked is free once this shell is gone.
        let script = format!(
            "\"$@\" & program=$!\n cat >/dev/null\n trap '' TERM\n {farewell}\n kill -s TERM -- -$$\n \
             (sleep 0.2; kill -s KILL $program) 2>/dev/null &\n wait $program\n rm -rf \"$TMPDIR\"\n kill -s KILL -- -$$"
        );
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(script).arg("leash").arg(program.get_program()).args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        if let Some(folder) = program.get_current_dir() {
            shell.current_dir(folder);
        }
        // Its own process group: Ctrl-C reaches only us, and the group can be ended as a whole.
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        shell.env("TMPDIR", &folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.spawn().expect("/bin/sh starts");
        let output = Arc::new(Mutex::new(String::new()));
        keep(shell.stdout.take().unwrap(), &output);
        keep(shell.stderr.take().unwrap(), &output);
        Leash { held: shell.stdin.take(), shell, output, folder }
    }

    /// The first line of output that `pick` makes something of.
    pub fn line<T>(&self, limit: Duration, pick: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let start = Instant::now();
        loop {
            let seen = self.output();
            if let Some(found) = seen.lines().find_map(&pick) {
                return Ok(found);
            }
            if start.elapsed() > limit {
                return Err(seen);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// All that the program has written so far, on both channels.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.held.take());
        let _ = self.shell.wait();
    }
}

fn keep(channel: impl Read + Send + 'static, output: &Arc<Mutex<String>>) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(channel).lines().map_while(Result::ok) {
            let mut all = output.lock().unwrap();
            all.push_str(&line);
            all.push('\n');
        }
    });
}

/// A new folder that only its owner can read; a [`Leash`] removes it.
pub fn folder(name: &str) -> PathBuf {
    tempfile::Builder::new().prefix(&format!("latchkey-{name}-")).tempdir().expect("a folder for temporary files").keep()
}

/// The path of a program, looked for in `folders` first and then in `PATH`.
pub fn program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.iter().cloned().chain(std::env::split_paths(&path)).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[test]
fn a_program_and_its_folder_go_with_their_leash() {
    let folder = folder("leash");
    let script = "echo $$; touch \"$TMPDIR/here\"; sleep 600 & wait";
    let leash = Leash::start(Command::new("/bin/sh").args(["-c", script]), folder.clone(), ":");
    let id: u32 = leash.line(Duration::from_secs(60), |line| line.parse().ok()).unwrap();
    let process = PathBuf::from(format!("/proc/{id}"));
    assert!(process.exists() && folder.exists());
    drop(leash);
    let start = Instant::now();
    while process.exists() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!process.exists() && !folder.exists());
}
