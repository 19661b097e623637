//! Query parameters: read strictly, so that a misspelt one is not silently ignored.

use crate::error::{ApiError, Code};
use actix_web::{HttpRequest, web};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::hex::hex;
use afterview_domain::ids;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How many items a page has unless asked otherwise.
pub const DEFAULT_LIMIT: i64 = 50;

/// How many items a page has at most; more is read as this.
pub const MAX_LIMIT: i64 = 200;

/// The parameters of one request.
#[derive(Debug)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads the parameters; only `allowed` names may appear.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`] naming the first unknown one.
    pub fn of(request: &HttpRequest, allowed: &[&str]) -> Result<Self, ApiError> {
        let parsed = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs =
            parsed.map_err(|error| invalid(&format!("the query cannot be read: {error}")))?;
        let mut map = BTreeMap::new();
        for (name, value) in pairs.into_inner() {
            if !allowed.contains(&name.as_str()) {
                let known = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
                return Err(invalid(&format!("no parameter `{name}` here; possible: {known}")));
            }
            if map.insert(name.clone(), value).is_some() {
                return Err(invalid(&format!("`{name}` stands twice")));
            }
        }
        Ok(Self(map))
    }

    /// The parameter as it stands.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parameter as an instant.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`].
    pub fn instant(&self, name: &str) -> Result<Option<Instant>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match parse_instant(text) {
            Ok(at) => Ok(Some(at)),
            Err((_, detail)) => Err(invalid(&format!("`{name}`: {detail}"))),
        }
    }

    /// The parameter as the identifier of a record.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`].
    pub fn id(&self, name: &str) -> Result<Option<String>, ApiError> {
        match self.text(name) {
            Some(id) if !ids::is_record_id(id) => {
                Err(invalid(&format!("`{name}` is not an identifier")))
            }
            other => Ok(other.map(str::to_owned)),
        }
    }

    /// The parameter as one of `words`.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`].
    pub fn word(&self, name: &str, words: &[&str]) -> Result<Option<String>, ApiError> {
        match self.text(name) {
            Some(word) if !words.contains(&word) => {
                Err(invalid(&format!("`{name}` must be one of {}", words.join(", "))))
            }
            other => Ok(other.map(str::to_owned)),
        }
    }

    /// The parameter as a whole number above zero.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`].
    pub fn count(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(count) if count > 0 => Ok(Some(count)),
            _ => Err(invalid(&format!("`{name}` must be a whole number above zero"))),
        }
    }

    /// How many items the page is to have.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`] when `limit` is not a whole number above zero.
    pub fn limit(&self) -> Result<i64, ApiError> {
        Ok(self.count("limit")?.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT))
    }

    /// The parameter as names of collections, separated by commas.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`].
    pub fn collections(&self, name: &str) -> Result<Option<Vec<Collection>>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let named = text.split(',').map(|word| {
            let unknown = || invalid(&format!("`{name}`: there is no collection `{word}`"));
            Collection::from_word(word).ok_or_else(unknown)
        });
        named.collect::<Result<_, _>>().map(Some)
    }

    /// The position after which the page begins, from `cursor`.
    ///
    /// # Errors
    /// [`Code::InvalidCursor`] when the cursor was made for other parameters or is damaged.
    pub fn position(&self, list: &str) -> Result<Option<String>, ApiError> {
        let Some(cursor) = self.text("cursor") else { return Ok(None) };
        let bytes =
            URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let position = bytes.as_deref().and_then(|text| {
            let (digest, position) = text.split_once(':')?;
            (digest == self.digest(list)).then(|| position.to_owned())
        });
        let wrong = || {
            ApiError::new(
                Code::InvalidCursor,
                "start again without a cursor, or send the parameters of the first page",
            )
        };
        position.map(Some).ok_or_else(wrong)
    }

    /// The cursor of a page that ends at `position`.
    #[must_use]
    pub fn cursor(&self, list: &str, position: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{position}", self.digest(list)))
    }

    /// Digest of the list and its filters, without cursor and limit.
    #[must_use]
    pub fn digest(&self, list: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(list);
        for (name, value) in
            self.0.iter().filter(|(name, _)| !["cursor", "limit"].contains(&name.as_str()))
        {
            hash.update(format!("\n{name}={value}"));
        }
        hex(hash.finalize().into_iter().take(6))
    }
}

fn invalid(detail: &str) -> ApiError {
    ApiError::new(Code::InvalidParameter, detail)
}
