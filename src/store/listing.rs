//! Lists as the API asks for them: typed filters and orders as SQL with bound values, the same rows on both engines.
//!
//! The scope of whoever asks stands in the query that is handed in; what was asked can only narrow it.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Text};
use diesel::sqlite::Sqlite;

use crate::platform::query::{By, Comparison, Filter, Query, Resource, Test};

use super::deadline;

/// One page of what a query finds: `page_of!(conn, &RESOURCE, query, table.filter(scope), Row)`, or with `, select (columns)` at the end.
/// Where nobody asks for the whole it is not counted, and the total is 0.
macro_rules! page_of {
    ($conn:expr, $resource:expr, $query:expr, $scope:expr, $row:ty $(, select $columns:expr)?) => {{
        use diesel::QueryDsl as _;
        let (resource, query) = ($resource, $query);
        $crate::store::deadline::within_time($conn, query, |conn| {
        let total = if query.counts() {
            conn.one::<i64>($scope.filter($crate::store::listing::matching(resource, query)).count())?.unwrap_or_default()
        } else {
            0
        };
        let records: Vec<$row> = if query.lists() {
            let wanted = $scope.filter($crate::store::listing::matching(resource, query));
            conn.all(wanted$(.select($columns))?.order($crate::store::listing::sorted(resource, query)).limit(query.limit).offset(query.offset()))?
        } else {
            Vec::new()
        };
        Ok::<_, $crate::base::Fault>($crate::platform::query::Page { records, total })
        })
    }};
}
pub(crate) use page_of;

/// The rows that a query's filter admits.
pub fn matching<'q>(resource: &'q Resource, query: &'q Query) -> Matching<'q> {
    Matching { resource, query }
}

/// The order a query asks for; rows that are alike in it stand in the order of their key.
pub fn sorted<'q>(resource: &'q Resource, query: &'q Query) -> Sorted<'q> {
    Sorted { resource, query }
}

/// A filter as SQL.
#[derive(Debug, Clone, Copy)]
pub struct Matching<'q> {
    resource: &'q Resource,
    query: &'q Query,
}

/// An order as SQL.
#[derive(Debug, Clone, Copy)]
pub struct Sorted<'q> {
    resource: &'q Resource,
    query: &'q Query,
}

/// What the two engines say differently.
pub trait Dialect: Backend + HasSqlType<Text> + HasSqlType<BigInt> + HasSqlType<Bool> {
    /// Compares text by its bytes, whatever the database's own language is.
    const BY_BYTES: &'static str;
    /// Where one text stands in another one; 0 where it does not.
    const PLACE: &'static str;
    /// What stands before and behind a column whose JSON list is read as the rows `member(value)`.
    const MEMBERS: [&'static str; 2];
    /// True while there is time, asked row by row; nothing where the server itself watches the time.
    const STILL_TIME: &'static str;
}

impl Dialect for Sqlite {
    const BY_BYTES: &'static str = " COLLATE BINARY";
    const PLACE: &'static str = "instr(";
    const MEMBERS: [&'static str; 2] = ["json_each(", ") AS member"];
    const STILL_TIME: &'static str = "still_time() AND ";
}

impl Dialect for Pg {
    const BY_BYTES: &'static str = " COLLATE \"C\"";
    const PLACE: &'static str = "strpos(";
    const MEMBERS: [&'static str; 2] = ["json_array_elements_text(CAST(", " AS json)) AS member(value)"];
    const STILL_TIME: &'static str = "";
}

fn column<DB: Dialect>(resource: &Resource, name: &str, out: &mut AstPass<'_, '_, DB>) -> QueryResult<()> {
    let (table, name) = name.split_once('.').unwrap_or((resource.table, name));
    out.push_identifier(table)?;
    out.push_sql(".");
    out.push_identifier(name)
}

fn filtered<'b, DB>(resource: &Resource, filter: &'b Filter, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Dialect,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
{
    let mut several = |parts: &'b [Filter], between: &str, without: &str| {
        let mut parts = parts.iter();
        out.push_sql("(");
        match parts.next() {
            Some(first) => filtered(resource, first, out)?,
            None => out.push_sql(without),
        }
        for part in parts {
            out.push_sql(between);
            filtered(resource, part, out)?;
        }
        out.push_sql(")");
        Ok(())
    };
    match filter {
        Filter::All(parts) => several(parts, " AND ", "1 = 1"),
        Filter::Any(parts) => several(parts, " OR ", "1 = 0"),
        Filter::Not(inner) => {
            out.push_sql("(NOT ");
            filtered(resource, inner, out)?;
            out.push_sql(")");
            Ok(())
        }
        Filter::Test(name, test) => tested(resource, name, test, out),
    }
}

/// A test that is true or false: with a column that has nothing, SQL's own comparisons would be neither.
fn tested<'b, DB>(resource: &Resource, name: &str, test: &'b Test, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Dialect,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
{
    out.push_sql("(");
    column(resource, name, out)?;
    if *test == Test::Absent {
        out.push_sql(" IS NULL)");
        return Ok(());
    }
    out.push_sql(" IS NOT NULL AND ");
    match test {
        Test::Absent => {}
        Test::Text(comparison, value) => {
            column(resource, name, out)?;
            out.push_sql(DB::BY_BYTES);
            out.push_sql(comparison.sql());
            out.push_bind_param::<Text, str>(value)?;
        }
        Test::Contains(value) => {
            out.push_sql(DB::PLACE);
            column(resource, name, out)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, str>(value)?;
            out.push_sql(") > 0");
        }
        Test::StartsWith(value) => {
            out.push_sql("substr(");
            column(resource, name, out)?;
            out.push_sql(", 1, length(");
            out.push_bind_param::<Text, str>(value)?;
            out.push_sql("))");
            out.push_sql(DB::BY_BYTES);
            out.push_sql(" = ");
            out.push_bind_param::<Text, str>(value)?;
        }
        Test::HasWord(word) => {
            out.push_sql(DB::PLACE);
            out.push_sql("' ' || ");
            column(resource, name, out)?;
            out.push_sql(" || ' ', ' ' || ");
            out.push_bind_param::<Text, str>(word)?;
            out.push_sql(" || ' ') > 0");
        }
        Test::HasMember(value) => {
            let [before, behind] = DB::MEMBERS;
            out.push_sql("EXISTS (SELECT 1 FROM ");
            out.push_sql(before);
            column(resource, name, out)?;
            out.push_sql(behind);
            out.push_sql(" WHERE member.value");
            out.push_sql(DB::BY_BYTES);
            out.push_sql(" = ");
            out.push_bind_param::<Text, str>(value)?;
            out.push_sql(")");
        }
        Test::Whole(comparison, value) => {
            column(resource, name, out)?;
            out.push_sql(comparison.sql());
            out.push_bind_param::<BigInt, i64>(value)?;
        }
        Test::Truth(value) => {
            column(resource, name, out)?;
            out.push_sql(" = ");
            out.push_bind_param::<Bool, bool>(value)?;
        }
    }
    out.push_sql(")");
    Ok(())
}

impl Comparison {
    const fn sql(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
        }
    }
}

impl<DB> QueryFragment<DB> for Matching<'_>
where
    DB: Dialect,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The text differs from question to question: keeping each would fill the cache of prepared statements for nothing.
        out.unsafe_to_cache_prepared();
        if deadline::is_set_for(self.query) {
            out.push_sql(DB::STILL_TIME);
        }
        let Some(filter) = &self.query.filter else {
            out.push_sql("1 = 1");
            return Ok(());
        };
        filtered(self.resource, filter, &mut out)
    }
}

impl<DB: Dialect> QueryFragment<DB> for Sorted<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        for step in &self.query.order {
            out.push_sql("(");
            column(self.resource, step.column, &mut out)?;
            // What has nothing comes last either way: left alone, the engines differ.
            out.push_sql(" IS NULL)");
            let direction = if step.descending { " DESC, " } else { ", " };
            match step.by {
                By::Presence if step.descending => out.push_sql(", "),
                By::Presence => out.push_sql(" DESC, "),
                By::Text | By::Value => {
                    out.push_sql(", ");
                    column(self.resource, step.column, &mut out)?;
                    out.push_sql(if step.by == By::Text { DB::BY_BYTES } else { "" });
                    out.push_sql(direction);
                }
            }
        }
        column(self.resource, self.resource.key, &mut out)?;
        out.push_sql(if self.resource.newest_first { " DESC" } else { "" });
        Ok(())
    }
}

impl Expression for Matching<'_> {
    type SqlType = Bool;
}

impl Expression for Sorted<'_> {
    type SqlType = diesel::expression::expression_types::NotSelectable;
}

/// Makes a piece of SQL stand in any query.
macro_rules! anywhere {
    ($name:ident) => {
        impl<T> AppearsOnTable<T> for $name<'_> {}
        impl<T> SelectableExpression<T> for $name<'_> {}
        impl<G> ValidGrouping<G> for $name<'_> {
            type IsAggregate = is_aggregate::Never;
        }
        impl QueryId for $name<'_> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}
pub(super) use anywhere;
anywhere!(Matching);
anywhere!(Sorted);
