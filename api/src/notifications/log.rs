//! What happens to reminders that go to no device: one line each for the operator.
//!
//! **Must never** log what a reminder says, whom it is about or where it would go: logs outlive
//! accounts.

use afterview_domain::clock::{Instant, format_instant};

/// Notes that a reminder is due: which, and when it was to be given.
pub fn reminder(follow_up_id: &str, occurrence: Instant) {
    let occurrence = format_instant(occurrence);
    tracing::info!(target: "afterview_api::reminders", follow_up_id, occurrence, "reminder");
}
