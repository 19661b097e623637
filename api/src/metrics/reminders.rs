//! Reminders that were handed on, and how late.
//!
//! **Must never** count one before what became of it is committed.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    outcome: &'static str,
}

/// Reminders that were handed on. Cheap to clone: a clone counts into the same figures.
#[derive(Debug, Clone)]
pub struct Reminders {
    outcomes: Family<Labels, Counter>,
    lateness: Histogram,
}

impl Default for Reminders {
    fn default() -> Self {
        let lateness = Histogram::new([1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 6.0 * 3600.0]);
        Self { outcomes: Family::default(), lateness }
    }
}

impl Reminders {
    /// Notes what was done about a reminder so many milliseconds after its time: `sent`, `failed` or
    /// `expired`, or `waiting` when it will be tried again.
    pub fn note(&self, outcome: &'static str, late_millis: i64) {
        self.outcomes.get_or_create_owned(&Labels { outcome }).inc();
        if outcome == "sent" {
            let secs = u32::try_from(late_millis.max(0) / 1_000).unwrap_or(u32::MAX);
            self.lateness.observe(f64::from(secs));
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let help =
            "Reminders, by what was done about them; one that is tried again counts each time";
        registry.register("reminders_handled", help, self.outcomes.clone());
        let help = "How long after its time a reminder was sent";
        registry.register_with_unit(
            "reminder_lateness",
            help,
            Unit::Seconds,
            self.lateness.clone(),
        );
    }
}
