//! From due to delivered: claims the reminders that are due, looks once more whether they stand, hands
//! them on, and notes what became of them.
//!
//! At least once: a node that is lost between handing on and noting leaves a reminder to another one,
//! which hands it on again under the same name. Nothing is handed on inside of a transaction.
//!
//! **Must never** hold the server up or end it, or let one account's trouble keep others waiting: what
//! fails is logged, and its lease ends by itself.

pub mod due;
pub mod fan_out;
pub mod trial;

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::devices;
use crate::store::dispatch::{self, ClaimedReminder, Finished, Outcome};
use crate::store::{AccountWrite, DbConnection, Store};
use crate::webhooks::outbox;
use afterview_domain::clock::{Instant, from_millis};
use chrono::TimeDelta;
use due::DueReminder;
use futures_util::stream::{self, StreamExt};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::Weak;

/// The most reminders of one claim. They must be handed on well within a lease.
const BATCH: usize = 200;

/// How many accounts are served side by side, and how many reminders of one of them are handed on side by
/// side. What accounts note is grouped into few commits. What a node holds at once is bounded by the two: no
/// more than one claim for each account that is served, and one ahead.
const SIDE_BY_SIDE: usize = 32;
const OF_ONE_ACCOUNT: usize = 8;

/// Who the log names for what the calendar did.
const DEVICE: &str = "server";

/// What is next for a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: this became of it.
    Done(Outcome),
    /// It is to be tried again after this time, a second at least.
    Later(TimeDelta),
}

/// What was done about a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What is next.
    pub next: Next,
    /// Every attempt to bring it to somebody.
    pub attempts: Vec<Attempt>,
}

/// One attempt to bring a reminder to a device, or the note that there was none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The device; `None`: it went to none.
    pub session_id: Option<String>,
    /// By which way; `None`: nothing was sent.
    pub way: Option<&'static str>,
    /// What became of it.
    pub outcome: &'static str,
    /// What the provider said, identifiers only.
    pub detail: Option<String>,
    /// What the provider said about an address, named by its digest.
    pub word: Option<(String, devices::Word)>,
}

/// Whoever delivers reminders.
pub trait Deliver {
    /// Hands one reminder on. May be asked for the same one again: `(action_key, remind_at)` names it.
    fn deliver(&self, due: &DueReminder) -> impl Future<Output = Delivery>;
}

/// Dispatches whatever is due as long as the server lives.
pub async fn run(state: Weak<AppState>) {
    while let Some(state) = state.upgrade() {
        let next = due(&state.store, &*state.jobs.deliver).await;
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
        if !claim_and_serve(store, sender).await? {
            return Ok(Some(now + jobs::OUTRUN_WAIT));
        }
    }
}

/// Reminders of one claim, by their account.
type Claim = BTreeMap<String, Vec<ClaimedReminder>>;

/// Claims and serves until there is nothing to be claimed, and says whether there was. The next claim is
/// made while the last accounts of the one before are still served, so that nobody waits for the slowest.
async fn claim_and_serve(store: &Store, sender: &impl Deliver) -> Result<bool, ApiError> {
    let (some, failed) = (Cell::new(false), Cell::new(None));
    let claims = stream::unfold(true, async |more| {
        if !more {
            return None;
        }
        // What was claimed before is served to its end although the next claim fails.
        let claimed = claim(store).await.map_err(|error| failed.set(Some(error))).ok()?;
        some.set(some.get() || !claimed.is_empty());
        let more = claimed.len() == BATCH;
        let mut by_account = Claim::new();
        for reminder in claimed {
            by_account.entry(reminder.account_id.clone()).or_default().push(reminder);
        }
        Some((stream::iter(by_account), more))
    });
    let served = claims.flatten().for_each_concurrent(SIDE_BY_SIDE, async |account| {
        let (account_id, claimed) = account;
        if let Err(error) = serve(store, sender, &account_id, claimed).await {
            tracing::error!(account_id, cause = %error, "reminders are left to the next claim");
        }
    });
    served.await;
    failed.into_inner().map_or(Ok(some.get()), Err)
}

async fn claim(store: &Store) -> Result<Vec<ClaimedReminder>, ApiError> {
    let now = store.now();
    let (millis, lease_until) = (now.timestamp_millis(), (now + jobs::LEASE).timestamp_millis());
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let claim = move |connection: &mut DbConnection| {
        Ok(dispatch::claim_reminders(connection, millis, lease_until, limit)?)
    };
    store.write_directory(claim).await
}

/// Does what is to be done about some reminders of one account.
async fn serve(
    store: &Store,
    sender: &impl Deliver,
    account_id: &str,
    claimed: Vec<ClaimedReminder>,
) -> Result<(), ApiError> {
    let (account, now) = (account_id.to_owned(), store.now());
    let standing = store
        .read(account_id, move |connection| due::look_up(connection, &account, claimed, now))
        .await?;
    let handed_on = stream::iter(standing).map(async |due| {
        let now = store.now();
        if now.timestamp_millis() >= due.claimed.leased_until {
            // It may be another node's by now.
            return None;
        }
        let delivery = match not_now(&due, now) {
            Some(delivery) => delivery,
            None => sender.deliver(&due).await,
        };
        Some((due.claimed, delivery))
    });
    let handed_on = handed_on.buffered(OF_ONE_ACCOUNT).filter_map(ready);
    let notes: Vec<_> = handed_on.collect().await;
    if notes.is_empty() { Ok(()) } else { note(store, account_id, notes).await }
}

/// What is to be done about a reminder that is not to be handed on: it is of no use any more, or the
/// candidate is not to be disturbed.
fn not_now(due: &DueReminder, now: Instant) -> Option<Delivery> {
    if now.timestamp_millis() >= due.claimed.useful_until {
        let came = if due.has_arrived { Outcome::Sent } else { Outcome::Expired };
        let expired = Attempt { outcome: deliveries::EXPIRED, ..Attempt::default() };
        let attempts = if due.has_arrived { Vec::new() } else { vec![expired] };
        return Some(Delivery { next: Next::Done(came), attempts });
    }
    let wait = due.waits_until? - now;
    Some(Delivery { next: Next::Later(wait), attempts: Vec::new() })
}

/// Notes in one unit what was done about some reminders of one account.
async fn note(
    store: &Store,
    account_id: &str,
    notes: Vec<(ClaimedReminder, Delivery)>,
) -> Result<(), ApiError> {
    let (account, now) = (account_id.to_owned(), store.now());
    let attempts = notes.iter().flat_map(|(claimed, delivery)| {
        delivery.attempts.iter().map(|attempt| row(account_id, claimed, attempt, now))
    });
    let rows: Vec<DeliveryRow> = attempts.collect();
    let handled: Vec<_> = notes.iter().map(|note| handled(note, now)).collect();
    let noted = store.write(account_id, DEVICE, move |unit: &mut AccountWrite<'_>| {
        let connection = unit.connection()?;
        deliveries::note(connection, &rows)?;
        // What was replaced meanwhile has a life of its own.
        let done: Vec<Finished<'_>> = notes.iter().filter_map(finished).collect();
        let done = dispatch::finish_reminders(connection, &account, &done, now.timestamp_millis())?;
        for (claimed, delivery) in &notes {
            heed(connection, &account, &delivery.attempts)?;
            if let Next::Later(wait) = delivery.next {
                let retry_at = now + wait.max(TimeDelta::seconds(1));
                dispatch::give_back(connection, claimed, retry_at.timestamp_millis())?;
            }
        }
        tell(unit, &notes, &done)
    });
    noted.await?;
    for (outcome, late_millis) in handled {
        store.metrics().reminders.note(outcome, late_millis);
    }
    Ok(())
}

/// What was done about a reminder, in one word, and how late that is, in milliseconds.
fn handled((claimed, delivery): &(ClaimedReminder, Delivery), now: Instant) -> (&'static str, i64) {
    let outcome = match delivery.next {
        Next::Done(outcome) => outcome.as_str(),
        Next::Later(_) => "waiting",
    };
    (outcome, now.timestamp_millis() - claimed.remind_at)
}

/// Announces the reminders that were handed on, to whomever: those whose actions are among `done`, unless they
/// were of no use any more, and those that somebody has yet to take.
fn tell(
    unit: &mut AccountWrite<'_>,
    notes: &[(ClaimedReminder, Delivery)],
    done: &[String],
) -> Result<(), ApiError> {
    if !unit.is_told() {
        return Ok(());
    }
    for (claimed, delivery) in notes {
        let was_handed_on = match delivery.next {
            Next::Done(Outcome::Expired) => false,
            Next::Done(_) => done.contains(&claimed.action_key),
            Next::Later(_) => !delivery.attempts.is_empty(),
        };
        if was_handed_on {
            outbox::due(unit, claimed)?;
        }
    }
    Ok(())
}

fn finished((claimed, delivery): &(ClaimedReminder, Delivery)) -> Option<Finished<'_>> {
    let Next::Done(outcome) = delivery.next else { return None };
    Some(Finished { action_key: &claimed.action_key, remind_at: claimed.remind_at, outcome })
}

/// Applies what the provider said about addresses.
fn heed(
    connection: &mut DbConnection,
    account_id: &str,
    attempts: &[Attempt],
) -> Result<(), ApiError> {
    for attempt in attempts {
        if let (Some(session_id), Some((push_hash, word))) = (&attempt.session_id, &attempt.word) {
            devices::heed(connection, (account_id, session_id), push_hash, *word)?;
        }
    }
    Ok(())
}

fn row(
    account_id: &str,
    claimed: &ClaimedReminder,
    attempt: &Attempt,
    now: Instant,
) -> DeliveryRow {
    let session_id = attempt.session_id.as_deref();
    DeliveryRow {
        account_id: account_id.to_owned(),
        id: deliveries::name(now, &claimed.action_key, session_id, claimed.attempts),
        attempted_at: now.timestamp_millis(),
        purpose: "reminder".to_owned(),
        action_key: Some(claimed.action_key.clone()),
        follow_up_id: Some(claimed.follow_up_id.clone()),
        kind: Some(claimed.kind.clone()),
        occurrence: claimed.remind_at,
        session_id: attempt.session_id.clone(),
        way: attempt.way.map(str::to_owned),
        outcome: attempt.outcome.to_owned(),
        detail: attempt.detail.clone(),
    }
}
