//! Doors: the pages people see, and the files that stand beside them.

pub mod assets;
pub mod pages;
pub mod pages_demo;
