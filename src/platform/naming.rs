//! What applications, portals and companies may not be called: nothing that passes for the platform itself, in whatever letters.
//!
//! The operator alone names what is the platform's own.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::form;

/// The platform's own name.
pub const PLATFORM: &str = "Latchkey";
/// Why a name is refused, after the name of its attribute.
pub const REFUSED: &str = "must not pass for the platform's own or for checked by it";
/// The same to a person at a form.
pub const PLEASE: &str = "This name would pass for the platform's own, or for checked by it. Please choose another.";

/// Words that stand in no name: only the platform checks who runs an application, and a badge beside the name says so.
const CLAIMS: [&str; 2] = ["official", "verified"];
/// Words of which alone no name is made: people would take it for whoever keeps their account.
const OFFICES: [&str; 24] = [
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "and",
    "center",
    "desk",
    "help",
    "helpdesk",
    "in",
    "login",
    "mls",
    "my",
    "operator",
    "platform",
    "security",
    "sign",
    "staff",
    "support",
    "system",
    "team",
    "the",
    "your",
];
/// Signs that people take for a letter, each beside the letter; Latin, Greek, Cyrillic and Armenian ones, small capitals and digits.
const ALIKE: [(char, &str); 19] = [
    ('a', "аαɑᴀ@4"),
    ('b', "вβʙ8"),
    ('c', "сϲᴄ¢"),
    ('d', "ԁɗᴅ"),
    ('e', "еєεҽɛᴇ3€"),
    ('f', "ғƒꜰ"),
    ('h', "һнηհʜħ"),
    ('k', "кκĸᴋқ"),
    ('l', "iıіιӏǀɩɪłʟ1|"),
    ('m', "мμᴍ"),
    ('n', "пոɴ"),
    ('o', "оοσօᴏ0"),
    ('p', "рρᴘ"),
    ('r', "гʀ"),
    ('s', "ѕꜱ5$"),
    ('t', "тτᴛ7"),
    ('v', "νѵᴠ"),
    ('x', "хχ"),
    ('y', "уүυγʏყ"),
];

/// One line, as the name of an application, a portal or a company.
///
/// Refuses: nothing at all, too much, and what passes for the platform's own.
pub fn line(text: &str, longest: usize) -> Result<String, &'static str> {
    let shown = form::line(text, longest)?;
    if passes_for_ours(&shown) { Err(PLEASE) } else { Ok(shown) }
}

/// One line, as the name of a person: somebody may be called Staff, but not as the platform is.
///
/// Refuses: nothing at all, too much, and the platform's name.
pub fn person(text: &str, longest: usize) -> Result<String, &'static str> {
    let shown = form::line(text, longest)?;
    if holds_our_name(&shown) { Err(PLEASE) } else { Ok(shown) }
}

/// Whether people could take what has this name for the platform's own, or for checked by it.
pub fn passes_for_ours(name: &str) -> bool {
    let shape = shape(name);
    let words = || shape.split(' ').filter(|word| !word.is_empty());
    let among = |list: &[&str], word: &str| list.iter().any(|known| self::shape(known) == word);
    holds_our_name(name) || words().any(|word| among(&CLAIMS, word)) || (words().count() > 0 && words().all(|word| among(&OFFICES, word)))
}

fn holds_our_name(name: &str) -> bool {
    shape(name).replace(' ', "").contains(&shape(PLATFORM))
}

/// What is left of a text to somebody who reads it in passing: letters that look alike are one, and what stands between them is a gap.
fn shape(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let alike = plain.map(|c| ALIKE.iter().find(|(_, signs)| signs.contains(c)).map_or(c, |(letter, _)| *letter));
    alike.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dr_11_nothing_is_called_as_the_platform_is_in_whatever_letters() {
        for ours in [
            "Latchkey",
            "LATCHKEY",
            "Latch-Key Support",
            "The latch key team",
            "L a t c h k e y",
            "\u{ff2c}\u{ff21}\u{ff34}\u{ff23}\u{ff28}\u{ff2b}\u{ff25}\u{ff39}",
            "L\u{e1}tchk\u{ea}y",
            "\u{1d40b}\u{1d41a}\u{1d42d}\u{1d41c}\u{1d421}\u{1d424}\u{1d41e}\u{1d432}",
            "L\u{430}t\u{441}hk\u{435}\u{443}",
            "\u{4c0}atchkey",
            "Iatchkey",
            "1@7chk3y",
            "My Latchkeys",
        ] {
            assert!(passes_for_ours(ours), "{ours}");
            assert_eq!((line(ours, 128), person(ours, 128)), (Err(PLEASE), Err(PLEASE)), "{ours}");
        }
    }

    #[test]
    fn dr_11_words_that_speak_for_the_platform_are_reserved() {
        for ours in
            ["Official CV app", "Front Porch (verified)", "V\u{435}r\u{456}fied Homes", "Support", "MLS Login", "Security-Team", "Admin!"]
        {
            assert!(passes_for_ours(ours), "{ours}");
        }
    }

    #[test]
    fn dr_11_other_names_stay_free() {
        for free in [
            "Front Porch",
            "Cascade Valley MLS tools",
            "Seller Support",
            "Back Office",
            "Latch & Lock Realty",
            "Keystone",
            "Home Security Homes",
            "家",
            "Ада",
            "!!!",
            "Agent sign-in",
        ] {
            assert!(!passes_for_ours(free), "{free}");
            assert_eq!(line(free, 128).as_deref(), Ok(free));
        }
        assert_eq!(person("Staff", 64).as_deref(), Ok("Staff"));
        assert!(line("", 128).is_err() && line(&"x".repeat(129), 128).is_err());
    }
}
