//! Reading a JSON body: size, content type, syntax, and that it is an object.
//!
//! **Must never** buffer more than the advertised limit.

use crate::error::{ApiError, Code};
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use afterview_domain::entities::FaultCode;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;

/// The most bytes of a body, after decompression.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How deeply a body may be nested. No record needs a tenth of it; and what is kept of a body, one day
/// inside of an answer, must stay readable for parsers that stop at 128 levels.
const MAX_DEPTH: usize = 64;

/// A JSON object sent by a client, and what identifies the request for a repetition.
#[derive(Debug)]
pub struct JsonBody {
    /// The object; empty when no body was sent.
    pub map: Map<String, Value>,
    /// SHA-256 over method, address and body, in hexadecimal.
    pub fingerprint: String,
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
        let bytes = web::Bytes::from_request(&request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| unreadable(&request, &error))?;
            let map = if bytes.is_empty() { Map::new() } else { parse(&request, &bytes)? };
            Ok(Self { map, fingerprint: fingerprint(&request, &bytes) })
        })
    }
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
        Ok(Value::Object(map)) if map.values().any(|value| is_deeper_than(value, MAX_DEPTH)) => {
            let detail = format!("nested more than {MAX_DEPTH} levels deep");
            Err(ApiError::new(Code::MalformedJson, detail))
        }
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiError::field("", FaultCode::Type, "expected an object")),
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
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
