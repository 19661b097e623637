//! Where a device stands in the log of its account, as a text that only the server reads.
//!
//! A stamp alone would not do: after a restore the same number may stand for something else, and a
//! device that reads some collections has not seen the others. **Must never** be guessed from: a cursor
//! is good or the device begins anew, see [`ResetReason`].

use super::LogState;
use crate::entities::Collection;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The form of the text. Another form gets another number.
const VERSION: u8 = 1;

/// Version, epoch, stamp, `began` and filter, big endian.
const LEN: usize = 1 + 4 * 8;

/// A place in an account's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The lineage of the log when the cursor was made.
    pub epoch: i64,
    /// Everything up to this stamp has been read.
    pub after: i64,
    /// The head of the log when the device began with nothing. Deletions up to there do not concern
    /// it, however far it has come since.
    pub began: i64,
    /// Which collections are read.
    pub filter: Filter,
}

/// Which collections are read, as far as comparing needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter(u64);

impl Filter {
    /// The filter that reads exactly `collections`; `None` reads everything there is.
    #[must_use]
    pub fn of(collections: Option<&[Collection]>) -> Self {
        let Some(collections) = collections else { return Self(0) };
        let mut hash = Sha256::new();
        for collection in Collection::ALL.iter().filter(|it| collections.contains(it)) {
            hash.update(collection.as_str());
            hash.update(b",");
        }
        let mut head = [0_u8; 8];
        for (to, from) in head.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        // 0 is taken.
        Self(u64::from_be_bytes(head).max(1))
    }
}

/// Why a text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// It was cut, changed, or never was one.
    #[error("the cursor is damaged")]
    Damaged,
    /// Another version of the server made it.
    #[error("the cursor has the unknown form {0}")]
    UnknownVersion(u8),
}

/// Why a device has to begin anew with a snapshot. Its unsent changes stay good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetReason {
    /// The log was put back to an earlier state, and the device has seen what was lost; or the cursor
    /// belongs to another account.
    Epoch,
    /// Deletions that the device has not heard of have been forgotten.
    Expired,
    /// The cursor was made for other collections.
    Filter,
    /// It is no cursor.
    Cursor,
}

impl ResetReason {
    /// The reason as it is spelled on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Expired => "expired",
            Self::Filter => "filter",
            Self::Cursor => "cursor",
        }
    }
}

impl Cursor {
    /// The place of a device that has nothing and begins to read the log at `log`.
    #[must_use]
    pub fn at_the_beginning(log: &LogState, filter: Filter) -> Self {
        Self { epoch: log.epoch, after: 0, began: log.head, filter }
    }

    /// The place of a device that has the state at the head of `log`, or will have it after reading what
    /// was alive then.
    #[must_use]
    pub fn at_the_head(log: &LogState, filter: Filter) -> Self {
        Self { epoch: log.epoch, after: log.head, began: log.head, filter }
    }

    /// The text: 44 characters of `A-Z a-z 0-9 - _`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(LEN);
        bytes.push(VERSION);
        for number in [self.epoch, self.after, self.began] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.filter.0.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote. Every cursor has exactly one text.
    ///
    /// # Errors
    /// [`CursorError`] for every other text.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_any| CursorError::Damaged)?;
        let (version, mut rest) = bytes.split_first().ok_or(CursorError::Damaged)?;
        if *version != VERSION {
            return Err(CursorError::UnknownVersion(*version));
        }
        let mut next = || {
            let (number, after) = rest.split_first_chunk::<8>().ok_or(CursorError::Damaged)?;
            rest = after;
            Ok(u64::from_be_bytes(*number))
        };
        let mut number = || next().map(u64::cast_signed);
        let (epoch, after, began) = (number()?, number()?, number()?);
        let filter = Filter(next()?);
        if !rest.is_empty() || after < 0 || began < 0 {
            return Err(CursorError::Damaged);
        }
        Ok(Self { epoch, after, began, filter })
    }

    /// The stamp after which this device goes on reading `log` with `filter`.
    ///
    /// # Errors
    /// Why it has to begin anew instead.
    pub fn judge(&self, log: &LogState, filter: Filter) -> Result<i64, ResetReason> {
        // A device may hold more than its cursor says, so after a restore every one begins anew.
        if self.epoch != log.epoch || self.after > log.head {
            return Err(ResetReason::Epoch);
        }
        // Whoever began with nothing at a later stamp never had what was deleted before it.
        if self.after.max(self.began) < log.gc_floor {
            return Err(ResetReason::Expired);
        }
        if self.filter != filter {
            return Err(ResetReason::Filter);
        }
        Ok(self.after)
    }
}

#[cfg(test)]
mod tests;
