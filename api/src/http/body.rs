//! Reading a JSON body: size, content type, syntax, and that it is an object.
//!
//! **Must never** buffer more than the advertised limit.

use crate::error::{ApiError, Code};
use crate::http::idempotency::IDEMPOTENCY_KEY;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use afterview_domain::entities::FaultCode;
use afterview_domain::hex::hex;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

/// The most bytes of a body, after decompression.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The slowest connection that a body may come by.
const SLOWEST_BYTES_PER_SEC: usize = 64 * 1024;

/// How deeply a body may be nested. No record needs a tenth of it; and what is kept of a body, one day
/// inside of an answer, must stay readable for parsers that stop at 128 levels.
const MAX_DEPTH: usize = 64;

/// A JSON object sent by a client, and what identifies the request for a repetition.
#[derive(Debug)]
pub struct JsonBody {
    /// The object; empty when no body was sent.
    pub map: Map<String, Value>,
    /// SHA-256 over method, address and body, in hexadecimal; empty unless the request has a key by which
    /// a repetition is recognised.
    pub fingerprint: String,
    /// How long the body was, after decompression.
    pub bytes: usize,
}

/// The most bytes of a body on a route that takes more than others; data of the route, together with
/// a payload configuration of the same size.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl FromRequest for JsonBody {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = bytes(&request, payload);
        Box::pin(async move {
            let bytes = bytes.await?;
            let map = if bytes.is_empty() { Map::new() } else { parse(&request, &bytes)? };
            let fingerprint = match request.headers().contains_key(IDEMPOTENCY_KEY) {
                true => fingerprint(&request, &bytes),
                false => String::new(),
            };
            Ok(Self { map, fingerprint, bytes: bytes.len() })
        })
    }
}

/// The whole body of a route whose caller and type are known already.
///
/// # Errors
/// [`Code::BodyTooLarge`]; [`Code::BodyTooSlow`].
pub async fn read_all(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<web::Bytes, ApiError> {
    bytes(request, &mut payload.into_inner()).await
}

/// The JSON value of a body whose caller is known already, of whatever kind.
///
/// # Errors
/// [`Code::BodyTooLarge`]; [`Code::BodyTooSlow`]; [`Code::UnsupportedMediaType`]; [`Code::MalformedJson`].
pub async fn json_values(request: &HttpRequest, payload: web::Payload) -> Result<Value, ApiError> {
    parse_any(request, &read_all(request, payload).await?)
}

/// The bytes of a body, decompressed, if they come in time.
fn bytes(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<web::Bytes, ApiError>> + use<> {
    let request = request.clone();
    let bytes = web::Bytes::from_request(&request, payload);
    async move {
        let limit = request.app_data::<BodyLimit>().map_or(MAX_BODY_BYTES, |limit| limit.0);
        match timeout(time_for(limit), bytes).await {
            Ok(bytes) => bytes.map_err(|error| unreadable(&request, &error)),
            Err(_late) => {
                let detail = "the body did not arrive in time";
                Err(ApiError::new(Code::BodyTooSlow, detail))
            }
        }
    }
}

/// How long a body may take: half a minute, and as long as a slow mobile connection needs for the largest.
pub(super) fn time_for(limit: usize) -> Duration {
    let secs = u64::try_from(limit / SLOWEST_BYTES_PER_SEC).unwrap_or(u64::MAX);
    Duration::from_secs(30_u64.saturating_add(secs))
}

fn unreadable(request: &HttpRequest, error: &actix_web::Error) -> ApiError {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        let limit = request.app_data::<BodyLimit>().map_or(MAX_BODY_BYTES, |limit| limit.0);
        let detail = format!("a body has at most {limit} bytes here");
        return ApiError::new(Code::BodyTooLarge, detail);
    }
    ApiError::new(Code::BadRequest, format!("the body cannot be read: {error}"))
}

fn parse(request: &HttpRequest, bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    match parse_any(request, bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(ApiError::field("", FaultCode::Type, "expected an object")),
    }
}

fn parse_any(request: &HttpRequest, bytes: &[u8]) -> Result<Value, ApiError> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !["application/json", "application/merge-patch+json"]
        .iter()
        .any(|t| essence.eq_ignore_ascii_case(t))
    {
        let detail = format!("send application/json, got {}", given.unwrap_or("no content type"));
        return Err(ApiError::new(Code::UnsupportedMediaType, detail));
    }
    match serde_json::from_slice(bytes) {
        Ok(value) if is_deeper_than(&value, MAX_DEPTH + 1) => {
            let detail = format!("nested more than {MAX_DEPTH} levels deep");
            Err(ApiError::new(Code::MalformedJson, detail))
        }
        Ok(value) => Ok(value),
        Err(error) => Err(ApiError::new(Code::MalformedJson, error.to_string())),
    }
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return value.is_array() || value.is_object();
    };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper_than(item, below)),
        Value::Object(map) => map.values().any(|item| is_deeper_than(item, below)),
        _ => false,
    }
}

fn fingerprint(request: &HttpRequest, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(request.method().as_str());
    hash.update([0]);
    hash.update(request.uri().to_string());
    hash.update([0]);
    hash.update(bytes);
    hex(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::error::PayloadError;
    use actix_web::test::TestRequest;
    use futures_util::stream::{self, Stream};

    #[actix_web::test]
    async fn a_body_that_never_ends_is_given_up_after_a_time_that_fits_its_limit() {
        tokio::time::pause();
        for (limit, secs) in [(MAX_BODY_BYTES, 46), (4 * MAX_BODY_BYTES, 94)] {
            let request = TestRequest::default().app_data(BodyLimit(limit)).to_http_request();
            let never: Pin<Box<dyn Stream<Item = Result<web::Bytes, PayloadError>>>> =
                Box::pin(stream::pending());
            let mut payload = Payload::Stream { payload: never };
            let began = tokio::time::Instant::now();
            let error = bytes(&request, &mut payload).await.expect_err("too slow");
            assert_eq!((error.code(), began.elapsed().as_secs()), (Code::BodyTooSlow, secs));
        }
    }
}
