//! Drafts of follow-ups, as data, as plain text, or as a file for the mail program.
//!
//! **Must never** store or send anything.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::Body;
use crate::dto::draft::{DraftBody, DraftView};
use crate::dto::mail;
use crate::error::{ApiError, Code};
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::planning::drafts;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};

/// Draft a follow-up
///
/// A text of the language pack with its blanks filled from the facts, proof-read. The candidate's own
/// stored text, or one sent along, takes its place. Values sent along are tried out; nothing is
/// stored.
#[utoipa::path(tag = "follow-ups", operation_id = "draftFollowUp", security(("bearer" = ["read"])), request_body = DraftBody,
    params(("id" = String, Path, description = "Identifier of the follow-up."),
        ("format" = Option<String>, Query, description = "`json` (the default), `text` for the text alone, or `eml` for a file that mail programs open as an unsent message."),
        ("locale" = Option<String>, Query, description = "Language of the text, BCP 47; without it that of the preferences. One that is not known is read as English.")),
    responses((status = 200, description = "The draft.", content((DraftView = "application/json"), (String = "text/plain"), (String = "message/rfc822"))), WriteProblems))]
#[post("/v1/follow-ups/{id}/draft")]
pub async fn draft(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["format", "locale"])?;
    let format = query.word("format", &["json", "text", "eml"])?;
    let locale = query.text("locale").map(language).transpose()?;
    let body = DraftBody::read(&body.map)?;
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let id = id.into_inner();
    let made = state
        .store
        .read(caller.account_id(), move |connection| {
            drafts::made(connection, &account_id, &id, (&body, locale.as_deref()), now)
        })
        .await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_LANGUAGE, made.view.locale.as_str()));
    Ok(match format.as_deref() {
        Some("text") => answer.content_type("text/plain; charset=utf-8").body(made.view.body),
        Some("eml") => {
            let attachment = "attachment; filename=\"follow-up.eml\"";
            answer.insert_header((header::CONTENT_DISPOSITION, attachment));
            let message = mail::message(&made.view, made.receiver.as_ref(), now);
            answer.content_type(mail::MESSAGE).body(message)
        }
        _ => answer.json(made.view),
    })
}

fn language(text: &str) -> Result<String, ApiError> {
    let is_tag = (2..=35).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_tag {
        return Ok(text.to_owned());
    }
    Err(ApiError::new(Code::InvalidParameter, "`locale` is a language such as en or de-AT"))
}
