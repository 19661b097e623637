//! What an operator has to put right: said in the server's log, and not again and again.
//!
//! **Must never** say anything personal.

use afterview_domain::clock::Instant;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The same trouble is said once in so long.
pub const EVERY: TimeDelta = TimeDelta::minutes(10);

/// What is wrong, and at which provider.
type Trouble = (&'static str, &'static str);

/// When each trouble was said last, and how often it was met since.
#[derive(Debug, Default)]
pub struct Alerts(Mutex<BTreeMap<Trouble, (Instant, u64)>>);

impl Alerts {
    /// Says at `now` what is wrong at a provider, unless it was said a moment ago. `detail` are identifiers.
    pub fn raise(&self, what: &'static str, provider: &'static str, detail: &str, now: Instant) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unsaid = match said.get_mut(&(what, provider)) {
            Some((at, unsaid)) if now - *at < EVERY => {
                *unsaid += 1;
                return;
            }
            Some((_, unsaid)) => *unsaid,
            None => 0,
        };
        said.insert((what, provider), (now, 0));
        tracing::error!(target: "afterview_api::alerts", provider, detail, unsaid, "{what}");
    }
}
