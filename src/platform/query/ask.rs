//! The parameters of a list.

use crate::platform::problem::ApiProblem;

use super::lex::wrong;
use super::{By, Field, Filter, Kind, Order, Pagination, Resource, parse};

/// How many records a page has where nobody says.
const USUAL: i64 = 10;
/// The last page anybody may ask for.
const LAST_PAGE: i64 = 100_000;
/// By how many attributes at once a list is sorted.
const MOST_STEPS: usize = 5;
/// The longest of `_orderby`, `_select` and `_expand`. Units: bytes.
const LONGEST_NAMES: usize = 4096;
/// Ways of paging the platform has elsewhere and nothing here has.
const NOT_HERE: [&str; 2] = ["_skip", "_skiptoken"];

/// What a list is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which records.
    pub filter: Option<Filter>,
    /// In which order; the resource's key comes after all of these.
    pub order: Vec<Order>,
    /// Which attributes; every one where nothing is said.
    pub select: Option<Vec<&'static str>>,
    /// Which further attributes.
    pub expand: Vec<&'static str>,
    /// How many records.
    pub limit: i64,
    /// Which page, from 1.
    pub page: i64,
    /// Whether the answer tells where it stands.
    pub pagination: Pagination,
}

/// Parts a query string into its decoded names and values.
pub fn paired(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

impl Query {
    /// Reads the parameters of a list; others than its own are left alone.
    ///
    /// Refuses: names that the resource does not declare (1040), limits and pages out of range and parameters that stand twice (1053).
    pub fn of_list(resource: &Resource, pairs: &[(String, String)]) -> Result<Self, ApiProblem> {
        if let Some(name) = NOT_HERE.into_iter().find(|name| pairs.iter().any(|(known, _)| known == name)) {
            return Err(ApiProblem::constraint(name, "is not offered here; use _page"));
        }
        let filter = only(pairs, "_filter")?.map(|text| parse::filter(resource, text)).transpose()?;
        let order = only(pairs, "_orderby")?.map(|text| order(resource, text)).transpose()?.unwrap_or_default();
        let limit = number(pairs, "_limit", 0, resource.most)?.unwrap_or(USUAL);
        let page = number(pairs, "_page", 1, LAST_PAGE)?.unwrap_or(1);
        let pagination = match only(pairs, "_pagination")? {
            None | Some("0") => Pagination::Off,
            Some("1") => Pagination::On,
            Some("count") => Pagination::Count,
            Some(_) => return Err(ApiProblem::constraint("_pagination", "must be 0, 1 or count")),
        };
        Ok(Self { filter, order, limit, page, pagination, ..Self::of_record(resource, pairs)? })
    }

    /// Reads the parameters of a single record.
    ///
    /// Refuses: names that the resource does not declare (1040), and parameters that stand twice (1053).
    pub fn of_record(resource: &Resource, pairs: &[(String, String)]) -> Result<Self, ApiProblem> {
        let select = only(pairs, "_select")?.map(|text| selection(resource, text)).transpose()?;
        let mut expand = only(pairs, "_expand")?.map(|text| expansions(resource, text)).transpose()?.unwrap_or_default();
        // Who selects what is there only when it is asked for asks for it.
        for name in select.iter().flatten().copied().filter(|name| resource.expansions.contains(name)) {
            if !expand.contains(&name) {
                expand.push(name);
            }
        }
        Ok(Self { filter: None, order: Vec::new(), select, expand, limit: USUAL, page: 1, pagination: Pagination::Off })
    }

    /// Whether that attribute was asked for by `_expand`.
    pub fn expands(&self, name: &str) -> bool {
        self.expand.contains(&name)
    }

    /// How many records stand before the page.
    pub fn offset(&self) -> i64 {
        (self.page - 1) * self.limit
    }

    /// Whether it must be counted how many records there are in all.
    pub fn counts(&self) -> bool {
        self.pagination != Pagination::Off
    }

    /// Whether any records are wanted.
    pub fn lists(&self) -> bool {
        self.pagination != Pagination::Count && self.limit > 0
    }
}

/// The one value of a parameter; an empty one says nothing.
fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, ApiProblem> {
    let mut found = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (value, None) => Ok(value.filter(|text| !text.trim().is_empty())),
        _ => Err(ApiProblem::constraint(name, "must not stand twice")),
    }
}

fn number(pairs: &[(String, String)], name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiProblem> {
    let Some(text) = only(pairs, name)? else { return Ok(None) };
    let digits = text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && (least..=most).contains(number));
    number.map(Some).ok_or_else(|| ApiProblem::constraint(name, format!("must be a whole number from {least} to {most}")))
}

/// Names parted by commas, each with its place. Units: characters from the beginning, counted from 0.
fn names(text: &str) -> Result<Vec<(&str, usize)>, ApiProblem> {
    if text.len() > LONGEST_NAMES {
        return Err(ApiProblem::QueryTooComplex("The query is too long"));
    }
    let mut at = 0;
    Ok(text
        .split(',')
        .map(|part| {
            let begin = at + part.chars().take_while(|letter| letter.is_whitespace()).count();
            at += part.chars().count() + 1;
            (part.trim(), begin)
        })
        .collect())
}

fn order(resource: &Resource, text: &str) -> Result<Vec<Order>, ApiProblem> {
    let mut steps: Vec<Order> = Vec::new();
    for (name, at) in names(text)? {
        // The plus sign of an address that was not encoded arrives as a space, which is gone already.
        let (name, descending) = match (name.strip_prefix('-'), name.strip_prefix('+')) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => (name, false),
        };
        let field = resource.field(name).filter(|field| field.orderable);
        let Field { kind, column, .. } =
            *field.ok_or_else(|| wrong("Here should stand the name of an attribute that can be sorted by", at))?;
        if steps.iter().any(|step| step.column == column) {
            return Err(wrong("This attribute stands twice", at));
        }
        if steps.len() == MOST_STEPS {
            return Err(ApiProblem::QueryTooComplex("The query sorts by too many attributes"));
        }
        let by = match kind {
            Kind::Text | Kind::Day | Kind::Words | Kind::Shown => By::Text,
            Kind::Whole | Kind::Truth | Kind::Moment => By::Value,
            Kind::Present => By::Presence,
        };
        steps.push(Order { column, by, descending });
    }
    Ok(steps)
}

fn selection(resource: &Resource, text: &str) -> Result<Vec<&'static str>, ApiProblem> {
    let known = || resource.fields.iter().map(|field| field.name).chain(resource.expansions.iter().copied());
    let select = |(name, at)| {
        known().find(|known| *known == name).ok_or_else(|| wrong("Here should stand the name of an attribute that can be selected", at))
    };
    names(text)?.into_iter().map(select).collect()
}

fn expansions(resource: &Resource, text: &str) -> Result<Vec<&'static str>, ApiProblem> {
    let mut found = Vec::new();
    for (name, at) in names(text)? {
        let known = resource.expansions.iter().copied().find(|known| *known == name);
        let known = known.ok_or_else(|| wrong("Here should stand the name of an attribute that can be expanded", at))?;
        if !found.contains(&known) {
            found.push(known);
        }
    }
    Ok(found)
}
