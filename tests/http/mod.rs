//! The addresses, one by one.

mod account;
mod addresses;
mod console;
mod developers;
mod domains;
mod walk;
