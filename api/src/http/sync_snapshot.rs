//! The snapshot as a stream of lines.
//!
//! **Must never** keep the database waiting for a slow client: each piece is read by itself.

use super::sync_pull::gone;
use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Sync;
use crate::error::{ApiError, Code};
use crate::http::query::Query;
use crate::openapi::{ProblemResponse, ReadProblems};
use crate::store::{AccountFeed, Store};
use crate::sync::snapshot::{Snapshot, SnapshotRequest};
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::entities::Collection;
use afterview_domain::ids;
use futures_util::stream::{self, Stream, StreamExt};

/// Read everything
///
/// Everything alive, one JSON object a line: a first line with the cursor, the records with parents
/// before children, a last line. A stream without the last line is not complete. Keep its cursor when
/// the last line is there, and go on with changes: what changed while the stream ran comes with them, so
/// a record may come twice.
///
/// A stream that broke is resumed with `after` and `cursor`: the last record that came, and the cursor of
/// the **first** line of the **first** stream. That one is to be kept in the end, for a later one would
/// skip what changed in between; it is repeated in the first line of the resumed stream.
///
/// `scope=recent` sends the settings and the interviews of the next 60 days with their opportunities and
/// contacts first, marked `recent`, so that an app can show them at once, then everything else, nothing
/// twice. If it breaks while lines are so marked, begin again; later, resume without `scope`.
#[utoipa::path(tag = "sync", operation_id = "getSyncSnapshot", security(("bearer" = ["sync"])),
    extensions(("x-line" = json!({"$ref": "#/components/schemas/SnapshotLine"}))),
    params(("after" = Option<String>, Query, description = "Resume after this record, `collection:id`."),
        ("cursor" = Option<String>, Query, description = "Resume with this cursor, of the first line of the stream that broke."),
        ("scope" = Option<String>, Query, description = "`recent`: what the next interviews need goes first. Not together with `after`.")),
    responses((status = 200, description = "One JSON object a line, each a `SnapshotLine`.", body = String, content_type = "application/x-ndjson"),
        (status = 410, response = ProblemResponse), ReadProblems))]
#[get("/v1/sync/snapshot")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["after", "cursor", "scope"])?;
    let wanted = SnapshotRequest {
        after: query.text("after").map(place).transpose()?,
        cursor: query.text("cursor").map(str::to_owned),
        recent_first: query.word("scope", &["recent"])?.is_some(),
    };
    if wanted.recent_first && wanted.after.is_some() {
        let detail = "`scope` is for the beginning of a stream, `after` for the rest of one";
        return Err(ApiError::new(Code::InvalidParameter, detail));
    }
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let begun = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        let begun = Snapshot::begin(&mut feed, &wanted, now)?;
        Ok::<_, ApiError>((begun, account_id))
    });
    let (begun, account_id) = begun.await?;
    let (snapshot, header) = begun.map_err(gone)?;
    let rest = pieces(state.store.clone(), account_id, snapshot);
    let whole = stream::iter([Ok(web::Bytes::from(header))]).chain(rest);
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(whole))
}

/// `collection:id`.
fn place(text: &str) -> Result<(Collection, String), ApiError> {
    let named = text.split_once(':').and_then(|(word, id)| {
        let collection = Collection::from_word(word)?;
        ids::is_record_id(id).then(|| (collection, id.to_owned()))
    });
    named.ok_or_else(|| {
        ApiError::new(Code::InvalidParameter, "`after` must be `collection:id` of a record")
    })
}

/// The lines, piece by piece as the client takes them. A failure ends the stream without its last line.
fn pieces(
    store: Store,
    account_id: String,
    snapshot: Snapshot,
) -> impl Stream<Item = Result<web::Bytes, ApiError>> {
    stream::unfold(Some(snapshot), move |running| {
        let (store, account_id) = (store.clone(), account_id.clone());
        async move {
            let mut snapshot = running?;
            let account = account_id.clone();
            let piece = store.read(&account_id, move |connection| {
                let mut feed = AccountFeed::new(connection, &account);
                let piece = snapshot.next_piece(&mut feed)?;
                Ok::<_, ApiError>((piece, snapshot))
            });
            match piece.await {
                Ok((piece, snapshot)) => Some((Ok(web::Bytes::from(piece?)), Some(snapshot))),
                Err(error) => {
                    tracing::error!(cause = %error, "a snapshot was cut off");
                    Some((Err(error), None))
                }
            }
        }
    })
}
