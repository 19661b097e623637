//! Where events may go: what can be told of an address without asking a name server. The rest is told when
//! it is connected to (`outbound.rs`).
//!
//! **Must never** repeat an address: it may hold a secret.

use crate::error::ApiError;
use crate::outbound::{NotPublic, Outbound, Reach};
use afterview_domain::entities::FaultCode;
use reqwest::Url;

/// Where the address stands in a body.
const POINTER: &str = "/url";

/// Reads an address to which events may be sent.
///
/// # Errors
/// [`Code::ValidationFailed`](crate::error::Code::ValidationFailed), saying what it must be.
pub fn parse(text: &str, outbound: &Outbound) -> Result<Url, ApiError> {
    let refused = |detail: &str| ApiError::field(POINTER, FaultCode::NotAllowed, detail);
    let url = Url::parse(text).map_err(|_unreadable| refused("must be an https address"))?;
    let is_open = outbound.reach() == Reach::Anywhere;
    if url.scheme() != "https" && !(is_open && url.scheme() == "http") {
        return Err(refused("must be an https address"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refused("must name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not hold a user name or a password"));
    }
    if url.fragment().is_some() {
        return Err(refused("must not have a part behind #"));
    }
    let private = |_: NotPublic| refused("must be an address that the whole internet may reach");
    outbound.check(&url).map_err(private)?;
    Ok(url)
}

/// The host of a stored address, which is all of it that may be shown.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}
