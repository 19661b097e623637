//! The business calendars that an office can name.

use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::system::{BusinessCalendar, CalendarList};
use crate::openapi::ReadProblems;
use actix_web::{HttpResponse, get};
use afterview_domain::calendar::holidays;

/// List business calendars
///
/// The calendars that an office can name in `calendar`.
#[utoipa::path(tag = "system", operation_id = "listCalendars", security(("bearer" = [])),
    responses((status = 200, description = "The calendars.", body = CalendarList), ReadProblems))]
#[get("/v1/calendars")]
pub async fn list(_caller: Caller<Read>) -> HttpResponse {
    let items = holidays::all().map(|info| BusinessCalendar {
        id: info.id.to_owned(),
        name: info.name.to_owned(),
        first_year: info.first_year,
        last_year: info.last_year,
    });
    HttpResponse::Ok()
        .json(CalendarList { version: holidays::VERSION.to_owned(), items: items.collect() })
}
