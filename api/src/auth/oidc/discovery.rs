//! Asking a provider where its keys are, and for them (OpenID Connect Discovery 1.0).
//!
//! **Must never** follow a redirection, read an answer of any length, or take keys over a network in the
//! clear.

use super::key_set::KeySet;
use crate::notifications::fcm::endpoint::{endpoint, is_loopback};
use crate::outbound::read_up_to;
use actix_web::http::header::CacheDirective;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use std::time::Duration;

/// Answers are read up to this many bytes; real ones have some thousand.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Why a provider gave no keys, as the end of a sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("cannot be reached")]
    Unreachable,
    /// It took too long.
    #[error("gave no whole answer in time")]
    TimedOut,
    /// Not 200; the status is in it.
    #[error("answered with the status {0}")]
    Status(u16),
    /// Another media type, or not what it says.
    #[error("answered with something that is not the JSON that was asked for")]
    Unreadable,
    /// The description is somebody else's.
    #[error("calls itself by another name than the issuer in the settings")]
    OtherIssuer,
    /// The keys are at an address that must not be used.
    #[error("names an address of its keys that is not https")]
    Keys,
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    /// For so many seconds they are good, if the provider said so.
    pub(super) max_age: Option<u32>,
}

/// Where the keys of one provider come from.
#[derive(Debug)]
pub(super) struct Source {
    http: reqwest::Client,
    issuer: String,
    description: Url,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

impl Source {
    /// The source of `issuer`, which has `timeout` for all it is asked for together. It connects when it is
    /// first asked.
    ///
    /// # Errors
    /// One sentence: the address or the library for TLS cannot be used.
    pub(super) fn new(issuer: &str, timeout: Duration) -> Result<Self, String> {
        let base = endpoint(issuer).map_err(|why| format!("issuer {why}"))?;
        let mut description = base.clone();
        let path = base.path().trim_end_matches('/');
        description.set_path(&format!("{path}/.well-known/openid-configuration"));
        let mut builder = reqwest::Client::builder().redirect(Policy::none());
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { http, issuer: issuer.to_owned(), description, timeout })
    }

    /// The keys as they are now.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) async fn fetch(&self) -> Result<Fetched, FetchError> {
        let both = tokio::time::timeout(self.timeout, self.fetch_both());
        both.await.unwrap_or(Err(FetchError::TimedOut))
    }

    async fn fetch_both(&self) -> Result<Fetched, FetchError> {
        let (_, body) = self.get(self.description.clone()).await?;
        let description: Description =
            serde_json::from_slice(&body).map_err(|_other| FetchError::Unreadable)?;
        if description.issuer != self.issuer {
            return Err(FetchError::OtherIssuer);
        }
        let (headers, body) = self.get(self.place_of_keys(&description.jwks_uri)?).await?;
        let keys = KeySet::read(&body).ok_or(FetchError::Unreadable)?;
        Ok(Fetched { keys, max_age: max_age(&headers) })
    }

    /// A provider elsewhere has no business on this machine, and one on this machine may speak in the clear.
    fn place_of_keys(&self, text: &str) -> Result<Url, FetchError> {
        let url = Url::parse(text).map_err(|_unreadable| FetchError::Keys)?;
        let local = is_loopback(&self.description) && is_loopback(&url) && url.scheme() == "http";
        let good = local || url.scheme() == "https";
        if good && url.has_host() { Ok(url) } else { Err(FetchError::Keys) }
    }

    async fn get(&self, url: Url) -> Result<(HeaderMap, Vec<u8>), FetchError> {
        let request = self.http.get(url).header("accept", "application/json");
        let response = request.send().await.map_err(|_gone| FetchError::Unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let headers = response.headers().clone();
        if !is_json(&headers) {
            return Err(FetchError::Unreadable);
        }
        let body = read_up_to(response, MAX_ANSWER_BYTES).await;
        Ok((headers, body.map_err(|_gone| FetchError::Unreachable)?))
    }
}

/// `application/json`, or `application/jwk-set+json` and its like.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// For how many seconds an answer is good, if it says so. Public for fuzzing only.
#[must_use]
pub fn max_age(headers: &HeaderMap) -> Option<u32> {
    let said = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|value| value.split(',')).find_map(|directive| match directive.trim().parse() {
        Ok(CacheDirective::MaxAge(seconds)) => Some(seconds),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn keys_are_taken_over_https_or_by_a_provider_here_from_here() {
        let source = |issuer: &str| Source::new(issuer, Duration::ZERO).expect("a source");
        let (elsewhere, here) =
            (source("https://accounts.example.org"), source("http://127.0.0.1:9000"));
        for good in ["https://keys.example.org/jwks", "https://keys.example.org/jwks?v=3"] {
            assert!(elsewhere.place_of_keys(good).is_ok() && here.place_of_keys(good).is_ok());
        }
        let local = "http://127.0.0.1:9000/jwks";
        assert!(here.place_of_keys(local).is_ok());
        assert_eq!(elsewhere.place_of_keys(local), Err(FetchError::Keys));
        for bad in ["http://keys.example.org/jwks", "file:///etc/passwd", "/jwks", ""] {
            assert_eq!(here.place_of_keys(bad), Err(FetchError::Keys), "{bad}");
            assert_eq!(elsewhere.place_of_keys(bad), Err(FetchError::Keys), "{bad}");
        }
    }

    #[test]
    fn the_description_is_below_the_issuer_with_a_slash_at_its_end_or_without() {
        for (issuer, description) in [
            ("https://a.example", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/r/x", "https://a.example/r/x/.well-known/openid-configuration"),
        ] {
            let source = Source::new(issuer, Duration::ZERO).expect("a source");
            assert_eq!(source.description.as_str(), description);
        }
    }

    #[test]
    fn what_the_headers_say_is_understood() {
        let headers = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        for (value, seconds) in [
            ("public, max-age=19000, must-revalidate", Some(19_000)),
            ("max-age=0", Some(0)),
            ("no-store", None),
            ("max-age=-1", None),
            ("max-age=99999999999", None),
            ("", None),
        ] {
            assert_eq!(max_age(&headers(CACHE_CONTROL, value)), seconds, "{value}");
        }
        for (value, good) in [
            ("application/json; charset=UTF-8", true),
            ("Application/JSON", true),
            ("application/jwk-set+json", true),
            ("text/html", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_json(&headers(CONTENT_TYPE, value)), good, "{value}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
