//! Asking whether something would be tactful.
//!
//! **Must never** store or forbid anything.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::Body;
use crate::dto::tact::{TactCheckBody, TactCheckView};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::planning::tact;
use actix_web::{HttpRequest, HttpResponse, post, web};

/// Check the tact of an idea
///
/// How an open follow-up would be received at any time, by any way, by any contact: the score by
/// points, what speaks against it, what the recipient sees, and what to look at again in the text.
/// Nothing is stored and nothing is
/// forbidden.
#[utoipa::path(tag = "follow-ups", operation_id = "checkTact", security(("bearer" = ["read"])), request_body = TactCheckBody,
    params(("id" = String, Path, description = "Identifier of the follow-up.")),
    responses((status = 200, description = "The judgement.", body = TactCheckView), WriteProblems))]
#[post("/v1/follow-ups/{id}/tact-check")]
pub async fn check(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let body = TactCheckBody::read(&body.map)?;
    let (account_id, id) = (caller.account_id().to_owned(), id.into_inner());
    let now = state.clock.now();
    let answer = state.store.read(caller.account_id(), move |connection| {
        tact::check(connection, &account_id, &id, &body, now)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}
