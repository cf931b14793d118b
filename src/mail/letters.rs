//! What we write to people: one struct per letter, with its two templates in `templates/mail/`.

use std::net::IpAddr;

use askama::Template;
use chrono::DateTime;

use super::Letter;
use crate::base::text::readable;
use crate::base::{Fault, Timestamp};

/// The longest name or device a letter shows. Units: characters.
const LONGEST: usize = 80;

/// Tells a person that somebody, most likely they themselves, signed in from a browser not seen before.
#[derive(Debug, Clone)]
pub struct NewSignIn<'a> {
    /// Who is written to.
    pub name: &'a str,
    /// The MLS in whose name we write, and whom to ask for help.
    pub mls: &'a str,
    /// Where the sign-in happened: our issuer.
    pub site: &'a str,
    /// When it happened.
    pub at: Timestamp,
    /// The address it came from, if it is known.
    pub address: Option<IpAddr>,
    /// The browser's User-Agent, as it came.
    pub user_agent: &'a str,
}

#[derive(Template)]
#[template(path = "mail/new_sign_in.txt")]
struct NewSignInText<'a>(&'a Facts);

#[derive(Template)]
#[template(path = "mail/new_sign_in.html")]
struct NewSignInHtml<'a>(&'a Facts);

struct Facts {
    name: String,
    mls: String,
    site: String,
    when: String,
    address: String,
    device: String,
}

impl NewSignIn<'_> {
    /// The letter to `to`.
    ///
    /// # Errors
    /// Broken if a template cannot be filled.
    pub fn letter(&self, to: &str) -> Result<Letter, Fault> {
        let facts = Facts {
            name: readable(self.name, LONGEST),
            mls: readable(self.mls, LONGEST),
            site: readable(self.site, LONGEST),
            when: moment(self.at),
            address: self.address.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string()),
            device: device(self.user_agent),
        };
        Ok(Letter {
            to: to.to_owned(),
            subject: format!("New sign-in to your {} account", facts.mls),
            text: NewSignInText(&facts).render().map_err(Fault::broken)?,
            html: NewSignInHtml(&facts).render().map_err(Fault::broken)?,
        })
    }
}

/// Tells a person what happened to the account.
#[derive(Debug, Clone)]
pub struct AccountNotice {
    subject: &'static str,
    what: &'static str,
    name: String,
    mls: String,
    when: String,
    address: String,
    device: String,
}

#[derive(Template)]
#[template(path = "mail/account_notice.txt")]
struct AccountNoticeText<'a>(&'a AccountNotice, &'a str);

#[derive(Template)]
#[template(path = "mail/account_notice.html")]
struct AccountNoticeHtml<'a>(&'a AccountNotice, &'a str);

impl AccountNotice {
    /// A notice with this subject to somebody of an MLS; `what` goes on after "Hello …," and ends with a full stop.
    pub fn new(
        subject: &'static str,
        what: &'static str,
        (name, mls): (&str, &str),
        at: Timestamp,
        address: Option<IpAddr>,
        user_agent: &str,
    ) -> Self {
        Self {
            subject,
            what,
            name: readable(name, LONGEST),
            mls: readable(mls, LONGEST),
            when: moment(at),
            address: address.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string()),
            device: device(user_agent),
        }
    }

    /// The letter to `to`, in the name of the installation at `site`.
    ///
    /// # Errors
    /// Broken if a template cannot be filled.
    pub fn letter(&self, to: &str, site: &str) -> Result<Letter, Fault> {
        Ok(Letter {
            to: to.to_owned(),
            subject: format!("{} at {}", self.subject, self.mls),
            text: AccountNoticeText(self, site).render().map_err(Fault::broken)?,
            html: AccountNoticeHtml(self, site).render().map_err(Fault::broken)?,
        })
    }
}

/// `Nov 23, 2026, 1:53 AM UTC`.
pub fn moment(at: Timestamp) -> String {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default().format("%b %-d, %Y, %-I:%M %p UTC").to_string()
}

/// A User-Agent in two words, such as `Firefox on Windows`; whatever it does not know it shows as it came, cut to 80
/// characters.
pub fn device(user_agent: &str) -> String {
    // The order matters: most browsers also claim to be those further down.
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ];
    let known = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        _ => match readable(user_agent, LONGEST) {
            unknown if unknown.is_empty() => "an unknown device".to_owned(),
            shown => shown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

    fn notice() -> NewSignIn<'static> {
        NewSignIn {
            name: "Ada Agent",
            mls: "MLS of Nowhere",
            site: "https://auth.example.com",
            at: Timestamp::from_seconds(1_795_398_780),
            address: "203.0.113.7".parse().ok(),
            user_agent: AGENT,
        }
    }

    #[test]
    fn both_bodies_say_who_when_where_and_what_to_do() {
        let letter = notice().letter("ada@example.com").unwrap();
        assert_eq!(letter.subject, "New sign-in to your MLS of Nowhere account");
        for body in [&letter.text, &letter.html] {
            for fact in
                ["Ada Agent", "Nov 23, 2026, 1:53 AM UTC", "203.0.113.7", "Chrome on Windows", "MLS of Nowhere", "change your password"]
            {
                assert!(body.contains(fact), "{fact}\n{body}");
            }
        }
    }

    #[test]
    fn strangers_words_stay_words() {
        let nasty = "<b>x</b>\r\n\r\nClick https://evil.example\u{202e}";
        let letter = NewSignIn { name: nasty, mls: nasty, user_agent: nasty, address: None, ..notice() }.letter("ada@example.com").unwrap();
        assert!(!letter.html.contains("<b>") && letter.html.contains("an unknown address"), "{}", letter.html);
        assert!(!letter.text.contains("\nClick") && !letter.text.contains('\u{202e}'), "{}", letter.text);
        assert!(!letter.subject.contains(char::is_control));
    }

    #[test]
    fn a_device_is_named_in_two_words_if_it_is_known() {
        for (agent, name) in [
            (AGENT, "Chrome on Windows"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", "Edge on Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"),
            ("curl/8.9.1", "curl/8.9.1"),
            (" \r\n", "an unknown device"),
        ] {
            assert_eq!(device(agent), name);
        }
        assert_eq!(device(&"x".repeat(10_240)).len(), 80);
    }
}
