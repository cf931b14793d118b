//! The RESO Web API, as much of OData 4 as it takes to learn by: a collection in pages, single entities, selections, counts, metadata.

use std::fmt::Write as _;

use super::problem::ApiProblem;
use super::role::Role;
use super::sample::{self, Kind};

/// How many entities a page has where nobody says.
const USUAL: usize = 10;
/// The most entities of a page; whoever asks for more is told where they go on.
const MOST: usize = 200;
/// The same for keys that copy in bulk.
const MOST_IN_BULK: usize = 1000;
/// The farthest anybody may skip.
const FARTHEST: usize = 2_500_000;
/// What can be asked.
const KNOWN: [&str; 5] = ["$top", "$skip", "$select", "$count", "$format"];
/// What of a single entity.
const KNOWN_OF_ONE: [&str; 2] = ["$select", "$format"];

/// What a collection is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// How many entities are wanted in all, where that was said.
    pub top: Option<usize>,
    /// How many this answer may have.
    pub page: usize,
    /// How many are left out.
    pub skip: usize,
    /// Which properties; all where nothing is said.
    pub select: Option<Vec<&'static str>>,
    /// Whether the answer says how many there are.
    pub count: bool,
}

impl Asked {
    /// Reads the options of a collection.
    ///
    /// Refuses: options that are not offered, stand twice or have another value than they take.
    pub fn of_collection(role: Role, in_bulk: bool, pairs: &[(String, String)]) -> Result<Self, ApiProblem> {
        check_names(pairs, &KNOWN)?;
        let top = number(pairs, "$top")?;
        let skip = number(pairs, "$skip")?.unwrap_or(0);
        let most = if in_bulk { MOST_IN_BULK } else { MOST };
        let count = match only(pairs, "$count")? {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(ApiProblem::constraint("$count", "must be true or false")),
        };
        Ok(Self { top, page: top.unwrap_or(USUAL).min(most), skip, select: selected(role, pairs)?, count })
    }

    /// Reads the options of one entity: which properties are wanted.
    ///
    /// Refuses: options that are not offered there.
    pub fn of_entity(role: Role, pairs: &[(String, String)]) -> Result<Option<Vec<&'static str>>, ApiProblem> {
        check_names(pairs, &KNOWN_OF_ONE)?;
        selected(role, pairs)
    }

    /// The options by which the rest is asked for after this page, of `total` entities; `None` where nothing is left.
    pub fn rest(&self, total: usize) -> Option<String> {
        let next = self.skip + self.page;
        let left = self.top.map(|top| top - self.page);
        if next >= total || left == Some(0) || self.page == 0 {
            return None;
        }
        let mut query = format!("$skip={next}");
        if let Some(left) = left {
            let _ = write!(query, "&$top={left}");
        }
        if let Some(select) = &self.select {
            let _ = write!(query, "&$select={}", select.join(","));
        }
        if self.count {
            query.push_str("&$count=true");
        }
        Some(query)
    }
}

fn check_names(pairs: &[(String, String)], known: &[&str]) -> Result<(), ApiProblem> {
    match pairs.iter().find(|(name, _)| name.starts_with('$') && !known.contains(&name.as_str())) {
        Some((name, _)) => {
            let name: String = name.chars().take(40).collect();
            Err(ApiProblem::constraint(name, format!("is not offered here; offered are {}", known.join(", "))))
        }
        None => match only(pairs, "$format")? {
            None | Some("json" | "application/json") => Ok(()),
            Some(_) => Err(ApiProblem::constraint("$format", "must be json")),
        },
    }
}

fn only<'a>(pairs: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, ApiProblem> {
    let mut found = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
    match (found.next(), found.next()) {
        (value, None) => Ok(value),
        _ => Err(ApiProblem::constraint(name, "must not stand twice")),
    }
}

fn number(pairs: &[(String, String)], name: &'static str) -> Result<Option<usize>, ApiProblem> {
    let Some(text) = only(pairs, name)? else { return Ok(None) };
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number <= FARTHEST);
    number.map(Some).ok_or_else(|| ApiProblem::constraint(name, format!("must be a whole number from 0 to {FARTHEST}")))
}

fn selected(role: Role, pairs: &[(String, String)]) -> Result<Option<Vec<&'static str>>, ApiProblem> {
    let Some(text) = only(pairs, "$select")?.filter(|text| *text != "*") else { return Ok(None) };
    // The key is always there: by it an entity is found again.
    let mut names = vec!["ListingKey"];
    for name in text.split(',').map(str::trim) {
        match sample::named(role, name) {
            Some(field) if names.contains(&field.name) => {}
            Some(field) => names.push(field.name),
            None => return Err(ApiProblem::constraint("$select", "must name properties that $metadata has, parted by commas")),
        }
    }
    Ok(Some(names))
}

/// The key in `Property('…')`: what stands between the quotes, in which a quote is written twice.
pub fn key(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = inner.replace("''", "\u{0}");
    (!plain.contains('\'')).then(|| plain.replace('\u{0}', "'"))
}

/// What a role's entities have, as XML. Spec: JSON and XML schemas of OData 4.0 (CSDL)
pub fn metadata(role: Role) -> String {
    let mut properties = String::new();
    for field in sample::fields(role) {
        let (kind, more) = match field.kind {
            Kind::Text => ("Edm.String", " MaxLength=\"1024\""),
            Kind::Number => ("Edm.Int64", ""),
            Kind::Flag => ("Edm.Boolean", ""),
            Kind::Day => ("Edm.Date", ""),
        };
        let needed = if field.name == "ListingKey" { " Nullable=\"false\"" } else { "" };
        let _ = writeln!(properties, "        <Property Name=\"{}\" Type=\"{kind}\"{more}{needed}/>", field.name);
    }
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.reso.metadata">
      <EntityType Name="Property">
        <Key><PropertyRef Name="ListingKey"/></Key>
{properties}        <Annotation Term="Org.OData.Core.V1.Description" String="Sample data: every listing is invented"/>
      </EntityType>
      <EntityContainer Name="Container">
        <EntitySet Name="Property" EntityType="org.reso.metadata.Property"/>
      </EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::query::paired;
    use super::*;

    fn asked(query: &str) -> Result<Asked, ApiProblem> {
        Asked::of_collection(Role::Idx, false, &paired(query))
    }

    #[test]
    fn a_page_says_how_the_rest_is_asked_for() {
        let ten = asked("$count=true&$select=ListPrice,City").unwrap();
        assert_eq!((ten.page, ten.skip, ten.count), (10, 0, true));
        assert_eq!(ten.select, Some(vec!["ListingKey", "ListPrice", "City"]));
        assert_eq!(ten.rest(48).as_deref(), Some("$skip=10&$select=ListingKey,ListPrice,City&$count=true"));
        assert_eq!(ten.rest(10), None);
        assert_eq!(asked("$top=5").unwrap().rest(48), None, "who said how many got them");
        let many = asked("$top=500&$skip=7").unwrap();
        assert_eq!((many.page, many.rest(1000).as_deref()), (200, Some("$skip=207&$top=300")));
        assert_eq!(asked("$top=0").unwrap().rest(48), None);
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        for query in [
            "$top=-1",
            "$top=x",
            "$top=",
            "$skip=1e3",
            "$skip=2500001",
            "$count=1",
            "$top=1&$top=2",
            "$filter=x",
            "$select=Nope",
            "$select=",
            "$format=xml",
        ] {
            let refused = asked(query).unwrap_err();
            let name = query.split('=').next().unwrap();
            assert_eq!(refused.fields()[0].attribute, name, "{query}");
        }
        assert!(asked("other=1&$select=*&$format=json").is_ok());
        assert!(Asked::of_entity(Role::Idx, &paired("$top=1")).is_err());
    }

    #[test]
    fn pb_01_confidential_properties_stand_in_nobodys_metadata_but_privates() {
        assert!(asked("$select=PrivateRemarks").is_err());
        assert!(Asked::of_collection(Role::Private, false, &paired("$select=PrivateRemarks")).is_ok());
        assert!(!metadata(Role::Vow).contains("OwnerName") && metadata(Role::Private).contains("OwnerName"));
        assert!(metadata(Role::Idx).contains(r#"<Property Name="ListPrice" Type="Edm.Int64"/>"#));
    }

    #[test]
    fn a_key_stands_between_quotes() {
        assert_eq!(key("'abc'").as_deref(), Some("abc"));
        assert_eq!(key("'a''b'").as_deref(), Some("a'b"));
        for bad in ["abc", "'abc", "abc'", "'a'b'", "", "'"] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }
}
