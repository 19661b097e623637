//! Real PostgreSQL servers for tests, thrown away afterwards.
//!
//! [`SharedCluster`] is one server for all tests of a run, with a database for each of them.
//! [`Cluster`] is a server of one test's own, which can be stopped in the middle of its work. Nothing
//! is left to be cleaned up: a small supervisor outlives the test processes, and ends a server
//! whose users are gone, however they went.
//!
//! It needs the programs of PostgreSQL 15 or newer with ICU (every Debian package has it) and `flock`
//! of util-linux. As root, the programs run as the user `postgres`, or else `nobody`.
//!
//! **Must never** touch a PostgreSQL that it did not start itself.

mod cluster;
mod programs;
mod server;
mod shared;

pub use cluster::Cluster;
pub use programs::is_available;
pub use shared::{Database, SharedCluster};
