//! Telling devices that something changed on another one: silent, without content, gathered, and rarely.
//!
//! A poke is a hint. What waits to be told is in the memory of the node that made the change, and is lost
//! with it; a device that hears nothing syncs when it is opened. When a device was poked last is in the
//! database, so that many nodes poke it no more often than one.
//!
//! **Must never** be relied upon, poke a device about its own change, or hold up a write.

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs;
use crate::jobs::dispatch::due::{Recipient, recipient};
use crate::jobs::dispatch::fan_out::judge;
use crate::notifications::Notification;
use crate::notifications::senders::Senders;
use crate::store::{Committed, DbConnection, Store, devices};
use afterview_domain::clock::{Instant, from_millis};
use chrono::TimeDelta;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// For so long further changes of an account are gathered before its devices are told.
pub const GATHER: TimeDelta = TimeDelta::seconds(30);

/// A device is told at most once in so long: phones count what wakes them in the background.
pub const REST: TimeDelta = TimeDelta::minutes(3);

/// So many accounts wait at most; what comes on top is not told.
const MAX_ACCOUNTS: usize = 100_000;

/// How many accounts are told side by side.
const SIDE_BY_SIDE: usize = 32;

/// How often a look is taken at what waits.
const LOOK: Duration = Duration::from_secs(5);

/// The accounts whose devices are to be told.
#[derive(Debug, Default)]
pub struct Pokes(Mutex<BTreeMap<String, Waiting>>);

/// A change that other devices are to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    due: Instant,
    /// The device that made it; `None`: there were several.
    author: Option<String>,
}

impl Pokes {
    /// Notes a change, made at `now`. Called by the thread that writes.
    pub fn note(&self, change: &Committed<'_>, now: Instant) {
        self.add(change.account_id, Some(change.device_id), now + GATHER);
    }

    fn add(&self, account_id: &str, author: Option<&str>, due: Instant) {
        let mut accounts = self.accounts();
        if let Some(waiting) = accounts.get_mut(account_id) {
            waiting.due = waiting.due.min(due);
            waiting.author.take_if(|known| author != Some(known.as_str()));
        } else if accounts.len() < MAX_ACCOUNTS {
            let author = author.map(str::to_owned);
            accounts.insert(account_id.to_owned(), Waiting { due, author });
        }
    }

    fn take_due(&self, now: Instant) -> Vec<(String, Waiting)> {
        let mut accounts = self.accounts();
        accounts.extract_if(.., |_, waiting| waiting.due <= now).collect()
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whoever is to be told as long as the server lives.
pub async fn run(state: Weak<AppState>) {
    while let Some(state) = state.upgrade() {
        due(&state.store, &state.jobs.senders, &state.jobs.pokes).await;
        drop(state);
        actix_web::rt::time::sleep(LOOK.min(jobs::LONGEST_WAIT)).await;
    }
}

/// Tells the devices of all accounts whose time has come. What fails is logged and not tried again.
pub async fn due(store: &Store, senders: &Senders, pokes: &Pokes) {
    let due = stream::iter(pokes.take_due(store.now()));
    let told = due.for_each_concurrent(SIDE_BY_SIDE, async |(account_id, waiting)| {
        if let Err(error) = tell(store, senders, pokes, &account_id, waiting).await {
            tracing::warn!(account_id, cause = %error, "devices were not told of a change");
        }
    });
    told.await;
}

async fn tell(
    store: &Store,
    senders: &Senders,
    pokes: &Pokes,
    account_id: &str,
    waiting: Waiting,
) -> Result<(), ApiError> {
    let (account, now) = (account_id.to_owned(), store.now());
    let author = waiting.author.clone();
    let found = store.read(account_id, move |connection| {
        let found = devices::reachable(connection, &account, now.timestamp_millis())?;
        let others =
            found.into_iter().filter(|(device, _)| author.as_ref() != Some(&device.session_id));
        let known = others.filter_map(|found| Some((found.0.poked_at, recipient(found)?)));
        Ok::<_, ApiError>(known.collect::<Vec<_>>())
    });
    let (rested, tired): (Vec<_>, Vec<_>) = found
        .await?
        .into_iter()
        .filter(|(_, device)| senders.pokes(&device.address))
        .partition(|(poked_at, _)| poked_at.is_none_or(|at| from_millis(at) + REST <= now));
    if let Some(first) = tired.iter().filter_map(|(poked_at, _)| *poked_at).min() {
        pokes.add(account_id, waiting.author.as_deref(), from_millis(first) + REST);
    }
    let rested: Vec<Recipient> = rested.into_iter().map(|(_, device)| device).collect();
    if rested.is_empty() {
        return Ok(());
    }
    let claimed = claim(store, account_id, &rested, now).await?;
    for device in rested.iter().filter(|device| claimed.contains(&device.session_id)) {
        let verdict = senders.send(&device.address, Notification::Poke).await;
        let word = verdict.and_then(|verdict| judge(&verdict, 0, 1.0, now).attempt?.word);
        if let Some((_, word)) = word {
            let (account, device) = (account_id.to_owned(), device.clone());
            let heed = move |connection: &mut DbConnection| {
                let name = (account.as_str(), device.session_id.as_str());
                devices::heed(connection, name, &device.push_hash, word).map_err(ApiError::from)
            };
            store.write_unsynced(account_id, heed).await?;
        }
    }
    Ok(())
}

/// Those of the devices that no other node tells.
async fn claim(
    store: &Store,
    account_id: &str,
    rested: &[Recipient],
    now: Instant,
) -> Result<Vec<String>, ApiError> {
    let account = account_id.to_owned();
    let sessions: Vec<String> = rested.iter().map(|device| device.session_id.clone()).collect();
    let span = ((now - REST).timestamp_millis(), now.timestamp_millis());
    let claim = move |connection: &mut DbConnection| {
        devices::claim_pokes(connection, &account, &sessions, span).map_err(ApiError::from)
    };
    store.write_unsynced(account_id, claim).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        from_millis(1_000_000_000 + seconds * 1_000)
    }

    fn change(device_id: &str) -> Committed<'_> {
        Committed { account_id: "anna", device_id, head: 1 }
    }

    #[test]
    fn changes_are_gathered_from_the_first_on() {
        let pokes = Pokes::default();
        pokes.note(&change("phone"), at(0));
        pokes.note(&change("phone"), at(20));
        assert_eq!(pokes.take_due(at(29)), []);
        let due = pokes.take_due(at(30));
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].1.author.as_deref(), Some("phone"));
        assert_eq!(pokes.take_due(at(60)), []);
    }

    #[test]
    fn where_several_changed_something_each_is_to_hear_of_the_others() {
        let pokes = Pokes::default();
        for device in ["phone", "tablet", "phone"] {
            pokes.note(&change(device), at(0));
        }
        assert_eq!(pokes.take_due(at(30))[0].1.author, None);
    }

    #[test]
    fn what_is_more_than_can_wait_is_not_told() {
        let pokes = Pokes::default();
        for number in 0..=MAX_ACCOUNTS {
            pokes.add(&format!("{number}"), None, at(0));
        }
        assert_eq!(pokes.take_due(at(0)).len(), MAX_ACCOUNTS);
    }
}
