//! A mail server that keeps the letters for the test to read, and that misbehaves when told to.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// One letter that was accepted.
#[derive(Clone, Debug)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    /// Headers, an empty line, the body; lines end with `\r\n`, and the dots that SMTP doubles are single again.
    pub data: String,
}

/// What happens to one letter instead of being accepted; each fault is used once, in order.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A temporary refusal (451) after the letter was sent: try again later.
    Later,
    /// A final refusal (550) of the recipient.
    Never,
    /// The connection closes where an answer to the letter was due: the sender cannot know whether it was taken.
    Drop,
    /// No more than a greeting that says 421: the server is too busy to talk.
    Busy,
}

#[derive(Default)]
struct Inside {
    letters: Vec<Letter>,
    faults: VecDeque<Fault>,
    connections: usize,
}

/// The server; it listens on loopback until the test process ends.
#[derive(Clone)]
pub struct MailServer {
    address: SocketAddr,
    inside: Arc<(Mutex<Inside>, Condvar)>,
}

impl MailServer {
    pub fn start() -> MailServer {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let server = MailServer { address: socket.local_addr().expect("its address"), inside: Arc::default() };
        let inside = server.clone();
        std::thread::spawn(move || {
            for connection in socket.incoming().flatten() {
                let inside = inside.clone();
                std::thread::spawn(move || inside.talk(connection));
            }
        });
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the next letters meet.
    pub fn misbehave(&self, faults: impl IntoIterator<Item = Fault>) {
        self.inside.0.lock().unwrap().faults.extend(faults);
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.inside.0.lock().unwrap().letters.clone()
    }

    /// How many times somebody connected: tells tries from letters.
    pub fn connections(&self) -> usize {
        self.inside.0.lock().unwrap().connections
    }

    /// Waits until there are `count` letters and gives them.
    pub fn wait_for(&self, count: usize) -> Vec<Letter> {
        let inside = self.inside.0.lock().unwrap();
        let (inside, waited) =
            self.inside.1.wait_timeout_while(inside, Duration::from_secs(60), |inside| inside.letters.len() < count).unwrap();
        assert!(!waited.timed_out(), "{} letters of {count} came", inside.letters.len());
        inside.letters.clone()
    }

    fn next_fault(&self, which: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut inside = self.inside.0.lock().unwrap();
        let next = *inside.faults.front()?;
        if which(next) { inside.faults.pop_front() } else { None }
    }

    fn talk(&self, connection: TcpStream) -> Option<()> {
        self.inside.0.lock().unwrap().connections += 1;
        let mut lines = BufReader::new(connection.try_clone().ok()?);
        let mut connection = connection;
        let mut say = |words: &str| connection.write_all(format!("{words}\r\n").as_bytes()).ok();
        if self.next_fault(|fault| matches!(fault, Fault::Busy)).is_some() {
            return say("421 too busy");
        }
        say("220 sink ready")?;
        let mut letter = Letter { from: String::new(), to: Vec::new(), data: String::new() };
        loop {
            let line = line(&mut lines)?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN")?,
                "HELO" | "NOOP" => say("250 sink")?,
                "AUTH" => say("235 welcome")?,
                "MAIL" => {
                    letter = Letter { from: address(&line), to: Vec::new(), data: String::new() };
                    say("250 sender noted")?;
                }
                "RCPT" => {
                    if self.next_fault(|fault| matches!(fault, Fault::Never)).is_some() {
                        say("550 nobody of that name")?;
                    } else {
                        letter.to.push(address(&line));
                        say("250 recipient noted")?;
                    }
                }
                "DATA" => {
                    say("354 go on")?;
                    letter.data = body(&mut lines)?;
                    match self.next_fault(|fault| matches!(fault, Fault::Later | Fault::Drop)) {
                        Some(Fault::Drop) => return None,
                        Some(_) => say("451 try again later")?,
                        None => {
                            // Kept before it is acknowledged: a sender that was told "taken" finds it here.
                            self.inside.0.lock().unwrap().letters.push(letter.clone());
                            self.inside.1.notify_all();
                            say("250 taken")?;
                        }
                    }
                }
                "RSET" => say("250 forgotten")?,
                "QUIT" => return say("221 bye"),
                _ => say("502 not known here")?,
            }
        }
    }
}

fn line(from: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes).ok().filter(|&read| read > 0)?;
    Some(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned())
}

fn body(from: &mut impl BufRead) -> Option<String> {
    let mut all = String::new();
    loop {
        let line = line(from)?;
        if line == "." {
            return Some(all);
        }
        all.push_str(line.strip_prefix('.').unwrap_or(&line));
        all.push_str("\r\n");
    }
}

/// `MAIL FROM:<ada@example.com> BODY=8BITMIME` → `ada@example.com`.
fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lettre::{SmtpTransport, Transport};

    fn send(server: &MailServer) -> Result<(), lettre::transport::smtp::Error> {
        let letter = lettre::Message::builder()
            .from("mls@example.com".parse().unwrap())
            .to("ada@example.com".parse().unwrap())
            .subject("A new sign-in")
            .body("Someone signed in.\r\n.\r\nWas it you?\r\n".to_owned())
            .unwrap();
        let address = server.address();
        SmtpTransport::builder_dangerous(address.ip().to_string()).port(address.port()).build().send(&letter).map(drop)
    }

    #[test]
    fn letters_are_kept_and_faults_come_in_order() {
        let server = MailServer::start();
        server.misbehave([Fault::Later, Fault::Never, Fault::Drop, Fault::Busy]);
        assert!(send(&server).unwrap_err().is_transient());
        assert!(send(&server).unwrap_err().is_permanent());
        assert!(send(&server).is_err());
        assert!(send(&server).unwrap_err().is_transient());
        assert!(server.letters().is_empty());
        send(&server).unwrap();
        let letters = server.wait_for(1);
        assert_eq!(letters[0].from, "mls@example.com");
        assert_eq!(letters[0].to, ["ada@example.com"]);
        assert!(letters[0].data.contains("Subject: A new sign-in\r\n"));
        assert!(letters[0].data.contains("\r\n\r\nSomeone signed in.\r\n.\r\nWas it you?\r\n"), "{:?}", letters[0].data);
        assert_eq!(server.connections(), 5);
    }
}
