//! The server as a process of its own, which can be killed.
//!
//! It is the benchmark's program, whose first role starts Afterview exactly as `afterview serve` does, and
//! which ends when the test does, however that ends.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// A running server. Its process is killed with this value, unless it was taken.
pub struct ServerProcess {
    /// Where it listens.
    pub address: SocketAddr,
    child: Option<Child>,
}

impl ServerProcess {
    /// How to start `program`, which is `env!("CARGO_BIN_EXE_bench")`, on a database. Its files and keys
    /// are in `folder`, which nodes of one service share, and its log is `off`; more settings may be put on
    /// top.
    #[must_use]
    pub fn command(program: &str, folder: &Path, database: &str) -> Command {
        let mut command = Command::new(program);
        command
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
            .env("AFTERVIEW_PUBLIC_URL", "http://afterview.test")
            .env("AFTERVIEW_DATABASE_URL", database)
            .env("AFTERVIEW_SECRETS_DIR", "secrets")
            .env("AFTERVIEW_RATE_LIMITS", "off")
            .env("AFTERVIEW_LOG", "off");
        command
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("http://").expect("it says where it listens");
        Self { address: address.parse().unwrap(), child: Some(child) }
    }

    /// The address of one of its resources.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it logs, if the command was told to pipe that.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.as_mut().and_then(|child| child.stderr.take())
    }

    /// The process, for whoever is going to kill it.
    pub fn take(&mut self) -> Child {
        self.child.take().unwrap()
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
