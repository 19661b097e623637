//! Follow-ups: the list, one, custom ones, and drafts.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::{Read, Write};
use crate::dto::Body;
use crate::dto::follow_up::{FollowUpPage, FollowUpView};
use crate::dto::follow_up_bodies::{CustomBody, DraftPatch};
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::conditional;
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::query::Query;
use crate::http::records::with_cleared;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::planning::follow_ups;
use crate::store::AccountWrite;
use crate::store::records::head;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::plan::Verdict;

const LIST: &str = "follow-ups";

/// List follow-ups
///
/// Planned and recorded ones together: open ones first in the order of the agenda, then the rest,
/// the newest first.
#[utoipa::path(tag = "follow-ups", operation_id = "listFollowUps", security(("bearer" = ["read"])),
    params(("state" = Option<String>, Query, description = "Only open, sent or skipped ones."),
        ("verdict" = Option<String>, Query, description = "Only those with this verdict."),
        ("kind" = Option<String>, Query, description = "Only those of this kind."),
        ("due_before" = Option<String>, Query, format = DateTime, description = "Only open ones to be done before this instant."),
        ("opportunity_id" = Option<String>, Query, description = "Only what belongs to this opportunity."),
        ("interview_id" = Option<String>, Query, description = "Only what is about this interview."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "One page.", body = FollowUpPage, headers(("ETag" = String, description = "Holds until something is written or the advice changes by itself."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/follow-ups")]
pub async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    let names = [
        "state",
        "verdict",
        "kind",
        "due_before",
        "opportunity_id",
        "interview_id",
        "limit",
        "cursor",
    ];
    let query = Query::of(&request, &names)?;
    let wanted = Filter::of(&query)?;
    let after = query.position(LIST)?;
    let limit = usize::try_from(query.limit()?).unwrap_or(usize::MAX);
    let known: Vec<String> = conditional::known_tags(&request).map(str::to_owned).collect();
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let digest = query.digest(LIST);
    let answer = state
        .store
        .read(caller.account_id(), move |connection| {
            let head = head(connection, &account_id)?;
            let holds =
                |tag: &String| tag.ends_with(&digest) && conditional::span_holds(tag, head, now);
            if let Some(tag) = known.into_iter().find(holds) {
                return Ok::<_, ApiError>((tag, None));
            }
            let (views, next_change_at) = follow_ups::all(connection, &account_id, now)?;
            let span = conditional::span_tag(head, now, next_change_at);
            Ok((format!("{span}-{digest}"), Some(views)))
        })
        .await?;
    let (tag, Some(all)) = answer else {
        let etag = (header::ETAG, format!("\"{}\"", answer.0));
        return Ok(HttpResponse::NotModified().insert_header(etag).finish());
    };
    let mut items: Vec<FollowUpView> =
        all.into_iter().filter(|view| wanted.matches(view)).collect();
    let begin = after.map_or(0, |position| begin(&items, &position));
    items.drain(..begin.min(items.len()));
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next_cursor =
        last.map(|last| query.cursor(LIST, &format!("{}.{}", begin + limit, last.id)));
    let etag = (header::ETAG, format!("\"{tag}\""));
    Ok(HttpResponse::Ok().insert_header(etag).json(FollowUpPage { items, next_cursor }))
}

/// Where the page behind `position` begins: after the item named there, or, if that has left the
/// list meanwhile, where it stood.
fn begin(items: &[FollowUpView], position: &str) -> usize {
    let (index, id) = position.split_once('.').unwrap_or_default();
    let found = items.iter().position(|view| view.id == id).map(|at| at + 1);
    found.unwrap_or_else(|| index.parse::<usize>().map_or(0, |index| index.saturating_sub(1)))
}

struct Filter {
    state: Option<String>,
    verdict: Option<String>,
    kind: Option<String>,
    due_before: Option<Instant>,
    opportunity_id: Option<String>,
    interview_id: Option<String>,
}

impl Filter {
    fn of(query: &Query) -> Result<Self, ApiError> {
        Ok(Self {
            state: query.word("state", &["open", "sent", "skipped"])?,
            verdict: query.word("verdict", Verdict::WORDS)?,
            kind: query.word("kind", FollowUpKind::WORDS)?,
            due_before: query.instant("due_before")?,
            opportunity_id: query.id("opportunity_id")?,
            interview_id: query.id("interview_id")?,
        })
    }

    fn matches(&self, view: &FollowUpView) -> bool {
        let is = |wanted: &Option<String>, value: Option<&String>| {
            wanted.is_none() || wanted.as_ref() == value
        };
        let do_at = view.do_at.as_deref().and_then(|text| parse_instant(text).ok());
        let due = self.due_before.is_none_or(|before| do_at.is_some_and(|at| at < before));
        is(&self.state, Some(&view.state))
            && is(&self.verdict, view.verdict.as_ref())
            && is(&self.kind, Some(&view.kind))
            && is(&self.opportunity_id, Some(&view.opportunity_id))
            && is(&self.interview_id, view.interview_id.as_ref())
            && due
    }
}

/// Read a follow-up
///
/// What is planned and what is stored of it, with every reason.
#[utoipa::path(tag = "follow-ups", operation_id = "getFollowUp", security(("bearer" = ["read"])),
    params(("id" = String, Path, description = "Identifier of the follow-up.")),
    responses((status = 200, description = "The follow-up.", body = FollowUpView), ReadProblems))]
#[get("/v1/follow-ups/{id}")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (account_id, now, id) =
        (caller.account_id().to_owned(), state.clock.now(), id.into_inner());
    let view = state
        .store
        .read(caller.account_id(), move |connection| {
            follow_ups::one(connection, &account_id, &id, now)
        })
        .await?;
    Ok(answer(&view)?.into())
}

/// Create a custom follow-up
///
/// One of the candidate's own. It enters the plan at its due time and is judged like the others.
#[utoipa::path(tag = "follow-ups", operation_id = "createFollowUp", security(("bearer" = ["write"])), request_body = CustomBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key gets the answer of the first one, for a day.")),
    responses((status = 201, description = "It exists now.", body = FollowUpView), WriteProblems))]
#[post("/v1/follow-ups")]
pub async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let custom = CustomBody::read(&body.map)?;
    let id = custom.id.clone().unwrap_or_else(|| state.ids.record_id(state.clock.now()));
    let work = move |unit: &mut AccountWrite<'_>| {
        let view = follow_ups::create_custom(unit, &id, &custom)?;
        let location = format!("/v1/follow-ups/{id}");
        Ok(Answer::created(&view, location)?.with_etag(view.rev))
    };
    let caller = (caller.account_id(), caller.session_id());
    Ok(once(&state, caller, key, body.fingerprint, work).await?.into())
}

/// Change a draft
///
/// A merge patch of subject, body, channel, recipient and blanks of a follow-up that has not been
/// sent; of a custom one also title and due time.
#[utoipa::path(tag = "follow-ups", operation_id = "updateFollowUp", security(("bearer" = ["write"])), request_body = DraftPatch,
    params(("id" = String, Path, description = "Identifier of the follow-up."),
        ("clear" = Option<String>, Query, description = "Names of fields to clear, separated by commas."),
        ("If-Match" = Option<String>, Header, description = "Write only if the record has this entity tag.")),
    responses((status = 200, description = "Changed.", body = FollowUpView), WriteProblems))]
#[patch("/v1/follow-ups/{id}")]
pub async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["clear"])?;
    let map = with_cleared(Collection::FollowUps, body.map, query.text("clear"))?;
    let precondition = conditional::precondition(&request)?;
    let id = id.into_inner();
    let owner = owner(&state, &caller, &id, None).await?;
    let work = move |unit: &mut AccountWrite<'_>| {
        answer(&follow_ups::edit(unit, (&owner, &id), &map, precondition.as_ref())?)
    };
    let answer: Answer = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(answer.into())
}

/// A follow-up as an answer, with the revision of what is stored.
pub(super) fn answer(view: &FollowUpView) -> Result<Answer, ApiError> {
    Ok(Answer::ok(view)?.with_etag(view.rev))
}

/// The opportunity of a follow-up, looked up before the write begins.
pub(super) async fn owner(
    state: &AppState,
    caller: &Caller<Write>,
    id: &str,
    happened_at: Option<Instant>,
) -> Result<String, ApiError> {
    let (account_id, id, now) = (caller.account_id().to_owned(), id.to_owned(), state.clock.now());
    state
        .store
        .read(caller.account_id(), move |connection| {
            follow_ups::owner(connection, &account_id, &id, now, happened_at)
        })
        .await
}
