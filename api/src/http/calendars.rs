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
/// The calendars that an office can name in `calendar`: countries and their parts.
#[utoipa::path(tag = "system", operation_id = "listCalendars", security(("bearer" = ["read"])),
    params(("country" = Option<String>, Query, description = "Only those of this country, ISO 3166-1.",
        example = "DE")),
    responses((status = 200, description = "The calendars.", body = CalendarList), ReadProblems))]
#[get("/v1/calendars")]
pub async fn list(request: HttpRequest, _caller: Caller<Read>) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["country"])?;
    let country = query.text("country");
    let chosen = holidays::all().filter(|info| country.is_none() || info.country == country);
    let items = chosen.map(|info| BusinessCalendar {
        id: info.id.to_owned(),
        name: info.name.to_owned(),
        country: info.country.map(str::to_owned),
        first_year: info.first_year,
        last_year: info.last_year,
    });
    let list = CalendarList { version: holidays::VERSION.to_owned(), items: items.collect() };
    Ok(HttpResponse::Ok().json(list))
}
