//! Notifications: what became of them, and one to see whether they arrive.
//!
//! **Must never** show an address.

use crate::app::AppState;
use crate::auth::caller::{Read, Sync};
use crate::auth::{Caller, SignedIn};
use crate::dto::notification::{NotificationPage, NotificationView};
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::idempotency::{IdempotencyKey, kept, once};
use crate::http::query::Query;
use crate::jobs::dispatch::trial;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::{AccountWrite, deliveries};
use actix_web::{HttpRequest, HttpResponse, get, post, web};

const LIST: &str = "notifications";

/// List notifications
///
/// Every attempt to bring a notification to a device and what became of it, the newest first; kept for
/// 90 days. A reminder may have several: one for each device, and more where it had to be tried again.
#[utoipa::path(tag = "notifications", operation_id = "listNotifications", security(("bearer" = ["read"])),
    params(("follow_up_id" = Option<String>, Query, description = "Only those of this follow-up."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = NotificationPage), ReadProblems))]
#[get("/v1/notifications")]
pub async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["follow_up_id", "limit", "cursor"])?;
    let (follow_up_id, limit) = (query.id("follow_up_id")?, query.limit()?);
    let after = query.position(LIST)?;
    let account_id = caller.account_id().to_owned();
    let read = move |connection: &mut crate::store::DbConnection| {
        let wanted = follow_up_id.as_deref();
        Ok::<_, ApiError>(deliveries::page(
            connection,
            &account_id,
            wanted,
            after.as_deref(),
            limit + 1,
        )?)
    };
    let mut rows = state.store.read(caller.account_id(), read).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|last| query.cursor(LIST, &last.id));
    let items = rows.into_iter().map(NotificationView::from).collect();
    Ok(HttpResponse::Ok().json(NotificationPage { items, next_cursor }))
}

/// Send a test notification
///
/// To the calling device, at once, whatever the quiet hours are. The answer says what became of it:
/// `logged` if the device has registered no address, or the server has no credentials to send with.
#[utoipa::path(tag = "notifications", operation_id = "sendTestNotification", security(("bearer" = ["sync"])), extensions(("x-session-only" = json!(true))),
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first answer.")),
    responses((status = 200, description = "What became of it.", body = NotificationView), WriteProblems))]
#[post("/v1/notifications/test")]
pub async fn test(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Sync>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let who = (caller.account_id(), caller.session_id());
    if let Some(answer) = kept(&state, who, &key, &body.fingerprint).await? {
        return Ok(answer.into());
    }
    let attempt = trial::send(&state, who.0, who.1).await?;
    let note = move |unit: &mut AccountWrite<'_>| {
        trial::note(unit.connection()?, &attempt)?;
        Answer::ok(&NotificationView::from(attempt.row.clone()))
    };
    Ok(once(&state, who, key, body.fingerprint, note).await?.into())
}
