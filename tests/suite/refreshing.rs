//! A refresh token that many requests show at once, as an app with several windows does when it wakes up.

use crate::support::database;
use afterview_tests::TestApp;
use futures_util::stream::{self, StreamExt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// How many requests there are, all of them under way at once.
const REQUESTS: usize = 1_000;

/// Lets this process open as many files as it may: each connection is two here.
fn allow_connections() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

fn digest(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::test]
async fn a_thousand_requests_with_one_token_get_one_and_the_same_successor() {
    allow_connections();
    for app in TestApp::each().await {
        let mut anna = app.user("anna").await;
        let first = anna.refresh_token.clone();
        let (client, body) = (app.anonymous(), json!({ "refresh_token": first }));
        let exchange = |_| client.post("/v1/auth/refresh", body.clone());
        let answers = stream::iter(0..REQUESTS).map(exchange).buffer_unordered(REQUESTS);
        let all: Vec<_> = answers.map(|answer| answer.expect(200)).collect().await;
        assert_eq!(all.len(), REQUESTS);
        let distinct =
            |name: &str| BTreeSet::from_iter(all.iter().map(|it| it[name].as_str().unwrap())).len();
        assert_eq!((distinct("refresh_token"), distinct("session_id")), (1, 1));
        assert_eq!(distinct("access_token"), REQUESTS);

        // One token was used, and one is in use: there is no second family.
        let mut database = database(&app);
        let used = database.lines("SELECT token_hash AS line FROM used_refresh_tokens");
        let open = "SELECT refresh_hash AS line FROM sessions WHERE revoked_at IS NULL";
        let successor = all[0]["refresh_token"].as_str().unwrap();
        assert_eq!(used, [digest(&first)]);
        assert_eq!(database.lines(open), [digest(successor)]);

        anna.sign_in_with(&all[REQUESTS / 2]);
        anna.refresh().await;
        anna.get("/v1/preferences").await.expect(200);
        assert_eq!(database.count("used_refresh_tokens"), 2);
        assert_eq!(database.count("audit_events WHERE kind = 'refresh_token_reused'"), 0);
    }
}
