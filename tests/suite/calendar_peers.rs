//! Our calendars before what others wrote: Python's `icalendar` and JavaScript's `ical.js` say when things
//! happen and when they ring, and the records say the same.

use crate::calendar_zones::{MOMENTS, record};
use crate::ical::{fetch, full};
use crate::support::create;
use afterview_tests::{Client, TestApp, story, tool};
use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// The programs that read calendars; `None` for one that is not there.
fn readers() -> Vec<Option<Command>> {
    let python = tool("AFTERVIEW_PYTHON").map(|python| {
        let mut reader = Command::new(python);
        reader.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/calendar/peer.py"));
        reader
    });
    let node = tool("AFTERVIEW_NODE_CALENDAR").map(|folder| {
        let mut reader = Command::new("node");
        reader.args([concat!(env!("CARGO_MANIFEST_DIR"), "/calendar/peer.mjs"), folder.as_str()]);
        reader
    });
    vec![python, node]
}

/// What each of them reads in `text`.
async fn read(text: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for mut reader in readers().into_iter().flatten() {
        let text = text.to_owned();
        let reading = move || {
            let piped = reader.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut running = piped.spawn().unwrap();
            running.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            running.wait_with_output().unwrap()
        };
        let output = actix_web::rt::task::spawn_blocking(reading).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        answers.push(serde_json::from_slice(&output.stdout).unwrap());
    }
    answers
}

/// The same calendar for whom its zones are nothing but what it says of them itself.
fn with_strange_zones(text: &str) -> String {
    text.replace("TZID=", "TZID=Strange-").replace("TZID:", "TZID:Strange-")
}

fn at(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// When an interview rings: at the same time on the wall the day before, and an hour before.
fn rings(interview: &Value) -> Value {
    if interview["status"] != "scheduled" {
        return json!([]);
    }
    let zone: Tz = interview["time_zone"].as_str().unwrap_or("America/New_York").parse().unwrap();
    let starts_at = at(&interview["starts_at"]);
    let day_before = starts_at.with_timezone(&zone).checked_sub_days(Days::new(1)).unwrap();
    let hour_before = starts_at - TimeDelta::hours(1);
    json!([written(day_before.to_utc()), written(hour_before)])
}

/// The interviews and the agenda as the interface tells them: start, end, moments of ringing, in order.
async fn told(client: &Client) -> Vec<Value> {
    let interviews = client.get("/v1/interviews?limit=200").await.expect(200);
    let interviews = interviews["items"].as_array().unwrap().iter();
    let mut all: Vec<Value> =
        interviews.map(|it| json!([it["starts_at"], it["ends_at"], rings(it)])).collect();
    let agenda = client.get("/v1/agenda").await.expect(200);
    for item in agenda["items"].as_array().unwrap().iter().filter(|it| it["do_at"].is_string()) {
        let ends_at = written(at(&item["do_at"]) + TimeDelta::minutes(15));
        let remind_at: Vec<&Value> = item.get("remind_at").into_iter().collect();
        all.push(json!([item["do_at"], ends_at, remind_at]));
    }
    all.sort_by_key(Value::to_string);
    all
}

/// The same, as a program has read it.
fn heard(answer: &Value) -> Vec<Value> {
    let events = answer["events"].as_array().unwrap().iter();
    let mut all: Vec<Value> =
        events.map(|it| json!([it["starts_at"], it["ends_at"], it["rings"]])).collect();
    all.sort_by_key(Value::to_string);
    all
}

#[actix_web::test]
async fn others_read_the_same_moments_on_both_sides_of_every_change_of_the_clock() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    // Before the first of them, so that all are still to come.
    app.clock.set("2026-02-01T12:00:00Z");
    let mut anna = anna;
    let login = json!({"email": "anna@example.org", "password": "correct horse battery"});
    anna.sign_in_with(&anna.post("/v1/auth/login", login).await.expect(200));
    record(&anna).await;
    let text = fetch(&anna, &full(&anna).await).await.text;
    let expected = told(&anna).await;
    assert!(expected.len() > MOMENTS.len(), "{expected:?}");
    for text in [text.clone(), with_strange_zones(&text)] {
        for answer in read(&text).await {
            assert_eq!(heard(&answer), expected);
        }
    }
}

#[actix_web::test]
async fn others_read_the_story_with_its_follow_ups_and_its_hostile_words() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let employer = "Acme; \\n, \"AG\"\nEND:VEVENT\r\nünï🎉";
    let role = "🎉".repeat(40);
    let change = json!({"employer": employer, "role": role});
    anna.patch("/v1/opportunities/acme", change).await.expect(200);
    let off = json!({
        "id": "i2", "opportunity_id": "acme", "status": "cancelled_them",
        "starts_at": "2026-06-02T13:00:00Z", "ends_at": "2026-06-02T14:00:00Z",
    });
    create(&anna, "/v1/interviews", off).await;
    let text = fetch(&anna, &full(&anna).await).await.text;
    let expected = told(&anna).await;
    for answer in read(&text).await {
        assert_eq!(heard(&answer), expected);
        let events = answer["events"].as_array().unwrap();
        let title = format!("Interview: {}, {role}", employer.replace("\r\n", "\n"));
        let named: Vec<&Value> = events.iter().filter(|it| it["summary"] == title).collect();
        assert_eq!(named.len(), 2, "{events:#?}");
        let statuses = named.iter().map(|it| it["status"].as_str().unwrap());
        assert!(statuses.into_iter().any(|status| status == "CANCELLED"));
    }
}
