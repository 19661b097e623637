//! A server that may open few files, and more clients than that: those it has no room for wait, nothing
//! spins, and when the others go it serves them.

use crate::node::Node;
use afterview_tests::ServerProcess;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;
use tempfile::TempDir;

/// So many files the server may have open.
const LIMIT: u32 = 64;

/// More clients than that.
const CLIENTS: usize = 100;

/// Long for an answer on one machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(30);

#[test]
fn more_clients_than_descriptors_wait_without_a_spin_and_are_served_when_others_go() {
    let folder = TempDir::new().unwrap();
    let mut node = Node::start(limited(folder.path()));
    let connect = |_| TcpStream::connect(node.address).unwrap();
    // The kernel lets everybody in; the server does not get to all of them.
    let mut clients: Vec<TcpStream> = (0..CLIENTS).map(connect).collect();
    let mut last = clients.pop().unwrap();
    let mut process = node.take();
    ask(&mut last);
    let before = work(&process);
    assert!(!has_answer(&mut last, PATIENCE), "there was room for everybody");
    let spent = work(&process) - before;
    assert!(spent < PATIENCE / 4, "{spent:?} of work in {PATIENCE:?} of waiting");
    let first = clients.first_mut().unwrap();
    ask(first);
    assert!(has_answer(first, LONG), "nobody is served");
    drop(clients);
    assert!(has_answer(&mut last, LONG), "it was forgotten");
    assert_eq!(process.try_wait().unwrap(), None, "it is dead");
    process.kill().unwrap();
    process.wait().unwrap();
}

/// The server, by way of a shell that takes most of its descriptors away.
fn limited(folder: &Path) -> Command {
    let program = env!("CARGO_BIN_EXE_bench");
    let whole = ServerProcess::command(program, folder, "sqlite://afterview.db");
    let mut limited = Command::new("sh");
    limited.arg("-c").arg(format!("ulimit -n {LIMIT}; exec '{program}' serve"));
    limited.current_dir(folder).env_clear();
    limited.envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

fn ask(client: &mut TcpStream) {
    client.write_all(b"GET /readyz HTTP/1.1\r\nhost: afterview.test\r\n\r\n").unwrap();
}

/// Whether an answer comes in so long.
fn has_answer(client: &mut TcpStream, wait: Duration) -> bool {
    client.set_read_timeout(Some(wait)).unwrap();
    let mut head = [0; 15];
    match client.read_exact(&mut head) {
        Ok(()) => {
            assert_eq!(&head, b"HTTP/1.1 200 OK");
            true
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
        Err(error) => panic!("{error}"),
    }
}

/// How long a process has worked so far.
fn work(process: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    // Behind the name, which may hold anything: time of its own and of the system, in hundredths.
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let ticks = |place: usize| rest.split(' ').nth(place).unwrap().parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(12) + ticks(13)))
}
