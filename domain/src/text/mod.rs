//! Words for people: what the advice sounds like.
//!
//! **Must never** decide anything; it only says what the planner decided.

mod manager;
mod summary;
mod words;

pub use manager::manager_summary;
pub use summary::{moment, summary};
pub use words::{act_of, counted, day, moment_of};
