//! Ten thousand open live streams: what they cost while nothing happens, and how soon a poke is there.

use crate::children::{Child, cpu_of};
use crate::load::Connection;
use crate::report::{median, per_thousand};
use crate::scene::Account;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many live streams are opened, and how many files a process opens besides.
const STREAMS: usize = 10_000;
const OTHER_FILES: usize = 200;

/// The most streams that one account may have.
const OF_ONE_ACCOUNT: usize = 20;

/// How many writes are timed until they are told.
const POKES: u32 = 500;

/// Longer than the longest silence of a stream: every stream has sent a comment.
const REST: Duration = Duration::from_secs(26);

/// What ends an event or a comment, and the chunk that it is sent in.
const END: &[u8] = b"\n\n\r\n";

/// Opens the streams of a fresh server and prints a line for each figure.
pub(crate) fn measure(folder: &Path) {
    assert!(
        open_files() >= STREAMS + OTHER_FILES,
        "a process may open {} files only: raise `ulimit -n`",
        open_files()
    );
    let server = Child::afterview(folder);
    let sign_up = |name: String| Account::sign_up(server.address, &name);
    let accounts: Vec<Account> =
        (0..STREAMS / OF_ONE_ACCOUNT).map(|n| sign_up(format!("stream{n}"))).collect();
    let (lone, unheard) = (sign_up("lone".to_owned()), sign_up("unheard".to_owned()));
    let before = server.resident_mib();

    let began = Instant::now();
    let mut streams: Vec<Connection> = accounts
        .iter()
        .flat_map(|account| std::iter::repeat_n(account, OF_ONE_ACCOUNT))
        .map(|account| listen(&server, account))
        .collect();
    let opened = began.elapsed();
    let (count, with) = (f64::from(u32::try_from(streams.len()).unwrap()), server.resident_mib());
    println!(
        "streams: {count} opened in {opened:.1?}; memory {before:.1} MiB before, {with:.1} MiB with them, {:.1} KiB each",
        (with - before) * 1024.0 / count
    );

    let (cpu, began) = (cpu_of(&server.pid()), Instant::now());
    std::thread::sleep(REST);
    let share = (cpu_of(&server.pid()) - cpu).as_secs_f64() / began.elapsed().as_secs_f64();
    println!(
        "streams: at rest {:.2} % of one core, memory {:.1} MiB",
        share * 1e2,
        server.resident_mib()
    );

    let mut stream = listen(&server, &lone);
    let mut writer = Connection::open(server.address);
    let (mut told, mut answered) = (Vec::new(), Vec::new());
    for number in 0..POKES {
        let sent = send(&mut writer, &lone, number);
        while !contains(stream.read_until(END), b"event: poke") {}
        told.push(sent.elapsed().as_secs_f64() * 1e3);
        writer.finish();
        let sent = send(&mut writer, &unheard, number);
        writer.finish();
        answered.push(sent.elapsed().as_secs_f64() * 1e3);
    }
    for (what, times) in [("a write is told to a stream", told), ("without one answered", answered)]
    {
        let (half, most) = (median(times.clone()), per_thousand(times, 990));
        println!("streams: {what} after {half:.2} ms (p50), {most:.2} ms (p99)");
    }

    let (cpu, began) = (cpu_of(&server.pid()), Instant::now());
    for account in &accounts {
        send(&mut writer, account, 0);
        writer.finish();
    }
    for stream in &mut streams {
        while !contains(stream.read_until(END), b"event: poke") {}
    }
    println!(
        "streams: {} writes told to {count} streams in {:.2?}, server CPU {:.2?}; memory {:.1} MiB",
        accounts.len(),
        began.elapsed(),
        cpu_of(&server.pid()) - cpu,
        server.resident_mib()
    );
}

/// Opens a stream and reads its first poke.
fn listen(server: &Child, account: &Account) -> Connection {
    let mut stream = Connection::open(server.address);
    stream.begin(&account.get("/v1/sync/stream", ""));
    assert!(contains(stream.read_until(END), b"event: poke"));
    stream
}

/// Sends a create and says when.
fn send(writer: &mut Connection, account: &Account, number: u32) -> Instant {
    let body = json!({"id": format!("s{number}"), "employer": "Acme", "role": "Data engineer"});
    let mut request = Vec::new();
    account.write(&mut request, "POST /v1/opportunities", "", body.to_string().as_bytes());
    let now = Instant::now();
    writer.begin(&request);
    now
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

/// How many files a process may have open here; the server inherits it.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}
