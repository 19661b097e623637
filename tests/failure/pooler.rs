//! A pooler between the nodes and the database, which gives every transaction another session.

use crate::node;
use crate::phone::Phone;
use afterview_tests::Events;
use afterview_tests::postgres::{self, Cluster};
use serde_json::json;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where Debian keeps it, and where else it may be.
const PROGRAMS: [&str; 3] =
    ["/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/usr/bin/pgbouncer"];

/// A running `PgBouncer` in transaction mode, with fewer sessions than it has clients.
struct Pooler {
    port: u16,
    process: Child,
}

impl Pooler {
    /// `None`, said aloud, where there is none; in CI there has to be one.
    fn start(cluster: &Cluster) -> Option<Self> {
        let Some(program) = PROGRAMS.iter().find(|program| Path::new(program).exists()) else {
            assert!(!is_ci(), "pgbouncer is missing");
            println!("*** NOT TESTED: a pooler; pgbouncer is missing ***");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n\
             max_client_conn = 100\n",
            cluster.port()
        );
        let file = cluster.data_folder().parent().unwrap().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        let process = cluster
            .command(Path::new(program))
            .arg("-q")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "pgbouncer does not listen");
        }
        Some(Self { port, process })
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "CI says so in the environment")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

#[actix_web::test]
async fn nodes_work_behind_a_pooler_and_hear_each_other_past_it() {
    if !postgres::is_available() {
        return;
    }
    let (cluster, folder) = (Cluster::start(&[]), TempDir::new().unwrap());
    let direct = cluster.create_database("afterview");
    let Some(pooler) = Pooler::start(&cluster) else { return };
    let pooled = format!("postgres://postgres@127.0.0.1:{}/afterview", pooler.port);
    let settings = [
        ("AFTERVIEW_POSTGRES_POOLER", "transaction"),
        ("AFTERVIEW_POSTGRES_LISTEN_URL", direct.as_str()),
        ("AFTERVIEW_DATABASE_READERS", "4"),
        ("AFTERVIEW_POSTGRES_WRITERS", "4"),
    ];
    let start = || node::start_with(folder.path(), &pooled, &settings);
    let (first, second) = (start(), start());
    let mut phones = Vec::new();
    for name in ["anna", "bob", "carla", "dora"] {
        phones.push(Phone::register(&first, name).await);
    }
    let response = phones[0].get(&second, "/v1/sync/stream").send().await.unwrap();
    let mut events = Events::of(response);
    events.head().await;
    for _ in 0..20 {
        let work = phones.iter_mut().enumerate().map(|(n, phone)| {
            let node = if n % 2 == 0 { &first } else { &second };
            async move {
                phone.tap();
                phone.sync(&[node]).await;
            }
        });
        futures_util::future::join_all(work).await;
    }
    events.head().await;
    for phone in &phones {
        assert_eq!((phone.records("opportunities").len(), phone.failures), (20, 0));
    }
    let ended = phones[0].post(&first, "/v1/auth/logout", &json!({})).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    while events.next().await.is_some() {}
    assert_eq!(phones[0].get(&second, "/v1/sync/head").send().await.unwrap().status(), 401);
}
