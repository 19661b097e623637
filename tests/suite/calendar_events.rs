//! What stands in a calendar: interviews and follow-ups, their changes, their words, and what is kept back.
//! Zones are in `calendar_zones.rs`.

use crate::ical::{Component, calendar, feed, fetch, full};
use crate::support::{create, item, opportunity};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

async fn interview(client: &Client, change: Value) {
    client.patch("/v1/interviews/i1", change).await.expect(200);
}

/// An interview that is still to come, the only event of the feed at the path.
async fn upcoming(client: &Client, detail: &str) -> String {
    story::record(client).await;
    interview(
        client,
        json!({"starts_at": "2026-05-12T14:00:00Z", "ends_at": "2026-05-12T15:00:00Z"}),
    )
    .await;
    feed(client, json!({"detail": detail, "components": ["interviews"]})).await
}

#[actix_web::test]
async fn the_whole_text_of_a_calendar() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let next = json!({
        "id": "i2", "opportunity_id": "acme", "kind": "video", "round": 2,
        "attendees": [{"contact_id": "anna"}], "time_zone": "Europe/Berlin",
        "starts_at": "2026-06-02T13:00:00Z", "ends_at": "2026-06-02T14:00:00Z",
    });
    create(&anna, "/v1/interviews", next).await;
    let path = full(&anna).await;
    let text = fetch(&anna, &path).await.text;
    Component::read(&text);
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[actix_web::test]
async fn by_default_a_calendar_gives_nothing_away() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let call =
        json!({"opportunity_id": "acme", "title": "Ask Zoltan", "due_at": "2026-05-08T18:00:00Z"});
    create(&anna, "/v1/follow-ups", call).await;
    let path = feed(&anna, json!({})).await;
    let text = fetch(&anna, &path).await.text;
    let calendar = Component::read(&text);
    for event in calendar.all("VEVENT") {
        assert!(["Appointment", "Reminder"].contains(&event.get("SUMMARY").unwrap()));
        assert_eq!(event.get("CLASS"), Some("PRIVATE"));
        for name in ["DESCRIPTION", "LOCATION", "CATEGORIES", "URL", "ATTENDEE", "ORGANIZER"] {
            assert_eq!(event.get(name), None);
        }
    }
    let said = text.to_lowercase();
    for word in ["acme", "engineer", "anna", "novak", "zoltan", "interview", "thank", "job", "i1"] {
        // The names of events are digests, in which letters may happen to make a word.
        let lines = said.lines().filter(|line| !line.starts_with("uid:"));
        let line = lines.filter(|line| line.contains(word)).collect::<Vec<_>>();
        let ours = ["prodid:-//afterview//afterview//en", "version:2.0"];
        assert!(line.iter().all(|line| ours.contains(line)), "{word}: {line:?}");
    }
}

#[actix_web::test]
async fn an_interview_keeps_its_name_and_its_number_rises_when_it_moves_and_only_then() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let path = upcoming(&anna, "private").await;
    let first = calendar(&anna, &path).await.event().clone();
    assert_eq!(first.get("DTSTART"), Some("20260512T100000"));
    interview(&anna, json!({"notes": "Bring the portfolio"})).await;
    let noted = calendar(&anna, &path).await.event().clone();
    assert_eq!(noted.sequence(), first.sequence());
    let mut last = first.clone();
    for change in [
        json!({"starts_at": "2026-05-12T14:30:00Z"}),
        json!({"ends_at": "2026-05-12T16:00:00Z"}),
        json!({"status": "cancelled_them"}),
        json!({"status": "scheduled"}),
        json!({"starts_at": "2026-05-12T14:00:00Z", "ends_at": "2026-05-12T15:00:00Z"}),
    ] {
        app.clock.advance(chrono::TimeDelta::seconds(1));
        interview(&anna, change.clone()).await;
        let now = calendar(&anna, &path).await.event().clone();
        assert_eq!(now.get("UID"), first.get("UID"));
        assert!(now.sequence() > last.sequence(), "{change}");
        assert!(now.get("LAST-MODIFIED") > last.get("LAST-MODIFIED"), "{change}");
        assert_eq!(now.get("CREATED"), first.get("CREATED"));
        last = now;
    }
    // Deleted it is gone, and it comes back under its name with a higher number.
    anna.delete("/v1/interviews/i1").await;
    assert!(calendar(&anna, &path).await.all("VEVENT").is_empty());
    let again = json!({
        "id": "i1", "opportunity_id": "acme",
        "starts_at": "2026-05-12T14:00:00Z", "ends_at": "2026-05-12T15:00:00Z",
    });
    anna.put("/v1/interviews/i1", again).await.expect(201);
    let now = calendar(&anna, &path).await.event().clone();
    assert_eq!(now.get("UID"), first.get("UID"));
    assert!(now.sequence() > last.sequence());
}

#[actix_web::test]
async fn what_was_called_off_stays_as_called_off_and_rings_no_more() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let path = upcoming(&anna, "full").await;
    let planned = calendar(&anna, &path).await.event().clone();
    assert_eq!((planned.get("STATUS"), planned.get("TRANSP")), (Some("CONFIRMED"), Some("OPAQUE")));
    assert_eq!(planned.triggers(), ["-P1D", "-PT1H"]);
    assert!(planned.get("DESCRIPTION").unwrap().contains("When will I hear?"));
    for status in ["cancelled_them", "cancelled_me", "rescheduled"] {
        interview(&anna, json!({ "status": status })).await;
        let off = calendar(&anna, &path).await.event().clone();
        assert_eq!(
            (off.get("STATUS"), off.get("TRANSP")),
            (Some("CANCELLED"), Some("TRANSPARENT"))
        );
        assert_eq!(off.triggers(), [""; 0]);
        assert_eq!(off.get("UID"), planned.get("UID"));
    }
}

#[actix_web::test]
async fn a_follow_up_stands_where_the_agenda_puts_it_and_rings_when_the_plan_says() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let path = full(&anna).await;
    let agenda = anna.get("/v1/agenda").await.expect(200);
    let asked = item(&agenda, "follow_up");
    assert_eq!(asked["do_at"], "2026-05-12T14:00:00Z");
    let event = calendar(&anna, &path).await.titled("Ask where things stand").clone();
    assert_eq!(event.get("DTSTART"), Some("20260512T100000"));
    assert_eq!(event.get("SUMMARY"), Some("Ask where things stand (Acme)"));
    assert_eq!(
        (event.get("STATUS"), event.get("TRANSP")),
        (Some("TENTATIVE"), Some("TRANSPARENT"))
    );
    let [trigger] = event.triggers()[..] else { panic!("{event:?}") };
    let remind_at = asked["remind_at"].as_str().unwrap().replace(['-', ':'], "");
    assert_eq!(trigger, remind_at);
    // A new promise moves it.
    let promise = json!({"opportunity_id": "acme", "text": "by 20 May"});
    create(&anna, "/v1/expectations", promise).await;
    let agenda = anna.get("/v1/agenda").await.expect(200);
    let moved = calendar(&anna, &path).await.titled("Ask where things stand").clone();
    let do_at = item(&agenda, "follow_up")["do_at"].as_str().unwrap().to_owned();
    assert!(do_at.as_str() > "2026-05-20", "{do_at}");
    assert_ne!(moved.get("DTSTART"), event.get("DTSTART"));
    assert_eq!(moved.get("UID"), event.get("UID"));
    assert!(moved.sequence() > event.sequence());
    // Skipped, it is gone.
    let id = item(&agenda, "follow_up")["id"].as_str().unwrap().to_owned();
    anna.post(&format!("/v1/follow-ups/{id}/skip"), json!({})).await.expect(200);
    let text = fetch(&anna, &path).await.text;
    assert!(!text.contains("Ask where things stand"));
}

#[actix_web::test]
async fn what_another_opportunity_does_changes_no_number_here() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let path = full(&anna).await;
    let before = fetch(&anna, &path).await.text;
    create(&anna, "/v1/opportunities", opportunity("other")).await;
    assert_eq!(fetch(&anna, &path).await.text, before);
}

#[actix_web::test]
async fn what_was_not_done_moves_to_the_next_morning_once_a_day_and_silently() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let path = full(&anna).await;
    let mut last = calendar(&anna, &path).await.titled("Thank Anna").clone();
    assert_eq!(last.triggers().len(), 1);
    let mut seen = Vec::new();
    // New York, 4 hours behind: within hours, after them, at night, within hours of the next day.
    for now in [
        "2026-05-07T15:00:00Z",
        "2026-05-07T19:00:00Z",
        "2026-05-07T22:00:00Z",
        "2026-05-08T06:00:00Z",
        "2026-05-08T13:00:00Z",
        "2026-05-08T20:00:00Z",
        "2026-05-08T22:00:00Z",
    ] {
        app.clock.set(now);
        let first = fetch(&anna, &path).await;
        let event = Component::read(&first.text).titled("Thank Anna").clone();
        assert_eq!(event.get("UID"), last.get("UID"));
        assert_eq!(event.triggers(), [""; 0], "{now}");
        let moved = event.get("DTSTART") != last.get("DTSTART");
        assert!(event.sequence() >= last.sequence() + i64::from(moved), "{now}");
        seen.push(event.get("DTSTART").unwrap().to_owned());
        last = event;
    }
    let expected = [
        "20260507T090000",
        "20260507T090000",
        "20260508T083000",
        "20260508T083000",
        "20260508T083000",
        "20260508T083000",
        "20260511T083000",
    ];
    assert_eq!(seen, expected);
}

#[actix_web::test]
async fn nothing_that_somebody_typed_breaks_out_of_its_line() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    let hostile = "A\\n;,\r\nEND:VEVENT\r\nEND:VCALENDAR\u{2028}\u{7}\u{85}BEGIN:VALARM";
    let emoji = format!("{}🎉🎉🎉", "x".repeat(49));
    let office = json!({"name": "X\r\nATTENDEE:mailto:eve@example.org", "time_zone": "UTC"});
    let change = json!({"employer": hostile, "role": emoji, "office": office});
    anna.patch("/v1/opportunities/acme", change).await.expect(200);
    anna.patch("/v1/contacts/anna", json!({"name": "Eve\nDTSTART:19700101"})).await.expect(200);
    let path = feed(&anna, json!({"detail": "full", "name": "Mine\r\nMETHOD:PUBLISH"})).await;
    let calendar = calendar(&anna, &path).await;
    assert_eq!(calendar.get("NAME"), Some("Mine\\nMETHOD:PUBLISH"));
    assert_eq!(calendar.get("METHOD"), None);
    let event = calendar.titled("Interview:");
    let title = format!(
        "Interview: A\\\\n\\;\\,\\nEND:VEVENT\\nEND:VCALENDAR\\n\\nBEGIN:VALARM\\, {emoji}"
    );
    assert_eq!(event.get("SUMMARY"), Some(title.as_str()));
    assert_eq!(event.get("LOCATION"), Some("X\\nATTENDEE:mailto:eve@example.org"));
    assert_eq!(event.get("ATTENDEE"), None);
    assert!(event.get("DESCRIPTION").unwrap().contains("Eve\\nDTSTART:19700101"));
}

#[actix_web::test]
async fn who_wants_no_alarms_or_only_one_kind_of_events_has_no_others() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let silent = feed(&anna, json!({"alarms": false})).await;
    assert!(!fetch(&anna, &silent).await.text.contains("VALARM"));
    for (component, titles) in [("interviews", "Appointment"), ("follow_ups", "Reminder")] {
        let path = feed(&anna, json!({ "components": [component] })).await;
        let calendar = calendar(&anna, &path).await;
        let events = calendar.all("VEVENT");
        assert!(!events.is_empty());
        assert!(events.iter().all(|event| event.get("SUMMARY") == Some(titles)));
    }
}

#[actix_web::test]
async fn interviews_of_long_ago_and_of_a_far_future_are_left_out() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    for (id, day) in [
        ("old", "2025-05-04"),
        ("kept", "2025-05-07"),
        ("soon", "2028-05-05"),
        ("far", "2028-05-09"),
    ] {
        let body = json!({
            "id": id, "opportunity_id": "acme",
            "starts_at": format!("{day}T18:00:00Z"), "ends_at": format!("{day}T19:00:00Z"),
        });
        create(&anna, "/v1/interviews", body).await;
    }
    let path = feed(&anna, json!({"components": ["interviews"]})).await;
    let days = async || {
        let calendar = calendar(&anna, &path).await;
        let events = calendar.all("VEVENT").into_iter();
        events.map(|event| event.get("DTSTART").unwrap()[..8].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(days().await, ["20250507", "20280505"]);
    app.clock.set("2026-05-10T00:00:00Z");
    assert_eq!(days().await, ["20280505", "20280509"]);
}
