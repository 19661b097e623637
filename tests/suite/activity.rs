//! The report of what was done: every kind of thing, in the candidate's days, as JSON and as a table.

use crate::support::{create, each, with};
use afterview_tests::{Answer, Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

const REPORT: &str = "/v1/reports/activity";

/// A fortnight in which everything happens.
async fn live(app: &TestApp, client: &mut Client) {
    let facts = story::record(client).await;
    let plan = story::debrief(client, &facts).await;
    let thanks = plan["items"][0]["id"].as_str().unwrap();
    app.clock.set("2026-05-07T13:00:00Z");
    client.refresh().await;
    client.post(&format!("/v1/follow-ups/{thanks}/sent"), json!({})).await.expect(200);
    let acme = json!({"opportunity_id": "acme"});
    for (path, body) in [
        (
            "commitments",
            json!({"id": "c1", "kind": "references", "status": "fulfilled", "fulfilled_at": "2026-05-07T12:00:00Z"}),
        ),
        (
            "replies",
            json!({"id": "r1", "at": "2026-05-07T12:30:00Z", "from": "anna", "kind": "request", "text": "References?"}),
        ),
        ("offers", json!({"id": "o1", "received_at": "2026-05-07T12:45:00Z"})),
        (
            "interviews",
            json!({"id": "i2", "starts_at": "2026-05-20T12:00:00Z", "ends_at": "2026-05-20T13:00:00Z"}),
        ),
        (
            "interviews",
            json!({"id": "i3", "starts_at": "2026-05-21T12:00:00Z", "ends_at": "2026-05-21T13:00:00Z"}),
        ),
    ] {
        create(client, &format!("/v1/{path}"), with(body, &acme)).await;
    }
    app.clock.set("2026-05-07T13:10:00Z");
    client.patch("/v1/interviews/i3", json!({"status": "cancelled_them"})).await.expect(200);
    client.patch("/v1/opportunities/acme", json!({"closed": "withdrawn"})).await.expect(200);
}

async fn report(client: &Client, query: &str) -> Value {
    client.get(&format!("{REPORT}?{query}")).await.expect(200)
}

async fn as_csv(client: &Client, query: &str) -> Answer {
    let answer = client.get(&format!("{REPORT}?format=csv&{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[actix_web::test]
async fn everything_that_happened_is_a_row_and_nothing_that_is_only_planned() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    live(&app, &mut anna).await;
    let made = report(&anna, "from=2026-05-01&to=2026-05-31").await;
    assert_eq!((&made["from"], &made["to"]), (&json!("2026-05-01"), &json!("2026-05-31")));
    assert_eq!(made["time_zone"], "America/New_York");
    let items = made["items"].as_array().unwrap();
    let told: Vec<String> = items
        .iter()
        .map(|it| {
            let names = ["at", "kind", "what", "contact", "channel", "outcome"];
            names.map(|name| it[name].as_str().unwrap_or("-")).join(" ")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(items.iter().all(|it| it["employer"] == "Acme" && it["opportunity_id"] == "acme"));
    // Without a period: the last thirty days.
    let lately = report(&anna, "").await;
    assert_eq!((&lately["from"], &lately["to"]), (&json!("2026-04-07"), &json!("2026-05-07")));
    assert_eq!(lately["items"], made["items"]);
}

#[actix_web::test]
async fn days_are_those_of_the_candidate() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    // 23:30 on the 4th in New York.
    let reply = json!({"id": "r1", "opportunity_id": "acme", "at": "2026-05-05T03:30:00Z", "kind": "reply_info"});
    create(&anna, "/v1/replies", reply).await;
    let day = report(&anna, "from=2026-05-04&to=2026-05-04").await;
    assert_eq!(each(&day, "date"), ["2026-05-04"]);
    assert_eq!(each(&report(&anna, "from=2026-05-05&to=2026-05-05").await, "date"), [""; 0]);
    anna.patch("/v1/preferences", json!({"time_zone": "Europe/Prague"})).await.expect(200);
    let day = report(&anna, "from=2026-05-05&to=2026-05-05").await;
    assert_eq!(each(&day, "date"), ["2026-05-05"]);
}

#[actix_web::test]
async fn the_table_is_the_report_line_by_line() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    live(&app, &mut anna).await;
    let answer = as_csv(&anna, "from=2026-05-06&to=2026-05-07").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"activity-2026-05-06-2026-05-07.csv\"";
    assert_eq!(answer.header("content-disposition"), name);
    insta::assert_snapshot!(answer.text.replace("\r\n", "\n"));
    assert_eq!(answer.text.matches('\n').count(), answer.text.matches("\r\n").count());
    let path = format!("{REPORT}?from=2026-05-06&to=2026-05-07");
    let asked = anna.send(Method::GET, &path, &[("accept", "text/csv;q=0.9")], None).await;
    assert_eq!((asked.header("vary").contains("accept"), &asked.text), (true, &answer.text));
    let json = anna.send(Method::GET, &path, &[("accept", "application/json")], None).await;
    assert_eq!(json.header("content-type"), "application/json");
}

#[actix_web::test]
async fn no_text_becomes_a_formula_or_another_cell() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    for (employer, cell) in [
        ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("A, \"B\"\nC", "\"A, \"\"B\"\"\nC\""),
        ("'quoted'", "'quoted'"),
        ("a=1", "a=1"),
    ] {
        let change = json!({ "employer": employer });
        anna.patch("/v1/opportunities/acme", change).await.expect(200);
        let table = as_csv(&anna, "").await.text;
        assert!(table.contains(&format!(",{cell},Data engineer,")), "{employer:?}: {table}");
        assert_eq!(report(&anna, "").await["items"][0]["employer"], employer);
    }
}

#[actix_web::test]
async fn a_period_is_two_days_in_order_at_most_a_year_apart() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    for (query, code) in [
        ("from=2026-13-01", "invalid_parameter"),
        ("from=1.5.2026", "invalid_parameter"),
        ("to=2026-05-06T00:00:00Z", "invalid_parameter"),
        ("to=", "invalid_parameter"),
        ("from=2026-05-07&to=2026-05-06", "invalid_parameter"),
        ("from=2025-05-01&to=2026-05-02", "limit_exceeded"),
        ("format=xml", "invalid_parameter"),
        ("since=2026-05-06", "invalid_parameter"),
    ] {
        anna.get(&format!("{REPORT}?{query}")).await.expect_problem(code);
    }
    let year = report(&anna, "from=2025-05-01&to=2026-05-01").await;
    assert_eq!(year["items"], json!([]));
    let day = report(&anna, "from=2026-05-06&to=2026-05-06").await;
    assert_eq!(day["items"], json!([]));
}

#[actix_web::test]
async fn a_report_tells_nothing_of_others_and_nothing_that_was_deleted() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    story::record(&alice).await;
    assert_eq!(report(&bob, "").await["items"], json!([]));
    assert!(!each(&report(&alice, "").await, "kind").is_empty());
    assert_eq!(alice.delete("/v1/opportunities/acme").await.status, 204);
    assert_eq!(report(&alice, "").await["items"], json!([]));
}
