//! Signing up, in, on and out.

use crate::app::AppState;
use crate::auth::caller::Read;
use crate::auth::{SignedIn, refresh as exchange, sessions, sign_in, sign_up};
use crate::dto::Body;
use crate::dto::auth::{
    GuestBody, JsonWebKeySet, LoginBody, OidcBody, RefreshBody, RegisterBody, SessionTokens,
};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::client_address::Visitor;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, SignInProblems};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, post, web};

/// Create an account
///
/// Makes an account with a first session on this device. Keep both tokens: the access token goes
/// with every request, the refresh token gets the next pair.
#[utoipa::path(tag = "auth", operation_id = "register", security(()), request_body = RegisterBody,
    responses((status = 201, description = "The account exists and this device is signed in.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/register")]
pub async fn register(
    _visitor: Visitor,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let tokens = sign_up::register(&state, RegisterBody::read(&body.map)?).await?;
    Ok(HttpResponse::Created().json(tokens))
}

/// Start as a guest
///
/// Makes an account that only this device can reach, so that an app can be tried at once. Everything
/// works; `POST /v1/account/upgrade` adds an address or an identity later, and nothing is lost. A guest
/// who signs out, or is away for 60 days, has no way back.
#[utoipa::path(tag = "auth", operation_id = "registerGuest", security(()), request_body = GuestBody,
    responses((status = 201, description = "The account exists and this device is signed in.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/guest")]
pub async fn guest(
    _visitor: Visitor,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let tokens = sign_up::guest(&state, GuestBody::read(&body.map)?).await?;
    Ok(HttpResponse::Created().json(tokens))
}

/// Sign in
///
/// Opens a session for a known account on this device. An unknown address and a wrong password get
/// the same answer. An account has 20 sessions at most: a further one ends the one used least recently.
#[utoipa::path(tag = "auth", operation_id = "login", security(()), request_body = LoginBody,
    responses((status = 200, description = "This device is signed in.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/login")]
pub async fn login(
    _visitor: Visitor,
    state: web::Data<AppState>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let tokens = sign_in::login(&state, LoginBody::read(&body.map)?).await?;
    Ok(HttpResponse::Ok().json(tokens))
}

/// Sign in with an ID token
///
/// For providers of identities (OpenID Connect) that the operator has configured, such as Google and
/// Apple. Who comes for the first time gets an account; it belongs to the provider's name for the person,
/// not to an address.
#[utoipa::path(tag = "auth", operation_id = "loginWithIdToken", security(()), request_body = OidcBody,
    params(("provider" = String, Path, description = "The provider's name, such as google.")),
    responses((status = 200, description = "This device is signed in.", body = SessionTokens),
        (status = 404, response = crate::openapi::ProblemResponse), SignInProblems))]
#[post("/v1/auth/oidc/{provider}")]
pub async fn oidc(
    _visitor: Visitor,
    state: web::Data<AppState>,
    provider: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let tokens = sign_in::oidc(&state, &provider, OidcBody::read(&body.map)?).await?;
    Ok(HttpResponse::Ok().json(tokens))
}

/// Get the next pair of tokens
///
/// The refresh token changes at every use. If the answer got lost, the same token gets the same answer for
/// another 60 seconds; when it comes again later, or after its successor was used, the session is ended.
#[utoipa::path(tag = "auth", operation_id = "refresh", security(()), request_body = RefreshBody,
    responses((status = 200, description = "The next pair of tokens.", body = SessionTokens), SignInProblems))]
#[post("/v1/auth/refresh")]
pub async fn refresh(state: web::Data<AppState>, body: JsonBody) -> Result<HttpResponse, ApiError> {
    let tokens = exchange::refresh(&state, &RefreshBody::read(&body.map)?.refresh_token).await?;
    Ok(HttpResponse::Ok().json(tokens))
}

/// Sign out
///
/// Ends the session of the access token; both of its tokens stop working at once.
#[utoipa::path(tag = "auth", operation_id = "logout", security(("bearer" = ["read"])), extensions(("x-session-only" = json!(true))),
    responses((status = 204, description = "This device is signed out."), ReadProblems))]
#[post("/v1/auth/logout")]
pub async fn logout(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Read>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let session_id = caller.session_id();
    sessions::end(&state, caller.account_id(), session_id, session_id).await?;
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
