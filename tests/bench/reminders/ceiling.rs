//! A bare client: such messages as the server sends, ready before the clock runs, on one connection.

use super::double::Double;
use afterview_api::notifications::fcm::{ServiceAccount, message};
use afterview_api::notifications::{Notification, Platform, Registration, RegistrationKind};
use afterview_api::notifications::{Reminder, Secret};
use afterview_api::system::SystemClock;
use afterview_domain::clock::Clock;
use afterview_tests::firebase::PROJECT;
use chrono::TimeDelta;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How many messages it sends, and how many of them are on their way at the same time, as the server's.
pub(crate) const MESSAGES: u32 = 20_000;
const IN_FLIGHT: usize = 100;

/// Sends all messages and says how long that took.
pub(crate) fn send_all(double: &Double) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(send(double))
}

async fn send(double: &Double) -> Duration {
    let base = double.firebase.base_url().to_owned();
    let authority = base.trim_start_matches("http://");
    let stream = TcpStream::connect(authority).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let builder = http2::Builder::new(TokioExecutor::new());
    let (mut client, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let token = token(double, &mut client, &base).await;
    let address = format!("{base}/v1/projects/{PROJECT}/messages:send");
    let bodies: Arc<Mutex<Vec<Bytes>>> = Arc::new(Mutex::new((0..MESSAGES).map(body).collect()));
    let began = Instant::now();
    let sending: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (bodies, mut client) = (bodies.clone(), client.clone());
            let (address, bearer) = (address.clone(), format!("Bearer {token}"));
            tokio::spawn(async move {
                loop {
                    let Some(body) = bodies.lock().unwrap().pop() else { return };
                    let request = Request::post(&address)
                        .header("authorization", &bearer)
                        .header("content-type", "application/json")
                        .body(Full::new(body))
                        .unwrap();
                    let answer = client.send_request(request).await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.into_body().collect().await.unwrap();
                }
            })
        })
        .collect();
    for task in sending {
        task.await.unwrap();
    }
    began.elapsed()
}

async fn token(double: &Double, client: &mut SendRequest<Full<Bytes>>, base: &str) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let account = ServiceAccount::read(&double.firebase.credentials_file(folder.path())).unwrap();
    let assertion = account.assertion(SystemClock.now()).unwrap();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
    let form = format!("{grant}&assertion={}", assertion.expose());
    let request = Request::post(format!("{base}/token")).body(Full::new(form.into())).unwrap();
    let answer = client.send_request(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let grant: Value = serde_json::from_slice(&body).unwrap();
    grant["access_token"].as_str().unwrap().to_owned()
}

fn body(number: u32) -> Bytes {
    let to = Registration {
        kind: RegistrationKind::Fid,
        value: Secret::new(format!("phone-{}", 100_000_000_000_u64 + u64::from(number))),
    };
    let now = SystemClock.now();
    let reminder = Reminder {
        title: "Afterview".to_owned(),
        body: "A few kind words are due.".to_owned(),
        follow_up_id: format!("01990000-0000-5000-8000-{}", 100_000_000_000 + u64::from(number)),
        occurrence: now,
        version: 1_778_094_000_123,
        useful_until: now + TimeDelta::days(1),
    };
    let notification = Notification::Reminder(&reminder);
    message::build(&to, Platform::Android, notification, now, false).to_string().into()
}
