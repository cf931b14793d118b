//! The same questions asked of records in memory: for lists that stand in no table, and as the measure of those that do.

use std::cmp::Ordering;

use serde_json::Value;

use super::{By, Comparison, Filter, Order, Page, Query, Test};

/// What a column has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Nothing,
    /// Text.
    Text(String),
    /// A whole number; moments are milliseconds.
    Whole(i64),
    /// A boolean.
    Truth(bool),
}

impl Cell {
    /// What a member of a record says; lists and records within it are compared with nothing.
    pub fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(text)) => Self::Text(text.clone()),
            Some(Value::Bool(truth)) => Self::Truth(*truth),
            Some(Value::Number(number)) => number.as_i64().map_or(Self::Nothing, Self::Whole),
            _ => Self::Nothing,
        }
    }
}

impl Filter {
    /// Whether a record passes; `cell` says what its columns have.
    pub fn admits(&self, cell: &impl Fn(&str) -> Cell) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.admits(cell)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(cell)),
            Self::Not(inner) => !inner.admits(cell),
            Self::Test(column, test) => test.passes(&cell(column)),
        }
    }
}

impl Test {
    fn passes(&self, cell: &Cell) -> bool {
        match (self, cell) {
            (Self::Absent, cell) => *cell == Cell::Nothing,
            (Self::Text(comparison, value), Cell::Text(text)) => comparison.holds(text.as_bytes().cmp(value.as_bytes())),
            (Self::Contains(value), Cell::Text(text)) => text.contains(value.as_str()),
            (Self::StartsWith(value), Cell::Text(text)) => text.starts_with(value.as_str()),
            (Self::HasWord(word), Cell::Text(text)) => text.split(' ').any(|known| known == word),
            (Self::HasMember(member), Cell::Text(text)) => {
                serde_json::from_str::<Vec<String>>(text).is_ok_and(|members| members.contains(member))
            }
            (Self::Whole(comparison, value), Cell::Whole(number)) => comparison.holds(number.cmp(value)),
            (Self::Truth(value), Cell::Truth(truth)) => truth == value,
            _ => false,
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Order {
    fn compare(self, one: &Cell, other: &Cell) -> Ordering {
        let ordering = match (self.by, one, other) {
            (By::Presence, one, other) => (*one != Cell::Nothing).cmp(&(*other != Cell::Nothing)),
            (_, Cell::Nothing, Cell::Nothing) => Ordering::Equal,
            (_, Cell::Nothing, _) => return Ordering::Greater,
            (_, _, Cell::Nothing) => return Ordering::Less,
            (_, Cell::Text(one), Cell::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            (_, Cell::Whole(one), Cell::Whole(other)) => one.cmp(other),
            (_, Cell::Truth(one), Cell::Truth(other)) => one.cmp(other),
            _ => Ordering::Equal,
        };
        if self.descending { ordering.reverse() } else { ordering }
    }
}

impl Query {
    /// The page of `records` that is asked for; they stand in the order of their key.
    pub fn page_of<T>(&self, mut records: Vec<T>, cell: impl Fn(&T, &str) -> Cell) -> Page<T> {
        if let Some(filter) = &self.filter {
            records.retain(|record| filter.admits(&|column: &str| cell(record, column)));
        }
        records.sort_by(|one, other| {
            let steps = self.order.iter().map(|step| step.compare(&cell(one, step.column), &cell(other, step.column)));
            steps.fold(Ordering::Equal, Ordering::then)
        });
        let total = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let skipped = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        let taken = if self.lists() { usize::try_from(self.limit).unwrap_or_default() } else { 0 };
        Page { records: records.into_iter().skip(skipped).take(taken).collect(), total }
    }
}
