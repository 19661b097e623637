//! The one thread that writes: it groups waiting units into one durable commit.
//!
//! Each unit runs under its own savepoint; a failing one is rolled back alone and answered alone.
//! The others are answered only after the commit that holds them is durable.

use super::connection::Role;
use super::{DbConnection, OpenError, StoreError, StoreOptions};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most units run for one commit, and the time after which no other one is begun. Both bound how
/// long the first of them waits for the last, whether they succeed or not.
const MAX_GROUP: usize = 256;
const MAX_GROUP_TIME: Duration = Duration::from_millis(20);

/// A handle to the writing thread.
#[derive(Clone)]
pub(super) struct Writer {
    units: Sender<Box<dyn Unit>>,
}

/// One unit of work as the thread sees it: its type of answer is hidden inside.
trait Unit: Send {
    /// Runs the work; `true` if its changes are to be kept.
    fn run(&mut self, connection: &mut DbConnection) -> bool;
    /// Sends the answer of the work.
    fn answer(self: Box<Self>);
    /// Sends that the work is undone because of the store.
    fn fail(self: Box<Self>, why: StoreError);
}

struct Work<T, E, F, C> {
    work: F,
    committed: C,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F, C> Unit for Work<T, E, F, C>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut DbConnection) -> Result<T, E> + Send,
    C: Fn(&T) + Send,
{
    fn run(&mut self, connection: &mut DbConnection) -> bool {
        let outcome = (self.work)(connection);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // Work that succeeded is answered only when it is durable.
            if let Ok(done) = &outcome {
                (self.committed)(done);
            }
            // A caller that has gone away needs no answer; its work is done all the same.
            let _ = self.reply.send(outcome);
        }
    }

    fn fail(self: Box<Self>, why: StoreError) {
        let _ = self.reply.send(Err(why.into()));
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        mut connection: DbConnection,
        options: StoreOptions,
    ) -> Result<Self, OpenError> {
        let (units, queue) = unbounded::<Box<dyn Unit>>();
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || serve(&mut connection, &options, &queue))
            .map_err(|error| OpenError(format!("cannot start the writing thread: {error}")))?;
        Ok(Self { units })
    }

    /// Runs `work` and waits until its commit is durable. `committed` is called then, also when the
    /// caller has gone away.
    pub(super) async fn run<T, E, F, C>(&self, work: F, committed: C) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T, E> + Send + 'static,
        C: Fn(&T) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let unit: Box<dyn Unit> = Box::new(Work { work, committed, outcome: None, reply });
        if self.units.send(unit).is_err() {
            return Err(StoreError::Unavailable("the writing thread has ended".to_owned()).into());
        }
        answer.await.unwrap_or_else(|_gone| {
            Err(StoreError::Unavailable("the unit of work ended unexpectedly".to_owned()).into())
        })
    }
}

fn serve(connection: &mut DbConnection, options: &StoreOptions, queue: &Receiver<Box<dyn Unit>>) {
    while let Ok(first) = queue.recv() {
        match connection.begin_or_reopen(options, Role::Write) {
            Ok(()) => commit_group(connection, first, queue),
            Err(error) => {
                tracing::error!(%error, "cannot begin a write transaction");
                first.fail(error);
            }
        }
    }
}

/// Runs waiting units in the transaction that has begun, and commits.
fn commit_group(
    connection: &mut DbConnection,
    first: Box<dyn Unit>,
    queue: &Receiver<Box<dyn Unit>>,
) {
    let (began, mut ran, mut kept) = (Instant::now(), 0, Vec::new());
    let mut next = Some(first);
    while let Some(unit) = next {
        kept.extend(run_under_savepoint(connection, unit));
        ran += 1;
        let room = ran < MAX_GROUP && began.elapsed() < MAX_GROUP_TIME;
        next = if room { queue.try_recv().ok() } else { None };
    }
    match connection.commit() {
        Ok(()) => kept.into_iter().for_each(Unit::answer),
        Err(error) => {
            tracing::error!(%error, units = kept.len(), "a group of writes was not committed");
            if let Err(error) = connection.roll_back() {
                tracing::error!(%error, "and could not be rolled back");
            }
            for unit in kept {
                unit.fail(StoreError::Unavailable(error.to_string()));
            }
        }
    }
}

/// Runs one unit. Gives it back if its answer must wait for the commit.
fn run_under_savepoint(
    connection: &mut DbConnection,
    mut unit: Box<dyn Unit>,
) -> Option<Box<dyn Unit>> {
    if let Err(error) = connection.begin() {
        unit.fail(error);
        return None;
    }
    let keep = catch_unwind(AssertUnwindSafe(|| unit.run(connection)));
    let keep = keep.unwrap_or_else(|_panic| {
        tracing::error!("a unit of work panicked; it is rolled back");
        false
    });
    let ended = if keep { connection.commit() } else { connection.roll_back() };
    match ended {
        Ok(()) if keep => Some(unit),
        Ok(()) => {
            unit.answer();
            None
        }
        Err(error) => {
            unit.fail(error);
            None
        }
    }
}
