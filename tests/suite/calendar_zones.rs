//! Interviews around changes of the clock, on both sides of the equator: what the wall shows, and the zone
//! that comes with it. Programs of others read the same in `calendar_peers.rs`.

use crate::ical::{Component, calendar, feed};
use crate::support::{create, opportunity};
use afterview_tests::{Client, TestApp};
use serde_json::json;

/// Zone, start in UTC, and what a clock on the wall shows then.
pub(crate) const MOMENTS: [(&str, &str, &str); 14] = [
    ("Europe/Berlin", "2026-03-28T09:00:00Z", "20260328T100000"),
    ("Europe/Berlin", "2026-03-29T09:00:00Z", "20260329T110000"),
    ("Europe/Berlin", "2026-10-24T08:00:00Z", "20261024T100000"),
    ("Europe/Berlin", "2026-10-25T09:00:00Z", "20261025T100000"),
    ("America/New_York", "2027-03-13T15:00:00Z", "20270313T100000"),
    ("America/New_York", "2027-03-14T14:00:00Z", "20270314T100000"),
    ("America/New_York", "2026-10-31T14:00:00Z", "20261031T100000"),
    ("America/New_York", "2026-11-01T15:00:00Z", "20261101T100000"),
    ("Australia/Sydney", "2026-10-02T23:30:00Z", "20261003T093000"),
    ("Australia/Sydney", "2026-10-03T22:30:00Z", "20261004T093000"),
    ("Australia/Sydney", "2027-04-02T22:30:00Z", "20270403T093000"),
    ("Australia/Sydney", "2027-04-03T23:30:00Z", "20270404T093000"),
    ("Asia/Kathmandu", "2026-07-01T04:15:00Z", "20260701T100000"),
    ("Australia/Lord_Howe", "2026-10-03T23:00:00Z", "20261004T100000"),
];

/// Every moment as an interview of an hour; their names say which.
pub(crate) async fn record(client: &Client) {
    create(client, "/v1/opportunities", opportunity("acme")).await;
    for (number, (zone, starts_at, _)) in MOMENTS.iter().enumerate() {
        let hour: u32 = starts_at[11..13].parse().unwrap();
        let ends_at = if hour == 23 {
            format!("{}T23:59:00Z", &starts_at[..10])
        } else {
            format!("{}{:02}{}", &starts_at[..11], hour + 1, &starts_at[13..])
        };
        let body = json!({
            "id": format!("i{number}"), "opportunity_id": "acme", "time_zone": zone,
            "starts_at": starts_at, "ends_at": ends_at, "round": number + 1,
        });
        create(client, "/v1/interviews", body).await;
    }
}

/// The offset in seconds that the component of a zone gives for a time on the wall.
fn offset(zone: &Component, civil: &str) -> i64 {
    let observances = zone.inner.iter();
    let begun = observances.filter(|one| one.get("DTSTART").unwrap() <= civil);
    let last = begun.max_by_key(|one| one.get("DTSTART").unwrap().to_owned()).unwrap();
    let text = last.get("TZOFFSETTO").unwrap();
    let number = |at: std::ops::Range<usize>| text[at].parse::<i64>().unwrap();
    let size = number(1..3) * 3_600 + number(3..5) * 60;
    if text.starts_with('-') { -size } else { size }
}

#[actix_web::test]
async fn an_interview_stands_at_the_time_on_the_wall_on_both_sides_of_a_change() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    record(&anna).await;
    let path = feed(&anna, json!({"detail": "full", "components": ["interviews"]})).await;
    let calendar = calendar(&anna, &path).await;
    assert_eq!(calendar.all("VTIMEZONE").len(), 5);
    for (number, (zone, starts_at, wall)) in MOMENTS.iter().enumerate() {
        let words = format!("Round {}.", number + 1);
        let events = calendar.all("VEVENT").into_iter();
        let is_it = |it: &&Component| it.get("DESCRIPTION").is_some_and(|t| t.starts_with(&words));
        let event = events.filter(is_it).collect::<Vec<_>>()[0];
        let parameter = format!("DTSTART;TZID={zone}");
        assert!(event.properties.contains(&(parameter, (*wall).to_owned())), "{event:?}");
        // The zone as it is written leads back to the moment.
        let zones = calendar.all("VTIMEZONE").into_iter();
        let described = zones.filter(|it| it.get("TZID") == Some(zone)).collect::<Vec<_>>()[0];
        let civil = chrono::NaiveDateTime::parse_from_str(wall, "%Y%m%dT%H%M%S").unwrap();
        let utc = civil - chrono::TimeDelta::seconds(offset(described, wall));
        assert_eq!(utc.format("%Y-%m-%dT%H:%M:%SZ").to_string(), *starts_at);
    }
}

#[actix_web::test]
async fn the_second_of_two_equal_hours_is_told_without_a_doubt() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let body = json!({
        "id": "night", "opportunity_id": "acme", "time_zone": "Europe/Berlin",
        "starts_at": "2026-10-25T01:30:00Z", "ends_at": "2026-10-25T02:30:00Z",
    });
    create(&anna, "/v1/interviews", body).await;
    let path = feed(&anna, json!({"components": ["interviews"]})).await;
    let event = calendar(&anna, &path).await.event().clone();
    let moment = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert!(event.properties.contains(&moment("DTSTART", "20261025T013000Z")));
    assert!(event.properties.contains(&moment("DTEND", "20261025T023000Z")));
}

#[actix_web::test]
async fn without_a_zone_of_its_own_an_interview_stands_in_that_of_the_office_else_of_the_candidate()
{
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let body = json!({
        "id": "i1", "opportunity_id": "acme",
        "starts_at": "2026-06-01T14:00:00Z", "ends_at": "2026-06-01T15:00:00Z",
    });
    create(&anna, "/v1/interviews", body).await;
    let path = feed(&anna, json!({"components": ["interviews"]})).await;
    let start = async || {
        let event = calendar(&anna, &path).await.event().clone();
        let named = |(name, _): &&(String, String)| name.starts_with("DTSTART");
        event.properties.iter().find(named).unwrap().clone()
    };
    let expected = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(start().await, expected("DTSTART;TZID=America/New_York", "20260601T100000"));
    for (zone, moment) in [
        ("Asia/Tokyo", expected("DTSTART;TZID=Asia/Tokyo", "20260601T230000")),
        ("UTC", expected("DTSTART", "20260601T140000Z")),
    ] {
        let office = json!({"office": {"time_zone": zone}});
        anna.patch("/v1/opportunities/acme", office).await.expect(200);
        assert_eq!(start().await, moment);
    }
}
