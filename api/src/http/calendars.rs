//! The business calendars that an office can name.

use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::system::{BusinessCalendar, CalendarList};
use crate::error::ApiError;
use crate::http::query::Query;
use crate::openapi::ReadProblems;
use actix_web::{HttpRequest, HttpResponse, get};
use afterview_domain::calendar::holidays;

/// List business calendars
///
/// The calendars that an office can name in `calendar`.
#[utoipa::path(tag = "system", operation_id = "listCalendars", security(("bearer" = [])),
    responses((status = 200, description = "The calendars.", body = CalendarList), ReadProblems))]
#[get("/v1/calendars")]
pub async fn list(request: HttpRequest, _caller: Caller<Read>) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let items = holidays::all().map(|info| BusinessCalendar {
        id: info.id.to_owned(),
        name: info.name.to_owned(),
        first_year: info.first_year,
        last_year: info.last_year,
    });
    let list = CalendarList { version: holidays::VERSION.to_owned(), items: items.collect() };
    Ok(HttpResponse::Ok().json(list))
}
