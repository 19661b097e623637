//! What happens to reminders where no sender is configured: one line each for the operator.
//!
//! **Must never** log what a reminder says, whom it is about or where it would go: logs outlive
//! accounts.

use super::Reminder;
use afterview_domain::clock::format_instant;

/// Notes that `reminder` is due.
pub fn reminder(reminder: &Reminder) {
    tracing::info!(
        follow_up_id = reminder.follow_up_id,
        occurrence = format_instant(reminder.occurrence),
        "reminder due"
    );
}
