//! What staff do in their consoles, and who may be in which.

pub mod developers;
pub mod enter;
pub mod issue;
pub mod keys;
pub mod look;
pub mod names;
pub mod people;
pub mod signing;
