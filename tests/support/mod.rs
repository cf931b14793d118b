//! What the tests stand on: engines, browsers, mailboxes and other people's programs, each started when first asked for
//! and gone with the test process.
//!
//! | variable | what it does |
//! |---|---|
//! | `LATCHKEY_TEST_DATABASE=postgres` | the tests use PostgreSQL instead of SQLite, and fail when there is none |
//! | `LATCHKEY_TEST_POSTGRES=postgres://…` | a PostgreSQL that already runs, instead of a private one |
//! | `LATCHKEY_TEST_BINARY=…` | the server program that journeys start, instead of the one built along with the tests |
//! | `LATCHKEY_TEST_PYTHON=…` | the Python that has `tests/clients/requirements.txt`, instead of `tests/clients/venv` |
//! | `LATCHKEY_TEST_JOURNEYS=1` | also the tests that need Chromium, Node or Python |
#![allow(dead_code, reason = "a toolbox: not every tool is in use at all times")]

pub mod browser;
pub mod clients;
pub mod consumers;
pub mod datamart;
pub mod demo;
pub mod leash;
pub mod log;
pub mod platform;
pub mod post;
pub mod postgres;
pub mod rows;
pub mod smtp;
pub mod tables;
pub mod wire;
pub mod world;

/// Whether the tests that need Chromium, Node or Python run. Plain `cargo test` needs nothing installed.
pub fn journeys() -> bool {
    let wanted = std::env::var("LATCHKEY_TEST_JOURNEYS").is_ok_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: this test runs with LATCHKEY_TEST_JOURNEYS=1");
    }
    wanted
}

/// The server program.
pub fn binary() -> std::path::PathBuf {
    std::env::var_os("LATCHKEY_TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_latchkey").into(), Into::into)
}
