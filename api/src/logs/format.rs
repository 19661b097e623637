//! How a line looks: for people, and for programs.
//!
//! **Must never** add anything to a line but when it was written, by what, and for which request.

use super::scope;
use serde_json::{Map, Value};
use std::fmt;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// One line for people: time, level, part of the program, what happened, for which request.
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        SystemTime.format_time(&mut line)?;
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        if line.has_ansi_escapes() {
            let colour = match level {
                Level::ERROR => 31,
                Level::WARN => 33,
                Level::INFO => 32,
                _ => 34,
            };
            write!(line, " \x1b[{colour}m{level:>5}\x1b[0m \x1b[2m{target}:\x1b[0m ")?;
        } else {
            write!(line, " {level:>5} {target}: ")?;
        }
        context.field_format().format_fields(line.by_ref(), event)?;
        if let Some(request) = scope::current() {
            write!(line, " request_id={} method={}", request.id, request.verb())?;
            if let Some(route) = request.route() {
                write!(line, " route={route}")?;
            }
        }
        writeln!(line)
    }
}

/// One JSON object for programs. Its members are those of the event beside `timestamp`, `level`, `target`,
/// `message`, `request_id`, `method` and `route`.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut members = Members::default();
        members.put("timestamp", time);
        members.put("level", event.metadata().level().as_str());
        members.put("target", event.metadata().target());
        if let Some(request) = scope::current() {
            members.put("request_id", request.id.as_str());
            members.put("method", request.verb());
            if let Some(route) = request.route() {
                members.put("route", route);
            }
        }
        event.record(&mut members);
        writeln!(line, "{}", Value::Object(members.0))
    }
}

/// The members of a line.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Members {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field.name(), u64::try_from(value).unwrap_or(u64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}"));
    }
}
