//! `Idempotency-Key`: a repeated POST gets the answer of the first one.
//!
//! The answer is kept in the transaction of the request, and units of one account run one after
//! the other: a repetition finds the whole answer or does the work itself, never both.

use crate::app::AppState;
use crate::error::{ApiError, Code};
use crate::http::answer::Answer;
use crate::store::AccountWrite;
use crate::store::idempotency::KeptAnswer;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// The header, if sent.
pub struct IdempotencyKey(Option<String>);

/// The name of the header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The most characters of a key.
const MAX_KEY: usize = 255;

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(IDEMPOTENCY_KEY);
        ready(match header.map(|value| value.to_str()) {
            None => Ok(Self(None)),
            Some(Ok(key)) if (1..=MAX_KEY).contains(&key.len()) => Ok(Self(Some(key.to_owned()))),
            Some(_) => {
                let detail = format!("Idempotency-Key has 1 to {MAX_KEY} plain characters");
                Err(ApiError::new(Code::InvalidParameter, detail))
            }
        })
    }
}

/// The answer that the same request got before, for work that cannot be done inside of a write. Who finds
/// none does it and keeps its answer by [`once`].
///
/// # Errors
/// [`Code::IdempotencyKeyReused`] when the key belongs to another request.
pub async fn kept(
    state: &AppState,
    (account_id, session_id): (&str, &str),
    key: &IdempotencyKey,
    fingerprint: &str,
) -> Result<Option<Answer>, ApiError> {
    let Some(key) = key.0.clone() else { return Ok(None) };
    let find = move |unit: &mut AccountWrite<'_>| Ok::<_, ApiError>(unit.kept_answer(&key)?);
    let found = state.store.write(account_id, session_id, find).await?;
    found.map(|kept| replay(kept, fingerprint)).transpose()
}

/// Runs `work` in one write, or gives the answer that the same request got before.
///
/// # Errors
/// What `work` answers; [`Code::IdempotencyKeyReused`] when the key belongs to another request.
/// Failures are not kept: a corrected request may use the key again.
pub async fn once<F>(
    state: &AppState,
    (account_id, session_id): (&str, &str),
    key: IdempotencyKey,
    fingerprint: String,
    mut work: F,
) -> Result<Answer, ApiError>
where
    F: FnMut(&mut AccountWrite<'_>) -> Result<Answer, ApiError> + Send + 'static,
{
    let IdempotencyKey(key) = key;
    let unit = move |unit: &mut AccountWrite<'_>| {
        let Some(key) = &key else { return work(unit) };
        if let Some(kept) = unit.kept_answer(key)? {
            return replay(kept, &fingerprint);
        }
        let answer = work(unit)?;
        unit.keep_answer(key, &keep(&answer, &fingerprint))?;
        Ok(answer)
    };
    state.store.write(account_id, session_id, unit).await
}

fn replay(kept: KeptAnswer, fingerprint: &str) -> Result<Answer, ApiError> {
    if kept.request_hash != fingerprint {
        return Err(ApiError::new(Code::IdempotencyKeyReused, "make a new key for a new request"));
    }
    let status =
        u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    Ok(Answer {
        status: status.ok_or_else(|| ApiError::internal("a kept answer has no status"))?,
        etag: kept.etag,
        location: kept.location,
        body: kept.body,
    })
}

fn keep(answer: &Answer, fingerprint: &str) -> KeptAnswer {
    KeptAnswer {
        request_hash: fingerprint.to_owned(),
        status: i32::from(answer.status.as_u16()),
        etag: answer.etag,
        location: answer.location.clone(),
        body: answer.body.clone(),
    }
}
