//! What can go wrong with a request, and THE table: code → status → title.
//!
//! Every failure leaves as a problem document (RFC 9457). The layers below speak of faults without
//! knowing HTTP; here, and only here, a fault gets its status. The cause of a 5xx is logged once,
//! at this boundary, and never sent.

use crate::rate_limits::Rate;
use crate::store::{StoreError, Transient, Trouble};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use afterview_domain::entities::{FaultCode, FieldErrors};
use afterview_domain::sync::{Refusal, RefusalCode, WriteError};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// Declares the codes and the table behind them, once.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:ident, $title:literal;)+) => {
        /// Every way in which a request can fail.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant),+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Its HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// Its title: the same sentence every time.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or nested too deeply.
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not valid JSON";
    /// A query parameter or header has a wrong value.
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "A parameter has a wrong value";
    /// The cursor is not one of this list.
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "The cursor does not belong to this list";
    /// The request cannot be understood at all.
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be understood";
    /// No valid access token.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid access token is needed";
    /// E-mail or password are wrong.
    WrongCredentials = "wrong_credentials", UNAUTHORIZED, "E-mail address or password are wrong";
    /// The refresh token is unknown, used or expired.
    InvalidRefreshToken = "invalid_refresh_token", UNAUTHORIZED, "The refresh token is not valid";
    /// The ID token is not one of the provider's for this app, or not any more.
    InvalidIdToken = "invalid_id_token", UNAUTHORIZED, "The ID token is not valid";
    /// The token of the mail is unknown, used or expired.
    InvalidResetToken = "invalid_reset_token", UNAUTHORIZED, "The token of the mail is not valid";
    /// The token lacks the scope.
    MissingScope = "missing_scope", FORBIDDEN, "The access token does not allow this";
    /// The token is a personal one, and the operation needs a device that signed in.
    SessionRequired = "session_required", FORBIDDEN, "This needs a device that signed in";
    /// The session is too old for something that cannot be undone.
    RecentSignInRequired = "recent_sign_in_required", FORBIDDEN, "This needs a recent sign-in";
    /// No such record.
    NotFound = "not_found", NOT_FOUND, "There is no such thing here";
    /// No such address.
    NoSuchRoute = "no_such_route", NOT_FOUND, "There is no such address";
    /// The address exists, the method does not.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The address does not have this method";
    /// A record with that id exists.
    AlreadyExists = "already_exists", CONFLICT, "A record with this id exists";
    /// The address has an account.
    EmailTaken = "email_taken", CONFLICT, "This e-mail address has an account";
    /// The identity has an account.
    IdentityTaken = "identity_taken", CONFLICT, "This identity has an account";
    /// The action does not fit the state.
    WrongState = "wrong_state", CONFLICT, "This is not possible in the present state";
    /// The device has to begin anew with a snapshot.
    CursorExpired = "cursor_expired", GONE, "The cursor is of no use any more";
    /// `If-Match` named another revision.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "The present state is not the one demanded";
    /// The body is too large.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body did not arrive in time.
    BodyTooSlow = "body_too_slow", REQUEST_TIMEOUT, "The body came too slowly";
    /// The content type is not JSON.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON";
    /// Fields are wrong.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Some fields are not right";
    /// An account or a record would grow beyond an advertised limit.
    LimitExceeded = "limit_exceeded", UNPROCESSABLE_ENTITY, "A limit would be exceeded";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// Somebody asks too often.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    /// The account has as many live streams as it may.
    TooManyStreams = "too_many_streams", TOO_MANY_REQUESTS, "Too many live streams are open";
    /// Our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on the server";
    /// The database is busy or out of reach, or a provider of identities is.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service is not available at the moment";
}

/// A failed request.
#[derive(Debug)]
pub struct ApiError {
    code: Code,
    detail: String,
    errors: Vec<FieldProblem>,
    allow: Option<String>,
    source: Option<String>,
    contended: bool,
    retry_after_secs: Option<u64>,
}

/// One fault of one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON Pointer (RFC 6901) into the body.
    #[schema(examples("/ends_at"))]
    pub pointer: String,
    /// The kind of fault.
    #[schema(examples("inconsistent"))]
    pub code: String,
    /// One sentence for people.
    #[schema(examples("the end must come after the start"))]
    pub detail: String,
}

/// What every failed request answers: a problem document (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// A stable address of this kind of problem.
    #[serde(rename = "type")]
    #[schema(examples("/problems/validation_failed"))]
    pub kind: String,
    /// The same short sentence for every problem of this kind.
    #[schema(examples("Some fields are not right"))]
    pub title: String,
    /// The HTTP status.
    #[schema(examples(422), minimum = 400, maximum = 599)]
    pub status: i32,
    /// What is wrong this time.
    #[schema(examples("1 field is not right"))]
    pub detail: String,
    /// The kind of problem, for programs. Clients must accept codes that they do not know.
    #[schema(examples("validation_failed"))]
    pub code: String,
    /// The faults field by field; absent when no field is at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
    /// The request that failed, as in the `X-Request-Id` header. Absent only on answers that never
    /// reached the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ApiError {
    /// A failure of that kind with one sentence for the caller.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            allow: None,
            source: None,
            contended: false,
            retry_after_secs: (code == Code::Unavailable).then_some(2),
        }
    }

    /// Somebody asks too often, and may come back after so many seconds.
    #[must_use]
    pub fn rate_limited(rate: Rate, retry_after_secs: u64) -> Self {
        let Rate { name, burst, per_minute } = rate;
        let detail = format!(
            "the rate `{name}` allows {burst} requests at once and {per_minute} a minute; \
             wait {retry_after_secs} s"
        );
        let retry_after_secs = Some(retry_after_secs);
        Self { retry_after_secs, ..Self::new(Code::RateLimited, detail) }
    }

    /// A failure of the server itself; `source` is logged, never sent.
    #[must_use]
    pub fn internal(source: impl fmt::Display) -> Self {
        let detail = "the failure was recorded; please try again later";
        Self { source: Some(source.to_string()), ..Self::new(Code::Internal, detail) }
    }

    /// There is no such record.
    #[must_use]
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(Code::NotFound, format!("no {what} with the id {id}"))
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(pointer: &str, code: FaultCode, detail: &str) -> Self {
        let mut errors = FieldErrors::default();
        errors.push(pointer, code, detail);
        errors.into()
    }

    /// The address exists with these methods only.
    #[must_use]
    pub fn method_not_allowed(method: &str, allow: String) -> Self {
        let detail = format!("{method} is not possible here; possible: {allow}");
        Self { allow: Some(allow), ..Self::new(Code::MethodNotAllowed, detail) }
    }

    /// The same failure one level deeper: every pointer gets `prefix` in front.
    #[must_use]
    pub fn nested_under(mut self, prefix: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, prefix);
        }
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Logs the cause of a failure of the server itself: once, by whoever answers.
    pub fn record(&self) {
        let code = self.code.as_str();
        if self.source.is_some() {
            let status = self.code.status().as_u16();
            tracing::error!(status, code, cause = %self, "request failed");
        } else if self.code.status().is_server_error() {
            // Somebody was told to come back; a flood of them must not become a flood of lines.
            tracing::debug!(code, cause = %self, "request refused");
        }
    }

    /// The problem document, without the request's identifier.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: i32::from(self.code.status().as_u16()),
            detail: self.detail.clone(),
            code: self.code.as_str().to_owned(),
            errors: self.errors.clone(),
            request_id: None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.source.as_deref().unwrap_or(&self.detail))
    }
}

impl std::error::Error for ApiError {}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        let detail = match errors.len() {
            1 => "1 field is not right".to_owned(),
            n => format!("{n} fields are not right"),
        };
        let problems = errors.iter().map(|error| FieldProblem {
            pointer: error.pointer.clone(),
            code: error.code.as_str().to_owned(),
            detail: error.detail.clone(),
        });
        Self { errors: problems.collect(), ..Self::new(Code::ValidationFailed, detail) }
    }
}

/// THE table of refusals: what a rule says and how HTTP says it.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            RefusalCode::ValidationFailed | RefusalCode::Malformed => Code::ValidationFailed,
            RefusalCode::LimitExceeded => Code::LimitExceeded,
            RefusalCode::NotFound | RefusalCode::Gone => Code::NotFound,
            RefusalCode::AlreadyExists => Code::AlreadyExists,
            RefusalCode::PreconditionFailed => Code::PreconditionFailed,
            RefusalCode::MutationIdReused => Code::IdempotencyKeyReused,
            RefusalCode::ReadOnly
            | RefusalCode::Deleted
            | RefusalCode::AlreadySent
            | RefusalCode::Immutable
            | RefusalCode::WrongState
            | RefusalCode::PredecessorRejected
            | RefusalCode::GroupRejected => Code::WrongState,
        };
        let errors = Self::from(refusal.errors).errors;
        Self { errors, ..Self::new(code, refusal.detail) }
    }
}

impl From<WriteError<StoreError>> for ApiError {
    fn from(error: WriteError<StoreError>) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Log(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let contended = error.is_contention();
        match error {
            StoreError::Unavailable(why) => {
                let detail = format!("{}; please try again in a moment", Trouble::of(&why).words());
                Self { source: Some(why), ..Self::new(Code::Unavailable, detail) }
            }
            StoreError::Contention(why) => Self {
                source: Some(why),
                contended,
                ..Self::new(Code::Unavailable, "please try again in a moment")
            },
            StoreError::UnknownAccount => {
                Self::new(Code::Unauthenticated, "the account of this token does not exist")
            }
            other => Self::internal(other),
        }
    }
}

impl Transient for ApiError {
    fn is_contention(&self) -> bool {
        self.contended
    }

    fn trouble(&self) -> Option<Trouble> {
        let why = self.source.as_deref().filter(|_| self.code == Code::Unavailable)?;
        (!self.contended).then(|| Trouble::of(why))
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.record();
        let mut answer = HttpResponse::build(self.code.status());
        if self.code.status() == StatusCode::UNAUTHORIZED {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(secs) = self.retry_after_secs {
            answer.insert_header((header::RETRY_AFTER, secs.to_string()));
        }
        if let Some(allow) =
            self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok())
        {
            answer.insert_header((header::ALLOW, allow));
        }
        let mut answer = answer.content_type("application/problem+json").body(self.body());
        answer.extensions_mut().insert(self.problem());
        answer
    }
}

impl ApiError {
    fn body(&self) -> String {
        serde_json::to_string(&self.problem()).unwrap_or_default()
    }
}
