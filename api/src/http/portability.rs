//! The whole account as lines, out and in.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::Account;
use crate::auth::{Caller, SignedIn};
use crate::error::{ApiError, Code};
use crate::http::body::BodyLimit;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use crate::portability::export::Export;
use crate::portability::import::{Imported, MAX_IMPORT_BYTES, import};
use crate::store::Store;
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::stream::{self, Stream};
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;

/// The media type of one JSON object a line.
const LINES: &str = "application/x-ndjson";

/// Export the account
///
/// Everything of it, one JSON object a line, each with its `type`: `export`, `identity`, `session`, `device`,
/// `access_token`, `webhook`, `record`, `deleted_record`, `change` (what a change of a record replaced),
/// `notification`, `event` (of the audit trail), and last `end` with the number of lines before it; without that line it is
/// not complete. No secret is in it. New types may come.
#[utoipa::path(tag = "account", operation_id = "exportAccount", security(("bearer" = ["account"])),
    responses((status = 200, description = "One JSON object a line.", body = String, content_type = "application/x-ndjson",
        example = "{\"type\":\"record\",\"collection\":\"contacts\",\"record\":{\"id\":\"anna\",\"name\":\"Anna Novak\"}}\n"), ReadProblems))]
#[get("/v1/account/export")]
pub async fn export_account(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (account_id, session_id) = (caller.account_id(), caller.session_id());
    let now = state.clock.now();
    audit::note(&state, account_id, Kind::Exported, Some(session_id), None).await?;
    let lines = Export::new(account_id, session_id, now);
    let attachment = (CONTENT_DISPOSITION, "attachment; filename=\"afterview.jsonl\"");
    let whole = pieces(state.store.clone(), account_id.to_owned(), lines);
    Ok(HttpResponse::Ok().content_type(LINES).insert_header(attachment).streaming(whole))
}

/// The lines, piece by piece as the client takes them. A failure ends the stream without its last line.
fn pieces(
    store: Store,
    account_id: String,
    export: Export,
) -> impl Stream<Item = Result<web::Bytes, ApiError>> {
    stream::unfold(Some(export), move |running| {
        let (store, account_id) = (store.clone(), account_id.clone());
        async move {
            let mut export = running?;
            let piece = store.read(&account_id, move |connection| {
                let piece = export.next_piece(connection)?;
                Ok::<_, ApiError>((piece, export))
            });
            match piece.await {
                Ok((piece, export)) => Some((Ok(web::Bytes::from(piece?)), Some(export))),
                Err(error) => {
                    tracing::error!(cause = %error, "an export was cut off");
                    Some((Err(error), None))
                }
            }
        }
    })
}

/// The route of an import, which takes larger bodies than others.
pub struct Import;

impl HttpServiceFactory for Import {
    fn register(self, config: &mut AppService) {
        web::resource("/v1/account/import")
            .app_data(BodyLimit(MAX_IMPORT_BYTES))
            .app_data(web::PayloadConfig::new(MAX_IMPORT_BYTES))
            .route(web::post().to(import_account))
            .default_service(web::to(crate::http::fallback::fallback))
            .register(config);
    }
}

impl OpenApiFactory for Import {
    fn paths(&self) -> Paths {
        __path_import_account.paths()
    }

    fn schemas(&self, into: &mut crate::dto::schema::Schemas) {
        __path_import_account.schemas(into);
    }
}

/// Import records
///
/// Takes the `record` lines of an export and leaves the others. A record that is not there is written as it
/// was; one that is there is merged with, as if another device had made it, and what gives way is kept as a
/// conflict. Reminders of opportunities that come in new and were due before are not given again. All lines
/// are checked first: if one is wrong, nothing is written, and each fault stands under the number of its line.
/// A repeated import changes nothing. More than 32 MiB is sent in parts, the opportunities first.
#[utoipa::path(post, path = "/v1/account/import", tag = "account", operation_id = "importAccount", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))),
    request_body(content = String, content_type = "application/x-ndjson", description = "One JSON object a line.",
        example = "{\"type\":\"record\",\"collection\":\"contacts\",\"record\":{\"id\":\"anna\",\"name\":\"Anna Novak\",\"role\":\"interviewer\",\"created_at\":\"2026-05-06T19:05:00Z\",\"updated_at\":\"2026-05-06T19:05:00Z\"}}\n"),
    responses((status = 200, description = "What was done.", body = Imported), WriteProblems))]
pub(super) async fn import_account(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    check_type(&request)?;
    let SignedIn(caller) = caller;
    // Each may hold its whole body in memory.
    let _turn = state.imports.try_acquire().map_err(|_taken| {
        ApiError::new(Code::Unavailable, "another import is running; please try again in a moment")
    })?;
    let bytes = crate::http::body::read_all(&request, payload).await?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| ApiError::new(Code::MalformedJson, error.to_string()))?;
    let done = import(&state.store, caller.account_id(), text).await?;
    let (account_id, session_id) = (caller.account_id(), caller.session_id());
    audit::note(&state, account_id, Kind::Imported, Some(session_id), None).await?;
    Ok(HttpResponse::Ok().json(done))
}

fn check_type(request: &HttpRequest) -> Result<(), ApiError> {
    let known = ["application/x-ndjson", "application/jsonl", "application/ndjson"];
    let given = request.headers().get("content-type").and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if known.iter().any(|known| essence.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let detail = format!("send {LINES}, got {}", given.unwrap_or("no content type"));
    Err(ApiError::new(Code::UnsupportedMediaType, detail))
}
