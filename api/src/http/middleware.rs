//! What happens around every request: its identifier, `HEAD`, the rate of its address, whose personal token
//! it shows, the log line, the headers that protect, and the identifier's way into a problem document.
//!
//! **Must never** change the body of a success.

use crate::app::AppState;
use crate::auth::caller::recognise;
use crate::error::{ApiError, Code, Problem};
use crate::http::{client_address, rxdb};
use crate::logs::{self, Request};
use crate::rate_limits::{Rate, Standing};
use crate::traces;
use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{Instrument, Span};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is left of a rate, and the rate (draft-ietf-httpapi-ratelimit-headers).
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Nothing here is for caches that others read, for frames, or to be taken for something else than it says;
/// a page that shows more says so itself (OWASP REST Security Cheat Sheet).
const PROTECTION: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// What the interactive documentation loads, all from this server.
const OF_THE_DOCUMENTATION: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/// From when on a request is slow: people notice.
const SLOW: Duration = Duration::from_secs(1);

/// The most characters of a request identifier that is taken over from the client.
const MAX_REQUEST_ID: usize = 128;

/// Surrounds one request.
///
/// # Errors
/// What the services inside answer.
pub async fn surround(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let asked = Arc::new(Request {
        id: request_id(&request),
        method: request.method().clone(),
        uri: request.uri().clone(),
        routes: state.as_ref().map(|state| Arc::clone(&state.routes)),
    });
    let in_flight = state.as_ref().map(|state| state.metrics.http.begin());
    // A GET without its body; the server leaves the body out by itself (RFC 9110).
    let head_only = request.method() == Method::HEAD;
    if head_only {
        request.head_mut().method = Method::GET;
    }
    let span = traces::request(&asked, request.headers());
    let answer = answer(request, next).instrument(span.clone());
    let mut response = logs::within(Arc::clone(&asked), answer).await?;
    drop(in_flight);
    if let Some(state) = &state {
        logs::within_sync(Some(&asked), || count(state, &asked, &response, &span, began.elapsed()));
    }
    let id = asked.id.clone();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    protect(&mut response);
    // A body without end would occupy the connection although nothing of it is sent.
    if head_only && response.response().body().size() == BodySize::Stream {
        return Ok(response.map_body(|_, _| BoxBody::new(body::None::new())));
    }
    let problem = response.response().extensions().get::<Problem>().cloned();
    let Some(problem) = problem else { return Ok(response) };
    if response.request().path().starts_with(rxdb::PLAIN) {
        let text = format!("{}: {}\n", problem.code, problem.detail);
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        return Ok(response.map_body(|_, _| BoxBody::new(text)));
    }
    let text = serde_json::to_string(&Problem { request_id: Some(id), ..problem })?;
    Ok(response.map_body(|_, _| BoxBody::new(text)))
}

/// What the services inside answer, unless the request goes no further.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(refusal) = zero_character(&request).or_else(|| too_often(&request)) {
        return Ok(request.error_response(refusal));
    }
    recognise(request.request()).await;
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Counts an answer, and logs it: every one for whoever looks closely, a slow one for everybody.
fn count(
    state: &AppState,
    asked: &Request,
    response: &ServiceResponse<BoxBody>,
    span: &Span,
    took: Duration,
) {
    let (route, status) = (response.request().match_pattern(), response.status());
    state.metrics.http.answered(asked.verb(), route.as_deref(), status, took);
    traces::answered(span, asked, route.as_deref(), status);
    let (status, duration_ms) = (status.as_u16(), took.as_millis());
    tracing::debug!(status, duration_ms, "answered");
    if took >= SLOW
        && let Some(left_out) = state.slow_requests.pass()
    {
        tracing::info!(status, duration_ms, left_out, "slow request");
    }
}

/// Counts the request for the address that it comes from.
fn too_often(request: &ServiceRequest) -> Option<ApiError> {
    let state = request.app_data::<web::Data<AppState>>()?;
    let address = client_address::of(request.peer_addr(), request.headers(), state);
    match state.rates.address(address) {
        Ok(standing) => {
            note(request.request(), standing);
            None
        }
        Err(refusal) => Some(refusal),
    }
}

/// Remembers for the answer what is left of a rate; of several, the one of which least is left.
pub fn note(request: &HttpRequest, standing: Option<Standing>) {
    let Some(standing) = standing else { return };
    let mut noted = request.extensions_mut();
    if noted.get::<Standing>().is_none_or(|other| standing.remaining < other.remaining) {
        noted.insert(standing);
    }
}

/// The headers that every answer has, unless it has others.
fn protect(response: &mut ServiceResponse<BoxBody>) {
    let standing = response.request().extensions().get::<Standing>().copied();
    let state = response.request().app_data::<web::Data<AppState>>();
    let by_https = state.is_some_and(|state| state.tokens.issuer().starts_with("https://"));
    let is_docs = response.request().path().starts_with("/docs/");
    let headers = response.headers_mut();
    if is_docs {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(OF_THE_DOCUMENTATION));
    }
    for (name, value) in PROTECTION {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if by_https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    if let Some(Standing { rate, remaining }) = standing {
        let Rate { name, burst, per_minute } = rate;
        let window_secs = burst.get().saturating_mul(60) / per_minute;
        let policy = format!("\"{name}\";q={burst};w={window_secs}");
        let left = format!("\"{name}\";r={remaining}");
        for (header, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }
}

/// Refuses an address with the character U+0000. No name and no parameter has it, and what SQLite would
/// look for in vain, PostgreSQL takes for a failure.
fn zero_character(request: &ServiceRequest) -> Option<ApiError> {
    let detail = "the address holds a zero character";
    if request.uri().path().contains("%00") {
        Some(ApiError::new(Code::NotFound, detail))
    } else if request.query_string().contains("%00") {
        Some(ApiError::new(Code::InvalidParameter, detail))
    } else {
        None
    }
}

/// The client's identifier if it is short and plain, else a fresh one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (1..=MAX_REQUEST_ID).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
    };
    if let Some(id) = given.filter(plain) {
        return id.to_owned();
    }
    let state = request.app_data::<web::Data<AppState>>();
    state.map_or_else(String::new, |state| state.ids.record_id(state.clock.now()))
}
