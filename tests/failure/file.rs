//! What becomes of a SQLite file while it is served: its disk fills up, it is moved away, another program
//! holds its lock. Writes are refused in words, reads go on, nothing acknowledged is lost, and the server
//! goes on by itself when the trouble is over.

use crate::node::{self, Node};
use crate::phone::Phone;
use crate::small_disk::SmallDisk;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// A server on a file in `folder`, and a phone.
struct Scene {
    node: Node,
    phone: Phone,
    file: PathBuf,
    keys: TempDir,
}

async fn scene(folder: &Path) -> Scene {
    let (file, keys) = (folder.join("afterview.db"), TempDir::new().unwrap());
    let node = node::start(keys.path(), &format!("sqlite://{}", file.display()));
    let phone = Phone::register(&node, "anna").await;
    Scene { node, phone, file, keys }
}

impl Scene {
    /// What the server says of itself.
    async fn ready(&self) -> (u16, Value) {
        let answer = self.phone.get(&self.node, "/readyz").send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Taps until something cannot be stored.
    async fn tap_until_refused(&mut self) {
        for _ in 0..2_000 {
            self.phone.tap();
            if !self.phone.try_to_sync(&self.node).await {
                return;
            }
        }
        panic!("everything was stored");
    }

    /// In which words a write is refused, besides the code that the phone looks at.
    async fn refusal(&self) -> String {
        let body = serde_json::json!({"employer": "Acme", "role": "Data engineer"});
        let request = self.phone.post(&self.node, "/v1/opportunities", &body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "2");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "unavailable");
        problem["detail"].as_str().unwrap().to_owned()
    }

    /// Writes are refused because of `trouble`, and what is there can be read.
    async fn assert_reads_only(&self, trouble: &str) {
        assert_eq!(self.refusal().await, format!("{trouble}; please try again in a moment"));
        let (status, said) = self.ready().await;
        assert_eq!((status, said["status"].as_str()), (200, Some("reads_only")), "{said}");
        assert_eq!(said["detail"], trouble);
        for path in ["/v1/opportunities", "/v1/agenda", "/v1/sync/changes", "/v1/account"] {
            let answer = self.phone.get(&self.node, path).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}: {}", answer.text().await.unwrap());
        }
    }

    /// Everything that was typed is there once, and the file is whole.
    async fn assert_recovered(&mut self) {
        self.phone.sync(&[&self.node]).await;
        assert_eq!(self.ready().await, (200, serde_json::json!({"status": "ok"})));
        let mut connection = connect(&self.file);
        let records = count(&mut connection, "records WHERE collection = 'opportunities'");
        assert_eq!(usize::try_from(records).unwrap(), self.phone.taps());
        assert_eq!(self.phone.records("opportunities").len(), self.phone.taps());
        let faults = "pragma_integrity_check WHERE integrity_check <> 'ok'";
        assert_eq!(count(&mut connection, faults), 0);
        assert_eq!(count(&mut connection, "pragma_foreign_key_check"), 0);
        // One row of the log for every stamp: nothing was written by half.
        let halves = "records WHERE rev > (SELECT last_stamp FROM account_sync)";
        assert_eq!(count(&mut connection, halves), 0);
    }
}

#[actix_web::test]
async fn on_a_full_disk_what_is_there_is_served_and_writing_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    let mut scene = scene(disk.path()).await;
    scene.phone.tap();
    scene.phone.sync(&[&scene.node]).await;
    let ballast = disk.path().join("ballast");
    fill(&ballast);
    scene.tap_until_refused().await;
    scene.assert_reads_only("the disk of the database is full").await;
    fs::remove_file(&ballast).unwrap();
    scene.assert_recovered().await;
    drop((scene, disk));
}

/// Takes what is left of the disk, to the last byte.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for size in [64 * 1024, 4 * 1024, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
}

/// Moved away to make room, on a disk that is full.
#[actix_web::test]
async fn a_file_that_was_moved_away_is_not_made_anew_and_works_when_it_is_back() {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    let mut scene = scene(disk.path()).await;
    let away = disk.path().join("away.db");
    fs::rename(&scene.file, &away).unwrap();
    scene.phone.tap();
    assert!(scene.phone.try_to_sync(&scene.node).await, "it is the same file by another name");
    let ballast = disk.path().join("ballast");
    fill(&ballast);
    scene.tap_until_refused().await;
    fs::remove_file(&ballast).unwrap();
    scene.assert_reads_only("the database takes no writes").await;
    assert!(!scene.file.exists(), "another one in its place");
    fs::rename(&away, &scene.file).unwrap();
    scene.assert_recovered().await;
    drop((scene, disk));
}

#[actix_web::test]
async fn on_a_disk_that_may_not_be_written_to_a_server_says_so_and_does_not_start() {
    let Some(disk) = SmallDisk::mount("4m") else { return };
    let mut scene = scene(disk.path()).await;
    scene.phone.tap();
    scene.phone.sync(&[&scene.node]).await;
    scene.node.kill();
    disk.remount("ro");
    let url = format!("sqlite://{}", scene.file.display());
    let mut command = Node::command(env!("CARGO_BIN_EXE_bench"), scene.keys.path(), &url);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    // It would end with its standard input.
    let held = server.stdin.take();
    let output = server.wait_with_output().unwrap();
    drop(held);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{said}");
    assert!(said.contains("cannot open the database") && said.contains("Read-only"), "{said}");
    disk.remount("rw");
    scene.node = node::start(scene.keys.path(), &url);
    scene.assert_recovered().await;
    drop((scene, disk));
}

#[actix_web::test]
async fn while_another_program_holds_the_lock_writes_are_refused_and_reads_go_on() {
    let folder = TempDir::new().unwrap();
    let mut scene = scene(folder.path()).await;
    let mut other = connect(&scene.file);
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    scene.phone.tap();
    assert!(!scene.phone.try_to_sync(&scene.node).await);
    scene.assert_reads_only("another program holds the database locked").await;
    other.batch_execute("ROLLBACK").unwrap();
    drop(other);
    scene.assert_recovered().await;
}

fn connect(file: &Path) -> SqliteConnection {
    SqliteConnection::establish(&file.display().to_string()).unwrap()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(connection: &mut SqliteConnection, rows: &str) -> i64 {
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {rows}"));
    query.get_result::<Count>(connection).unwrap().count
}
