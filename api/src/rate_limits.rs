//! How often somebody may ask: THE table of rates, and who has used up how much.
//!
//! The generic cell rate algorithm of the crate `governor`: a burst at once, then a steady rate. It is kept
//! in the memory of each node, so several nodes together allow as many times as much.
//! **Must never** make anybody wait: who asks too often is told when to come back.

use crate::error::ApiError;
use afterview_domain::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// What clients see as the name of the policy.
    pub name: &'static str,
    /// How many at once.
    pub burst: NonZeroU32,
    /// How many a minute afterwards.
    pub per_minute: NonZeroU32,
}

const fn rate(name: &'static str, burst: u32, per_minute: u32) -> Rate {
    let (Some(burst), Some(per_minute)) = (NonZeroU32::new(burst), NonZeroU32::new(per_minute))
    else {
        return Rate { name, burst: NonZeroU32::MIN, per_minute: NonZeroU32::MIN };
    };
    Rate { name, burst, per_minute }
}

/// Requests of one address, whatever they are. Many phones may share an address.
pub const ADDRESS: Rate = rate("address", 2_000, 6_000);

/// Requests of one account, by all of its devices and programs.
pub const ACCOUNT: Rate = rate("account", 600, 1_200);

/// Attempts of one address to sign up or in, or to have mail sent.
pub const DOOR: Rate = rate("door", 30, 30);

/// Passwords tried for one account or one e-mail address, from wherever.
pub const PASSWORD: Rate = rate("password", 20, 2);

/// What is left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Of which row.
    pub rate: Rate,
    /// How many more at once.
    pub remaining: u32,
}

type Store<K> = HashMapStateStore<K>;

/// Who has used up how much of one row.
struct Table<K: std::hash::Hash + Eq + Clone> {
    rate: Rate,
    limiter: RateLimiter<K, Store<K>, Ticks, StateInformationMiddleware>,
}

impl<K: std::hash::Hash + Eq + Clone> Table<K> {
    fn new(rate: Rate, ticks: Ticks) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        let limiter = RateLimiter::new(quota, Store::default(), ticks);
        Self { rate, limiter }
    }

    fn check(&self, key: &K) -> Result<Standing, ApiError> {
        match self.limiter.check_key(key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                Ok(Standing { rate: self.rate, remaining })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.limiter.clock().now_nanos());
                let secs = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
                Err(ApiError::rate_limited(self.rate, secs))
            }
        }
    }
}

/// The rates in force.
pub struct RateLimits {
    addresses: Table<IpAddr>,
    accounts: Table<String>,
    door: Table<IpAddr>,
    passwords: Table<String>,
    is_on: bool,
}

impl RateLimits {
    /// Rates by the time of `clock`; without effect unless `is_on`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, is_on: bool) -> Self {
        let ticks = Ticks(clock);
        Self {
            addresses: Table::new(ADDRESS, ticks.clone()),
            accounts: Table::new(ACCOUNT, ticks.clone()),
            door: Table::new(DOOR, ticks.clone()),
            passwords: Table::new(PASSWORD, ticks),
            is_on,
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// [`Code::RateLimited`](crate::error::Code::RateLimited), as of the others.
    pub fn address(&self, address: IpAddr) -> Result<Option<Standing>, ApiError> {
        self.is_on.then(|| self.addresses.check(&network(address))).transpose()
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// As [`address`](Self::address).
    pub fn account(&self, account_id: &str) -> Result<Option<Standing>, ApiError> {
        self.is_on.then(|| self.accounts.check(&account_id.to_owned())).transpose()
    }

    /// Counts an attempt of an address to get in.
    ///
    /// # Errors
    /// As [`address`](Self::address).
    pub fn door(&self, address: IpAddr) -> Result<Option<Standing>, ApiError> {
        self.is_on.then(|| self.door.check(&network(address))).transpose()
    }

    /// Counts a password that is tried for an account or an e-mail address. Unknown ones count as well:
    /// whether there is an account does not show.
    ///
    /// # Errors
    /// As [`address`](Self::address).
    pub fn password(&self, whose: &str) -> Result<Option<Standing>, ApiError> {
        self.is_on.then(|| self.passwords.check(&whose.to_owned())).transpose()
    }

    /// Forgets who has all of a row left, so that memory holds those of the last minutes only.
    pub fn forget_the_rested(&self) {
        self.addresses.limiter.retain_recent();
        self.accounts.limiter.retain_recent();
        self.door.limiter.retain_recent();
        self.passwords.limiter.retain_recent();
    }
}

/// Whom an address stands for: of IPv6 a whole /64, which one customer has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

/// The clock of this program as `governor` reads one. It never goes back.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl Ticks {
    fn now_nanos(&self) -> Nanos {
        Nanos::from(self.0.uptime())
    }
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.now_nanos()
    }
}

/// Forgets the rested once a minute as long as the server lives.
pub async fn run(state: std::sync::Weak<crate::app::AppState>) {
    while let Some(state) = state.upgrade() {
        state.rates.forget_the_rested();
        drop(state);
        actix_web::rt::time::sleep(Duration::from_secs(60)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_customer_are_one_and_a_mapped_address_is_what_it_maps() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let same = |one: &str, other: &str| network(address(one)) == network(address(other));
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }
}
