//! The threads that read: one connection each, one consistent snapshot per unit.
//!
//! **Must never** keep a write: what a reading unit changes is rolled back.

use super::connection::{Role, Scope};
use super::link::Link;
use super::watch::{Waiting, Watch};
use super::{DbConnection, MAX_WAITING, OpenError, StoreError, StoreOptions};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&mut Snapshots) + Send>;

/// A handle to the reading threads.
#[derive(Clone)]
pub(super) struct Readers {
    jobs: Sender<Job>,
    watch: Arc<Watch>,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub(super) fn start(options: &StoreOptions) -> Result<Self, OpenError> {
        let (jobs, queue) = bounded::<Job>(MAX_WAITING);
        for number in 0..options.readers.max(1) {
            let link = Link::open(options, Role::Read)?;
            let (mut snapshots, queue) = (Snapshots { link, is_open: false }, queue.clone());
            std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&mut snapshots, &queue))
                .map_err(|error| OpenError(format!("cannot start a reading thread: {error}")))?;
        }
        Ok(Self { jobs, watch: Arc::clone(&options.watch) })
    }

    /// Runs `work` on the next free thread.
    pub(super) async fn run<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let (waiting, watch) =
            (Waiting::enter(&self.watch.metrics.readers, "read"), Arc::clone(&self.watch));
        let job: Job = Box::new(move |snapshots| {
            let readers = &watch.metrics.readers;
            readers.leave(1);
            let answer = watch.run(readers, &waiting, || snapshots.show(&scope, work));
            // A caller that has gone away (its request was cancelled) needs no answer.
            let _ = reply.send(answer);
        });
        if self.jobs.try_send(job).is_err() {
            self.watch.metrics.readers.refuse();
            return Err(StoreError::overloaded("reads").into());
        }
        answer.await.unwrap_or_else(|_gone| {
            Err(StoreError::Unavailable("a reading thread ended unexpectedly".to_owned()).into())
        })
    }
}

fn serve(snapshots: &mut Snapshots, queue: &Receiver<Job>) {
    // Another thread may take what waits, so nothing stays open while this one waits itself.
    let next = |snapshots: &mut Snapshots| {
        queue.try_recv().or_else(|_empty| {
            snapshots.end();
            queue.recv()
        })
    };
    while let Ok(job) = next(snapshots) {
        if catch_unwind(AssertUnwindSafe(|| job(snapshots))).is_err() {
            tracing::error!("a reading unit panicked; its connection is replaced");
            snapshots.link.drop_connection();
        }
    }
}

/// The reading transactions of one connection, one after the other. The last one ends together with the
/// beginning of the next, if that is waiting already: a round trip less.
struct Snapshots {
    link: Link,
    is_open: bool,
}

impl Snapshots {
    fn show<T, E: From<StoreError>>(
        &mut self,
        scope: &Scope,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        if !self.goes_on(scope) {
            self.link.begin(|connection, setup| connection.begin_reading(scope, setup))?;
            self.is_open = true;
        }
        let lost = || StoreError::Unavailable("the connection is gone".to_owned());
        let answer = work(self.link.connection().ok_or_else(lost)?);
        if answer.is_err() {
            self.end();
        }
        answer
    }

    /// Whether the open transaction, if there is one, could be made another one.
    fn goes_on(&mut self, scope: &Scope) -> bool {
        let (is_open, setup) = (std::mem::take(&mut self.is_open), self.link.setup());
        let Some(connection) = self.link.connection().filter(|_| is_open) else { return false };
        match connection.read_on(scope, setup) {
            Ok(()) => self.is_open = true,
            Err(error) => {
                tracing::warn!(%error, "a reading transaction did not end; its connection is replaced");
                self.link.drop_connection();
            }
        }
        self.is_open
    }

    fn end(&mut self) {
        let is_open = std::mem::take(&mut self.is_open);
        let Some(connection) = self.link.connection().filter(|_| is_open) else { return };
        if let Err(error) = connection.roll_back_to(0) {
            // What was read was read in one state all the same.
            tracing::warn!(%error, "a reading transaction did not end; its connection is replaced");
            self.link.drop_connection();
        }
    }
}
