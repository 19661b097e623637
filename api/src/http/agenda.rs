//! The agenda: every open item of every opportunity.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::follow_up::served;
use crate::dto::plan::Agenda;
use crate::error::ApiError;
use crate::http::conditional;
use crate::http::query::Query;
use crate::openapi::ReadProblems;
use crate::planning::{dossier, follow_ups};
use crate::store::records::head;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};

/// The agenda
///
/// Every open item of every opportunity, the most pressing first. The entity tag holds until
/// something is written or `next_change_at` is reached, so asking again costs next to nothing; a
/// thin client can schedule its own reminders from one answer.
#[utoipa::path(tag = "agenda", operation_id = "getAgenda", security(("bearer" = ["read"])),
    params(("now" = Option<String>, Query, format = DateTime, description = "The moment for which to plan; without it: now."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The agenda.", body = Agenda, headers(("ETag" = String, description = "Holds until something is written or next_change_at is reached."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/agenda")]
pub async fn agenda(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    let now = Query::of(&request, &["now"])?.instant("now")?.unwrap_or_else(|| state.clock.now());
    let known: Vec<String> = conditional::known_tags(&request).map(str::to_owned).collect();
    let account_id = caller.account_id().to_owned();
    let answer = state
        .store
        .read(caller.account_id(), move |connection| {
            let head = head(connection, &account_id)?;
            if let Some(tag) = known.into_iter().find(|tag| conditional::span_holds(tag, head, now))
            {
                return Ok::<_, ApiError>((tag, None));
            }
            let dossiers = dossier::of_account(connection, &account_id)?;
            let (items, next_change_at) = follow_ups::agenda(&dossiers, now);
            let tag = conditional::span_tag(head, now, next_change_at);
            Ok((tag, Some(Agenda { items, next_change_at: served(next_change_at) })))
        })
        .await?;
    let (tag, agenda) = answer;
    let mut response = match agenda {
        Some(_) => HttpResponse::Ok(),
        None => HttpResponse::NotModified(),
    };
    response.insert_header((header::ETAG, format!("\"{tag}\"")));
    Ok(match agenda {
        Some(agenda) => response.json(agenda),
        None => response.finish(),
    })
}
