//! What became of one record: who changed what, and when.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::sync_pull::RecordHistoryPage;
use crate::error::ApiError;
use crate::http::query::Query;
use crate::http::records::page_of;
use crate::openapi::ReadProblems;
use crate::store::history::{Creation, StoredChange, creation_of, history_of};
use crate::store::records::head;
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::Collection;
use afterview_domain::sync::singular;

/// Read the history of a record
///
/// Every change, the newest first, with who made it and what was there before; the creation comes last.
/// Deleted records have a history, too, until their content is forgotten (`tombstone_days` of the limits);
/// changes older than `history_days` are left out.
#[utoipa::path(tag = "sync", operation_id = "getRecordHistory", security(("bearer" = ["read"])),
    params(("collection" = String, Path, description = "The collection, spelled as in sync, such as `follow_ups`."),
        ("id" = String, Path, description = "The identifier of the record."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "How many items a page has (50); more than 200 is read as 200."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: `next_cursor` of the page before."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "One page.", body = RecordHistoryPage, headers(("ETag" = String, description = "Holds until something is written."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/records/{collection}/{id}/history")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["limit", "cursor"])?;
    let (word, id) = path.into_inner();
    let collection =
        Collection::from_word(&word).ok_or_else(|| ApiError::not_found("collection", &word))?;
    let list = format!("history/{word}/{id}");
    let before = query.position(&list)?.and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    let limit = query.limit()?;
    let account_id = caller.account_id().to_owned();
    let read = state.store.read(caller.account_id(), move |connection| {
        let head = head(connection, &account_id)?;
        let created = creation_of(connection, &account_id, collection, &id)?
            .ok_or_else(|| ApiError::not_found(singular(collection), &id))?;
        let record = (collection, id.as_str());
        let changes = history_of(connection, &account_id, record, before, limit + 1)?;
        Ok::<_, ApiError>((head, created, changes))
    });
    let (head, created, changes) = read.await?;
    let mut entries: Vec<(i64, String)> =
        changes.iter().map(|change| (change.rev, of_change(change))).collect();
    // The creation is older than every change; where another page ended with it, nothing is left.
    if created.rev < before {
        entries.push((created.rev, of_creation(&created)));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| more);
    let cursor = last.map(|(rev, _)| query.cursor(&list, &rev.to_string()));
    let tag = format!("{head}-{}", query.digest(&list));
    let texts = entries.iter().map(|(_, text)| text.as_str());
    Ok(page_of(&request, &tag, texts, cursor.as_deref()))
}

fn of_change(change: &StoredChange) -> String {
    let mut text = beginning(change.rev, &change.device_id);
    if let Some(mutation_id) = &change.mutation_id {
        text.push_str(&format!(",\"mutation_id\":{}", quoted(mutation_id)));
    }
    text.push_str(",\"changed\":");
    text.push_str(&change.changed);
    text.push('}');
    text
}

fn of_creation(created: &Creation) -> String {
    beginning(created.rev, &created.device_id) + ",\"created\":true}"
}

fn beginning(rev: i64, device_id: &str) -> String {
    let at = format_instant(from_millis(rev));
    format!("{{\"rev\":{rev},\"at\":\"{at}\",\"device_id\":{}", quoted(device_id))
}

/// Names that others chose, as JSON text.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
