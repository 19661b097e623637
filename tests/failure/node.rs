//! A node: the server as a process of its own, on a database that others use, too.

use afterview_tests::ServerProcess;
use std::path::Path;

/// A running node. It ends with this value.
pub(crate) type Node = ServerProcess;

/// Starts a node. Nodes of one service have the same `folder`: it holds the signing keys.
pub(crate) fn start(folder: &Path, database: &str) -> Node {
    start_with(folder, database, &[])
}

/// The same with more settings.
pub(crate) fn start_with(folder: &Path, database: &str, settings: &[(&str, &str)]) -> Node {
    let mut command = Node::command(env!("CARGO_BIN_EXE_bench"), folder, database);
    command.envs(settings.iter().copied());
    Node::start(command)
}
