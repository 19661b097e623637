//! The double of Firebase before Google's own client: what the one says, the other understands.

use afterview_tests::firebase::FirebaseDouble;
use afterview_tests::tool;
use serde_json::{Value, json};
use std::process::Command;
use tempfile::TempDir;

#[actix_web::test]
async fn googles_own_client_gets_its_message_through_the_double() {
    // One that has `tests/firebase/requirements.txt`.
    let Some(python) = tool("AFTERVIEW_PYTHON") else { return };
    let double = FirebaseDouble::start().await;
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(python);
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/firebase_client.py"))
        .arg(double.base_url())
        .arg(double.credentials_file(folder.path()));
    let running = actix_web::rt::task::spawn_blocking(move || command.output());
    let output = running.await.unwrap().unwrap();
    let shown =
        format!("{}{}", double.faults().join("\n"), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}");

    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer, json!({ "name": "projects/afterview-test/messages/1" }));
    let arrived = double.messages().remove(0);
    assert_eq!(arrived.message["token"], "a-registration");
    assert_eq!(arrived.message["android"]["collapseKey"], "sync");
    assert!(!arrived.http2, "it speaks HTTP/1.1");
    assert_eq!(double.token_requests(), 1);
}
