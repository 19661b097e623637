//! What the log says of mail: that one was not sent, and nothing of what was in it.

use crate::log::Log;
use afterview_tests::mail::{MailServer, Step, Turn};
use afterview_tests::{Client, TestApp};
use reqwest::Method;
use serde_json::json;

const NOT_SENT: &str = "a mail to set a password anew was not sent";

/// What begins every token of a mail.
const TOKEN: &str = "afp_";

async fn forgets(app: &TestApp) -> Client {
    let client = app.user("canary-mail").await;
    let body = json!({"email": "canary-mail@example.org"});
    assert_eq!(client.post("/v1/auth/password/forgot", body).await.status, 202);
    client
}

fn none_shows(log: &Log, secrets: &[&str]) {
    for secret in secrets {
        assert_eq!(log.lines_with(secret), [""; 0], "{secret} is shown");
    }
}

#[actix_web::test]
async fn a_mail_that_was_not_taken_is_one_line_without_address_or_token() {
    let (log, _turn) = Log::of_everything().await;
    let mut so_far = 0;
    for trouble in [
        Turn::Refuse(Step::Recipient, 550),
        Turn::Refuse(Step::Content, 554),
        Turn::Refuse(Step::Sender, 451),
        Turn::Drop(Step::Content),
    ] {
        let server = MailServer::start().await;
        server.always(trouble);
        let app = TestApp::start_with(server.settings()).await;
        forgets(&app).await;
        let servers = app.stores().count();
        so_far += servers;
        let lines = log.wait_for(NOT_SENT, so_far).await;
        assert_eq!(lines.len(), so_far, "{lines:#?}");
        assert!(lines.iter().all(|line| line.contains("ERROR")), "{lines:#?}");
    }
    none_shows(&log, &["canary-mail", TOKEN]);
}

#[actix_web::test]
async fn a_mail_that_is_taken_and_the_page_behind_it_leave_nothing_in_the_log() {
    let (log, _turn) = Log::of_everything().await;
    let server = MailServer::start_for("afterview", "canary-password").await;
    let app = TestApp::start_with(server.settings()).await;
    let client = forgets(&app).await;
    let mails = server.arrived(app.stores().count()).await;
    let link = mails[0].link();
    let path = link.strip_prefix("http://afterview.test").unwrap();
    assert_eq!(client.get(path).await.status, 200);
    let (_, token) = link.split_once("?token=").unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let sent = format!("token={token}&new_password=canary-password");
    let done = client.raw(Method::POST, "/account/reset", &form, sent.into_bytes()).await;
    assert_eq!(done.status, 200, "{}", done.text);
    none_shows(&log, &["canary-mail", "canary-password", TOKEN]);
}

#[actix_web::test]
async fn without_a_server_for_mail_only_a_developer_reads_the_link() {
    let (log, _turn) = Log::of_everything().await;
    let at = |url: &str| vec![("AFTERVIEW_PUBLIC_URL", url.to_owned())];
    for public in [
        "https://afterview.test",
        "http://afterview.test",
        "https://localhost",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
    ] {
        let app = TestApp::start_with(at(public)).await;
        let before = log.lines_with("AFTERVIEW_SMTP_URL").len();
        forgets(&app).await;
        log.wait_for("AFTERVIEW_SMTP_URL", before + app.stores().count()).await;
    }
    none_shows(&log, &["canary-mail", TOKEN]);
    for own in ["http://localhost:8080", "http://127.0.0.1"] {
        let app = TestApp::start_with(at(own)).await;
        forgets(&app).await;
        let link = format!("{own}/account/reset?token={TOKEN}");
        let lines = log.wait_for(&link, app.stores().count()).await;
        assert_eq!(lines.len(), app.stores().count());
        assert!(lines.iter().all(|line| line.contains("WARN")), "{lines:#?}");
    }
    none_shows(&log, &["canary-mail"]);
}
