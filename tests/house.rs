//! The sentences of the floor plan, as tests.
