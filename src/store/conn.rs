//! One connection, two engines: the only place that knows there are two.
//!
//! A repository function is one diesel expression, checked for both at compile time.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::load_dsl::{ExecuteDsl, LoadQuery};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use tokio::runtime::Runtime;

use crate::base::Fault;

/// PostgreSQL in pure Rust, driven by the thread that owns it.
pub type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OwnThread>;

/// Drives a connection's futures on the thread that asks, so that a query needs no other thread to wake up.
pub struct OwnThread(Arc<Runtime>);

thread_local! {
    static RUNTIME: std::cell::OnceCell<Arc<Runtime>> = const { std::cell::OnceCell::new() };
}

impl OwnThread {
    /// This thread's runtime; a machine that cannot make one cannot reach its database, so the process ends.
    pub fn runtime() -> Arc<Runtime> {
        RUNTIME.with(|cell| {
            Arc::clone(cell.get_or_init(|| match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => Arc::new(runtime),
                Err(_) => std::process::abort(),
            }))
        })
    }
}

impl BlockOn for OwnThread {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn get_runtime() -> Self {
        Self(Self::runtime())
    }
}

/// A connection to either engine.
pub enum Conn {
    /// The embedded file.
    Sqlite(SqliteConnection),
    /// A server.
    Pg(Box<PgLink>),
}

/// A connection to a server, and whether anything ever went wrong on it.
pub struct PgLink {
    conn: PgConnection,
    stumbled: bool,
    lost: bool,
}

impl PgLink {
    /// A fresh connection.
    pub fn new(conn: PgConnection) -> Self {
        Self { conn, stumbled: false, lost: false }
    }

    /// Whether it can be used again. Errors are rare and a new connection takes milliseconds, so one error is enough:
    /// nobody inherits a closed connection or an open transaction.
    pub fn is_sound(&self) -> bool {
        !self.stumbled
    }

    /// Whether the server went away: then other connections to it are worth as little.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    fn run<T>(&mut self, work: impl FnOnce(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
        let result = work(&mut self.conn);
        if let Err(error) = &result {
            self.stumbled = true;
            let text = error.to_string();
            self.lost |=
                ["connection", "closed", "terminating", "shutting down", "starting up", "recovery"].iter().any(|word| text.contains(word));
        }
        result
    }
}

/// A query whose rows both engines can give as `T`.
pub trait Rows<'q, T>: LoadQuery<'q, SqliteConnection, T> + LoadQuery<'q, PgConnection, T> {}
impl<'q, T, Q: LoadQuery<'q, SqliteConnection, T> + LoadQuery<'q, PgConnection, T>> Rows<'q, T> for Q {}

/// A statement both engines can run.
pub trait Statement: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection> {}
impl<Q: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>> Statement for Q {}

impl Conn {
    /// Every row.
    pub fn all<'q, T>(&mut self, query: impl Rows<'q, T>) -> Result<Vec<T>, Fault> {
        match self {
            Self::Sqlite(conn) => query.internal_load(conn).and_then(Iterator::collect),
            Self::Pg(conn) => conn.run(|conn| query.internal_load(conn).and_then(Iterator::collect)),
        }
        .map_err(|error| fault(&error))
    }

    /// The first row, if there is one.
    pub fn one<'q, T>(&mut self, query: impl Rows<'q, T>) -> Result<Option<T>, Fault> {
        match self {
            Self::Sqlite(conn) => query.internal_load(conn).and_then(|mut rows| rows.next().transpose()),
            Self::Pg(conn) => conn.run(|conn| query.internal_load(conn).and_then(|mut rows| rows.next().transpose())),
        }
        .map_err(|error| fault(&error))
    }

    /// Whether an UPDATE touched any row. Its text must never change, and it must return an integer of each row it touches:
    /// a statement that only counts them would be prepared again each time, which costs more than to run it.
    pub fn changed<'q, Q>(&mut self, update: Q) -> Result<bool, Fault>
    where
        Fixed<Q>: Rows<'q, i64>,
    {
        Ok(!self.all(Fixed(update))?.is_empty())
    }

    /// How many rows a statement touched.
    pub fn execute(&mut self, statement: impl Statement) -> Result<usize, Fault> {
        match self {
            Self::Sqlite(conn) => ExecuteDsl::execute(statement, conn),
            Self::Pg(conn) => conn.run(|conn| ExecuteDsl::execute(statement, conn)),
        }
        .map_err(|error| fault(&error))
    }

    /// Runs plain SQL: migrations and settings of the connection only, never anything with a value in it.
    pub fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Pg(conn) => conn.run(|conn| conn.batch_execute(sql)),
        }
        .map_err(|error| fault(&error))
    }

    /// Begins or ends a transaction of SQLite, by a statement that is prepared once and kept.
    pub(super) fn control(&mut self, sql: &'static str) -> Result<(), Fault> {
        self.execute(Control(sql)).map(drop)
    }

    /// All or nothing, also where `work` panics. Inside the SQLite writer's group this is a savepoint.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.begin()?;
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Ok(Ok(value)) => self.commit().map(|()| value),
            Ok(Err(why)) => {
                self.rollback();
                Err(why)
            }
            Err(panic) => {
                self.rollback();
                resume_unwind(panic)
            }
        }
    }

    fn begin(&mut self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => self.control("SAVEPOINT work"),
            Self::Pg(conn) => conn.run(<PgConnection as Connection>::TransactionManager::begin_transaction).map_err(|error| fault(&error)),
        }
    }

    fn commit(&mut self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(_) => self.control("RELEASE work"),
            Self::Pg(conn) => conn.run(<PgConnection as Connection>::TransactionManager::commit_transaction).map_err(|error| fault(&error)),
        }
    }

    fn rollback(&mut self) {
        // What cannot be rolled back was never committed: the connection is dropped by its owner.
        let _ = match self {
            Self::Sqlite(_) => self.control("ROLLBACK TO work").and_then(|()| self.control("RELEASE work")),
            Self::Pg(conn) => {
                conn.run(<PgConnection as Connection>::TransactionManager::rollback_transaction).map_err(|error| fault(&error))
            }
        };
    }

    /// Whether this is PostgreSQL, for the few statements that only one engine has.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Pg(_))
    }
}

/// Which database errors waiting may mend.
pub(super) fn fault(error: &Error) -> Fault {
    let text = error.to_string();
    let passing = match error {
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::ReadOnlyTransaction
            // What was free when it was looked at is taken now, a name or an id that another node minted in the same millisecond: the next
            // try says so, or mints another one.
            | DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::UnableToSendCommand,
            _,
        )
        | Error::BrokenTransactionManager => true,
        _ => [
            "locked",
            "deadlock",
            "busy",
            "disk is full",
            "disk I/O",
            "readonly",
            "connection",
            "timeout",
            "recovery mode",
            "shutting down",
            "terminating",
        ]
        .iter()
        .any(|word| text.contains(word)),
    };
    if passing { Fault::Unavailable(text) } else { Fault::Broken(text) }
}

/// A statement without values; the cache of prepared statements knows it by its text.
struct Control(&'static str);

impl<DB: diesel::backend::Backend> QueryFragment<DB> for Control {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Control {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// An UPDATE whose text never changes, prepared once and kept: diesel by itself keeps none.
pub struct Fixed<Q>(Q);

impl<Q: QueryFragment<DB>, DB: diesel::backend::Backend> QueryFragment<DB> for Fixed<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Fixed<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Fixed<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Fixed<Q> {}
