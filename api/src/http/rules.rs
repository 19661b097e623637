//! The rules behind the advice, to be read by people.
//!
//! **Must never** show evidence without its limits.

use super::{conditional, query::Query};
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::rules::{RuleAnswer, RuleList};
use crate::error::ApiError;
use crate::openapi::ReadProblems;
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::hex::hex;
use afterview_domain::plan::{Policy, rules};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// List rules
///
/// Every rule of the advice, family by family: what it does, why, with which numbers, and what is
/// known about it from elsewhere. Without pages: there are not many, and they change with the
/// version of the server only.
#[utoipa::path(tag = "rules", operation_id = "listRules", security(("bearer" = ["read"])),
    params(("family" = Option<String>, Query, description = "Only the rules of this family."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The rules.", body = RuleList),
        (status = 304, description = "The client has them already."), ReadProblems))]
#[get("/v1/rules")]
pub async fn list(request: HttpRequest, _caller: Caller<Read>) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["family"])?;
    let names: Vec<&str> = rules::FAMILIES.iter().map(|family| family.name).collect();
    let family = query.word("family", &names)?;
    let is_wanted = |rule: &&rules::Rule| family.as_deref().is_none_or(|it| it == rule.family);
    answer(&request, &RuleList::of(rules::all().filter(is_wanted), &Policy::default()))
}

/// One rule
///
/// What the `url` of a reason points at.
#[utoipa::path(tag = "rules", operation_id = "getRule", security(("bearer" = ["read"])),
    params(("id" = String, Path, description = "The name of the rule, such as `F1-PROMISE`."),
        ("If-None-Match" = Option<String>, Header, description = "Answer 304 if the entity tag is still this one.")),
    responses((status = 200, description = "The rule.", body = RuleAnswer),
        (status = 304, description = "The client has it already."), ReadProblems))]
#[get("/v1/rules/{id}")]
pub async fn read(
    request: HttpRequest,
    _caller: Caller<Read>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let rule = rules::find(&id).ok_or_else(|| ApiError::not_found("rule", &id))?;
    answer(&request, &RuleAnswer::of(rule, &Policy::default()))
}

/// The answer under a tag made of its text, so that the tag changes with the policy and the words
/// and with nothing else.
fn answer(request: &HttpRequest, view: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let text = serde_json::to_string(view).map_err(ApiError::internal)?;
    let tag = hex(Sha256::digest(&text).into_iter().take(8));
    let known = conditional::is_known(request, &tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(("ETag", format!("\"{tag}\"")));
    if known {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/json").body(text))
}
