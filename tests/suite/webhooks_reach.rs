//! An address that an owner chose does not turn the server against its own network. Which addresses are public
//! is tried one by one in `api/src/outbound/tests.rs`, names that change their mind, too.

use crate::support::{create, opportunity, pointers};
use crate::webhooks::{Stage, WEBHOOKS, path};
use afterview_tests::receiver::{Answer, Receiver};
use afterview_tests::{START, TestApp};
use serde_json::json;

#[actix_web::test]
async fn an_address_of_a_private_network_is_refused_in_whatever_form_it_is_written() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let made = json!({"url": "https://hooks.example.org/"});
    let made = anna.post(WEBHOOKS, made).await.expect(201);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "172.16.0.1",
        "192.168.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "①②⑦.0.0.1",
    ] {
        for port in ["", ":443", ":80", ":5432", ":8443"] {
            let url = json!({"url": format!("https://{host}{port}/")});
            for answer in [
                anna.post(WEBHOOKS, url.clone()).await,
                anna.patch(&path(&made), url.clone()).await,
            ] {
                let problem = answer.expect_problem("validation_failed");
                assert_eq!(pointers(&problem), ["/url"], "{url}");
                let said = &problem["errors"][0]["detail"];
                assert_eq!(said, "must be an address that the whole internet may reach", "{url}");
            }
        }
    }
    assert_eq!(anna.get(WEBHOOKS).await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn only_plain_https_addresses_are_taken() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    for url in [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "gopher://hooks.example.org/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "hooks.example.org",
        "//hooks.example.org/",
        "https://",
        "https:///",
        "https://hooks.example.org:99999/",
        "https://user@hooks.example.org/",
        "https://user:password@hooks.example.org/",
        "https://hooks.example.org@127.0.0.1/",
        "https://127.0.0.1\\@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/ x",
        "https://[::1/",
    ] {
        let problem = anna.post(WEBHOOKS, json!({ "url": url })).await;
        let problem = problem.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), ["/url"], "{url}");
    }
    for url in
        ["https://hooks.example.org", "https://hooks.example.org:8443/a?b=c", "https://1.1.1.1/"]
    {
        anna.post(WEBHOOKS, json!({ "url": url })).await.expect(201);
    }
}

/// A name tells nothing before it is resolved, and then no more than a server that is down.
#[actix_web::test]
async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let receiver = Receiver::start().await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let port = receiver.url("").split(['/', ':']).nth(4).unwrap().to_owned();
    for host in ["localhost", "localhost.", "LOCALHOST"] {
        let url = format!("https://{host}:{port}/hooks/all");
        let webhook = anna.post(WEBHOOKS, json!({ "url": url })).await.expect(201);
        let test = format!("{}/test", path(&webhook));
        let said = anna.post(&test, json!({})).await.expect(200);
        assert_eq!((&said["outcome"], &said["detail"]), (&json!("failed"), &json!("unreachable")));
        assert_eq!(said.get("last_status"), None);
    }
    let reply = json!({"opportunity_id": "acme", "at": START, "kind": "on_hold"});
    create(&anna, "/v1/replies", reply).await;
    app.let_time_pass_until(START).await;
    assert_eq!(receiver.connections(), 0);
}

#[actix_web::test]
async fn a_redirection_is_not_followed() {
    for stage in Stage::each().await {
        let webhook = stage.webhook("all").await;
        let behind = Receiver::start().await;
        for status in [301, 302, 303, 307, 308] {
            let location = behind.url("behind");
            stage.receiver.script("all", [Answer::Located { status, location }]);
            let test = format!("{}/test", path(&webhook));
            let said = stage.client.post(&test, json!({})).await.expect(200);
            assert_eq!(
                (&said["outcome"], &said["last_status"]),
                (&json!("failed"), &json!(status))
            );
        }
        assert_eq!(behind.connections(), 0);
    }
}

/// An operator who allows private addresses allows plain http as well; without that neither is.
#[actix_web::test]
async fn private_addresses_are_reached_only_where_the_operator_says_so() {
    for stage in Stage::each().await {
        for url in [stage.receiver.url("all"), "https://10.0.0.1/".to_owned()] {
            stage.client.post(WEBHOOKS, json!({ "url": url })).await.expect(201);
        }
        let ftp = json!({"url": "ftp://127.0.0.1/"});
        stage.client.post(WEBHOOKS, ftp).await.expect_problem("validation_failed");
    }
}
