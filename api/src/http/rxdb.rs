//! The addresses of apps with RxDB: pull and push, with and without the version of the app's schema.
//!
//! Failures are plain text here, never JSON: the library takes any JSON for documents and stops for good when
//! it is none (the middleware sees to that).
//!
//! **Must never** answer a batch with fewer documents than there are: the library would stop asking.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Sync;
use crate::compat::rxdb::{self, DEFAULT_BATCH, MAX_BATCH, View};
use crate::compat::{continues, stamp, writable};
use crate::dto::rxdb::{RxdbCheckpoint, RxdbDocument, RxdbPull, RxdbPushRow};
use crate::error::{ApiError, Code};
use crate::http::body::{BodyLimit, json_values};
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::{AccountFeed, AccountWrite};
use crate::sync::limits::MAX_SYNC_BODY_BYTES;
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::entities::Collection;
use afterview_domain::sync::Feed;
use serde_json::Value;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;

/// The beginning of all addresses under which failures are plain text.
pub const PLAIN: &str = "/v1/compat/rxdb/";

/// Parameters of every address.
const VIEW: [&str; 2] = ["deleted_field", "fields"];

/// Pull for RxDB
///
/// One batch of documents that changed after the checkpoint; fewer than `limit` only if there are no more.
/// The checkpoint is sent as the query of the library's tutorial (`updatedAt`, `id`, `limit` or `batchSize`) or
/// as that of its own server (`lwt`). Failures are plain text.
#[utoipa::path(tag = "compat", operation_id = "pullRxdb", security(("bearer" = ["sync"])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("updatedAt" = Option<String>, Query, description = "`checkpoint.updatedAt` of the batch before. Absent, `0` and what is no number stand for the first batch."),
        ("lwt" = Option<String>, Query, description = "The same, as the library's own server spells it."),
        ("id" = Option<String>, Query, description = "`checkpoint.id`. Not needed: no two changes share a stamp."),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 1000, description = "How many documents a batch has (100)."),
        ("batchSize" = Option<i32>, Query, minimum = 1, maximum = 1000, description = "The same."),
        ("deleted_field" = Option<String>, Query, description = "The field that marks deleted documents (`_deleted`)."),
        ("fields" = Option<String>, Query, description = "The fields of the app's schema, separated by commas; all, if absent.")),
    responses((status = 200, description = "One batch.", body = RxdbPull), ReadProblems))]
#[get("/v1/compat/rxdb/{collection}/pull")]
pub async fn pull(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    collection: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    answer_pull(&request, &state, &caller, &collection).await
}

/// Pull for RxDB with a schema version
///
/// As without it: what the app's schema has is said by `fields`.
#[utoipa::path(tag = "compat", operation_id = "pullRxdbVersion", security(("bearer" = ["sync"])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("schema_version" = i32, Path, minimum = 0, description = "The version of the app's schema."),
        ("updatedAt" = Option<String>, Query, description = "As without a version."),
        ("lwt" = Option<String>, Query, description = "As without a version."),
        ("id" = Option<String>, Query, description = "As without a version."),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 1000, description = "As without a version."),
        ("batchSize" = Option<i32>, Query, minimum = 1, maximum = 1000, description = "As without a version."),
        ("deleted_field" = Option<String>, Query, description = "As without a version."),
        ("fields" = Option<String>, Query, description = "As without a version.")),
    responses((status = 200, description = "One batch.", body = RxdbPull), ReadProblems))]
#[get("/v1/compat/rxdb/{collection}/{schema_version}/pull")]
pub async fn pull_version(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    check_version(&path.1)?;
    answer_pull(&request, &state, &caller, &path.0).await
}

async fn answer_pull(
    request: &HttpRequest,
    state: &AppState,
    caller: &Caller<Sync>,
    collection: &str,
) -> Result<HttpResponse, ApiError> {
    let names = ["updatedAt", "lwt", "id", "limit", "batchSize"];
    let query = Query::of(request, &[&names[..], &VIEW[..]].concat())?;
    let view = view(&query, collection)?;
    let since = stamp(query.text("updatedAt")).max(stamp(query.text("lwt")));
    let limit = match query.count("limit")?.or(query.count("batchSize")?) {
        None => DEFAULT_BATCH,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| *limit <= MAX_BATCH)
            .ok_or_else(|| invalid(format!("a batch has at most {MAX_BATCH} documents")))?,
    };
    let account_id = caller.account_id().to_owned();
    let read = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        let log = feed.state()?;
        let since = if continues(since, &log) { since } else { 0 };
        let rows = feed.changes(since, log.head, Some(&[view.collection]), limit)?;
        let last = rows.last().map_or((String::new(), since), |last| (last.id.clone(), last.rev));
        let documents = rows.iter().map(|row| view.row(row)).collect::<Result<_, _>>();
        Ok::<_, ApiError>((documents.map_err(ApiError::internal)?, last))
    });
    let (documents, (id, stamp)) = read.await?;
    let checkpoint = RxdbCheckpoint { id, updated_at: stamp, lwt: stamp };
    Ok(HttpResponse::Ok().json(RxdbPull { documents, checkpoint }))
}

/// The routes of pushes, which take larger bodies than others.
pub struct Push;

impl HttpServiceFactory for Push {
    fn register(self, config: &mut AppService) {
        let resource = |path: &str| {
            web::resource(path)
                .app_data(BodyLimit(MAX_SYNC_BODY_BYTES))
                .app_data(web::PayloadConfig::new(MAX_SYNC_BODY_BYTES))
                .default_service(web::to(crate::http::fallback::fallback))
        };
        resource("/v1/compat/rxdb/{collection}/push").route(web::post().to(push)).register(config);
        resource("/v1/compat/rxdb/{collection}/{schema_version}/push")
            .route(web::post().to(push_version))
            .register(config);
    }
}

impl OpenApiFactory for Push {
    fn paths(&self) -> Paths {
        let mut paths = __path_push.paths();
        paths.merge(__path_push_version.paths());
        paths
    }

    fn schemas(&self, into: &mut crate::dto::schema::Schemas) {
        __path_push.schemas(into);
        __path_push_version.schemas(into);
    }
}

/// Push for RxDB
///
/// What the client has changed, as an array or as `docs` of an object. Each document is merged with what
/// others did since the assumed state. The answer has every document that is not as it was sent, as it is now:
/// the library's own conflict handler takes it. A refused document is among them; what it said is in the log
/// of conflicts. Failures are plain text.
#[utoipa::path(post, path = "/v1/compat/rxdb/{collection}/push", tag = "compat", operation_id = "pushRxdb", security(("bearer" = ["sync"])),
    request_body(content = Vec<RxdbPushRow>, description = "The documents.",
        example = json!([{"newDocumentState": {"id": "anna", "name": "Anna Novak", "role": "interviewer", "_deleted": false}}])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("conflict" = Option<String>, Query, description = "`strict`: a document whose state is not the assumed one is answered and left as it is."),
        ("deleted_field" = Option<String>, Query, description = "As with the pull."),
        ("fields" = Option<String>, Query, description = "As with the pull.")),
    responses((status = 200, description = "What is not as it was sent.", body = Vec<RxdbDocument>), WriteProblems))]
pub(super) async fn push(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    collection: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    answer_push(&request, &state, &caller, &collection, payload).await
}

/// Push for RxDB with a schema version
///
/// As without it.
#[utoipa::path(post, path = "/v1/compat/rxdb/{collection}/{schema_version}/push", tag = "compat", operation_id = "pushRxdbVersion", security(("bearer" = ["sync"])),
    request_body(content = Vec<RxdbPushRow>, description = "The documents.",
        example = json!([{"newDocumentState": {"id": "anna", "name": "Anna Novak", "role": "interviewer", "_deleted": false}}])),
    params(("collection" = String, Path, description = "The collection.", example = "contacts"),
        ("schema_version" = i32, Path, minimum = 0, description = "The version of the app's schema."),
        ("conflict" = Option<String>, Query, description = "As without a version."),
        ("deleted_field" = Option<String>, Query, description = "As with the pull."),
        ("fields" = Option<String>, Query, description = "As with the pull.")),
    responses((status = 200, description = "What is not as it was sent.", body = Vec<RxdbDocument>), WriteProblems))]
pub(super) async fn push_version(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    check_version(&path.1)?;
    answer_push(&request, &state, &caller, &path.0, payload).await
}

async fn answer_push(
    request: &HttpRequest,
    state: &AppState,
    caller: &Caller<Sync>,
    collection: &str,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(request, &[&["conflict"], &VIEW[..]].concat())?;
    let view = view(&query, collection)?;
    let strict = query.word("conflict", &["strict"])?.is_some();
    let rows = rows(json_values(request, payload).await?)?;
    let work = move |unit: &mut AccountWrite<'_>| {
        Ok::<_, ApiError>(rxdb::push(unit, &view, &rows, strict)?)
    };
    let conflicts = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(HttpResponse::Ok().json(conflicts))
}

/// The rows of a push: an array, or the `docs` of an object.
fn rows(body: Value) -> Result<Vec<Value>, ApiError> {
    match body {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut map) => match map.remove("docs") {
            Some(Value::Array(rows)) => Ok(rows),
            _ => {
                Err(ApiError::new(Code::BadRequest, "expected an array, or an object with `docs`"))
            }
        },
        _ => Err(ApiError::new(Code::BadRequest, "expected an array, or an object with `docs`")),
    }
}

/// How the app wants to see documents.
pub(super) fn view(query: &Query, collection: &str) -> Result<View, ApiError> {
    let unknown =
        || ApiError::new(Code::NotFound, format!("there is no collection `{collection}`"));
    // What only the server writes can be read.
    let collection =
        writable(collection).or_else(|| Collection::from_word(collection)).ok_or_else(unknown)?;
    let deleted_field = query.text("deleted_field").unwrap_or("_deleted").to_owned();
    let taken = collection.shape().field(&deleted_field).is_some() || deleted_field == "id";
    if deleted_field.is_empty() || deleted_field.len() > 64 || taken {
        return Err(invalid("`deleted_field` cannot be that".to_owned()));
    }
    let fields = query.text("fields").map(|names| names.split(',').map(str::to_owned).collect());
    Ok(View { collection, deleted_field, fields })
}

/// The version of an app's schema is a number and nothing else.
pub(super) fn check_version(version: &str) -> Result<(), ApiError> {
    let number = version.parse::<u32>();
    number.map(|_| ()).map_err(|_any| ApiError::new(Code::NotFound, "a schema version is a number"))
}

fn invalid(detail: String) -> ApiError {
    ApiError::new(Code::InvalidParameter, detail)
}
