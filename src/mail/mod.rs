//! Letters and their way out. The outbox decides what is sent and when; this room sends one letter once and says whether
//! trying again makes sense.

mod letters;
mod mailbox;
mod message;
mod notice;
mod smtp;

pub use letters::{AccountNotice, NewSignIn, device, moment};
pub use mailbox::{Kept, Mailbox};
pub use notice::{Notice, said};
pub use smtp::{Encryption, Smtp};

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox as Sender;

use crate::base::{Fault, Seconds, Timestamp};

/// A letter to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address and nothing else: no name, no list.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The body for readers without HTML; says the same as `html`.
    pub text: String,
    /// The body as a complete HTML page.
    pub html: String,
}

/// How letters leave.
pub enum Transport {
    /// Through a mail server.
    Smtp(Smtp),
    /// As one `.eml` file each in a directory that exists.
    File(PathBuf),
    /// Not at all: the log says to whom and about what, never what, since bodies may carry links.
    Log,
}

/// Why a letter did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailProblem {
    /// Trying again later may help: the server is away, slow, busy, badly configured or not to be trusted.
    Temporary(String),
    /// This letter will never leave: the server refuses it or its recipient, or it is malformed.
    Permanent(String),
}

/// Sends letters in one sender's name.
pub struct Mailer {
    from: Sender,
    way: Way,
    kept: Option<Arc<Mailbox>>,
}

enum Way {
    Smtp(smtp::Sender),
    File(PathBuf),
    Log,
}

impl Mailer {
    /// A mailer for `from` (`Name <name@example.com>` or just the address); connects to nothing yet.
    ///
    /// # Errors
    /// Broken if `from` is no address, if encryption is none for a host that is not loopback, or if the directory is missing.
    pub fn new(transport: Transport, from: &str) -> Result<Self, Fault> {
        let from = from.parse().map_err(|_| Fault::broken("mail: the sender is not an e-mail address"))?;
        let way = match transport {
            Transport::Smtp(smtp) => Way::Smtp(smtp::Sender::new(smtp)?),
            Transport::File(directory) if directory.is_dir() => Way::File(directory),
            Transport::File(_) => return Err(Fault::broken("mail: the directory for letters does not exist")),
            Transport::Log => Way::Log,
        };
        Ok(Self { from, way, kept: None })
    }

    /// Gives up on one letter after `cap` instead of 60 seconds.
    #[must_use]
    pub fn with_cap(mut self, cap: Duration) -> Self {
        if let Way::Smtp(sender) = &mut self.way {
            sender.cap = cap;
        }
        self
    }

    /// Keeps every letter in `mailbox` too, for a demonstration.
    #[must_use]
    pub fn keeping(self, mailbox: Arc<Mailbox>) -> Self {
        Self { kept: Some(mailbox), ..self }
    }

    /// Keeps a letter that left, where letters are kept.
    pub fn keep(&self, letter: &Letter, at: Timestamp) {
        if let Some(mailbox) = &self.kept {
            mailbox.keep(letter, at);
        }
    }

    /// Sends `letter` and waits until the server has taken it, for at most 60 seconds. A letter whose answer was lost is
    /// reported as not sent, so sending is at least once; every try carries the same Message-ID.
    ///
    /// Refuses: a recipient or subject with a line break or other control character.
    pub fn send(&self, letter: &Letter) -> Result<(), MailProblem> {
        let message = message::compose(&self.from, letter)?;
        match &self.way {
            Way::Smtp(sender) => sender.send(&message),
            Way::File(directory) => {
                write(directory, &message.formatted()).map_err(|why| MailProblem::Temporary(format!("writing the letter: {why}")))
            }
            Way::Log => {
                tracing::info!(to = letter.to, subject = letter.subject, "letter not sent: mail is only logged");
                Ok(())
            }
        }
    }
}

/// How long to wait after `attempts` failed tries: one minute, doubling up to an hour; `None` after ten, when the letter
/// is parked for a person to look at.
pub const fn backoff(attempts: u32) -> Option<Seconds> {
    match attempts {
        0 => Some(Seconds(0)),
        1..=6 => Some(Seconds::minutes(1 << (attempts - 1))),
        7..=9 => Some(Seconds::hours(1)),
        _ => None,
    }
}

/// Writes the next `NNNNNN.eml`: whole or not at all, readable by its owner only.
fn write(directory: &Path, letter: &[u8]) -> io::Result<()> {
    let mut number = fs::read_dir(directory)?.count();
    loop {
        number += 1;
        let (part, whole) = (directory.join(format!(".{number:06}.part")), directory.join(format!("{number:06}.eml")));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Whoever creates the part owns the number, so two writers never take the same.
        match options.open(&part) {
            Err(taken) if taken.kind() == ErrorKind::AlreadyExists => {}
            Err(other) => return Err(other),
            Ok(_) if whole.exists() => fs::remove_file(&part)?,
            Ok(mut file) => {
                let written = file.write_all(letter).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&part, &whole));
                return written.inspect_err(|_| {
                    let _ = fs::remove_file(&part);
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn letter() -> Letter {
        Letter {
            to: "ada@example.com".to_owned(),
            subject: "Grüße".to_owned(),
            text: "Hello Ada\n.\nbye".to_owned(),
            html: "<p>Hello Ada</p>".to_owned(),
        }
    }

    #[test]
    fn r_40_the_wait_doubles_from_a_minute_to_an_hour_and_ends_after_ten() {
        let minutes: Vec<_> = (1..=11).map(|n| backoff(n).map(|wait| wait.0 / 60)).collect();
        let some = [1, 2, 4, 8, 16, 32, 60, 60, 60].map(Some);
        assert_eq!((&minutes[..9], &minutes[9..]), (&some[..], &[None, None][..]));
        assert_eq!(backoff(u32::MAX), None);
    }

    #[test]
    fn each_letter_is_one_whole_file_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let mailer = Mailer::new(Transport::File(directory.path().to_owned()), "MLS <mls@example.com>").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| mailer.send(&letter()).unwrap()));
            }
        });
        let files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap()).collect();
        assert_eq!(files.len(), 40);
        for file in files {
            assert_eq!(file.path().extension().unwrap(), "eml");
            let text = fs::read_to_string(file.path()).unwrap();
            assert!(text.contains("\r\nTo: ada@example.com\r\n") && text.contains("Hello Ada") && text.ends_with("--\r\n"), "{text}");
            #[cfg(unix)]
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_directory_is_a_temporary_problem() {
        let directory = tempfile::tempdir().unwrap();
        let mailer = Mailer::new(Transport::File(directory.path().to_owned()), "mls@example.com").unwrap();
        directory.close().unwrap();
        assert!(matches!(mailer.send(&letter()), Err(MailProblem::Temporary(_))));
    }

    #[test]
    fn a_mailer_that_could_not_work_or_would_speak_in_clear_is_refused() {
        let smtp = |host: &str| {
            Transport::Smtp(Smtp { host: host.to_owned(), port: 25, login: None, encryption: Encryption::None, ca_certificate: None })
        };
        assert!(Mailer::new(Transport::Log, "not an address").is_err());
        assert!(Mailer::new(Transport::Log, "a@example.com\r\nBcc: b@example.com").is_err());
        assert!(Mailer::new(Transport::File("/does/not/exist".into()), "mls@example.com").is_err());
        assert!(Mailer::new(smtp("mail.example.com"), "mls@example.com").is_err());
        assert!(Mailer::new(smtp("127.0.0.1"), "mls@example.com").is_ok());
    }
}
