//! What Google answers when something is wrong.

use crate::double::Answer;
use serde_json::{Value, json};

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

impl Answer {
    /// An error of the interface with `code` in an `FcmError` and `details` before it.
    #[must_use]
    pub fn fcm(status: u16, code: &str, details: &[Value]) -> Self {
        let mut details = details.to_vec();
        details.push(json!({ "@type": FCM_ERROR, "errorCode": code }));
        Self::error(status, &json!({ "details": details }))
    }

    /// An error of Google's interfaces in general; `fields` come on top of the usual ones.
    #[must_use]
    pub fn error(status: u16, fields: &Value) -> Self {
        let general = match status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        let mut error = json!({ "code": status, "message": "No.", "status": general });
        for (name, value) in fields.as_object().into_iter().flatten() {
            error[name] = value.clone();
        }
        Self::Status { status, body: json!({ "error": error }), retry_after: None }
    }

    /// An invalid argument whose violation names `field`.
    #[must_use]
    pub fn invalid(field: &str) -> Self {
        let violations = json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{ "field": field, "description": "Not so." }],
        });
        Self::fcm(400, "INVALID_ARGUMENT", &[violations])
    }

    /// A used up quota of `subject`, such as `device:…` or `project:…`.
    #[must_use]
    pub fn quota(subject: &str) -> Self {
        let failure = json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{ "subject": subject, "description": "Too many." }],
        });
        Self::fcm(429, "QUOTA_EXCEEDED", &[failure])
    }

    /// A refusal of the token endpoint (RFC 6749, section 5.2).
    #[must_use]
    pub fn oauth(status: u16, error: &str) -> Self {
        let body = json!({ "error": error, "error_description": "Account not found" });
        Self::Status { status, body, retry_after: None }
    }
}
