//! Log lines: where they go, how they look, and which request they belong to.
//!
//! A line that is written while a request is worked on, by whatever thread, names that request: its
//! `request_id`, its method and the pattern of its route. That is looked for when a line is written, so a
//! request without lines pays next to nothing.
//!
//! **Must never** show the path of a request, which may hold a secret, or anything that a candidate typed.

mod format;
mod gate;
mod scope;

pub use gate::Gate;
pub use scope::{OTHER_VERB, Request, VERBS, current, within, within_sync};

use crate::config::{Config, LogFormat};
use crate::store::OpenError;
use crate::traces::{self, Exporter};
use format::{Json, Text};
use std::io::IsTerminal;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Begins to log to standard error, so that standard output stays readable by programs, and to export spans
/// if the settings say where to; until what this gives is dropped.
///
/// # Errors
/// One sentence when spans cannot be exported.
pub fn start(config: &Config) -> Result<Exporter, OpenError> {
    let (spans, exporter) = traces::layer(config)?;
    tracing_subscriber::registry().with(spans).with(lines(config)).init();
    Ok(exporter)
}

fn lines<S>(config: &Config) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal());
    let lines = lines.with_writer(std::io::stderr);
    let lines: Box<dyn Layer<S> + Send + Sync> = match config.log_format {
        LogFormat::Text => lines.event_format(Text).boxed(),
        LogFormat::Json => lines.event_format(Json).boxed(),
    };
    lines.with_filter(EnvFilter::new(&config.log)).boxed()
}
