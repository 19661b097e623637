//! The hub of the live streams: whoever listens to an account learns that its log has a new head.
//!
//! Contentless and lossy on purpose. An account has one channel that holds only the newest head, so
//! a slow listener skips heads and never lags behind; what changed, a device asks for by a sync.
//! Accounts that nobody listens to have no entry, and telling their news costs one look-up.
//!
//! **Must never** hold content, wait for a listener, or know HTTP.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The most listeners of one account at the same time.
pub const MAX_LISTENERS: usize = 20;

/// Everybody who listens, by account.
#[derive(Debug, Default)]
pub struct Hub(Mutex<Accounts>);

#[derive(Debug, Default)]
struct Accounts {
    by_id: HashMap<Arc<str>, Channel>,
    closed: bool,
}

#[derive(Debug)]
struct Channel {
    head: watch::Sender<i64>,
    listeners: usize,
}

/// Why somebody cannot listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotListening {
    /// The account has [`MAX_LISTENERS`] listeners.
    Full,
    /// The server is about to stop.
    Closed,
}

impl Hub {
    /// Begins to listen to an account. News from now on is not missed.
    ///
    /// # Errors
    /// [`NotListening`].
    pub fn listen(self: &Arc<Self>, account_id: &str) -> Result<Listener, NotListening> {
        let mut accounts = self.accounts();
        if accounts.closed {
            return Err(NotListening::Closed);
        }
        let account_id = match accounts.by_id.get_key_value(account_id) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(account_id),
        };
        let channel = accounts
            .by_id
            .entry(Arc::clone(&account_id))
            .or_insert_with(|| Channel { head: watch::Sender::new(0), listeners: 0 });
        if channel.listeners >= MAX_LISTENERS {
            return Err(NotListening::Full);
        }
        channel.listeners += 1;
        let head = channel.head.subscribe();
        Ok(Listener { hub: Arc::clone(self), account_id, head })
    }

    /// Tells the listeners of an account the newest stamp of its log. An older one changes nothing.
    pub fn poke(&self, account_id: &str, head: i64) {
        if let Some(channel) = self.accounts().by_id.get(account_id) {
            channel.head.send_if_modified(|newest| {
                let newer = head > *newest;
                *newest = head.max(*newest);
                newer
            });
        }
    }

    /// Wakes the listeners of an account without news, so that they look whether they may go on.
    pub fn wake(&self, account_id: &str) {
        if let Some(channel) = self.accounts().by_id.get(account_id) {
            channel.head.send_modify(|_| ());
        }
    }

    /// The accounts that somebody listens to, in no order.
    #[must_use]
    pub fn followed(&self) -> Vec<String> {
        self.accounts().by_id.keys().map(ToString::to_string).collect()
    }

    /// How many listen, to whatever account.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.accounts().by_id.values().map(|channel| channel.listeners).sum()
    }

    /// Ends all listening, for good: the server is about to stop.
    pub fn close(&self) {
        let mut accounts = self.accounts();
        accounts.closed = true;
        accounts.by_id.clear();
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who listens to one account, until dropped.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    account_id: Arc<str>,
    head: watch::Receiver<i64>,
}

impl Listener {
    /// The newest head told since the first of the account's listeners came; 0 if none was.
    #[must_use]
    pub fn head(&self) -> i64 {
        *self.head.borrow()
    }

    /// Waits until there is news or somebody wakes the listeners, and gives the newest head; `None`
    /// once the hub is closed. Nothing is missed when the waiting is given up and begun again.
    pub async fn changed(&mut self) -> Option<i64> {
        self.head.changed().await.ok()?;
        Some(*self.head.borrow_and_update())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut accounts = self.hub.accounts();
        if let Some(channel) = accounts.by_id.get_mut(&self.account_id) {
            channel.listeners -= 1;
            if channel.listeners == 0 {
                accounts.by_id.remove(&self.account_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_slow_listener_hears_only_the_newest_head() {
        let hub = Arc::new(Hub::default());
        let mut anna = hub.listen("anna").expect("listening");
        for head in [3, 5, 4] {
            hub.poke("anna", head);
        }
        hub.poke("bob", 9);
        assert_eq!(anna.changed().await, Some(5));
        assert!(!anna.head.has_changed().expect("open"));
    }

    #[actix_web::test]
    async fn who_is_woken_hears_the_same_head_again() {
        let hub = Arc::new(Hub::default());
        let mut anna = hub.listen("anna").expect("listening");
        hub.poke("anna", 7);
        assert_eq!(anna.changed().await, Some(7));
        hub.wake("anna");
        assert_eq!(anna.changed().await, Some(7));
    }

    #[actix_web::test]
    async fn nothing_is_left_of_an_account_when_its_last_listener_goes() {
        let hub = Arc::new(Hub::default());
        let first = hub.listen("anna").expect("listening");
        let second = hub.listen("anna").expect("listening");
        drop(first);
        assert_eq!(hub.accounts().by_id.len(), 1);
        drop(second);
        assert!(hub.accounts().by_id.is_empty());
    }

    #[actix_web::test]
    async fn an_account_has_a_limited_number_of_listeners() {
        let hub = Arc::new(Hub::default());
        let mut all: Vec<Listener> =
            (0..MAX_LISTENERS).map(|_| hub.listen("anna").expect("listening")).collect();
        assert_eq!(hub.listen("anna").expect_err("full"), NotListening::Full);
        assert!(hub.listen("bob").is_ok());
        all.pop();
        assert!(hub.listen("anna").is_ok());
    }

    #[actix_web::test]
    async fn a_closed_hub_ends_all_listening() {
        let hub = Arc::new(Hub::default());
        let mut anna = hub.listen("anna").expect("listening");
        hub.close();
        assert_eq!(anna.changed().await, None);
        assert_eq!(hub.listen("anna").expect_err("closed"), NotListening::Closed);
    }
}
