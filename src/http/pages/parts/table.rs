//! Rows: a table on a wide page, cards on a narrow one.

#![expect(unused_qualifications, reason = "the derived match of an enum names it in full")]

use askama::Template;

use crate::base::Timestamp;

use super::Tone;

/// A table.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/table.html")]
pub struct Table {
    /// The element's id.
    pub id: &'static str,
    /// What it lists; said to who cannot see it.
    pub caption: String,
    /// The columns' names.
    pub columns: Vec<&'static str>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// What stands there when there are no rows.
    pub empty: Empty,
    /// Ways to the rows before and after.
    pub pager: Pager,
}

impl Table {
    fn cells<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a str, &'a Cell)> {
        self.columns.iter().copied().zip(row)
    }
}

/// What stands where nothing is, and what to do about it.
#[derive(Debug, Clone, Default)]
pub struct Empty {
    /// That nothing is here, in a few words.
    pub heading: String,
    /// Why, or what to do.
    pub text: String,
    /// Where to do it: words and a path of ours.
    pub link: Option<(String, String)>,
}

impl Empty {
    /// The same, unless something was looked for: then it says what, and leads back to all of them. `one` and `all` are what is listed, as
    /// in "No plan matches" and "Show all plans".
    #[must_use]
    pub fn searched(self, (one, all): (&str, &str), part: &str, chosen: bool, list: &str) -> Self {
        let heading = match (part.is_empty(), chosen) {
            (true, false) => return self,
            (true, true) => format!("No {one} matches what you chose."),
            (false, false) => format!("No {one} matches \u{2018}{part}\u{2019}."),
            (false, true) => format!("No {one} matches \u{2018}{part}\u{2019} and what you chose."),
        };
        Self { heading, text: String::new(), link: Some((format!("Show all {all}"), list.to_owned())) }
    }

    /// An empty state without a link.
    pub fn new(heading: impl Into<String>, text: impl Into<String>) -> Self {
        Self { heading: heading.into(), text: text.into(), link: None }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/cell.html")]
pub enum Cell {
    /// Words.
    Text(String),
    /// Words that lead somewhere on our own pages.
    Link {
        /// The words.
        text: String,
        /// A path of ours.
        href: String,
    },
    /// An identifier.
    Code(String),
    /// A point in time.
    Time(Timestamp),
    /// A day, as `YYYY-MM-DD`.
    Day(String),
    /// A state in one word.
    Badge(Badge),
    /// Something to do.
    Button(Box<Button>),
    /// Several, one under the other.
    Lines(Vec<Self>),
    /// Several words of a kind.
    List(Vec<String>),
}

impl Cell {
    /// Words.
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Words that lead somewhere on our own pages.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link { text: text.into(), href: href.into() }
    }

    /// A state in one word.
    pub fn badge(text: impl Into<String>, tone: Tone) -> Self {
        Self::Badge(Badge { text: text.into(), tone })
    }

    /// A point in time, or a word where there is none.
    pub fn time_or(at: Option<Timestamp>, none: &str) -> Self {
        at.map_or_else(|| Self::text(none), Self::Time)
    }

    /// A day, or a word where there is none.
    pub fn day_or(day: Option<&str>, none: &str) -> Self {
        day.map_or_else(|| Self::text(none), |day| Self::Day(day.to_owned()))
    }

    /// Whether it has a word so long that it may break anywhere.
    fn is_long(&self) -> bool {
        matches!(self, Self::Text(text) if text.split_whitespace().any(|word| word.chars().count() > 20))
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) | Self::Code(text) | Self::Day(text) => text.is_empty(),
            Self::Lines(cells) => cells.is_empty(),
            Self::List(words) => words.is_empty(),
            _ => false,
        }
    }
}

/// A state in one word.
#[derive(Debug, Clone)]
pub struct Badge {
    /// The word.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// A button that posts by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/button.html")]
pub struct Button {
    /// The element's id.
    pub id: String,
    /// Its words.
    pub label: String,
    /// What it is about, for who hears only the button: "Disconnect" what?
    pub about: String,
    /// Where it posts to: a path of ours.
    pub action: String,
    /// What it sends.
    pub hidden: Vec<(&'static str, String)>,
    /// Whether it ends something.
    pub ends: bool,
}

impl Button {
    /// A button.
    pub fn new(id: impl Into<String>, label: impl Into<String>, action: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), about: String::new(), action: action.into(), hidden: Vec::new(), ends: false }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Sends `name` with `value`.
    #[must_use]
    pub fn sends(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// It ends something.
    #[must_use]
    pub fn ends(mut self) -> Self {
        self.ends = true;
        self
    }

    /// As a cell.
    pub fn cell(self) -> Cell {
        Cell::Button(Box::new(self))
    }
}

/// Ways to the rows before and after, by key and not by number: the ten-thousandth page costs what the first does.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// The first page again.
    pub first: Option<String>,
    /// The rows after.
    pub next: Option<String>,
}

/// How many rows a page has.
pub const ROWS: usize = 25;

impl Pager {
    /// The pager of a list at `path`: `rows` holds one row more than is shown where more follow, and is cut; `after` was asked for;
    /// `kept` is the rest of the query.
    pub fn cut<T>(path: &str, rows: &mut Vec<T>, after: Option<&str>, kept: &[(&str, &str)], key: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let query = |after: Option<&str>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in kept.iter().chain(after.map(|after| ("after", after)).iter()).filter(|(_, value)| !value.is_empty()) {
                query.append_pair(name, value);
            }
            let query = query.finish();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
        };
        let next = rows.last().filter(|_| more).map(|last| query(Some(&key(last))));
        Self { first: after.map(|_| query(None)), next }
    }

    /// Whether there is nowhere to go.
    pub fn is_still(&self) -> bool {
        self.first.is_none() && self.next.is_none()
    }
}

/// A box to look something up.
#[derive(Debug, Clone)]
pub struct Search {
    /// Where it asks: a path of ours.
    pub action: String,
    /// What can be looked up.
    pub label: String,
    /// What was looked up.
    pub value: String,
    /// Further choices.
    pub filters: Vec<Filter>,
}

/// A further choice beside a box.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Its name and id.
    pub name: &'static str,
    /// Its words.
    pub label: &'static str,
    /// What may be chosen, as value and words.
    pub options: Vec<(&'static str, &'static str)>,
    /// What was chosen.
    pub chosen: String,
}

impl Search {
    /// A box without further choices.
    pub fn new(action: impl Into<String>, label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { action: action.into(), label: label.into(), value: value.into(), filters: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_goes_on_behind_the_last_row_shown_and_keeps_the_search() {
        let mut rows: Vec<usize> = (0..=ROWS).collect();
        let pager = Pager::cut("/mls/keys", &mut rows, None, &[("q", "a b"), ("state", "")], ToString::to_string);
        assert_eq!(rows.len(), ROWS);
        assert_eq!(pager.next.as_deref(), Some("/mls/keys?q=a+b&after=24"));
        assert_eq!(pager.first, None);
        let mut last: Vec<usize> = vec![1];
        let pager = Pager::cut("/mls/keys", &mut last, Some("24"), &[("q", "a b")], ToString::to_string);
        assert_eq!((pager.first.as_deref(), pager.next), (Some("/mls/keys?q=a+b"), None));
    }
}
