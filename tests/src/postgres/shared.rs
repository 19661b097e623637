//! One server for all test processes of this folder of sources, at once.
//!
//! Whoever comes first starts it (below one second), and the supervisor ends it ten seconds after the last
//! process that used it. It keeps nothing safe, which makes it fast: a power cut would lose
//! everything, and nobody minds.
//!
//! **Must never** be stopped or reconfigured by a test, nor made to share a database between two of
//! them; roles are common to all databases, so whoever makes one must expect it to be there already.

use super::programs::{Programs, own_uid};
use super::server::{Server, hold, lock_file, supervise, use_server};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

/// Nothing waits for a disk, and nothing happens on its own.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("max_connections", "400"),
    ("shared_buffers", "64MB"),
];

/// How often the supervisor looks, every two seconds, before it believes that nobody is left.
const LOOKS: u32 = 5;

/// Names the folder of the running server, inside the folder of all.
const CURRENT: &str = "current";

/// A server that many test processes use at once, and that ends by itself.
pub struct SharedCluster {
    server: Server,
    /// Makes and drops databases. A program for each of these would take most of the time.
    administrator: Mutex<Option<PgConnection>>,
    /// Held for as long as this process lives; the system lets go of it however the process ends.
    _user: File,
}

impl SharedCluster {
    /// The server, started by whoever is the first to ask.
    ///
    /// # Panics
    ///
    /// Where [`is_available`](super::is_available) is false, and when the server does not start.
    pub fn get() -> &'static Self {
        static CLUSTER: OnceLock<SharedCluster> = OnceLock::new();
        CLUSTER.get_or_init(|| Self::join(&common_folder()))
    }

    /// A new database: empty, or a copy of a template that [`ensure_template`](Self::ensure_template)
    /// has made.
    #[must_use]
    pub fn create_database(&'static self, template: Option<&str>) -> Database {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", process::id());
        let template = template.unwrap_or("template1");
        check_name(template);
        // A killed process with the same id may have left one behind. FILE_COPY: with `fsync` off a
        // checkpoint costs nothing, and copying files takes two thirds of the time of WAL_LOG.
        self.administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
        Database { url: self.server.url(&name), name, cluster: self }
    }

    /// Makes a database to be copied, once in the life of the server: the first one that asks makes it,
    /// others wait for that one. What `make` opens on the URL must be closed when it returns.
    ///
    /// The server may outlive a build: a name should say what is in it, by a hash of the
    /// migrations for example. It consists of lower-case letters, digits and `_`.
    pub fn ensure_template(&self, name: &str, make: impl FnOnce(&str)) {
        check_name(name);
        let file = |what: &str| self.server.home().join(format!("{name}.{what}"));
        let ready = file("ready");
        let lock = lock_file(&file("lock")).unwrap();
        lock.lock().unwrap();
        if ready.exists() {
            return;
        }
        // Whoever began before may have failed.
        self.administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        self.administer(&format!("CREATE DATABASE {name} STRATEGY FILE_COPY"));
        make(&self.server.url(name));
        // Nobody can change it any more, nor keep it from being copied.
        self.administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        fs::write(ready, "").unwrap();
    }

    /// The file of a program of the same version, `psql` for example.
    #[must_use]
    pub fn bin(&self, program: &str) -> PathBuf {
        Programs::get().file(program)
    }

    fn join(folder: &Path) -> Self {
        let _start = hold(folder);
        let user = use_server(folder);
        let current = fs::read_to_string(folder.join(CURRENT)).ok();
        let running = current.and_then(|name| Server::running(&folder.join(name)));
        let server = running.unwrap_or_else(|| Self::begin(folder));
        Self { server, administrator: Mutex::default(), _user: user }
    }

    /// Starts the server in a folder of its own, so that no two of them are ever confused.
    fn begin(folder: &Path) -> Server {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                Server::clear(&entry.path());
            }
        }
        let home = tempfile::Builder::new().prefix("server.").tempdir_in(folder).unwrap().keep();
        Programs::get().own(&home);
        supervise(folder, &home, LOOKS);
        let server = Server::begin(&home, &SETTINGS);
        fs::write(folder.join(CURRENT), home.file_name().unwrap().as_encoded_bytes()).unwrap();
        server
    }

    /// Drops a database with whoever is still connected to it.
    ///
    /// `DROP DATABASE` sends them away, too, but looks only every 100 ms whether they are gone.
    fn drop_database(&self, name: &str) -> Result<(), String> {
        self.try_to_administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))?;
        self.try_to_administer(&format!(
            "DO $$ BEGIN
                PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';
                FOR look IN 1..500 LOOP
                    PERFORM pg_stat_clear_snapshot();
                    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}');
                    PERFORM pg_sleep(0.002);
                END LOOP;
            END $$"
        ))?;
        self.try_to_administer(&format!("DROP DATABASE {name} WITH (FORCE)"))
    }

    fn administer(&self, statement: &str) {
        self.try_to_administer(statement).unwrap_or_else(|error| panic!("{statement}\n{error}"));
    }

    /// Runs one statement, which is a transaction of its own.
    fn try_to_administer(&self, statement: &str) -> Result<(), String> {
        // A test that failed in here has said so.
        let mut connection = self.administrator.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match connection.take() {
            Some(open) => open,
            None => PgConnection::establish(&self.server.url("postgres"))
                .map_err(|error| error.to_string())?,
        };
        let done = open.batch_execute(statement).map_err(|error| error.to_string());
        *connection = Some(open);
        done
    }
}

/// A database of one test's own. It is dropped with this value, whoever is still connected to it.
pub struct Database {
    url: String,
    name: String,
    cluster: &'static SharedCluster,
}

impl Database {
    /// How a superuser connects to it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name, unlike any other's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements in it, as [`Cluster::psql`](super::Cluster::psql) does.
    #[must_use]
    pub fn psql(&self, sql: &str) -> String {
        self.cluster.server.psql(&self.name, sql).unwrap_or_else(|error| panic!("{sql}\n{error}"))
    }

    /// Everything in it as statements for [`psql`](Self::psql), by `pg_dump`. Roles are not among it.
    #[must_use]
    pub fn dump(&self) -> String {
        self.cluster.server.dump(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = self.cluster.drop_database(&self.name);
        // The end of the server takes it along anyway; a failing test has better things to say.
        assert!(dropped.is_ok() || thread::panicking(), "{dropped:?}");
    }
}

/// A folder that only processes with the same sources, user, programs and settings agree on.
fn common_folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_MANIFEST_DIR"), own_uid(), Programs::get().file("postgres"), SETTINGS)
        .hash(&mut hasher);
    env::temp_dir().join(format!("afterview-postgres-{:016x}", hasher.finish()))
}

fn check_name(name: &str) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    assert!(name.starts_with(plain) && name.chars().all(plain), "{name:?} is no plain name");
}
