//! What candidates set: what they want to hear of, when, and where.

use crate::acts::client;
use crate::candidate::{Candidate, ZONES};
use chrono::NaiveTime;
use serde_json::json;

/// Switches some kinds off, or all on.
pub(crate) async fn mute(candidate: &mut Candidate, by: usize) {
    let kinds = ["thank_you", "follow_up", "log_debrief", "custom", "prep_close"];
    let mut muted = Vec::new();
    if candidate.muted.is_empty() {
        muted.push((*candidate.random.pick(&kinds)).to_owned());
    }
    let body = json!({"mute": muted});
    client(candidate, by).patch("/v1/preferences", body).await.expect(200);
    candidate.diary.push(format!("  {muted:?}"));
    candidate.muted = muted.into_iter().collect();
}

/// Other quiet hours.
pub(crate) async fn sleep_at_other_hours(candidate: &mut Candidate, by: usize) {
    let hours = [("21:30", "07:00"), ("00:30", "09:15"), ("13:00", "16:30"), ("22:00", "08:00")];
    let (from, to) = *candidate.random.pick(&hours);
    let body = json!({"quiet_from": from, "quiet_to": to});
    client(candidate, by).patch("/v1/preferences", body).await.expect(200);
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    candidate.quiet = (time(from), time(to));
}

/// The first device, a phone, finds itself somewhere.
pub(crate) async fn fly(candidate: &mut Candidate) {
    let zone = *candidate.random.pick(&ZONES);
    let report = json!({"time_zone": zone});
    client(candidate, 0).put("/v1/devices/me", report).await.expect(200);
    if candidate.devices[0].zone.as_deref() != Some(zone) {
        candidate.zone = zone.parse().unwrap();
        candidate.devices[0].zone = Some(zone.to_owned());
    }
}

/// The device schedules everything that it knows.
pub(crate) async fn schedule(candidate: &mut Candidate, by: usize) {
    let head = client(candidate, by).get("/v1/sync/head").await.expect(200)["head"].clone();
    let report = json!({"scheduled_through": head});
    client(candidate, by).put("/v1/devices/me", report).await.expect(200);
    candidate.devices[by].scheduled_through = head.as_i64().unwrap();
}
