//! The keys of one provider, kept for as long as it says and asked for anew when a token names another one.
//!
//! One request for them is under way at a time; whoever needs its outcome waits for it and shares it, the
//! others go on with the keys that are there.
//!
//! **Must never** let tokens decide how often a provider is asked: anybody can make up the name of a key.

use super::Refusal;
use super::discovery::{Fetched, Source};
use super::key_set::{Key, KeySet, Wanted};
use afterview_domain::clock::{Clock, Instant};
use chrono::TimeDelta;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// For so long keys are kept at least, in seconds, whatever the provider says.
const MIN_AGE_SECS: u32 = 5 * 60;

/// For so long they are kept if it says nothing.
const DEFAULT_AGE_SECS: u32 = 60 * 60;

/// For so long they are kept at most, also when there are no newer ones to be had.
const MAX_AGE_SECS: u32 = 24 * 60 * 60;

/// For the sake of names of keys that nobody knows, a provider is asked once in so many seconds.
const UNKNOWN_PAUSE_SECS: i64 = 60;

/// After a failure, keys that are there are used for so many seconds before the next attempt.
const FAILED_PAUSE_SECS: i64 = 60;

/// After a failure without any keys, as long as refused clients are told to wait.
const EMPTY_PAUSE_SECS: i64 = 2;

struct Held {
    keys: KeySet,
    fresh_until: Instant,
    usable_until: Instant,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When the last attempt failed; nothing if it did not.
    failed_at: Option<Instant>,
    /// When the provider was last asked because of a name that nobody knew.
    unknown_at: Option<Instant>,
}

/// What can be said without asking the provider.
enum Look {
    Found(Arc<Key>),
    Refused(Refusal),
    /// The provider must be asked; because of an unknown name, or because the keys are too old.
    Ask {
        unknown: bool,
    },
}

/// The cache of one provider's keys.
pub(super) struct KeyCache {
    provider: String,
    source: Source,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the one request.
    turn: tokio::sync::Mutex<()>,
}

impl KeyCache {
    pub(super) fn new(provider: String, source: Source, clock: Arc<dyn Clock>) -> Self {
        Self {
            provider,
            source,
            clock,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The key that a token wants.
    ///
    /// # Errors
    /// The provider has no such key, or it cannot be asked.
    pub(super) async fn find(&self, wanted: &Wanted) -> Result<Arc<Key>, Refusal> {
        match self.look(wanted) {
            Look::Found(key) => return Ok(key),
            Look::Refused(refusal) => return Err(refusal),
            Look::Ask { .. } => {}
        }
        let _turn = self.turn.lock().await;
        match self.look(wanted) {
            Look::Found(key) => return Ok(key),
            Look::Refused(refusal) => return Err(refusal),
            Look::Ask { unknown } => self.ask(unknown).await,
        }
        match self.look(wanted) {
            Look::Found(key) => Ok(key),
            Look::Refused(refusal) => Err(refusal),
            // The keys are new, and it is not among them.
            Look::Ask { .. } => Err(Refusal::NO_SUCH_KEY),
        }
    }

    fn look(&self, wanted: &Wanted) -> Look {
        let now = self.clock.now();
        let state = self.state();
        let within = |time: Option<Instant>, seconds: i64| {
            time.is_some_and(|time| now < time + TimeDelta::seconds(seconds))
        };
        let Some(held) = state.held.as_ref().filter(|held| now < held.usable_until) else {
            return match within(state.failed_at, EMPTY_PAUSE_SECS) {
                true => Look::Refused(Refusal::OutOfReach),
                false => Look::Ask { unknown: false },
            };
        };
        if now >= held.fresh_until && !within(state.failed_at, FAILED_PAUSE_SECS) {
            return Look::Ask { unknown: false };
        }
        match held.keys.find(wanted) {
            Some(key) => Look::Found(key),
            None if !within(state.unknown_at, UNKNOWN_PAUSE_SECS) => Look::Ask { unknown: true },
            // Perhaps the provider has it by now.
            None if state.failed_at.is_some() => Look::Refused(Refusal::OutOfReach),
            None => Look::Refused(Refusal::NO_SUCH_KEY),
        }
    }

    async fn ask(&self, unknown: bool) {
        if unknown {
            // Before the request: whoever breaks off has asked, too.
            self.state().unknown_at = Some(self.clock.now());
        }
        let fetched = self.source.fetch().await;
        let now = self.clock.now();
        let mut state = self.state();
        match fetched {
            Ok(Fetched { keys, max_age }) => {
                let age = max_age.unwrap_or(DEFAULT_AGE_SECS).clamp(MIN_AGE_SECS, MAX_AGE_SECS);
                let until = |seconds: u32| now + TimeDelta::seconds(seconds.into());
                state.held =
                    Some(Held { keys, fresh_until: until(age), usable_until: until(MAX_AGE_SECS) });
                state.failed_at = None;
            }
            Err(why) => {
                tracing::warn!(provider = self.provider, "a provider of identities {why}");
                state.failed_at = Some(now);
            }
        }
    }

    /// Asks the provider, whatever is held, and gives the number of its keys that can be used.
    pub(super) async fn probe(&self) -> Result<usize, super::FetchError> {
        Ok(self.source.fetch().await?.keys.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
