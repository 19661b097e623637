//! Where a server keeps everything: a database of its own, which can be copied and put back.

use crate::postgres::{self, Database, SharedCluster};
use afterview_api::config::Config;
use afterview_api::store::Store;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Settings of a server, by the names of their variables.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// A database, to be dropped with this value.
pub(crate) enum Backend {
    /// A file in the folder of the test, by its path from there.
    Sqlite(String),
    /// A database of the shared PostgreSQL.
    Postgres(Database),
}

impl Backend {
    /// An empty database of each kind that this machine has; SQLite comes first.
    pub(crate) fn all(folder: &TempDir) -> Vec<Self> {
        let mut all = vec![Self::Sqlite("afterview.db".to_owned())];
        if postgres::is_available() {
            let template = template(folder);
            all.push(Self::Postgres(SharedCluster::get().create_database(Some(&template))));
        }
        all
    }

    /// A database of each kind without a schema, for something to be copied to.
    pub(crate) fn all_bare(folder: &TempDir) -> Vec<Self> {
        let place = tempfile::Builder::new().prefix("bare-").tempdir_in(folder).unwrap().keep();
        let mut all = vec![Self::Sqlite(place.join("bare.db").display().to_string())];
        if postgres::is_available() {
            all.push(Self::Postgres(SharedCluster::get().create_database(None)));
        }
        all
    }

    /// How to connect to it; on PostgreSQL as a superuser.
    pub(crate) fn url(&self, folder: &TempDir) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", folder.path().join(file).display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// The settings of a server on it, with `more` of them.
    pub(crate) fn config(&self, folder: &TempDir, more: &Settings) -> Config {
        config(folder, self.url(folder), more)
    }

    /// Keeps a copy of it as it is now, while a server may be working on it.
    pub(crate) fn copy(&self, folder: &TempDir, name: &str) {
        match self {
            Self::Sqlite(file) => {
                let [from, to] =
                    [file, name].map(|name| folder.path().join(name).display().to_string());
                let mut connection = SqliteConnection::establish(&from).unwrap();
                connection.batch_execute(&format!("VACUUM INTO '{to}'")).unwrap();
            }
            Self::Postgres(database) => {
                fs::write(dump(folder, name), database.dump()).unwrap();
            }
        }
    }

    /// What was copied under that name, in the place of this one.
    pub(crate) fn put_back(self, folder: &TempDir, name: &str) -> Self {
        match self {
            Self::Sqlite(_) => Self::Sqlite(name.to_owned()),
            Self::Postgres(_) => {
                let database = SharedCluster::get().create_database(None);
                let _ = database.psql(&fs::read_to_string(dump(folder, name)).unwrap());
                Self::Postgres(database)
            }
        }
    }
}

fn dump(folder: &TempDir, name: &str) -> std::path::PathBuf {
    folder.path().join(format!("{name}.sql"))
}

/// The name of a database that every migration was applied to, made once for all tests of all
/// processes. It says what the migrations were, because the server may outlive a change of them.
fn template(folder: &TempDir) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut migrations: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    migrations.sort();
    let mut digest = Sha256::new();
    for migration in migrations {
        digest.update(migration.file_name().unwrap().as_encoded_bytes());
        digest.update(fs::read(migration.join("up.sql")).unwrap());
    }
    let hash: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("template_{hash}");
    SharedCluster::get().ensure_template(&name, |url| {
        Store::migrate(&config(folder, url.to_owned(), &Vec::new()).store()).unwrap();
    });
    name
}

fn config(folder: &TempDir, database: String, more: &Settings) -> Config {
    let secrets = folder.path().join("secrets").display().to_string();
    let variables = [
        ("AFTERVIEW_LISTEN", "127.0.0.1:0".to_owned()),
        ("AFTERVIEW_PUBLIC_URL", "http://afterview.test".to_owned()),
        ("AFTERVIEW_DATABASE_URL", database),
        // A test asks for one thing at a time, and connections to PostgreSQL cost milliseconds.
        ("AFTERVIEW_DATABASE_READERS", "1".to_owned()),
        ("AFTERVIEW_POSTGRES_WRITERS", "1".to_owned()),
        ("AFTERVIEW_SECRETS_DIR", secrets),
        // Tests ask as fast as they can; those of the rates switch them on.
        ("AFTERVIEW_RATE_LIMITS", "off".to_owned()),
    ];
    let variables = variables.into_iter().chain(more.clone());
    let variables: BTreeMap<String, String> =
        variables.map(|(name, value)| (name.to_owned(), value)).collect();
    Config::from_variables(&variables).unwrap()
}
