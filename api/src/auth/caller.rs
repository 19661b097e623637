//! The caller of a request, with the scope that the handler asks for in its signature.
//!
//! **Must never** ask the database about a session: its requests are identified by their token alone.

use crate::app::AppState;
use crate::auth::access_tokens::{self, Opened};
use crate::auth::tokens::Claims;
use crate::error::{ApiError, Code};
use crate::http::middleware::note;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
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
/// Feeds of calendars.
pub struct Calendar;
/// Having events sent to other services.
pub struct Webhooks;
/// The account itself: its sessions, its tokens, all that is stored of it.
pub struct Account;

impl Scope for Read {
    const NAME: &'static str = "read";
}
impl Scope for Write {
    const NAME: &'static str = "write";
}
impl Scope for Sync {
    const NAME: &'static str = "sync";
}
impl Scope for Calendar {
    const NAME: &'static str = "calendar";
}
impl Scope for Webhooks {
    const NAME: &'static str = "webhooks";
}
impl Scope for Account {
    const NAME: &'static str = "account";
}

/// Every scope, as a device that signed in with a password has them.
pub const ALL_SCOPES: &str = "read write sync calendar webhooks account";

/// Who is calling, with a token that allows `S`.
pub struct Caller<S: Scope> {
    by: By,
    scope: PhantomData<S>,
}

/// What somebody showed.
#[derive(Debug, Clone)]
enum By {
    /// The access token of a session.
    Session(Arc<Claims>),
    /// A personal access token.
    Token(Arc<Opened>),
}

impl By {
    fn scope(&self) -> &str {
        match self {
            Self::Session(claims) => &claims.scope,
            Self::Token(opened) => &opened.scope,
        }
    }

    fn with_scope<S: Scope>(self) -> Result<Caller<S>, ApiError> {
        if self.scope().split(' ').any(|name| name == S::NAME) {
            return Ok(Caller { by: self, scope: PhantomData });
        }
        Err(ApiError::new(Code::MissingScope, format!("the scope `{}` is needed", S::NAME)))
    }
}

impl<S: Scope> Caller<S> {
    /// The account.
    #[must_use]
    pub fn account_id(&self) -> &str {
        match &self.by {
            By::Session(claims) => &claims.sub,
            By::Token(opened) => &opened.account_id,
        }
    }

    /// The session, which is a device; of a personal token its own identifier.
    #[must_use]
    pub fn session_id(&self) -> &str {
        match &self.by {
            By::Session(claims) => &claims.sid,
            By::Token(opened) => &opened.token_id,
        }
    }

    /// The caller, if the account does not ask too often.
    fn within_rate(self, request: &HttpRequest) -> Result<Self, ApiError> {
        if let Some(state) = request.app_data::<web::Data<AppState>>() {
            note(request, state.rates.account(self.account_id())?);
        }
        Ok(self)
    }

    /// When what the caller showed ends or has to be looked up again, Unix seconds.
    #[must_use]
    pub fn expires_at(&self) -> i64 {
        match &self.by {
            By::Session(claims) => claims.exp,
            By::Token(opened) => opened.known_until,
        }
    }
}

/// What is known of a personal token by the time a request is taken apart.
struct Recognised(Result<Arc<Opened>, ApiError>);

/// Looks a personal token up, if that is what the request shows. This comes before everything else: were
/// the database asked while the request is taken apart, others would judge and answer the rest of it first.
pub async fn recognise(request: &HttpRequest) {
    let Ok(shown) = shown(request) else { return };
    if shown.token.starts_with(access_tokens::PREFIX) {
        let opened = access_tokens::verify(&shown.state, &shown.token).await;
        request.extensions_mut().insert(Recognised(opened));
    }
}

impl<S: Scope> Caller<S> {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let shown = shown(request)?;
        let by = if shown.token.starts_with(access_tokens::PREFIX) {
            let known = request.extensions_mut().remove::<Recognised>();
            let unknown = || ApiError::internal("a personal token was not looked up");
            By::Token(known.ok_or_else(unknown)?.0?)
        } else {
            By::Session(shown.state.tokens.verify(&shown.token, shown.state.clock.now())?)
        };
        by.with_scope::<S>()?.within_rate(request)
    }
}

impl<S: Scope> FromRequest for Caller<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Who is calling on a device that signed in, with a token that allows `S`. A personal access token does
/// not do: whatever could give a stolen one a longer life needs a person.
pub struct SignedIn<S: Scope>(pub Caller<S>);

impl<S: Scope> FromRequest for SignedIn<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Caller::of(request).and_then(|caller| match caller.by {
            By::Session(_) => Ok(Self(caller)),
            By::Token(_) => {
                let detail = "a personal access token does not do here; sign in on a device";
                Err(ApiError::new(Code::SessionRequired, detail))
            }
        }))
    }
}

/// What a request shows of its caller.
struct Shown {
    state: web::Data<AppState>,
    token: String,
}

fn shown(request: &HttpRequest) -> Result<Shown, ApiError> {
    let missing = || {
        ApiError::new(Code::Unauthenticated, "send an access token as `Authorization: Bearer …`")
    };
    let state = request
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| ApiError::internal("the application state is missing"))?;
    let header = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let token = header.to_str().ok().and_then(bearer).ok_or_else(missing)?;
    Ok(Shown { state: state.clone(), token: token.to_owned() })
}

/// The token of a `Bearer` header; the scheme is matched without regard to case (RFC 9110).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
