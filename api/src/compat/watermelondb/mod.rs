//! WatermelonDB (`synchronize()`, version 0.28): one pull of everything that changed, one push of everything
//! that is dirty.
//!
//! The library mixes what it pulls into rows that are not pushed yet, column by column, and pushes whole
//! rows with the names of the columns that the user changed. So an edit goes back to the state *before* the
//! last pull: that stamp is kept with the session.
//!
//! **Must never** take the stamp that a push names for what its user had seen.

pub mod columns;
mod pull;
mod push;

pub use pull::{Migration, PullRequest, pull};
pub use push::push;

/// How many pulls without a push are remembered. A push that is lost more often in a row is merged as if its
/// user had seen more than it did; the older values stay in the history.
const MAX_PULLS: usize = 3;

/// From where a session pulled since its last push, newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulls(Vec<i64>);

impl Pulls {
    /// As it is stored. What cannot be read is forgotten.
    #[must_use]
    pub fn read(stored: Option<&str>) -> Self {
        Self(stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    }

    /// As it is stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        let stamps: Vec<String> = self.0.iter().map(i64::to_string).collect();
        format!("[{}]", stamps.join(","))
    }

    /// Notes one more pull; `None` if it is the one that was noted last.
    #[must_use]
    pub fn with(&self, from: i64) -> Option<Self> {
        if self.0.last() == Some(&from) {
            return None;
        }
        let mut stamps = self.0.clone();
        stamps.push(from);
        let old = stamps.len().saturating_sub(MAX_PULLS);
        Some(Self(stamps.split_off(old)))
    }

    /// Where the last pull began.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.0.last().copied()
    }

    /// Where the oldest pull began that may belong to what is pushed now.
    #[must_use]
    pub fn oldest(&self) -> Option<i64> {
        self.0.first().copied()
    }
}
