//! An event that tells nothing, sent at once to see whether it arrives.
//!
//! **Must never** change the webhook: what a trial comes to is the answer to whoever asked for it.

use super::retries::{self, Verdict};
use super::sender::Message;
use super::{desk, signing};
use crate::app::AppState;
use crate::dto::webhook_events::{Envelope, TEST, WebhookTestData};
use crate::error::ApiError;
use crate::store::DbConnection;
use crate::store::webhooks::queue::{DELIVERED, FAILED, QueuedRow};

/// Sends it, and says what came of it.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound); that the database is unavailable.
pub async fn send(
    state: &AppState,
    account_id: &str,
    webhook_id: &str,
) -> Result<QueuedRow, ApiError> {
    let (account, wanted) = (account_id.to_owned(), webhook_id.to_owned());
    let find = move |connection: &mut DbConnection| desk::existing(connection, &account, &wanted);
    let webhook = state.store.read(account_id, find).await?;
    let now = state.clock.now();
    let (name, data) =
        (state.ids.record_id(now), WebhookTestData { webhook_id: webhook_id.to_owned() });
    let body = Envelope::body(TEST, now, data).map_err(ApiError::internal)?;
    let secrets = signing::secrets_of(&webhook, now);
    let message = Message { url: &webhook.url, secrets: &secrets, name: &name, body: &body };
    let answer = state.jobs.webhooks.send(&message, now).await;
    let arrived = retries::judge(answer.status) == Verdict::Delivered;
    Ok(QueuedRow {
        account_id: account_id.to_owned(),
        webhook_id: webhook_id.to_owned(),
        event: TEST.to_owned(),
        payload: None,
        created_at: now.timestamp_millis(),
        attempts: 1,
        attempted_at: Some(now.timestamp_millis()),
        last_status: answer.status.map(i32::from),
        detail: answer.detail.map(str::to_owned),
        outcome: if arrived { DELIVERED } else { FAILED }.to_owned(),
        next_attempt_at: None,
        id: name,
    })
}
