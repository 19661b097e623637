//! A PostgreSQL server of the benchmark's own, as durable as by default.
//!
//! **Must never** make its files in memory: there, durability costs nothing.

use crate::children::cpu_of_family;
use afterview_tests::postgres::{Cluster, is_available};
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What differs from PostgreSQL's own settings, the same for everybody.
const SETTINGS: [(&str, &str); 2] = [("shared_buffers", "512MB"), ("max_wal_size", "4GB")];

/// The database that the node and pgbench share.
const NAME: &str = "bench";

/// The server.
pub(crate) struct Database {
    cluster: Cluster,
    postmaster: String,
}

impl Database {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let needs = "*** the benchmark on PostgreSQL needs its programs, pgbench among them ***";
        assert!(is_available(), "{needs}");
        let cluster = Cluster::start(&SETTINGS);
        assert!(cluster.bin("pgbench").is_file(), "{needs}");
        must_be_on_a_disk(cluster.data_folder());
        let pid = std::fs::read_to_string(cluster.data_folder().join("postmaster.pid")).unwrap();
        let postmaster = pid.lines().next().unwrap().to_owned();
        Self { cluster, postmaster }
    }

    /// Makes the database, and says how to connect to it.
    pub(crate) fn create(&self) -> String {
        self.cluster.create_database(NAME)
    }

    /// The process that all others of it are children of.
    pub(crate) fn postmaster(&self) -> &str {
        &self.postmaster
    }

    /// CPU time of all of its processes so far.
    pub(crate) fn cpu(&self) -> Duration {
        cpu_of_family(&self.postmaster)
    }

    /// pgbench, told where to connect.
    pub(crate) fn pgbench(&self) -> Command {
        let mut command = self.cluster.command(&self.cluster.bin("pgbench"));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.cluster.port().to_string()]);
        command
    }

    /// Runs statements.
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.cluster.psql(NAME, sql)
    }

    /// What PostgreSQL does by itself within minutes. A plan made for an empty table may walk the whole
    /// ledger of an account, on either side.
    pub(crate) fn settle(&self) {
        self.psql("VACUUM (ANALYZE); CHECKPOINT;");
    }

    /// What differs from PostgreSQL's own settings and what makes it durable, as it says itself.
    pub(crate) fn settings(&self) -> String {
        let settings =
            "SHOW server_version; SHOW fsync; SHOW synchronous_commit; SHOW wal_sync_method;
            SHOW shared_buffers;";
        self.psql(settings).replace('\n', " ")
    }

    /// Gives each of these people a twin that pgbench writes to, with the same rows.
    pub(crate) fn make_twins(&self, people: Range<u32>) {
        self.psql(include_str!("scripts/scene.sql"));
        self.psql(&format!(
            "SELECT bench.make_twins({}, {}, '{{records,account_sync,plans,reminders}}')",
            people.start,
            people.end - 1
        ));
        self.settle();
    }
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
