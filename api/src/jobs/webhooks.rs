//! Sends events to webhooks when they are due, and notes what became of them.
//!
//! At least once: a node that is lost between sending and noting leaves an event to another one, which sends
//! it again under the same name. One request at a time goes to a webhook, the events of one that fails wait
//! together, and nobody waits for a slow one but its own events.
//!
//! **Must never** hold the server up or end it, or send inside of a transaction.

mod notes;

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs;
use crate::store::webhooks::queue::{self, ClaimedWebhook};
use crate::store::{DbConnection, Store};
use crate::webhooks::retries::{self, Verdict};
use crate::webhooks::sender::{Answer, Message, Sender, TIMEOUT};
use crate::webhooks::signing;
use afterview_domain::clock::{Instant, from_millis};
use chrono::TimeDelta;
use futures_util::future::join_all;
use notes::{Attempt, note};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many webhooks are served side by side. Each takes a request and little else.
const SIDE_BY_SIDE: usize = 512;

/// How many are claimed at once.
const BATCH: usize = 64;

/// How many events of a webhook are sent for one claim, one after the other.
const EVENTS: i64 = 50;

/// How long before the end of a lease no other event is sent.
const MARGIN: TimeDelta = TimeDelta::seconds(20);

/// How long to wait when so many are served that no other one can be.
const FULL_WAIT: Duration = Duration::from_secs(1);

/// Sends whatever is due as long as the server lives, at once after a commit of this node.
pub async fn run(state: Weak<AppState>) {
    let slots = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    while let Some(state) = state.upgrade() {
        let (store, sender) = (state.store.clone(), Arc::clone(&state.jobs.webhooks));
        drop(state);
        let wait = begin_due(&store, &sender, &slots).await.unwrap_or_else(|error| {
            tracing::error!(cause = %error, "no events were sent to webhooks; trying again");
            jobs::LONGEST_WAIT
        });
        let outbox = store.outbox();
        drop(store);
        let _ = actix_web::rt::time::timeout(wait, outbox.notified()).await;
    }
}

/// Begins to send what is due and that no other node is at, and says when to look again.
async fn begin_due(
    store: &Store,
    sender: &Arc<Sender>,
    slots: &Arc<Semaphore>,
) -> Result<Duration, ApiError> {
    loop {
        let now = store.now();
        let next = next(store, now).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(jobs::wait_until(next, now));
        }
        let free = slots.available_permits().min(BATCH);
        if free == 0 {
            return Ok(FULL_WAIT);
        }
        let claimed = claim(store, free).await?;
        if claimed.is_empty() {
            return Ok(jobs::wait_until(Some(now + jobs::OUTRUN_WAIT), now));
        }
        for one in claimed {
            let slot = Arc::clone(slots).try_acquire_owned();
            let (store, sender) = (store.clone(), Arc::clone(sender));
            actix_web::rt::spawn(async move {
                serve(&store, &sender, one).await;
                drop(slot);
                // There may be more, and the next attempt may be sooner than what is waited for.
                store.outbox().notify_one();
            });
        }
    }
}

/// Sends everything that is due and that no other node is at, and says when to look again.
///
/// # Errors
/// That the database is unavailable for claims. What fails for one webhook is logged.
pub async fn due(store: &Store, sender: &Sender) -> Result<Option<Instant>, ApiError> {
    loop {
        let now = store.now();
        let next = next(store, now).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        let claimed = claim(store, BATCH).await?;
        if claimed.is_empty() {
            return Ok(Some(now + jobs::OUTRUN_WAIT));
        }
        join_all(claimed.into_iter().map(|one| serve(store, sender, one))).await;
    }
}

async fn next(store: &Store, now: Instant) -> Result<Option<Instant>, ApiError> {
    let millis = now.timestamp_millis();
    let look = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(queue::next_due(connection, millis)?)
    };
    Ok(store.read_directory(look).await?.map(from_millis))
}

async fn claim(store: &Store, limit: usize) -> Result<Vec<ClaimedWebhook>, ApiError> {
    let now = store.now();
    let (millis, lease_until) = (now.timestamp_millis(), (now + jobs::LEASE).timestamp_millis());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let claim = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(queue::claim(connection, millis, lease_until, limit)?)
    };
    store.write_directory(claim).await
}

async fn serve(store: &Store, sender: &Sender, claimed: ClaimedWebhook) {
    let (account_id, webhook_id) = (claimed.account_id.clone(), claimed.webhook_id.clone());
    if let Err(error) = send_due(store, sender, claimed).await {
        tracing::error!(account_id, webhook_id, cause = %error, "a webhook is left to the next claim");
    }
}

/// Sends the events of one webhook that are due, oldest first, up to the first that does not arrive.
async fn send_due(store: &Store, sender: &Sender, claimed: ClaimedWebhook) -> Result<(), ApiError> {
    let (wanted, now) = (claimed.clone(), store.now().timestamp_millis());
    let take = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(queue::take(connection, &wanted, now, EVENTS)?)
    };
    let Some((webhook, due)) = store.read(&claimed.account_id, take).await? else { return Ok(()) };
    let mut attempts = Vec::new();
    for row in due {
        let now = store.now();
        if now + MARGIN >= from_millis(claimed.leased_until) {
            break;
        }
        let secrets = signing::secrets_of(&webhook, now);
        let body = row.payload.as_deref().unwrap_or_default();
        let message = Message { url: &webhook.url, secrets: &secrets, name: &row.id, body };
        let answer: Answer = sender.send(&message, now).await;
        let arrived = retries::judge(answer.status) == Verdict::Delivered;
        attempts.push(Attempt { row, answer, at: now, share: sender.share() });
        if !arrived {
            break;
        }
    }
    note(store, claimed, webhook.url, attempts).await
}

// A request that is begun before the margin has ended by the end of the lease.
const _: () = assert!(TIMEOUT.as_secs() < MARGIN.num_seconds().unsigned_abs());
