//! OTLP over HTTP: the exporter of the OpenTelemetry SDK, with the HTTP client that is here anyway.
//!
//! The SDK reads its own variables, such as `OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS`.
//!
//! **Must never** be set up on a thread of the server: the client is one that waits.

use super::{Exporter, Spans, TARGET};
use crate::config::Collector;
use crate::store::OpenError;
use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use secrecy::ExposeSecret;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// What takes our spans, and nobody else's.
pub(super) fn layer<S>(collector: &Collector) -> Result<(Spans<S>, Exporter), OpenError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(collector.endpoint.expose_secret())
        .build()
        .map_err(|error| OpenError(format!("spans cannot be exported: {error}")))?;
    let mut resource = Resource::builder();
    if !collector.is_named {
        resource = resource.with_service_name("afterview");
    }
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("afterview"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|meta| meta.is_span() && meta.target() == TARGET));
    Ok((Box::new(layer), Exporter { provider: Some(provider) }))
}

/// Makes a span part of the trace that the headers name (W3C Trace Context).
pub(super) fn go_on(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        let context = TraceContextPropagator::new().extract(&Headers(headers));
        // A span that nobody takes has no parent.
        let _ = span.set_parent(context);
    }
}

/// Gives a span the name that the conventions give to a request, once its route is known.
pub(super) fn rename(span: &Span, verb: &str, route: Option<&str>) {
    let name = route.map_or_else(|| verb.to_owned(), |route| format!("{verb} {route}"));
    span.context().span().update_name(name);
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}
