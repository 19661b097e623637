//! Calendar feeds: making, changing and ending them, and the calendars themselves.
//!
//! **Must never** show the address of a feed twice.

use crate::app::AppState;
use crate::auth::audit::Kind;
use crate::auth::calendar_feeds::{self, Fresh};
use crate::auth::caller::{Calendar, Caller};
use crate::dto::Body;
use crate::dto::calendar_feed::{
    CalendarFeed, CalendarFeedList, FeedBody, FeedPatch, NewCalendarFeed,
};
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::conditional::{known_tags, span_holds, span_tag};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::planning::calendar;
use crate::store::calendar_feeds::FeedRow;
use crate::store::{AccountWrite, DbConnection, records};
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use afterview_domain::hex::hex;
use sha2::{Digest, Sha256};

/// Make a calendar feed
///
/// An address to which calendar programs subscribe, shown this once. Whoever has it can read the calendar, so
/// by default the events tell nothing but their time. An account has at most 10.
#[utoipa::path(tag = "calendar feeds", operation_id = "createCalendarFeed", security(("bearer" = ["calendar"])), request_body = FeedBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key makes no second feed, for a day; its answer has no `url`.")),
    responses((status = 201, description = "The feed with its address.", body = NewCalendarFeed), WriteProblems))]
#[post("/v1/calendar-feeds")]
pub async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let Fresh { row, url } = calendar_feeds::fresh(&state, &caller, FeedBody::read(&body.map)?);
    let event = calendar_feeds::event(&state, &caller, Kind::CalendarFeedCreated);
    let event = calendar_feeds::about(&event, &row.name);
    let location = format!("/v1/calendar-feeds/{}", row.feed_id);
    let (stored, at) = (row.clone(), location.clone());
    let work = move |unit: &mut AccountWrite<'_>| {
        calendar_feeds::insert(unit, &stored, &event)?;
        // What is kept for a repetition holds no secret.
        Answer::created(&NewCalendarFeed::of(None, stored.clone()), at.clone())
    };
    let caller = (caller.account_id(), caller.session_id());
    let answer = once(&state, caller, key, body.fingerprint, work).await?;
    if answer.location.as_deref() != Some(location.as_str()) {
        return Ok(answer.into());
    }
    Ok(Answer::created(&NewCalendarFeed::of(Some(url), row), location)?.into())
}

/// List calendar feeds
///
/// The feeds of the account, oldest first, without their addresses.
#[utoipa::path(tag = "calendar feeds", operation_id = "listCalendarFeeds", security(("bearer" = ["calendar"])),
    responses((status = 200, description = "The feeds.", body = CalendarFeedList), ReadProblems))]
#[get("/v1/calendar-feeds")]
pub async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let items = calendar_feeds::list(&state, &caller).await?;
    let items = items.into_iter().map(CalendarFeed::from).collect();
    Ok(HttpResponse::Ok().json(CalendarFeedList { items }))
}

/// Read a calendar feed
///
/// What it shows and when it was last read, without its address.
#[utoipa::path(tag = "calendar feeds", operation_id = "getCalendarFeed", security(("bearer" = ["calendar"])),
    params(("id" = String, Path, description = "Identifier of the feed.")),
    responses((status = 200, description = "The feed.", body = CalendarFeed), ReadProblems))]
#[get("/v1/calendar-feeds/{id}")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let row = calendar_feeds::one(&state, &caller, &id).await?;
    Ok(HttpResponse::Ok().json(CalendarFeed::from(row)))
}

/// Change a calendar feed
///
/// Another name, or other events. The address stays.
#[utoipa::path(tag = "calendar feeds", operation_id = "updateCalendarFeed", security(("bearer" = ["calendar"])), request_body = FeedPatch,
    params(("id" = String, Path, description = "Identifier of the feed.")),
    responses((status = 200, description = "The feed as it is now.", body = CalendarFeed), WriteProblems))]
#[patch("/v1/calendar-feeds/{id}")]
pub async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let row = calendar_feeds::update(&state, &caller, &id, FeedPatch::read(&body.map)?).await?;
    Ok(HttpResponse::Ok().json(CalendarFeed::from(row)))
}

/// End a calendar feed
///
/// Its address opens nothing from now on. What calendar programs have read before stays with them.
#[utoipa::path(tag = "calendar feeds", operation_id = "endCalendarFeed", security(("bearer" = ["calendar"])),
    params(("id" = String, Path, description = "Identifier of the feed.")),
    responses((status = 204, description = "It is ended."), ReadProblems))]
#[delete("/v1/calendar-feeds/{id}")]
pub async fn end(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    calendar_feeds::revoke(&state, &caller, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a calendar feed another address
///
/// For one whose address went where it should not: the address before opens nothing any more. Asking again
/// makes yet another one.
#[utoipa::path(tag = "calendar feeds", operation_id = "rotateCalendarFeed", security(("bearer" = ["calendar"])),
    params(("id" = String, Path, description = "Identifier of the feed.")),
    responses((status = 200, description = "The feed with its new address, which is shown this once.", body = NewCalendarFeed), ReadProblems))]
#[post("/v1/calendar-feeds/{id}/rotate-secret")]
pub async fn rotate(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Calendar>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (row, url) = calendar_feeds::rotate(&state, &caller, &id).await?;
    Ok(HttpResponse::Ok().json(NewCalendarFeed::of(Some(url), row)))
}

/// Read a calendar
///
/// What calendar programs subscribe to: interviews, and open follow-ups at the time at which they are best
/// done, as iCalendar (RFC 5545, RFC 7986). The secret in the address is all that is needed; a wrong one, and
/// one that was ended, get the same answer. The entity tag holds until something is written or time changes
/// something.
#[utoipa::path(tag = "calendar feeds", operation_id = "readCalendar", security(()),
    params(("secret" = String, Path, description = "The secret of the feed."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The calendar.", body = String, content_type = "text/calendar",
            headers(("ETag" = String, description = "Holds until something is written or time changes something.")),
            example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Afterview//Afterview//EN\r\nBEGIN:VEVENT\r\nUID:5f0c8a52-5f0e-5b7c-9f3b-0a7a3c1d2e4f\r\nSEQUENCE:0\r\nDTSTAMP:20260506T190500Z\r\nDTSTART:20260512T140000Z\r\nDTEND:20260512T150000Z\r\nSUMMARY:Appointment\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
        (status = 304, description = "The program has this state already."),
        (status = 404, response = crate::openapi::ProblemResponse),
        (status = 503, response = crate::openapi::ProblemResponse)))]
#[get("/calendar/{secret}.ics")]
pub async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    secret: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let feed = calendar_feeds::open(&state, &secret).await?;
    let (account_id, now) = (feed.account_id.clone(), state.clock.now());
    let known: Vec<String> = known_tags(&request).map(str::to_owned).collect();
    let find = move |connection: &mut DbConnection| {
        let (head, options) = (records::head(connection, &feed.account_id)?, options(&feed));
        let holds = |tag: &String| tag.ends_with(&options) && span_holds(tag, head, now);
        if let Some(tag) = known.into_iter().find(holds) {
            return Ok::<_, ApiError>((tag, None));
        }
        let (calendar, until) = calendar::of_feed(connection, &feed, now)?;
        Ok((format!("{}-{options}", span_tag(head, now, until)), Some(calendar.text())))
    };
    let (tag, text) = state.store.read(&account_id, find).await?;
    let mut answer = match text {
        Some(_) => HttpResponse::Ok(),
        None => HttpResponse::NotModified(),
    };
    // Only for whoever has the address, and to be asked about every time.
    answer.insert_header((CACHE_CONTROL, "private, no-cache"));
    answer.insert_header((ETAG, format!("\"{tag}\"")));
    Ok(match text {
        Some(text) => answer.content_type("text/calendar; charset=utf-8").body(text),
        None => answer.finish(),
    })
}

/// A digest of what the text depends on besides the records: what is to be shown, and who writes it.
fn options(feed: &FeedRow) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let FeedRow { name, detail, components, alarms, .. } = feed;
    let digest = Sha256::digest(format!("{version}\n{detail}\n{components}\n{alarms}\n{name}"));
    hex(digest.into_iter().take(6))
}
