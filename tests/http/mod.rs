//! The addresses, one by one.

mod account;
mod addresses;
mod console;
mod walk;
