//! One running server.

use crate::backend::{Backend, Settings};
use crate::{CountedIds, ManualClock};
use afterview_api::app::Application;
use afterview_api::jobs::dispatch::{self, fan_out::FanOut};
use afterview_api::jobs::retention::{self, Swept};
use afterview_api::planning::replanner;
use afterview_api::store::Store;
use afterview_api::sync::live::Hub;
use std::sync::Arc;
use tempfile::TempDir;

/// A server on a database.
pub(crate) struct Server {
    url: String,
    store: Store,
    live: Arc<Hub>,
    deliver: Arc<FanOut>,
    handle: actix_web::dev::ServerHandle,
    ids: Arc<CountedIds>,
    /// Comes last, so that it outlives whatever uses it.
    backend: Backend,
}

impl Server {
    /// Starts a server on what `backend` holds. Identifiers go on counting after a restart, as true
    /// randomness never repeats either.
    pub(crate) async fn start(
        folder: &TempDir,
        backend: Backend,
        ids: Arc<CountedIds>,
        clock: &ManualClock,
        settings: &Settings,
    ) -> Self {
        let config = backend.config(folder, settings);
        let app = Application::build(&config, Arc::new(clock.clone()), ids.clone()).await.unwrap();
        let url = format!("http://{}", app.address());
        let (store, live, deliver) = (app.store(), app.live(), app.deliver());
        let running = app.into_server();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        Self { url, store, live, deliver, handle, ids, backend }
    }

    /// Stops it in good order and hands back what another one can go on with.
    pub(crate) async fn stop(self) -> (Backend, Arc<CountedIds>) {
        self.live.close();
        self.handle.stop(true).await;
        (self.backend, self.ids)
    }

    /// Plans anew what is due by its clock.
    pub(crate) async fn do_what_is_due(&self) {
        replanner::due(&self.store).await.unwrap();
        dispatch::due(&self.store, &*self.deliver).await.unwrap();
    }

    /// Does the work of a day.
    pub(crate) async fn sweep(&self) -> Swept {
        retention::sweep(&self.store).await.unwrap()
    }

    /// Does the work of the first start after an upgrade.
    pub(crate) async fn renew_plans(&self) {
        replanner::renew(&self.store).await.unwrap();
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The handle of its database.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Where it keeps everything.
    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }
}
