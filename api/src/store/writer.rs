//! The threads that write: each groups waiting units into one durable commit.
//!
//! Nearly all units succeed, so a group is run as one first. If one of it fails, all of it is undone and run once
//! more, each unit under its own savepoint, and the failing one is rolled back alone. All are answered only
//! after the commit of their group is durable: one that fails may have seen what another of the group wrote,
//! and nobody may be told of that before others can see it. Units of one account always meet the same thread,
//! and those of a group run in the order of their accounts: so no two groups, on whatever nodes, wait for each
//! other. Claims on due work of all accounts have commits of their own, so that their rows are never locked
//! while somebody waits for an account.
//!
//! **Must never** run a unit again whose commit may have happened.

use super::checkpoint::Checkpoints;
use super::connection::{Role, Scope};
use super::health::{Health, Trouble};
use super::link::Link;
use super::watch::{Waiting, Watch};
use super::{DbConnection, MAX_WAITING, OpenError, StoreError, StoreOptions, Transient};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most units run for one commit, and the time after which no other one is begun. Both bound how
/// long the first of them waits for the last, whether they succeed or not.
const MAX_GROUP: usize = 256;
const MAX_GROUP_TIME: Duration = Duration::from_millis(20);

/// How often a unit is run at most, when others of its group fail or get in its way, or the connection breaks
/// before the commit.
const MAX_RUNS: u8 = 4;

/// A handle to the writing threads.
#[derive(Clone)]
pub(super) struct Writer {
    queues: Vec<Sender<Box<dyn Unit>>>,
    watch: Arc<Watch>,
    health: Arc<Health>,
}

/// One unit of work as a thread sees it: its type of answer is hidden inside.
trait Unit: Send {
    /// Whose rows it works on.
    fn scope(&self) -> &Scope;
    /// Since when it waits, and for which request.
    fn waiting(&self) -> Waiting;
    /// Notes that it is about to be run, whatever comes of that.
    fn count_run(&mut self);
    /// Runs the work.
    fn run(&mut self, connection: &mut DbConnection) -> Ran;
    /// Whether it may be run once more.
    fn may_run_again(&self) -> bool;
    /// Sends the answer of the work.
    fn answer(self: Box<Self>);
    /// Sends that the work is undone because of the store.
    fn fail(self: Box<Self>, why: StoreError);
}

/// What is to be done after the work of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    /// Keep its changes.
    Keep,
    /// Undo its changes and answer.
    Refuse,
    /// Undo its changes and run it again: another transaction got in its way.
    Again,
}

struct Work<T, E, F, C> {
    scope: Scope,
    waiting: Waiting,
    runs: u8,
    work: F,
    committed: C,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F, C> Unit for Work<T, E, F, C>
where
    T: Send,
    E: From<StoreError> + Transient + Send,
    F: FnMut(&mut DbConnection) -> Result<T, E> + Send,
    C: Fn(&T) + Send,
{
    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    fn count_run(&mut self) {
        self.runs += 1;
    }

    fn run(&mut self, connection: &mut DbConnection) -> Ran {
        // What an earlier run came to is undone: if this one panics, nobody may be told of that.
        self.outcome = None;
        let outcome = (self.work)(connection);
        let ran = match &outcome {
            Ok(_) => Ran::Keep,
            Err(error) if error.is_contention() && self.may_run_again() => Ran::Again,
            Err(_) => Ran::Refuse,
        };
        self.outcome = Some(outcome);
        ran
    }

    fn may_run_again(&self) -> bool {
        self.runs < MAX_RUNS
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
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
    /// Opens the connections and starts the threads.
    pub(super) fn start(options: &StoreOptions) -> Result<Self, OpenError> {
        let start = |number: usize| {
            let (units, queue) = bounded::<Box<dyn Unit>>(MAX_WAITING);
            let mut link = Link::open(options, Role::Write)?;
            let mut checkpoints = Checkpoints::start(options)?;
            let watch = Arc::clone(&options.watch);
            std::thread::Builder::new()
                .name(format!("writer-{number}"))
                .spawn(move || serve(&mut link, &queue, checkpoints.as_mut(), &watch))
                .map_err(|error| OpenError(format!("cannot start a writing thread: {error}")))?;
            Ok(units)
        };
        let queues = (0..options.writers()).map(start).collect::<Result<_, OpenError>>()?;
        Ok(Self { queues, health: Arc::default(), watch: Arc::clone(&options.watch) })
    }

    /// Runs `work` and waits until its commit is durable. `committed` is called then, also when the
    /// caller has gone away.
    pub(super) async fn run<T, E, F, C>(&self, scope: Scope, work: F, committed: C) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Transient + Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T, E> + Send + 'static,
        C: Fn(&T) + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue_of(&scope);
        let waiting = Waiting::enter(&self.watch.metrics.writers, "write");
        let work = Work { scope, waiting, runs: 0, work, committed, outcome: None, reply };
        if queue.is_none_or(|queue| queue.try_send(Box::new(work)).is_err()) {
            self.watch.metrics.writers.refuse();
            return Err(StoreError::overloaded("writes").into());
        }
        let outcome = answer.await.unwrap_or_else(|_gone| {
            Err(StoreError::Unavailable("the unit of work ended unexpectedly".to_owned()).into())
        });
        match &outcome {
            Ok(_) => self.health.note(None),
            // What was refused for another reason says nothing of the database.
            Err(error) => error.trouble().into_iter().for_each(|it| self.health.note(Some(it))),
        }
        outcome
    }

    /// What kept the last write from being done, if anything did.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.health.trouble()
    }

    /// The queue of the thread that writes for an account.
    fn queue_of(&self, scope: &Scope) -> Option<&Sender<Box<dyn Unit>>> {
        let mut hasher = DefaultHasher::new();
        scope.hash(&mut hasher);
        let threads = u64::try_from(self.queues.len().max(1)).unwrap_or(1);
        self.queues.get(usize::try_from(hasher.finish() % threads).unwrap_or(0))
    }
}

fn serve(
    link: &mut Link,
    queue: &Receiver<Box<dyn Unit>>,
    mut checkpoints: Option<&mut Checkpoints>,
    watch: &Watch,
) {
    while let Ok(first) = queue.recv() {
        let waiting = queue.try_iter().take(MAX_GROUP - 1);
        let mut units: Vec<_> = std::iter::once(first).chain(waiting).collect();
        watch.metrics.writers.leave(units.len());
        units.sort_by(|one, other| one.scope().cmp(other.scope()));
        let accounts = units.partition_point(|unit| *unit.scope() == Scope::Directory);
        let accounts = units.split_off(accounts);
        for mut units in [units, accounts] {
            while !units.is_empty() {
                units = commit_group(link, units, Mode::Together, watch);
                checkpoints.as_mut().into_iter().for_each(|it| it.committed());
            }
        }
    }
}

/// How the units of a group are kept from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Not at all: if one fails, all are undone.
    Together,
    /// By savepoints, of which each costs two round trips.
    Apart,
}

/// Runs units in one transaction, commits, and gives back those for whom there was no time or that are
/// to be run again.
fn commit_group(
    link: &mut Link,
    units: Vec<Box<dyn Unit>>,
    mode: Mode,
    watch: &Watch,
) -> Vec<Box<dyn Unit>> {
    let connection = match link.begin(DbConnection::begin_group) {
        Ok(connection) => connection,
        Err(error) => {
            tracing::error!(%error, "cannot begin a write transaction");
            watch.metrics.lost();
            let told = units.into_iter();
            told.for_each(|unit| unit.fail(error.again()));
            return Vec::new();
        }
    };
    let (began, mut done, mut later) = (Instant::now(), Vec::new(), Vec::new());
    let mut units = units.into_iter();
    while let Some(unit) = units.next() {
        match run_watched(connection, unit, mode, watch) {
            After::Done(unit) => done.push(unit),
            After::Again(unit) => {
                watch.metrics.rerun();
                later.push(unit);
            }
            After::Undone(unit, Ran::Refuse) if done.is_empty() => {
                unit.answer();
                return units.collect();
            }
            After::Undone(unit, _) => {
                let all = done.into_iter().chain([unit]).chain(units);
                return commit_group(link, all.collect(), Mode::Apart, watch);
            }
            After::Lost(unit, error) => {
                link.drop_connection();
                watch.metrics.lost();
                let unfinished = done.into_iter().chain([unit]).chain(later).chain(units);
                return run_again(unfinished, &error);
            }
        }
        if began.elapsed() >= MAX_GROUP_TIME {
            later.extend(units.by_ref());
        }
    }
    end_group(link, done, watch);
    later
}

/// After a transaction that broke before its commit: nothing of it happened.
fn run_again(units: impl Iterator<Item = Box<dyn Unit>>, error: &StoreError) -> Vec<Box<dyn Unit>> {
    tracing::warn!(%error, "a group of writes broke before its commit");
    let (again, over): (Vec<_>, Vec<_>) = units.partition(|unit| unit.may_run_again());
    over.into_iter().for_each(|unit| unit.fail(error.again()));
    again
}

fn end_group(link: &mut Link, done: Vec<Box<dyn Unit>>, watch: &Watch) {
    let Some(connection) = link.connection() else { return };
    let began = Instant::now();
    let spans: Vec<_> = done.iter().map(|unit| unit.waiting().commit(done.len())).collect();
    let committed = connection.commit_to(0);
    drop(spans);
    let Err(error) = committed else {
        watch.metrics.committed(done.len(), began.elapsed());
        return done.into_iter().for_each(Unit::answer);
    };
    // Whether it happened is not known if the connection broke meanwhile. Whoever is told so asks again,
    // under the same identifiers.
    tracing::error!(%error, units = done.len(), "a group of writes was not committed");
    watch.metrics.lost();
    if let Err(error) = connection.roll_back_to(0) {
        tracing::error!(%error, "and could not be rolled back");
    }
    link.drop_connection();
    done.into_iter().for_each(|unit| unit.fail(error.again()));
}

/// What became of a unit.
enum After {
    /// It was kept, or undone by itself, and its answer must wait for the commit.
    Done(Box<dyn Unit>),
    /// It was undone by itself and is to be run again.
    Again(Box<dyn Unit>),
    /// It failed, and with it all of the group was undone.
    Undone(Box<dyn Unit>, Ran),
    /// The whole transaction is gone.
    Lost(Box<dyn Unit>, StoreError),
}

fn run_watched(
    connection: &mut DbConnection,
    mut unit: Box<dyn Unit>,
    mode: Mode,
    watch: &Watch,
) -> After {
    unit.count_run();
    let waiting = unit.waiting();
    watch.run(&watch.metrics.writers, &waiting, || match mode {
        Mode::Together => run_together(connection, unit),
        Mode::Apart => run_apart(connection, unit),
    })
}

fn run_together(connection: &mut DbConnection, mut unit: Box<dyn Unit>) -> After {
    let ran = match connection.turn_to(unit.scope()) {
        Ok(()) => run_caught(connection, unit.as_mut()),
        Err(error) => return After::Lost(unit, error),
    };
    // What is above the group's own transaction, a unit that succeeded has left open.
    let ended = match ran {
        Ran::Keep => connection.commit_to(1),
        Ran::Refuse | Ran::Again => connection.roll_back_to(0),
    };
    match (ended, ran) {
        (Err(error), _) => After::Lost(unit, error),
        (Ok(()), Ran::Keep) => After::Done(unit),
        (Ok(()), Ran::Refuse | Ran::Again) => After::Undone(unit, ran),
    }
}

fn run_apart(connection: &mut DbConnection, mut unit: Box<dyn Unit>) -> After {
    let began = connection.begin_part().and_then(|()| connection.turn_to(unit.scope()));
    if let Err(error) = began {
        return After::Lost(unit, error);
    }
    let ran = run_caught(connection, unit.as_mut());
    let ended = match ran {
        Ran::Keep => connection.commit_to(1),
        Ran::Refuse | Ran::Again => connection.roll_back_to(1),
    };
    match (ended, ran) {
        (Err(error), _) => After::Lost(unit, error),
        (Ok(()), Ran::Keep | Ran::Refuse) => After::Done(unit),
        (Ok(()), Ran::Again) => After::Again(unit),
    }
}

fn run_caught(connection: &mut DbConnection, unit: &mut dyn Unit) -> Ran {
    let ran = catch_unwind(AssertUnwindSafe(|| unit.run(connection)));
    ran.unwrap_or_else(|_panic| {
        tracing::error!("a unit of work panicked; it is rolled back");
        Ran::Refuse
    })
}
