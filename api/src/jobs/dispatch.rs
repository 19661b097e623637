//! From due to delivered: claims the reminders that are due, looks once more whether they stand, hands
//! them on, and notes what became of them.
//!
//! At least once: a node that is lost between handing on and noting leaves a reminder to another one,
//! which hands it on again under the same name. Nothing is handed on inside of a transaction.
//!
//! **Must never** hold the server up or end it, or let one account's trouble keep others waiting: what
//! fails is logged, and its lease ends by itself.

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs;
use crate::store::Store;
use crate::store::dispatch::{self, ClaimedReminder, Outcome};
use afterview_domain::clock::{Instant, format_instant, from_millis};
use chrono::TimeDelta;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::Weak;

/// The most reminders of one claim. They must be handed on well within a lease.
const BATCH: i64 = 200;

/// How many accounts are served side by side. What they note is then grouped into few commits.
const SIDE_BY_SIDE: usize = 32;

/// What whoever delivers says about one reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is on its way; done.
    Sent,
    /// Not now: to be tried again after this time, a second at least.
    Later(TimeDelta),
}

/// Whoever delivers reminders.
pub trait Deliver {
    /// Hands one reminder on. May be asked for the same one again: `(action_key, remind_at)` names it.
    fn deliver(&self, reminder: &ClaimedReminder) -> impl Future<Output = Delivery>;
}

/// Writes a line into the server's log for each reminder: which and when, nothing personal.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogLine;

impl Deliver for LogLine {
    fn deliver(&self, reminder: &ClaimedReminder) -> impl Future<Output = Delivery> {
        let occurrence = format_instant(from_millis(reminder.remind_at));
        let follow_up_id = &reminder.follow_up_id;
        tracing::info!(target: "afterview_api::reminders", follow_up_id, occurrence, "reminder");
        ready(Delivery::Sent)
    }
}

/// Dispatches whatever is due as long as the server lives.
pub async fn run(state: Weak<AppState>) {
    while let Some(state) = state.upgrade() {
        let next = due(&state.store, &LogLine).await;
        let now = state.clock.now();
        drop(state);
        let wait = next.map(|next| jobs::wait_until(next, now)).unwrap_or_else(|error| {
            tracing::error!(cause = %error, "no reminders were dispatched; trying again");
            jobs::LONGEST_WAIT
        });
        actix_web::rt::time::sleep(wait).await;
    }
}

/// Dispatches everything that is due and that no other node is at, and says when to look again.
///
/// # Errors
/// That the database is unavailable for claims. What fails within one account is logged.
pub async fn due(store: &Store, sender: &impl Deliver) -> Result<Option<Instant>, ApiError> {
    loop {
        let now = store.now();
        let millis = now.timestamp_millis();
        let next = store.read_directory(move |connection| {
            Ok::<_, ApiError>(dispatch::next_due(connection, millis)?)
        });
        let next = next.await?.map(from_millis);
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        let lease_until = (now + jobs::LEASE).timestamp_millis();
        let claimed = store.write_directory(move |connection| {
            Ok::<_, ApiError>(dispatch::claim_reminders(connection, millis, lease_until, BATCH)?)
        });
        let claimed = claimed.await?;
        if claimed.is_empty() {
            return Ok(Some(now + jobs::OUTRUN_WAIT));
        }
        let mut by_account: BTreeMap<String, Vec<ClaimedReminder>> = BTreeMap::new();
        for reminder in claimed {
            by_account.entry(reminder.account_id.clone()).or_default().push(reminder);
        }
        let served = stream::iter(by_account).for_each_concurrent(SIDE_BY_SIDE, async |account| {
            let (account_id, claimed) = account;
            if let Err(error) = serve(store, sender, &account_id, claimed).await {
                tracing::error!(account_id, cause = %error, "reminders are left to the next claim");
            }
        });
        served.await;
    }
}

/// What is to be noted about a reminder.
enum Note {
    /// What became of it.
    Done(Outcome),
    /// When to try again, in Unix milliseconds.
    Retry(i64),
}

/// Does what is to be done about some reminders of one account.
async fn serve(
    store: &Store,
    sender: &impl Deliver,
    account_id: &str,
    claimed: Vec<ClaimedReminder>,
) -> Result<(), ApiError> {
    let account = account_id.to_owned();
    let standing = store.read(account_id, move |connection| {
        Ok::<_, ApiError>(dispatch::still_standing(connection, &account, claimed)?)
    });
    let mut notes = Vec::new();
    for reminder in standing.await? {
        let now = store.now();
        if now.timestamp_millis() >= reminder.leased_until {
            // It may be another node's by now.
            break;
        }
        let note = if now.timestamp_millis() >= reminder.useful_until {
            Note::Done(Outcome::Expired)
        } else {
            match sender.deliver(&reminder).await {
                Delivery::Sent => Note::Done(Outcome::Sent),
                Delivery::Later(wait) => {
                    let wait = wait.max(TimeDelta::seconds(1));
                    Note::Retry((store.now() + wait).timestamp_millis())
                }
            }
        };
        notes.push((reminder, note));
    }
    if notes.is_empty() { Ok(()) } else { note(store, account_id, notes).await }
}

async fn note(
    store: &Store,
    account_id: &str,
    notes: Vec<(ClaimedReminder, Note)>,
) -> Result<(), ApiError> {
    let (account, now) = (account_id.to_owned(), store.now().timestamp_millis());
    let noted = store.write_unsynced(account_id, move |connection| {
        for (reminder, note) in &notes {
            // What was replaced meanwhile has a life of its own.
            match note {
                Note::Done(outcome) => {
                    let occurrence = (reminder.action_key.as_str(), reminder.remind_at);
                    dispatch::finish_reminder(connection, &account, occurrence, *outcome, now)?;
                }
                Note::Retry(at) => {
                    dispatch::give_back(connection, reminder, *at)?;
                }
            }
        }
        Ok::<_, ApiError>(())
    });
    noted.await
}
