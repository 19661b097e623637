//! Webhooks: where events of an account are sent, and what became of them.
//!
//! **Must never** show a secret but in the answer to the request that made it.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Webhooks;
use crate::dto::Body;
use crate::dto::webhook::{
    WebhookBody, WebhookDeliveryPage, WebhookDeliveryView, WebhookList, WebhookPatchBody,
    WebhookView,
};
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::idempotency::{IdempotencyKey, kept, once};
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::webhooks::{of_account, queue};
use crate::store::{AccountWrite, DbConnection};
use crate::webhooks::{desk, trial};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};

const DELIVERIES: &str = "webhook-deliveries";

/// List webhooks
///
/// All of them, oldest first, without their secrets.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhooks", security(("bearer" = ["webhooks"])),
    responses((status = 200, description = "The webhooks.", body = WebhookList, example = json!({"items": [{
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "url": "https://hooks.example.org/afterview", "events": [],
        "enabled": true, "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z"}]})), ReadProblems))]
#[get("/v1/webhooks")]
pub async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let account_id = caller.account_id().to_owned();
    let look = move |connection: &mut DbConnection| {
        of_account(connection, &account_id).map_err(ApiError::from)
    };
    let rows = state.store.read(caller.account_id(), look).await?;
    let now = state.clock.now().timestamp_millis();
    let items = rows.iter().map(|row| WebhookView::of(row, now)).collect();
    Ok(HttpResponse::Ok().json(WebhookList { items }))
}

/// Make a webhook
///
/// From now on the events that it chooses are sent to its address, signed as Standard Webhooks says. The answer
/// shows the secret this once. An account has at most 10.
#[utoipa::path(tag = "webhooks", operation_id = "createWebhook", security(("bearer" = ["webhooks"])),
    request_body(content = WebhookBody, example = json!({"url": "https://hooks.example.org/afterview", "events": ["follow_up.due", "promise.missed"], "description": "Home Assistant"})),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first answer.")),
    responses((status = 201, description = "The webhook, with its secret.", body = WebhookView, headers(("Location" = String, description = "Where it is.")),
        example = json!({"id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "url": "https://hooks.example.org/afterview", "events": ["follow_up.due", "promise.missed"],
            "description": "Home Assistant", "enabled": true, "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z",
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="})), WriteProblems))]
#[post("/v1/webhooks")]
pub async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let making = desk::prepare(&state, &caller, WebhookBody::read(&body.map)?)?;
    let work = move |unit: &mut AccountWrite<'_>| {
        desk::create(unit.connection()?, &making)?;
        let row = &making.row;
        let view = WebhookView::of(row, row.created_at).with_secret(row);
        Answer::created(&view, format!("/v1/webhooks/{}", row.webhook_id))
    };
    let who = (caller.account_id(), caller.session_id());
    Ok(once(&state, who, key, body.fingerprint, work).await?.into())
}

/// Read a webhook
///
/// Without its secret. If nothing is sent to it any more, this says since when and why.
#[utoipa::path(tag = "webhooks", operation_id = "getWebhook", security(("bearer" = ["webhooks"])),
    params(("id" = String, Path, description = "The webhook.")),
    responses((status = 200, description = "The webhook.", body = WebhookView, example = json!({
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "url": "https://hooks.example.org/afterview", "events": [],
        "enabled": false, "disabled_at": "2026-05-07T08:00:00Z", "disabled_reason": "gone",
        "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z"})), ReadProblems))]
#[get("/v1/webhooks/{id}")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let account_id = caller.account_id().to_owned();
    let find = move |connection: &mut DbConnection| desk::existing(connection, &account_id, &id);
    let row = state.store.read(caller.account_id(), find).await?;
    let view = WebhookView::of(&row, state.clock.now().timestamp_millis());
    Ok(HttpResponse::Ok().json(view))
}

/// Change a webhook
///
/// What is left out stays. `enabled: true` puts a disabled one back to work, with its failures forgotten; what
/// happened meanwhile is not sent later. Events on their way go to the new address.
#[utoipa::path(tag = "webhooks", operation_id = "updateWebhook", security(("bearer" = ["webhooks"])),
    request_body(content = WebhookPatchBody, example = json!({"enabled": true})),
    params(("id" = String, Path, description = "The webhook.")),
    responses((status = 200, description = "The webhook as it is now.", body = WebhookView, example = json!({
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "url": "https://hooks.example.org/afterview", "events": [],
        "enabled": true, "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-07T09:00:00Z"})), WriteProblems))]
#[patch("/v1/webhooks/{id}")]
pub async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let wanted = WebhookPatchBody::read(&body.map)?;
    Ok(HttpResponse::Ok().json(desk::update(&state, &caller, &id, wanted).await?))
}

/// Delete a webhook
///
/// Nothing is sent any more. What became of its events is forgotten.
#[utoipa::path(tag = "webhooks", operation_id = "deleteWebhook", security(("bearer" = ["webhooks"])),
    params(("id" = String, Path, description = "The webhook.")),
    responses((status = 204, description = "It is gone."), ReadProblems))]
#[delete("/v1/webhooks/{id}")]
pub async fn delete(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    desk::delete(&state, &caller, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List deliveries
///
/// The events of a webhook and what became of each, the newest first; kept for 30 days.
#[utoipa::path(tag = "webhooks", operation_id = "listWebhookDeliveries", security(("bearer" = ["webhooks"])),
    params(("id" = String, Path, description = "The webhook."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = WebhookDeliveryPage, example = json!({"items": [{
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "event": "follow_up.due", "created_at": "2026-05-07T13:00:00Z", "attempts": 2,
        "attempted_at": "2026-05-07T13:00:08Z", "last_status": 204, "outcome": "delivered"}]})), ReadProblems))]
#[get("/v1/webhooks/{id}/deliveries")]
pub async fn deliveries(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    let page = format!("{DELIVERIES}/{id}");
    let (limit, after) = (query.limit()?, query.position(&page)?);
    let account_id = caller.account_id().to_owned();
    let look = move |connection: &mut DbConnection| {
        desk::existing(connection, &account_id, &id)?;
        let name = (account_id.as_str(), id.as_str());
        Ok::<_, ApiError>(queue::page(connection, name, after.as_deref(), limit + 1)?)
    };
    let mut rows = state.store.read(caller.account_id(), look).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|last| query.cursor(&page, &last.id));
    let items = rows.into_iter().map(WebhookDeliveryView::from).collect();
    Ok(HttpResponse::Ok().json(WebhookDeliveryPage { items, next_cursor }))
}

/// Send a test event
///
/// `webhook.test`, at once and once, also to a disabled webhook. The answer says what became of it, after at
/// most 15 seconds.
#[utoipa::path(tag = "webhooks", operation_id = "testWebhook", security(("bearer" = ["webhooks"])),
    params(("id" = String, Path, description = "The webhook."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first answer.")),
    responses((status = 200, description = "What became of it.", body = WebhookDeliveryView, example = json!({
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "event": "webhook.test", "created_at": "2026-05-06T19:05:00Z", "attempts": 1,
        "attempted_at": "2026-05-06T19:05:00Z", "last_status": 204, "outcome": "delivered"})), WriteProblems))]
#[post("/v1/webhooks/{id}/test")]
pub async fn test(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let who = (caller.account_id(), caller.session_id());
    if let Some(answer) = kept(&state, who, &key, &body.fingerprint).await? {
        return Ok(answer.into());
    }
    let row = trial::send(&state, who.0, &id).await?;
    let note = move |unit: &mut AccountWrite<'_>| {
        queue::note_single(unit.connection()?, &row)?;
        Answer::ok(&WebhookDeliveryView::from(row.clone()))
    };
    Ok(once(&state, who, key, body.fingerprint, note).await?.into())
}

/// Make another secret
///
/// The answer shows it this once. For 24 hours events carry two signatures, one by the new secret and one by
/// that before, so that receivers can be changed in peace.
#[utoipa::path(tag = "webhooks", operation_id = "rotateWebhookSecret", security(("bearer" = ["webhooks"])),
    params(("id" = String, Path, description = "The webhook."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first answer.")),
    responses((status = 200, description = "The webhook, with its new secret.", body = WebhookView, example = json!({
        "id": "0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f", "url": "https://hooks.example.org/afterview", "events": [],
        "enabled": true, "previous_secret_until": "2026-05-07T19:05:00Z",
        "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z",
        "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD6C2FVsBQIhs="})), WriteProblems))]
#[post("/v1/webhooks/{id}/rotate-secret")]
pub async fn rotate_secret(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Webhooks>,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let rotation = desk::another_secret(&state, &caller);
    let work = move |unit: &mut AccountWrite<'_>| {
        let name = (unit.account_id(), id.as_str());
        let row = desk::rotate(unit.connection()?, name, &rotation)?;
        Answer::ok(&WebhookView::of(&row, row.updated_at).with_secret(&row))
    };
    let who = (caller.account_id(), caller.session_id());
    Ok(once(&state, who, key, body.fingerprint, work).await?.into())
}
