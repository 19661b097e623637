//! Calendar feeds: what the records and the plan say about time, as text that calendar programs read
//! (RFC 5545, RFC 7986).
//!
//! The way through: dossiers and revisions → [`show`] chooses the events, `words` what they say → [`event`] and
//! [`zone`] write them by means of [`content`].
//! **Must never** read a clock or the database, or give advice of its own: what the planner says is shown.

pub mod content;
pub mod event;
mod sequence;
pub mod show;
mod words;
pub mod zone;

pub use event::{Alarm, Calendar, Event, Status};
pub use show::{Detail, Kept, Shown, Wanted};
