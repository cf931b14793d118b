//! Storage: one [`Db`], two engines, one set of functions.
//!
//! `read` and `write` take plain sequential work; where it runs is this room's business:
//! SQLite reads run where they are called, SQLite writes on one thread that commits waiting writes together,
//! PostgreSQL work on a few threads that each own a connection.

mod conn;
mod deadline;
mod postgres;
mod sqlite;

pub mod account_lists;
pub mod accounts;
pub mod audit;
pub mod authorizations;
pub mod change_history;
pub mod connections;
pub mod consents;
pub mod consumer_consents;
pub mod consumer_sessions;
pub mod consumers;
pub mod contacts;
pub mod developer_keys;
pub mod developer_sessions;
pub mod developers;
pub mod domains;
pub mod enrolments;
pub mod enrolments_due;
pub mod facts;
pub mod grants;
pub mod identities;
pub mod key_approvals;
pub mod key_lists;
pub mod key_records;
pub mod key_secrets;
pub mod key_suspensions;
pub mod keys;
pub mod links;
pub mod listing;
pub mod migrate;
pub mod mlses;
pub mod outbox;
pub mod payment_accounts;
pub mod personal_tokens;
pub mod plans;
pub mod portals;
pub mod purchases;
pub mod rates;
pub mod schema;
pub mod scope;
mod search;
pub mod sessions;
pub mod signing_keys;
pub mod soundness;
pub mod sweep;
pub mod templates;
pub mod throttles;
pub mod usage;
pub mod usage_reports;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

pub use conn::Conn;
pub use postgres::PgOptions;

use crate::base::Fault;

/// How many writes may wait; beyond it the caller is told to come back.
const QUEUE: usize = 1024;

/// How long work may wait for its turn. Beyond it whoever asked has given up, or is about to: it is not begun any more, so that nothing
/// happens behind the back of somebody who was told to try again.
const TURN: Duration = Duration::from_secs(4);

/// How long a blocking caller waits for its turn and its commit.
const PATIENCE: Duration = Duration::from_secs(10);

/// The database.
pub struct Db {
    engine: Engine,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A piece of work on its way to the thread that does it; it answers for itself, with or without a connection.
type Job = Box<dyn FnOnce(Result<&mut Conn, Fault>) -> Verdict + Send>;

/// The last word of a job, said once it is known whether its group was committed.
type Verdict = Box<dyn FnOnce(Result<(), Fault>) + Send>;

/// An answer that will come.
pub struct Pending<T>(flume::Receiver<Result<T, Fault>>);

impl<T> Pending<T> {
    /// Waits on this thread.
    pub fn wait(self) -> Result<T, Fault> {
        self.0.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(Fault::unavailable("the database did not answer in time")))
    }

    /// The channel the answer comes through, for a caller that must not block.
    pub fn into_receiver(self) -> flume::Receiver<Result<T, Fault>> {
        self.0
    }
}

impl Db {
    /// Opens the embedded database at `path`; the file is made (owner-only) if it is not there.
    pub fn sqlite(path: &Path) -> Result<Self, Fault> {
        Ok(Self { engine: Engine::Sqlite(sqlite::Sqlite::open(path)?) })
    }

    /// Connects to a PostgreSQL server.
    pub fn postgres(options: &PgOptions) -> Result<Self, Fault> {
        Ok(Self { engine: Engine::Postgres(postgres::Postgres::connect(options)?) })
    }

    /// Whether reads may run on the caller's own thread.
    pub fn reads_inline(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    /// What kind of database this is, in one word.
    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// One read, on this thread where the engine allows it.
    pub fn read<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(work),
            Engine::Postgres(_) => self.submit_read(work)?.wait(),
        }
    }

    /// One read that must not block the caller.
    pub fn submit_read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Pending<T>, Fault> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let (answer, pending) = flume::bounded(1);
                let _ = answer.send(sqlite.read(work));
                Ok(Pending(pending))
            }
            Engine::Postgres(postgres) => submit(postgres.jobs(), work),
        }
    }

    /// One write: all or nothing, durable when it is answered.
    ///
    /// `Err` is a broken machine and rolls back; a refusal is a value and commits.
    pub fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
        self.submit_write(work)?.wait()
    }

    /// One write that must not block the caller.
    pub fn submit_write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static,
    ) -> Result<Pending<T>, Fault> {
        submit(self.jobs(), move |conn| conn.transaction(work))
    }

    /// One write beside what is answered: nobody waits for it, and where it fails the log says `what` is missing.
    pub fn write_beside(&self, what: &'static str, work: impl FnOnce(&mut Conn) -> Result<(), Fault> + Send + 'static) {
        let told = move |result: Result<(), Fault>| {
            if let Err(fault) = result {
                tracing::warn!(what, %fault, "not written down");
            }
        };
        if let Err(fault) = enqueue(self.jobs(), move |conn| conn.transaction(work), told) {
            told(Err(fault));
        }
    }

    fn jobs(&self) -> &flume::Sender<Job> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.jobs(),
            Engine::Postgres(postgres) => postgres.jobs(),
        }
    }
}

fn submit<T: Send + 'static>(
    jobs: &flume::Sender<Job>,
    work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static,
) -> Result<Pending<T>, Fault> {
    let (answer, pending) = flume::bounded(1);
    enqueue(jobs, work, move |result| {
        // Whoever has gone does not hear it.
        let _ = answer.send(result);
    })?;
    Ok(Pending(pending))
}

/// Lets the thread of the database do `work` and, once that is settled, `tell` what came of it.
fn enqueue<T: Send + 'static>(
    jobs: &flume::Sender<Job>,
    work: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static,
    tell: impl FnOnce(Result<T, Fault>) + Send + 'static,
) -> Result<(), Fault> {
    let asked = Instant::now();
    let job: Job = Box::new(move |conn| {
        let result = conn.and_then(|conn| {
            if asked.elapsed() > TURN {
                return Err(Fault::unavailable("the database was too busy to begin"));
            }
            // A panic in one piece of work is that caller's fault alone.
            catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| Err(Fault::broken("work on the database panicked")))
        });
        Box::new(move |committed| tell(committed.and(result)))
    });
    match jobs.try_send(job) {
        Ok(()) => Ok(()),
        Err(flume::TrySendError::Full(_)) => Err(Fault::unavailable("too many writes are waiting")),
        Err(flume::TrySendError::Disconnected(_)) => Err(Fault::broken("the database thread is gone")),
    }
}
