//! Whoever knows the name of something of another account is told what he would be told of a name that
//! nobody has: at every operation that the document knows, to the last byte.

use crate::belongings::{Belongings, body};
use crate::operations::{Operation, closed};
use crate::phone::two;
use afterview_tests::{Answer, Client, TestApp};
use reqwest::Method;
use reqwest::header::HeaderMap;

/// An answer without its request id and without the name that was asked for.
fn told(answer: &Answer, id: &str) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    let text = answer.text.replace(id, "ID");
    (answer.status, headers, text.replace(answer.header("x-request-id"), "REQUEST"))
}

/// Everything that an account can see of itself.
async fn everything(client: &Client) -> Vec<String> {
    let mut seen = Vec::new();
    let paths =
        "sync/changes agenda auth/sessions auth/tokens account/audit webhooks calendar-feeds";
    for path in paths.split(' ') {
        let answer = client.get(&format!("/v1/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        seen.push(answer.text);
    }
    seen
}

/// Asks as its owner would, who knows the revision of what she has.
async fn ask(client: &Client, operation: &Operation, path: &str, etag: Option<&str>) -> Answer {
    let condition = etag.map(|etag| ("if-match", etag));
    let writes = ![Method::GET, Method::POST].contains(&operation.method);
    let headers = Vec::from_iter(condition.filter(|_| writes));
    client.send(operation.method.clone(), path, &headers, body(operation)).await
}

/// The revision of a record, for its owner.
async fn etag(owner: &Client, path: &str) -> Option<String> {
    let answer = owner.get(path).await;
    Some(answer.header("etag").to_owned()).filter(|etag| !etag.is_empty())
}

/// Reading first, then writing, then whatever makes things go away.
fn rank(operation: &Operation) -> usize {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
        .iter()
        .position(|method| *method == operation.method)
        .unwrap()
}

#[actix_web::test]
async fn a_name_of_another_account_is_answered_like_a_name_that_nobody_has() {
    let app = TestApp::start().await;
    let (alice, tablet) = two(&app).await;
    let bob = app.user("bob").await;
    let hers = Belongings::of(&alice, &tablet, "hers").await;
    let (before, his) = (everything(&alice).await, everything(&bob).await);
    let (mut operations, mut tried) = (closed(&bob).await, 0);
    operations.sort_by_key(rank);
    for operation in &operations {
        for (path, id) in hers.addresses(operation) {
            let nobodys = Belongings::made_up(&id);
            let etag = etag(&alice, &path).await;
            let theirs = ask(&bob, operation, &path, etag.as_deref()).await;
            let nothing = path.replace(&id, &nobodys);
            let nothing = ask(&bob, operation, &nothing, etag.as_deref()).await;
            assert_eq!(told(&theirs, &id), told(&nothing, &nobodys), "{operation:?}");
            // A PUT demands a state of something that is not there.
            let expected = if operation.method == Method::PUT { 412 } else { 404 };
            assert_eq!(theirs.status, expected, "{operation:?} {}", theirs.text);
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(everything(&alice).await, before);
    assert_eq!(everything(&bob).await, his);
    // They were there all the time: to their owner the same requests say so.
    for operation in &operations {
        for (path, _) in hers.addresses(operation) {
            let own = ask(&alice, operation, &path, etag(&alice, &path).await.as_deref()).await;
            let went = operation.method == Method::DELETE || own.status != 404;
            assert!(went && own.status < 500, "{operation:?} {}", own.text);
        }
    }
}
