//! The plan of an opportunity.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::plan::{PlanView, SimulateBody, SimulationView};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::planning::{dossier, simulation, view};
use crate::store::plans;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use afterview_domain::entities::FaultCode;
use afterview_domain::entities::parse::parse_instant;

/// The plan of an opportunity
///
/// To follow up, or not to follow up: what to do, when, to whom, and why. With `now` the plan as it
/// would be at that moment if nothing else happened.
#[utoipa::path(tag = "opportunities", operation_id = "getPlan", security(("bearer" = ["read"])),
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
        .read(caller.account_id(), move |connection| {
            let dossier = dossier::of_opportunity(connection, &account_id, &wanted)?;
            let kept = plans::find(connection, &account_id, &wanted)?;
            Ok::<_, ApiError>(dossier.map(|dossier| (dossier, kept)))
        })
        .await?;
    let (dossier, kept) = found.ok_or_else(|| ApiError::not_found("opportunity", &id))?;
    let last_change = view::last_change(kept.as_ref())?;
    Ok(HttpResponse::Ok().json(view::plan(&dossier, now, last_change)))
}

/// Simulate
///
/// The plan if these facts were true besides the stored ones, and what that changes. Nothing is
/// stored.
#[utoipa::path(tag = "opportunities", operation_id = "simulatePlan", security(("bearer" = ["read"])), request_body = SimulateBody,
    params(("id" = String, Path, description = "Identifier of the opportunity.")),
    responses((status = 200, description = "What would be.", body = SimulationView), WriteProblems))]
#[post("/v1/opportunities/{id}/simulate")]
pub async fn simulate(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let now = match body.map.get("now").filter(|value| !value.is_null()) {
        None => state.clock.now(),
        Some(value) => match value.as_str().map(parse_instant) {
            Some(Ok(now)) => now,
            _ => return Err(ApiError::field("/now", FaultCode::Format, "expected an instant")),
        },
    };
    let (account_id, id) = (caller.account_id().to_owned(), id.into_inner());
    let answer = state.store.read(caller.account_id(), move |connection| {
        simulation::run(connection, &account_id, &id, &body.map, now)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}
