//! Our signatures before what others wrote: the official library of Standard Webhooks, in Python.

use crate::webhooks::{Stage, path};
use afterview_tests::tool;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// What the script answers to `question`; `None` without a Python that has
/// `tests/webhooks/requirements.txt`.
async fn ask(question: Value) -> Option<Value> {
    let python = tool("AFTERVIEW_PYTHON")?;
    let asking = move || {
        let mut peer = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/webhooks_peer.py"))
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
async fn the_official_library_verifies_our_signatures() {
    for stage in Stage::each().await {
        let webhook = stage.webhook("all").await;
        let test = format!("{}/test", path(&webhook));
        stage.client.post(&test, json!({})).await.expect(200);
        let rotate = format!("{}/rotate-secret", path(&webhook));
        let rotated = stage.client.post(&rotate, json!({})).await.expect(200);
        stage.client.post(&test, json!({})).await.expect(200);
        for (event, secrets) in
            stage.events("all").iter().zip([vec![&webhook], vec![&webhook, &rotated]])
        {
            for secret in secrets {
                let question = json!({
                    "secret": secret["secret"],
                    "headers": {
                        "webhook-id": event.id,
                        "webhook-timestamp": event.timestamp.to_string(),
                        "webhook-signature": event.signature,
                    },
                    "body": event.text,
                    "now": stage.app.clock.get().timestamp(),
                });
                let Some(answer) = ask(question).await else { return };
                assert_eq!(answer["event"], event.body);
                let refused = json!({
                    "another secret": "No matching signature found",
                    "another body": "No matching signature found",
                    "another name": "No matching signature found",
                    "another time": "No matching signature found",
                    "too late": "Message timestamp too old",
                });
                assert_eq!(answer["refused"], refused);
            }
        }
    }
}
