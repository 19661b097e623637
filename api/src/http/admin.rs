//! The address for whoever runs the server: figures and health, nothing else.
//!
//! **Must never** serve anything that belongs to somebody, or be reached by everybody: nobody is asked who he
//! is.

use super::system;
use crate::app::AppState;
use crate::error::{ApiError, Code};
use crate::metrics::CONTENT_TYPE;
use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, get, web};
use std::net::TcpListener;

/// The server of that address. One thread is enough, and no signal ends it: it is there until the last
/// request elsewhere is answered.
///
/// # Errors
/// That the socket cannot be used.
pub fn serve(state: web::Data<AppState>, listener: TcpListener) -> std::io::Result<Server> {
    let factory = move || {
        App::new()
            .app_data(state.clone())
            .service(metrics)
            .service(system::livez)
            .service(system::readyz)
            .default_service(web::to(nothing))
    };
    let server = HttpServer::new(factory).workers(1).disable_signals().shutdown_timeout(1);
    Ok(server.listen(listener)?.run())
}

#[get("/metrics")]
async fn metrics(state: web::Data<AppState>) -> HttpResponse {
    let text = state.metrics.text(&state.store).await;
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(text)
}

async fn nothing() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Code::NoSuchRoute, "here are /metrics, /livez and /readyz"))
}
