//! Requests: how many, how long, with which end.
//!
//! **Must never** know the path of a request: a label is the pattern of the route, one of a fixed number.

use super::durations;
use crate::logs::{OTHER_VERB, VERBS};
use actix_web::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    status: &'static str,
}

/// Classes of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What no route took, and what a route took that is not of the document: its pages.
const NO_ROUTE: &str = "none";
const OTHER_ROUTE: &str = "other";

/// The histograms of one route, each made when it is first needed.
type Route = [[OnceLock<Histogram>; CLASSES.len()]; VERBS.len() + 1];

/// Requests. A request is looked up by its route, without anything being allocated.
pub struct Http {
    routes: HashMap<String, Route>,
    none: Route,
    other: Route,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

/// A request that is under way, until dropped.
pub struct InFlight<'h>(&'h Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Http {
    pub(super) fn new<'r>(routes: impl Iterator<Item = &'r str>, registry: &mut Registry) -> Self {
        let durations: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(durations);
        let help = "From the head of a request to the head of its answer; the stream of an answer is not in it";
        registry.register_with_unit(
            "http_request_duration",
            help,
            Unit::Seconds,
            durations.clone(),
        );
        let in_flight = Gauge::default();
        let help = "Requests whose answer has not begun";
        registry.register("http_requests_in_flight", help, in_flight.clone());
        let routes = routes.map(|route| (route.to_owned(), Route::default())).collect();
        Self { routes, none: Route::default(), other: Route::default(), durations, in_flight }
    }

    /// Counts a request as under way.
    pub fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// Notes a request that was answered; `verb` is one of [`VERBS`] or another word, `route` is the pattern that took it.
    pub fn answered(
        &self,
        verb: &'static str,
        route: Option<&str>,
        status: StatusCode,
        took: Duration,
    ) {
        let (name, known) = match route {
            None => (NO_ROUTE, &self.none),
            Some(route) => match self.routes.get_key_value(route) {
                Some((name, known)) => (name.as_str(), known),
                None => (OTHER_ROUTE, &self.other),
            },
        };
        let method = VERBS.iter().position(|one| *one == verb).unwrap_or(VERBS.len());
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(CLASSES.len() - 1);
        let Some(slot) = known.get(method).and_then(|classes| classes.get(class)) else { return };
        let histogram = slot.get_or_init(|| {
            self.durations.get_or_create_owned(&Labels {
                method: VERBS.get(method).copied().unwrap_or(OTHER_VERB),
                route: name.to_owned(),
                status: CLASSES.get(class).copied().unwrap_or_default(),
            })
        });
        histogram.observe(took.as_secs_f64());
    }
}
