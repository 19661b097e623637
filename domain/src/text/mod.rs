//! Words for people: what the advice sounds like.
//!
//! **Must never** decide anything; it only says what the planner decided.

mod summary;

pub use summary::{moment, summary};
