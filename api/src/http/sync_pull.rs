//! What a device asks to keep its copy: changes, the head, revisions, conflicts.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Sync;
use crate::dto::sync_pull::{ConflictPage, SyncChanges, SyncHead, SyncRev, SyncRevs};
use crate::error::{ApiError, Code};
use crate::http::conditional;
use crate::http::query::Query;
use crate::http::records::page_of;
use crate::openapi::{ProblemResponse, ReadProblems};
use crate::store::records::head;
use crate::store::{AccountFeed, history};
use crate::sync::limits::{DEFAULT_ANSWER_BYTES, DEFAULT_CHANGES};
use crate::sync::pull::{Delivered, PullRequest, SNAPSHOT, answer};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::entities::conflict::ConflictState;
use afterview_domain::sync::{Feed, ResetReason, StateKey, digest_of};
use std::time::Instant;

const CONFLICTS: &str = "sync/conflicts";

/// Read changes
///
/// What changed since `cursor`, in the order of the last changes, each record once with its newest
/// state. Apply a page and keep its cursor together; go on while `has_more`. Without a cursor everything
/// alive is a change; the snapshot is the faster way to begin. A cursor that is of no use any more is
/// answered with 410: fetch the snapshot, keep what is not sent yet, go on with the snapshot's cursor.
#[utoipa::path(tag = "sync", operation_id = "listSyncChanges", security(("bearer" = ["sync"])),
    params(("cursor" = Option<String>, Query, description = "Where the device stands: the cursor of the page or snapshot before."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many changes a page has (500); more than 1000 is read as 1000."),
        ("max_bytes" = Option<i32>, Query, minimum = 1, description = "About how many bytes of changes a page has (1048576); more than 2097152 is read as that. A larger record comes alone."),
        ("collections" = Option<String>, Query, description = "Only these collections, separated by commas. The same ones for as long as the cursor is used.")),
    responses((status = 200, description = "One page.", body = SyncChanges),
        (status = 410, response = ProblemResponse), ReadProblems))]
#[get("/v1/sync/changes")]
pub async fn changes(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["cursor", "limit", "max_bytes", "collections"])?;
    let size = |name: &str, default: usize| {
        let count = query.count(name)?;
        Ok::<_, ApiError>(count.map_or(default, |it| usize::try_from(it).unwrap_or(usize::MAX)))
    };
    let wanted = PullRequest {
        cursor: query.text("cursor").map(str::to_owned),
        limit: size("limit", DEFAULT_CHANGES)?,
        max_bytes: size("max_bytes", DEFAULT_ANSWER_BYTES)?,
        collections: query.collections("collections")?,
        began: None,
    };
    let account_id = caller.account_id().to_owned();
    let page = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        Ok::<_, ApiError>(answer(&mut feed, &wanted, &Delivered::new())?)
    });
    let began = Instant::now();
    let page = page.await?;
    let took = began.elapsed();
    if let Some(reason) = page.reset {
        return Err(gone(reason));
    }
    let mut body = String::from("{");
    page.write_members(&mut body);
    body.push('}');
    state.metrics.sync.pulled(page.changes.len(), body.len(), took);
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

/// What a device with a useless cursor is told where nothing else can be told.
pub(super) fn gone(reason: ResetReason) -> ApiError {
    let why = match reason {
        ResetReason::Epoch => "it is from a state of the account that a restore has undone",
        ResetReason::Expired => "deletions since then have been forgotten",
        ResetReason::Filter => "it was made for other collections",
        ResetReason::Cursor => "it cannot be read",
    };
    let detail = format!("{} ({why}): begin anew with {SNAPSHOT}", reason.as_str());
    ApiError::new(Code::CursorExpired, detail)
}

/// The head
///
/// Whether anything changed, for next to nothing: the entity tag holds until something does.
#[utoipa::path(tag = "sync", operation_id = "getSyncHead", security(("bearer" = ["sync"])),
    params(("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The head.", body = SyncHead, headers(("ETag" = String, description = "Holds until something is written."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/sync/head")]
pub async fn read_head(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let account_id = caller.account_id().to_owned();
    let read = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        Ok::<_, ApiError>(feed.head()?)
    });
    let (log, live_records) = read.await?;
    let epoch = hex(log.epoch);
    let tag = format!("{}-{epoch}", log.head);
    let known = conditional::is_known(&request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, format!("\"{tag}\"")));
    if known {
        return Ok(response.finish());
    }
    let digest = hex(log.digest);
    Ok(response.json(SyncHead { head: log.head, epoch, digest, live_records }))
}

/// Read revisions
///
/// Name and revision of everything alive, for a device whose digest differs: drop what is not in here,
/// fetch what has another revision.
#[utoipa::path(tag = "sync", operation_id = "listSyncRevisions", security(("bearer" = ["sync"])),
    params(("collections" = Option<String>, Query, description = "Only these collections, separated by commas.")),
    responses((status = 200, description = "The revisions.", body = SyncRevs), ReadProblems))]
#[get("/v1/sync/revs")]
pub async fn revs(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    let collections = Query::of(&request, &["collections"])?.collections("collections")?;
    let account_id = caller.account_id().to_owned();
    let read = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        Ok::<_, ApiError>((feed.state()?, feed.live_revs(collections.as_deref())?))
    });
    let (log, live) = read.await?;
    let key = |it: &crate::store::LiveRev| {
        digest_of(StateKey { collection: it.collection, id: &it.id, rev: it.rev })
    };
    let digest = hex(live.iter().fold(0, |digest, it| digest ^ key(it)));
    let items =
        live.into_iter().map(|it| SyncRev { c: it.collection.as_str(), id: it.id, rev: it.rev });
    let items = items.collect();
    Ok(HttpResponse::Ok().json(SyncRevs { head: log.head, epoch: hex(log.epoch), digest, items }))
}

/// List conflicts
///
/// Two versions of something, one kept and one not, in the order in which they came up. They are synced
/// like every other record; this list is for clients that keep no copy.
#[utoipa::path(tag = "sync", operation_id = "listConflicts", security(("bearer" = ["sync"])),
    params(("state" = Option<String>, Query, description = "Only open or resolved ones."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "One page.", body = ConflictPage, headers(("ETag" = String, description = "Holds until something is written."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/sync/conflicts")]
pub async fn conflicts(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["state", "limit", "cursor"])?;
    let wanted = query.word("state", ConflictState::WORDS)?;
    let after = query.position(CONFLICTS)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let limit = usize::try_from(query.limit()?).unwrap_or(usize::MAX);
    let account_id = caller.account_id().to_owned();
    let read = state.store.read(caller.account_id(), move |connection| {
        let head = head(connection, &account_id)?;
        let (state, one_more) = (wanted.as_deref(), limit.saturating_add(1));
        let docs = history::conflicts(connection, &account_id, state, after, one_more)?;
        Ok::<_, ApiError>((head, docs))
    });
    let (head, mut docs) = read.await?;
    let more = docs.len() > limit;
    docs.truncate(limit);
    let last = docs.last().filter(|_| more);
    let cursor = last.map(|last| query.cursor(CONFLICTS, &last.created_rev.to_string()));
    let tag = format!("{head}-{}", query.digest(CONFLICTS));
    Ok(page_of(&request, &tag, docs.iter().map(|doc| doc.doc.as_str()), cursor.as_deref()))
}

fn hex(number: i64) -> String {
    format!("{number:016x}")
}
