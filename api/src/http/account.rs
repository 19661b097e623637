//! The account itself: its ways in, and the trail of what happened at its door.

use crate::app::AppState;
use crate::auth::caller::Account;
use crate::auth::{Caller, SignedIn, account, deletion, sign_up};
use crate::dto::Body;
use crate::dto::account::{AccountView, AuditEvent, AuditPage, EmailBody, UpgradeBody};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};

const TRAIL: &str = "audit";

/// Read the account
///
/// By which ways its owner can sign in.
#[utoipa::path(tag = "account", operation_id = "getAccount", security(("bearer" = ["account"])),
    responses((status = 200, description = "The account.", body = AccountView), ReadProblems))]
#[get("/v1/account")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    show(&state, caller.account_id()).await
}

/// Change the address
///
/// Of an account with a password, which has to be given. A guest gets an address by upgrading.
#[utoipa::path(tag = "account", operation_id = "updateAccount", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))), request_body = EmailBody,
    responses((status = 200, description = "The account.", body = AccountView), WriteProblems))]
#[patch("/v1/account")]
pub async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    account::change_email(&state, &caller, EmailBody::read(&body.map)?).await?;
    show(&state, caller.0.account_id()).await
}

/// Delete the account
///
/// Locks it at once: every device is signed out, every personal access token ends, and the address may be
/// used for another account. Every row of it is deleted within minutes; only that it was locked is known for
/// another quarter of an hour. Nothing can be brought back; `GET /v1/account/export` before it. The session
/// has to be younger than ten minutes, unless the account is a guest's: sign in again before.
#[utoipa::path(tag = "account", operation_id = "deleteAccount", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))),
    responses((status = 204, description = "The account is locked, and being deleted."), ReadProblems))]
#[delete("/v1/account")]
pub async fn delete(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    deletion::request(&state, &caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Get another way to sign in
///
/// Makes a guest an account that can be reached from everywhere, or adds a second way: `email` and
/// `password`, or `provider`, `id_token` and `nonce`. Nothing else changes, on no device.
#[utoipa::path(tag = "account", operation_id = "upgradeAccount", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))), request_body = UpgradeBody,
    responses((status = 200, description = "The account.", body = AccountView), WriteProblems))]
#[post("/v1/account/upgrade")]
pub async fn upgrade(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    sign_up::upgrade(&state, &caller, UpgradeBody::read(&body.map)?).await?;
    show(&state, caller.0.account_id()).await
}

/// Read the audit trail
///
/// What happened at the account's door, the newest first: sign-ins, ended sessions, tokens, exports. It is
/// kept as long as the account, and says nothing about networks or places.
#[utoipa::path(tag = "account", operation_id = "listAuditEvents", security(("bearer" = ["account"])),
    params(("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before.")),
    responses((status = 200, description = "One page.", body = AuditPage), ReadProblems))]
#[get("/v1/account/audit")]
pub async fn audit(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    let (limit, before) = (query.limit()?, query.position(TRAIL)?);
    let mut rows = account::trail(&state, caller.account_id(), before, limit + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|last| query.cursor(TRAIL, &last.id));
    let items = rows.into_iter().map(AuditEvent::from).collect();
    Ok(HttpResponse::Ok().json(AuditPage { items, next_cursor }))
}

async fn show(state: &AppState, account_id: &str) -> Result<HttpResponse, ApiError> {
    let (found, identities) = account::read(state, account_id).await?;
    Ok(HttpResponse::Ok().json(AccountView::of(account_id, found, identities)))
}
