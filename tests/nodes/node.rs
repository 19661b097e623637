//! A node as a process of its own, which can be killed, and what it says about reminders.

use crate::database::Database;
use afterview_tests::ServerProcess;
use chrono::DateTime;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
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
    process: ServerProcess,
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
        let program = env!("CARGO_BIN_EXE_bench");
        let mut command = ServerProcess::command(program, folder, &database.url);
        command
            .env("AFTERVIEW_LOG", "error,afterview_api::reminders=info")
            .env("AFTERVIEW_LOG_FORMAT", "json")
            .stderr(Stdio::piped());
        let mut process = ServerProcess::start(command);
        let said = BufReader::new(process.take_stderr().unwrap());
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
        Self { process, listener: Some(listener) }
    }

    /// Ends it without a warning; afterwards everything that it said has been told.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
        self.listener.take().unwrap().join().unwrap();
    }
}

fn occurrence(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let at = DateTime::parse_from_rfc3339(line.get("occurrence")?.as_str()?).ok()?;
    Some(format!("{} {}", line.get("follow_up_id")?.as_str()?, at.timestamp_millis()))
}
