//! What was made for one account is of no use to another: cursors, refresh tokens, and tokens that set
//! a password. Tickets are in `live.rs`, idempotency keys in `idempotency.rs`, names of mutations and
//! cursors of sync in `sync_input.rs` and `sync_pull.rs`.

use crate::belongings::Belongings;
use crate::device::caller;
use crate::operations::closed;
use crate::phone::two;
use crate::support::{database, without_request_id};
use afterview_tests::{Answer, TestApp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Where the page or the stream goes on that begins so; `None` if this was all of it.
fn cursor(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("cursor\":\"")?;
    rest.split_once('"').map(|(cursor, _)| cursor.to_owned())
}

#[actix_web::test]
async fn a_cursor_of_another_account_shows_nothing_of_it() {
    let app = TestApp::start().await;
    let (alice, tablet) = two(&app).await;
    let bob = app.user("bob").await;
    for prefix in ["hers-1", "hers-2"] {
        Belongings::of(&alice, &tablet, prefix).await;
    }
    let hers = [caller(&alice), caller(&tablet)];
    let mut tried = Vec::new();
    for operation in closed(&bob).await {
        let takes = |name: &str| operation.query.iter().any(|it| it == name);
        if !takes("cursor") || operation.path.contains('{') {
            continue;
        }
        let limit = if takes("limit") { "limit=1&" } else { "" };
        let path = format!("{}?{limit}", operation.path);
        let Some(foreign) = cursor(&alice.get(&path).await.text) else { continue };
        let answer = bob.get(&format!("{path}cursor={foreign}")).await;
        assert!([200, 400, 410].contains(&answer.status), "{operation:?} {}", answer.text);
        assert!(!answer.text.contains("hers-"), "{operation:?} {}", answer.text);
        for (account, session) in &hers {
            assert!(!answer.text.contains(account) && !answer.text.contains(session));
        }
        tried.push(operation.id);
    }
    tried.sort_unstable();
    insta::assert_snapshot!(tried.join("\n"), @r"
    getSyncSnapshot
    listAuditEvents
    listCommitments
    listConflicts
    listContacts
    listExpectations
    listFollowUps
    listInterviews
    listOffers
    listOpportunities
    listReplies
    listSupplements
    listSyncChanges
    ");
}

fn refused(answer: &Answer, code: &str) -> Value {
    without_request_id(answer.expect_problem(code))
}

#[actix_web::test]
async fn a_refresh_token_with_parts_of_another_account_ends_nothing_and_gives_nothing() {
    let app = TestApp::start().await;
    let (mut alice, mut bob) = (app.user("alice").await, app.user("bob").await);
    let used = alice.refresh_token.clone();
    alice.refresh().await;
    let parts =
        |token: &str| token["afr_".len()..].split('.').map(str::to_owned).collect::<Vec<_>>();
    let (hers, his) = (parts(&alice.refresh_token), parts(&bob.refresh_token));
    let old = parts(&used).remove(2);
    let nobody = app.anonymous();
    let made_up = nobody.post("/v1/auth/refresh", json!({"refresh_token": "afr_a.b.c"})).await;
    let expected = refused(&made_up, "invalid_refresh_token");
    for (account, session, secret) in [
        (&his[0], &hers[1], &hers[2]),
        (&his[0], &his[1], &hers[2]),
        (&hers[0], &his[1], &hers[2]),
        (&hers[0], &his[1], &his[2]),
        (&hers[0], &hers[1], &his[2]),
        (&his[0], &hers[1], &old),
        (&his[0], &his[1], &old),
    ] {
        let token = format!("afr_{account}.{session}.{secret}");
        let answer = nobody.post("/v1/auth/refresh", json!({ "refresh_token": token })).await;
        assert_eq!(refused(&answer, "invalid_refresh_token"), expected, "{token}");
    }
    for client in [&mut alice, &mut bob] {
        client.refresh().await;
        client.get("/v1/preferences").await.expect(200);
    }
}

#[actix_web::test]
async fn a_token_that_sets_the_password_of_one_account_sets_that_of_no_other() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (hers, his) = (caller(&alice).0, caller(&bob).0);
    let token = format!("afp_{hers}.secret");
    let hash: String = Sha256::digest(&token).iter().map(|byte| format!("{byte:02x}")).collect();
    let expires = app.clock.get().timestamp_millis() + 1;
    let mail = format!("INSERT INTO password_resets VALUES ('{hers}', '{hash}', 1, {expires})");
    assert_eq!(database(&app).run(&mail), 1);
    let nobody = app.anonymous();
    let set = async |token: &str| {
        let body = json!({"token": token, "new_password": "another long password"});
        nobody.post("/v1/auth/password/reset", body).await
    };
    let expected = refused(&set("afp_a.b").await, "invalid_reset_token");
    for other in [format!("afp_{his}.secret"), format!("afp_{hers}."), format!("afp_{his}.")] {
        assert_eq!(refused(&set(&other).await, "invalid_reset_token"), expected, "{other}");
    }
    for client in [&alice, &bob] {
        client.get("/v1/preferences").await.expect(200);
    }
    assert_eq!(set(&token).await.status, 204);
    bob.get("/v1/preferences").await.expect(200);
    alice.get("/v1/preferences").await.expect_problem("unauthenticated");
    assert_eq!(refused(&set(&token).await, "invalid_reset_token"), expected);
}
