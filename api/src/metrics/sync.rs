//! Rounds of sync: how large, how long, and what became of each mutation.
//!
//! **Must never** be asked inside of a unit of work, which may be run again.

use super::{durations, number};
use afterview_domain::sync::{Answered, Status};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: &'static str,
}

/// Rounds of sync.
pub struct Sync {
    /// One for each [`Status`].
    results: Vec<(&'static str, Counter)>,
    mutations: Histogram,
    push_bytes: Histogram,
    pushes: Histogram,
    changes: Histogram,
    page_bytes: Histogram,
    pages: Histogram,
}

impl Sync {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let family = Family::<Labels, Counter>::default();
        registry.register("sync_mutations", "Mutations, by what became of them", family.clone());
        let counter =
            |result: &'static str| (result, family.get_or_create_owned(&Labels { result }));
        let sizes = || Histogram::new([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3]);
        let bytes = || Histogram::new([1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6]);
        let sync = Self {
            results: Status::WORDS.iter().copied().map(counter).collect(),
            mutations: sizes(),
            push_bytes: bytes(),
            pushes: durations(),
            changes: sizes(),
            page_bytes: bytes(),
            pages: durations(),
        };
        registry.register("sync_push_mutations", "Mutations of one push", sync.mutations.clone());
        let (name, help) = ("sync_push_size", "What the client sent with one push");
        registry.register_with_unit(name, help, Unit::Bytes, sync.push_bytes.clone());
        let help = "From a push that was read to its durable commit";
        registry.register_with_unit("sync_push", help, Unit::Seconds, sync.pushes.clone());
        registry.register("sync_page_changes", "Changes of one page", sync.changes.clone());
        let (name, help) = ("sync_page_size", "The text of one page, before compression");
        registry.register_with_unit(name, help, Unit::Bytes, sync.page_bytes.clone());
        let help = "From a cursor that was read to the changes behind it";
        registry.register_with_unit("sync_page", help, Unit::Seconds, sync.pages.clone());
        sync
    }

    /// A push of so many bytes was carried out and committed.
    pub fn pushed(&self, results: &[Answered], bytes: usize, took: Duration) {
        for result in results {
            let word = result.status.as_str();
            let counter = self.results.iter().find(|(status, _)| *status == word);
            if let Some((_, counter)) = counter {
                counter.inc();
            }
        }
        self.mutations.observe(number(results.len()));
        self.push_bytes.observe(number(bytes));
        self.pushes.observe(took.as_secs_f64());
    }

    /// A page was answered.
    pub fn pulled(&self, changes: usize, bytes: usize, took: Duration) {
        self.changes.observe(number(changes));
        self.page_bytes.observe(number(bytes));
        self.pages.observe(took.as_secs_f64());
    }
}
