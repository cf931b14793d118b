//! What a list can be asked: SparkQL filters, order, pages, selections and expansions, read into typed trees over what a resource
//! declares. A name that is not declared reaches nothing.

mod ask;
mod lex;
mod parse;
mod weigh;

#[cfg(test)]
mod tests;

pub use ask::{Query, paired};
pub use weigh::Cell;

/// A resource of the API, as far as lists are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Resource {
    /// The table its rows are in; a column of another one is written with its table before it.
    pub table: &'static str,
    /// The column that tells any two rows apart: the last word on every order.
    pub key: &'static str,
    /// Whether the newest come first where no order is asked for.
    pub newest_first: bool,
    /// The most records of a page.
    pub most: i64,
    /// What its records have.
    pub fields: &'static [Field],
    /// What they have only where it is asked for.
    pub expansions: &'static [&'static str],
}

/// The most records of a page, unless a resource says otherwise.
pub const MOST: i64 = 25;
/// The most for keys that copy in bulk, unless a resource says more.
const MOST_IN_BULK: i64 = 200;

impl Resource {
    /// A resource whose rows are told apart by the column `id`, the oldest first.
    pub const fn of(table: &'static str, fields: &'static [Field]) -> Self {
        Self { table, key: "id", newest_first: false, most: MOST, fields, expansions: &[] }
    }

    /// The same, the newest first.
    #[must_use]
    pub const fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// The same, with what its records have where it is asked for.
    #[must_use]
    pub const fn expansions(mut self, expansions: &'static [&'static str]) -> Self {
        self.expansions = expansions;
        self
    }

    /// The same, with so many records a page at the most.
    #[must_use]
    pub const fn most(mut self, most: i64) -> Self {
        self.most = most;
        self
    }

    /// The same for keys that copy in bulk.
    #[must_use]
    pub fn in_bulk(self) -> Self {
        Self { most: self.most.max(MOST_IN_BULK), ..self }
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// An attribute of a resource's records.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// As the API spells it.
    pub name: &'static str,
    kind: Kind,
    column: &'static str,
    filterable: bool,
    orderable: bool,
}

/// How the values of an attribute are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By its characters, exactly.
    Text,
    /// As a whole number.
    Whole,
    /// As a whole number, which is written as text too.
    Digits,
    /// True or false.
    Truth,
    /// As a day, kept as `YYYY-MM-DD`.
    Day,
    /// As a point in time, kept in milliseconds and shown in seconds.
    Moment,
    /// True where the column has a value.
    Present,
    /// By the words the column holds, parted by spaces.
    Words,
    /// By the members of the JSON list the column holds.
    Members,
    /// Not at all.
    Shown,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $make:ident $kind:ident $orderable:literal),+ $(,)?) => {$(
        $(#[$doc])*
        pub const fn $make(name: &'static str, column: &'static str) -> Self {
            Self { name, kind: Kind::$kind, column, filterable: true, orderable: $orderable }
        }
    )+};
}

impl Field {
    fields! {
        /// Text, compared character by character.
        text Text true,
        /// A whole number.
        whole Whole true,
        /// A whole number that records show as text: it is asked for with or without quotation marks.
        digits Digits true,
        /// A boolean.
        truth Truth true,
        /// A day, kept as `YYYY-MM-DD`.
        day Day true,
        /// A point in time, kept in milliseconds.
        moment Moment true,
        /// A boolean that is true where the column has a value.
        present Present true,
        /// A list of words, kept parted by spaces: `Eq` asks whether one is among them.
        words Words false,
        /// A list of texts, kept as JSON: `Eq` asks whether one is among them.
        members Members false,
    }

    /// An attribute that can be selected, and neither filtered nor sorted by.
    pub const fn shown(name: &'static str) -> Self {
        Self { name, kind: Kind::Shown, column: "", filterable: false, orderable: false }
    }
}

/// Which records are wanted. Every test is true or false, never unknown: what a column does not have equals nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// What the column has passes the test.
    Test(&'static str, Test),
}

/// A test of what a column has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It has nothing.
    Absent,
    /// Its text, by the bytes of UTF-8.
    Text(Comparison, String),
    /// Its text has this in it, literally.
    Contains(String),
    /// Its text begins with this, literally.
    StartsWith(String),
    /// Its text has this word among words parted by single spaces.
    HasWord(String),
    /// Its text is a JSON list of texts with this one among them.
    HasMember(String),
    /// Its whole number.
    Whole(Comparison, i64),
    /// Its boolean.
    Truth(bool),
}

/// How two values are to stand to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// =
    Equal,
    /// <
    Less,
    /// ≤
    LessOrEqual,
    /// >
    Greater,
    /// ≥
    GreaterOrEqual,
}

/// One step of an order; what has nothing comes last either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By which column.
    pub column: &'static str,
    /// By what of it.
    pub by: By,
    /// From the greatest down.
    pub descending: bool,
}

/// By what of a column an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The bytes of its text.
    Text,
    /// Its number or boolean.
    Value,
    /// Whether it has anything.
    Presence,
}

/// Where the wanted records of a list begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// With this page, from 1.
    Page(i64),
    /// After so many records.
    After(i64),
}

/// Whether an answer says where in the whole it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pagination {
    /// Records only.
    Off,
    /// Both.
    On,
    /// Only where they stand.
    Count,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its records.
    pub records: Vec<T>,
    /// How many there are in all, where that was asked.
    pub total: i64,
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { records: self.records.into_iter().map(change).collect(), total: self.total }
    }

    /// The same page of something else, where making it may fail.
    ///
    /// # Errors
    /// The first that fails.
    pub fn try_map<U, E>(self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page { records: self.records.into_iter().map(change).collect::<Result<_, E>>()?, total: self.total })
    }
}
