//! Every test of the house in one binary: linking the server once is what costs, so it is done once.
#![allow(clippy::pedantic, reason = "a test says what it means in the shortest way")]
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
mod readme;
mod spec;
mod store;
mod support;
