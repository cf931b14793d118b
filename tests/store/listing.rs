//! Lists: both engines find, sort and count the same as the rules do in memory.

use diesel::prelude::*;
use latchkey::platform::query::{Cell, Field, Query, Resource, paired};
use latchkey::platform::reach::Reach;
use latchkey::store::account_lists;
use latchkey::store::listing::{matching, sorted};
use latchkey::store::schema::keys;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::platform::MLS;
use crate::support::world::World;

const KEYS: Resource = Resource::of(
    "keys",
    &[
        Field::whole("Id", "id"),
        Field::text("Name", "name"),
        Field::text("Comments", "keys.comments"),
        Field::text("TemplateId", "template_id"),
        Field::truth("Enabled", "enabled"),
        Field::present("Deleted", "deleted_at"),
        Field::day("LastActive", "last_active"),
        Field::words("Roles", "roles"),
        Field::moment("ModificationTimestamp", "modified_at"),
    ],
);

#[derive(Debug, Clone)]
struct Row {
    id: i64,
    name: &'static str,
    comments: &'static str,
    template_id: Option<&'static str>,
    enabled: bool,
    deleted_at: Option<i64>,
    last_active: Option<&'static str>,
    roles: &'static str,
    modified_at: i64,
}

const NOON: i64 = 1_792_843_200_000;
const NAMES: [&str; 12] =
    ["a", "A", "b", "ab", "Ä", "ä", "Z", "50% off", "50x off", "a_b", "it's \\ '; DROP TABLE keys; --", "\u{1f3e0} \u{fffd}"];

/// Rows that differ in every column, with everything that engines read differently: case, accents, wildcards, absent values.
fn rows() -> Vec<Row> {
    (0i32..36)
        .map(|n| {
            let at = usize::try_from(n).unwrap();
            Row {
                id: 1000 + i64::from(n),
                name: NAMES[at % NAMES.len()],
                comments: ["", "%", "_", "same"][at % 4],
                template_id: [None, Some("20261001000000000000000901"), Some("20261001000000000000000902")][at % 3],
                enabled: n % 2 == 0,
                deleted_at: (n % 5 == 0).then_some(NOON),
                last_active: [None, Some("2026-10-23"), Some("2026-10-24"), Some("2025-12-31")][at / 4 % 4],
                roles: ["idx", "idx single_session", "private", "", "vow idx"][at % 5],
                modified_at: NOON + i64::from(n - 18) * 250,
            }
        })
        .collect()
}

fn cell(row: &Row, column: &str) -> Cell {
    let text = |text: &str| Cell::Text(text.to_owned());
    match column {
        "id" => Cell::Whole(row.id),
        "name" => text(row.name),
        "keys.comments" => text(row.comments),
        "template_id" => row.template_id.map_or(Cell::Nothing, text),
        "enabled" => Cell::Truth(row.enabled),
        "deleted_at" => row.deleted_at.map_or(Cell::Nothing, Cell::Whole),
        "last_active" => row.last_active.map_or(Cell::Nothing, text),
        "roles" => text(row.roles),
        "modified_at" => Cell::Whole(row.modified_at),
        other => panic!("{other}"),
    }
}

fn world() -> World {
    let world = World::new();
    world.developer(70, MLS);
    for row in rows() {
        world.key_of(70, row.id, MLS, &[]);
        world.change(move |conn| {
            conn.execute(diesel::update(keys::table.find(row.id)).set((
                keys::name.eq(row.name),
                keys::comments.eq(row.comments),
                keys::template_id.eq(row.template_id),
                keys::enabled.eq(row.enabled),
                keys::deleted_at.eq(row.deleted_at),
                keys::last_active.eq(row.last_active),
                keys::roles.eq(row.roles),
                keys::modified_at.eq(row.modified_at),
            )))
        });
    }
    world
}

/// What the database answers: the ids of the page, and how many there are.
fn answered(world: &World, query: &Query) -> (Vec<i64>, i64) {
    let query = query.clone();
    let read = world.app.db.read(move |conn| {
        let scope = || keys::table.filter(keys::identity_id.eq(70)).filter(matching(&KEYS, &query));
        let total = conn.one::<i64>(scope().count())?.unwrap();
        let wanted = scope().select(keys::id).order(sorted(&KEYS, &query)).limit(query.limit).offset(query.offset());
        Ok((conn.all::<i64>(wanted)?, total))
    });
    read.unwrap()
}

fn expected(query: &Query) -> (Vec<i64>, i64) {
    let page = query.page_of(rows(), cell);
    (page.records.into_iter().map(|row| row.id).collect(), page.total)
}

fn query(text: &str) -> Query {
    Query::of_list(&KEYS, &paired(text)).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

#[test]
fn qi_05_wildcards_case_and_sql_in_values_are_literal_on_both_engines() {
    let world = world();
    for (text, found) in [
        ("_filter=Name Eq '50%25 off'", 3),
        ("_filter=Name Eq contains('%25')", 3),
        ("_filter=Name Eq contains('_')", 3),
        ("_filter=Name Eq startswith('50%25')", 3),
        ("_filter=Name Eq startswith('\u{1f3e0} ')", 3),
        ("_filter=Name Eq 'ä'", 3),
        ("_filter=Name Eq 'a%25'", 0),
        ("_filter=Name Eq 'it\\'s \\\\ \\'; DROP TABLE keys; --'", 3),
        ("_filter=Comments Eq '_'", 9),
        ("_filter=Roles Eq 'idx'", 22),
        ("_filter=Roles Eq '%25'", 0),
        ("_filter=Roles Eq 'single'", 0),
    ] {
        let query = query(text);
        assert_eq!(answered(&world, &query).1, found, "{text}");
        assert_eq!(answered(&world, &query), expected(&query), "{text}");
    }
}

#[test]
fn qi_10_and_qi_13_no_question_reaches_beyond_the_scope_it_is_asked_in() {
    let world = world();
    world.developer(71, MLS);
    for id in 2000..2010 {
        world.key_of(71, id, MLS, &[]);
    }
    for text in [
        "Id Gt 0 Or Id Le 0",
        "Not Id Eq 1",
        "Id Eq 2001",
        "Name Eq 'x' Or Id Bt 0,9000000000000000",
        "Deleted Eq true Or Deleted Eq false",
    ] {
        let query = query(&format!("_limit=25&_filter={text}"));
        let (ids, total) = answered(&world, &query);
        assert!(total <= 36 && ids.iter().all(|id| (1000..1036).contains(id)), "{text}: {ids:?}");
    }
}

#[test]
fn numbers_with_fractions_are_compared_exactly_on_both_engines() {
    let world = world();
    let ops = proptest::sample::select(vec!["Eq", "Ne", "Gt", "Ge", "Lt", "Le"]);
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 200, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&(ops, 99_800i64..104_000), |(op, hundredths)| {
            let query = query(&format!("_limit=25&_filter=Id {op} {}.{:02}", hundredths / 100, hundredths % 100));
            let holds = |id: i64| {
                let ordering = (id * 100).cmp(&hundredths);
                match op {
                    "Eq" => ordering.is_eq(),
                    "Ne" => ordering.is_ne(),
                    "Gt" => ordering.is_gt(),
                    "Ge" => ordering.is_ge(),
                    "Lt" => ordering.is_lt(),
                    _ => ordering.is_le(),
                }
            };
            let all: Vec<i64> = rows().iter().map(|row| row.id).filter(|id| holds(*id)).collect();
            let (ids, total) = answered(&world, &query);
            prop_assert_eq!((ids.as_slice(), total), (&all[..all.len().min(25)], i64::try_from(all.len()).unwrap()));
            Ok(())
        })
        .unwrap();
}

#[test]
fn absent_values_come_last_and_equal_rows_stand_in_the_order_of_their_key() {
    let world = world();
    for text in ["TemplateId", "-TemplateId", "LastActive,-Name", "-Deleted", "Deleted", "-Enabled,Comments", "Name", "-Name,-Id", ""] {
        let query = query(&format!("_limit=25&_orderby={}", text.replace('+', "%2B")));
        assert_eq!(answered(&world, &query), expected(&query), "{text}");
    }
}

/// A filter in words, made of everything the language has.
fn sentence() -> impl Strategy<Value = String> {
    let text = proptest::sample::select(NAMES.to_vec()).prop_map(|name| format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'")));
    let moment = (-20i64..20).prop_map(|n| {
        let at = latchkey::base::Timestamp(NOON + n * 500);
        at.iso()
    });
    let op = || proptest::sample::select(vec!["Eq", "Ne", "Gt", "Ge", "Lt", "Le"]);
    let same = || proptest::sample::select(vec!["Eq", "Ne"]);
    let leaf = prop_oneof![
        (op(), text.clone()).prop_map(|(op, text)| format!("Name {op} {text}")),
        (same(), text.clone(), text.clone()).prop_map(|(op, one, other)| format!("Name {op} {one},{other}")),
        (same(), text.clone()).prop_map(|(op, text)| format!("Name {op} contains({text})")),
        (same(), text).prop_map(|(op, text)| format!("Name {op} startswith({text})")),
        (op(), 990i64..1050).prop_map(|(op, id)| format!("Id {op} {id}")),
        (990i64..1050, 990i64..1050).prop_map(|(least, most)| format!("Id Bt {least},{most}")),
        (op(), moment.clone()).prop_map(|(op, at)| format!("ModificationTimestamp {op} {at}")),
        (moment.clone(), moment).prop_map(|(from, to)| format!("ModificationTimestamp Bt {from},{to}")),
        (op(), proptest::sample::select(vec!["2026-10-23", "2026-10-24", "2026-10-25"]))
            .prop_map(|(op, day)| format!("LastActive {op} {day}")),
        same().prop_map(|op| format!("LastActive {op} NULL")),
        same().prop_map(|op| format!("TemplateId {op} '20261001000000000000000901'")),
        same().prop_map(|op| format!("Deleted {op} true")),
        same().prop_map(|op| format!("Enabled {op} false")),
        (same(), proptest::sample::select(vec!["idx", "vow", "single_session"])).prop_map(|(op, role)| format!("Roles {op} '{role}'")),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} And {other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} Or {other})")),
            inner.prop_map(|inner| format!("Not ({inner})")),
        ]
    })
}

#[test]
fn qi_01_whatever_is_asked_the_database_answers_as_the_rules_do() {
    let world = world();
    let orders = vec!["", "Name", "-Name", "LastActive,-Id", "-TemplateId,Name", "Deleted,-ModificationTimestamp"];
    let asked = (sentence(), proptest::sample::select(orders), 1i64..26, 1i64..4);
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 300, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&asked, |(filter, order, limit, page)| {
            let pairs: Vec<(String, String)> =
                [("_filter", filter), ("_orderby", order.to_owned()), ("_limit", limit.to_string()), ("_page", page.to_string())]
                    .map(|(name, value)| (name.to_owned(), value))
                    .into();
            let Ok(query) = Query::of_list(&KEYS, &pairs) else { return Err(TestCaseError::fail(format!("{pairs:?}"))) };
            prop_assert_eq!(answered(&world, &query), expected(&query), "{:?}", pairs);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_name_is_found_in_capital_and_small_letters_of_every_alphabet() {
    let world = World::new();
    world.reshapes("cv.ada", |profile| {
        profile.name = "Émile Ünal-Ørsted".into();
        profile.first_name = "Émile".into();
        profile.last_name = "Ünal-Ørsted".into();
    });
    for part in ["ÉMILE", "émile", "ØRSTED", "ünal", "Ünal-ø"] {
        let found = world.app.db.read(move |conn| account_lists::page(conn, &Reach::Everything, part, "", 10)).unwrap();
        assert_eq!(found.iter().map(|account| account.login_name.as_str()).collect::<Vec<_>>(), ["cv.ada"], "{part}");
    }
}
