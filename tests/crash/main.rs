//! Sudden death: the server is killed in the middle of pushes, again and again, on the same files.
//!
//! Four devices of one account push at once. Where it happens is a number of bytes, drawn from a seed:
//! in the middle of a request, while others wait for a commit, or in the middle of an answer. Devices
//! send again what was not answered, word for word. In the end nothing that was acknowledged may be
//! missing, and nothing may have been done twice.
//!
//! ```text
//! AFTERVIEW_KILLS=200 cargo test -p afterview-tests --test crash -- --nocapture
//! ```
//!
//! `AFTERVIEW_SEED` tries other moments. Threads and the kernel have their part in what happens after
//! the last byte, so a seed brings back the moment, not every consequence of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod audit;
mod backups;
mod device;
mod edits;
mod wire;

use afterview_tests::ServerProcess;
use device::Device;
use std::path::Path;
use tempfile::TempDir;
use wire::Meter;

/// How many devices push at once.
const DEVICES: usize = 4;

/// The most bytes, of all devices in both directions, between a start and a kill.
const MAX_BYTES: u64 = 200_000;

/// Numbers that look random and are the same every time (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a test runs is said from outside")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn what_was_acknowledged_survives_and_nothing_happens_twice_however_often_the_server_dies() {
    let (kills, seed) = (setting("AFTERVIEW_KILLS", 50), setting("AFTERVIEW_SEED", 1));
    let mut dice = Dice(seed);
    // On a disk: the system's temporary folder may live in memory.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut devices = begin(folder.path(), &dice);
    for _ in 0..kills {
        let most = dice.below(MAX_BYTES) + 1;
        let bytes = dice.below(most) + 1;
        let mut server = start(folder.path());
        devices.iter_mut().for_each(|device| device.sign_in_again(server.address));
        let meter = Meter::until(bytes, server.take());
        std::thread::scope(|scope| {
            for device in &mut devices {
                scope.spawn(|| device.work(server.address, &meter));
            }
        });
        meter.bury();
    }
    let server = start(folder.path());
    for device in &mut devices {
        device.sign_in_again(server.address);
        device.send_again(server.address);
    }
    let counts = audit::over_http(&mut devices, server.address);
    drop(server);
    audit::in_the_database(&devices, folder.path());
    println!("{kills} kills from seed {seed}: {counts}");
    assert!(counts.is_something_when(kills), "{counts}");
}

fn start(folder: &Path) -> ServerProcess {
    let program = env!("CARGO_BIN_EXE_bench");
    let mut command = ServerProcess::command(program, folder, "sqlite://afterview.db");
    command.env("AFTERVIEW_LOG", "error");
    ServerProcess::start(command)
}

/// An account with its opportunities, and its devices.
fn begin(folder: &Path, dice: &Dice) -> Vec<Device> {
    let server = start(folder);
    let first = Device::register(server.address, dice.clone());
    edits::prepare(&first, server.address);
    let others = (1..DEVICES).map(|n| Device::sign_in(n, server.address, dice.clone()));
    let others: Vec<Device> = others.collect();
    std::iter::once(first).chain(others).collect()
}
