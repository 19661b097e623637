//! The harness: a whole server on a free port with a database, a clock and randomness of its own.
//!
//! Tests see the server as a client does, over HTTP. Nothing is shared between two tests, nothing
//! sleeps, and the same test sees the same identifiers every time.
// Tests may stop at the first surprise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

mod client;
pub mod device;
mod events;
mod manual;
pub mod simulation;
pub mod story;

pub use client::{Answer, Client};
pub use events::{Event, Events};
pub use manual::{CountedIds, ManualClock, at};

use afterview_api::app::Application;
use afterview_api::config::Config;
use afterview_api::jobs::retention::{self, Swept};
use afterview_api::planning::replanner;
use afterview_api::store::Store;
use afterview_api::sync::live::Hub;
use afterview_domain::clock::Instant;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The moment at which every test begins: five minutes after the interview of the source article,
/// in New York on a Wednesday.
pub const START: &str = "2026-05-06T19:05:00Z";

/// The file of the database of a server that was not put back.
const FILE: &str = "afterview.db";

/// A running server.
pub struct TestApp {
    /// Its clock.
    pub clock: ManualClock,
    url: String,
    store: Store,
    live: Arc<Hub>,
    server: actix_web::dev::ServerHandle,
    folder: Arc<TempDir>,
    file: String,
    ids: Arc<CountedIds>,
}

impl TestApp {
    /// Starts a server with an empty database at [`START`].
    pub async fn start() -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        Self::on(folder, FILE.to_owned(), Arc::default(), at(START)).await
    }

    /// Stops this server and starts another one on the same database.
    pub async fn restart(self) -> Self {
        self.live.close();
        self.server.stop(true).await;
        Self::on(self.folder, self.file, self.ids, self.clock.get()).await
    }

    /// Stops this server and starts another one with the same keys on the database with that URL.
    pub async fn moved_to(self, url: &str) -> Self {
        self.live.close();
        self.server.stop(true).await;
        Self::on(self.folder, url.to_owned(), self.ids, self.clock.get()).await
    }

    /// A copy of the database as it is now, to be put back later.
    #[must_use]
    pub fn copy(&self, name: &str) -> String {
        let from = self.database().display().to_string();
        let to = self.folder.path().join(name).display().to_string();
        let mut connection = SqliteConnection::establish(&from).unwrap();
        connection.batch_execute(&format!("VACUUM INTO '{to}'")).unwrap();
        name.to_owned()
    }

    /// Stops this server, puts the copy in the place of its database, and starts another one.
    pub async fn put_back(self, copy: &str) -> Self {
        self.live.close();
        self.server.stop(true).await;
        let now = self.clock.get();
        Store::begin_epoch(&config(self.folder.path(), copy).store(), now, &*self.ids).unwrap();
        Self::on(self.folder, copy.to_owned(), self.ids, now).await
    }

    /// Identifiers go on counting after a restart, as true randomness never repeats either.
    async fn on(folder: Arc<TempDir>, file: String, ids: Arc<CountedIds>, now: Instant) -> Self {
        let clock = ManualClock::new(now);
        let config = config(folder.path(), &file);
        let app = Application::build(&config, Arc::new(clock.clone()), ids.clone());
        let app = app.await.unwrap();
        let url = format!("http://{}", app.address());
        let (store, live) = (app.store(), app.live());
        let running = app.into_server();
        let server = running.handle();
        actix_web::rt::spawn(running);
        Self { clock, url, store, live, server, folder, file, ids }
    }

    /// Sets the clock and lets happen what the server does at that time without being asked.
    pub async fn let_time_pass_until(&self, now: &str) {
        self.clock.set(now);
        replanner::due(&self.store).await.unwrap();
    }

    /// Sets the clock and lets happen what the server does once a day.
    pub async fn sweep_at(&self, now: &str) -> Swept {
        self.let_time_pass_until(now).await;
        retention::sweep(&self.store).await.unwrap()
    }

    /// Lets happen what the server does when it starts after an upgrade.
    pub async fn renew_plans(&self) {
        replanner::renew(&self.store).await.unwrap();
    }

    /// A client without an account.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url)
    }

    /// A client with a fresh account, living in New York.
    pub async fn user(&self, name: &str) -> Client {
        let mut client = self.anonymous();
        let account = json!({
            "email": format!("{name}@example.org"), "password": "correct horse battery",
            "time_zone": "America/New_York", "device": {"name": "phone"},
        });
        let tokens = client.post("/v1/auth/register", account).await.expect(201);
        client.sign_in_with(&tokens);
        client
    }

    /// The file of the database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.path().join(&self.file)
    }

    /// The database behind the server, for what no address can bring about.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

fn config(folder: &Path, file: &str) -> Config {
    let path = |name: &str| folder.join(name).display().to_string();
    let is_url = file.contains("://");
    let url = if is_url { file.to_owned() } else { format!("sqlite://{}", path(file)) };
    let variables = BTreeMap::from([
        ("AFTERVIEW_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("AFTERVIEW_PUBLIC_URL".to_owned(), "http://afterview.test".to_owned()),
        ("AFTERVIEW_DATABASE_URL".to_owned(), url),
        ("AFTERVIEW_SECRETS_DIR".to_owned(), path("secrets")),
    ]);
    Config::from_variables(&variables).unwrap()
}
