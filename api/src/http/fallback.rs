//! Addresses that do not exist, and methods that an address does not have.

use crate::app::AppState;
use crate::error::{ApiError, Code};
use actix_web::dev::ResourceDef;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::OpenApi;

/// Which methods each address of the document has.
#[derive(Debug)]
pub struct RouteTable(Vec<(ResourceDef, Vec<&'static str>)>);

impl RouteTable {
    /// The table of `document`.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let routes = document.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("DELETE", item.delete.is_some()),
                ("GET", item.get.is_some()),
                ("HEAD", item.get.is_some()),
                ("PATCH", item.patch.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
            ];
            let methods = methods.into_iter().filter(|(_, there)| *there).map(|(name, _)| name);
            (ResourceDef::new(path.as_str()), methods.collect())
        });
        Self(routes.collect())
    }

    /// The pattern of every address.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(pattern, _)| pattern.pattern())
    }

    /// The pattern that an address belongs to: itself before one with parameters.
    #[must_use]
    pub fn pattern(&self, path: &str) -> Option<&str> {
        let exact = self.patterns().find(|pattern| *pattern == path);
        let matching = || self.0.iter().find(|(pattern, _)| pattern.is_match(path))?.0.pattern();
        exact.or_else(matching)
    }

    /// The methods of an address, sorted; empty when it does not exist.
    #[must_use]
    pub fn methods(&self, path: &str) -> Vec<&'static str> {
        let matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let mut methods: Vec<&str> =
            matching.flat_map(|(_, methods)| methods.iter().copied()).collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    }
}

/// Answers whatever no route took.
///
/// # Errors
/// Always: [`Code::NoSuchRoute`] or [`Code::MethodNotAllowed`] with the methods that exist.
pub async fn fallback(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let methods = state.routes.methods(request.path());
    if methods.is_empty() {
        let detail = format!("{} is no address of this service; see /docs/", request.path());
        return Err(ApiError::new(Code::NoSuchRoute, detail));
    }
    Err(ApiError::method_not_allowed(request.method().as_str(), methods.join(", ")))
}
