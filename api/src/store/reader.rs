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

type Job = Box<dyn FnOnce(&mut Link) + Send>;

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
            let (mut link, queue) = (Link::open(options, Role::Read)?, queue.clone());
            std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&mut link, &queue))
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
        let job: Job = Box::new(move |link| {
            let readers = &watch.metrics.readers;
            readers.leave(1);
            let answer = watch.run(readers, &waiting, || in_snapshot(link, &scope, work));
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

fn serve(link: &mut Link, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        if catch_unwind(AssertUnwindSafe(|| job(link))).is_err() {
            tracing::error!("a reading unit panicked; its connection is replaced");
            link.drop_connection();
        }
    }
}

fn in_snapshot<T, E: From<StoreError>>(
    link: &mut Link,
    scope: &Scope,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let connection = link.begin(|connection| connection.begin_reading(scope))?;
    let answer = work(connection);
    if let Err(error) = connection.roll_back() {
        // What was read was read in one state all the same.
        tracing::warn!(%error, "a reading transaction did not end; its connection is replaced");
        link.drop_connection();
    }
    answer
}
