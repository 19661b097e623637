//! The threads that write and read: how much waits for them, and how long everything takes.
//!
//! **Must never** take a lock that is held while the database works.

use super::{Reminders, durations, number};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// A queue, what waits in it, and what became of that.
#[derive(Debug, Clone)]
pub struct Queue {
    length: Gauge,
    refused: Counter,
    waits: Histogram,
    runs: Histogram,
}

impl Queue {
    /// Something is put into the queue.
    pub fn enter(&self) {
        self.length.inc();
    }

    /// The queue was full, so it is not in it.
    pub fn refuse(&self) {
        self.length.dec();
        self.refused.inc();
    }

    /// So many are taken out.
    pub fn leave(&self, units: usize) {
        self.length.dec_by(i64::try_from(units).unwrap_or(0));
    }

    /// It waited so long for its thread, and then took so long.
    pub fn ran(&self, waited: Duration, took: Duration) {
        self.waits.observe(waited.as_secs_f64());
        self.runs.observe(took.as_secs_f64());
    }
}

/// The figures of a store. Cheap to clone: a clone counts into the same figures.
#[derive(Debug, Clone)]
pub struct StoreMetrics {
    /// The threads that write.
    pub writers: Queue,
    /// The threads that read.
    pub readers: Queue,
    /// Reminders that were handed on; whoever hands them on has the store at hand.
    pub reminders: Reminders,
    families: Families,
    groups: Histogram,
    commits: Histogram,
    reruns: Counter,
    lost: Counter,
    slow: Counter,
}

/// What both queues have.
#[derive(Debug, Clone)]
struct Families {
    lengths: Family<Labels, Gauge>,
    refused: Family<Labels, Counter>,
    waits: Durations,
    runs: Durations,
}

type Durations = Family<Labels, Histogram, fn() -> Histogram>;

/// What a queue is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    queue: &'static str,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let families = Families {
            lengths: Family::default(),
            refused: Family::default(),
            waits: Durations::new_with_constructor(durations),
            runs: Durations::new_with_constructor(durations),
        };
        Self {
            writers: families.of("writers"),
            readers: families.of("readers"),
            reminders: Reminders::default(),
            families,
            groups: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]),
            commits: durations(),
            reruns: Counter::default(),
            lost: Counter::default(),
            slow: Counter::default(),
        }
    }
}

impl Families {
    fn of(&self, queue: &'static str) -> Queue {
        let labels = Labels { queue };
        Queue {
            length: self.lengths.get_or_create_owned(&labels),
            refused: self.refused.get_or_create_owned(&labels),
            waits: self.waits.get_or_create_owned(&labels),
            runs: self.runs.get_or_create_owned(&labels),
        }
    }
}

impl StoreMetrics {
    /// A group of `units` was made durable by one commit, which took so long.
    pub fn committed(&self, units: usize, took: Duration) {
        self.groups.observe(number(units));
        self.commits.observe(took.as_secs_f64());
    }

    /// A unit is run again.
    pub fn rerun(&self) {
        self.reruns.inc();
    }

    /// A transaction could not begin, broke, or was not committed.
    pub fn lost(&self) {
        self.lost.inc();
    }

    /// A statement or a unit was slow.
    pub fn slow(&self) {
        self.slow.inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let Families { lengths, refused, waits, runs } = self.families.clone();
        registry.register("store_queue_length", "Units of work that wait for a thread", lengths);
        let help = "Units of work that were refused because too many waited";
        registry.register("store_queue_refused", help, refused);
        let help = "How long a unit of work waited for its thread";
        registry.register_with_unit("store_wait", help, Unit::Seconds, waits);
        let help = "How long a unit of work had its thread, without its commit";
        registry.register_with_unit("store_unit", help, Unit::Seconds, runs);
        let help = "How many units of work one durable commit was for";
        registry.register("store_group_units", help, self.groups.clone());
        let help = "How long a durable commit took";
        registry.register_with_unit("store_commit", help, Unit::Seconds, self.commits.clone());
        let help = "Units of work that were run again because another transaction got in their way";
        registry.register("store_reruns", help, self.reruns.clone());
        let help = "Transactions of the writers that did not begin, broke, or were not committed";
        registry.register("store_transactions_lost", help, self.lost.clone());
        let help = "Statements and units of work that took longer than AFTERVIEW_SLOW_QUERY_MS";
        registry.register("store_slow", help, self.slow.clone());
        self.reminders.register(registry);
    }
}
