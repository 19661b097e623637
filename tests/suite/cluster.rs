//! The PostgreSQL servers that other tests stand on.

use afterview_tests::postgres::{Cluster, SharedCluster, is_available};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

#[test]
fn two_databases_of_the_shared_server_share_nothing() {
    if !is_available() {
        return;
    }
    let [one, other] = [(); 2].map(|()| SharedCluster::get().create_database(None));
    let _ = one.psql("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2);");
    assert_eq!(one.psql("SELECT x, x * 10 FROM t ORDER BY x"), "1|10\n2|20");
    assert_eq!(other.psql("SELECT to_regclass('t') IS NULL, current_database()"), {
        format!("t|{}", other.name())
    });
    assert_ne!(one.url(), other.url());
}

#[test]
fn a_dropped_database_is_gone_even_with_someone_in_it() {
    if !is_available() {
        return;
    }
    let cluster = SharedCluster::get();
    let [database, witness] = [(); 2].map(|()| cluster.create_database(None));
    let seen = |name: &str| {
        witness.psql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))
    };
    let name = database.name().to_owned();
    let inside = thread::scope(|scope| {
        let url = database.url().to_owned();
        let inside = scope.spawn(move || {
            let psql = SharedCluster::get().bin("psql");
            Command::new(psql).args(["-X", "-q", "-c", "SELECT pg_sleep(60)", &url]).output()
        });
        let waits = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
        while witness.psql(&waits) == "0" {}
        assert_eq!(seen(&name), "1");
        drop(database);
        inside.join().unwrap().unwrap()
    });
    assert!(!inside.status.success());
    assert_eq!(seen(&name), "0");
}

#[test]
fn a_template_is_made_once_and_copied_whole() {
    if !is_available() {
        return;
    }
    let made = AtomicU32::new(0);
    let cluster = SharedCluster::get();
    let name = format!("template_of_{}", std::process::id());
    let rows = thread::scope(|scope| {
        let copies = [(); 4].map(|()| {
            scope.spawn(|| {
                cluster.ensure_template(&name, |url| {
                    made.fetch_add(1, Ordering::Relaxed);
                    let sql = "CREATE TABLE t AS SELECT generate_series(1, 3) AS x";
                    let mut psql = Command::new(cluster.bin("psql"));
                    assert!(psql.args(["-X", "-q", "-c", sql, url]).status().unwrap().success());
                });
                cluster.create_database(Some(&name)).psql("SELECT sum(x) FROM t")
            })
        });
        copies.map(|copy| copy.join().unwrap())
    });
    assert_eq!(rows, ["6"; 4]);
    assert_eq!(made.into_inner(), 1);
}

#[test]
fn a_template_that_could_not_be_made_is_made_by_the_next() {
    if !is_available() {
        return;
    }
    let cluster = SharedCluster::get();
    let name = format!("broken_of_{}", std::process::id());
    let failed = thread::scope(|scope| {
        scope.spawn(|| cluster.ensure_template(&name, |_| panic!("as it should"))).join().is_err()
    });
    assert!(failed);
    cluster.ensure_template(&name, |_| {});
    assert_eq!(cluster.create_database(Some(&name)).psql("SELECT 1"), "1");
}

/// Whoever needs the order of bytes has to ask for it, on every machine.
#[test]
fn text_sorts_as_people_sort_it_and_time_is_utc() {
    if !is_available() {
        return;
    }
    let database = SharedCluster::get().create_database(None);
    let sorted = "SELECT string_agg(x, '' ORDER BY x), string_agg(x, '' ORDER BY x COLLATE \"C\")
        FROM (VALUES ('b'), ('A'), ('é'), ('a'), ('z')) AS t (x); SHOW timezone; SHOW fsync;";
    assert_eq!(database.psql(sorted), "aAbéz|Aabzé\nUTC\noff");
}

#[test]
fn what_was_committed_survives_a_crash_and_a_stop() {
    if !is_available() {
        return;
    }
    let cluster = Cluster::start(&[("wal_level", "logical")]);
    let run = |sql: &str| cluster.psql("postgres", sql);
    assert_eq!(run("SHOW wal_level; SHOW fsync;"), "logical\non");
    let _ = run("CREATE TABLE t (x int); INSERT INTO t VALUES (1);");
    cluster.stop_immediately();
    cluster.start_again();
    assert_eq!(run("SELECT x FROM t; INSERT INTO t VALUES (2);"), "1");
    cluster.stop_fast();
    cluster.start_again();
    assert_eq!(run("SELECT x FROM t ORDER BY x"), "1\n2");
    let url = cluster.create_database("more");
    assert_eq!(url, format!("postgres://postgres@127.0.0.1:{}/more", cluster.port()));
    assert_eq!(cluster.psql("more", "SELECT current_database()"), "more");
    assert!(cluster.bin("pgbench").is_file());
    assert!(cluster.data_folder().join("postmaster.pid").is_file());
    let port = cluster.port();
    drop(cluster);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
