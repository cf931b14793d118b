//! Cases of this family.
