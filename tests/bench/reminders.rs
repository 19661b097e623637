//! A hundred thousand reminders that are due at the same moment: how soon they are at the provider, and
//! what that costs.
//!
//! The provider is the double of Firebase that the tests have, in this process, on a thread of its own.
//! What it can take at all is measured in the same run by a bare client that sends such messages. In the
//! end every message has arrived once, and every row says so.

mod ceiling;
mod double;
mod scene;

use crate::children::{Child, cpu_of, load_average};
use crate::report::per_thousand;
use afterview_tests::postgres::{self, Cluster};
use double::Double;
use scene::{ACCOUNTS, Database, EACH, REMINDERS, now_millis};
use std::path::Path;
use std::time::{Duration, Instant};

/// By when everything has to be done, and how often somebody looks.
const DEADLINE: Duration = Duration::from_secs(400);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Sends all reminders on each kind of database and prints what came of it.
pub(crate) fn measure(folder: &Path) {
    println!(
        "reminders: {REMINDERS} due at the same moment, {EACH} of each of {ACCOUNTS} accounts with one device"
    );
    let folder = folder.join("reminders");
    std::fs::create_dir(&folder).unwrap();
    alone();
    dispatch("SQLite, one node", &Database::Sqlite(folder.join("afterview.db")), &folder, 1);
    if postgres::is_available() {
        let cluster = Database::Postgres(Cluster::start(&[]));
        dispatch("PostgreSQL, two nodes", &cluster, &folder, 2);
    }
    alone();
}

/// What the double takes from a bare client.
fn alone() {
    let double = Double::start();
    let elapsed = ceiling::send_all(&double);
    assert_eq!(double.firebase.message_count(), usize::try_from(ceiling::MESSAGES).unwrap());
    println!(
        "reminders: the double takes {:.0} messages/s from a bare client, its CPU {:.0} µs each (load {})",
        f64::from(ceiling::MESSAGES) / elapsed.as_secs_f64(),
        micros(double.cpu(), ceiling::MESSAGES),
        load_average()
    );
}

/// Has nodes on one database send everything, and prints what came of it.
fn dispatch(what: &str, database: &Database, folder: &Path, count: usize) {
    let double = Double::start();
    let (url, base) = (database.url(), double.firebase.base_url().to_owned());
    let credentials = double.firebase.credentials_file(folder).display().to_string();
    let settings = [
        ("AFTERVIEW_FCM_CREDENTIALS", credentials.as_str()),
        ("AFTERVIEW_FCM_BASE_URL", base.as_str()),
    ];
    scene::make_model(&Child::afterview_with(folder, &url, &settings));
    let due = database.fill();
    let nodes: Vec<Child> =
        (0..count).map(|_| Child::afterview_with(folder, &url, &settings)).collect();
    let rest = u64::try_from(due - now_millis()).expect("the nodes are up before anything is due");
    // Asleep, as they are before most minutes.
    std::thread::sleep(Duration::from_millis(rest.saturating_sub(200)));
    let cpu = || nodes.iter().map(|node| cpu_of(&node.pid())).sum::<Duration>();
    let resident: Vec<f64> = nodes.iter().map(Child::resident_mib).collect();
    let before = (cpu(), database.cpu(), double.cpu());
    wait_until_all_is_noted(database, &double);
    let noted = now_millis() - due;
    let after = (cpu(), database.cpu(), double.cpu());
    let late = audit(database, &double, due);
    let last = per_thousand(late.clone(), 1000);
    println!(
        "reminders, {what}: {:.0} messages/s; late {:.1} s (p50), {:.1} s (p99), {last:.1} s (the last); all noted after {:.1} s",
        f64::from(REMINDERS) / last,
        per_thousand(late.clone(), 500),
        per_thousand(late, 990),
        f64::from(u32::try_from(noted).unwrap()) / 1e3,
    );
    println!(
        "reminders, {what}: CPU a message: server {:.0} µs, processes of the database {:.0} µs, double {:.0} µs (load {})",
        micros(after.0 - before.0, REMINDERS),
        micros(after.1 - before.1, REMINDERS),
        micros(after.2 - before.2, REMINDERS),
        load_average()
    );
    for (node, resident) in nodes.iter().zip(resident) {
        let peak = node.peak_mib();
        println!("reminders, {what}: memory {resident:.1} MiB before, {peak:.1} MiB at its peak");
    }
}

fn wait_until_all_is_noted(database: &Database, double: &Double) {
    let began = Instant::now();
    let all = usize::try_from(REMINDERS).unwrap();
    // The database is not asked while messages are on their way: that would be felt.
    while double.firebase.message_count() < all || database.open_reminders() > 0 {
        assert!(
            began.elapsed() < DEADLINE,
            "{} messages arrived; {:?}",
            double.firebase.message_count(),
            double.firebase.faults()
        );
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Every message arrived once and every row says so; how late each was, in seconds.
fn audit(database: &Database, double: &Double, due: i64) -> Vec<f64> {
    assert_eq!(double.firebase.faults(), [""; 0]);
    let messages = double.firebase.messages();
    let mut names: Vec<String> = messages
        .iter()
        .map(|one| format!("{} {}", one.message["fid"], one.message["data"]["follow_up_id"]))
        .collect();
    names.sort_unstable();
    names.dedup();
    let all = usize::try_from(REMINDERS).unwrap();
    assert_eq!((messages.len(), names.len()), (all, all), "each once");
    assert!(messages.iter().all(|one| one.http2));
    database.audit(due);
    let late = messages.iter().map(|one| one.at.timestamp_millis() - due);
    late.map(|millis| f64::from(i32::try_from(millis).unwrap()) / 1e3).collect()
}

fn micros(cpu: Duration, count: u32) -> f64 {
    cpu.as_secs_f64() * 1e6 / f64::from(count)
}
