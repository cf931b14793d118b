//! The scope of whoever asks, as SQL: what is beyond it is not found, so that the foreign and the absent look the same.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Text};

use crate::platform::reach::Reach;

use super::listing::anywhere;

/// The rows of `table` that are within `reach`: those of its MLS by their column `mls_id`, or those of its developer.
pub fn within<'r>(table: &'static str, reach: &'r Reach) -> Within<'r> {
    Within { table, reach, by_keys: false }
}

/// The developers within `reach`: those of its MLS, and those of none who have a key of it.
pub fn developers(reach: &Reach) -> Within<'_> {
    Within { table: "identities", reach, by_keys: true }
}

/// A scope as SQL.
#[derive(Debug, Clone, Copy)]
pub struct Within<'r> {
    table: &'static str,
    reach: &'r Reach,
    by_keys: bool,
}

impl<DB> QueryFragment<DB> for Within<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mls = match self.reach {
            Reach::Everything => {
                out.push_sql("1 = 1");
                return Ok(());
            }
            Reach::Own { identity, .. } => return owned(self.table, &identity.0, &mut out),
            Reach::Nothing => {
                out.push_sql("1 = 0");
                return Ok(());
            }
            Reach::Mls(mls) => mls.as_str(),
        };
        out.push_sql("(");
        out.push_identifier(self.table)?;
        out.push_sql(".mls_id = ");
        out.push_bind_param::<Text, str>(mls)?;
        if self.by_keys {
            out.push_sql(
                " OR (identities.mls_id IS NULL AND EXISTS (SELECT 1 FROM keys WHERE keys.identity_id = identities.id AND keys.mls_id = ",
            );
            out.push_bind_param::<Text, str>(mls)?;
            out.push_sql("))");
        }
        out.push_sql(")");
        Ok(())
    }
}

/// The rows that belong to one developer; of tables that know none, none do.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what is bound must live as long as the query")]
fn owned<'b, DB>(table: &str, identity: &'b i64, out: &mut AstPass<'_, 'b, DB>) -> QueryResult<()>
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    let column = match table {
        "identities" => "id",
        "keys" | "change_history" => "identity_id",
        _ => {
            out.push_sql("1 = 0");
            return Ok(());
        }
    };
    out.push_sql("(");
    out.push_identifier(table)?;
    out.push_sql(".");
    out.push_identifier(column)?;
    out.push_sql(" = ");
    out.push_bind_param::<BigInt, i64>(identity)?;
    out.push_sql(")");
    Ok(())
}

impl Expression for Within<'_> {
    type SqlType = Bool;
}

anywhere!(Within);
