//! The parts of a console's pages: each draws itself, has its own space at 320 px and needs no JavaScript.
//!
//! A page is a list of [`Block`]s under one heading. A part's ids are its caller's, because tests and people's scripts find them by name.

#![expect(unused_qualifications, reason = "the derived match of an enum names it in full")]

mod chart;
mod field;
mod table;
mod timeline;

pub use chart::{Bar, Chart};
pub use field::{Choice, Field, FormBlock};
pub use table::{Badge, Button, Cell, Empty, Filter, Pager, ROWS, Search, Table};
pub use timeline::{Step, StepState, Timeline};

use askama::Template;
use askama::filters::HtmlSafe;

use crate::base::{Problems, Timestamp};

/// A part of a page.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/block.html")]
pub enum Block {
    /// A sentence that must not be missed.
    Notice(Notice),
    /// Paragraphs.
    Prose(Vec<String>),
    /// Names and values.
    Facts(Facts),
    /// Rows.
    Table(Table),
    /// Something to fill in.
    Form(FormBlock),
    /// A box to look something up.
    Search(Search),
    /// Counts over time.
    Chart(Chart),
    /// What happened, step by step.
    Timeline(Timeline),
    /// Text to copy.
    Copy(Copy),
    /// Links to go on by.
    Links(Vec<CardLink>),
    /// Buttons side by side.
    Buttons(Vec<Button>),
    /// Parts under a heading of their own.
    Section(Section),
}

impl Block {
    /// The words of the field of that name, if it stands in here.
    pub fn label(&self, field: &str) -> Option<&str> {
        match self {
            Self::Form(form) => form.fields.iter().find(|known| known.name == field).map(|known| known.label.as_str()),
            Self::Section(section) => section.blocks.iter().find_map(|block| block.label(field)),
            _ => None,
        }
    }
}

impl Block {
    /// The names of the fields that stand in here, from top to bottom.
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Self::Form(form) => form.fields.iter().map(|field| field.name).collect(),
            Self::Section(section) => section.blocks.iter().flat_map(Self::fields).collect(),
            _ => Vec::new(),
        }
    }

    /// Every form that stands in here.
    pub fn forms(&mut self) -> Vec<&mut FormBlock> {
        match self {
            Self::Form(form) => vec![form],
            Self::Section(section) => section.blocks.iter_mut().flat_map(Self::forms).collect(),
            _ => Vec::new(),
        }
    }
}

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth knowing.
    Plain,
    /// Something waits for somebody.
    Waiting,
    /// Something is wrong or ends something.
    Bad,
}

impl Tone {
    /// The stylesheet's word.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
        }
    }
}

/// A sentence that must not be missed.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The element's id.
    pub id: &'static str,
    /// How it is meant.
    pub tone: Tone,
    /// What it is about, in a few words.
    pub heading: String,
    /// The rest.
    pub text: String,
    /// Fields that are wrong, with their sentences; each leads to its field.
    pub fields: Vec<(String, String)>,
}

impl Notice {
    /// A notice.
    pub fn new(id: &'static str, tone: Tone, heading: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id, tone, heading: heading.into(), text: text.into(), fields: Vec::new() }
    }
}

impl Notice {
    /// What is wrong with a form; each sentence leads to its field.
    pub fn problems(problems: &Problems) -> Self {
        let fields: Vec<_> = problems.iter().map(|(field, sentence)| (field.to_owned(), sentence.to_owned())).collect();
        let heading = if fields.len() == 1 { "Please correct one thing." } else { "Please correct the following." };
        Self { fields, ..Self::new("problem", Tone::Bad, heading, "") }
    }
}

/// Names and values.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The element's id.
    pub id: &'static str,
    /// Each name with its value.
    pub items: Vec<(String, Cell)>,
}

impl Facts {
    /// Facts; a name without a value is left out.
    pub fn new<N: Into<String>>(id: &'static str, items: impl IntoIterator<Item = (N, Cell)>) -> Self {
        let items = items.into_iter().map(|(name, cell)| (name.into(), cell)).filter(|(_, cell)| !cell.is_empty()).collect();
        Self { id, items }
    }
}

/// Text to copy by hand: one click or tap selects all of it.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The element's id.
    pub id: &'static str,
    /// What it is.
    pub label: String,
    /// The text.
    pub text: String,
}

/// A link with a sentence about where it leads.
#[derive(Debug, Clone)]
pub struct CardLink {
    /// The element's id.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Where it leads: a path of ours.
    pub href: String,
    /// What is there.
    pub about: String,
}

impl CardLink {
    /// A link without a sentence.
    pub fn action(id: impl Into<String>, text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into(), href: href.into(), about: String::new() }
    }
}

/// Parts under a heading.
#[derive(Debug, Clone)]
pub struct Section {
    /// The element's id.
    pub id: &'static str,
    /// The heading.
    pub heading: String,
    /// A sentence under it.
    pub lede: String,
    /// The parts.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section.
    pub fn new(id: &'static str, heading: impl Into<String>, lede: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { id, heading: heading.into(), lede: lede.into(), blocks }
    }
}

// What a part writes is markup already: its template escapes what it is filled with.
impl HtmlSafe for Block {}
impl HtmlSafe for Cell {}
impl HtmlSafe for Field {}
impl HtmlSafe for FormBlock {}
impl HtmlSafe for Button {}
impl HtmlSafe for Table {}
impl HtmlSafe for Chart {}
impl HtmlSafe for Timeline {}

/// `Nov 27, 2026, 9:47 AM UTC`.
pub fn moment(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.0).unwrap_or_default().format("%b %-d, %Y, %-I:%M %p UTC").to_string()
}

/// `Nov 27, 2026`, of a day written `2026-11-27`; anything else as it is.
pub fn day(iso: &str) -> String {
    chrono::NaiveDate::parse_from_str(iso, "%Y-%m-%d").map_or_else(|_| iso.to_owned(), |day| day.format("%b %-d, %Y").to_string())
}
