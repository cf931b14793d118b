//! What staff do in their consoles, and who may be in which.

pub mod enter;
