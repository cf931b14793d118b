//! Whether the embedded file is still what SQLite wrote.

use diesel::dsl::sql;
use diesel::sql_types::Text;

use crate::base::Fault;

use super::conn::Conn;

/// Looks at every page of the file: what is wrong first, or nothing. A server looks after its own files.
pub fn first_flaw(conn: &mut Conn) -> Result<Option<String>, Fault> {
    if conn.is_postgres() {
        return Ok(None);
    }
    Ok(conn.one::<String>(sql::<Text>("PRAGMA quick_check(1)"))?.filter(|said| said != "ok"))
}
