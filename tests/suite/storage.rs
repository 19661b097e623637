//! What is stored: durably, in order, and readable for reports.

use crate::schema::VIEWS;
use crate::support::{create, database, each, opportunity, with};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[actix_web::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    let paths =
        ["opportunities", "contacts", "interviews", "expectations", "agenda", "preferences"];
    let mut before = Vec::new();
    for path in paths {
        let answer = client.get(&format!("/v1/{path}")).await;
        before.push((answer.header("etag").to_owned(), answer.text));
    }
    let app = app.restart().await;
    let again = app.anonymous().with_token(client.token());
    for (path, before) in paths.iter().zip(before) {
        let answer = again.get(&format!("/v1/{path}")).await;
        assert_eq!((answer.header("etag").to_owned(), answer.text), before, "{path}");
    }
    let next = create(&again, "/v1/opportunities", opportunity("beta")).await;
    assert!(next["rev"].as_i64() > again.get("/v1/contacts/anna").await.json()["rev"].as_i64());
}

/// Another device of the same account.
async fn device(client: &Client) -> Client {
    let body = json!({"email": "candidate@example.org", "password": "correct horse battery"});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.with_token(tokens["access_token"].as_str().unwrap())
}

#[actix_web::test]
async fn a_burst_from_eight_devices_is_all_there_each_under_a_revision_of_its_own() {
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        create(&client, "/v1/opportunities", opportunity("acme")).await;
        let mut burst = Vec::new();
        for phone in 0..8 {
            let device = device(&client).await;
            for n in 0..13 {
                let device = device.clone();
                let duty =
                    json!({"id": format!("{phone}-{n}"), "opportunity_id": "acme", "kind": "form"});
                // One of each device is wrong and must not disturb its neighbours.
                let broken = n == 6;
                let body =
                    if broken { with(duty, &json!({"opportunity_id": "none"})) } else { duty };
                burst.push((
                    broken,
                    actix_web::rt::spawn(async move { device.post("/v1/commitments", body).await }),
                ));
            }
        }
        let mut revs = BTreeSet::new();
        for (broken, answer) in burst {
            let answer = answer.await.unwrap();
            if broken {
                answer.expect_problem("validation_failed");
            } else {
                assert!(revs.insert(answer.expect(201)["rev"].as_i64().unwrap()));
            }
        }
        assert_eq!(revs.len(), 96);
        let page = client.get("/v1/commitments?limit=200").await.expect(200);
        let found: BTreeSet<&str> = each(&page, "id").into_iter().collect();
        let listed =
            page["items"].as_array().unwrap().iter().map(|item| item["rev"].as_i64().unwrap());
        assert!(found.len() == 96 && listed.eq(revs));
        let mut connection = database(&app);
        // Each of them, the settings and the opportunity; a creation has no history of its own.
        assert_eq!(connection.count("records"), 98);
        assert_eq!(connection.count("record_revs"), 0);
        assert_eq!(connection.count("account_sync WHERE live_records = 98"), 1);
    }
}

#[actix_web::test]
async fn simultaneous_patches_of_one_record_all_stay() {
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        create(&client, "/v1/opportunities", opportunity("acme")).await;
        let patches = [
            json!({"role": "Analyst"}),
            json!({"region": "US-NY"}),
            json!({"interest": "low"}),
            json!({"office": {"name": "HQ"}}),
            json!({"office": {"calendar": "US-FED"}}),
            json!({"tags": ["remote"]}),
            json!({"notes": "x"}),
            json!({"via_agency": true}),
        ];
        let running = patches.clone().map(|patch| {
            let client = client.clone();
            actix_web::rt::spawn(async move { client.patch("/v1/opportunities/acme", patch).await })
        });
        for answer in running {
            answer.await.unwrap().expect(200);
        }
        let record = client.get("/v1/opportunities/acme").await.expect(200);
        assert_eq!(
            (&record["office"]["name"], &record["office"]["calendar"]),
            (&json!("HQ"), &json!("US-FED"))
        );
        for (name, value) in patches.iter().flat_map(|patch| patch.as_object().unwrap()) {
            assert!(record[name] == *value || name == "office", "{name}");
        }
    }
}

#[actix_web::test]
async fn report_views_show_live_records_in_plain_columns() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let of = |extra: Value| with(json!({"opportunity_id": "acme"}), &extra);
    create(&client, "/v1/commitments", of(json!({"kind": "references"}))).await;
    create(&client, "/v1/replies", of(json!({"at": "2026-05-06T19:05:00Z", "kind": "on_hold"})))
        .await;
    create(&client, "/v1/offers", of(json!({"received_at": "2026-05-06T19:05:00Z"}))).await;
    create(&client, "/v1/supplements", of(json!({"title": "Certificate"}))).await;
    let sent = format!("/v1/follow-ups/{}/sent", plan["items"][0]["id"].as_str().unwrap());
    client.post(&sent, json!({})).await.expect(200);
    let mut connection = database(&app);
    for view in VIEWS {
        assert_eq!(connection.count(view), 1, "{view}");
    }
    let query = "SELECT employer || ', ' || kind || ', ' || sent_at AS line \
                 FROM follow_ups JOIN opportunities ON opportunities.id = opportunity_id";
    assert_eq!(connection.lines(query), ["Acme, thank_you, 2026-05-06T19:05:00Z"]);
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    for view in VIEWS {
        assert_eq!(connection.count(view), 0, "{view}");
    }
}

#[actix_web::test]
async fn a_full_account_takes_nothing_new_until_something_is_deleted() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let fill = "UPDATE account_sync SET live_records = 50000";
    database(&app).run(fill);
    let refused = client.post("/v1/opportunities", opportunity("gamma")).await;
    let problem = refused.expect_problem("limit_exceeded");
    assert!(problem["detail"].as_str().unwrap().contains("50000"), "{problem}");
    let put = client.put("/v1/opportunities/gamma", opportunity("gamma")).await;
    put.expect_problem("limit_exceeded");
    client.patch("/v1/opportunities/acme", json!({"role": "Analyst"})).await.expect(200);
    assert_eq!(client.delete("/v1/opportunities/beta").await.status, 204);
    create(&client, "/v1/opportunities", opportunity("gamma")).await;
}
