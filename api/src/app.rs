//! The composition root: everything is put together here, once, for the binary and for tests.
//!
//! **Must never** read the environment or decide anything: it only joins parts.

use crate::auth::keys::KeyRing;
use crate::auth::passwords::Passwords;
use crate::auth::tokens::Tokens;
use crate::config::Config;
use crate::http::body::MAX_BODY_BYTES;
use crate::http::fallback::{RouteTable, fallback};
use crate::http::middleware::surround;
use crate::jobs::{dispatch, retention};
use crate::planning::{replan, replanner};
use crate::store::{OpenError, Store};
use crate::sync::live::Hub;
use crate::{nodes, openapi, routes};
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use afterview_domain::clock::Clock;
use afterview_domain::ids::IdSource;
use sha2::{Digest, Sha256};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config as UiConfig, SwaggerUi};

/// How long requests that run may go on after the order to stop, in seconds.
const DRAIN_SECS: u64 = 30;

/// What every request can reach.
pub struct AppState {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh identifiers and secrets.
    pub ids: Arc<dyn IdSource>,
    /// Who follows an account live.
    pub live: Arc<Hub>,
    /// Access tokens.
    pub tokens: Tokens,
    /// Passwords.
    pub passwords: Passwords,
    /// The OpenAPI document as text.
    pub document: web::Bytes,
    /// Its entity tag.
    pub document_tag: String,
    /// Which methods each address has.
    pub routes: RouteTable,
}

/// A server that listens already and is about to answer.
pub struct Application {
    address: SocketAddr,
    server: Server,
    store: Store,
    live: Arc<Hub>,
}

impl Application {
    /// Opens everything and begins to listen.
    ///
    /// # Errors
    /// One sentence: the database or the keys cannot be used, or the address is taken.
    pub async fn build(
        config: &Config,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, OpenError> {
        let listener = TcpListener::bind(config.listen)
            .map_err(|error| OpenError(format!("cannot listen on {}: {error}", config.listen)))?;
        let address = listener.local_addr().map_err(|error| OpenError(error.to_string()))?;
        let live = Arc::new(Hub::default());
        let poke = Arc::clone(&live);
        let after_commit = Arc::new(move |account_id: &str, head| poke.poke(account_id, head));
        let store = Store::open(
            &config.store(),
            Arc::clone(&clock),
            &*ids,
            replan::before_commit,
            after_commit,
        )?;
        let keys = KeyRing::load_or_make(&config.secrets_dir, clock.now())?;
        let issuer = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let tokens = Tokens::new(keys, issuer);
        let document = document();
        let text = openapi::to_text(&document).map_err(|error| OpenError(error.to_string()))?;
        let tag: String =
            Sha256::digest(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let state = web::Data::new(AppState {
            store,
            live: Arc::clone(&live),
            passwords: Passwords::new(Arc::clone(&ids)),
            clock,
            ids,
            tokens,
            document: web::Bytes::from(text),
            document_tag: tag,
            routes: RouteTable::of(&document),
        });
        let store = state.store.clone();
        nodes::catch_up(&state).await.map_err(|error| OpenError(error.to_string()))?;
        nodes::listen(&state)?;
        actix_web::rt::spawn(replanner::run(Arc::downgrade(&state)));
        actix_web::rt::spawn(dispatch::run(Arc::downgrade(&state)));
        actix_web::rt::spawn(retention::run(Arc::downgrade(&state)));
        let server = serve(state, listener).map_err(|error| OpenError(error.to_string()))?;
        Ok(Self { address, server, store, live })
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database behind it, for work that no request asks for.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// The hub of its live streams. Whoever stops the server in good order closes it first: streams
    /// have no end of their own, and the server waits for what runs.
    #[must_use]
    pub fn live(&self) -> Arc<Hub> {
        Arc::clone(&self.live)
    }

    /// The running server: a future that ends when it has stopped.
    pub fn into_server(self) -> Server {
        self.server
    }
}

/// The OpenAPI document of every registered route.
#[must_use]
pub fn document() -> OpenApi {
    let routes = App::new().into_utoipa_app().openapi(openapi::base()).configure(routes::configure);
    let (_, mut document) = routes.split_for_parts();
    openapi::without_empty_requirements(&mut document);
    document
}

fn serve(state: web::Data<AppState>, listener: TcpListener) -> std::io::Result<Server> {
    let factory = move || {
        let ui = SwaggerUi::new("/docs/{_:.*}").config(UiConfig::new(["/openapi.json"]));
        App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
            .wrap(from_fn(surround))
            .wrap(Compress::default())
            .into_utoipa_app()
            .configure(routes::configure)
            .into_app()
            .service(web::redirect("/docs", "/docs/"))
            .service(ui)
            .default_service(web::to(fallback))
    };
    // A client that closes its side is gone: a stream would notice only after its next words.
    let server = HttpServer::new(factory).h1_allow_half_closed(false);
    Ok(server.shutdown_timeout(DRAIN_SECS).listen(listener)?.run())
}
