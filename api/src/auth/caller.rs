//! The caller of a request, with the scope that the handler asks for in its signature.
//!
//! **Must never** ask the database: a request is identified by its token alone.

use crate::app::AppState;
use crate::auth::tokens::Claims;
use crate::error::{ApiError, Code};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

/// Something that a token may allow.
pub trait Scope: 'static {
    /// Its name in the token.
    const NAME: &'static str;
}

/// Reading records and advice.
pub struct Read;
/// Changing records.
pub struct Write;
/// Keeping a copy of everything on a device.
pub struct Sync;

impl Scope for Read {
    const NAME: &'static str = "read";
}
impl Scope for Write {
    const NAME: &'static str = "write";
}
impl Scope for Sync {
    const NAME: &'static str = "sync";
}

/// Every scope, as a device that signed in with a password has them.
pub const ALL_SCOPES: &str = "read write sync calendar webhooks account";

/// Who is calling, with a token that allows `S`.
pub struct Caller<S: Scope> {
    claims: Arc<Claims>,
    scope: PhantomData<S>,
}

impl<S: Scope> Caller<S> {
    /// The account.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.claims.sub
    }

    /// The session, which is a device.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.claims.sid
    }

    /// When the token ends, Unix seconds.
    #[must_use]
    pub fn expires_at(&self) -> i64 {
        self.claims.exp
    }
}

impl<S: Scope> FromRequest for Caller<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(identify(request).and_then(|claims| {
            if claims.scope.split(' ').any(|name| name == S::NAME) {
                Ok(Self { claims, scope: PhantomData })
            } else {
                Err(ApiError::new(Code::MissingScope, format!("the scope `{}` is needed", S::NAME)))
            }
        }))
    }
}

fn identify(request: &HttpRequest) -> Result<Arc<Claims>, ApiError> {
    let missing = || {
        ApiError::new(Code::Unauthenticated, "send an access token as `Authorization: Bearer …`")
    };
    let state = request
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| ApiError::internal("the application state is missing"))?;
    let header = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let token = header.to_str().ok().and_then(bearer).ok_or_else(missing)?;
    state.tokens.verify(token, state.clock.now())
}

/// The token of a `Bearer` header; the scheme is matched without regard to case (RFC 9110).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
