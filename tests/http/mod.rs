//! The addresses, one by one.

mod account;
mod addresses;
mod console;
mod datamart;
mod developers;
mod domains;
mod identities;
mod registering;
mod roles;
mod templates;
mod usage;
mod walk;
