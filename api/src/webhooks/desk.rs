//! What owners do with their webhooks.
//!
//! **Must never** give a secret to anybody but whoever has just made it.

use super::{MAX_WEBHOOKS, signing, target};
use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::Webhooks;
use crate::dto::webhook::{WebhookBody, WebhookPatchBody, WebhookView};
use crate::error::{ApiError, Code};
use crate::store::DbConnection;
use crate::store::audit::{self as trail, EventRow};
use crate::store::webhooks::{self, BY_OWNER, WebhookRow};
use afterview_domain::clock::Instant;

/// The webhook of that name.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Unavailable`].
pub fn existing(
    connection: &mut DbConnection,
    account_id: &str,
    webhook_id: &str,
) -> Result<WebhookRow, ApiError> {
    let found = webhooks::find(connection, account_id, webhook_id)?;
    found.ok_or_else(|| ApiError::not_found("webhook", webhook_id))
}

/// A webhook in the making.
pub struct Making {
    /// As it will be stored, with its secret.
    pub row: WebhookRow,
    noted: EventRow,
}

/// What a webhook will be, with a fresh secret.
///
/// # Errors
/// [`Code::ValidationFailed`] for an address that may not be.
pub fn prepare(
    state: &AppState,
    caller: &Caller<Webhooks>,
    body: WebhookBody,
) -> Result<Making, ApiError> {
    let url = target::parse(&body.url, state.jobs.webhooks.outbound())?;
    let now = state.clock.now();
    let row = WebhookRow {
        account_id: caller.account_id().to_owned(),
        webhook_id: state.ids.record_id(now),
        url: url.into(),
        description: body.description.filter(|text| !text.is_empty()),
        events: body.events.join(" "),
        secret: signing::fresh_secret(&*state.ids),
        previous_secret: None,
        previous_until: None,
        created_at: now.timestamp_millis(),
        updated_at: now.timestamp_millis(),
        disabled_at: None,
        disabled_reason: None,
        failures: 0,
        last_delivered_at: None,
        paused_until: None,
        due_at: None,
        leased_until: None,
    };
    let noted = note(state, caller, Kind::WebhookCreated, target::host_of(&row.url), now);
    Ok(Making { row, noted })
}

/// Makes it.
///
/// # Errors
/// [`Code::LimitExceeded`]; [`Code::Unavailable`].
pub fn create(connection: &mut DbConnection, making: &Making) -> Result<(), ApiError> {
    if webhooks::of_account(connection, &making.row.account_id)?.len() >= MAX_WEBHOOKS {
        let detail = format!("an account has at most {MAX_WEBHOOKS} webhooks; delete another");
        return Err(ApiError::new(Code::LimitExceeded, detail));
    }
    webhooks::insert(connection, &making.row)?;
    Ok(trail::insert(connection, &making.noted)?)
}

/// Changes a webhook. A disabled one is enabled again, with its failures forgotten.
///
/// # Errors
/// [`Code::ValidationFailed`] for an address that may not be; [`Code::NotFound`];
/// [`Code::Unavailable`].
pub async fn update(
    state: &AppState,
    caller: &Caller<Webhooks>,
    webhook_id: &str,
    body: WebhookPatchBody,
) -> Result<WebhookView, ApiError> {
    let now = state.clock.now();
    let (account_id, wanted) = (caller.account_id().to_owned(), webhook_id.to_owned());
    let judge = |url: &String| target::parse(url, state.jobs.webhooks.outbound());
    let url: Option<String> = body.url.as_ref().map(judge).transpose()?.map(Into::into);
    let host = url.as_deref().and_then(target::host_of);
    let noted = note(state, caller, Kind::WebhookRedirected, host, now);
    let change = move |connection: &mut DbConnection| {
        let mut row = existing(connection, &account_id, &wanted)?;
        if let Some(url) = url.as_ref().filter(|url| **url != row.url) {
            row.url.clone_from(url);
            row.begin_anew();
            trail::insert(connection, &noted)?;
        }
        apply(&mut row, &body, now.timestamp_millis());
        webhooks::update(connection, &mut row)?;
        Ok::<_, ApiError>(WebhookView::of(&row, now.timestamp_millis()))
    };
    state.store.write_unsynced(caller.account_id(), change).await
}

fn apply(row: &mut WebhookRow, body: &WebhookPatchBody, now: i64) {
    if let Some(events) = &body.events {
        row.events = events.join(" ");
    }
    if let Some(description) = &body.description {
        row.description = Some(description.clone()).filter(|text| !text.is_empty());
    }
    match body.enabled {
        Some(true) if row.disabled_at.is_some() => {
            (row.disabled_at, row.disabled_reason) = (None, None);
            row.begin_anew();
        }
        Some(false) => row.disable(BY_OWNER, now),
        _ => {}
    }
    row.updated_at = now;
}

/// Another secret for a webhook, in the making.
pub struct Rotation {
    secret: String,
    now: Instant,
    noted: EventRow,
}

/// A fresh secret.
#[must_use]
pub fn another_secret(state: &AppState, caller: &Caller<Webhooks>) -> Rotation {
    let now = state.clock.now();
    let noted = note(state, caller, Kind::WebhookSecretRotated, None, now);
    Rotation { secret: signing::fresh_secret(&*state.ids), now, noted }
}

/// Gives it to a webhook, and the webhook back. The one before signs besides for [`signing::OVERLAP`].
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Unavailable`].
pub fn rotate(
    connection: &mut DbConnection,
    (account_id, webhook_id): (&str, &str),
    rotation: &Rotation,
) -> Result<WebhookRow, ApiError> {
    let Rotation { secret, now, noted } = rotation;
    let mut row = existing(connection, account_id, webhook_id)?;
    row.previous_secret = Some(std::mem::replace(&mut row.secret, secret.clone()));
    row.previous_until = Some((*now + signing::OVERLAP).timestamp_millis());
    row.updated_at = now.timestamp_millis();
    webhooks::update(connection, &mut row)?;
    trail::insert(connection, &EventRow { about: target::host_of(&row.url), ..noted.clone() })?;
    Ok(row)
}

/// Deletes a webhook, with everything on its way to it.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Unavailable`].
pub async fn delete(
    state: &AppState,
    caller: &Caller<Webhooks>,
    webhook_id: &str,
) -> Result<(), ApiError> {
    let (account_id, wanted) = (caller.account_id().to_owned(), webhook_id.to_owned());
    let noted = note(state, caller, Kind::WebhookDeleted, None, state.clock.now());
    let delete = move |connection: &mut DbConnection| {
        let gone = webhooks::delete(connection, &account_id, &wanted)?;
        let gone = gone.ok_or_else(|| ApiError::not_found("webhook", &wanted))?;
        let about = target::host_of(&gone.url);
        trail::insert(connection, &EventRow { about, ..noted.clone() }).map_err(ApiError::from)
    };
    state.store.write_unsynced(caller.account_id(), delete).await
}

/// What the trail notes about a webhook: its host, which is all of the address that may be shown.
fn note(
    state: &AppState,
    caller: &Caller<Webhooks>,
    kind: Kind,
    host: Option<String>,
    now: Instant,
) -> EventRow {
    audit::event(state, caller.account_id(), kind, Some(caller.session_id()), host, now)
}
