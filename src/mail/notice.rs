//! A letter about something that happened or waits: sentences, facts, and at most one thing to do.

use askama::Template;

use super::Letter;
use crate::base::Fault;
use crate::base::text::readable;

/// The longest fact a letter shows. Units: characters.
const LONGEST: usize = 200;

/// Tells somebody something.
#[derive(Debug, Clone, Default)]
pub struct Notice {
    /// What it is about.
    pub subject: String,
    /// Who is written to.
    pub name: String,
    /// What happened, sentence by sentence; ours, but for names put in by [`said`].
    pub paragraphs: Vec<String>,
    /// Facts about it, by name.
    pub facts: Vec<(&'static str, String)>,
    /// What can be done about it: words, and an absolute address of ours.
    pub action: Option<(&'static str, String)>,
    /// What else there is to know.
    pub closing: String,
    /// Where this installation is.
    pub site: String,
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct NoticeText<'a>(&'a Notice);

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct NoticeHtml<'a>(&'a Notice);

/// What a stranger wrote, as it may stand in a letter: one line, and nothing that mail programs make a link of.
pub fn said(text: &str) -> String {
    let line: String = readable(&text.replace(['\r', '\n', '\t'], " "), LONGEST);
    line.replace("://", ": //").replace("www.", "www .")
}

impl Notice {
    /// The letter to `to`.
    ///
    /// # Errors
    /// Broken if a template cannot be filled.
    pub fn letter(&self, to: &str) -> Result<Letter, Fault> {
        let clean = Self {
            subject: said(&self.subject),
            name: said(&self.name),
            facts: self.facts.iter().map(|(name, fact)| (*name, said(fact))).filter(|(_, fact)| !fact.is_empty()).collect(),
            ..self.clone()
        };
        Ok(Letter {
            to: to.to_owned(),
            subject: clean.subject.clone(),
            text: NoticeText(&clean).render().map_err(Fault::broken)?,
            html: NoticeHtml(&clean).render().map_err(Fault::broken)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            subject: "Please confirm your address".into(),
            name: "Dora".into(),
            paragraphs: vec!["someone registered with this address.".into()],
            facts: vec![("Company", "Builders".into()), ("Nothing", String::new())],
            action: Some(("Confirm your address", "https://auth.example.com/register/developers/verify/lkl_x".into())),
            closing: "If it was not you, do nothing.".into(),
            site: "https://auth.example.com".into(),
        }
    }

    #[test]
    fn both_bodies_say_the_same() {
        let letter = notice().letter("dora@example.com").unwrap();
        for body in [&letter.text, &letter.html] {
            for word in
                ["Dora", "someone registered", "Builders", "https://auth.example.com/register/developers/verify/lkl_x", "do nothing"]
            {
                assert!(body.contains(word), "{word}\n{body}");
            }
            assert!(!body.contains("Nothing"), "{body}");
        }
        assert_eq!(letter.html.matches("href=").count(), 1);
    }

    #[test]
    fn pw_18_strangers_words_stay_words_and_make_no_link() {
        let nasty = "<a href=\"https://evil.example\">Click</a>\r\n\r\nhttps://evil.example {{ 7*7 }}\u{202e}";
        let letter = Notice { subject: nasty.into(), name: nasty.into(), facts: vec![("Company", nasty.into())], ..notice() }
            .letter("dora@example.com")
            .unwrap();
        assert_eq!(letter.html.matches("<a ").count(), 1, "{}", letter.html);
        assert!(!letter.html.contains("https://evil") && !letter.text.contains("https://evil"));
        assert!(!letter.subject.contains(char::is_control) && letter.text.contains("{{ 7*7 }}"));
        assert!(!letter.text.contains("\nhttps: //"), "{}", letter.text);
    }
}
