//! The server as a process of its own, which can be killed.
//!
//! It is the benchmark's program, whose first role starts Afterview exactly as `afterview serve` does.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server. It ends with this value, unless its process was taken.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    process: Option<Child>,
}

impl Server {
    /// Starts it on the files in `folder`, which an earlier one may have left behind.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bench"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
            .env("AFTERVIEW_PUBLIC_URL", "http://afterview.test")
            .env("AFTERVIEW_DATABASE_URL", "sqlite://afterview.db")
            .env("AFTERVIEW_SECRETS_DIR", "secrets")
            .env("AFTERVIEW_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("http://").expect("it starts on what was left");
        Self { address: address.parse().unwrap(), process: Some(process) }
    }

    /// The process, for whoever is going to kill it.
    pub(crate) fn take_process(&mut self) -> Child {
        self.process.take().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
