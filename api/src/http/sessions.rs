//! Where the account is signed in, and the tokens that were given to programs.

use crate::app::AppState;
use crate::auth::caller::Account;
use crate::auth::{Caller, SignedIn, access_tokens, sessions};
use crate::dto::Body;
use crate::dto::account::{
    AccessTokenList, AccessTokenView, NewAccessToken, SessionList, SessionView, TokenBody,
};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::query::Query;
use crate::openapi::{ReadProblems, WriteProblems};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

/// List sessions
///
/// Where the account is signed in, the device used last first.
#[utoipa::path(tag = "auth", operation_id = "listSessions", security(("bearer" = ["account"])),
    responses((status = 200, description = "The sessions.", body = SessionList), ReadProblems))]
#[get("/v1/auth/sessions")]
pub async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let open = sessions::list(&state, caller.account_id()).await?;
    let items = open.into_iter().map(|row| SessionView::of(row, caller.session_id())).collect();
    Ok(HttpResponse::Ok().json(SessionList { items }))
}

/// End a session
///
/// Signs a device out, such as one that was lost. Its tokens stop working at once, on every node, and it
/// gets no notifications any more.
#[utoipa::path(tag = "auth", operation_id = "endSession", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))),
    params(("id" = String, Path, description = "The session.")),
    responses((status = 204, description = "It is ended."), ReadProblems))]
#[delete("/v1/auth/sessions/{id}")]
pub async fn end(
    request: HttpRequest,
    state: web::Data<AppState>,
    SignedIn(caller): SignedIn<Account>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    sessions::end(&state, caller.account_id(), &id, caller.session_id()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Make a personal access token
///
/// For programs of the account's owner, such as an integration that reads the agenda. The token is shown
/// this once. An account has at most 20.
#[utoipa::path(tag = "auth", operation_id = "createAccessToken", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))), request_body = TokenBody,
    responses((status = 201, description = "The token.", body = NewAccessToken), WriteProblems))]
#[post("/v1/auth/tokens")]
pub async fn create_token(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let (token, row) = access_tokens::create(&state, &caller, TokenBody::read(&body.map)?).await?;
    Ok(HttpResponse::Created().json(NewAccessToken::of(token, row)))
}

/// List personal access tokens
///
/// Those that work, oldest first, without the tokens themselves.
#[utoipa::path(tag = "auth", operation_id = "listAccessTokens", security(("bearer" = ["account"])),
    responses((status = 200, description = "The tokens.", body = AccessTokenList), ReadProblems))]
#[get("/v1/auth/tokens")]
pub async fn list_tokens(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Account>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let items = access_tokens::list(&state, &caller).await?;
    let items = items.into_iter().map(AccessTokenView::from).collect();
    Ok(HttpResponse::Ok().json(AccessTokenList { items }))
}

/// End a personal access token
///
/// It stops working at once, on every node.
#[utoipa::path(tag = "auth", operation_id = "endAccessToken", security(("bearer" = ["account"])), extensions(("x-session-only" = json!(true))),
    params(("id" = String, Path, description = "The token's name, not the token.")),
    responses((status = 204, description = "It is ended."), ReadProblems))]
#[delete("/v1/auth/tokens/{id}")]
pub async fn end_token(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Account>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    access_tokens::revoke(&state, &caller, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
