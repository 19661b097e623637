//! Signing up, in, on and out.

use crate::app::AppState;
use crate::auth::caller::{Caller, Read};
use crate::auth::sessions;
use crate::dto::Body;
use crate::dto::auth::{JsonWebKeySet, LoginBody, RefreshBody, RegisterBody, SessionTokens};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::openapi::{ReadProblems, SignInProblems};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, get, post, web};
use afterview_domain::entities::FaultCode;
use serde::Serialize;

/// Create an account
///
/// Makes an account with a first session on this device. Keep both tokens: the access token goes
/// with every request, the refresh token gets the next pair.
#[utoipa::path(tag = "auth", operation_id = "register", security(()), request_body = RegisterBody,
    responses((status = 201, description = "The account exists and this device is signed in.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/register")]
pub async fn register(
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let body = RegisterBody::read(&body.map)?;
    let address = body.email.trim();
    let plausible =
        address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !plausible || address.contains(char::is_whitespace) {
        return Err(ApiError::field(
            "/email",
            FaultCode::Format,
            "expected an e-mail address such as anna@example.org",
        ));
    }
    let tokens = sessions::register(&state, body).await?;
    Ok(secret(HttpResponse::Created(), &tokens))
}

/// Sign in
///
/// Opens a session for a known account on this device. An unknown address and a wrong password get
/// the same answer.
#[utoipa::path(tag = "auth", operation_id = "login", security(()), request_body = LoginBody,
    responses((status = 200, description = "This device is signed in.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/login")]
pub async fn login(state: web::Data<AppState>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let tokens = sessions::login(&state, LoginBody::read(&body.map)?).await?;
    Ok(secret(HttpResponse::Ok(), &tokens))
}

/// Get the next pair of tokens
///
/// The refresh token changes at every use. If the answer got lost, the same token works for another
/// 60 seconds; when it comes again later, the session is ended.
#[utoipa::path(tag = "auth", operation_id = "refresh", security(()), request_body = RefreshBody,
    responses((status = 200, description = "The next pair of tokens.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/refresh")]
pub async fn refresh(state: web::Data<AppState>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let tokens = sessions::refresh(&state, &RefreshBody::read(&body.map)?.refresh_token).await?;
    Ok(secret(HttpResponse::Ok(), &tokens))
}

/// Sign out
///
/// Ends the session of the access token; both of its tokens stop working at once.
#[utoipa::path(tag = "auth", operation_id = "logout", security(("bearer" = [])),
    responses((status = 204, description = "This device is signed out."), ReadProblems))]
#[post("/v1/auth/logout")]
pub async fn logout(
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    sessions::logout(&state, caller.account_id(), caller.session_id()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Public keys
///
/// The keys that verify access tokens, newest first (RFC 7517).
#[utoipa::path(tag = "auth", operation_id = "getJsonWebKeySet", security(()),
    responses((status = 200, description = "The keys.", body = JsonWebKeySet)))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(JsonWebKeySet { keys: state.tokens.public_keys() })
}

fn secret(mut response: actix_web::HttpResponseBuilder, value: &impl Serialize) -> HttpResponse {
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store"))).json(value)
}
