//! What interviews have besides the common operations: an inline opportunity, and the debrief.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Write;
use crate::dto::Body;
use crate::dto::plan::PlanView;
use crate::dto::promise::DebriefBody;
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::planning::debrief;
use crate::store::AccountWrite;
use actix_web::{HttpRequest, HttpResponse, post, web};
use afterview_domain::entities::{Collection, FaultCode};
use afterview_domain::sync;
use serde_json::{Map, Value};

/// The body of a new interview with its inline opportunity made first and put in as a reference.
pub(super) fn with_opportunity(
    unit: &mut AccountWrite<'_>,
    opportunity_id: &str,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let mut body = body.clone();
    let Some(inline) = body.remove("opportunity") else { return Ok(body) };
    if body.contains_key("opportunity_id") {
        let detail = "give either `opportunity` or `opportunity_id`";
        return Err(ApiError::field("/opportunity", FaultCode::Inconsistent, detail));
    }
    let Value::Object(inline) = inline else {
        return Err(ApiError::field("/opportunity", FaultCode::Type, "expected an object"));
    };
    let id = match inline.get("id") {
        None => opportunity_id.to_owned(),
        Some(Value::String(id)) if afterview_domain::ids::is_record_id(id) => id.clone(),
        Some(_) => {
            return Err(ApiError::field("/opportunity/id", FaultCode::Format, "not an identifier"));
        }
    };
    sync::create(unit, Collection::Opportunities, &id, &inline)
        .map_err(|error| ApiError::from(error).nested_under("/opportunity"))?;
    body.insert("opportunity_id".to_owned(), Value::from(id));
    Ok(body)
}

/// Log how an interview ended
///
/// The elevator moment in one call: who moves next, what they promised, what the candidate owes
/// them. Marks the interview as held, reads the promise, and answers with the new plan. Whatever is
/// not known may be left out. Logging it again adds what is new and repeats nothing.
#[utoipa::path(tag = "interviews", operation_id = "debriefInterview", security(("bearer" = ["write"])), request_body = DebriefBody,
    params(("id" = String, Path, description = "Identifier of the interview."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key gets the answer of the first one, for a day.")),
    responses((status = 200, description = "The new plan of the opportunity.", body = PlanView), WriteProblems))]
#[post("/v1/interviews/{id}/debrief")]
pub async fn debrief_interview(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let debrief = DebriefBody::read(&body.map)?;
    let id = id.into_inner();
    let work = move |unit: &mut AccountWrite<'_>| Answer::ok(&debrief::log(unit, &id, &debrief)?);
    let caller = (caller.account_id(), caller.session_id());
    Ok(once(&state, caller, key, body.fingerprint, work).await?.into())
}
