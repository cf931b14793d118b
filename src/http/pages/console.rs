//! The frame of the consoles and of people's own pages: whose it is, who is signed in, where one is, and what is there.

use askama::Template;

use super::parts::{Block, CardLink, Notice};
use super::{Brand, Person};

/// What stands around a page of a console.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// Whose page it is.
    pub brand: Brand,
    /// The console's name, such as "Your account".
    pub area: String,
    /// Where the console begins: a path of ours.
    pub home: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Where the sign-out button posts to.
    pub sign_out: String,
    /// The console's rooms.
    pub nav: Vec<NavItem>,
    /// Other consoles this person has, as words and a path of ours.
    pub elsewhere: Vec<(String, String)>,
    /// The way here from the console's beginning, as words and a path of ours; the page itself is not in it.
    pub crumbs: Vec<(String, String)>,
}

/// A room of a console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// The element's id.
    pub id: &'static str,
    /// Its words.
    pub text: &'static str,
    /// Where it leads: a path of ours.
    pub href: &'static str,
    /// Whether one is there.
    pub current: bool,
}

/// A page of a console.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "console/page.html")]
pub struct ConsolePage {
    /// What stands around it.
    pub shell: Shell,
    /// The heading.
    pub title: String,
    /// A sentence under it.
    pub lede: String,
    /// What just happened, or went wrong.
    pub notice: Option<Notice>,
    /// The first thing to do here.
    pub action: Option<CardLink>,
    /// The parts.
    pub blocks: Vec<Block>,
}

impl ConsolePage {
    /// The notice; what is wrong with a field is told with the field's own words.
    fn told(&self) -> Option<Notice> {
        let mut notice = self.notice.clone()?;
        let order: Vec<&str> = self.blocks.iter().flat_map(Block::fields).collect();
        notice.fields.sort_by_key(|(field, _)| order.iter().position(|known| known == field));
        for (field, sentence) in &mut notice.fields {
            if let Some(label) = self.blocks.iter().find_map(|block| block.label(field)) {
                *sentence = format!("{}: {sentence}", label.trim_end_matches(['?', ':']));
            }
        }
        Some(notice)
    }

    /// Whether a form was refused; the title of the window says so too.
    fn refused(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| !notice.fields.is_empty())
    }
}
