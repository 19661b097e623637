//! One running server.

use crate::backend::{Backend, Settings};
use crate::{CountedIds, ManualClock};
use afterview_api::app::Application;
use afterview_api::jobs::Jobs;
use afterview_api::jobs::retention::{self, Swept};
use afterview_api::planning::replanner;
use afterview_api::store::Store;
use afterview_api::sync::live::Hub;
use std::sync::Arc;
use tempfile::TempDir;

/// A server on a database.
pub(crate) struct Server {
    url: String,
    /// Where figures are told, if the settings say so.
    admin: Option<(String, actix_web::dev::ServerHandle)>,
    live: Arc<Hub>,
    jobs: Jobs,
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
        let mut app =
            Application::build(&config, Arc::new(clock.clone()), ids.clone()).await.unwrap();
        let url = format!("http://{}", app.address());
        let admin = app.take_admin().map(|admin| {
            let handle = admin.server.handle();
            actix_web::rt::spawn(admin.server);
            (format!("http://{}", admin.address), handle)
        });
        let (jobs, live) = (app.jobs(), app.live());
        let running = app.into_server();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        Self { url, admin, live, jobs, handle, ids, backend }
    }

    /// Stops it in good order and hands back what another one can go on with.
    pub(crate) async fn stop(self) -> (Backend, Arc<CountedIds>) {
        self.live.close();
        self.handle.stop(true).await;
        if let Some((_, admin)) = self.admin {
            admin.stop(true).await;
        }
        (self.backend, self.ids)
    }

    /// Plans anew what is due by its clock.
    pub(crate) async fn do_what_is_due(&self) {
        self.jobs.do_what_is_due().await.unwrap();
    }

    /// Does the work of a day.
    pub(crate) async fn sweep(&self) -> Swept {
        retention::sweep(&self.jobs.store).await.unwrap()
    }

    /// Does the work of the first start after an upgrade.
    pub(crate) async fn renew_plans(&self) {
        replanner::renew(&self.jobs.store).await.unwrap();
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where it tells figures.
    pub(crate) fn admin_url(&self) -> Option<&str> {
        self.admin.as_ref().map(|(url, _)| url.as_str())
    }

    /// The handle of its database.
    pub(crate) fn store(&self) -> &Store {
        &self.jobs.store
    }

    /// Where it keeps everything.
    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }
}
