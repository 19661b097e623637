//! One round of sync: what a device changed goes in, what others changed comes out; and deciding a
//! conflict without a device's copy.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Sync;
use crate::dto::Body;
use crate::dto::sync::{PushRequest, ResolveBody, SyncBody};
use crate::dto::sync_pull::ConflictView;
use crate::dto::sync_result::SyncAnswer;
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::{BodyLimit, JsonBody};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::store::{AccountFeed, AccountWrite, Expected};
use crate::sync::limits::MAX_SYNC_BODY_BYTES;
use crate::sync::pull::{PullAnswer, answer};
use crate::sync::push;
use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::{HttpRequest, HttpResponse, post, web};
use afterview_domain::entities::{Collection, FaultCode};
use afterview_domain::sync::{Answered, Feed, resolve};
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;

/// The route of a round, which takes larger bodies than others.
pub struct Round;

impl HttpServiceFactory for Round {
    fn register(self, config: &mut AppService) {
        web::resource("/v1/sync")
            .app_data(BodyLimit(MAX_SYNC_BODY_BYTES))
            .app_data(web::PayloadConfig::new(MAX_SYNC_BODY_BYTES))
            .route(web::post().to(round))
            .default_service(web::to(crate::http::fallback::fallback))
            .register(config);
    }
}

impl OpenApiFactory for Round {
    fn paths(&self) -> Paths {
        __path_round.paths()
    }

    fn schemas(&self, into: &mut crate::dto::schema::Schemas) {
        __path_round.schemas(into);
    }
}

/// Synchronise
///
/// What the device changed goes in, what changed since its cursor comes out. Every mutation has its own
/// result: a conflict or a refusal is a result, not a failure. The same request may be sent again until
/// its answer arrives: nothing is carried out twice.
#[utoipa::path(post, path = "/v1/sync", tag = "sync", operation_id = "syncRound", security(("bearer" = ["sync"])), request_body = SyncBody,
    responses((status = 200, description = "Results and changes.", body = SyncAnswer), WriteProblems))]
pub(super) async fn round(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let wanted = Arc::new(PushRequest::read(body.map)?);
    if wanted.body.device_id.as_deref().is_some_and(|device| device != caller.session_id()) {
        let detail = "this is not the session of the access token";
        return Err(ApiError::field("/device_id", FaultCode::Inconsistent, detail));
    }
    let (account_id, sync) = (caller.account_id().to_owned(), &state.metrics.sync);
    let (began, results) = if wanted.mutations.is_empty() {
        (None, Vec::new())
    } else {
        let (wanted, began) = (Arc::clone(&wanted), Instant::now());
        let work = move |unit: &mut AccountWrite<'_>| {
            let account_id = unit.account_id();
            let log = AccountFeed::new(unit.connection()?, account_id).state()?;
            unit.look_ahead(&expected(&wanted))?;
            Ok::<_, ApiError>((Some(log.head), push::run(unit, &wanted, &log)?))
        };
        let pushed = state.store.write(caller.account_id(), caller.session_id(), work).await?;
        sync.pushed(&pushed.1, body.bytes, began.elapsed());
        pushed
    };
    let (pull, delivered) = (wanted.pull(began), push::delivered(&results));
    let began = Instant::now();
    let read = state.store.read(caller.account_id(), move |connection| {
        let mut feed = AccountFeed::new(connection, &account_id);
        Ok::<_, ApiError>(answer(&mut feed, &pull, &delivered)?)
    });
    let pulled = read.await?;
    let took = began.elapsed();
    let text = text(state.clock.now().timestamp_millis(), &results, &pulled);
    sync.pulled(pulled.changes.len(), text.len(), took);
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

/// What carrying out the mutations is going to ask for.
fn expected(wanted: &PushRequest) -> Expected<'_> {
    let mut expected = Expected::default();
    for mutation in &wanted.mutations {
        let text = |name: &str| mutation.payload.get(name).and_then(Value::as_str);
        expected.mutations.extend(text("mid").into_iter().chain(text("after")));
        let owner = mutation.payload.get("set").and_then(|set| set.get("opportunity_id")?.as_str());
        let record = text("c").and_then(Collection::from_word).zip(text("id"));
        let owner = owner.map(|owner| (Collection::Opportunities, owner));
        for (collection, id) in record.into_iter().chain(owner) {
            expected.records.entry(collection).or_default().insert(id);
        }
    }
    expected
}

fn text(now: i64, results: &[Answered], pulled: &PullAnswer) -> String {
    let mut body = format!("{{\"server_time\":{now},\"results\":[");
    for (i, result) in results.iter().enumerate() {
        if i > 0 {
            body.push(',');
        }
        body.push_str(&result.text);
    }
    body.push_str("],");
    pulled.write_members(&mut body);
    body.push('}');
    body
}

/// Decide a conflict
///
/// `kept` leaves the record as it is, `lost` writes what was not kept, `fields` writes something else.
/// Either way the conflict is closed, and everybody's next round shows the result.
#[utoipa::path(tag = "sync", operation_id = "resolveConflict", security(("bearer" = ["sync"])), request_body = ResolveBody,
    params(("id" = String, Path, description = "Identifier of the conflict."),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key gets the answer of the first one, for a day.")),
    responses((status = 200, description = "The conflict afterwards.", body = ConflictView), WriteProblems))]
#[post("/v1/sync/conflicts/{id}/resolve")]
pub async fn resolve_conflict(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Sync>,
    id: web::Path<String>,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let decision = ResolveBody::read(&body.map)?.decision()?;
    let id = id.into_inner();
    let work = move |unit: &mut AccountWrite<'_>| Answer::record(&resolve(unit, &id, &decision)?);
    let caller = (caller.account_id(), caller.session_id());
    Ok(once(&state, caller, key, body.fingerprint, work).await?.into())
}
