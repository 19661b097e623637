//! What keeps the database from taking writes, in words for whoever asks.
//!
//! **Must never** repeat what the database said: that is for the log.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why a write did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Its disk is full.
    Full,
    /// It may not be written to, or its file was moved away.
    ReadOnly,
    /// Another program holds its lock.
    Locked,
    /// More work waits than it can do.
    Busy,
    /// Anything else, such as no connection.
    Away,
}

/// Signs in the words of SQLite, of PostgreSQL and of our own.
const SIGNS: &[(&str, Trouble)] = &[
    ("disk is full", Trouble::Full),
    ("No space left on device", Trouble::Full),
    ("could not extend file", Trouble::Full),
    ("readonly", Trouble::ReadOnly),
    ("ead-only", Trouble::ReadOnly),
    ("is gone", Trouble::ReadOnly),
    ("locked", Trouble::Locked),
    ("lock timeout", Trouble::Locked),
    ("are waiting", Trouble::Busy),
];

impl Trouble {
    /// What the words of an error mean.
    #[must_use]
    pub fn of(error: &str) -> Self {
        let found = SIGNS.iter().find(|(sign, _)| error.contains(sign));
        found.map_or(Self::Away, |(_, trouble)| *trouble)
    }

    /// The same for people, without a full stop.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Full => "the disk of the database is full",
            Self::ReadOnly => "the database takes no writes",
            Self::Locked => "another program holds the database locked",
            Self::Busy => "too many requests are waiting for the database",
            Self::Away => "the database cannot be used",
        }
    }
}

/// How the last write ended.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<Trouble>>);

impl Health {
    /// Notes a write: what kept it from being done, or nothing.
    pub(super) fn note(&self, trouble: Option<Trouble>) {
        *self.last() = trouble;
    }

    /// What kept the last write from being done, if anything did.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        *self.last()
    }

    fn last(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
