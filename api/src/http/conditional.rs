//! Conditional requests (RFC 9110): entity tags are revisions in quotes.

use crate::error::{ApiError, Code};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use afterview_domain::clock::Instant;
use afterview_domain::sync::Precondition;

/// What a write demands, from `If-Match` or `If-None-Match: *`.
///
/// # Errors
/// [`Code::InvalidParameter`] when a header cannot be understood.
pub fn precondition(request: &HttpRequest) -> Result<Option<Precondition>, ApiError> {
    if let Some(text) = text(request, &header::IF_MATCH)? {
        if text.trim() == "*" {
            return Ok(Some(Precondition::Exists(Vec::new())));
        }
        let revs: Vec<i64> = text.split(',').filter_map(|tag| revision(tag.trim())).collect();
        if revs.is_empty() {
            let detail =
                "If-Match must hold an entity tag of this record, such as \"1780000000000\"";
            return Err(ApiError::new(Code::InvalidParameter, detail));
        }
        return Ok(Some(Precondition::Exists(revs)));
    }
    match text(request, &header::IF_NONE_MATCH)? {
        None => Ok(None),
        Some(text) if text.trim() == "*" => Ok(Some(Precondition::Absent)),
        Some(_) => Err(ApiError::new(
            Code::InvalidParameter,
            "on a write only `If-None-Match: *` has a meaning",
        )),
    }
}

/// Whether the client has `tag` (without quotes) already, by `If-None-Match`.
#[must_use]
pub fn is_known(request: &HttpRequest, tag: &str) -> bool {
    known_tags(request).any(|known| known == "*" || known == tag)
}

/// The tags (without quotes) that the client has, by `If-None-Match`.
pub fn known_tags(request: &HttpRequest) -> impl Iterator<Item = &str> {
    let header = request.headers().get(header::IF_NONE_MATCH);
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(',').map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
}

/// The tag of an answer that depends on the time, `head-from-until`: the state of the account's log
/// and the span of time for which the answer stays the same.
#[must_use]
pub fn span_tag(head: i64, from: Instant, until: Option<Instant>) -> String {
    let until = until.map_or(i64::MAX, |at| at.timestamp_millis());
    format!("{head}-{}-{until}", from.timestamp_millis())
}

/// Whether an answer with that tag is still the same at `now`.
#[must_use]
pub fn span_holds(tag: &str, head: i64, now: Instant) -> bool {
    let mut parts = tag.split('-').map(str::parse::<i64>);
    let (Some(Ok(known)), Some(Ok(from)), Some(Ok(until))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    known == head && (from..until).contains(&now.timestamp_millis())
}

fn text<'r>(request: &'r HttpRequest, name: &HeaderName) -> Result<Option<&'r str>, ApiError> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    match value.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(ApiError::new(Code::InvalidParameter, format!("{name} is not plain text"))),
    }
}

fn revision(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}
