//! One thing goes wrong at a time. The phone is told to come back, nothing typed is lost, and the node
//! goes on by itself when the trouble is over.

use crate::node::{self, Node};
use crate::phone::Phone;
use crate::proxy::Proxy;
use crate::small_disk::SmallDisk;
use afterview_api::cli::health;
use afterview_api::config::Config;
use afterview_tests::postgres::{self, Cluster};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DATABASE: &str = "afterview";

/// A node on a database of its own, and a phone.
struct Scene {
    cluster: Arc<Cluster>,
    node: Node,
    phone: Phone,
    _folder: TempDir,
}

async fn scene(settings: &[(&str, &str)]) -> Option<Scene> {
    scene_at(settings, |cluster| cluster.url(DATABASE)).await
}

async fn scene_at(
    settings: &[(&str, &str)],
    url: impl FnOnce(&Cluster) -> String,
) -> Option<Scene> {
    if !postgres::is_available() {
        return None;
    }
    let (cluster, folder) = (Arc::new(Cluster::start(settings)), TempDir::new().unwrap());
    let _ = cluster.create_database(DATABASE);
    let node = node::start(folder.path(), &url(&cluster));
    let phone = Phone::register(&node, "anna").await;
    Some(Scene { cluster, node, phone, _folder: folder })
}

impl Scene {
    fn psql(&self, sql: &str) -> String {
        self.cluster.psql(DATABASE, sql)
    }

    /// Has every new record of the database fail in some way: the first `times` of them.
    fn fail_at_insert(&self, times: u32, how: &str) {
        let trigger = format!(
            "CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO PUBLIC; \
             CREATE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('tries') <= {times} THEN {how}; END IF; RETURN NEW; END $$; \
             CREATE TRIGGER fail BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION fail();"
        );
        let _ = self.psql(&trigger);
    }

    /// Runs statements of somebody else.
    fn in_background(&self, sql: String) -> JoinHandle<String> {
        let cluster = Arc::clone(&self.cluster);
        spawn(move || cluster.psql(DATABASE, &sql))
    }

    /// Waits until somebody sleeps in a statement.
    fn wait_for_sleeper(&self) {
        let sleepers = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep';";
        while self.psql(sleepers) == "0" {}
    }

    fn records(&self) -> String {
        self.psql("SELECT count(*) FROM records WHERE collection = 'opportunities';")
    }

    async fn status(&self, path: &str) -> u16 {
        self.phone.get(&self.node, path).send().await.unwrap().status().as_u16()
    }

    /// What a health check of the node's container would get to know.
    fn health(&self) -> Result<(), String> {
        let address = self.node.address.to_string();
        let settings = BTreeMap::from([("AFTERVIEW_LISTEN".to_owned(), address)]);
        let config = Config::from_variables(&settings).unwrap();
        health::run(&config, &mut Vec::new()).map_err(|error| error.to_string())
    }
}

const SERIALIZATION: &str = "RAISE EXCEPTION 'made up' USING ERRCODE = 'serialization_failure'";

#[actix_web::test]
async fn a_serialization_failure_is_tried_again_before_anybody_notices() {
    let Some(mut scene) = scene(&[]).await else { return };
    scene.fail_at_insert(2, SERIALIZATION);
    scene.phone.tap();
    assert!(scene.phone.try_to_sync(&scene.node).await);
    assert_eq!((scene.records().as_str(), scene.phone.failures), ("1", 0));
}

#[actix_web::test]
async fn serialization_failures_without_end_are_given_up_and_leave_nothing() {
    let Some(mut scene) = scene(&[]).await else { return };
    scene.fail_at_insert(1_000, SERIALIZATION);
    scene.phone.tap();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    assert_eq!(scene.records(), "0");
    assert_eq!(scene.psql("SELECT last_value FROM tries;"), "4");
    let _ = scene.psql("DROP TRIGGER fail ON records;");
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!(scene.records(), "1");
}

#[actix_web::test]
async fn two_transactions_that_wait_for_each_other_both_go_on() {
    let Some(mut scene) = scene(&[("deadlock_timeout", "50ms")]).await else { return };
    // Somebody else takes the same locks the other way round.
    let account = scene.psql("SELECT account_id FROM accounts;");
    let _ = scene.psql("CREATE TABLE gate (open INT); INSERT INTO gate VALUES (1);");
    let _ = scene.psql("GRANT ALL ON gate TO PUBLIC;");
    scene.fail_at_insert(1, "PERFORM pg_sleep(0.6); PERFORM 1 FROM gate FOR UPDATE");
    let other = scene.in_background(format!(
        "SET deadlock_timeout = '30s'; \
         BEGIN; SELECT 1 FROM gate FOR UPDATE; SELECT pg_sleep(0.3); \
         UPDATE account_sync SET gc_floor = gc_floor WHERE account_id = '{account}'; COMMIT;"
    ));
    scene.wait_for_sleeper();
    scene.phone.tap();
    scene.phone.sync(&[&scene.node]).await;
    let _ = other.join().expect("the node's transaction was the one that gave way");
    assert_eq!((scene.records().as_str(), scene.phone.failures), ("1", 0));
}

#[actix_web::test]
async fn who_waits_too_long_for_a_lock_is_told_to_come_back() {
    let Some(mut scene) = scene(&[]).await else { return };
    let hold = "BEGIN; SELECT 1 FROM account_sync FOR UPDATE; SELECT pg_sleep(60); COMMIT;";
    let holder = scene.in_background(hold.to_owned());
    scene.wait_for_sleeper();
    scene.phone.tap();
    let began = Instant::now();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    println!("told after {:?}", began.elapsed());
    let free = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity \
                WHERE wait_event = 'PgSleep';";
    assert_eq!(scene.psql(free), "1");
    assert!(holder.join().is_err(), "it was cancelled");
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!(scene.records(), "1");
}

/// Word for word what PostgreSQL says after half a minute.
#[actix_web::test]
async fn a_statement_that_takes_too_long_is_given_up_and_who_asked_is_told_to_come_back() {
    let Some(mut scene) = scene(&[]).await else { return };
    let canceled = "RAISE EXCEPTION 'canceling statement due to statement timeout' \
                    USING ERRCODE = '57014'";
    scene.fail_at_insert(1, canceled);
    scene.phone.tap();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    assert_eq!((scene.records().as_str(), scene.status("/readyz").await), ("0", 200));
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!(scene.records(), "1");
}

#[actix_web::test]
async fn a_full_disk_refuses_writes_and_serves_reads() {
    let Some(mut scene) = scene(&[]).await else { return };
    let Some(disk) = SmallDisk::mount("4m") else { return };
    // Whoever the database runs as.
    let owner = scene.cluster.data_folder().metadata().unwrap();
    disk.give((owner.uid(), owner.gid()));
    let _ = scene.psql(&format!("CREATE TABLESPACE small LOCATION '{}';", disk.path().display()));
    let _ = scene.psql("ALTER TABLE records SET TABLESPACE small;");
    // Fills what is left of it.
    let fill = "CREATE TABLE ballast (text TEXT) TABLESPACE small; \
                ALTER TABLE ballast ALTER text SET STORAGE PLAIN; \
                DO $$ BEGIN LOOP INSERT INTO ballast VALUES (repeat('x', 8000)); END LOOP; \
                EXCEPTION WHEN disk_full THEN NULL; END $$;";
    let _ = scene.psql(fill);
    let mut failed = 0;
    for _ in 0..200 {
        scene.phone.tap();
        failed += usize::from(!scene.phone.try_to_sync(&scene.node).await);
        if failed > 2 {
            break;
        }
    }
    assert!(failed > 2, "the disk is not full");
    assert_eq!(scene.status("/v1/opportunities").await, 200);
    let said = scene.phone.get(&scene.node, "/readyz").send().await.unwrap().text().await.unwrap();
    assert!(said.contains("the disk of the database is full"), "{said}");
    let _ = scene.psql("DROP TABLE ballast;");
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!(scene.records(), scene.phone.taps().to_string());
    drop((scene, disk));
}

#[actix_web::test]
async fn without_a_database_a_node_is_not_ready_and_with_one_it_is_again() {
    let Some(mut scene) = scene(&[]).await else { return };
    scene.cluster.stop_fast();
    let began = Instant::now();
    assert_eq!(scene.status("/readyz").await, 503);
    assert_eq!(scene.status("/livez").await, 200);
    let says = format!("not ready: {} says 503", scene.node.url("/readyz"));
    assert_eq!(scene.health(), Err(says));
    scene.phone.tap();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    println!("told in {:?}", began.elapsed());
    scene.cluster.start_again();
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!((scene.status("/readyz").await, scene.records().as_str()), (200, "1"));
    assert_eq!(scene.health(), Ok(()));
}

#[actix_web::test]
async fn a_commit_whose_answer_is_lost_happens_once() {
    let proxy = std::cell::OnceCell::new();
    let scene = scene_at(&[], |cluster| {
        let proxy =
            proxy.get_or_init(|| Proxy::to(SocketAddr::from(([127, 0, 0, 1], cluster.port()))));
        format!("postgres://postgres@{}/{DATABASE}", proxy.address)
    });
    let (Some(mut scene), Some(proxy)) = (scene.await, proxy.get()) else { return };
    for edits in 1..=10 {
        proxy.swallow(1);
        while proxy.left() > 0 {
            scene.phone.tap();
            scene.phone.sync(&[&scene.node]).await;
        }
        assert_eq!(scene.records(), scene.phone.taps().to_string(), "{edits}");
    }
    println!("{} of {} commits unanswered", scene.phone.failures, scene.phone.taps());
}

#[actix_web::test]
async fn a_database_without_free_connections_is_waited_for() {
    let Some(mut scene) = scene(&[("max_connections", "20")]).await else { return };
    let url = scene.cluster.url(DATABASE);
    let mut taken = Vec::new();
    while let Ok(connection) = connect(&url) {
        taken.push(connection);
    }
    // The node's own are taken away from it, and by others at once.
    taken.truncate(taken.len() - 1);
    let own = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = 'afterview';";
    assert_ne!(scene.psql(own), "0");
    while let Ok(connection) = connect(&url) {
        taken.push(connection);
    }
    scene.phone.tap();
    let began = Instant::now();
    let _ = scene.phone.try_to_sync(&scene.node).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    taken.clear();
    scene.phone.sync(&[&scene.node]).await;
    assert_eq!(scene.records(), "1");
}

#[actix_web::test]
async fn a_standby_that_takes_over_at_another_address_is_found() {
    let standby = std::cell::OnceCell::new();
    let scene = scene_at(&[], |cluster| {
        let standby = standby.get_or_init(|| cluster.standby());
        // A commit counts when the standby has it, too.
        let wait = "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf();";
        let _ = cluster.psql(DATABASE, wait);
        let (first, second) = (cluster.port(), standby.port());
        format!("postgres://postgres@127.0.0.1:{second},127.0.0.1:{first}/{DATABASE}")
    });
    let (Some(mut scene), Some(standby)) = (scene.await, standby.get()) else { return };
    for _ in 0..20 {
        scene.phone.tap();
        scene.phone.sync(&[&scene.node]).await;
    }
    scene.cluster.stop_immediately();
    scene.phone.tap();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    standby.promote();
    let _ = standby.psql("postgres", "ALTER SYSTEM RESET ALL; SELECT pg_reload_conf();");
    scene.phone.sync(&[&scene.node]).await;
    let records = "SELECT count(*) FROM records WHERE collection = 'opportunities';";
    assert_eq!(standby.psql(DATABASE, records), "21");
    assert_eq!(scene.status("/readyz").await, 200);
}

fn connect(url: &str) -> diesel::ConnectionResult<diesel::PgConnection> {
    diesel::Connection::establish(url)
}
