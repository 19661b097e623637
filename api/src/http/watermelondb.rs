//! The two addresses of apps with WatermelonDB.
//!
//! **Must never** name rows that the library is to send again: it would, for ever.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Sync;
use crate::compat::stamp;
use crate::compat::watermelondb::{self, Migration, PullRequest, Pulls};
use crate::dto::watermelondb::{WatermelonChanges, WatermelonTable};
use crate::error::{ApiError, Code};
use crate::http::body::{BodyLimit, JsonBody};
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::{AccountFeed, AccountWrite, DbConnection, sessions};
use crate::sync::limits::MAX_WATERMELONDB_BODY_BYTES;
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::{HttpRequest, HttpResponse, web};
use afterview_domain::sync::Feed;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;

/// The routes, which take larger bodies than others: the library pushes everything at once.
pub struct Watermelondb;

impl HttpServiceFactory for Watermelondb {
    fn register(self, config: &mut AppService) {
        web::resource("/v1/compat/watermelondb/sync")
            .app_data(BodyLimit(MAX_WATERMELONDB_BODY_BYTES))
            .app_data(web::PayloadConfig::new(MAX_WATERMELONDB_BODY_BYTES))
            .route(web::get().to(pull))
            .route(web::post().to(push))
            .default_service(web::to(crate::http::fallback::fallback))
            .register(config);
    }
}

impl OpenApiFactory for Watermelondb {
    fn paths(&self) -> Paths {
        let mut paths = __path_pull.paths();
        paths.merge(__path_push.paths());
        paths
    }

    fn schemas(&self, into: &mut crate::dto::schema::Schemas) {
        __path_pull.schemas(into);
        __path_push.schemas(into);
    }
}

/// Pull for WatermelonDB
///
/// What an app's `pullChanges` returns: everything that changed since `last_pulled_at`. Tables are named as
/// the collections and columns as the fields; instants are numbers (Unix milliseconds), sets, lists and objects
/// JSON texts.
#[utoipa::path(get, path = "/v1/compat/watermelondb/sync", tag = "compat", operation_id = "pullWatermelonChanges", security(("bearer" = ["sync"])),
    params(("last_pulled_at" = Option<String>, Query, description = "`timestamp` of the pull before. Absent, `null`, `0` and what is no number stand for the first pull."),
        ("schema_version" = Option<String>, Query, description = "The version of the app's schema. Read by nobody: columns are told by `migration`."),
        ("migration" = Option<String>, Query, description = "The library's `migration` as JSON: tables and columns that the app has learnt since its last pull. Absent or `null` for none.",
            example = "{\"from\":1,\"tables\":[\"offers\"],\"columns\":[{\"table\":\"contacts\",\"columns\":[\"notes\"]}]}"),
        ("tables" = Option<String>, Query, description = "Only these tables, separated by commas; all, if absent."),
        ("limit" = Option<i32>, Query, minimum = 1, description = "At most so many rows; `has_more` says that there are more. All, if absent."),
        ("soft_delete" = Option<String>, Query, pattern = "^[A-Za-z0-9_]{0,64}$", description = "The column in which the app marks deleted rows, such as `deleted_at` or `is_deleted`. For 30 days such rows come with the mark in place of going.")),
    responses((status = 200, description = "What changed.", body = WatermelonChanges), ReadProblems))]
pub(super) async fn pull(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
) -> Result<HttpResponse, ApiError> {
    let names = ["last_pulled_at", "schema_version", "migration", "tables", "limit", "soft_delete"];
    let query = Query::of(&request, &names)?;
    let limit = query.count("limit")?;
    let wanted = PullRequest {
        since: stamp(query.text("last_pulled_at")),
        device: caller.session_id().to_owned(),
        migration: migration(query.text("migration"))?,
        tables: query.collections("tables")?,
        limit: limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        soft_delete: column(&query)?,
    };
    let (account_id, session_id) = (caller.account_id(), caller.session_id());
    let (account, session, since) = (account_id.to_owned(), session_id.to_owned(), wanted.since);
    let now = state.clock.now();
    let read = state.store.read(account_id, move |connection| {
        let pulls = sessions::watermelondb_pulls(connection, &account, &session)?;
        let mut feed = AccountFeed::new(connection, &account);
        Ok::<_, ApiError>((watermelondb::pull(&mut feed, &wanted, now)?, pulls))
    });
    let (answer, pulls) = read.await?;
    if let Some(pulls) = Pulls::read(pulls.as_deref()).with(since) {
        let (account, session) = (account_id.to_owned(), session_id.to_owned());
        let note = move |connection: &mut DbConnection| {
            let pulls = pulls.to_text();
            Ok::<_, ApiError>(sessions::note_pulls(connection, &account, &session, &pulls)?)
        };
        state.store.write_unsynced(account_id, note).await?;
    }
    Ok(HttpResponse::Ok().json(answer))
}

/// Push for WatermelonDB
///
/// What an app's `pushChanges` sends. Every row is merged by itself: the columns that its user changed, as
/// `_changed` tells them, on top of what was there before the last pull. A conflict or a refusal fails no
/// push; what holds instead comes with the next pull, what gave way is in the log of conflicts. The same push
/// may be sent again.
#[utoipa::path(post, path = "/v1/compat/watermelondb/sync", tag = "compat", operation_id = "pushWatermelonChanges", security(("bearer" = ["sync"])),
    request_body(content = BTreeMap<String, WatermelonTable>, description = "The changes by table.",
        example = json!({"contacts": {"created": [{"id": "aZ3kQ9xP2mN7rT5w", "_status": "created", "_changed": "", "name": "Anna Novak", "role": "interviewer"}], "updated": [], "deleted": []}})),
    params(("last_pulled_at" = Option<String>, Query, description = "`timestamp` of the pull before it."),
        ("schema_version" = Option<String>, Query, description = "As with the pull. Read by nobody."),
        ("tables" = Option<String>, Query, description = "As with the pull. Every table that is sent is read."),
        ("soft_delete" = Option<String>, Query, pattern = "^[A-Za-z0-9_]{0,64}$", description = "As with the pull.")),
    responses((status = 204, description = "Carried out. What was refused comes back with the next pull."), WriteProblems))]
pub(super) async fn push(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let query =
        Query::of(&request, &["last_pulled_at", "schema_version", "tables", "soft_delete"])?;
    let (seen, soft_delete) = (stamp(query.text("last_pulled_at")), column(&query)?);
    let session = caller.session_id().to_owned();
    let tables = body.map;
    let work = move |unit: &mut AccountWrite<'_>| {
        let account_id = unit.account_id();
        let state = AccountFeed::new(unit.connection()?, account_id).state()?;
        let pulls = sessions::watermelondb_pulls(unit.connection()?, account_id, &session)?;
        let pulls = Pulls::read(pulls.as_deref());
        watermelondb::push(unit, &tables, seen, &pulls, &state, soft_delete.as_deref())?;
        // Whatever was dirty has arrived.
        let none = Pulls::default().to_text();
        Ok::<_, ApiError>(sessions::note_pulls(unit.connection()?, account_id, &session, &none)?)
    };
    state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn migration(text: Option<&str>) -> Result<Option<Migration>, ApiError> {
    let text = text.map(str::trim).unwrap_or_default();
    if ["", "null", "undefined"].contains(&text) {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| {
        ApiError::new(Code::InvalidParameter, format!("`migration` cannot be read: {error}"))
    })
}

fn column(query: &Query) -> Result<Option<String>, ApiError> {
    let name = query.text("soft_delete");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match name {
        None | Some("") => Ok(None),
        Some(name) if name.len() > 64 || !name.chars().all(plain) => {
            let detail = "`soft_delete` names no column";
            Err(ApiError::new(Code::InvalidParameter, detail))
        }
        name => Ok(name.map(str::to_owned)),
    }
}
