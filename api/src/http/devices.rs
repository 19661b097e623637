//! Devices: what the calling one says about itself.
//!
//! **Must never** show an address.

use crate::app::AppState;
use crate::auth::SignedIn;
use crate::auth::caller::Sync;
use crate::auth::devices::report as keep_report;
use crate::dto::Body;
use crate::dto::device::{DeviceReport, DeviceView};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::DbConnection;
use crate::store::devices::{self, DeviceRow};
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};

/// Read the device
///
/// What the server knows about the calling device. A session is a device.
#[utoipa::path(tag = "devices", operation_id = "getDevice", security(("bearer" = ["sync"])), extensions(("x-session-only" = json!(true))),
    responses((status = 200, description = "The device.", body = DeviceView), ReadProblems))]
#[get("/v1/devices/me")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Sync>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (account_id, session_id) = (caller.account_id().to_owned(), caller.session_id().to_owned());
    let find = move |connection: &mut DbConnection| {
        let found = devices::find(connection, &account_id, &session_id)?;
        Ok::<_, ApiError>(found.unwrap_or_else(|| DeviceRow::silent(&account_id, &session_id)))
    };
    let device = state.store.read(caller.account_id(), find).await?;
    Ok(HttpResponse::Ok().json(DeviceView::of(device, state.jobs.senders.web_push().public_key())))
}

/// Report the device
///
/// What the calling device says about itself: how it can be reached, where it is, and up to which head
/// it has scheduled the reminders itself. What is left out stays as it said it last. Call it at every
/// start of the app, when the address changes, and after scheduling.
#[utoipa::path(tag = "devices", operation_id = "reportDevice", security(("bearer" = ["sync"])), extensions(("x-session-only" = json!(true))), request_body = DeviceReport,
    responses((status = 200, description = "The device as the server knows it now.", body = DeviceView), WriteProblems))]
#[put("/v1/devices/me")]
pub async fn report(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Sync>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let report = DeviceReport::read(&body.map)?;
    let device = keep_report(&state, caller.account_id(), caller.session_id(), report).await?;
    Ok(HttpResponse::Ok().json(DeviceView::of(device, state.jobs.senders.web_push().public_key())))
}

/// Stop notifications to the device
///
/// Forgets how the calling device can be reached. Signing out does the same.
#[utoipa::path(tag = "devices", operation_id = "forgetDevicePush", security(("bearer" = ["sync"])), extensions(("x-session-only" = json!(true))),
    responses((status = 204, description = "Nothing is sent to the device any more."), WriteProblems))]
#[delete("/v1/devices/me/push")]
pub async fn forget(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Sync>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (account_id, session_id) = (caller.account_id().to_owned(), caller.session_id().to_owned());
    let forget = move |connection: &mut DbConnection| {
        devices::forget_address(connection, &account_id, &session_id).map_err(ApiError::from)
    };
    state.store.write_unsynced(caller.account_id(), forget).await?;
    Ok(HttpResponse::NoContent().finish())
}
