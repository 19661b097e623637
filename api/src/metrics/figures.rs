//! What is looked up when somebody scrapes: due work in the database, the size of its file, open streams.
//!
//! **Must never** show what is older than [`FRESH`], or cost more however often somebody scrapes.

use super::{number, size};
use crate::error::ApiError;
use crate::store::files::Files;
use crate::store::webhooks::queue;
use crate::store::{Store, dispatch};
use crate::sync::live::Hub;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long what was looked up is shown.
const FRESH: Duration = Duration::from_secs(5);

/// How long a scraper waits for the database. Then it is told that there is no answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most webhooks that are counted.
const MOST: i64 = 10_000;

/// How much is due, as the database says. Times are seconds.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// How long the oldest reminder is due that nobody has claimed.
    reminders: f64,
    /// How long the oldest plan is due that has changed by itself.
    plans: f64,
    /// How long the oldest event for a webhook is due.
    webhooks: f64,
    /// How many webhooks have something on its way.
    waiting: i64,
}

/// What was seen last.
#[derive(Debug, Default)]
struct Seen {
    due: Option<Due>,
    files: Option<Files>,
}

/// What is looked up.
pub(super) struct Figures {
    live: Arc<Hub>,
    looked: tokio::sync::Mutex<Option<Instant>>,
    seen: Mutex<Seen>,
}

impl Figures {
    pub(super) fn new(live: Arc<Hub>) -> Self {
        Self { live, looked: tokio::sync::Mutex::default(), seen: Mutex::default() }
    }

    /// Looks, unless somebody did a moment ago. Whoever comes meanwhile waits for the same look.
    pub(super) async fn look(&self, store: &Store) {
        let mut looked = self.looked.lock().await;
        if looked.is_some_and(|when| when.elapsed() < FRESH) {
            return;
        }
        let due = match tokio::time::timeout(PATIENCE, due(store)).await {
            Ok(Ok(due)) => Some(due),
            Ok(Err(error)) => {
                tracing::warn!(cause = %error, "the database does not say what is due");
                None
            }
            Err(_late) => {
                tracing::warn!("the database does not say in time what is due");
                None
            }
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            Seen { due, files: store.files() };
        *looked = Some(Instant::now());
    }
}

async fn due(store: &Store) -> Result<Due, ApiError> {
    let now = store.now().timestamp_millis();
    let late = move |next: Option<i64>| {
        let millis = next.map_or(0, |next| (now - next).max(0));
        f64::from(u32::try_from(millis / 1_000).unwrap_or(u32::MAX))
    };
    let look = move |connection: &mut crate::store::DbConnection| {
        Ok::<_, ApiError>(Due {
            reminders: late(dispatch::next_due(connection, now)?),
            plans: late(dispatch::next_change(connection, now)?),
            webhooks: late(queue::next_due(connection, now)?),
            waiting: queue::count_waiting(connection, MOST)?,
        })
    };
    store.read_directory(look).await
}

impl fmt::Debug for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Figures").finish_non_exhaustive()
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut show = |name: &str, unit: Option<&Unit>, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, unit, gauge.metric_type())?;
            gauge.encode(metric)
        };
        let help = "Live streams that are open";
        show("live_streams", None, help, number(self.live.listeners()))?;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let help = "1 if the database answered, else 0";
        show("database_up", None, help, f64::from(u8::from(seen.due.is_some())))?;
        let (secs, bytes) = (Some(&Unit::Seconds), Some(&Unit::Bytes));
        if let Some(due) = seen.due {
            let help = "How long the oldest reminder is due that no node has taken";
            show("reminders_lag", secs, help, due.reminders)?;
            let help = "How long the oldest plan is due that changes by itself";
            show("plans_lag", secs, help, due.plans)?;
            let help = "How long the oldest event is due that goes to a webhook";
            show("webhooks_lag", secs, help, due.webhooks)?;
            let help = "Webhooks that events are on their way to, 10000 at most";
            show(
                "webhooks_waiting",
                None,
                help,
                f64::from(i32::try_from(due.waiting).unwrap_or(0)),
            )?;
        }
        if let Some(files) = seen.files {
            let help = "The file of the database";
            show("database_file", bytes, help, size(files.file))?;
            let help = "The write-ahead log beside it";
            show("database_wal", bytes, help, size(files.wal))?;
            let help = "What is free on the disk that they are on";
            show("database_disk_free", bytes, help, size(files.disk_free))?;
            let help = "The size of the disk that they are on";
            show("database_disk_size", bytes, help, size(files.disk_size))?;
        }
        Ok(())
    }
}
