//! What a test holds: the same server once for each database, seen as one.

use crate::backend::{Backend, Settings};
use crate::firebase::FirebaseDouble;
use crate::oidc::OidcDouble;
use crate::server::Server;
use crate::{Client, CountedIds, Databases, ManualClock, START, at, same};
use afterview_api::jobs::retention::Swept;
use afterview_api::store::Store;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A running server; or several that differ in their databases only.
pub struct TestApp {
    /// Their one clock.
    pub clock: ManualClock,
    servers: Vec<Server>,
    /// What their settings have besides.
    settings: Settings,
    /// Holds the one file of keys that they sign with, and everything that is no PostgreSQL.
    folder: Arc<TempDir>,
}

/// A database of its own, to be dropped with this value.
pub struct BareDatabase {
    backend: Backend,
    folder: Arc<TempDir>,
}

impl BareDatabase {
    /// How to connect to it; on PostgreSQL as a superuser.
    #[must_use]
    pub fn url(&self) -> String {
        self.backend.url(&self.folder)
    }
}

impl TestApp {
    /// Starts servers with empty databases at [`START`]: one on SQLite and, where
    /// [PostgreSQL is available](crate::postgres::is_available), one on that.
    ///
    /// They have the same clock and the same keys, and count the same identifiers, so that equal
    /// requests get equal answers to the last byte. A [`Client`] sends every request to each of them, one
    /// after the other, and stops the test where two answers differ.
    ///
    /// A test whose requests run side by side has no such order: it takes [`each`](Self::each).
    pub async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    /// As [`start`](Self::start), with these settings besides.
    pub async fn start_with(settings: Vec<(&'static str, String)>) -> Self {
        Self::start_at(ManualClock::new(at(START)), settings).await
    }

    /// Starts the same servers as [`start`](Self::start), one in each app: for tests that run once on
    /// each database.
    pub async fn each() -> Vec<Self> {
        Self::each_with(&[]).await
    }

    /// As [`each`](Self::each), with these settings besides.
    pub async fn each_with(settings: &[(&'static str, String)]) -> Vec<Self> {
        let folder = Arc::new(TempDir::new().unwrap());
        let mut apps = Vec::new();
        for backend in Backend::all(&folder) {
            let clock = ManualClock::new(at(START));
            let settings = settings.to_vec();
            apps.push(Self::on(Arc::clone(&folder), vec![backend], clock, settings).await);
        }
        apps
    }

    /// As [`each`](Self::each), with a double of Firebase beside each app that lives in its time and that
    /// it sends to. It also sends to push services of browsers on this machine.
    pub async fn each_with_firebase() -> Vec<(Self, FirebaseDouble)> {
        Self::each_with_firebase_and(&[]).await
    }

    /// As [`each_with_firebase`](Self::each_with_firebase), with these settings besides.
    pub async fn each_with_firebase_and(
        more: &[(&'static str, String)],
    ) -> Vec<(Self, FirebaseDouble)> {
        let folder = Arc::new(TempDir::new().unwrap());
        let mut apps = Vec::new();
        for (number, backend) in Backend::all(&folder).into_iter().enumerate() {
            let clock = ManualClock::new(at(START));
            let double = FirebaseDouble::start_at(Arc::new(clock.clone())).await;
            let credentials = folder.path().join(format!("firebase-{number}"));
            std::fs::create_dir(&credentials).unwrap();
            let credentials = double.credentials_file(&credentials);
            let mut settings = vec![
                ("AFTERVIEW_FCM_CREDENTIALS", credentials.display().to_string()),
                ("AFTERVIEW_FCM_BASE_URL", double.base_url().to_owned()),
                ("AFTERVIEW_PUSH_ALLOW_PRIVATE", "on".to_owned()),
                // Push services want to know whom they can turn to.
                ("AFTERVIEW_PUBLIC_URL", "https://afterview.test".to_owned()),
            ];
            settings.extend_from_slice(more);
            let app = Self::on(Arc::clone(&folder), vec![backend], clock, settings).await;
            apps.push((app, double));
        }
        apps
    }

    /// As [`start`](Self::start), in the time of `clock` and with `settings` besides.
    pub async fn start_at(clock: ManualClock, settings: Vec<(&'static str, String)>) -> Self {
        let folder = Arc::new(TempDir::new().unwrap());
        let backends = Backend::all(&folder);
        Self::on(folder, backends, clock, settings).await
    }

    /// As [`each`](Self::each), with a double of a provider of identities beside each app, which calls it
    /// `test`.
    pub async fn each_with_provider() -> Vec<(Self, OidcDouble)> {
        let folder = Arc::new(TempDir::new().unwrap());
        let mut apps = Vec::new();
        for backend in Backend::all(&folder) {
            let clock = ManualClock::new(at(START));
            let double = OidcDouble::start(&clock).await;
            let file = OidcDouble::settings_file(folder.path(), &[("test", &double)]);
            let settings = vec![("AFTERVIEW_OIDC", file.display().to_string())];
            let app = Self::on(Arc::clone(&folder), vec![backend], clock, settings).await;
            apps.push((app, double));
        }
        apps
    }

    async fn on(
        folder: Arc<TempDir>,
        backends: Vec<Backend>,
        clock: ManualClock,
        settings: Settings,
    ) -> Self {
        let mut servers = Vec::new();
        for backend in backends {
            servers.push(Server::start(&folder, backend, Arc::default(), &clock, &settings).await);
        }
        Self { clock, servers, settings, folder }
    }

    async fn start_server(&self, backend: Backend, ids: Arc<CountedIds>) -> Server {
        Server::start(&self.folder, backend, ids, &self.clock, &self.settings).await
    }

    /// Stops the servers and starts others on the same databases.
    pub async fn restart(mut self) -> Self {
        for server in std::mem::take(&mut self.servers) {
            let (backend, ids) = server.stop().await;
            let server = self.start_server(backend, ids).await;
            self.servers.push(server);
        }
        self
    }

    /// The URL of the database of each server.
    #[must_use]
    pub fn database_urls(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.backend().url(&self.folder)).collect()
    }

    /// Databases without a schema, on which no server runs: one of each kind, SQLite first.
    #[must_use]
    pub fn bare_databases(&self) -> Vec<BareDatabase> {
        let bare = |backend| BareDatabase { backend, folder: Arc::clone(&self.folder) };
        Backend::all_bare(&self.folder).into_iter().map(bare).collect()
    }

    /// Stops the servers, has `work` done to each database, by its URL, and starts others.
    pub async fn while_stopped(mut self, mut work: impl FnMut(&str)) -> Self {
        for server in std::mem::take(&mut self.servers) {
            let (backend, ids) = server.stop().await;
            work(&backend.url(&self.folder));
            let server = self.start_server(backend, ids).await;
            self.servers.push(server);
        }
        self
    }

    /// A folder for files of the test, which goes with it.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        tempfile::Builder::new().prefix("files-").tempdir_in(&*self.folder).unwrap().keep()
    }

    /// Stops the server and starts another one with the same keys on a database that it was moved to.
    ///
    /// # Panics
    ///
    /// When this app is more than [one](Self::each) server.
    pub async fn moved_to(mut self, database: BareDatabase) -> Self {
        assert_eq!(self.servers.len(), 1, "only one server can be moved to one database");
        let (_, ids) = self.servers.remove(0).stop().await;
        self.servers.push(self.start_server(database.backend, ids).await);
        self
    }

    /// A copy of every database as it is now, to be put back later under its name.
    #[must_use]
    pub fn copy(&self, name: &str) -> String {
        self.servers.iter().for_each(|server| server.backend().copy(&self.folder, name));
        name.to_owned()
    }

    /// Stops the servers, puts the copy in the place of every database, and starts others.
    pub async fn put_back(mut self, copy: &str) -> Self {
        for server in std::mem::take(&mut self.servers) {
            let (backend, ids) = server.stop().await;
            let backend = backend.put_back(&self.folder, copy);
            let options = backend.config(&self.folder, &self.settings).store();
            Store::begin_epoch(&options, self.clock.get(), &*ids).unwrap();
            let server = self.start_server(backend, ids).await;
            self.servers.push(server);
        }
        self
    }

    /// Sets the clock and lets happen what the server does at that time without being asked.
    pub async fn let_time_pass_until(&self, now: &str) {
        self.clock.set(now);
        for server in &self.servers {
            server.do_what_is_due().await;
        }
    }

    /// Sets the clock and lets happen what the server does once a day.
    pub async fn sweep_at(&self, now: &str) -> Swept {
        self.let_time_pass_until(now).await;
        let mut swept = Vec::new();
        for server in &self.servers {
            swept.push(server.sweep().await);
        }
        same("a daily sweep", swept)
    }

    /// Lets happen what the server does when it starts after an upgrade.
    pub async fn renew_plans(&self) {
        for server in &self.servers {
            server.renew_plans().await;
        }
    }

    /// A client without an account.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(self.servers.iter().map(|server| server.url().to_owned()).collect())
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

    /// Where each server listens, for programs of others.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().map(Server::url)
    }

    /// Where each server tells figures, if the settings say so.
    pub fn admin_urls(&self) -> impl Iterator<Item = &str> {
        self.servers.iter().filter_map(Server::admin_url)
    }

    /// The folder with the keys that all servers sign with.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.folder.path().join("secrets")
    }

    /// The databases seen from outside, as one.
    #[must_use]
    pub fn databases(&self) -> Databases {
        Databases::open(self.database_urls())
    }

    /// The database behind each server, for what no address can bring about.
    pub fn stores(&self) -> impl Iterator<Item = &Store> {
        self.servers.iter().map(Server::store)
    }
}
