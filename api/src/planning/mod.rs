//! From stored records to advice, and from the candidate's acts back to records.
//!
//! The rules themselves are in the domain; here facts are gathered, the planner is asked, and its
//! answer is joined with what is stored. **Must never** hold a rule.

pub mod activity;
pub mod calendar;
pub mod debrief;
pub mod dossier;
pub mod drafts;
pub mod follow_ups;
pub mod replan;
pub mod replanner;
pub mod simulation;
pub mod tact;
pub mod view;

pub use dossier::Dossier;
