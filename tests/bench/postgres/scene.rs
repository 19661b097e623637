//! One PostgreSQL server, a node of Afterview on it, a thousand accounts that it serves and a few hot ones,
//! and for each of them a twin that pgbench writes to.
//!
//! **Must never** make its files in memory: there, durability costs nothing.

use crate::children::{Child, cpu_of, cpu_of_family};
use crate::report::Sample;
use crate::scene::{Account, OPPORTUNITIES};
use afterview_tests::postgres::{Cluster, is_available};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

/// How many accounts take turns where there are many, and how many are for one workload alone.
pub(super) const MANY: usize = 1_000;
const HOT: usize = 6;

/// Opportunities of a hot account: one that takes so many records does not have them all in a few.
pub(super) const HOT_OPPORTUNITIES: u32 = 500;

/// What differs from PostgreSQL's own settings, the same for both sides. It is as durable as by default.
const SETTINGS: [(&str, &str); 2] = [("shared_buffers", "512MB"), ("max_wal_size", "4GB")];

/// Everything that a workload needs.
pub(super) struct Scene {
    /// The node. It ends before its database does.
    pub(super) server: Child,
    /// The PostgreSQL server.
    pub(super) cluster: Cluster,
    /// The accounts, the hot ones at the end.
    pub(super) accounts: Vec<Account>,
    postmaster: String,
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
        let needs = "*** the benchmark on PostgreSQL needs its programs, pgbench among them ***";
        assert!(is_available(), "{needs}");
        let cluster = Cluster::start(&SETTINGS);
        assert!(cluster.bin("pgbench").is_file(), "{needs}");
        must_be_on_a_disk(cluster.data_folder());
        let server = Child::afterview_on(folder, &cluster.create_database("bench"));
        let accounts = sign_up_all(server.address);
        Account::register(server.address, "model", OPPORTUNITIES);
        Account::register(server.address, "model-of-hot", HOT_OPPORTUNITIES);
        let pid = std::fs::read_to_string(cluster.data_folder().join("postmaster.pid")).unwrap();
        let postmaster = pid.lines().next().unwrap().to_owned();
        let scene = Self { server, cluster, accounts, postmaster };
        scene.psql(include_str!("scripts/scene.sql"));
        let tables = "'{records,account_sync,plans,reminders}'";
        for (model, range) in [("model", ALL), ("model-of-hot", MANY..MANY + HOT)] {
            let (first, last) = (range.start, range.end - 1);
            scene.psql(&format!(
                "SELECT bench.copy('{model}@example.org', {first}, {last}, true, {tables})"
            ));
        }
        scene.settle();
        scene
    }

    /// Runs statements.
    pub(super) fn psql(&self, sql: &str) -> String {
        self.cluster.psql("bench", sql)
    }

    /// What PostgreSQL does by itself within minutes. A plan made for an empty table may walk the whole
    /// ledger of an account, on either side.
    pub(super) fn settle(&self) {
        self.psql("VACUUM (ANALYZE); CHECKPOINT;");
    }

    /// A sample with the CPU time of the node and of PostgreSQL.
    pub(super) fn with_cpu(&self, run: impl FnOnce() -> Sample) -> Sample {
        let pid = self.server.pid();
        let before = (cpu_of(&pid), cpu_of_family(&self.postmaster));
        let sample = run();
        let after = (cpu_of(&pid), cpu_of_family(&self.postmaster));
        Sample { cpu: after.0 - before.0, database_cpu: after.1.saturating_sub(before.1), ..sample }
    }
}

/// Two at a time: each costs a password's hash.
fn sign_up_all(address: SocketAddr) -> Vec<Account> {
    let (first, second) = (0..MANY / 2, MANY / 2..MANY + HOT);
    let sign_up = move |numbers: Range<usize>| -> Vec<Account> {
        numbers.map(|n| Account::sign_up(address, &format!("bench{n}"))).collect()
    };
    let first = std::thread::spawn(move || sign_up(first));
    let second = sign_up(second);
    let mut all = first.join().unwrap();
    all.extend(second);
    all
}

fn must_be_on_a_disk(folder: &Path) {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let (_, kind) = mounts
        .filter(|(place, _)| folder.starts_with(place))
        .max_by_key(|(place, _)| place.len())
        .unwrap();
    assert_ne!(kind, "tmpfs", "*** TMPDIR is in memory: name a folder on a disk ***");
}
