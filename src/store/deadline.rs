//! How long the question of a list may take: what is asked can be within every bound and slow all the same.

use std::cell::Cell;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;

use crate::base::Fault;
use crate::platform::query::Query;

use super::conn::Conn;
use super::postgres::STATEMENT_TIMEOUT;

/// Beyond it a question is given up.
const LONGEST: Duration = Duration::from_secs(2);

#[diesel::declare_sql_function]
extern "SQL" {
    /// Whether there is still time for the question this thread is about.
    fn still_time() -> diesel::sql_types::Bool;
}

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

fn is_over() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until)
}

/// Teaches a connection of the embedded engine to ask for the time: nothing else stops a statement of its own there.
pub fn register(conn: &SqliteConnection) -> Result<(), Fault> {
    still_time_utils::register_nondeterministic_impl(conn, || !is_over()).map_err(Fault::broken)
}

/// Whether the time of a question is watched: a page in the order of its key, without a filter, is found by an index.
pub fn is_set_for(query: &Query) -> bool {
    query.filter.is_some() || !query.order.is_empty()
}

/// Runs the statements of a question.
///
/// # Errors
/// [`Fault::TooSlow`] where they would take too long; the connection can be used again.
pub fn within_time<T>(conn: &mut Conn, query: &Query, work: impl FnOnce(&mut Conn) -> Result<T, Fault>) -> Result<T, Fault> {
    if !is_set_for(query) {
        return work(conn);
    }
    if conn.is_postgres() {
        conn.batch(&format!("SET statement_timeout = {}", LONGEST.as_millis()))?;
        // Where a statement fails the connection is not used again, so there is nothing to set back.
        let done = work(conn).map_err(|fault| if fault.to_string().contains("statement timeout") { slow() } else { fault })?;
        conn.batch(&format!("SET statement_timeout = {STATEMENT_TIMEOUT}"))?;
        return Ok(done);
    }
    UNTIL.set(Some(Instant::now() + LONGEST));
    let done = work(conn);
    // After the time is over no row passes: what came of it is no answer.
    let over = is_over();
    UNTIL.set(None);
    if over { Err(slow()) } else { done }
}

fn slow() -> Fault {
    Fault::TooSlow("the question of a list took too long".to_owned())
}
