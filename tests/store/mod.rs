//! One contract for both engines: run as it is on SQLite, and with `LATCHKEY_TEST_DATABASE=postgres` on PostgreSQL.

mod consumers;
mod engine;
mod listing;
mod repositories;
mod schema;
