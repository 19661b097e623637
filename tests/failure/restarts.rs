//! The database dies under load, again and again, and is started again.

use crate::node::{self, Node};
use crate::phone::Phone;
use crate::setting;
use afterview_tests::postgres::{self, Cluster};
use futures_util::future::{join, join_all};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many phones of one account write, and how many accounts have one phone each.
const PHONES: usize = 3;
const OTHERS: usize = 3;

/// How many syncs succeed between two deaths.
const BETWEEN: usize = 40;

/// What everybody looks at.
#[derive(Default)]
struct Course {
    over: AtomicBool,
    synced: AtomicUsize,
}

impl Course {
    fn wait_for_more(&self) {
        let patience = Instant::now() + Duration::from_secs(60);
        let enough = self.synced.load(Ordering::SeqCst) + BETWEEN;
        while self.synced.load(Ordering::SeqCst) < enough {
            assert!(Instant::now() < patience, "nobody gets through any more");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn nothing_acknowledged_is_missing_however_often_the_database_dies() {
    if !postgres::is_available() {
        return;
    }
    let restarts = setting("AFTERVIEW_RESTARTS", 3);
    let (cluster, course) = (Cluster::start(&[]), Course::default());
    let url = cluster.create_database("afterview");
    std::thread::scope(|scope| {
        let life = scope.spawn(|| actix_web::rt::System::new().block_on(live(&url, &course)));
        die(&cluster, &course, restarts);
        println!("{restarts} deaths: {}", life.join().unwrap());
    });
    let twice = "SELECT count(*) FROM (SELECT account_id, mutation_id FROM mutations \
                 GROUP BY 1, 2 HAVING count(*) > 1) AS twice;";
    assert_eq!(cluster.psql("afterview", twice), "0");
}

/// Phones at work until the course is over; then everything is looked for. Says what was done.
async fn live(url: &str, course: &Course) -> String {
    let folder = TempDir::new().unwrap();
    let nodes = [node::start(folder.path(), url), node::start(folder.path(), url)];
    let mut phones = vec![Phone::register(&nodes[0], "anna").await];
    for n in 1..PHONES {
        phones.push(Phone::sign_in(&nodes[n % 2], "anna", &format!("anna{n}")).await);
    }
    for n in 0..OTHERS {
        phones.push(Phone::register(&nodes[n % 2], &format!("other{n}")).await);
    }
    let mut reader = Phone::sign_in(&nodes[1], "anna", "reader").await;
    let work = phones.iter_mut().enumerate().map(|(n, phone)| {
        let nodes = [&nodes[n % 2], &nodes[(n + 1) % 2]];
        async move {
            while !course.over.load(Ordering::SeqCst) {
                phone.tap();
                phone.sync(&nodes).await;
                course.synced.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let read = async {
        while !course.over.load(Ordering::SeqCst) {
            reader.sync(&[&nodes[1]]).await;
        }
    };
    join(join_all(work), read).await;
    look_for_everything(&mut phones, reader, &nodes[0]).await
}

async fn look_for_everything(phones: &mut [Phone], mut reader: Phone, node: &Node) -> String {
    reader.sync(&[node]).await;
    for phone in phones.iter_mut() {
        phone.sync(&[node]).await;
    }
    let (annas, others) = phones.split_at(PHONES);
    let typed: usize = annas.iter().map(Phone::taps).sum();
    for phone in annas.iter().chain([&reader]) {
        assert_eq!(phone.records("opportunities").len(), typed);
    }
    for phone in others {
        assert_eq!(phone.records("opportunities").len(), phone.taps());
    }
    let all: usize = phones.iter().map(Phone::taps).sum();
    let failures: usize = phones.iter().map(|phone| phone.failures).sum();
    assert!(failures > 0 && all > 0);
    format!("{all} edits, all there; {failures} requests failed")
}

/// Kills the database whenever enough has happened since the last time.
fn die(cluster: &Cluster, course: &Course, times: u64) {
    for _ in 0..times {
        course.wait_for_more();
        cluster.stop_immediately();
        cluster.start_again();
    }
    course.wait_for_more();
    course.over.store(true, Ordering::SeqCst);
}
