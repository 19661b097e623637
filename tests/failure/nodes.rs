//! Two nodes on one database: what one does, the other soon knows.

use crate::node::{self, Node};
use crate::phone::Phone;
use afterview_tests::Events;
use afterview_tests::postgres::{self, Cluster};
use serde_json::json;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many writes are told from one node to the other.
const POKES: usize = 100;

/// Two nodes, and the database under them.
struct Pair {
    cluster: Cluster,
    first: Node,
    second: Node,
    _folder: TempDir,
}

fn pair() -> Option<Pair> {
    if !postgres::is_available() {
        return None;
    }
    let (cluster, folder) = (Cluster::start(&[]), TempDir::new().unwrap());
    let url = cluster.create_database("afterview");
    let (first, second) = (node::start(folder.path(), &url), node::start(folder.path(), &url));
    Some(Pair { cluster, first, second, _folder: folder })
}

/// The stream of a phone's account on a node, after its first event.
async fn follow(phone: &Phone, node: &Node) -> Events {
    let mut events = Events::of(phone.get(node, "/v1/sync/stream").send().await.unwrap());
    events.head().await;
    events
}

/// Waits until the node refuses the token of a phone.
async fn shut_out(phone: &Phone, node: &Node) -> Duration {
    let began = Instant::now();
    while phone.get(node, "/v1/sync/head").send().await.unwrap().status() != 401 {
        assert!(began.elapsed() < Duration::from_secs(20), "still let in");
        actix_web::rt::time::sleep(Duration::from_millis(1)).await;
    }
    began.elapsed()
}

#[actix_web::test]
async fn a_write_on_one_node_is_told_on_the_other() {
    let Some(pair) = pair() else { return };
    let mut phone = Phone::register(&pair.first, "anna").await;
    let mut events = follow(&phone, &pair.second).await;
    let mut took = Vec::new();
    for _ in 0..POKES {
        phone.tap();
        let began = Instant::now();
        phone.sync(&[&pair.first]).await;
        events.head().await;
        took.push(began.elapsed());
    }
    took.sort();
    println!("from the request on one node to the poke on the other: {:?} (p50)", took[POKES / 2]);
}

#[actix_web::test]
async fn a_session_that_is_ended_on_one_node_ends_on_the_other() {
    let Some(pair) = pair() else { return };
    let phone = Phone::register(&pair.first, "anna").await;
    let mut events = follow(&phone, &pair.second).await;
    assert_eq!(phone.get(&pair.second, "/v1/sync/head").send().await.unwrap().status(), 200);
    let ended = phone.post(&pair.first, "/v1/auth/logout", &json!({})).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    println!("refused on the other node after {:?}", shut_out(&phone, &pair.second).await);
    assert_eq!(events.next().await, None, "its stream ends, too");
}

#[actix_web::test]
async fn what_was_missed_while_the_nodes_could_not_hear_each_other_is_looked_up() {
    let Some(pair) = pair() else { return };
    let mut phone = Phone::register(&pair.first, "anna").await;
    let lost = Phone::sign_in(&pair.first, "anna", "lost").await;
    let mut events = follow(&phone, &pair.second).await;
    // Everything that listens loses its connection, and what is said meanwhile is lost with it.
    let deaf = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1';";
    assert_eq!(pair.cluster.psql("afterview", deaf), "2");
    let ended = lost.post(&pair.first, "/v1/auth/logout", &json!({})).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    phone.tap();
    phone.sync(&[&pair.first]).await;
    shut_out(&lost, &pair.second).await;
    events.head().await;
}
