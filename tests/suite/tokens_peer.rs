//! Our access tokens and public keys before what others wrote: Python's `PyJWT`.

use crate::forge::decoded;
use afterview_tests::{TestApp, tool};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// What the script answers to `question`; `None` without a Python that has `tests/tokens/requirements.txt`.
async fn ask(question: Value) -> Option<Value> {
    let python = tool("AFTERVIEW_PYTHON")?;
    let asking = move || {
        let mut peer = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tokens_peer.py"))
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
async fn an_independent_library_verifies_our_tokens_by_our_published_keys() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let (header, claims) = decoded(anna.token());
    for url in app.urls() {
        let question = json!({
            "jwks": format!("{url}/.well-known/jwks.json"),
            "token": anna.token(),
            "audience": "afterview",
            "issuer": "http://afterview.test",
            "now": app.clock.get().timestamp(),
        });
        let Some(read) = ask(question).await else { return };
        assert_eq!((&read["claims"], &read["key"]), (&claims, &header["kid"]));
        let refused = json!({
            "audience": "InvalidAudienceError",
            "issuer": "InvalidIssuerError",
            "later": "ExpiredSignatureError",
            "earlier": "ExpiredSignatureError",
            "signature": "InvalidSignatureError",
        });
        assert_eq!(read["refused"], refused);
    }
}
