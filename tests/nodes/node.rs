//! A node as a process of its own, which can be killed, and what it says about reminders.
//!
//! It is the benchmark's program, whose first role starts Afterview exactly as `afterview serve` does.

use crate::database::Database;
use chrono::DateTime;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

/// A node handed on a reminder.
#[derive(Debug)]
pub(crate) struct Handed {
    /// Which node.
    pub(crate) node: usize,
    /// The follow-up and the time, in Unix milliseconds.
    pub(crate) occurrence: String,
}

/// A running node. It ends with this value.
pub(crate) struct Node {
    process: Child,
    listener: Option<JoinHandle<()>>,
}

impl Node {
    /// Starts a node, whose keys are in `folder`, and has `tell` told what it hands on.
    pub(crate) fn start(
        name: usize,
        database: &Database,
        folder: &Path,
        tell: &Sender<Handed>,
    ) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_bench"))
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
            .env("AFTERVIEW_PUBLIC_URL", "http://afterview.test")
            .env("AFTERVIEW_DATABASE_URL", &database.url)
            .env("AFTERVIEW_SECRETS_DIR", "secrets")
            .env("AFTERVIEW_LOG", "error,afterview_api::reminders=info")
            .env("AFTERVIEW_LOG_FORMAT", "json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        let tell = tell.clone();
        let listener = std::thread::spawn(move || {
            // What is cut off in the middle of a line was not said.
            for line in said.lines().map_while(Result::ok) {
                match occurrence(&line) {
                    Some(occurrence) => tell.send(Handed { node: name, occurrence }).unwrap(),
                    None => eprintln!("node {name}: {line}"),
                }
            }
        });
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("http://"), "it starts: {line}");
        Self { process, listener: Some(listener) }
    }

    /// Ends it without a warning; afterwards everything that it said has been told.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.listener.take().unwrap().join().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn occurrence(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields")?;
    let at = DateTime::parse_from_rfc3339(fields.get("occurrence")?.as_str()?).ok()?;
    Some(format!("{} {}", fields.get("follow_up_id")?.as_str()?, at.timestamp_millis()))
}
