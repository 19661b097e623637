//! Sudden death of a backup and of a restore: what has its name is whole, and what was there is there or replaced.
//!
//! Where it happens is a size of the file in the making, drawn from a seed, or the moment at which the old file
//! has got its second name, or PostgreSQL the first row.

use crate::{Dice, setting, start};
use afterview_tests::Databases;
use afterview_tests::postgres::{SharedCluster, is_available};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// So many rows make the work last a while.
const BALLAST: u32 = 30_000;

/// A command of the program on a database, whose output nobody reads.
fn command(folder: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .env_clear()
        .env("AFTERVIEW_DATABASE_URL", database)
        .env("AFTERVIEW_SECRETS_DIR", "secrets")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) {
    let ended = command(folder, "sqlite://afterview.db", arguments).status().unwrap();
    assert!(ended.success(), "{arguments:?}: {ended}");
}

/// Kills the process as soon as `is_time`; whether it was quicker.
fn kill_when(mut child: Child, mut is_time: impl FnMut() -> bool) -> bool {
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "it failed by itself: {ended}");
            return true;
        }
        if is_time() {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        std::thread::yield_now();
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

fn open(path: &Path) -> Databases {
    Databases::open([format!("sqlite://{}", path.display())])
}

/// Rows of the ballast, and restores.
fn counts(databases: &mut Databases) -> (u32, u32) {
    (databases.count("idempotency_keys"), databases.count("lost_intervals"))
}

/// A stopped server's folder with an account and its ballast.
fn begin() -> TempDir {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = start(folder.path());
    drop(crate::device::Device::register(server.address, Dice(1)));
    drop(server);
    let ballast = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {BALLAST}) \
         INSERT INTO idempotency_keys (account_id, key, request_hash, status, body, created_at) \
         SELECT account_id, 'ballast-' || n, hex(randomblob(16)), 200, hex(randomblob(64)), 1 \
         FROM accounts, numbers"
    );
    open(&folder.path().join("afterview.db")).script(&ballast).unwrap();
    folder
}

fn kept(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|path| path.to_string_lossy().contains(".db.replaced-"))
}

#[test]
fn what_a_killed_backup_or_restore_leaves_is_whole() {
    let rounds = setting("AFTERVIEW_KILLS", 12);
    let mut dice = Dice(setting("AFTERVIEW_SEED", 1));
    let folder = begin();
    let (folder, database) = (folder.path(), folder.path().join("afterview.db"));
    run(folder, &["backup", "good.db"]);
    let size = length(&folder.join("good.db"));
    let mut unfinished = 0;
    for round in 0..rounds {
        let name = format!("round-{round}.db");
        let partial = folder.join(format!("{name}.partial"));
        let until = dice.below(size);
        let child = command(folder, "sqlite://afterview.db", &["backup", &name]).spawn().unwrap();
        let done = kill_when(child, || length(&partial) > until);
        if done || folder.join(&name).exists() {
            restores_into(folder, &name, "whole.db");
        } else {
            unfinished += 1;
            // The next one begins where it should.
            run(folder, &["backup", &name]);
            assert!(!partial.exists());
            restores_into(folder, &name, "whole.db");
        }
        fs::remove_file(folder.join(&name)).unwrap();
    }
    assert!(unfinished > 0, "no backup was killed in the middle of its work");

    // From now on the old one is without ballast, the new one has it.
    open(&database).script("DELETE FROM idempotency_keys").unwrap();
    let (mut old, mut new) = (0, 0);
    for round in 0..rounds {
        let until = dice.below(size);
        let late = round % 2 == 0;
        let staged = folder.join("afterview.db.restoring");
        let restore = ["restore", "good.db", "--replace"];
        let child = command(folder, "sqlite://afterview.db", &restore).spawn().unwrap();
        kill_when(child, || if late { kept(folder).is_some() } else { length(&staged) > until });
        match counts(&mut open(&database)) {
            (0, 0) => old += 1,
            (BALLAST, 1) => {
                new += 1;
                let kept = kept(folder).expect("the old one is kept");
                assert_eq!(counts(&mut open(&kept)), (0, 0));
                fs::rename(kept, &database).unwrap();
            }
            mixture => panic!("round {round}: {mixture:?}"),
        }
        if let Some(kept) = kept(folder) {
            fs::remove_file(kept).unwrap();
        }
    }
    println!(
        "{rounds} backups, {unfinished} of them killed; after as many restores old: {old}, new: {new}"
    );
    assert!(old > 0, "no restore was killed in the middle of its work");
    run(folder, &["restore", "good.db", "--replace"]);
    assert_eq!(counts(&mut open(&database)), (BALLAST, 1));
    drop(start(folder));
}

/// The backup can be restored, and holds everything.
fn restores_into(folder: &Path, backup: &str, database: &str) {
    let url = format!("sqlite://{database}");
    let ended = command(folder, &url, &["restore", backup]).status().unwrap();
    assert!(ended.success(), "{backup}: {ended}");
    let database = folder.join(database);
    assert_eq!(counts(&mut open(&database)), (BALLAST, 1));
    fs::remove_file(database).unwrap();
}

#[test]
fn a_restore_into_postgresql_that_is_killed_leaves_nothing() {
    if !is_available() {
        return;
    }
    let folder = begin();
    let folder = folder.path();
    run(folder, &["backup", "good.db"]);
    let target = SharedCluster::get().create_database(None);
    let mut seen = Databases::open([target.url().to_owned()]);
    let begun = "SELECT CAST(count(*) AS TEXT) AS line FROM pg_locks \
                 JOIN pg_database ON pg_database.oid = pg_locks.database \
                 JOIN pg_class ON pg_class.oid = pg_locks.relation \
                 WHERE datname = current_database() AND relname = 'records' AND mode = 'ExclusiveLock'";
    let child = command(folder, target.url(), &["restore", "good.db"]).spawn().unwrap();
    let done = kill_when(child, || seen.lines(begun) != ["0"]);
    assert!(!done, "it was quicker");
    // The server notices that nobody is there any more, and takes everything back.
    while seen.lines(begun) != ["0"] {}
    assert_eq!((seen.count("accounts"), seen.count("idempotency_keys")), (0, 0));
    let ended = command(folder, target.url(), &["restore", "good.db"]).status().unwrap();
    assert!(ended.success(), "{ended}");
    assert_eq!(counts(&mut seen), (BALLAST, 1));
}
