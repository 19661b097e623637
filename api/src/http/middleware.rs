//! What happens around every request: its identifier, `HEAD`, the log line, and the identifier's
//! way into a problem document.
//!
//! **Must never** change the body of a success.

use crate::app::AppState;
use crate::error::{ApiError, Code, Problem};
use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    let id = request_id(&request);
    // A GET without its body; the server leaves the body out by itself (RFC 9110).
    let head_only = request.method() == Method::HEAD;
    if head_only {
        request.head_mut().method = Method::GET;
    }
    let span = tracing::debug_span!("request", id = %id, method = %request.method());
    let mut response = if let Some(refusal) = zero_character(&request) {
        request.error_response(refusal)
    } else {
        next.call(request).instrument(span.clone()).await?.map_into_boxed_body()
    };
    span.in_scope(|| {
        let route = response.request().match_pattern().unwrap_or_default();
        tracing::debug!(route, status = response.status().as_u16(), "answered");
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    // A body without end would occupy the connection although nothing of it is sent.
    if head_only && response.response().body().size() == BodySize::Stream {
        return Ok(response.map_body(|_, _| BoxBody::new(body::None::new())));
    }
    let problem = response.response().extensions().get::<Problem>().cloned();
    let Some(problem) = problem else { return Ok(response) };
    let text = serde_json::to_string(&Problem { request_id: Some(id), ..problem })?;
    Ok(response.map_body(|_, _| BoxBody::new(text)))
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
