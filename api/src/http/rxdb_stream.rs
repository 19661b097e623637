//! The live stream of apps with RxDB: documents as they change.
//!
//! **Must never** send a checkpoint: the library would keep it, and never ask for what it has not been sent.

use crate::app::AppState;
use crate::auth::caller::{Caller, Sync};
use crate::auth::tickets::{Grant, redeem};
use crate::compat::rxdb::View;
use crate::compat::stamp;
use crate::error::ApiError;
use crate::http::live::{KEEP_ALIVE, not_listening, silence};
use crate::http::query::Query;
use crate::http::rxdb::{check_version, view};
use crate::openapi::{ProblemResponse, StreamProblems};
use crate::store::AccountFeed;
use crate::sync::live::Listener;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get};
use afterview_domain::sync::{ChangeRow, Feed};
use futures_util::stream;
use serde_json::{Map, Value};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How many documents one event has at most.
const MAX_DOCUMENTS: usize = 100;

/// What changed so shortly before a client listens is sent again, in milliseconds: it may have happened
/// between its last pull and now.
const OVERLAP_MILLIS: i64 = 60_000;

/// Follow a collection for RxDB
///
/// Server-sent events for the library's `stream$`: each holds documents as they are now and an empty
/// checkpoint, so that nothing in between is ever taken for seen; pull again after every reconnection. A client that sends
/// `Last-Event-ID` gets what it missed. The stream ends with its access token; a browser's `EventSource`
/// sends a ticket. Failures are plain text.
#[utoipa::path(tag = "compat", operation_id = "streamRxdb", security(("bearer" = ["sync"])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("ticket" = Option<String>, Query, description = "A ticket in place of the access token."),
        ("deleted_field" = Option<String>, Query, description = "As with the pull."),
        ("fields" = Option<String>, Query, description = "As with the pull."),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that arrived.")),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream",
        example = "id: 1780000000000\ndata: {\"documents\":[{\"id\":\"anna\",\"name\":\"Anna Novak\",\"_deleted\":false}],\"checkpoint\":{}}\n\n"),
        (status = 404, response = ProblemResponse), StreamProblems))]
#[get("/v1/compat/rxdb/{collection}/pullStream")]
pub async fn follow(
    request: HttpRequest,
    state: web::Data<AppState>,
    collection: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    open(&request, state, &collection).await
}

/// Follow a collection for RxDB with a schema version
///
/// As without it.
#[utoipa::path(tag = "compat", operation_id = "streamRxdbVersion", security(("bearer" = ["sync"])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("schema_version" = i32, Path, minimum = 0, description = "The version of the app's schema.", example = 0),
        ("ticket" = Option<String>, Query, description = "A ticket in place of the access token."),
        ("deleted_field" = Option<String>, Query, description = "As with the pull."),
        ("fields" = Option<String>, Query, description = "As with the pull."),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that arrived.")),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream",
        example = "id: 1780000000000\ndata: {\"documents\":[],\"checkpoint\":{}}\n\n"),
        (status = 404, response = ProblemResponse), StreamProblems))]
#[get("/v1/compat/rxdb/{collection}/{schema_version}/pullStream")]
pub async fn follow_version(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    check_version(&path.1)?;
    open(&request, state, &path.0).await
}

async fn open(
    request: &HttpRequest,
    state: web::Data<AppState>,
    collection: &str,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(request, &["ticket", "deleted_field", "fields"])?;
    let grant = match query.text("ticket") {
        Some(ticket) => redeem(&state, ticket).await?,
        None => Grant::from(&Caller::<Sync>::extract(request).await?),
    };
    let view = view(&query, collection)?;
    let listener = state.live.listen(&grant.account_id).map_err(not_listening)?;
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let now = state.clock.now().timestamp_millis();
    let told = match stamp(last) {
        0 => now.saturating_sub(OVERLAP_MILLIS),
        last => last,
    };
    let silence = silence(&grant.session_id);
    let follower = Follower { state, grant, listener, view, told, behind: true, silence };
    let events = stream::unfold(Some(follower), |follower| async {
        let (bytes, follower) = follower?.next().await?;
        Some((bytes, follower))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

/// One open stream between two of its events.
struct Follower {
    state: web::Data<AppState>,
    grant: Grant,
    listener: Listener,
    view: View,
    /// Up to this stamp everything was sent.
    told: i64,
    /// Whether there may be more than was sent.
    behind: bool,
    silence: Duration,
}

/// A piece of the stream, and the stream after it; without that, it ends.
type Piece = (Result<Bytes, ApiError>, Option<Follower>);

impl Follower {
    /// What is sent next, when it is time; `None` when the stream is over.
    async fn next(mut self) -> Option<Piece> {
        let left = self.grant.ends_at * 1_000 - self.state.clock.now().timestamp_millis();
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        let deadline = Instant::now() + left.min(self.silence);
        loop {
            if std::mem::take(&mut self.behind) {
                match self.read().await {
                    Ok(None) => {}
                    Ok(Some(event)) => return Some((Ok(event), Some(self))),
                    Err(error) => return Some((Err(error), None)),
                }
            }
            let news = timeout_at(deadline, self.listener.changed()).await;
            if !self.grant.holds(&self.state, self.state.clock.now()) {
                return None;
            }
            match news {
                Err(_silence) => return Some((Ok(KEEP_ALIVE), Some(self))),
                Ok(None) => return None,
                Ok(Some(head)) => self.behind = head > self.told,
            }
        }
    }

    /// The next event, if there is news of this collection.
    async fn read(&mut self) -> Result<Option<Bytes>, ApiError> {
        let (account_id, view, told) =
            (self.grant.account_id.clone(), self.view.clone(), self.told);
        let read = self.state.store.read(&self.grant.account_id, move |connection| {
            let mut feed = AccountFeed::new(connection, &account_id);
            let head = feed.state()?.head;
            let rows = feed.changes(told, head, Some(&[view.collection]), MAX_DOCUMENTS)?;
            Ok::<_, ApiError>((head, rows))
        });
        let (head, rows) = read.await?;
        self.behind = rows.len() == MAX_DOCUMENTS;
        self.told = rows.last().filter(|_| self.behind).map_or(head.max(told), |last| last.rev);
        if rows.is_empty() { Ok(None) } else { event(&self.view, &rows, self.told).map(Some) }
    }
}

fn event(view: &View, rows: &[ChangeRow], told: i64) -> Result<Bytes, ApiError> {
    let documents = rows.iter().map(|row| view.row(row));
    let documents: Vec<Map<String, Value>> =
        documents.collect::<Result<_, _>>().map_err(ApiError::internal)?;
    let documents = serde_json::to_string(&documents).map_err(ApiError::internal)?;
    Ok(Bytes::from(format!(
        "id: {told}\ndata: {{\"documents\":{documents},\"checkpoint\":{{}}}}\n\n"
    )))
}
