//! Reading what a form of one of our pages sends.
//!
//! **Must never** buffer more than a form can hold.

use crate::error::{ApiError, Code};
use crate::http::body::time_for;
use actix_web::dev::{Payload, UrlEncoded};
use actix_web::error::UrlencodedError;
use actix_web::{FromRequest, HttpRequest};
use serde_json::{Map, Value};
use std::future::Future;
use std::pin::Pin;
use tokio::time::timeout;

/// The most bytes of a form.
pub const MAX_FORM_BYTES: usize = 4 * 1024;

/// The fields of a form; or why there are none, for the page that says so.
#[derive(Debug)]
pub struct Form(pub Result<Map<String, Value>, ApiError>);

impl FromRequest for Form {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = UrlEncoded::new(request, payload).limit(MAX_FORM_BYTES);
        Box::pin(async move {
            Ok(Self(match timeout(time_for(MAX_FORM_BYTES), fields).await {
                Ok(fields) => fields.map_err(|error| unreadable(&error)),
                Err(_late) => {
                    Err(ApiError::new(Code::BodyTooSlow, "the form did not arrive in time"))
                }
            }))
        })
    }
}

fn unreadable(error: &UrlencodedError) -> ApiError {
    match error {
        UrlencodedError::Overflow { .. } => {
            let detail = format!("a form has at most {MAX_FORM_BYTES} bytes");
            ApiError::new(Code::BodyTooLarge, detail)
        }
        UrlencodedError::ContentType => {
            ApiError::new(Code::UnsupportedMediaType, "send application/x-www-form-urlencoded")
        }
        _ => ApiError::new(Code::BadRequest, "the form cannot be read"),
    }
}
