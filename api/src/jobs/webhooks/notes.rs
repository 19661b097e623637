//! What follows from attempts to send, noted in one unit.
//!
//! **Must never** touch a webhook that goes elsewhere by now for what became of the old address.

use crate::error::ApiError;
use crate::store::webhooks::queue::{self, ClaimedWebhook, DELIVERED, FAILED, QueuedRow};
use crate::store::webhooks::{self, FAILING, GONE, WebhookRow};
use crate::store::{DbConnection, Store};
use crate::webhooks::retries::{self, Verdict};
use crate::webhooks::sender::Answer;
use afterview_domain::clock::{Instant, from_millis};

/// One attempt to send an event.
pub(super) struct Attempt {
    /// The event, as it was before.
    pub(super) row: QueuedRow,
    /// What came back.
    pub(super) answer: Answer,
    /// When.
    pub(super) at: Instant,
    /// Random between 0 and 1.
    pub(super) share: f64,
}

/// Notes what became of attempts to send to `url`, and ends the claim.
pub(super) async fn note(
    store: &Store,
    claimed: ClaimedWebhook,
    url: String,
    attempts: Vec<Attempt>,
) -> Result<(), ApiError> {
    let account_id = claimed.account_id.clone();
    let work = move |connection: &mut DbConnection| {
        let name = (claimed.account_id.as_str(), claimed.webhook_id.as_str());
        let Some(mut webhook) = webhooks::find(connection, name.0, name.1)? else {
            return Ok(());
        };
        let is_same = webhook.url == url;
        let arrived = |one: &Attempt| retries::judge(one.answer.status) == Verdict::Delivered;
        // What did not arrive at the old address goes to the new one.
        for attempt in attempts.iter().filter(|one| is_same || arrived(one)) {
            queue::note(connection, &heed(&mut webhook, attempt))?;
        }
        if let Some(until) = webhook.paused_until {
            let patience = retries::PATIENCE.num_milliseconds();
            queue::pause(connection, name, until, until - patience)?;
        }
        webhooks::update(connection, &mut webhook)?;
        Ok::<_, ApiError>(queue::release(connection, &claimed)?)
    };
    store.write_unsynced(&account_id, work).await
}

/// What becomes of the event, and of the webhook.
fn heed(webhook: &mut WebhookRow, attempt: &Attempt) -> QueuedRow {
    let Attempt { row, answer, at, share } = attempt;
    let now = at.timestamp_millis();
    let mut after = QueuedRow {
        attempts: row.attempts.saturating_add(1),
        attempted_at: Some(now),
        last_status: answer.status.map(i32::from),
        detail: answer.detail.map(str::to_owned),
        ..row.clone()
    };
    match retries::judge(answer.status) {
        Verdict::Delivered => {
            webhook.begin_anew();
            webhook.last_delivered_at = Some(now);
            end(&mut after, DELIVERED);
        }
        Verdict::Gone => {
            webhook.disable(GONE, now);
            end(&mut after, FAILED);
        }
        Verdict::Again => {
            webhook.failures = webhook.failures.saturating_add(1);
            let count = |failures: i32| u32::try_from(failures).unwrap_or(0);
            let pause = retries::pause(count(webhook.failures), answer.asked, *share);
            webhook.paused_until = Some((*at + pause).timestamp_millis());
            let wait = retries::wait(count(after.attempts), answer.asked, *share);
            match retries::next_attempt(from_millis(row.created_at), *at, wait) {
                Some(next) => after.next_attempt_at = Some(next.timestamp_millis()),
                None => give_up(webhook, &mut after, now),
            }
        }
    }
    after
}

/// Ends an event that was tried for days. If nothing else arrived meanwhile, neither will the next.
fn give_up(webhook: &mut WebhookRow, row: &mut QueuedRow, now: i64) {
    if webhook.last_delivered_at.is_none_or(|last| last < row.created_at) {
        webhook.disable(FAILING, now);
    }
    end(row, FAILED);
}

fn end(row: &mut QueuedRow, outcome: &str) {
    row.outcome = outcome.to_owned();
    (row.payload, row.next_attempt_at) = (None, None);
}
