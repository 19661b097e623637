//! What a scraper is told: counts and durations of this node, as OpenMetrics text.
//!
//! Whoever does some work holds the handles of its figures (`http`, `store`, `sync`, `sends`, `reminders`)
//! and counts with an atomic or two. What has to be looked for, in the database, in the file system or in
//! `/proc`, is looked for when somebody scrapes.
//!
//! **Must never** have a label whose values somebody outside can make up, or that names anybody: no account,
//! no identifier, no address, no path of a request.

mod figures;
mod http;
mod process;
mod reminders;
pub mod sends;
mod store;
mod sync;

pub use http::Http;
pub use reminders::Reminders;
pub use sends::{Sends, Transport};
pub use store::{Queue, StoreMetrics};
pub use sync::Sync;

use crate::store::Store;
use crate::sync::live::Hub;
use figures::Figures;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// The type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What every name of ours begins with.
const PREFIX: &str = "afterview";

/// What runs here. A gauge, because not everybody who reads figures knows what else there is for this.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    database: &'static str,
}

/// All figures of a node.
pub struct Metrics {
    registry: Registry,
    figures: Arc<Figures>,
    /// Requests.
    pub http: Http,
    /// Rounds of sync.
    pub sync: Sync,
}

impl Metrics {
    /// The figures of a node whose addresses are `routes`, with those that its store and its senders count
    /// already.
    #[must_use]
    pub fn new<'r>(
        routes: impl Iterator<Item = &'r str>,
        store: &Store,
        sends: &Sends,
        live: Arc<Hub>,
    ) -> Self {
        let mut registry = Registry::default();
        // Others have the same names for what every process has, so those get no prefix.
        registry.register_collector(Box::new(process::Process));
        let ours = registry.sub_registry_with_prefix(PREFIX);
        let database = if store.files().is_some() { "sqlite" } else { "postgres" };
        let build = Build { version: env!("CARGO_PKG_VERSION"), database };
        let info = Family::<Build, Gauge>::default();
        info.get_or_create(&build).set(1);
        ours.register("build_info", "The program, and the kind of its database", info);
        let http = Http::new(routes, ours);
        let sync = Sync::new(ours);
        store.metrics().register(ours);
        sends.register(ours);
        let figures = Arc::new(Figures::new(live));
        ours.register_collector(Box::new(Arc::clone(&figures)));
        Self { registry, figures, http, sync }
    }

    /// The text of the present moment. What has to be looked up in the database is a few seconds old at most.
    pub async fn text(&self, store: &Store) -> String {
        self.figures.look(store).await;
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Durations of what takes from a tenth of a millisecond to ten seconds.
fn durations() -> Histogram {
    Histogram::new([
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
        2.5, 10.0,
    ])
}

/// A count as a scraper wants it.
fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A size in bytes as a scraper wants it: exact up to thousands of terabytes.
fn size(bytes: u64) -> f64 {
    let [high, low] = [bytes >> 32, bytes & u64::from(u32::MAX)];
    let part = |half: u64| u32::try_from(half).map_or(0.0, f64::from);
    part(high) * 4_294_967_296.0 + part(low)
}
