//! The addresses, one by one.

mod walk;
