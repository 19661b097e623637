//! A successful answer before it becomes HTTP, so that it can be kept for a repeated request.

use crate::error::ApiError;
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use afterview_domain::sync::Record;
use serde::Serialize;

/// A successful answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Revision for the entity tag.
    pub etag: Option<i64>,
    /// `Location`.
    pub location: Option<String>,
    /// JSON text; empty for no content.
    pub body: String,
}

impl Answer {
    /// 200 with a value.
    ///
    /// # Errors
    /// [`Code::Internal`](crate::error::Code::Internal) when the value has no JSON form.
    pub fn ok(value: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_string(value).map_err(ApiError::internal)?;
        Ok(Self { status: StatusCode::OK, etag: None, location: None, body })
    }

    /// 201 with a value and its address.
    ///
    /// # Errors
    /// As [`Answer::ok`].
    pub fn created(value: &impl Serialize, location: String) -> Result<Self, ApiError> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location), ..Self::ok(value)? })
    }

    /// 200 with a record and its entity tag.
    ///
    /// # Errors
    /// As [`Answer::ok`].
    pub fn record(record: &Record) -> Result<Self, ApiError> {
        Ok(Self { etag: Some(record.rev), ..Self::ok(&record.doc)? })
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, etag: None, location: None, body: String::new() }
    }

    /// The same with the entity tag of `rev`.
    #[must_use]
    pub fn with_etag(self, rev: Option<i64>) -> Self {
        Self { etag: rev, ..self }
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        let mut response = Self::build(answer.status);
        if let Some(rev) = answer.etag {
            response.insert_header((header::ETAG, format!("\"{rev}\"")));
        }
        if let Some(location) = answer.location {
            response.insert_header((header::LOCATION, location));
        }
        if answer.body.is_empty() {
            return response.finish();
        }
        response.content_type("application/json").body(answer.body)
    }
}
