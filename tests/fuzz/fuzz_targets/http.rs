//! Any requests of a fresh account, one after the other, through everything between a connection and the
//! database. They are made from the document of the interface and spoilt. Whatever comes, the answer is a
//! success or a problem with a known code, and never a failure of the server.

#![no_main]

mod asked;

use actix_http::Request;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::rt::{System, SystemRunner};
use actix_web::{body, test};
use afterview_api::app::{self, Application};
use afterview_api::config::Config;
use afterview_api::error::Code;
use afterview_domain::clock::{Clock, Instant, from_millis};
use afterview_domain::ids::IdSource;
use arbitrary::Unstructured;
use asked::Asked;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const NOW_MILLIS: i64 = 1_778_090_000_000;

/// So many inputs have one database.
const INPUTS_A_DATABASE: u32 = 500;

fuzz_target!(|data: &[u8]| {
    WORLD.with(|world| {
        let mut world = world.borrow_mut();
        if world.as_ref().is_none_or(|world| world.inputs == INPUTS_A_DATABASE) {
            *world = None;
            *world = Some(World::new());
        }
        let world = world.as_mut().expect("a world");
        world.inputs += 1;
        let mut bytes = Unstructured::new(data);
        let guest = world.ask(asked::guest());
        let mut asked = Asked::by(&guest.json());
        for _ in 0..8 {
            let Ok(request) = asked.request(&mut bytes) else { return };
            let Some(request) = request else { continue };
            let answer = world.ask(request);
            answer.check(&asked);
            asked.learn(&answer.json());
        }
    });
});

thread_local! {
    /// Never dropped: it would outlive what it drops by.
    static WORLD: ManuallyDrop<RefCell<Option<World>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// A server without connections, on a database of its own.
struct World {
    service: Box<dyn Fn(Request) -> Answering>,
    system: SystemRunner,
    inputs: u32,
    _application: Application,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let settings = [
            ("AFTERVIEW_LISTEN", "127.0.0.1:0".to_owned()),
            ("AFTERVIEW_PUBLIC_URL", "http://afterview.test".to_owned()),
            ("AFTERVIEW_DATABASE_URL", format!("sqlite://{}", path("afterview.db"))),
            ("AFTERVIEW_DATABASE_READERS", "1".to_owned()),
            ("AFTERVIEW_SQLITE_SYNCHRONOUS", "normal".to_owned()),
            ("AFTERVIEW_SECRETS_DIR", path("secrets")),
            ("AFTERVIEW_RATE_LIMITS", "off".to_owned()),
        ];
        let settings: BTreeMap<String, String> =
            settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let config = Config::from_variables(&settings).expect("settings");
        let system = System::new();
        let (service, application) = system.block_on(async {
            let ids = Arc::new(Counted(AtomicU64::new(0)));
            let app = Application::build(&config, Arc::new(Still), ids).await.expect("a server");
            let service = Rc::new(test::init_service(app::service(app.state(), &[])).await);
            let service: Box<dyn Fn(Request) -> Answering> = Box::new(move |request| {
                let service = Rc::clone(&service);
                Box::pin(async move {
                    let response = match test::try_call_service(&*service, request).await {
                        Ok(response) => response.map_into_boxed_body().into_parts().1,
                        Err(error) => error.error_response(),
                    };
                    let (response, body) = response.into_parts();
                    let body = body::to_bytes(body).await.expect("a whole body");
                    let headers = response.headers().clone();
                    Answer { status: response.status(), headers, body: body.to_vec() }
                })
            });
            (service, app)
        });
        Self { service, system, inputs: 0, _application: application, _folder: folder }
    }

    fn ask(&mut self, request: Request) -> Answer {
        self.system.block_on((self.service)(request))
    }
}

impl Answer {
    fn kind(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn check(&self, asked: &Asked) {
        let seen = || format!("{asked:?}: {} {}", self.status, String::from_utf8_lossy(&self.body));
        assert!(!self.status.is_server_error(), "{}", seen());
        let is_json = ["application/json", "application/problem+json"].contains(&self.kind());
        if is_json && !self.body.is_empty() {
            let read = serde_json::from_slice::<Value>(&self.body);
            assert!(read.is_ok(), "{}", seen());
        }
        if self.status.is_client_error() && self.kind() == "application/problem+json" {
            let problem = self.json();
            let known = |code: &&Code| problem["code"] == code.as_str();
            let code = Code::ALL.iter().find(known);
            assert!(code.is_some_and(|code| code.status() == self.status), "{}", seen());
            assert!(
                problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
                "{}",
                seen()
            );
        } else if self.status.is_client_error() {
            let pages = ["text/plain; charset=utf-8", "text/html; charset=utf-8"];
            assert!(pages.contains(&self.kind()), "{}", seen());
        }
        assert!(self.headers.contains_key("x-request-id"), "{}", seen());
    }
}

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        from_millis(NOW_MILLIS)
    }

    fn uptime(&self) -> Duration {
        Duration::ZERO
    }
}

/// Randomness that counts.
struct Counted(AtomicU64);

impl IdSource for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.iter_mut().zip(next.to_be_bytes()).for_each(|(to, from)| *to = from);
        }
    }
}
