//! The door: whether a sign-in tells by its time if there is such an account, and what a flood of sign-ins
//! does to everybody else.

use crate::children::{Child, cpu_of, load_average};
use crate::load::Connection;
use crate::report::{median, per_thousand};
use crate::scene::Account;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How many sign-ins are timed, half of them for an address that has an account.
const TRIES: usize = 2_000;

/// How many sign-ins a flood sends at once.
const FLOOD: usize = 200;

/// How many reads are timed before and during a flood.
const READS: usize = 4_000;

/// Measures both on a fresh server and prints a line for each figure.
pub(crate) fn measure(folder: &Path) {
    let server = Child::afterview(folder);
    let account = Account::register(server.address, "door", 1);
    timing(server.address);
    flood(&server, &account);
}

/// Sign-ins with a wrong password, in turns for a known and for an unknown address.
fn timing(address: SocketAddr) {
    let mut connection = Connection::open(address);
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for number in 0..TRIES {
        // In pairs whose order changes, so that neither side has the better moment.
        let is_known = (number % 2 == 0) ^ (number % 4 >= 2);
        let email = if is_known { "door@example.org" } else { "nobody@example.org" };
        let request = login(email);
        let began = Instant::now();
        assert_eq!(connection.exchange(&request).status, 401);
        let millis = began.elapsed().as_secs_f64() * 1e3;
        if is_known { known.push(millis) } else { unknown.push(millis) }
    }
    let (z, auc) = mann_whitney(&known, &unknown);
    println!(
        "door: {TRIES} sign-ins, median {:.3} ms for a known and {:.3} ms for an unknown address; \
         Mann-Whitney U: z = {z:.2}, two-sided p = {:.3}, area under the curve {auc:.3}",
        median(known),
        median(unknown),
        two_sided(z)
    );
}

/// Mann and Whitney's test (1947) with the normal approximation, which holds for hundreds of values: how far
/// the sum of ranks is from what it would be by chance, in deviations, and how often a value of the first
/// side is the larger one.
fn mann_whitney(one: &[f64], other: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    let ranks: f64 =
        all.iter().enumerate().filter(|(_, (_, is_one))| *is_one).map(|(i, _)| count(i + 1)).sum();
    let (n, m) = (count(one.len()), count(other.len()));
    let u = ranks - n * (n + 1.0) / 2.0;
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    ((u - n * m / 2.0) / deviation, u / (n * m))
}

/// How likely something that far from the middle of a normal distribution is (Abramowitz and Stegun, 26.2.17).
fn two_sided(z: f64) -> f64 {
    let z = z.abs();
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = series.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    2.0 * sum * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Reads on one connection, before and while a flood of sign-ins comes again and again.
fn flood(server: &Child, account: &Account) {
    let read = account.get("/v1/opportunities/acme", "");
    let address = server.address;
    let idle = reads(address, &read, || true);
    let (stop, answers, refused) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    let cpu = cpu_of(&server.pid());
    let began = Instant::now();
    let flooded = std::thread::scope(|scope| {
        for number in 0..FLOOD {
            let (stop, answers, refused) = (&stop, &answers, &refused);
            scope.spawn(move || {
                let request = login(&format!("flood{number}@example.org"));
                let mut connection = Connection::open(address);
                while !stop.load(Ordering::Relaxed) {
                    let status = connection.exchange(&request).status;
                    let counter = if status == 401 { answers } else { refused };
                    counter.fetch_add(1, Ordering::Relaxed);
                    // Who is told to come back does so after a moment.
                    if status != 401 {
                        std::thread::sleep(Duration::from_millis(200));
                    }
                }
            });
        }
        std::thread::sleep(Duration::from_millis(500));
        let flooded = reads(address, &read, || began.elapsed() < Duration::from_secs(20));
        stop.store(true, Ordering::Relaxed);
        flooded
    });
    let secs = began.elapsed().as_secs_f64();
    let (idle_p99, flood_p99) =
        (per_thousand(idle.clone(), 990), per_thousand(flooded.clone(), 990));
    println!(
        "door: reads p50 {:.3} ms and p99 {idle_p99:.3} ms alone; p50 {:.3} ms and p99 {flood_p99:.3} ms \
         while {FLOOD} sign in at once ({:.1} times); {:.0} passwords a second checked, {:.0} refused, \
         server CPU {:.2} of a core, load {}",
        median(idle),
        median(flooded),
        flood_p99 / idle_p99,
        f64::from(answers.into_inner()) / secs,
        f64::from(refused.into_inner()) / secs,
        (cpu_of(&server.pid()) - cpu).as_secs_f64() / secs,
        load_average()
    );
}

fn reads(address: SocketAddr, read: &[u8], go_on: impl Fn() -> bool) -> Vec<f64> {
    let mut connection = Connection::open(address);
    let mut millis = Vec::new();
    while millis.len() < READS && go_on() {
        let began = Instant::now();
        assert_eq!(connection.exchange(read).status, 200);
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        // As people ask: not one request right after the other.
        std::thread::sleep(Duration::from_millis(1));
    }
    millis
}

fn login(email: &str) -> Vec<u8> {
    let body = json!({"email": email, "password": "wrong horse battery"}).to_string();
    let length = body.len();
    format!(
        "POST /v1/auth/login HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
