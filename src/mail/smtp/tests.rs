//! Against a mail server on loopback that plays a script.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::super::tests::letter;
use super::super::{MailProblem, Mailer, Transport};
use super::{Encryption, Smtp};
use crate::base::Secret;

#[derive(Clone, Copy)]
enum Act {
    Say(&'static str),
    Close,
    Hang,
    Drip,
    Tls,
}

/// What the server does after each verb; `""` is the greeting and `"."` the end of the text.
type Script = fn(&str) -> Act;

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

struct Sink {
    port: u16,
    heard: Arc<Mutex<String>>,
}

impl Sink {
    fn new(script: Script, tls: Option<Arc<ServerConfig>>, wrapped: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(String::new())));
        let notes = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (tls, notes) = (tls.clone(), Arc::clone(&notes));
                thread::spawn(move || play(script, tls.as_ref(), wrapped, stream.unwrap(), &notes));
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

fn play(script: Script, tls: Option<&Arc<ServerConfig>>, wrapped: bool, tcp: TcpStream, notes: &Mutex<String>) {
    let upgrade = |tcp: TcpStream| StreamOwned::new(ServerConnection::new(Arc::clone(tls.unwrap())).unwrap(), tcp);
    if wrapped {
        converse(script, BufReader::new(upgrade(tcp)), notes, true);
    } else if converse(script, BufReader::new(tcp.try_clone().unwrap()), notes, true) {
        converse(script, BufReader::new(upgrade(tcp)), notes, false);
    }
}

/// Talks until the other side leaves; true if it asked for TLS.
fn converse(script: Script, mut stream: BufReader<impl Line>, notes: &Mutex<String>, greet: bool) -> bool {
    let (mut verb, mut in_text, mut silent) = (String::new(), false, !greet);
    loop {
        if !silent {
            let said = match script(&verb) {
                Act::Say(reply) => {
                    in_text = verb == "DATA" && reply.starts_with("354");
                    stream.get_mut().write_all(format!("{reply}\r\n").as_bytes())
                }
                Act::Tls => return stream.get_mut().write_all(b"220 go on\r\n").is_ok(),
                Act::Close => return false,
                Act::Hang => std::io::copy(&mut stream, &mut std::io::sink()).map(|_| ()),
                Act::Drip => loop {
                    thread::sleep(Duration::from_millis(10));
                    if let Err(gone) = stream.get_mut().write_all(b"2") {
                        break Err(gone);
                    }
                },
            };
            if said.and_then(|()| stream.get_mut().flush()).is_err() {
                return false;
            }
        }
        let mut line = String::new();
        if stream.read_line(&mut line).is_ok_and(|n| n == 0) || line.is_empty() {
            return false;
        }
        notes.lock().unwrap().push_str(&line);
        silent = in_text && line != ".\r\n";
        verb = if in_text { ".".to_owned() } else { line.trim_end().split(' ').next().unwrap().to_owned() };
    }
}

fn willing(verb: &str) -> Act {
    match verb {
        "" => Act::Say("220 sink"),
        "EHLO" => Act::Say("250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"),
        "DATA" => Act::Say("354 go on"),
        "STARTTLS" => Act::Tls,
        "AUTH" => Act::Say("235 welcome"),
        _ => Act::Say("250 ok"),
    }
}

/// A server's TLS with a certificate of its own, and the file in which a client may find that certificate.
fn tls() -> (Arc<ServerConfig>, PathBuf, TempDir) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    std::fs::write(&path, own.cert.pem()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), path, directory)
}

fn mailer(port: u16, encryption: Encryption, ca_certificate: Option<PathBuf>, login: bool) -> Mailer {
    let login = login.then(|| ("latchkey".to_owned(), Secret::new("canary")));
    let smtp = Smtp { host: "localhost".to_owned(), port, login, encryption, ca_certificate };
    Mailer::new(Transport::Smtp(smtp), "mls@example.org").unwrap().with_cap(Duration::from_secs(5))
}

fn plain(sink: &Sink) -> Mailer {
    mailer(sink.port, Encryption::None, None, false)
}

fn is_temporary(sent: &Result<(), MailProblem>) -> bool {
    matches!(sent, Err(MailProblem::Temporary(_)))
}

#[test]
fn a_willing_server_gets_the_whole_letter() {
    let sink = Sink::new(willing, None, false);
    plain(&sink).send(&letter()).unwrap();
    let heard = sink.heard();
    for line in ["MAIL FROM:<mls@example.org>", "RCPT TO:<ada@example.com>", "To: ada@example.com", "Hello Ada", "..", "."] {
        assert!(heard.contains(&format!("{line}\r\n")), "{line}\n{heard}");
    }
}

#[test]
fn not_now_is_temporary_and_never_is_permanent() {
    let scripts: [(Script, bool); 8] = [
        (|verb| if verb.is_empty() { Act::Say("421 too busy") } else { willing(verb) }, true),
        (|verb| if verb == "EHLO" { Act::Say("554 not you") } else { willing(verb) }, true),
        (|verb| if verb == "MAIL" { Act::Say("451 later") } else { willing(verb) }, true),
        (|verb| if verb == "MAIL" { Act::Say("550 not from you") } else { willing(verb) }, true),
        (|verb| if verb == "RCPT" { Act::Say("450 greylisted") } else { willing(verb) }, true),
        (|verb| if verb == "." { Act::Say("452 disk full") } else { willing(verb) }, true),
        (|verb| if verb == "RCPT" { Act::Say("550 no such person") } else { willing(verb) }, false),
        (|verb| if verb == "." { Act::Say("554 spam") } else { willing(verb) }, false),
    ];
    for (n, (script, temporary)) in scripts.into_iter().enumerate() {
        let sent = plain(&Sink::new(script, None, false)).send(&letter());
        assert!(sent.is_err(), "{n}");
        assert_eq!(is_temporary(&sent), temporary, "{n} {sent:?}");
    }
}

#[test]
fn a_servers_words_are_cleaned_before_they_are_kept() {
    let sink = Sink::new(|verb| if verb == "RCPT" { Act::Say("550-\u{1b}[31mno\r\n550 way") } else { willing(verb) }, None, false);
    let Err(MailProblem::Permanent(why)) = plain(&sink).send(&letter()) else { panic!("it was sent") };
    assert!(!why.contains(char::is_control), "{why:?}");
}

#[test]
fn nobody_listening_is_temporary() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(is_temporary(&mailer(free, Encryption::None, None, false).send(&letter())));
}

#[test]
fn r_41_a_server_that_leaves_before_it_answers_is_asked_again_with_the_same_letter() {
    let sink = Sink::new(|verb| if verb == "." { Act::Close } else { willing(verb) }, None, false);
    let mailer = plain(&sink);
    assert!(is_temporary(&mailer.send(&letter())) && is_temporary(&mailer.send(&letter())));
    let heard = sink.heard();
    let ids: Vec<_> = heard.lines().filter(|line| line.starts_with("Message-ID:")).collect();
    assert_eq!((ids.len(), ids[0]), (2, ids[1]));
}

#[test]
fn r_43_a_server_that_hangs_or_drips_is_given_up_in_time() {
    let scripts: [Script; 5] = [
        |_| Act::Hang,
        |_| Act::Drip,
        |verb| if verb == "EHLO" { Act::Drip } else { willing(verb) },
        |verb| if verb == "MAIL" { Act::Hang } else { willing(verb) },
        |verb| if verb == "." { Act::Drip } else { willing(verb) },
    ];
    for (n, script) in scripts.into_iter().enumerate() {
        let sink = Sink::new(script, None, false);
        let (mailer, start) = (plain(&sink).with_cap(Duration::from_millis(150)), Instant::now());
        assert!(is_temporary(&mailer.send(&letter())), "{n}");
        assert!(start.elapsed() < Duration::from_secs(2), "{n}");
    }
}

#[test]
fn r_43_a_hanging_handshake_is_given_up_in_time() {
    let (_, ca, _directory) = tls();
    let sink = Sink::new(|_| Act::Hang, None, false);
    let mailer = mailer(sink.port, Encryption::Tls, Some(ca), false).with_cap(Duration::from_millis(150));
    assert!(is_temporary(&mailer.send(&letter())));
}

#[test]
fn r_43_letters_nobody_waits_for_any_more_cannot_pile_up() {
    let sink = Sink::new(|_| Act::Drip, None, false);
    let mailer = plain(&sink).with_cap(Duration::from_millis(500));
    let answers: Vec<_> = (0..6).map(|_| mailer.send(&letter())).collect();
    let full = MailProblem::Temporary("as many letters as allowed are still under way".to_owned());
    assert_eq!(answers.iter().filter(|answer| **answer == Err(full.clone())).count(), 2, "{answers:?}");
}

#[test]
fn a_slow_farewell_delays_nobody() {
    let sink = Sink::new(|verb| if verb == "QUIT" { Act::Hang } else { willing(verb) }, None, false);
    let start = Instant::now();
    plain(&sink).send(&letter()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_trusted_server_is_told_password_and_letter_behind_tls_only() {
    let (config, ca, _directory) = tls();
    for (encryption, wrapped) in [(Encryption::StartTls, false), (Encryption::Tls, true)] {
        let sink = Sink::new(willing, Some(Arc::clone(&config)), wrapped);
        mailer(sink.port, encryption, Some(ca.clone()), true).send(&letter()).unwrap();
        let heard = sink.heard();
        let after = heard.find("STARTTLS").unwrap_or_default();
        assert!(heard.find("AUTH PLAIN").unwrap() > after && heard.find("MAIL FROM").unwrap() > after, "{heard}");
    }
}

#[test]
fn r_45_without_starttls_nothing_is_said_in_clear() {
    let sink = Sink::new(|verb| if verb == "EHLO" { Act::Say("250 sink") } else { willing(verb) }, None, false);
    assert!(is_temporary(&mailer(sink.port, Encryption::StartTls, None, true).send(&letter())));
    let heard = sink.heard();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL") && !heard.contains("Hello Ada"), "{heard}");
}

#[test]
fn r_45_a_certificate_nobody_vouches_for_gets_nothing() {
    let (config, ..) = tls();
    for (encryption, wrapped) in [(Encryption::StartTls, false), (Encryption::Tls, true)] {
        let sink = Sink::new(willing, Some(Arc::clone(&config)), wrapped);
        let sent = mailer(sink.port, encryption, None, true).send(&letter());
        assert!(is_temporary(&sent), "{sent:?}");
        let heard = sink.heard();
        assert!(!heard.contains("AUTH") && !heard.contains("MAIL") && !heard.contains("Hello Ada"), "{heard}");
    }
}
