//! Passwords: changing one, and setting one anew when it is forgotten.

use crate::app::AppState;
use crate::auth::caller::Account;
use crate::auth::{SignedIn, password_changes};
use crate::dto::Body;
use crate::dto::account::{ChangePasswordBody, ForgotBody, ResetBody};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::client_address::Visitor;
use crate::http::query::Query;
use crate::openapi::{SignInProblems, WriteProblems};
use actix_web::{HttpRequest, HttpResponse, post, web};

/// Change the password
///
/// Ends every session but this one. Personal access tokens go on.
#[utoipa::path(tag = "auth", operation_id = "changePassword", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))), request_body = ChangePasswordBody,
    responses((status = 204, description = "The password is changed."), WriteProblems))]
#[post("/v1/auth/password/change")]
pub async fn change(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    password_changes::change(&state, &caller, ChangePasswordBody::read(&body.map)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a mail to set the password anew
///
/// The answer is the same, and comes as fast, whether the address has an account or not. The mail holds a
/// link to a page of this server; it works once, for 30 minutes.
#[utoipa::path(tag = "auth", operation_id = "forgotPassword", security(()), request_body = ForgotBody,
    responses((status = 202, description = "If the address has an account, a mail is on its way."), SignInProblems))]
#[post("/v1/auth/password/forgot")]
pub async fn forgot(
    _visitor: Visitor,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    password_changes::forget(&state, &ForgotBody::read(&body.map)?.email);
    Ok(HttpResponse::Accepted().finish())
}

/// Set the password anew
///
/// With the token of the mail. Ends every session and every personal access token of the account: sign in
/// afterwards.
#[utoipa::path(tag = "auth", operation_id = "resetPassword", security(()), request_body = ResetBody,
    responses((status = 204, description = "The password is set."), SignInProblems))]
#[post("/v1/auth/password/reset")]
pub async fn reset(
    _visitor: Visitor,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    password_changes::reset(&state, ResetBody::read(&body.map)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
