//! A node: the server as a process of its own, on a PostgreSQL database that others use, too.
//!
//! It is the benchmark's program, whose first role starts Afterview exactly as `afterview serve` does.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running node. It ends with this value.
pub(crate) struct Node {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    process: Child,
}

impl Node {
    /// Starts a node. Nodes of one service have the same `folder`: it holds the signing keys.
    pub(crate) fn start(folder: &Path, database: &str) -> Self {
        Self::start_with(folder, database, &[])
    }

    /// The same with more settings.
    pub(crate) fn start_with(folder: &Path, database: &str, settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bench"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
            .env("AFTERVIEW_PUBLIC_URL", "http://afterview.test")
            .env("AFTERVIEW_DATABASE_URL", database)
            .env("AFTERVIEW_SECRETS_DIR", "secrets")
            // What the database does is told here by the test itself.
            .env("AFTERVIEW_LOG", "off")
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("http://").expect("it starts");
        Self { address: address.parse().unwrap(), process }
    }

    /// The address of one of its resources.
    pub(crate) fn url(&self, path: &str) -> String {
        let mut url = format!("http://{}", self.address);
        write!(url, "{path}").unwrap();
        url
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
