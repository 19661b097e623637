//! Reading a promise without storing it.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::Body;
use crate::dto::promise::{ParseBody, PromiseReading};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::sync::office;
use actix_web::{HttpRequest, HttpResponse, post, web};
use afterview_domain::entities::FaultCode;
use afterview_domain::entities::opportunity::Office;
use afterview_domain::promise;

/// Read words as a promise
///
/// What the words mean in dates of an office's calendar, with the second reading if there is one.
/// Nothing is stored.
#[utoipa::path(tag = "promises", operation_id = "parsePromise", security(("bearer" = ["read"])), request_body = ParseBody,
    responses((status = 200, description = "What was read.", body = PromiseReading), WriteProblems))]
#[post("/v1/promises/parse")]
pub async fn parse(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let body = ParseBody::read(&body.map)?;
    if body.office.is_some() && body.opportunity_id.is_some() {
        let detail = "give either `office` or `opportunity_id`";
        return Err(ApiError::field("/office", FaultCode::Inconsistent, detail));
    }
    let account_id = caller.account_id().to_owned();
    let (named, given) = (body.opportunity_id, body.office);
    let office = state
        .store
        .read(caller.account_id(), move |connection| match named {
            None => {
                let described = given.unwrap_or_else(Office::unknown);
                office::of(connection, &account_id, &described)
            }
            Some(id) => office::of_opportunity(connection, &account_id, &id)?.ok_or_else(|| {
                let detail = format!("you have no opportunity with the id {id}");
                ApiError::field("/opportunity_id", FaultCode::UnknownReference, &detail)
            }),
        })
        .await?;
    let spoken_at = body.spoken_at.unwrap_or_else(|| state.clock.now());
    let reading = promise::parse(&office, &body.text, spoken_at);
    Ok(HttpResponse::Ok().json(PromiseReading::new(&reading, spoken_at, office.zone())))
}
