//! Migrations: numbered steps, each applied once, whole or not at all; binary and schema refuse each other clearly.
//!
//! One tree serves both engines. What PostgreSQL calls `BIGINT PRIMARY KEY` is SQLite's row number only as `INTEGER PRIMARY KEY`; triggers are
//! written for each.

use std::borrow::Cow;

use diesel::prelude::*;

use crate::base::{Digest, Fault, Timestamp};

use super::conn::Conn;

mod steps {
    diesel::table! { schema_steps (number) { number -> BigInt, name -> Text, digest -> Text, applied_at -> BigInt, } }
}
use steps::schema_steps;

/// One step.
pub struct Step {
    /// Its place.
    pub number: i64,
    /// What it does.
    pub name: &'static str,
    text: Text,
}

/// What a step says to the engines.
enum Text {
    /// The same to both.
    Same(&'static str),
    /// Each in its own words, where they have none in common.
    Each {
        /// To SQLite.
        sqlite: &'static str,
        /// To PostgreSQL.
        postgres: &'static str,
    },
}

/// Every step, in order.
pub const STEPS: &[Step] = &[
    Step { number: 1, name: "foundation", text: Text::Same(include_str!("../../migrations/0001_foundation.sql")) },
    Step { number: 2, name: "keys_api", text: Text::Same(include_str!("../../migrations/0002_keys_api.sql")) },
    Step { number: 4, name: "datamart", text: Text::Same(include_str!("../../migrations/0004_datamart.sql")) },
    Step { number: 5, name: "consoles", text: Text::Same(include_str!("../../migrations/0005_consoles.sql")) },
    Step { number: 6, name: "consumers", text: Text::Same(include_str!("../../migrations/0006_consumers.sql")) },
    Step { number: 7, name: "sandbox", text: Text::Same(include_str!("../../migrations/0007_sandbox.sql")) },
    Step { number: 8, name: "suspensions", text: Text::Same(include_str!("../../migrations/0008_suspensions.sql")) },
    Step { number: 18, name: "answers", text: Text::Same(include_str!("../../migrations/0018_answers.sql")) },
    Step {
        number: 20,
        name: "audit_stays",
        text: Text::Each {
            sqlite: include_str!("../../migrations/0020_audit_stays.sqlite.sql"),
            postgres: include_str!("../../migrations/0020_audit_stays.postgres.sql"),
        },
    },
    Step { number: 21, name: "locks", text: Text::Same(include_str!("../../migrations/0021_locks.sql")) },
    Step { number: 22, name: "platform_staff", text: Text::Same(include_str!("../../migrations/0022_platform_staff.sql")) },
];

/// How the schema in the database stands to this binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Fits.
    Current,
    /// These steps are still to be applied.
    Behind(Vec<&'static str>),
    /// The database was migrated by a newer binary.
    Ahead(i64),
    /// This step reads differently from when it was applied.
    Altered(String),
}

/// Compares schema and binary.
pub fn standing(conn: &mut Conn) -> Result<Standing, Fault> {
    if !has_steps(conn)? {
        return Ok(Standing::Behind(STEPS.iter().map(|step| step.name).collect()));
    }
    let applied: Vec<(i64, String, String)> =
        conn.all(schema_steps::table.order(schema_steps::number).select((schema_steps::number, schema_steps::name, schema_steps::digest)))?;
    for (number, name, digest) in &applied {
        match STEPS.iter().find(|step| step.number == *number) {
            None => return Ok(Standing::Ahead(*number)),
            Some(step) if step.digest() != *digest => return Ok(Standing::Altered(name.clone())),
            Some(_) => {}
        }
    }
    let missing: Vec<&'static str> =
        STEPS.iter().filter(|step| !applied.iter().any(|(number, ..)| *number == step.number)).map(|step| step.name).collect();
    Ok(if missing.is_empty() { Standing::Current } else { Standing::Behind(missing) })
}

/// Applies the next missing step, if any, and answers its name. Nodes that start at once wait for one another.
pub fn next(conn: &mut Conn, now: Timestamp) -> Result<Option<&'static str>, Fault> {
    if conn.is_postgres() {
        // Held to the end of this transaction.
        conn.batch("SELECT pg_advisory_xact_lock(7013702)")?;
    }
    if !has_steps(conn)? {
        conn.batch("CREATE TABLE schema_steps (number BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)")?;
    }
    let applied: Vec<i64> = conn.all(schema_steps::table.select(schema_steps::number))?;
    let Some(step) = STEPS.iter().find(|step| !applied.contains(&step.number)) else { return Ok(None) };
    conn.batch(&step.said_to(conn.is_postgres()))?;
    conn.execute(diesel::insert_into(schema_steps::table).values((
        schema_steps::number.eq(step.number),
        schema_steps::name.eq(step.name),
        schema_steps::digest.eq(step.digest()),
        schema_steps::applied_at.eq(now.0),
    )))?;
    Ok(Some(step.name))
}

fn has_steps(conn: &mut Conn) -> Result<bool, Fault> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let count = if conn.is_postgres() {
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_steps'"
    } else {
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_steps'"
    };
    Ok(conn.one::<i64>(diesel::select(sql::<BigInt>(&format!("({count})"))))? == Some(1))
}

impl Step {
    fn said_to(&self, postgres: bool) -> Cow<'static, str> {
        match self.text {
            Text::Same(sql) if postgres => sql.into(),
            Text::Same(sql) => sql.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY").into(),
            Text::Each { postgres: sql, .. } if postgres => sql.into(),
            Text::Each { sqlite: sql, .. } => sql.into(),
        }
    }

    fn digest(&self) -> String {
        match self.text {
            Text::Same(sql) => Digest::of(sql.as_bytes()).hex(),
            Text::Each { sqlite, postgres } => Digest::of([sqlite, postgres].concat().as_bytes()).hex(),
        }
    }
}
