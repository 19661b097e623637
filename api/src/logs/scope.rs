//! Which request is being worked on.
//!
//! **Must never** outlive the request: work that goes on after the answer belongs to nobody's request.

use crate::http::fallback::RouteTable;
use actix_web::http::{Method, Uri};
use std::sync::Arc;

tokio::task_local! {
    static CURRENT: Arc<Request>;
}

/// The methods that are told apart.
pub const VERBS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Any other method.
pub const OTHER_VERB: &str = "other";

/// A request, as log lines name it.
#[derive(Debug)]
pub struct Request {
    /// Its identifier, as the client gets it.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Where it goes; never shown, it may hold a secret.
    pub uri: Uri,
    /// What finds out about the pattern of its route.
    pub routes: Option<Arc<RouteTable>>,
}

impl Request {
    /// Its method, one of a fixed number of words: clients may make up others.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        let word = self.method.as_str();
        VERBS.iter().copied().find(|verb| *verb == word).unwrap_or(OTHER_VERB)
    }

    /// The pattern of the route that its address belongs to; `None` if there is no such address.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.routes.as_ref()?.pattern(self.uri.path())
    }
}

/// The request that is being worked on, if one is.
#[must_use]
pub fn current() -> Option<Arc<Request>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Works on a request.
pub async fn within<F: Future>(request: Arc<Request>, work: F) -> F::Output {
    CURRENT.scope(request, work).await
}

/// Works on a request on this thread; `None`: on nobody's.
pub fn within_sync<T>(request: Option<&Arc<Request>>, work: impl FnOnce() -> T) -> T {
    match request {
        Some(request) => CURRENT.sync_scope(Arc::clone(request), work),
        None => work(),
    }
}
