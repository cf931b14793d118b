//! The parameters of a list.

use crate::platform::problem::ApiProblem;

use super::{By, Field, Filter, Kind, Order, Pagination, Place, Resource, parse};

/// How many records a page has where nobody says.
const USUAL: i64 = 10;
/// The last page anybody may ask for.
const LAST_PAGE: i64 = 100_000;
/// The most records anybody may leave out at the beginning.
const MOST_SKIPPED: i64 = 2_500_000;
/// By how many attributes at once a list is sorted.
const MOST_STEPS: usize = 5;
/// The longest of `_orderby`, `_select` and `_expand`. Units: bytes.
const LONGEST_NAMES: usize = 4096;
/// A way of paging that the platform has elsewhere and nothing here has.
const NOT_HERE: &str = "_skiptoken";

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
    /// Where they begin.
    pub place: Place,
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
    /// Refuses: a filter that cannot be read (1040, 1041), and other parameters that name what the resource does not declare, lie out of
    /// range, contradict one another or stand twice (1053).
    pub fn of_list(resource: &Resource, pairs: &[(String, String)]) -> Result<Self, ApiProblem> {
        if pairs.iter().any(|(known, _)| known == NOT_HERE) {
            return Err(ApiProblem::constraint(NOT_HERE, "is not offered here; use _page or _skip"));
        }
        let filter = only(pairs, "_filter")?.map(|text| parse::filter(resource, text)).transpose()?;
        let order = only(pairs, "_orderby")?.map(|text| order(resource, text)).transpose()?.unwrap_or_default();
        let limit = number(pairs, "_limit", 0, resource.most)?.unwrap_or(USUAL);
        let place = match (number(pairs, "_page", 1, LAST_PAGE)?, number(pairs, "_skip", 0, MOST_SKIPPED)?) {
            (Some(_), Some(_)) => return Err(ApiProblem::constraint("_skip", "must not stand beside _page")),
            (None, Some(skipped)) => Place::After(skipped),
            (page, None) => Place::Page(page.unwrap_or(1)),
        };
        let pagination = match only(pairs, "_pagination")? {
            None | Some("0") => Pagination::Off,
            Some("1") => Pagination::On,
            Some("count") => Pagination::Count,
            Some(_) => return Err(ApiProblem::constraint("_pagination", "must be 0, 1 or count")),
        };
        Ok(Self { filter, order, limit, place, pagination, ..Self::of_record(resource, pairs)? })
    }

    /// Reads the parameters of a single record.
    ///
    /// Refuses: names that the resource does not declare, and parameters that stand twice (1053).
    pub fn of_record(resource: &Resource, pairs: &[(String, String)]) -> Result<Self, ApiProblem> {
        let select = only(pairs, "_select")?.map(|text| selection(resource, text)).transpose()?;
        let mut expand = only(pairs, "_expand")?.map(|text| expansions(resource, text)).transpose()?.unwrap_or_default();
        // Who selects what is there only when it is asked for asks for it.
        for name in select.iter().flatten().copied().filter(|name| resource.expansions.contains(name)) {
            if !expand.contains(&name) {
                expand.push(name);
            }
        }
        Ok(Self { filter: None, order: Vec::new(), select, expand, limit: USUAL, place: Place::Page(1), pagination: Pagination::Off })
    }

    /// Whether that attribute was asked for by `_expand`.
    pub fn expands(&self, name: &str) -> bool {
        self.expand.contains(&name)
    }

    /// How many records stand before those that are wanted.
    pub const fn offset(&self) -> i64 {
        match self.place {
            Place::Page(page) => (page - 1) * self.limit,
            Place::After(skipped) => skipped,
        }
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

/// Names parted by commas in a parameter, each with its place. Units: characters from the beginning, counted from 0.
fn names<'t>(parameter: &str, text: &'t str) -> Result<Vec<(&'t str, usize)>, ApiProblem> {
    if text.len() > LONGEST_NAMES {
        return Err(ApiProblem::constraint(parameter, format!("must have at most {LONGEST_NAMES} bytes")));
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

/// What is said where a name stands that will not do; of the name itself nothing is said.
fn unfit(parameter: &str, at: usize, what: &str) -> ApiProblem {
    ApiProblem::constraint(parameter, format!("must name, at position {at}, an attribute that can be {what}"))
}

fn order(resource: &Resource, text: &str) -> Result<Vec<Order>, ApiProblem> {
    const NAME: &str = "_orderby";
    let mut steps: Vec<Order> = Vec::new();
    for (name, at) in names(NAME, text)? {
        // The plus sign of an address that was not encoded arrives as a space, which is gone already.
        let (name, descending) = match (name.strip_prefix('-'), name.strip_prefix('+')) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => (name, false),
        };
        let field = resource.field(name).filter(|field| field.orderable);
        let Field { kind, column, .. } = *field.ok_or_else(|| unfit(NAME, at, "sorted by"))?;
        if steps.iter().any(|step| step.column == column) {
            return Err(ApiProblem::constraint(NAME, format!("must not name an attribute twice, as at position {at}")));
        }
        if steps.len() == MOST_STEPS {
            return Err(ApiProblem::constraint(NAME, format!("must name at most {MOST_STEPS} attributes")));
        }
        let by = match kind {
            Kind::Text | Kind::Day | Kind::Words | Kind::Members | Kind::Shown => By::Text,
            Kind::Whole | Kind::Digits | Kind::Truth | Kind::Moment => By::Value,
            Kind::Present => By::Presence,
        };
        steps.push(Order { column, by, descending });
    }
    Ok(steps)
}

fn selection(resource: &Resource, text: &str) -> Result<Vec<&'static str>, ApiProblem> {
    const NAME: &str = "_select";
    let known = || resource.fields.iter().map(|field| field.name).chain(resource.expansions.iter().copied());
    let select = |(name, at)| known().find(|known| *known == name).ok_or_else(|| unfit(NAME, at, "selected"));
    names(NAME, text)?.into_iter().map(select).collect()
}

fn expansions(resource: &Resource, text: &str) -> Result<Vec<&'static str>, ApiProblem> {
    const NAME: &str = "_expand";
    let mut found = Vec::new();
    for (name, at) in names(NAME, text)? {
        let known = resource.expansions.iter().copied().find(|known| *known == name);
        let known = known.ok_or_else(|| unfit(NAME, at, "expanded"))?;
        if !found.contains(&known) {
            found.push(known);
        }
    }
    Ok(found)
}
