//! Sign-in with an ID token of a provider of identities: whose account it is.

use crate::support::{create, opportunity};
use afterview_api::app::Application;
use afterview_api::config::Config;
use afterview_tests::oidc::{Kind, NONCE, OidcDouble};
use afterview_tests::{Answer, Client, CountedIds, ManualClock, START, TestApp, at};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

/// Servers and a provider that they call `test`.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) provider: OidcDouble,
    /// Another provider, `other`.
    pub(crate) other: OidcDouble,
    _folder: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let clock = ManualClock::new(at(START));
        let provider = OidcDouble::start(&clock).await;
        let other = OidcDouble::start(&clock).await;
        let folder = TempDir::new().unwrap();
        let both = [("test", &provider), ("other", &other)];
        let file = OidcDouble::settings_file(folder.path(), &both);
        let settings = vec![("AFTERVIEW_OIDC", file.display().to_string())];
        let app = TestApp::start_at(clock, settings).await;
        Self { app, provider, other, _folder: folder }
    }

    /// Signs in with a token at `test`.
    pub(crate) async fn sign_in(&self, token: &str) -> Answer {
        sign_in(&self.app.anonymous(), token).await
    }
}

pub(crate) async fn sign_in(client: &Client, token: &str) -> Answer {
    client.post("/v1/auth/oidc/test", body(token)).await
}

fn body(token: &str) -> Value {
    json!({"id_token": token, "nonce": NONCE, "time_zone": "Europe/Prague", "device": {"name": "phone"}})
}

fn upgrade(provider: &str, token: &str) -> Value {
    json!({"provider": provider, "id_token": token, "nonce": NONCE})
}

fn signed_in(client: &Client, tokens: &Value) -> Client {
    client.with_token(tokens["access_token"].as_str().unwrap())
}

async fn guest(app: &TestApp) -> Client {
    let client = app.anonymous();
    let tokens = client.post("/v1/auth/guest", json!({})).await.expect(201);
    signed_in(&client, &tokens)
}

#[actix_web::test]
async fn whoever_comes_for_the_first_time_gets_an_account_and_finds_it_again() {
    let stage = Stage::set().await;
    let first = stage.sign_in(&stage.provider.token("anna")).await.expect(200);
    let phone = signed_in(&stage.app.anonymous(), &first);
    assert_eq!(phone.get("/v1/preferences").await.expect(200)["time_zone"], "Europe/Prague");
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    let account = phone.get("/v1/account").await.expect(200);
    assert_eq!(account["identities"][0]["provider"], "test");
    assert_eq!(account["identities"][0]["email"], "anna@example.org");
    assert_eq!(account.get("email"), None);
    assert_eq!((&account["is_guest"], &account["has_password"]), (&json!(false), &json!(false)));

    let second = stage.sign_in(&stage.provider.token("anna")).await.expect(200);
    assert_eq!(second["account_id"], first["account_id"]);
    assert_ne!(second["session_id"], first["session_id"]);
    let tablet = signed_in(&stage.app.anonymous(), &second);
    tablet.get("/v1/opportunities/acme").await.expect(200);
    let bob = stage.sign_in(&stage.provider.token("bob")).await.expect(200);
    assert_ne!(bob["account_id"], first["account_id"]);
}

#[actix_web::test]
async fn every_kind_of_key_that_providers_have_is_understood() {
    let stage = Stage::set().await;
    let keys = [Kind::Es256, Kind::Rs256, Kind::EdDsa].map(|kind| stage.provider.add_key(kind));
    let mut accounts = Vec::new();
    for key in keys {
        let token = key.token(&stage.provider.claims("anna"));
        accounts.push(stage.sign_in(&token).await.expect(200)["account_id"].clone());
    }
    assert_eq!(accounts, vec![accounts[0].clone(); 3]);
}

#[actix_web::test]
async fn devices_that_come_for_the_first_time_at_the_same_moment_get_one_account() {
    for (app, provider) in TestApp::each_with_provider().await {
        let attempts = [(); 4].map(|()| {
            let (client, token) = (app.anonymous(), provider.token("anna"));
            actix_web::rt::spawn(async move { sign_in(&client, &token).await.expect(200) })
        });
        let mut accounts = Vec::new();
        for attempt in attempts {
            accounts.push(attempt.await.unwrap()["account_id"].clone());
        }
        assert_eq!(accounts, vec![accounts[0].clone(); 4]);
        assert_eq!(app.databases().count("identities"), 1);
        assert_eq!(provider.key_requests(), 1, "they shared the keys as well");
    }
}

#[actix_web::test]
async fn the_same_name_at_another_provider_is_somebody_else() {
    let stage = Stage::set().await;
    let anna = stage.sign_in(&stage.provider.token("anna")).await.expect(200);
    let client = stage.app.anonymous();
    let token = stage.other.token("anna");
    let other = client.post("/v1/auth/oidc/other", body(&token)).await.expect(200);
    assert_ne!(anna["account_id"], other["account_id"]);
    stage.sign_in(&token).await.expect_problem("invalid_id_token");
}

#[actix_web::test]
async fn an_address_opens_no_account() {
    let stage = Stage::set().await;
    let anna = stage.app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let account = anna.get("/v1/account").await.expect(200);
    assert_eq!(account["email"], "anna@example.org");
    let mut claims = stage.provider.claims("anna");
    claims["email_verified"] = json!(true);
    let other = stage.sign_in(&stage.provider.key().token(&claims)).await.expect(200);
    assert_ne!(other["account_id"], account["id"]);
    let other = signed_in(&stage.app.anonymous(), &other);
    assert_eq!(other.get("/v1/opportunities").await.expect(200), json!({"items": []}));
    assert_eq!(anna.get("/v1/account").await.expect(200)["identities"], json!([]));
}

#[actix_web::test]
async fn a_guest_who_is_upgraded_keeps_everything_and_can_come_back() {
    let stage = Stage::set().await;
    let guest = guest(&stage.app).await;
    create(&guest, "/v1/opportunities", opportunity("acme")).await;
    let before = guest.get("/v1/account").await.expect(200);
    assert_eq!(before["is_guest"], true);
    let token = stage.provider.token("anna");
    let after = guest.post("/v1/account/upgrade", upgrade("test", &token)).await.expect(200);
    assert_eq!((&after["id"], &after["is_guest"]), (&before["id"], &json!(false)));
    guest.get("/v1/opportunities/acme").await.expect(200);
    guest.post("/v1/account/upgrade", upgrade("test", &token)).await.expect(200);

    let back = stage.sign_in(&token).await.expect(200);
    assert_eq!(back["account_id"], before["id"]);
    let back = signed_in(&stage.app.anonymous(), &back);
    back.get("/v1/opportunities/acme").await.expect(200);
}

#[actix_web::test]
async fn an_identity_that_has_an_account_is_given_to_no_other() {
    let stage = Stage::set().await;
    let token = stage.provider.token("anna");
    let owner = stage.sign_in(&token).await.expect(200);
    let guest = guest(&stage.app).await;
    create(&guest, "/v1/opportunities", opportunity("acme")).await;
    let refused = guest.post("/v1/account/upgrade", upgrade("test", &token)).await;
    refused.expect_problem("identity_taken");
    assert_eq!(guest.get("/v1/account").await.expect(200)["is_guest"], true);
    guest.get("/v1/opportunities/acme").await.expect(200);
    assert_eq!(stage.sign_in(&token).await.expect(200)["account_id"], owner["account_id"]);
    let mut late = stage.provider.claims("bob");
    late["exp"] = json!(1);
    let bad = upgrade("test", &stage.provider.key().token(&late));
    guest.post("/v1/account/upgrade", bad).await.expect_problem("invalid_id_token");
}

#[actix_web::test]
async fn a_provider_that_is_not_configured_does_not_exist() {
    let stage = Stage::set().await;
    let token = stage.provider.token("anna");
    let client = stage.app.anonymous();
    for name in ["unknown", "TEST", "test%20"] {
        let answer = client.post(&format!("/v1/auth/oidc/{name}"), body(&token)).await;
        answer.expect_problem("not_found");
    }
    let guest = guest(&stage.app).await;
    let answer = guest.post("/v1/account/upgrade", upgrade("unknown", &token)).await;
    answer.expect_problem("not_found");
    let plain = TestApp::start().await;
    sign_in(&plain.anonymous(), &token).await.expect_problem("not_found");
    assert_eq!(stage.provider.description_requests(), 0);
}

#[actix_web::test]
async fn a_file_of_providers_with_faults_keeps_the_server_from_starting() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let text = "[google]\nissuer = \"http://accounts.google.com\"\nclient = \"x\"\n";
    std::fs::write(path("providers.toml"), text).unwrap();
    let settings = [
        ("AFTERVIEW_LISTEN", "127.0.0.1:0".to_owned()),
        ("AFTERVIEW_DATABASE_URL", format!("sqlite://{}", path("afterview.db"))),
        ("AFTERVIEW_SECRETS_DIR", path("secrets")),
        ("AFTERVIEW_OIDC", path("providers.toml")),
    ];
    let variables = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let config = Config::from_variables(&variables).unwrap();
    let clock = Arc::new(ManualClock::new(at(START)));
    let refused = Application::build(&config, clock, Arc::new(CountedIds::default())).await;
    let expected = format!(
        "cannot use the providers of identities in {}: google: issuer must be an https address, or an \
         http address of this machine itself; google: audiences must be a list of the apps' \
         identifiers, at least one; google: client is not a setting of a provider",
        path("providers.toml")
    );
    assert_eq!(refused.err().map(|error| error.to_string()), Some(expected));
    assert!(!folder.path().join("afterview.db").exists(), "nothing was made");
}
