//! Somebody else's server as a process with children.
//!
//! **Must never** outlive this process, nor end a process that it did not start.

use crate::children::{cpu_of_family, family_of, forget_peak_of, peak_mib_of};
use crate::load::Connection;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// By when it has to answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Says the process of the server, waits until nobody holds the other end of its own standard input, and
/// ends the server.
const KEEPER: &str = r#""$@" </dev/null >log 2>&1 & echo $!; cat >/dev/null; kill $!; wait"#;

/// A running server. It ends with this value, and with this process.
pub(super) struct Service {
    /// Where it listens.
    pub(super) address: SocketAddr,
    pid: String,
    keeper: Child,
}

impl Service {
    /// Starts what `command` makes of a free address, in `folder`, and waits until it answers.
    pub(super) fn start(folder: &Path, command: impl Fn(SocketAddr) -> Command) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let command = command(address);
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEPER, "keeper"]).arg(command.get_program()).args(command.get_args());
        // Some keep files in the home of who starts them.
        shell.current_dir(folder).env("HOME", folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = shell.spawn().unwrap();
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut pid).unwrap();
        let service = Self { address, pid: pid.trim().to_owned(), keeper };
        service.wait(folder);
        service
    }

    fn wait(&self, folder: &Path) {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "it does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        let status = Connection::open(self.address)
            .exchange(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n")
            .status;
        assert!(status < 500, "{status}");
    }

    /// CPU time of it and its children.
    pub(super) fn cpu(&self) -> Duration {
        cpu_of_family(&self.pid)
    }

    /// The most memory of it and its children together; what they share counts for each.
    pub(super) fn peak_mib(&self) -> f64 {
        family_of(&self.pid).iter().map(|pid| peak_mib_of(pid)).sum()
    }

    pub(super) fn forget_peak(&self) {
        family_of(&self.pid).iter().for_each(|pid| forget_peak_of(pid));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper ends when the server has.
        let _ = self.keeper.wait();
    }
}

/// Runs a program to its end.
pub(super) fn run(folder: &Path, command: &mut Command) {
    let log = File::create(folder.join("run.log")).unwrap();
    command.current_dir(folder).env("HOME", folder);
    let status = command.stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
    let text = || std::fs::read_to_string(folder.join("run.log")).unwrap_or_default();
    assert!(status.success(), "{command:?}: {}", text());
}
