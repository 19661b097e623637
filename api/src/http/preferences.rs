//! The candidate's settings: one record, always there.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::{Read, Write};
use crate::dto::schema::{self, Schemas, Side};
use crate::error::ApiError;
use crate::http::answer::Answer;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::http::{conditional, records};
use crate::openapi::{ReadProblems, WriteProblems};
use crate::store::AccountWrite;
use actix_web::{HttpRequest, HttpResponse, get, patch, put, web};
use afterview_domain::entities::{Collection, PREFERENCES_ID, preferences::SHAPE};
use std::borrow::Cow;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Declares a marker that stands for one side of the preferences in the document.
macro_rules! side {
    ($name:ident, $side:expr, $about:literal) => {
        #[doc = $about]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema::of_record(&SHAPE, $side)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                $side.name_of(&SHAPE).into()
            }

            fn schemas(into: &mut Schemas) {
                schema::nested(&SHAPE, $side, into);
            }
        }
    };
}
side!(PreferencesView, Side::View, "The settings as served.");
side!(PreferencesCreate, Side::Create, "The whole settings as sent.");
side!(PreferencesPatch, Side::Patch, "A change of settings.");

/// Read the preferences
///
/// The candidate's settings, with their revision as entity tag.
#[utoipa::path(tag = "preferences", operation_id = "getPreferences", security(("bearer" = ["read"])),
    params(("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The settings.", body = PreferencesView, headers(("ETag" = String, description = "Revision of the record."))),
        (status = 304, description = "The client has this state already."), ReadProblems))]
#[get("/v1/preferences")]
pub async fn read(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let id = PREFERENCES_ID.to_owned();
    records::read_one(&request, &state, caller.account_id(), Collection::Preferences, id).await
}

/// Replace the preferences
///
/// The whole settings: a field that is left out gets its default.
#[utoipa::path(tag = "preferences", operation_id = "replacePreferences", security(("bearer" = ["write"])), request_body = PreferencesCreate,
    params(("If-Match" = Option<String>, Header, description = "Write only if the record has this entity tag.")),
    responses((status = 200, description = "Replaced.", body = PreferencesView, headers(("ETag" = String, description = "Revision of the record."))), WriteProblems))]
#[put("/v1/preferences")]
pub async fn replace(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let precondition = conditional::precondition(&request)?;
    let work = move |unit: &mut AccountWrite<'_>| {
        let put = afterview_domain::sync::put;
        let written =
            put(unit, Collection::Preferences, PREFERENCES_ID, &body.map, precondition.as_ref())?;
        Answer::record(&written.record)
    };
    let answer: Answer = state.store.write(caller.account_id(), caller.session_id(), work).await?;
    Ok(answer.into())
}

/// Change the preferences
///
/// A merge patch (RFC 7396): members replace, `null` brings the default back. Clients that cannot
/// send `null` name the fields in `clear`.
#[utoipa::path(tag = "preferences", operation_id = "updatePreferences", security(("bearer" = ["write"])), request_body = PreferencesPatch,
    params(("clear" = Option<String>, Query, description = "Names of fields to clear, separated by commas."),
        ("If-Match" = Option<String>, Header, description = "Write only if the record has this entity tag.")),
    responses((status = 200, description = "Changed.", body = PreferencesView, headers(("ETag" = String, description = "Revision of the record."))), WriteProblems))]
#[patch("/v1/preferences")]
pub async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Write>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let id = PREFERENCES_ID.to_owned();
    records::patch_one(&request, &state, &caller, Collection::Preferences, id, body).await
}
