//! An eye on the threads that write and read: what waits, how long everything takes, and what is slow.
//!
//! **Must never** show a value: a slow statement is logged as it is written, without what is bound to it, and
//! with whatever stands between quotes left out.

use crate::logs::{self, Gate, Request};
use crate::metrics::{Queue, StoreMetrics};
use crate::traces;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Span;

/// The most characters of a statement that are logged.
const MAX_TEXT: usize = 1_000;

/// What is counted, and what counts as slow. One for all threads of a store.
#[derive(Debug, Default)]
pub struct Watch {
    /// What is counted.
    pub metrics: StoreMetrics,
    /// From when on a statement or a unit of work is slow; `None`: nothing is.
    pub slow_after: Option<Duration>,
    gate: Gate,
}

/// A unit of work that waits, and the request that it is for.
#[derive(Clone)]
pub(super) struct Waiting {
    since: Instant,
    request: Option<Arc<Request>>,
    span: Span,
}

impl Waiting {
    /// Puts a unit into a queue, whose name `what` is.
    pub(super) fn enter(queue: &Queue, what: &'static str) -> Self {
        queue.enter();
        Self { since: Instant::now(), request: logs::current(), span: traces::unit(what) }
    }

    /// The span of its durable commit, which it shares with others.
    pub(super) fn commit(&self, units: usize) -> Span {
        traces::commit(&self.span, units)
    }
}

impl Watch {
    /// One that calls slow what takes longer than `slow_after`.
    #[must_use]
    pub fn new(slow_after: Option<Duration>) -> Self {
        Self { slow_after, ..Self::default() }
    }

    /// Runs a unit on behalf of the request that it is for. Lines that are logged meanwhile name that request.
    pub(super) fn run<T>(&self, queue: &Queue, unit: &Waiting, work: impl FnOnce() -> T) -> T {
        logs::within_sync(unit.request.as_ref(), || {
            let began = Instant::now();
            let done = traces::run(&unit.span).in_scope(work);
            let (waited, took) = (began - unit.since, began.elapsed());
            queue.ran(waited, took);
            if self.slow_after.is_some_and(|slow| took >= slow) {
                self.slow_unit(waited, took);
            }
            done
        })
    }

    fn slow_unit(&self, waited: Duration, took: Duration) {
        self.metrics.slow();
        if let Some(left_out) = self.gate.pass() {
            let (duration_ms, waited_ms) = (took.as_millis(), waited.as_millis());
            tracing::warn!(duration_ms, waited_ms, left_out, "slow unit of work");
        }
    }

    /// What watches the statements of a connection; `None` if none is ever called slow.
    pub(super) fn of_statements(self: &Arc<Self>) -> Option<Statements> {
        let slow_after = self.slow_after?;
        Some(Statements { slow_after, began: Duration::ZERO, watch: Arc::clone(self) })
    }
}

/// Watches the statements of one connection, which run one after the other.
pub(super) struct Statements {
    slow_after: Duration,
    began: Duration,
    watch: Arc<Watch>,
}

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.began = coarse_now(),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let took = coarse_now().saturating_sub(self.began);
                if took >= self.slow_after {
                    self.watch.metrics.slow();
                    if let Some(left_out) = self.watch.gate.pass() {
                        let duration_ms = took.as_millis();
                        let statement = without_values(&query.to_string());
                        tracing::warn!(duration_ms, statement, left_out, "slow statement");
                    }
                }
            }
            _ => {}
        }
    }
}

/// The time since some moment, to a few milliseconds, for a quarter of the price of the exact one.
fn coarse_now() -> Duration {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    Duration::from_secs(part(now.tv_sec)) + Duration::from_nanos(part(now.tv_nsec))
}

/// A statement as diesel shows it, on one line, without what is bound to it and without what it quotes.
fn without_values(shown: &str) -> String {
    let text = shown.split_once(" -- binds: ").map_or(shown, |(text, _binds)| text);
    let mut plain = String::new();
    for (number, part) in text.split('\'').enumerate() {
        // Every second part stands between quotes.
        if number % 2 == 1 {
            plain.push_str("'…'");
        } else {
            plain.extend(part.split_whitespace().flat_map(|word| [" ", word]));
        }
    }
    plain.trim_start().chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::sql_types::Text;
    use diesel::{Connection, RunQueryDsl, SqliteConnection};
    use std::io::Write;
    use std::sync::Mutex;

    /// Everything that is logged meanwhile.
    fn logged(work: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Lines(Arc<Mutex<Vec<u8>>>);
        impl Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().expect("unbroken").write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        tracing::subscriber::with_default(log.finish(), work);
        let bytes = lines.0.lock().expect("unbroken").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn a_slow_statement_and_a_slow_unit_are_one_line_each_and_a_quick_one_is_none() {
        let mut connection = SqliteConnection::establish(":memory:").expect("opened");
        let mut ask = || {
            let query = diesel::sql_query("SELECT length(?) AS \"secret\" WHERE 'hidden' <> ?");
            let query = query.bind::<Text, _>("canary-one").bind::<Text, _>("canary-two");
            query.execute(&mut connection).expect("answered");
            let watch = Arc::new(Watch::new(Some(Duration::ZERO)));
            connection.set_instrumentation(watch.of_statements().expect("watched"));
        };
        assert_eq!(logged(&mut ask), "");
        let line = logged(&mut ask);
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains("<> ?") && line.contains("SELECT length(?)"), "{line}");
        assert!(!line.contains("canary") && !line.contains("hidden"), "{line}");

        let run = |watch: &Watch| {
            let waiting = Waiting::enter(&watch.metrics.writers, "write");
            watch.run(&watch.metrics.writers, &waiting, || ());
        };
        let (slow, never) = (Watch::new(Some(Duration::ZERO)), Watch::new(None));
        assert_eq!(logged(|| run(&slow)).matches("slow unit of work").count(), 1);
        assert_eq!(logged(|| run(&never)), "");
    }

    #[test]
    fn a_slow_statement_shows_no_value() {
        let shown =
            "SELECT doc FROM records WHERE id = $1\n  -- binds: [\"secret -- binds: secret\"]";
        assert_eq!(without_values(shown), "SELECT doc FROM records WHERE id = $1");
        let set = "SET LOCAL ROLE a; SET LOCAL afterview.account_id = 'anna'; NOTIFY x, 'o''hara'";
        let plain = without_values(set);
        assert!(!plain.contains("anna") && !plain.contains("hara"), "{plain}");
        assert!(plain.starts_with("SET LOCAL ROLE a; SET LOCAL afterview.account_id ="), "{plain}");
    }
}
