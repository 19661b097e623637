//! A server of one test's own.
//!
//! It is as durable as PostgreSQL is by default, for tests of what survives. Starting it takes most
//! of a second: whoever needs no more than a database takes one of the shared server.

use super::programs::Programs;
use super::server::{Server, hold, supervise, use_server};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How often the supervisor looks, every two seconds, when a killed test has left a server behind.
const LOOKS: u32 = 1;

/// A server that may be stopped, killed and started again. Dropping it stops it; its files go soon
/// after.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    data: PathBuf,
    _user: File,
}

impl Cluster {
    /// Makes and starts a server with the settings of `postgresql.conf` that are to differ from
    /// PostgreSQL's own.
    ///
    /// # Panics
    ///
    /// Where [`is_available`](super::is_available) is false, and when the server does not start.
    #[must_use]
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::made(|home| Server::begin(home, settings))
    }

    /// Makes and starts a server that follows this one: a standby, which can be read.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn standby(&self) -> Self {
        Self::made(|home| Server::follow(home, &self.server))
    }

    /// Makes a standby take the place of the server that it followed.
    pub fn promote(&self) {
        self.server.promote();
    }

    fn made(make: impl FnOnce(&Path) -> Server) -> Self {
        let folder = tempfile::Builder::new().prefix("afterview-cluster-").tempdir().unwrap();
        // The supervisor removes it.
        let home = folder.keep();
        let start = hold(&home);
        let user = use_server(&home);
        supervise(&home, &home, LOOKS);
        let server = make(&home);
        let data = server.data();
        drop(start);
        Self { server, data, _user: user }
    }

    /// How a superuser connects to a database of it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.server.url(database)
    }

    /// The port on 127.0.0.1, the same for its whole life.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Creates an empty database and returns its URL.
    #[must_use]
    pub fn create_database(&self, name: &str) -> String {
        let _ = self.psql("postgres", &format!("CREATE DATABASE \"{name}\";"));
        self.url(name)
    }

    /// Stops it as a crash of its processes would: every connection breaks, nothing more is written.
    pub fn stop_immediately(&self) {
        self.server.stop("immediate");
    }

    /// Stops it as an upgrade would: transactions are rolled back, connections are closed,
    /// everything is written.
    pub fn stop_fast(&self) {
        self.server.stop("fast");
    }

    /// Starts it again after it was stopped or killed, and waits until it has recovered.
    pub fn start_again(&self) {
        self.server.start();
    }

    /// The file of a program of the same version: `pgbench`, `pg_dump`, … As root, `postgres`,
    /// `initdb` and `pg_ctl` refuse to run.
    #[must_use]
    pub fn bin(&self, program: &str) -> PathBuf {
        Programs::get().file(program)
    }

    /// Any other program, to be run as whoever the server runs as, in the server's folder.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        Programs::get().confine(&mut command, self.server.home());
        command
    }

    /// Runs statements, each in a transaction of its own, and returns the rows of all of them: one
    /// per line, columns parted by `|`.
    ///
    /// # Panics
    ///
    /// When one of them fails, with the message of PostgreSQL.
    #[must_use]
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.server.psql(database, sql).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }

    /// The folder of its files, whose `postmaster.pid` names its process.
    #[must_use]
    pub fn data_folder(&self) -> &Path {
        &self.data
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.server.end();
    }
}
