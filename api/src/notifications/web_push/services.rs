//! What is kept for each push service: the token that it takes, and whether it works at the moment.
//!
//! A push service is an origin. Clients choose it, so only the [`MAX_SERVICES`] used last are kept; the
//! others are asked as if for the first time.
//!
//! **Must never** read a clock, and never let one push service's failures stop another's messages.

use crate::notifications::breaker::{Breaker, Passage};
use crate::notifications::retry::{Cause, Retry};
use crate::notifications::{Secret, Verdict};
use afterview_domain::clock::Instant;
use chrono::TimeDelta;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many push services are remembered.
pub(super) const MAX_SERVICES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// How long a token is good for, in seconds. A day is allowed (RFC 8292, section 2); half of it leaves
/// room for clocks that are wrong.
pub(super) const TOKEN_LIFE_S: i64 = 12 * 60 * 60;

/// For so long a token is used, in seconds: 80 % of its life.
pub(super) const TOKEN_USE_S: i64 = TOKEN_LIFE_S / 10 * 8;

#[derive(Default)]
struct Service {
    breaker: Breaker,
    /// What the header `Authorization` says, and when it has to be written anew.
    token: Option<(Secret, Instant)>,
}

/// The push services that were used last.
pub(super) struct Services(Mutex<LruCache<String, Service>>);

impl Default for Services {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX_SERVICES)))
    }
}

impl Services {
    /// Whether a message may go to `origin` at `now`.
    pub(super) fn ask(&self, origin: &str, now: Instant) -> Passage {
        with(&mut self.all(), origin, |service| service.breaker.ask(now))
    }

    /// Notes what became of a message that went to `origin`.
    pub(super) fn report(&self, origin: &str, verdict: &Verdict, now: Instant) {
        with(&mut self.all(), origin, |service| match verdict {
            Verdict::Retry(Retry { cause: Cause::Quota, .. }) => service.breaker.succeeded(),
            Verdict::Retry(_) => service.breaker.failed(now),
            _ => service.breaker.succeeded(),
        });
    }

    /// What the header `Authorization` says to `origin`: what it said before, as long as that is good,
    /// else what `sign` makes of the end of its life.
    pub(super) fn token(
        &self,
        origin: &str,
        now: Instant,
        sign: impl FnOnce(Instant) -> Option<Secret>,
    ) -> Option<Secret> {
        with(&mut self.all(), origin, |service| {
            if let Some((token, end)) = &service.token
                && now < *end
            {
                return Some(token.clone());
            }
            let token = sign(now + TimeDelta::seconds(TOKEN_LIFE_S))?;
            service.token = Some((token.clone(), now + TimeDelta::seconds(TOKEN_USE_S)));
            Some(token)
        })
    }

    fn all(&self) -> MutexGuard<'_, LruCache<String, Service>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn with<T>(
    all: &mut LruCache<String, Service>,
    origin: &str,
    act: impl FnOnce(&mut Service) -> T,
) -> T {
    act(all.get_or_insert_mut_ref(origin, Service::default))
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::clock::from_millis;

    fn second(count: i64) -> Instant {
        from_millis(count * 1000)
    }

    fn fail(services: &Services, origin: &str) {
        for _ in 0..5 {
            services.report(origin, &Verdict::Retry(Retry::of(Cause::Failed)), second(0));
        }
    }

    #[test]
    fn one_push_service_that_fails_stops_no_other() {
        let services = Services::default();
        fail(&services, "https://a");
        assert!(matches!(services.ask("https://a", second(1)), Passage::Wait(_)));
        assert_eq!(services.ask("https://b", second(1)), Passage::Go);
    }

    #[test]
    fn a_used_up_quota_is_no_failure() {
        let services = Services::default();
        for _ in 0..9 {
            services.report("https://a", &Verdict::Retry(Retry::of(Cause::Quota)), second(0));
        }
        assert_eq!(services.ask("https://a", second(1)), Passage::Go);
    }

    #[test]
    fn a_token_is_made_once_for_each_service_and_again_at_four_fifths_of_its_life() {
        let services = Services::default();
        let mut made = Vec::new();
        for (origin, at) in [
            ("https://a", 0),
            ("https://a", TOKEN_USE_S - 1),
            ("https://b", 1),
            ("https://a", TOKEN_USE_S),
            ("https://a", TOKEN_USE_S + 1),
        ] {
            let token = services.token(origin, second(at), |end| {
                made.push((origin, end));
                Some(Secret::new("token"))
            });
            assert!(token.is_some());
        }
        let expected = [("https://a", 0), ("https://b", 1), ("https://a", TOKEN_USE_S)];
        assert_eq!(made, expected.map(|(origin, at)| (origin, second(at + TOKEN_LIFE_S))));
        assert_eq!(TOKEN_USE_S, 34_560);
    }

    #[test]
    fn however_many_services_are_named_only_so_many_are_kept() {
        let services = Services::default();
        fail(&services, "https://first");
        for number in 0..MAX_SERVICES.get() {
            assert_eq!(services.ask(&format!("https://{number}"), second(1)), Passage::Go);
        }
        assert_eq!(services.all().len(), MAX_SERVICES.get());
        assert_eq!(services.ask("https://first", second(1)), Passage::Go);
    }
}
