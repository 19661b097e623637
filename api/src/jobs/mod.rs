//! Work that no request asks for and that is due by the calendar of the server.
//!
//! **Must never** hold the server up or end it: what fails is logged and tried again next time.

pub mod dispatch;
pub mod erasure;
pub mod keys;
pub mod pokes;
pub mod retention;
pub mod webhooks;

use crate::error::ApiError;
use crate::notifications::senders::Senders;
use crate::planning::replanner;
use crate::store::Store;
use crate::webhooks::sender::Sender;
use afterview_domain::clock::Instant;
use chrono::TimeDelta;
use dispatch::fan_out::FanOut;
use pokes::Pokes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// What the work that is due needs, for whoever does it by a clock of their own.
#[derive(Clone)]
pub struct Jobs {
    /// The database.
    pub store: Store,
    /// Who brings reminders to devices.
    pub deliver: Arc<FanOut>,
    /// What notifications go through.
    pub senders: Arc<Senders>,
    /// Whose devices are to be told of changes.
    pub pokes: Arc<Pokes>,
    /// What events are sent to webhooks by.
    pub webhooks: Arc<Sender>,
    /// Rung when an account is to be deleted.
    pub erasure: Arc<Notify>,
}

impl Jobs {
    /// Does everything that is due: deletes accounts, plans anew, brings reminders, tells devices of changes,
    /// sends events.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub async fn do_what_is_due(&self) -> Result<(), ApiError> {
        erasure::due(&self.store).await?;
        replanner::due(&self.store).await?;
        dispatch::due(&self.store, &*self.deliver).await?;
        pokes::due(&self.store, &self.senders, &self.pokes).await;
        webhooks::due(&self.store, &self.webhooks).await?;
        Ok(())
    }
}

/// How long a node has due work to itself. Much longer than a batch takes; whatever a lost node held is
/// done by another one after this long.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// The longest wait for due work. A write may bring a moment that is nearer than the one waited for, and
/// a machine may sleep; both are noticed after this long at the latest.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// When to look again after others were quicker with all that was due.
pub const OUTRUN_WAIT: TimeDelta = TimeDelta::seconds(1);

/// How long to wait at `now` for what is due at `next`.
#[must_use]
pub fn wait_until(next: Option<Instant>, now: Instant) -> Duration {
    let Some(next) = next else { return LONGEST_WAIT };
    (next - now).to_std().unwrap_or_default().min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_already_is_not_waited_for_and_what_is_far_away_not_for_long() {
        let now = afterview_domain::clock::from_millis(1_000_000);
        assert_eq!(wait_until(Some(now - TimeDelta::seconds(1)), now), Duration::ZERO);
        assert_eq!(wait_until(Some(now + TimeDelta::seconds(2)), now), Duration::from_secs(2));
        assert_eq!(wait_until(Some(now + TimeDelta::days(2)), now), LONGEST_WAIT);
        assert_eq!(wait_until(None, now), LONGEST_WAIT);
    }
}
