//! A server beside the mailbox of its people, for tests of what comes by mail.

use afterview_tests::mail::{Mail, MailServer};
use afterview_tests::{Answer, Client, TestApp};
use serde_json::json;

/// The password of every account of [`TestApp::user`].
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The password that accounts get in these tests.
pub(crate) const ANOTHER: &str = "staple and another horse";

/// A server whose mail arrives.
pub(crate) struct Postbox {
    pub(crate) app: TestApp,
    pub(crate) mail: MailServer,
    read: usize,
}

impl Postbox {
    pub(crate) async fn start() -> Self {
        let mail = MailServer::start().await;
        let app = TestApp::start_with(mail.settings()).await;
        Self { app, mail, read: 0 }
    }

    /// The next mail. Each database's server sends it, and all of them the same.
    pub(crate) async fn next(&mut self) -> Mail {
        let servers = self.app.stores().count();
        let mut new = self.mail.arrived(self.read + servers).await.split_off(self.read);
        self.read += servers;
        assert_eq!(new.len(), servers, "more mail than was waited for");
        assert!(new.windows(2).all(|two| two[0] == two[1]), "{new:?}");
        new.remove(0)
    }

    /// Asks for a mail to that address, and gives the token in it.
    pub(crate) async fn token_for(&mut self, email: &str) -> String {
        let asked = forgot(&self.app.anonymous(), email).await;
        assert_eq!((asked.status, asked.text.as_str()), (202, ""));
        let mail = self.next().await;
        assert_eq!(mail.to, email);
        token(&mail)
    }
}

/// The token in the link of a mail.
pub(crate) fn token(mail: &Mail) -> String {
    let link = mail.link();
    link.strip_prefix("http://afterview.test/account/reset?token=").expect("our link").to_owned()
}

pub(crate) async fn forgot(client: &Client, email: &str) -> Answer {
    client.post("/v1/auth/password/forgot", json!({ "email": email })).await
}

pub(crate) async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    client.post("/v1/auth/password/reset", body).await
}

/// Whether an account can be entered by that password.
pub(crate) async fn enters(client: &Client, email: &str, password: &str) -> bool {
    let answer = client.post("/v1/auth/login", json!({"email": email, "password": password})).await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

/// Whether an access token, of a session or a personal one, lets its holder in.
pub(crate) async fn works(client: &Client) -> bool {
    let answer = client.get("/v1/preferences").await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

/// A client with another session of the same account.
pub(crate) async fn second_device(app: &TestApp, email: &str) -> Client {
    let mut client = app.anonymous();
    let body = json!({"email": email, "password": PASSWORD, "device": {"name": "laptop"}});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.sign_in_with(&tokens);
    client
}

/// A client with a personal access token of the account of `client`.
pub(crate) async fn program(client: &Client) -> Client {
    let body = json!({"name": "Home Assistant", "scopes": ["read"]});
    let made = client.post("/v1/auth/tokens", body).await.expect(201);
    client.with_token(made["token"].as_str().unwrap())
}
