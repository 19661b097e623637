//! Passwords that are changed or forgotten: who may set one, and what ends with the old one.

use crate::postbox::{
    ANOTHER, PASSWORD, Postbox, enters, forgot, program, reset, second_device, works,
};
use crate::support::without_request_id;
use afterview_tests::mail::MailServer;
use afterview_tests::{Answer, Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ANNA: &str = "anna@example.org";

async fn change(client: &Client, present: &str, new: &str) -> Answer {
    let body = json!({"current_password": present, "new_password": new});
    client.post("/v1/auth/password/change", body).await
}

async fn move_to(client: &Client, email: &str, password: &str) -> Answer {
    client.patch("/v1/account", json!({"email": email, "password": password})).await
}

#[actix_web::test]
async fn a_forgotten_password_is_set_anew_by_mail_and_everything_signed_in_by_the_old_one_ends() {
    let mut postbox = Postbox::start().await;
    let (phone, bob) = (postbox.app.user("anna").await, postbox.app.user("bob").await);
    let laptop = second_device(&postbox.app, ANNA).await;
    let program = program(&phone).await;
    let calendar = crate::ical::feed(&phone, json!({})).await;
    assert!(works(&laptop).await && works(&program).await);
    // An address is the same in whatever case it is written.
    forgot(&phone, " Anna@Example.ORG").await;
    let mail = postbox.next().await;
    assert_eq!((mail.to.as_str(), mail.from.as_str()), (ANNA, "no-reply@afterview.test"));
    let token = crate::postbox::token(&mail);
    let client = postbox.app.anonymous();
    let done = reset(&client, &token, ANOTHER).await;
    assert_eq!((done.status, done.text.as_str()), (204, ""));
    for ended in [&phone, &laptop, &program] {
        assert!(!works(ended).await);
    }
    client.get(&calendar).await.expect_problem("not_found");
    let refresh = json!({ "refresh_token": laptop.refresh_token });
    client.post("/v1/auth/refresh", refresh).await.expect_problem("invalid_refresh_token");
    assert!(!enters(&client, ANNA, PASSWORD).await);
    assert!(enters(&client, ANNA, ANOTHER).await);
    assert!(works(&bob).await && enters(&client, "bob@example.org", PASSWORD).await);
    assert_eq!(postbox.mail.faults(), [""; 0]);
}

#[actix_web::test]
async fn the_token_of_a_mail_works_once_and_for_its_account_only() {
    let mut postbox = Postbox::start().await;
    let anna = postbox.app.user("anna").await.get("/v1/account").await.expect(200);
    let bob = postbox.app.user("bob").await.get("/v1/account").await.expect(200);
    let token = postbox.token_for(ANNA).await;
    let id = |account: &Value| account["id"].as_str().unwrap().to_owned();
    let client = postbox.app.anonymous();
    let of_bob = token.replace(&id(&anna), &id(&bob));
    assert_ne!(of_bob, token);
    for wrong in [of_bob.as_str(), "afp_", "x", &token[..token.len() - 1], &format!("{token}A")] {
        let refused = reset(&client, wrong, ANOTHER).await;
        assert_eq!(refused.status, 401);
        refused.expect_problem("invalid_reset_token");
    }
    // A password that will not do uses nothing up.
    reset(&client, &token, "short").await.expect_problem("validation_failed");
    reset(&client, &token, ANOTHER).await.expect(204);
    reset(&client, &token, "yet another password").await.expect_problem("invalid_reset_token");
    assert!(enters(&client, ANNA, ANOTHER).await);
    assert!(enters(&client, "bob@example.org", PASSWORD).await);
}

#[actix_web::test]
async fn the_token_of_a_mail_works_for_half_an_hour() {
    let mut postbox = Postbox::start().await;
    postbox.app.user("anna").await;
    let (late, in_time) = (postbox.token_for(ANNA).await, postbox.token_for(ANNA).await);
    let client = postbox.app.anonymous();
    postbox.app.clock.advance(TimeDelta::minutes(30) - TimeDelta::milliseconds(1));
    reset(&client, &in_time, ANOTHER).await.expect(204);
    let late_anyway = reset(&client, &late, PASSWORD).await;
    late_anyway.expect_problem("invalid_reset_token");
    let token = postbox.token_for(ANNA).await;
    postbox.app.clock.advance(TimeDelta::minutes(30));
    reset(&client, &token, PASSWORD).await.expect_problem("invalid_reset_token");
}

#[actix_web::test]
async fn a_second_mail_leaves_the_first_one_good_until_one_of_them_is_used() {
    let mut postbox = Postbox::start().await;
    postbox.app.user("anna").await;
    let (first, second) = (postbox.token_for(ANNA).await, postbox.token_for(ANNA).await);
    let client = postbox.app.anonymous();
    reset(&client, &first, ANOTHER).await.expect(204);
    reset(&client, &second, PASSWORD).await.expect_problem("invalid_reset_token");
    assert!(enters(&client, ANNA, ANOTHER).await);
}

#[actix_web::test]
async fn of_two_who_use_a_token_at_the_same_time_one_sets_the_password() {
    for app in TestApp::each().await {
        app.user("anna").await;
        let token = {
            let client = app.anonymous();
            let account =
                client.post("/v1/auth/login", json!({"email": ANNA, "password": PASSWORD}));
            let account = account.await.expect(200)["account_id"].as_str().unwrap().to_owned();
            let token = format!("afp_{account}.made-up");
            let digest = Sha256::digest(&token);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            app.databases().run(&format!(
                "INSERT INTO password_resets (account_id, token_hash, created_at, expires_at) \
                 VALUES ('{account}', '{digest}', 0, 9000000000000)"
            ));
            token
        };
        let attempts = ["one long password", "other long password"].map(|password| {
            let (client, token) = (app.anonymous(), token.clone());
            actix_web::rt::spawn(async move { reset(&client, &token, password).await.status })
        });
        let mut statuses = Vec::new();
        for attempt in attempts {
            statuses.push(attempt.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 401]);
    }
}

#[actix_web::test]
async fn changing_the_password_ends_the_other_sessions_and_the_mails_under_way() {
    let mut postbox = Postbox::start().await;
    let phone = postbox.app.user("anna").await;
    let laptop = second_device(&postbox.app, ANNA).await;
    let program = program(&phone).await;
    let token = postbox.token_for(ANNA).await;
    change(&phone, "wrong horse battery", ANOTHER).await.expect_problem("wrong_credentials");
    assert!(works(&laptop).await);
    let done = change(&phone, PASSWORD, ANOTHER).await;
    assert_eq!((done.status, done.text.as_str()), (204, ""));
    assert!(works(&phone).await && works(&program).await);
    assert!(!works(&laptop).await);
    let client = postbox.app.anonymous();
    assert!(enters(&client, ANNA, ANOTHER).await && !enters(&client, ANNA, PASSWORD).await);
    reset(&client, &token, PASSWORD).await.expect_problem("invalid_reset_token");
    // Only a device that signed in may change it.
    assert_eq!(change(&program, ANOTHER, PASSWORD).await.status, 403);
}

#[actix_web::test]
async fn a_new_address_needs_the_password_and_ends_the_mails_to_the_old_one() {
    let mut postbox = Postbox::start().await;
    let anna = postbox.app.user("anna").await;
    postbox.app.user("bob").await;
    let token = postbox.token_for(ANNA).await;
    let new = "anna@elsewhere.example";
    move_to(&anna, new, ANOTHER).await.expect_problem("wrong_credentials");
    move_to(&anna, "bob@example.org", PASSWORD).await.expect_problem("email_taken");
    let client = postbox.app.anonymous();
    assert!(enters(&client, ANNA, PASSWORD).await);
    assert_eq!(move_to(&anna, new, PASSWORD).await.expect(200)["email"], new);
    assert!(!enters(&client, ANNA, PASSWORD).await && enters(&client, new, PASSWORD).await);
    reset(&client, &token, ANOTHER).await.expect_problem("invalid_reset_token");
    let token = postbox.token_for(new).await;
    reset(&client, &token, ANOTHER).await.expect(204);
}

#[actix_web::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let mut postbox = Postbox::start().await;
    postbox.app.user("anna").await;
    let client = postbox.app.anonymous();
    let unknown = forgot(&client, "eve@example.org").await;
    let known = forgot(&client, ANNA).await;
    let plain = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        (answer.status, headers, answer.text.clone())
    };
    assert_eq!(plain(&unknown), plain(&known));
    assert_eq!(known.status, 202);
    assert_eq!(postbox.next().await.to, ANNA);
    let refused = forgot(&client, "").await;
    assert_eq!(without_request_id(refused.expect_problem("validation_failed"))["status"], 422);
}

#[actix_web::test]
async fn guests_have_no_password_to_change_and_no_address_to_write_to() {
    let app = TestApp::start().await;
    let mut guest = app.anonymous();
    let tokens = guest.post("/v1/auth/guest", json!({})).await.expect(201);
    guest.sign_in_with(&tokens);
    change(&guest, PASSWORD, ANOTHER).await.expect_problem("wrong_state");
    move_to(&guest, ANNA, PASSWORD).await.expect_problem("wrong_state");
}

#[actix_web::test]
async fn an_account_gets_three_such_mails_an_hour_and_the_answer_stays_the_same() {
    let mut postbox = Postbox::start().await;
    let anna = postbox.app.user("anna").await;
    postbox.app.user("bob").await;
    for _ in 0..3 {
        postbox.token_for(ANNA).await;
        postbox.app.clock.advance(TimeDelta::minutes(10));
    }
    let client = postbox.app.anonymous();
    let asked = forgot(&client, ANNA).await;
    assert_eq!((asked.status, asked.text.as_str()), (202, ""));
    // Others get theirs, and what had been asked for before that is decided by then.
    postbox.token_for("bob@example.org").await;
    postbox.app.clock.advance(TimeDelta::minutes(30) - TimeDelta::milliseconds(1));
    forgot(&client, ANNA).await;
    postbox.token_for("bob@example.org").await;
    // An hour after the first of the three.
    postbox.app.clock.advance(TimeDelta::milliseconds(1));
    let token = postbox.token_for(ANNA).await;
    let mut anna = anna;
    anna.refresh().await;
    let trail = anna.get("/v1/account/audit").await.expect(200);
    let kinds = crate::support::each(&trail, "kind");
    let asked = kinds.iter().filter(|kind| **kind == "password_reset_requested");
    assert_eq!(asked.count(), 4, "{trail:#}");
    reset(&client, &token, ANOTHER).await.expect(204);
}

#[actix_web::test]
async fn a_request_is_answered_all_the_same_when_no_mail_can_be_sent() {
    let gone = {
        let mail = MailServer::start().await;
        mail.settings()
    };
    let app = TestApp::start_with(gone).await;
    app.user("anna").await;
    assert_eq!(forgot(&app.anonymous(), ANNA).await.status, 202);
}
