//! Who does the jobs of the table, and how a turn of one is taken.
//!
//! **Must never** know how anybody does a job: each writes its own requests.

use crate::load::{Load, Turn};
use crate::report::{Sample, Side};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// One record by its name, of any of very many.
    Read,
    /// One durable record for any of a thousand accounts.
    Create,
    /// The same for one account.
    CreateHot,
    /// A page of 1,000 changes.
    Pull,
    /// A hundred fresh records of one device in one request.
    Push,
    /// The question of a device whether anything has changed, and nothing has.
    Poll,
}

/// What a line of the table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// One job alone.
    Only(Job),
    /// 45 % read, 30 % poll, 20 % create, 3 % push, 2 % pull.
    Mixed,
}

/// Every workload, with its word and its connections.
pub(crate) const WORKLOADS: [(Workload, &str, usize); 7] = [
    (Workload::Only(Job::Read), "read", 32),
    (Workload::Only(Job::Create), "create", 32),
    (Workload::Only(Job::CreateHot), "create, one account", 32),
    (Workload::Only(Job::Pull), "pull of 1,000", 8),
    (Workload::Only(Job::Push), "push of 100", 8),
    (Workload::Only(Job::Poll), "nothing-changed poll", 32),
    (Workload::Mixed, "mixed", 32),
];

/// The most connections of a workload.
pub(crate) const CONNECTIONS: u32 = 32;

impl Workload {
    /// The job of a running number.
    pub(crate) fn job(self, number: u32) -> Job {
        match self {
            Self::Only(job) => job,
            // Every hundred numbers, in no order that anybody could guess.
            Self::Mixed => match number.wrapping_mul(37) % 100 {
                0..45 => Job::Read,
                45..75 => Job::Poll,
                75..95 => Job::Create,
                95..98 => Job::Push,
                _ => Job::Pull,
            },
        }
    }
}

/// A number below `end` that looks random: jobs of the mix get numbers that have much in common.
pub(crate) fn scatter(number: u32, end: u32) -> u32 {
    (number.wrapping_mul(0x9e37_79b1) >> 8) % end
}

/// The same for a second choice by the same number, which does not hang on the first.
pub(crate) fn scatter_other(number: u32, end: u32) -> u32 {
    scatter(number ^ 0x5a5a_5a5a, end)
}

/// Somebody who does the jobs.
pub(crate) trait Target: Sync {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// Where it listens.
    fn address(&self) -> SocketAddr;
    /// Gets credentials that hold for the next workload.
    fn sign_in(&mut self) {}
    /// Writes the request of a connection, by a running number that never comes again.
    fn write(&self, job: Job, connection: usize, number: u32, into: &mut Vec<u8>);
    /// The status of its answer.
    fn status(&self, job: Job) -> u16;
    /// Takes note of the body of the answer.
    fn learn(&self, _job: Job, _connection: usize, _body: &[u8]) {}
    /// CPU time so far of its processes, and of those of its database.
    fn cpu(&self) -> (Duration, Duration);
    /// The most memory of its processes since [`Target::forget_peak`], without those of a database.
    fn peak_mib(&self) -> f64;
    /// Forgets the most memory.
    fn forget_peak(&self);
    /// Whether it can do this at all.
    fn can(&self, _workload: Workload) -> bool {
        true
    }
    /// What it is to need, in milliseconds of CPU a request.
    fn aim(&self, _workload: Workload) -> Option<f64> {
        None
    }
}

/// Numbers that never come again.
#[derive(Default)]
pub(crate) struct Numbers(AtomicU32);

impl Numbers {
    fn after(&self, sample: &Sample) {
        // Whoever came too late took a number, too.
        self.0.fetch_add(sample.requests + CONNECTIONS, Ordering::Relaxed);
    }

    fn first(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One turn, with its CPU time.
pub(crate) fn take(
    target: &dyn Target,
    workload: Workload,
    connections: usize,
    numbers: &Numbers,
    (requests, end, every): (u32, Option<Duration>, Option<Duration>),
) -> Sample {
    let load = Load {
        address: target.address(),
        connections,
        status: &|number| target.status(workload.job(number)),
        request: &|connection, number, into| {
            target.write(workload.job(number), connection, number, into);
        },
        learn: &|connection, number, body| target.learn(workload.job(number), connection, body),
    };
    let before = target.cpu();
    let sample = load.take(Turn { first: numbers.first(), requests, end, every });
    let after = target.cpu();
    numbers.after(&sample);
    let database_cpu = after.1.saturating_sub(before.1);
    Sample { cpu: after.0.saturating_sub(before.0), database_cpu, ..sample }
}

/// As a side of a comparison that goes by time.
pub(crate) fn side<'a>(
    target: &'a dyn Target,
    workload: Workload,
    connections: usize,
    numbers: &'a Numbers,
) -> Side<'a> {
    Side::new(target.name(), move |_, millis| {
        let end = Some(Duration::from_millis(millis.into()));
        take(target, workload, connections, numbers, (u32::MAX, end, None))
    })
}
