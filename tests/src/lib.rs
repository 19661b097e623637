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
mod manual;
pub mod simulation;
pub mod story;

pub use client::{Answer, Client};
pub use manual::{CountedIds, ManualClock, at};

use afterview_api::app::Application;
use afterview_api::config::Config;
use afterview_api::planning::replanner;
use afterview_api::store::Store;
use afterview_domain::clock::Instant;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// The moment at which every test begins: five minutes after the interview of the source article,
/// in New York on a Wednesday.
pub const START: &str = "2026-05-06T19:05:00Z";

/// A running server.
pub struct TestApp {
    /// Its clock.
    pub clock: ManualClock,
    url: String,
    store: Store,
    server: actix_web::dev::ServerHandle,
    folder: Arc<TempDir>,
    ids: Arc<CountedIds>,
}

impl TestApp {
    /// Starts a server with an empty database at [`START`].
    pub async fn start() -> Self {
        Self::on(Arc::new(TempDir::new().unwrap()), Arc::default(), at(START)).await
    }

    /// Stops this server and starts another one on the same database.
    pub async fn restart(self) -> Self {
        self.server.stop(true).await;
        Self::on(self.folder, self.ids, self.clock.get()).await
    }

    /// Identifiers go on counting after a restart, as true randomness never repeats either.
    async fn on(folder: Arc<TempDir>, ids: Arc<CountedIds>, now: Instant) -> Self {
        let clock = ManualClock::new(now);
        let config = config(folder.path());
        let app = Application::build(&config, Arc::new(clock.clone()), ids.clone());
        let app = app.await.unwrap();
        let url = format!("http://{}", app.address());
        let store = app.store();
        let running = app.into_server();
        let server = running.handle();
        actix_web::rt::spawn(running);
        Self { clock, url, store, server, folder, ids }
    }

    /// Sets the clock and lets happen what the server does at that time without being asked.
    pub async fn let_time_pass_until(&self, now: &str) {
        self.clock.set(now);
        replanner::due(&self.store).await.unwrap();
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
        self.folder.path().join("afterview.db")
    }
}

fn config(folder: &Path) -> Config {
    let path = |name: &str| folder.join(name).display().to_string();
    let variables = BTreeMap::from([
        ("AFTERVIEW_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("AFTERVIEW_PUBLIC_URL".to_owned(), "http://afterview.test".to_owned()),
        ("AFTERVIEW_DATABASE_URL".to_owned(), format!("sqlite://{}", path("afterview.db"))),
        ("AFTERVIEW_SECRETS_DIR".to_owned(), path("secrets")),
    ]);
    Config::from_variables(&variables).unwrap()
}
