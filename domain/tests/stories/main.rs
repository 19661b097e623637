//! The advice in stories: one situation, what the plan says, and what it says after the next fact.

#![allow(clippy::expect_used, reason = "a test may stop at what cannot be")]

mod appointments;
mod changes;
mod duties;
mod offers;
mod outreach;
mod people;
mod planner;
mod promises;
mod reminders;
mod tact;
mod thanks;
mod windows;
#[path = "../support/world.rs"]
mod world;
