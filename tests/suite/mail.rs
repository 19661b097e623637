//! Mail: what leaves, and what happens when the server for it does not do its part.

use crate::postbox::{Postbox, forgot};
use afterview_api::config::Config;
use afterview_api::mail::{Letter, Mailer};
use afterview_tests::mail::{MailServer, Step, Turn};
use afterview_tests::{START, TestApp, at};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longer than any server on this machine takes.
const LONG: Duration = Duration::from_secs(20);

fn mailer(settings: Vec<(&'static str, String)>, timeout: Duration) -> Mailer {
    let variables: BTreeMap<String, String> =
        settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let config = Config::from_variables(&variables).unwrap();
    Mailer::new(config.mail.as_ref(), timeout).unwrap()
}

fn letter(to: &str) -> Letter<'_> {
    let body = "Open this:\n\nhttps://afterview.test/canary\n\n.\n";
    Letter { to, subject: "Hello", body, at: at(START), id: "one" }
}

#[actix_web::test]
async fn a_mail_is_plain_text_that_is_dated_and_named_and_asks_for_no_answer() {
    let mut postbox = Postbox::start().await;
    postbox.app.user("anna").await;
    forgot(&postbox.app.anonymous(), "anna@example.org").await;
    let mail = postbox.next().await;
    for (name, value) in [
        ("Date", "Wed, 06 May 2026 19:05:00 +0000"),
        ("From", "Afterview <no-reply@afterview.test>"),
        ("To", "anna@example.org"),
        ("Subject", "Set a new password for Afterview"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(mail.header(name), value);
    }
    let name = mail.header("Message-ID");
    assert!(name.starts_with('<') && name.ends_with("@afterview.test>"), "{name}");
    assert!(
        mail.text().contains("within 30 minutes:\n\nhttp://afterview.test/"),
        "{}",
        mail.text()
    );
    assert!(!mail.text().contains('<'), "{}", mail.text());
}

#[actix_web::test]
async fn a_server_that_knows_its_users_is_told_who_we_are() {
    let server = MailServer::start_for("afterview", "hunter2").await;
    mailer(server.settings(), LONG).send(letter("anna@example.org")).await.unwrap();
    assert_eq!(server.arrived(1).await[0].to, "anna@example.org");
    let mut settings = server.settings();
    settings[0].1 = settings[0].1.replace("hunter2", "hunter3");
    let refused = mailer(settings, LONG).send(letter("anna@example.org")).await.unwrap_err();
    assert_eq!(refused, "the server answered 535");
}

#[actix_web::test]
async fn a_server_that_fails_is_tried_once_more() {
    let server = MailServer::start().await;
    let mailer = mailer(server.settings(), LONG);
    for trouble in [
        Turn::Drop(Step::Greeting),
        Turn::Drop(Step::Hello),
        Turn::Drop(Step::Sender),
        Turn::Drop(Step::Data),
        Turn::Drop(Step::Content),
        Turn::Refuse(Step::Greeting, 421),
        Turn::Refuse(Step::Recipient, 450),
    ] {
        let taken = server.mails().len();
        server.script([trouble]);
        mailer.send(letter("anna@example.org")).await.unwrap();
        assert_eq!(server.mails().len(), taken + 1, "{trouble:?}");
        server.script([trouble, trouble]);
        mailer.send(letter("anna@example.org")).await.unwrap_err();
        assert_eq!(server.mails().len(), taken + 1, "{trouble:?}");
    }
    assert_eq!(server.mails()[0].text(), "Open this:\n\nhttps://afterview.test/canary\n\n.");
    assert_eq!(server.faults(), [""; 0]);
}

#[actix_web::test]
async fn what_is_refused_for_good_is_not_sent_again_and_said_without_the_servers_words() {
    let server = MailServer::start().await;
    let mailer = mailer(server.settings(), LONG);
    for (step, code) in
        [(Step::Hello, 502), (Step::Sender, 553), (Step::Recipient, 550), (Step::Content, 554)]
    {
        server.script([Turn::Refuse(step, code)]);
        let why = mailer.send(letter("anna@example.org")).await.unwrap_err();
        assert_eq!(why, format!("the server answered {code}"));
    }
    assert_eq!(server.mails(), []);
    let nowhere = mailer.send(letter("anna@\r\nBcc: eve@example.org")).await.unwrap_err();
    assert_eq!(nowhere, "it is to nothing that mail can be sent to");
}

#[actix_web::test]
async fn a_server_that_says_nothing_any_more_is_given_up() {
    for step in [Step::Greeting, Step::Recipient, Step::Content] {
        let server = MailServer::start().await;
        server.always(Turn::Stall(step));
        let mailer = mailer(server.settings(), Duration::from_millis(50));
        let why = mailer.send(letter("anna@example.org")).await.unwrap_err();
        assert_eq!(why, "the server took longer than 50ms");
        assert_eq!(server.mails(), []);
    }
}

#[actix_web::test]
async fn whoever_asks_for_a_mail_does_not_wait_for_the_server_that_takes_it() {
    for trouble in
        [Turn::Refuse(Step::Recipient, 550), Turn::Drop(Step::Data), Turn::Stall(Step::Greeting)]
    {
        let server = MailServer::start().await;
        server.always(trouble);
        let app = TestApp::start_with(server.settings()).await;
        let client = app.user("anna").await;
        let asked = forgot(&client, "anna@example.org").await;
        assert_eq!((asked.status, asked.text.as_str()), (202, ""));
        server.troubled(app.stores().count()).await;
        client.get("/v1/preferences").await.expect(200);
    }
}
