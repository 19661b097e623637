//! Business days and office hours.
pub mod holidays;
