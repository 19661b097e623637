//! The service itself: what it is, how it feels, what it allows.

use crate::app::AppState;
use crate::auth::tokens::LIFETIME_SECS;
use crate::auth::{MAX_ACCESS_TOKENS, MAX_CALENDAR_FEEDS, MAX_SESSIONS};
use crate::dto::system::{Health, Limits};
use crate::error::{ApiError, Code};
use crate::http::body::MAX_BODY_BYTES;
use crate::http::query::MAX_LIMIT;
use crate::openapi::SystemProblems;
use crate::planning::activity::MAX_REPORT_DAYS;
use crate::portability::import::MAX_IMPORT_BYTES;
use crate::store::{StoreError, idempotency, records};
use crate::sync::limits::{
    MAX_ANSWER_BYTES, MAX_CHANGES, MAX_MUTATIONS, MAX_SYNC_BODY_BYTES, MAX_WATERMELONDB_BODY_BYTES,
};
use crate::sync::live::MAX_LISTENERS;
use crate::webhooks::MAX_WEBHOOKS;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::entities::field::MAX_TEXT_BYTES;
use afterview_domain::sync::retention::{HISTORY, TOMBSTONE_CONTENT};
use afterview_domain::sync::{MAX_LIVE_RECORDS, MAX_RECORD_BYTES};

/// What this is
///
/// A page for people who find this address in their browser.
#[utoipa::path(tag = "system", operation_id = "getIndex", security(()),
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")))]
#[get("/")]
pub async fn index() -> HttpResponse {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let mut page = HttpResponse::Ok();
    page.insert_header((CONTENT_SECURITY_POLICY, policy)).content_type("text/html; charset=utf-8");
    page.body(include_str!("index.html"))
}

/// The OpenAPI document
///
/// This document, for generators and tools. Its entity tag changes with the version of the server.
#[utoipa::path(tag = "system", operation_id = "getOpenApi", security(()),
    params(("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The document.", body = Object, content_type = "application/json",
            example = json!({"openapi": "3.1.0", "info": {"title": "Afterview", "version": "0.1.0"}, "paths": {}})),
        (status = 304, description = "The client has this document already.")))]
#[get("/openapi.json")]
pub async fn openapi(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    let tag = &state.document_tag;
    let known = crate::http::conditional::is_known(&request, tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // Nothing of it is anybody's, and its tag tells when it has changed.
    let public = (CACHE_CONTROL, "public, no-cache");
    response.insert_header(("ETag", format!("\"{tag}\""))).insert_header(public);
    // With a body, even an unsent one, the client would take its bytes for the next answer.
    if known {
        return response.finish();
    }
    response.content_type("application/json").body(state.document.clone())
}

/// One kind of problem
///
/// What the `type` of a problem document points at.
#[utoipa::path(tag = "system", operation_id = "getProblemType", security(()),
    params(("code" = String, Path, description = "The code of the problem.")),
    responses((status = 200, description = "One sentence.", body = String, content_type = "text/plain"),
        (status = 404, response = crate::openapi::ProblemResponse)))]
#[get("/problems/{code}")]
pub async fn problem(code: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let found = Code::ALL.iter().find(|known| known.as_str() == code.as_str());
    let known = found.ok_or_else(|| ApiError::not_found("problem", &code))?;
    let text =
        format!("{}: {} (HTTP {})\n", known.as_str(), known.title(), known.status().as_u16());
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

/// The limits
///
/// Beyond them a request is refused, never cut short.
#[utoipa::path(tag = "system", operation_id = "getLimits", security(()),
    responses((status = 200, description = "The limits.", body = Limits)))]
#[get("/v1/limits")]
pub async fn limits() -> HttpResponse {
    let whole = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
    HttpResponse::Ok().json(Limits {
        body_bytes: whole(MAX_BODY_BYTES),
        record_bytes: whole(MAX_RECORD_BYTES),
        text_bytes: whole(MAX_TEXT_BYTES),
        live_records: MAX_LIVE_RECORDS,
        page_items: MAX_LIMIT,
        sync_mutations: whole(MAX_MUTATIONS),
        sync_body_bytes: whole(MAX_SYNC_BODY_BYTES),
        watermelondb_body_bytes: whole(MAX_WATERMELONDB_BODY_BYTES),
        sync_changes: whole(MAX_CHANGES),
        sync_answer_bytes: whole(MAX_ANSWER_BYTES),
        idempotency_secs: idempotency::KEPT_MILLIS / 1_000,
        access_token_secs: LIFETIME_SECS,
        sessions: whole(MAX_SESSIONS),
        access_tokens: whole(MAX_ACCESS_TOKENS),
        webhooks: whole(MAX_WEBHOOKS),
        calendar_feeds: whole(MAX_CALENDAR_FEEDS),
        report_days: MAX_REPORT_DAYS,
        import_bytes: whole(MAX_IMPORT_BYTES),
        account_streams: whole(MAX_LISTENERS),
        history_days: HISTORY.num_days(),
        tombstone_days: TOMBSTONE_CONTENT.num_days(),
    })
}

/// Alive
///
/// The process answers.
#[utoipa::path(tag = "system", operation_id = "getLiveness", security(()),
    responses((status = 200, description = "Alive.", body = Health)))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok".to_owned(), detail: None })
}

/// Ready
///
/// The database answers, too. `reads_only`: it did not take the last write, and `detail` says why; what can
/// be read is served on, so this is no reason to send requests elsewhere.
#[utoipa::path(tag = "system", operation_id = "getReadiness", security(()),
    responses((status = 200, description = "Ready.", body = Health), SystemProblems))]
#[get("/readyz")]
pub async fn readyz(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let answers = state.store.read("", |connection| match records::head(connection, "") {
        Ok(_) | Err(StoreError::UnknownAccount) => Ok(()),
        Err(other) => Err(ApiError::from(other)),
    });
    answers.await?;
    let trouble = state.store.trouble();
    let status = if trouble.is_some() { "reads_only" } else { "ok" };
    let detail = trouble.map(|trouble| trouble.words().to_owned());
    Ok(HttpResponse::Ok().json(Health { status: status.to_owned(), detail }))
}
