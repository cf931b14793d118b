//! Every test of the house in one binary: linking the server once is what costs, so it is done once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets something unforeseen should stop there and say so"
)]

mod house;
mod http;
mod journeys;
mod spec;
mod store;
mod support;
