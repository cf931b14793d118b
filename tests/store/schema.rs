//! The schema: the same on both engines, known to the sweeper, and never scanned on a hot path.

use std::collections::BTreeMap;

use latchkey::base::{Clock, Fault, Secret};
use latchkey::flows::start;
use latchkey::store::migrate::{self, Standing};
use latchkey::store::{Db, PgOptions, sweep};

use crate::support::postgres;
use crate::support::tables::{columns, indexes, lines, names};
use crate::support::world::{BEGIN, World};

#[test]
fn every_table_has_a_rule_for_what_may_go() {
    let world = World::new();
    let mut tables = world.app.db.read(names).unwrap();
    tables.retain(|name| name != "schema_steps");
    tables.sort();
    let mut ruled: Vec<String> = sweep::RULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    ruled.sort();
    assert_eq!(tables, ruled);
}

#[test]
fn r_05_migrating_again_changes_nothing_and_a_foreign_schema_is_refused() {
    let world = World::new();
    assert_eq!(start::migrate(&world.app.db, &Clock::fixed(BEGIN), |_| {}).unwrap(), 0);
    assert_eq!(world.app.db.read(migrate::standing).unwrap(), Standing::Current);
    assert!(start::check_schema(&world.app.db).is_ok());
    world.change(|conn| conn.batch("UPDATE schema_steps SET digest = 'x' WHERE number = 1"));
    assert!(matches!(world.app.db.read(migrate::standing).unwrap(), Standing::Altered(_)));
    world.change(|conn| conn.batch("UPDATE schema_steps SET number = 999 WHERE number = 1"));
    assert_eq!(world.app.db.read(migrate::standing).unwrap(), Standing::Ahead(999));
    assert!(start::check_schema(&world.app.db).unwrap_err().to_string().contains("newer"));
    world.change(|conn| conn.batch("DELETE FROM schema_steps"));
    assert!(start::check_schema(&world.app.db).unwrap_err().to_string().contains("latchkey migrate"));
}

/// What both engines must agree on: `table.column type nullable`.
const COLUMNS: &str = "
accounts: id text, mls_id text, login_name text, login_key text, user_type text, active bool, password_hash text?, tokens_valid_after int?, roster_key text, profile text, created_at int, modified_at int, platform_staff bool, locked_by_platform bool
grants: id int, key_id int, account_id text, state text, scope text, nonce text?, challenge text?, redirect_uri text, claims text?, auth_time int, session_id int?, offered_at int, offer_ends int, ends_at int, generation int, rotated_at int, front_channel bool, some_revoked bool, sweep_at int, consumer_id text?, contact_id text?, consumer_role text?
sessions: id int, digest text, account_id text, auth_time int, seen_at int, ends_at int, ended_at int?, peer text?, user_agent text, sweep_at int
";

#[test]
fn both_engines_have_the_same_columns() {
    let world = World::new();
    for line in COLUMNS.trim().lines() {
        let (table, expected) = line.split_once(": ").unwrap();
        let sql = if world.app.db.engine_name() == "sqlite" {
            format!(
                "SELECT name || ' ' || lower(type) || CASE WHEN \"notnull\" = 0 THEN '?' ELSE '' END AS line FROM pragma_table_info('{table}') ORDER BY cid"
            )
        } else {
            format!(
                "SELECT (column_name || ' ' || data_type || CASE WHEN is_nullable = 'YES' THEN '?' ELSE '' END)::text AS line FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
            )
        };
        let found = world.app.db.read(move |conn| lines(conn, &sql)).unwrap();
        let found: Vec<String> =
            found.iter().map(|column| column.replace("bigint", "int").replace("integer", "int").replace("boolean", "bool")).collect();
        assert_eq!(found.join(", "), expected, "{table}");
    }
}

#[test]
fn both_engines_have_the_same_tables_columns_and_indexes() {
    if !postgres::chosen() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = Secret::new(postgres::create_database(None));
    let engines = [Db::sqlite(&folder.path().join("fresh.db")).unwrap(), Db::postgres(&PgOptions { url, threads: 1 }).unwrap()];
    let [here, there] = engines.map(|db| {
        start::migrate(&db, &Clock::fixed(BEGIN), |_| {}).unwrap();
        db.read(|conn| {
            let tables = names(conn)?;
            tables
                .into_iter()
                .map(|table| Ok((table.clone(), (columns(conn, &table)?, indexes(conn, &table)?))))
                .collect::<Result<BTreeMap<_, _>, Fault>>()
        })
        .unwrap()
    });
    assert!(here.keys().eq(there.keys()), "{:?} and {:?}", here.keys(), there.keys());
    for (table, (columns, indexes)) in &here {
        assert!(!columns.is_empty() && !indexes.is_empty(), "{table}");
        assert_eq!((columns, indexes), (&there[table].0, &there[table].1), "{table}");
    }
}

#[test]
fn no_hot_query_scans_a_table() {
    let world = World::new();
    if world.app.db.engine_name() != "sqlite" {
        // PostgreSQL scans small tables whatever indexes there are; the indexes are the same.
        return;
    }
    for query in [
        "SELECT * FROM grants JOIN accounts ON grants.account_id = accounts.id WHERE grants.id = 1",
        "SELECT * FROM keys WHERE key = 'x'",
        "SELECT * FROM keys WHERE id = 1",
        "SELECT * FROM key_secrets WHERE key_id = 1 ORDER BY id",
        "SELECT * FROM sessions WHERE id = 1",
        "SELECT scope FROM consents WHERE account_id = 'a' AND key_id = 1",
        "SELECT attempts FROM throttles WHERE bucket = 'x'",
        "SELECT * FROM accounts JOIN mlses ON accounts.mls_id = mlses.id WHERE login_key = 'x'",
        "SELECT nonce FROM revoked_tokens WHERE nonce = 1",
        "UPDATE grants SET state = 'ended' WHERE account_id = 'a' AND key_id = 1 AND state <> 'ended'",
        "SELECT * FROM contacts JOIN consumers ON contacts.consumer_id = consumers.id LEFT JOIN portals ON portals.account_id = contacts.account_id WHERE contacts.id = 'c'",
        "UPDATE grants SET state = 'ended' WHERE consumer_id = 'c' AND state <> 'ended'",
        "SELECT * FROM consumers WHERE email_key = 'x' AND email_verified_at IS NOT NULL",
        "SELECT * FROM consumer_sessions WHERE id = 1",
        "SELECT * FROM keys LEFT JOIN identities ON keys.identity_id = identities.id LEFT JOIN mlses ON keys.mls_id = mlses.id LEFT JOIN key_suspensions ON key_suspensions.key_id = keys.id AND key_suspensions.resumed_at IS NULL WHERE keys.mls_id = 'm' AND keys.deleted_at IS NULL AND keys.id < 9 AND (lower(keys.name) LIKE '%%' OR keys.key = '') ORDER BY keys.id DESC LIMIT 26",
        "SELECT * FROM keys WHERE keys.id < 9 AND keys.deleted_at IS NULL AND lower(keys.name) LIKE '%%' ORDER BY keys.id DESC LIMIT 26",
        "SELECT * FROM accounts JOIN mlses ON accounts.mls_id = mlses.id WHERE accounts.mls_id = 'm' AND login_key > 'a' AND login_key LIKE '%%' ORDER BY login_key LIMIT 26",
        "SELECT * FROM enrolments JOIN developers ON enrolments.developer_id = developers.id WHERE enrolments.mls_id = 'm' AND enrolments.state = 'awaiting_association' AND enrolments.id < 9 ORDER BY enrolments.id DESC LIMIT 26",
        "SELECT * FROM audit WHERE id < 9 AND event LIKE 'key.%' ORDER BY id DESC LIMIT 26",
        "SELECT * FROM audit WHERE id < 9 AND event LIKE '%' AND request_id = 'x' ORDER BY id DESC LIMIT 26",
        "SELECT * FROM outbox WHERE id < 9 AND state = 'parked' AND lower(recipient) LIKE '%%' ORDER BY id DESC LIMIT 26",
        "SELECT * FROM developers WHERE state = 'verified' AND id > 9 AND email_key LIKE '%%' ORDER BY id LIMIT 26",
        "SELECT DISTINCT enrolment_id FROM approval_steps WHERE approved_by = 'a' AND enrolment_id < 9 ORDER BY enrolment_id DESC LIMIT 26",
        "SELECT id FROM grants WHERE sweep_at <= 1 ORDER BY sweep_at LIMIT 250",
        "SELECT id FROM sessions WHERE sweep_at <= 1 ORDER BY sweep_at LIMIT 250",
        "SELECT id FROM outbox WHERE state = 'waiting' AND next_at <= 1 ORDER BY next_at, id LIMIT 1",
    ] {
        let sql = format!("EXPLAIN QUERY PLAN {query}");
        let plan = world.app.db.read(move |conn| crate::support::tables::plan(conn, &sql)).unwrap().join("; ");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{query}: {plan}");
        assert!(plan.contains("SEARCH"), "{query}: {plan}");
    }
}
