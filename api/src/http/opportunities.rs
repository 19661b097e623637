//! The plan of an opportunity.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::plan::PlanView;
use crate::error::ApiError;
use crate::http::query::Query;
use crate::openapi::ReadProblems;
use crate::planning::{dossier, view};
use actix_web::{HttpRequest, HttpResponse, get, web};

/// The plan of an opportunity
///
/// To follow up, or not to follow up: what to do, when, to whom, and why. With `now` the plan as it
/// would be at that moment if nothing else happened.
#[utoipa::path(tag = "opportunities", operation_id = "getPlan", security(("bearer" = [])),
    params(("id" = String, Path, description = "Identifier of the opportunity."),
        ("now" = Option<String>, Query, format = DateTime, description = "The moment for which to plan; without it: now.")),
    responses((status = 200, description = "The plan.", body = PlanView), ReadProblems))]
#[get("/v1/opportunities/{id}/plan")]
pub async fn plan(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let now = Query::of(&request, &["now"])?.instant("now")?.unwrap_or_else(|| state.clock.now());
    let (account_id, id) = (caller.account_id().to_owned(), id.into_inner());
    let wanted = id.clone();
    let found = state
        .store
        .read(move |connection| dossier::of_opportunity(connection, &account_id, &wanted))
        .await?;
    let dossier = found.ok_or_else(|| ApiError::not_found("opportunity", &id))?;
    Ok(HttpResponse::Ok().json(view::plan(&dossier, now)))
}
