//! Business days and office hours: the calendar in which the employer's office lives.
//!
//! Every window of the advice is counted here, in the office's own zone, work week and holidays.
//! All of it is total: counting gives up after a bounded number of days instead of looping.
//!
//! **Must never** ask for the machine's zone or the candidate's: an office has its own.

mod civil;
pub mod holidays;
mod office;

pub use civil::{month_after, month_end, shift, shift_days, to_civil, to_instant};
pub use office::BusinessOffice;

#[cfg(test)]
mod tests;
