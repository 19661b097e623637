//! Spans for OpenTelemetry: a request, the units of work that it asks the store for, and what it sends.
//!
//! They are made only while somebody takes them: with the feature `otlp` and a collector in the settings. Else
//! all of this is a look at one flag.
//!
//! **Must never** give a span what no log line may show: no path, no identifier of a record, no address.

#[cfg(feature = "otlp")]
mod otlp;

use crate::config::Config;
use crate::logs::Request;
use crate::metrics::Transport;
use crate::store::OpenError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::field::Empty;
use tracing::{Span, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// What our spans are known by among those of others.
const TARGET: &str = "afterview_trace";

/// Whether somebody takes spans.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// What takes spans and sends them on. The last ones leave when it is dropped.
#[derive(Default)]
pub struct Exporter {
    #[cfg(feature = "otlp")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

/// What takes the spans of `S`.
pub type Spans<S> = Box<dyn Layer<S> + Send + Sync>;

/// The part of the log that takes spans, if the settings name a collector.
///
/// # Errors
/// One sentence when the collector's address cannot be used.
pub fn layer<S>(config: &Config) -> Result<(Option<Spans<S>>, Exporter), OpenError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    #[cfg(feature = "otlp")]
    if let Some(collector) = &config.otlp {
        let (layer, exporter) = otlp::layer(collector)?;
        IS_ON.store(true, Ordering::Relaxed);
        return Ok((Some(layer), exporter));
    }
    let _ = config;
    Ok((None, Exporter::default()))
}

fn is_on() -> bool {
    cfg!(feature = "otlp") && IS_ON.load(Ordering::Relaxed)
}

/// The span of a request, which goes on with the trace that its headers name.
#[must_use]
pub fn request(asked: &Request, headers: &HeaderMap) -> Span {
    if !is_on() {
        return Span::none();
    }
    let span = info_span!(
        target: TARGET, "request", otel.kind = "server", otel.status_code = Empty,
        http.request.method = asked.verb(), http.route = Empty, http.response.status_code = Empty,
        request_id = asked.id,
    );
    #[cfg(feature = "otlp")]
    otlp::go_on(&span, headers);
    let _ = headers;
    span
}

/// Says how the request ended.
pub fn answered(span: &Span, asked: &Request, route: Option<&str>, status: StatusCode) {
    if span.is_none() {
        return;
    }
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(route) = route {
        span.record("http.route", route);
    }
    #[cfg(feature = "otlp")]
    otlp::rename(span, asked.verb(), route);
    let _ = asked;
}

/// The span of a unit of work, from the moment at which it waits for a thread. What no request asks for has
/// none: a server looks for due work all the time.
#[must_use]
pub fn unit(queue: &'static str) -> Span {
    if !is_on() || Span::current().is_disabled() {
        return Span::none();
    }
    info_span!(target: TARGET, "unit", otel.name = queue)
}

/// The part of a unit of work in which it has its thread.
#[must_use]
pub fn run(unit: &Span) -> Span {
    if unit.is_none() {
        return Span::none();
    }
    info_span!(target: TARGET, parent: unit, "run")
}

/// The part of a unit of work in which it is made durable, together with others.
#[must_use]
pub fn commit(unit: &Span, units: usize) -> Span {
    if unit.is_none() {
        return Span::none();
    }
    let units = i64::try_from(units).unwrap_or(i64::MAX);
    info_span!(target: TARGET, parent: unit, "commit", units)
}

/// The span of something that is sent to others.
#[must_use]
pub fn send(transport: Transport) -> Span {
    if !is_on() {
        return Span::none();
    }
    let transport = transport.as_str();
    info_span!(target: TARGET, "send", otel.kind = "client", otel.name = transport, transport)
}
