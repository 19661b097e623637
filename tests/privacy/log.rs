//! Everything that any part of the process logs, as one text.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::{MutexGuard, watch};
use tracing::level_filters::LevelFilter;

/// Whoever waits longer than this for a line waits in vain.
const PATIENCE: Duration = Duration::from_secs(20);

static LOG: OnceLock<Log> = OnceLock::new();
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Everything that was logged.
#[derive(Clone, Default)]
pub(crate) struct Log {
    bytes: Arc<Mutex<Vec<u8>>>,
    grown: watch::Sender<()>,
}

impl Log {
    /// An empty log, and the turn of the one test that may fill it.
    pub(crate) async fn of_everything() -> (Self, MutexGuard<'static, ()>) {
        let turn = TURN.lock().await;
        let log = LOG.get_or_init(|| {
            let log = Self::default();
            let sink = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(move || sink.clone())
                .init();
            log
        });
        log.bytes.lock().unwrap().clear();
        (log.clone(), turn)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }

    /// The lines with those words.
    pub(crate) fn lines_with(&self, words: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    /// The same, once there are so many.
    pub(crate) async fn wait_for(&self, words: &str, count: usize) -> Vec<String> {
        let mut grown = self.grown.subscribe();
        let enough = grown.wait_for(|()| self.lines_with(words).len() >= count);
        let waited = tokio::time::timeout(PATIENCE, enough).await.is_ok();
        assert!(waited, "waited for {words:?} in vain");
        self.lines_with(words)
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.bytes.lock().unwrap().write(bytes);
        self.grown.send_replace(());
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
