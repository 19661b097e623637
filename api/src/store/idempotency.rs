//! Answers to requests that carried an `Idempotency-Key`, kept for a day.
//!
//! Written in the transaction of the request itself, so a repeated request finds either the whole
//! result or nothing; units of one account run one after the other, so it never finds half.

use super::schema::idempotency_keys as keys;
use super::{AccountWrite, StoreError};
use diesel::prelude::*;

/// How long an answer is kept, in milliseconds.
pub const KEPT_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// How many outdated answers one write clears away, so that none pays for all.
const SWEEP: i64 = 20;

/// An answer as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct KeptAnswer {
    /// Digest of the request that it answered.
    pub request_hash: String,
    /// HTTP status.
    pub status: i32,
    /// Revision for the entity tag.
    pub etag: Option<i64>,
    /// `Location`.
    pub location: Option<String>,
    /// The JSON text.
    pub body: String,
}

impl AccountWrite<'_> {
    /// The answer kept under `key`, unless it is too old.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn kept_answer(&mut self, key: &str) -> Result<Option<KeptAnswer>, StoreError> {
        let (account_id, oldest) = (self.account_id(), self.now().timestamp_millis() - KEPT_MILLIS);
        let found = keys::table
            .filter(keys::account_id.eq(account_id))
            .filter(keys::key.eq(key))
            .filter(keys::created_at.gt(oldest))
            .select((keys::request_hash, keys::status, keys::etag, keys::location, keys::body))
            .get_result(self.connection()?)
            .optional()?;
        Ok(found)
    }

    /// Keeps `answer` under `key` and clears a few outdated ones away.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn keep_answer(&mut self, key: &str, answer: &KeptAnswer) -> Result<(), StoreError> {
        let (account_id, now) = (self.account_id(), self.now().timestamp_millis());
        let mut outdated: Vec<String> = keys::table
            .filter(keys::account_id.eq(account_id))
            .filter(keys::created_at.le(now - KEPT_MILLIS))
            .select(keys::key)
            .limit(SWEEP)
            .load(self.connection()?)?;
        // An outdated answer under the same key makes room, too.
        outdated.push(key.to_owned());
        diesel::delete(
            keys::table.filter(keys::account_id.eq(account_id)).filter(keys::key.eq_any(outdated)),
        )
        .execute(self.connection()?)?;
        let row = (
            keys::account_id.eq(account_id),
            keys::key.eq(key),
            keys::request_hash.eq(&answer.request_hash),
            keys::status.eq(answer.status),
            keys::etag.eq(answer.etag),
            keys::location.eq(&answer.location),
            keys::body.eq(&answer.body),
            keys::created_at.eq(now),
        );
        diesel::insert_into(keys::table).values(row).execute(self.connection()?)?;
        Ok(())
    }
}
