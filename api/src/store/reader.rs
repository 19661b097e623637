//! The threads that read: one connection each, one consistent snapshot per unit.
//!
//! **Must never** keep a write: what a reading unit changes is rolled back.

use super::connection::Role;
use super::{DbConnection, OpenError, StoreError, StoreOptions};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&mut DbConnection, &StoreOptions) + Send>;

/// A handle to the reading threads.
#[derive(Clone)]
pub(super) struct Readers {
    jobs: Sender<Job>,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub(super) fn start(options: &StoreOptions) -> Result<Self, OpenError> {
        let (jobs, queue) = unbounded::<Job>();
        for number in 0..options.readers.max(1) {
            let connection = DbConnection::open(options, Role::Read)?;
            let (queue, options) = (queue.clone(), options.clone());
            std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(connection, &options, &queue))
                .map_err(|error| OpenError(format!("cannot start a reading thread: {error}")))?;
        }
        Ok(Self { jobs })
    }

    /// Runs `work` on the next free thread.
    pub(super) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection, options| {
            // A caller that has gone away (its request was cancelled) needs no answer.
            let _ = reply.send(in_snapshot(connection, options, work));
        });
        if self.jobs.send(job).is_err() {
            return Err(StoreError::Unavailable("the reading threads have ended".to_owned()).into());
        }
        answer.await.unwrap_or_else(|_gone| {
            Err(StoreError::Unavailable("a reading thread ended unexpectedly".to_owned()).into())
        })
    }
}

fn serve(mut connection: DbConnection, options: &StoreOptions, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        let done = catch_unwind(AssertUnwindSafe(|| job(&mut connection, options)));
        if done.is_err() {
            tracing::error!("a reading unit panicked; its connection is replaced");
            match DbConnection::open(options, Role::Read) {
                Ok(fresh) => connection = fresh,
                Err(error) => tracing::error!(%error, "and could not be"),
            }
        }
    }
}

fn in_snapshot<T, E: From<StoreError>>(
    connection: &mut DbConnection,
    options: &StoreOptions,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    connection.begin_or_reopen(options, Role::Read)?;
    let answer = work(connection);
    connection.roll_back()?;
    answer
}
