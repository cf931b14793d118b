//! A whole database as text, on either engine: what a thief of it would read.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use latchkey::base::{Fault, Secret};
use latchkey::store::{Conn, Db, Pending, PgOptions};

use super::postgres;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The column `line` of every row that `sql` finds.
pub fn lines(conn: &mut Conn, sql: &str) -> Result<Vec<String>, Fault> {
    Ok(conn.all::<Line>(diesel::sql_query(sql))?.into_iter().map(|row| row.line).collect())
}

#[derive(QueryableByName)]
struct PlanStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// What SQLite means to do for an `EXPLAIN QUERY PLAN`.
pub fn plan(conn: &mut Conn, sql: &str) -> Result<Vec<String>, Fault> {
    Ok(conn.all::<PlanStep>(diesel::sql_query(sql))?.into_iter().map(|step| step.detail).collect())
}

/// The names of all tables, sorted.
pub fn names(conn: &mut Conn) -> Result<Vec<String>, Fault> {
    lines(
        conn,
        if conn.is_postgres() {
            "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
        } else {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        },
    )
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub name: String,
    /// What it is called at PostgreSQL; SQLite's row number is a `bigint` too.
    pub kind: String,
    pub nullable: bool,
}

/// The columns of a table, in order.
pub fn columns(conn: &mut Conn, table: &str) -> Result<Vec<Column>, Fault> {
    let sql = if conn.is_postgres() {
        format!(
            "SELECT column_name || '|' || data_type || '|' || is_nullable AS line FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        )
    } else {
        format!(
            "SELECT name || '|' || replace(lower(type), 'integer', 'bigint') || '|' || iif(\"notnull\", 'NO', 'YES') AS line
             FROM pragma_table_info('{table}') ORDER BY cid"
        )
    };
    let split = |line: String| {
        let mut parts = line.split('|').map(str::to_owned);
        Column { name: parts.next().unwrap(), kind: parts.next().unwrap(), nullable: parts.next().unwrap() == "YES" }
    };
    Ok(lines(conn, &sql)?.into_iter().map(split).collect())
}

/// The indexes of a table, those of keys and uniqueness included: their columns, and whether they are unique; sorted.
pub fn indexes(conn: &mut Conn, table: &str) -> Result<Vec<String>, Fault> {
    let sql = if conn.is_postgres() {
        format!(
            "SELECT string_agg(a.attname, ',' ORDER BY k.place) || CASE WHEN i.indisunique THEN ' unique' ELSE '' END AS line
             FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
             WHERE i.indrelid = '{table}'::regclass GROUP BY i.indexrelid, i.indisunique"
        )
    } else {
        // A table whose key is its row number has no index of its own for it.
        format!(
            "SELECT (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) || iif(l.\"unique\", ' unique', '') AS line
             FROM pragma_index_list('{table}') l
             UNION ALL SELECT name || ' unique' FROM pragma_table_info('{table}') WHERE pk > 0 AND lower(type) = 'integer'"
        )
    };
    let mut all = lines(conn, &sql)?;
    all.sort();
    Ok(all)
}

/// What is noted beside a request, a moment after its answer: when a key, a token or a session was last used.
pub const NOTED_BESIDE: [&str; 3] = ["last_active", "last_used_on", "seen_at"];

/// Every row of a table as one line of text, but for the columns `without`; sorted.
pub fn rows(conn: &mut Conn, table: &str, without: &[&str]) -> Result<Vec<String>, Fault> {
    let columns: Vec<_> =
        columns(conn, table)?.into_iter().map(|column| column.name).filter(|name| !without.contains(&name.as_str())).collect();
    let sql = if conn.is_postgres() {
        let quoted: Vec<_> = columns.iter().map(|name| format!("quote_nullable(t.{name})")).collect();
        format!("SELECT {} AS line FROM {table} t", quoted.join(" || ',' || "))
    } else {
        let quoted: Vec<_> = columns.iter().map(|name| format!("quote({name})")).collect();
        format!("SELECT {} AS line FROM {table}", quoted.join(" || ',' || "))
    };
    let mut rows = lines(conn, &sql)?;
    rows.sort();
    Ok(rows)
}

/// Everything.
pub fn dump(db: &Db) -> BTreeMap<String, Vec<String>> {
    dump_without(db, &[])
}

fn dump_without(db: &Db, without: &'static [&'static str]) -> BTreeMap<String, Vec<String>> {
    db.read(|conn| names(conn)?.into_iter().map(|table| Ok((table.clone(), rows(conn, &table, without)?))).collect()).unwrap()
}

/// Everything but what may change at a refusal: audit, counters of limits, and what is noted beside.
pub fn settled(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut all = dump_without(db, &NOTED_BESIDE);
    all.retain(|table, _| !matches!(table.as_str(), "audit" | "throttles" | "rate_windows"));
    all
}

/// The same once nothing is being written any more: notes of a key's last use follow their answer.
pub fn quiet(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut last = settled(db);
    loop {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let next = settled(db);
        if next == last {
            return last;
        }
        last = next;
    }
}

/// Asserts that nothing changed since `before` but audit and counters of limits (DB=).
pub fn are_unchanged(db: &Db, before: &BTreeMap<String, Vec<String>>) {
    let after = quiet(db);
    assert!(after.keys().eq(before.keys()), "tables came or went");
    for (table, rows) in before {
        let (gone, new): (Vec<_>, Vec<_>) = (
            rows.iter().filter(|row| !after[table].contains(row)).collect(),
            after[table].iter().filter(|row| !rows.contains(row)).collect(),
        );
        assert!(gone.is_empty() && new.is_empty(), "{table} changed: {gone:?} became {new:?}");
    }
}

/// How many rows a table has.
pub fn count(db: &Db, table: &'static str) -> usize {
    db.read(move |conn| rows(conn, table, &[])).unwrap().len()
}

/// Everything in one text, to be searched.
pub fn text(db: &Db) -> String {
    dump(db).into_iter().flat_map(|(table, rows)| rows.into_iter().map(move |row| format!("{table}: {row}\n"))).collect()
}

/// A second pair of hands at the database of a running server.
pub fn another(db: &Db) -> Db {
    if db.engine_name() == "sqlite" {
        let path = db.read(|conn| lines(conn, "SELECT file AS line FROM pragma_database_list WHERE name = 'main'")).unwrap();
        return Db::sqlite(path[0].as_ref()).unwrap();
    }
    let name = db.read(|conn| lines(conn, "SELECT current_database()::text AS line")).unwrap();
    let mut url = url::Url::parse(&postgres::url().unwrap()).unwrap();
    url.set_path(&name[0]);
    Db::postgres(&PgOptions { url: Secret::new(url.as_str()), threads: 1 }).unwrap()
}

/// Nobody else can write as long as this is held; reading goes on.
pub struct Held {
    release: flume::Sender<()>,
    done: Option<Pending<()>>,
    _db: Db,
}

/// Holds every write of `table` up, as another program or a long migration would.
pub fn hold(db: &Db, table: &'static str) -> Held {
    let db = another(db);
    let (release, released) = flume::bounded::<()>(1);
    let (ready, held) = flume::bounded::<()>(1);
    let done = db
        .submit_write(move |conn| {
            if conn.is_postgres() {
                conn.batch(&format!("LOCK TABLE {table} IN SHARE MODE"))?;
            }
            ready.send(()).unwrap();
            let _ = released.recv_timeout(std::time::Duration::from_secs(60));
            Ok(())
        })
        .unwrap();
    held.recv().unwrap();
    Held { release, done: Some(done), _db: db }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.release.send(());
        if let Some(done) = self.done.take() {
            let _ = done.wait();
        }
    }
}
