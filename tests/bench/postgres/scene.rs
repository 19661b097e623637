//! A node of Afterview on a PostgreSQL server of its own, a thousand accounts that it serves and a few hot
//! ones, and for each of them a twin that pgbench writes to.

use super::database::Database;
use crate::children::{Child, cpu_of};
use crate::people::{self, Group};
use crate::report::Sample;
use crate::scene::{Account, OPPORTUNITIES};
use std::ops::Range;
use std::path::Path;

/// How many accounts take turns where there are many, and how many are for one workload alone.
pub(super) const MANY: usize = 1_000;
const HOT: usize = 6;

/// Opportunities of a hot account: one that takes so many records does not have them all in a few.
pub(super) const HOT_OPPORTUNITIES: u32 = 500;

/// Everything that a workload needs.
pub(super) struct Scene {
    /// The node. It ends before its database does.
    pub(super) server: Child,
    /// Where it keeps everything.
    pub(super) database: Database,
    /// The accounts, the hot ones at the end.
    pub(super) accounts: Vec<Account>,
}

/// The many.
pub(super) const ALL: Range<usize> = 0..MANY;

/// The hot account of that number.
pub(super) fn hot(number: usize) -> Range<usize> {
    assert!(number < HOT, "every workload has a hot account of its own");
    MANY + number..MANY + number + 1
}

impl Scene {
    /// Starts and fills everything, with the files of the node in `folder`.
    pub(super) fn set(folder: &Path) -> Self {
        let database = Database::start();
        let url = database.create();
        let number = |index: usize| u32::try_from(index).unwrap();
        let (many, all) = (number(MANY), number(MANY + HOT));
        let group =
            |accounts, opportunities| Group { accounts, opportunities, contacts: 0, together: 1 };
        let groups = [group(0..many, OPPORTUNITIES), group(many..all, HOT_OPPORTUNITIES)];
        people::settle(Child::afterview_on(folder, &url), &url, &groups);
        let server = Child::afterview_on(folder, &url);
        let accounts = people::sign_in(folder, 0..all);
        database.make_twins(0..all);
        Self { server, database, accounts }
    }

    /// A sample with the CPU time of the node and of PostgreSQL.
    pub(super) fn with_cpu(&self, run: impl FnOnce() -> Sample) -> Sample {
        let pid = self.server.pid();
        let before = (cpu_of(&pid), self.database.cpu());
        let sample = run();
        let after = (cpu_of(&pid), self.database.cpu());
        Sample { cpu: after.0 - before.0, database_cpu: after.1.saturating_sub(before.1), ..sample }
    }
}
