//! The same seven operations for each collection of records: list, create, read, replace, patch,
//! delete. Route and documentation are registered together, from one table row.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::{Read, Write};
use crate::error::{ApiError, Code};
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::conditional;
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::interviews;
use crate::http::query::Query;
use crate::http::records_document;
use crate::planning::replan;
use crate::store::AccountWrite;
use crate::store::records::{ListQuery, find_doc, list as list_docs};
use actix_web::dev::{AppService, HttpServiceFactory, Payload};
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use afterview_domain::entities::{Collection, FaultCode};
use afterview_domain::ids;
use afterview_domain::sync;
use serde_json::{Map, Value};
use std::future::{Ready, ready};
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;

/// One collection as a REST resource.
#[derive(Debug, Clone, Copy)]
pub struct RecordResource {
    /// The collection.
    pub collection: Collection,
    /// Its address below `/v1/`.
    pub path: &'static str,
    /// One record in camel case, for operation ids: `Interview`.
    pub one: &'static str,
    /// Several records in camel case: `Interviews`.
    pub many: &'static str,
}

/// Every collection that is written directly. Follow-ups and preferences have routes of their own.
pub const RESOURCES: [RecordResource; 8] = [
    resource(Collection::Opportunities, "opportunities", "Opportunity", "Opportunities"),
    resource(Collection::Contacts, "contacts", "Contact", "Contacts"),
    resource(Collection::Interviews, "interviews", "Interview", "Interviews"),
    resource(Collection::Expectations, "expectations", "Expectation", "Expectations"),
    resource(Collection::Commitments, "commitments", "Commitment", "Commitments"),
    resource(Collection::Replies, "replies", "Reply", "Replies"),
    resource(Collection::Offers, "offers", "Offer", "Offers"),
    resource(Collection::Supplements, "supplements", "Supplement", "Supplements"),
];

const fn resource(
    collection: Collection,
    path: &'static str,
    one: &'static str,
    many: &'static str,
) -> RecordResource {
    RecordResource { collection, path, one, many }
}

impl RecordResource {
    /// The names of the filters of its list.
    #[must_use]
    pub const fn filters(&self) -> &'static [&'static str] {
        match self.collection {
            Collection::Opportunities => &["updated_since"],
            Collection::Interviews => {
                &["opportunity_id", "updated_since", "status", "starts_after", "starts_before"]
            }
            _ => &["opportunity_id", "updated_since"],
        }
    }
}

impl HttpServiceFactory for RecordResource {
    fn register(self, config: &mut AppService) {
        let all = web::resource(format!("/v1/{}", self.path))
            .app_data(self)
            .route(web::get().to(list))
            .route(web::post().to(create))
            .default_service(web::to(crate::http::fallback::fallback));
        let one = web::resource(format!("/v1/{}/{{id}}", self.path))
            .app_data(self)
            .route(web::get().to(read))
            .route(web::put().to(replace))
            .route(web::patch().to(patch))
            .route(web::delete().to(delete))
            .default_service(web::to(crate::http::fallback::fallback));
        all.register(config);
        one.register(config);
    }
}

impl OpenApiFactory for RecordResource {
    fn paths(&self) -> Paths {
        records_document::paths(self)
    }

    fn schemas(&self, into: &mut crate::dto::schema::Schemas) {
        records_document::schemas(self, into);
    }
}

impl FromRequest for RecordResource {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.app_data::<Self>().copied();
        ready(found.ok_or_else(|| ApiError::internal("a record route without its resource")))
    }
}

async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    resource: RecordResource,
) -> Result<HttpResponse, ApiError> {
    let allowed = [resource.filters(), &["limit", "cursor"]].concat();
    let query = Query::of(&request, &allowed)?;
    let status = match resource.collection {
        Collection::Interviews => {
            use afterview_domain::entities::interview::InterviewStatus;
            query.word("status", InterviewStatus::WORDS)?
        }
        _ => None,
    };
    let filter = ListQuery {
        opportunity_id: query.id("opportunity_id")?,
        updated_since: query.instant("updated_since")?,
        sort_from: query.instant("starts_after")?,
        sort_before: query.instant("starts_before")?,
        status,
        after: query.position(resource.path)?.and_then(|text| text.parse().ok()).unwrap_or(0),
        limit: query.limit()? + 1,
    };
    let account_id = caller.account_id().to_owned();
    let page = state
        .store
        .read(caller.account_id(), move |connection| {
            let head = crate::store::records::head(connection, &account_id)?;
            let docs = list_docs(connection, &account_id, resource.collection, &filter)?;
            Ok::<_, ApiError>((head, docs))
        })
        .await?;
    let (head, mut docs) = page;
    let limit = usize::try_from(query.limit()?).unwrap_or(usize::MAX);
    let more = docs.len() > limit;
    docs.truncate(limit);
    let cursor = docs
        .last()
        .filter(|_| more)
        .map(|last| query.cursor(resource.path, &last.created_rev.to_string()));
    let tag = format!("{head}-{}", query.digest(resource.path));
    let texts = docs.iter().map(|doc| doc.doc.as_str());
    Ok(page_of(&request, &tag, texts, cursor.as_deref()))
}

/// A page spliced together from JSON texts as they are stored.
pub(super) fn page_of<'d>(
    request: &HttpRequest,
    tag: &str,
    docs: impl Iterator<Item = &'d str>,
    cursor: Option<&str>,
) -> HttpResponse {
    if conditional::is_known(request, tag) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, format!("\"{tag}\"")))
            .finish();
    }
    let mut body = String::from("{\"items\":[");
    for (i, doc) in docs.enumerate() {
        if i > 0 {
            body.push(',');
        }
        body.push_str(doc);
    }
    body.push(']');
    if let Some(cursor) = cursor {
        body.push_str(",\"next_cursor\":\"");
        body.push_str(cursor);
        body.push('"');
    }
    body.push('}');
    HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .content_type("application/json")
        .body(body)
}

async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    resource: RecordResource,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    read_one(&request, &state, caller.account_id(), resource.collection, id.into_inner()).await
}

/// One record as it is stored, or 304.
pub(super) async fn read_one(
    request: &HttpRequest,
    state: &AppState,
    account_id: &str,
    collection: Collection,
    id: String,
) -> Result<HttpResponse, ApiError> {
    let (account, wanted) = (account_id.to_owned(), id.clone());
    let found = state
        .store
        .read(account_id, move |connection| {
            Ok::<_, ApiError>(find_doc(connection, &account, collection, &wanted)?)
        })
        .await?;
    let Some(found) = found else {
        return Err(ApiError::not_found(sync::singular(collection), &id));
    };
    let tag = found.rev.to_string();
    let mut response = if conditional::is_known(request, &tag) {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().content_type("application/json").body(found.doc)
    };
    if let Ok(tag) = header::HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn create(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    resource: RecordResource,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let id = match body.map.get("id") {
        None | Some(Value::Null) => state.ids.record_id(state.clock.now()),
        Some(Value::String(id)) if ids::is_record_id(id) => id.clone(),
        Some(_) => return Err(bad_id("/id")),
    };
    let opportunity_id = state.ids.record_id(state.clock.now());
    let map = body.map;
    let work = move |unit: &mut AccountWrite<'_>| {
        let map = match resource.collection {
            Collection::Interviews => interviews::with_opportunity(unit, &opportunity_id, &map)?,
            _ => map.clone(),
        };
        let record = sync::create(unit, resource.collection, &id, &map)?;
        let record = replan::settled(unit, record)?;
        let location = format!("/v1/{}/{id}", resource.path);
        Ok(Answer { etag: Some(record.rev), ..Answer::created(&record.doc, location)? })
    };
    let caller = (caller.account_id(), caller.session_id());
    Ok(once(&state, caller, key, body.fingerprint, work).await?.into())
}

async fn replace(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    resource: RecordResource,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let id = id.into_inner();
    if !ids::is_record_id(&id) || body.map.get("id").is_some_and(|given| given != id.as_str()) {
        return Err(bad_id("/id"));
    }
    let precondition = conditional::precondition(&request)?;
    let work = move |unit: &mut AccountWrite<'_>| {
        let written = sync::put(unit, resource.collection, &id, &body.map, precondition.as_ref())?;
        let answer = Answer::record(&replan::settled(unit, written.record)?)?;
        if !written.created {
            return Ok::<_, ApiError>(answer);
        }
        let location = Some(format!("/v1/{}/{id}", resource.path));
        Ok(Answer { status: actix_web::http::StatusCode::CREATED, location, ..answer })
    };
    let answer: Answer = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(answer.into())
}

async fn patch(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    resource: RecordResource,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    patch_one(&request, &state, &caller, resource.collection, id.into_inner(), body).await
}

/// Patches one record; `?clear=` names fields to clear besides.
pub(super) async fn patch_one(
    request: &HttpRequest,
    state: &AppState,
    caller: &Caller<Write>,
    collection: Collection,
    id: String,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(request, &["clear"])?;
    let map = with_cleared(collection, body.map, query.text("clear"))?;
    if map.get("id").is_some_and(|given| given != id.as_str()) {
        return Err(bad_id("/id"));
    }
    let precondition = conditional::precondition(request)?;
    let work = move |unit: &mut AccountWrite<'_>| {
        let record = sync::patch(unit, collection, &id, &map, precondition.as_ref())?;
        Answer::record(&replan::settled(unit, record)?)
    };
    let answer: Answer = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(answer.into())
}

/// The patch with `null` for every field named in `clear`.
pub(super) fn with_cleared(
    collection: Collection,
    mut patch: Map<String, Value>,
    clear: Option<&str>,
) -> Result<Map<String, Value>, ApiError> {
    for name in clear.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty())
    {
        if collection.shape().field(name).is_none() {
            let detail = format!("`clear`: {} has no field `{name}`", collection.shape().name);
            return Err(ApiError::new(Code::InvalidParameter, detail));
        }
        if patch.insert(name.to_owned(), Value::Null).is_some_and(|given| !given.is_null()) {
            let detail = format!("`{name}` is both set and cleared");
            return Err(ApiError::new(Code::InvalidParameter, detail));
        }
    }
    Ok(patch)
}

async fn delete(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    resource: RecordResource,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let precondition = conditional::precondition(&request)?;
    let id = id.into_inner();
    let work = move |unit: &mut AccountWrite<'_>| {
        sync::delete(unit, resource.collection, &id, precondition.as_ref())?;
        Ok::<_, ApiError>(Answer::no_content())
    };
    let answer: Answer = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(answer.into())
}

fn bad_id(pointer: &str) -> ApiError {
    let detail = "an id has 1 to 64 characters of A-Z a-z 0-9 _ . - and is the one of the address";
    ApiError::field(pointer, FaultCode::Format, detail)
}
