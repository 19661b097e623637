//! The composition root: everything is put together here, once, for the binary and for tests.
//!
//! **Must never** read the environment or decide anything: it only joins parts.

use crate::auth::access_tokens::AccessTokens;
use crate::auth::keys::KeyRing;
use crate::auth::oidc::Providers;
use crate::auth::passwords::Passwords;
use crate::auth::tokens::Tokens;
use crate::config::Config;
use crate::http::admin;
use crate::http::body::MAX_BODY_BYTES;
use crate::http::fallback::{RouteTable, fallback};
use crate::http::middleware::surround;
use crate::jobs::dispatch::fan_out::FanOut;
use crate::jobs::pokes::{self, Pokes};
use crate::jobs::{Jobs, dispatch, erasure, keys, retention, webhooks};
use crate::logs::Gate;
use crate::mail::{self, Mailer};
use crate::metrics::{Metrics, Sends};
use crate::notifications::senders::Senders;
use crate::planning::{replan, replanner};
use crate::rate_limits::RateLimits;
use crate::store::{AccountWrite, AfterCommit, Committed, OpenError, Store, StoreError};
use crate::sync::live::Hub;
use crate::webhooks::outbox;
use crate::webhooks::sender::Sender;
use crate::{nodes, openapi, rate_limits, routes};
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpServer, web};
use afterview_domain::clock::Clock;
use afterview_domain::hex::hex;
use afterview_domain::ids::IdSource;
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::sync::Semaphore;
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
    /// The work that no request asks for.
    pub jobs: Jobs,
    /// Access tokens.
    pub tokens: Tokens,
    /// Personal access tokens.
    pub access_tokens: AccessTokens,
    /// Providers of identities.
    pub oidc: Providers,
    /// Mail.
    pub mailer: Mailer,
    /// Passwords.
    pub passwords: Passwords,
    /// How often somebody may ask.
    pub rates: RateLimits,
    /// Networks whose word about the client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the operator was told of a proxy whose word is not believed.
    pub unheeded_proxy: Once,
    /// Imports, one at a time.
    pub imports: Semaphore,
    /// The OpenAPI document as text.
    pub document: web::Bytes,
    /// Its entity tag.
    pub document_tag: String,
    /// Which methods each address has.
    pub routes: Arc<RouteTable>,
    /// What is counted.
    pub metrics: Metrics,
    /// What was sent to others.
    pub sends: Sends,
    /// Lets some lines about slow requests pass.
    pub slow_requests: Gate,
}

/// A server that listens already and is about to answer.
pub struct Application {
    address: SocketAddr,
    server: Server,
    live: Arc<Hub>,
    jobs: Jobs,
    secrets_dir: PathBuf,
    state: web::Data<AppState>,
    admin: Option<Admin>,
}

/// The second address, for whoever runs the server.
pub struct Admin {
    /// Where it listens.
    pub address: SocketAddr,
    /// What answers there. It takes no signals: it ends when it is stopped.
    pub server: Server,
}

impl Application {
    /// Opens everything and begins to listen.
    ///
    /// # Errors
    /// One sentence: the database, the keys or a file that the settings name cannot be used, or the address
    /// is taken.
    pub async fn build(
        config: &Config,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, OpenError> {
        let (listener, address) = listen(config.listen)?;
        let admin = config.admin_listen.map(listen).transpose()?;
        let sends = Sends::default();
        let live = Arc::new(Hub::default());
        let providers = Providers::from_config(config, Arc::clone(&clock))?;
        let senders = Arc::new(Senders::from_config(config, Arc::clone(&clock), sends.clone())?);
        let pokes = Arc::new(Pokes::default());
        let after_commit = tell(&live, &pokes, &senders, &clock);
        let store =
            Store::open(&config.store(), Arc::clone(&clock), &*ids, last_step, after_commit)?;
        let keys = KeyRing::load_or_make(&config.secrets_dir, clock.now())?;
        let issuer = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let tokens = Tokens::new(keys, issuer);
        let document = document();
        let text = openapi::to_text(&document).map_err(|error| OpenError(error.to_string()))?;
        let tag = hex(Sha256::digest(&text).into_iter().take(8));
        let deliver = FanOut::new(Arc::clone(&senders), Arc::clone(&clock), Arc::clone(&ids));
        let webhooks =
            Arc::new(Sender::new(config.webhook_reach, Arc::clone(&ids), sends.clone())?);
        let (deliver, erasure) = (Arc::new(deliver), Arc::default());
        let jobs = Jobs { store, deliver, senders, pokes, webhooks, erasure };
        let routes = Arc::new(RouteTable::of(&document));
        let metrics = Metrics::new(routes.patterns(), &jobs.store, &sends, Arc::clone(&live));
        let state = web::Data::new(AppState {
            jobs: jobs.clone(),
            store: jobs.store.clone(),
            live: Arc::clone(&live),
            access_tokens: AccessTokens::default(),
            oidc: providers,
            mailer: Mailer::new(config.mail.as_ref(), mail::TIMEOUT)?,
            passwords: Passwords::new(Arc::clone(&ids))?,
            rates: RateLimits::new(Arc::clone(&clock), config.rate_limits),
            trusted_proxies: config.trusted_proxies.clone(),
            unheeded_proxy: Once::new(),
            imports: Semaphore::new(1),
            clock,
            ids,
            tokens,
            document: web::Bytes::from(text),
            document_tag: tag,
            routes,
            metrics,
            sends,
            slow_requests: Gate::default(),
        });
        nodes::catch_up(&state).await.map_err(|error| OpenError(error.to_string()))?;
        nodes::listen(&state)?;
        let server = serve(state.clone(), listener, config.cors_origins.clone())
            .map_err(|error| OpenError(error.to_string()))?;
        let admin = admin
            .map(|(listener, address)| {
                admin::serve(state.clone(), listener).map(|server| Admin { address, server })
            })
            .transpose()
            .map_err(|error| OpenError(error.to_string()))?;
        let secrets_dir = config.secrets_dir.clone();
        Ok(Self { address, server, live, jobs, secrets_dir, state, admin })
    }

    /// Begins the work that no request asks for, which ends with the server. Tests do not: they do it
    /// themselves, by a clock of their own.
    pub fn begin_work(&self) {
        let state = || Arc::downgrade(&self.state);
        actix_web::rt::spawn(replanner::run(state()));
        actix_web::rt::spawn(dispatch::run(state()));
        if self.jobs.senders.can_poke() {
            actix_web::rt::spawn(pokes::run(state()));
        }
        actix_web::rt::spawn(webhooks::run(state()));
        actix_web::rt::spawn(erasure::run(state()));
        actix_web::rt::spawn(rate_limits::run(state()));
        actix_web::rt::spawn(keys::run(state(), self.secrets_dir.clone()));
        actix_web::rt::spawn(retention::run(state()));
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database behind it, for work that no request asks for.
    #[must_use]
    pub fn store(&self) -> Store {
        self.jobs.store.clone()
    }

    /// The hub of its live streams. Whoever stops the server in good order closes it first: streams
    /// have no end of their own, and the server waits for what runs.
    #[must_use]
    pub fn live(&self) -> Arc<Hub> {
        Arc::clone(&self.live)
    }

    /// What the work that is due needs, for tests that do it by a clock of their own.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        self.jobs.clone()
    }

    /// The second address, if there is one; whoever takes it runs it.
    pub fn take_admin(&mut self) -> Option<Admin> {
        self.admin.take()
    }

    /// What every request can reach. Public for fuzzing only.
    #[doc(hidden)]
    #[must_use]
    pub fn state(&self) -> web::Data<AppState> {
        self.state.clone()
    }

    /// The running server: a future that ends when it has stopped.
    pub fn into_server(self) -> Server {
        self.server
    }
}

/// A socket that listens, and where.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), OpenError> {
    let failed = |error| OpenError(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// What else belongs to every write, before its commit: what it touched is planned anew, and events of all of
/// that are put on their way.
fn last_step(unit: &mut AccountWrite<'_>) -> Result<(), StoreError> {
    replan::before_commit(unit)?;
    outbox::tell(unit)
}

/// What happens after every commit: streams hear of it at once, sleeping devices a little later.
fn tell(
    live: &Arc<Hub>,
    pokes: &Arc<Pokes>,
    senders: &Senders,
    clock: &Arc<dyn Clock>,
) -> AfterCommit {
    let (live, clock) = (Arc::clone(live), Arc::clone(clock));
    let pokes = senders.can_poke().then(|| Arc::clone(pokes));
    Arc::new(move |change: &Committed<'_>| {
        live.poke(change.account_id, change.head);
        if let Some(pokes) = &pokes {
            pokes.note(change, clock.now());
        }
    })
}

/// The OpenAPI document of every registered route.
#[must_use]
pub fn document() -> OpenApi {
    let routes = App::new().into_utoipa_app().openapi(openapi::base()).configure(routes::configure);
    let (_, mut document) = routes.split_for_parts();
    openapi::complete(&mut document);
    document
}

/// How long the head of a request may take. The body has a time of its own.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

fn serve(
    state: web::Data<AppState>,
    listener: TcpListener,
    origins: Vec<String>,
) -> std::io::Result<Server> {
    let factory = move || service(state.clone(), &origins);
    // A client that closes its side is gone: a stream would notice only after its next words.
    let server =
        HttpServer::new(factory).h1_allow_half_closed(false).client_request_timeout(HEAD_TIMEOUT);
    Ok(server.shutdown_timeout(DRAIN_SECS).listen(listener)?.run())
}

/// Everything between a connection and the database. Public for fuzzing only.
#[doc(hidden)]
pub fn service(
    state: web::Data<AppState>,
    origins: &[String],
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let ui = SwaggerUi::new("/docs/{_:.*}").config(UiConfig::new(["/openapi.json"]));
    App::new()
        .app_data(state)
        .app_data(web::PayloadConfig::new(MAX_BODY_BYTES))
        .wrap(from_fn(surround))
        // Around it, so that a page can also read that it asks too often.
        .wrap(Condition::new(!origins.is_empty(), cors(origins)))
        .wrap(Compress::default())
        .into_utoipa_app()
        .configure(routes::configure)
        .into_app()
        .service(web::redirect("/docs", "/docs/"))
        .service(ui)
        .default_service(web::to(fallback))
}

/// What pages of these origins may ask for and see. Tokens are sent by hand, never as cookies.
fn cors(origins: &[String]) -> Cors {
    let allowed = [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "x-request-id",
        "traceparent",
    ];
    let shown =
        ["etag", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"];
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(allowed)
        .expose_headers(shown)
        .max_age(3_600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
