//! The story of the source article as facts: an opportunity in New York, one interviewer, one
//! interview on Wednesday 6 May 2026 from 14:00 to 15:00.

use crate::Client;
use serde_json::json;

/// The records that the story begins with.
#[derive(Debug, Clone)]
pub struct Story {
    /// Id of the opportunity.
    pub opportunity: String,
    /// Id of the interviewer.
    pub anna: String,
    /// Id of the interview.
    pub interview: String,
}

/// Records opportunity, interviewer and interview under readable ids.
pub async fn record(client: &Client) -> Story {
    let office = json!({"time_zone": "America/New_York", "calendar": "US-FED"});
    let employer =
        json!({"id": "acme", "employer": "Acme", "role": "Data engineer", "office": office});
    let _ = client.post("/v1/opportunities", employer).await.expect(201);
    let anna = json!({"id": "anna", "opportunity_id": "acme", "name": "Anna Novak", "role": "hiring_manager"});
    let _ = client.post("/v1/contacts", anna).await.expect(201);
    let interview = json!({
        "id": "i1", "opportunity_id": "acme",
        "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
        "attendees": [{"contact_id": "anna"}],
    });
    let _ = client.post("/v1/interviews", interview).await.expect(201);
    Story { opportunity: "acme".to_owned(), anna: "anna".to_owned(), interview: "i1".to_owned() }
}

/// Logs the debrief: "by the end of the week".
pub async fn debrief(client: &Client, story: &Story) -> serde_json::Value {
    let debrief = json!({
        "next_step_owner": "them", "impression": 4,
        "promise": {"text": "by the end of the week", "promised_by": story.anna},
    });
    client.post(&format!("/v1/interviews/{}/debrief", story.interview), debrief).await.expect(200)
}
