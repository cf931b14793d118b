//! The addresses, one by one.

mod addresses;
mod walk;
