//! What people type into forms: one checker for each kind of value, whichever door it comes through; and what is wrong, field by field.

use url::Url;

use crate::base::text::readable;

/// The longest e-mail address. Units: bytes.
const LONGEST_EMAIL: usize = 254;

/// What is wrong with a form: a sentence for each field that is to be typed again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<(&'static str, String)>);

impl Problems {
    /// Notes that `field` is wrong; only the first sentence about a field is kept.
    pub fn note(&mut self, field: &'static str, sentence: impl Into<String>) {
        if self.of(field).is_none() {
            self.0.push((field, sentence.into()));
        }
    }

    /// Notes the sentence of a check that failed, else passes its value on.
    pub fn take<T: Default>(&mut self, field: &'static str, checked: Result<T, &'static str>) -> T {
        checked.unwrap_or_else(|sentence| {
            self.note(field, sentence);
            T::default()
        })
    }

    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, sentence)| sentence.as_str())
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` where nothing is wrong.
    pub fn unless<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// One line that must not be empty: a name, a company.
pub fn line(text: &str, longest: usize) -> Result<String, &'static str> {
    let shown = readable(text, longest + 1);
    match shown.chars().count() {
        0 => Err("Please fill this in."),
        n if n > longest => Err("This is too long."),
        _ => Ok(shown),
    }
}

/// One line that must not be empty, and what to say where it is: beside others, "this" would not tell which.
pub fn given(text: &str, longest: usize, please: &'static str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err(please) } else { line(text, longest) }
}

/// One line that may be empty.
pub fn optional_line(text: &str, longest: usize) -> Result<String, &'static str> {
    if text.trim().is_empty() { Ok(String::new()) } else { line(text, longest) }
}

/// Several lines that must not be empty. Line breaks stay; other control and invisible characters go.
pub fn paragraphs(text: &str, longest: usize) -> Result<String, &'static str> {
    let lines: Vec<String> = text.replace("\r\n", "\n").split('\n').map(|line| readable(line, longest + 1)).collect();
    let shown = lines.join("\n").trim().to_owned();
    match shown.chars().count() {
        0 => Err("Please fill this in."),
        n if n > longest => Err("This is too long."),
        _ => Ok(shown),
    }
}

/// The one address somebody is written to: plain ASCII, one `@`, a domain with a dot and without one at its end.
///
/// Refuses: lists, names with an address in brackets, quoted local parts, and letters that only look like Latin ones.
pub fn email(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "Please give one e-mail address, such as name@company.example.";
    let text = text.trim();
    let (local, domain) = text.split_once('@').ok_or(WRONG)?;
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&c);
    let dotted = |part: &str, fits: &dyn Fn(u8) -> bool| part.split('.').all(|piece| !piece.is_empty() && piece.bytes().all(fits));
    let label = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    let good = text.len() <= LONGEST_EMAIL
        && local.len() <= 64
        && dotted(local, &atom)
        && domain.contains('.')
        && dotted(domain, &label)
        && domain.split('.').all(|piece| piece.len() <= 63 && !piece.starts_with('-') && !piece.ends_with('-'))
        && !domain.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()));
    if good { Ok(text.to_owned()) } else { Err(WRONG) }
}

/// The one spelling of an e-mail address by which it is looked up and counted.
pub fn email_key(email: &str) -> String {
    email.trim().to_ascii_lowercase()
}

/// A telephone number as people write it.
pub fn phone(text: &str) -> Result<String, &'static str> {
    let shown = readable(text, 41);
    let digits = shown.bytes().filter(u8::is_ascii_digit).count();
    let known = shown.chars().all(|c| c.is_ascii_digit() || " +-().x/".contains(c));
    if (6..=20).contains(&digits) && known && shown.len() <= 40 {
        Ok(shown)
    } else {
        Err("Please give a phone number, such as +1 509 555 0100.")
    }
}

/// A public web site: an absolute `https` or `http` address with a host.
pub fn website(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "Please give a web address, such as https://company.example/.";
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| WRONG)?;
    let good = text.len() <= 2048
        && matches!(url.scheme(), "https" | "http")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && text.bytes().all(|b| (0x21..=0x7e).contains(&b) && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'*'));
    if good { Ok(text.to_owned()) } else { Err(WRONG) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_02_one_address_is_one_address() {
        for good in ["ada@example.com", "Ada.Dev+mls@mail.example.co.uk", " ada@example.com "] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a@example.com,b@example.com",
            "a@example.com;b@example.com",
            "Ada <ada@example.com>",
            "\"a b\"@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@@example.com",
            "ada@example..com",
            ".ada@example.com",
            "ada@-example.com",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lg_11_look_alikes_and_a_closing_dot_are_no_second_address() {
        assert!(email("\u{430}da@example.com").is_err());
        assert!(email("ada@ex\u{e4}mple.com").is_err());
        assert!(email("ada@example.com.").is_err());
        assert_eq!(email_key(" ADA@Example.COM"), email_key("ada@example.com"));
    }

    #[test]
    fn lines_hold_no_line_breaks_and_paragraphs_keep_theirs() {
        assert_eq!(line(" Ada\r\nBcc: eve ", 40).unwrap(), "AdaBcc: eve");
        assert_eq!(paragraphs("one\r\ntwo\u{202e}\n\n", 40).unwrap(), "one\ntwo");
        assert!(line(" \u{200b} ", 40).is_err() && paragraphs("\n", 40).is_err() && line("abcd", 3).is_err());
        assert_eq!(optional_line("  ", 3).unwrap(), "");
    }

    #[test]
    fn web_sites_and_telephones_are_what_they_say() {
        assert!(website("https://company.example/about?x=1").is_ok() && phone("+1 (509) 555-0100").is_ok());
        for bad in ["javascript:alert(1)", "https://u:p@company.example/", "company.example", "https://x/\"y"] {
            assert!(website(bad).is_err(), "{bad}");
        }
        for bad in ["", "call me", "12", "<b>5095550100</b>"] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_sentence_about_a_field_counts() {
        let mut problems = Problems::default();
        problems.note("email", "one");
        problems.note("email", "two");
        assert_eq!(problems.of("email"), Some("one"));
        assert!(problems.clone().unless(()).is_err() && Problems::default().unless(1) == Ok(1));
    }
}
