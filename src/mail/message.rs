//! A letter as mail programs read it.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::{Letter, MailProblem};
use crate::base::Digest;

/// The message for `letter`: both bodies, a Message-ID that stays the same when it is sent again, and the mark that asks
/// absence notices not to answer (RFC 3834).
pub(super) fn compose(from: &Mailbox, letter: &Letter) -> Result<Message, MailProblem> {
    for (what, text) in [("recipient", &letter.to), ("subject", &letter.subject)] {
        if text.chars().any(char::is_control) {
            return Err(MailProblem::Permanent(format!("the {what} has a line break or another control character")));
        }
    }
    let to: Address = letter.to.parse().map_err(|_| MailProblem::Permanent("the recipient is not an e-mail address".to_owned()))?;
    let content = [&letter.to, &letter.subject, &letter.text, &letter.html].map(|part| format!("{}:{part}", part.len())).concat();
    let id = format!("<{}@{}>", Digest::of(content.as_bytes()).hex(), from.email.domain());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone())
        .message_id(Some(id))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
        .map_err(|why| MailProblem::Permanent(format!("the letter cannot be written as a message: {why}")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::letter;
    use super::*;

    fn composed(letter: &Letter) -> Result<String, MailProblem> {
        let from = "MLS of Nowhere <mls@example.org>".parse().unwrap();
        Ok(String::from_utf8(compose(&from, letter)?.formatted()).unwrap())
    }

    #[test]
    fn a_header_cannot_be_smuggled_in() {
        for nasty in ["x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com", "x\rBcc: eve@example.com", "x\0", "x\u{85}y"] {
            let subject = Letter { subject: nasty.to_owned(), ..letter() };
            assert!(matches!(composed(&subject), Err(MailProblem::Permanent(_))), "{nasty:?}");
            let to = Letter { to: format!("ada@example.com{nasty}"), ..letter() };
            assert!(matches!(composed(&to), Err(MailProblem::Permanent(_))), "{nasty:?}");
        }
        let body = composed(&Letter { text: "Bcc: eve@example.com\r\n".to_owned(), ..letter() }).unwrap();
        assert!(!body.split("\r\n\r\n").next().unwrap().contains("Bcc"));
    }

    #[test]
    fn a_letter_goes_to_exactly_one_address() {
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "a@example.com, b@example.com",
            "Ada <ada@example.com>",
            "<a@example.com>",
            "a b@example.com",
        ] {
            assert!(matches!(composed(&Letter { to: bad.to_owned(), ..letter() }), Err(MailProblem::Permanent(_))), "{bad}");
        }
    }

    #[test]
    fn the_same_letter_keeps_its_message_id() {
        let id = |letter: &Letter| composed(letter).unwrap().lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
        assert_eq!(id(&letter()), id(&letter()));
        assert_ne!(id(&letter()), id(&Letter { text: "other".to_owned(), ..letter() }));
        assert!(id(&letter()).ends_with("@example.org>"));
    }

    #[test]
    fn a_message_is_plain_ascii_with_both_bodies() {
        let text = composed(&letter()).unwrap();
        assert!(text.is_ascii(), "{text}");
        for part in ["Content-Type: text/plain", "Content-Type: text/html", "Auto-Submitted: auto-generated", "multipart/alternative"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
