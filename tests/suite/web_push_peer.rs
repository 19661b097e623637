//! Our sender and our double of a push service before what others wrote: Python's `http_ece` and
//! `py_vapid`.

use crate::web_push::{CONTACT, Stage, is_delivered};
use afterview_tests::push_service::PushService;
use afterview_tests::tool;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// What the script answers to `question`; `None` without a Python that has
/// `tests/web_push/requirements.txt`.
async fn ask(action: &'static str, question: Value) -> Option<Value> {
    let python = tool("AFTERVIEW_PYTHON")?;
    let asking = move || {
        let mut peer = Command::new(python)
            .args([concat!(env!("CARGO_MANIFEST_DIR"), "/web_push_peer.py"), action])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        peer.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
        peer.wait_with_output().unwrap()
    };
    let output = actix_web::rt::task::spawn_blocking(asking).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[actix_web::test]
async fn somebody_elses_code_reads_what_is_sent_and_knows_who_signed_it() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    assert!(is_delivered(&stage.send(&browser).await));
    let arrived = stage.double.messages().remove(0);
    let question = json!({
        "private_key": browser.private_key(),
        "auth": browser.auth,
        "body": URL_SAFE_NO_PAD.encode(&arrived.body),
        "authorization": arrived.authorization,
    });
    let Some(read) = ask("read", question).await else { return };
    assert_eq!(read["message"], arrived.message);
    assert_eq!(read["message"]["title"], "Now is a good time");
    assert_eq!(read["signed"], true);
    assert_eq!(read["key"], stage.client.public_key());
    let twelve_hours = 12 * 60 * 60;
    let exp = stage.clock.get().timestamp() + twelve_hours;
    let claims = json!({ "aud": stage.double.url(), "exp": exp, "sub": CONTACT });
    assert_eq!(read["claims"], claims);
}

#[actix_web::test]
async fn somebody_elses_code_gets_its_message_through_the_double() {
    let double = PushService::start().await;
    let browser = double.subscribe();
    let question = json!({
        "endpoint": browser.endpoint,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "origin": double.url(),
        "message": { "title": "Hello" },
    });
    let Some(answer) = ask("send", question).await else { return };
    assert_eq!(double.faults(), [""; 0]);
    assert_eq!(answer["status"], 201);
    let arrived = double.messages().remove(0);
    assert_eq!(arrived.message, json!({ "title": "Hello" }));
    assert_eq!((arrived.ttl_s, arrived.topic.as_str()), (60, "hello"));
}
