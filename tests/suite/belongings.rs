//! One thing of every kind that has a name of its own, so that strangers can try to reach them.

use crate::operations::Operation;
use crate::phone::{ago, conflicts, mutation, push};
use crate::support::{create, opportunity, with};
use afterview_tests::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The least that a record of every collection needs, besides its name and its opportunity.
fn records() -> Vec<(&'static str, Value)> {
    let hour = json!({"starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z"});
    vec![
        ("contacts", json!({"name": "Anna", "role": "interviewer"})),
        ("interviews", hour),
        ("expectations", json!({"text": "tomorrow"})),
        ("commitments", json!({"kind": "references"})),
        ("replies", json!({"at": "2026-05-06T18:00:00Z", "kind": "on_hold"})),
        ("offers", json!({"received_at": "2026-05-06T18:00:00Z"})),
        ("supplements", json!({"title": "Certificate"})),
    ]
}

/// What an account has: what stands before the name of a thing in an address → its name.
pub(crate) struct Belongings(pub(crate) BTreeMap<String, String>);

impl Belongings {
    /// Makes one of each. Names that may be chosen begin with `prefix`. `device` is another device of the
    /// same account.
    pub(crate) async fn of(client: &Client, device: &Client, prefix: &str) -> Self {
        let id = |collection: &str| format!("{prefix}-{collection}");
        let owner = id("opportunities");
        let mut all = BTreeMap::from([("opportunities".to_owned(), owner.clone())]);
        create(client, "/v1/opportunities", opportunity(&owner)).await;
        for (collection, fields) in records() {
            let named = json!({"id": id(collection), "opportunity_id": owner});
            create(client, &format!("/v1/{collection}"), with(fields, &named)).await;
            all.insert(collection.to_owned(), id(collection));
        }
        let call =
            json!({"opportunity_id": owner, "title": "Call", "due_at": "2026-05-08T18:00:00Z"});
        let follow_up = create(client, "/v1/follow-ups", call).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        all.insert("follow-ups".to_owned(), text(&follow_up["id"]));
        all.insert("sync/conflicts".to_owned(), dispute(client, device, &owner).await);
        let token = json!({"name": "a program", "scopes": ["read"]});
        let token = create(client, "/v1/auth/tokens", token).await;
        all.insert("auth/tokens".to_owned(), text(&token["id"]));
        // A name that leads to this machine, which nothing is sent to.
        let webhook = json!({"url": format!("https://localhost:1/{prefix}")});
        let webhook = create(client, "/v1/webhooks", webhook).await;
        all.insert("webhooks".to_owned(), text(&webhook["id"]));
        let feed = create(client, "/v1/calendar-feeds", json!({})).await;
        all.insert("calendar-feeds".to_owned(), text(&feed["id"]));
        all.insert("auth/sessions".to_owned(), crate::device::caller(device).1);
        Self(all)
    }

    /// The addresses of an operation under which these things are, each with the name in it. None where it
    /// names nothing that belongs to anybody.
    pub(crate) fn addresses(&self, operation: &Operation) -> Vec<(String, String)> {
        let Some((before, _)) = operation.path.split_once("/{id}") else { return Vec::new() };
        let kind = before.strip_prefix("/v1/").unwrap();
        match kind {
            // What is the same for everybody.
            "rules" => Vec::new(),
            "records/{collection}" => {
                let no_records = |kind: &str| {
                    kind.contains('/') || ["webhooks", "calendar-feeds"].contains(&kind)
                };
                let known = self.0.iter().filter(|(kind, _)| !no_records(kind));
                let with = |(kind, id): (&String, &String)| {
                    let collection = kind.replace('-', "_");
                    let path = operation.path.replace("{collection}", &collection);
                    (path.replace("{id}", id), id.clone())
                };
                known.map(with).collect()
            }
            kind => {
                let id = self.0.get(kind).unwrap_or_else(|| panic!("make one of {kind}"));
                vec![(operation.address(id), id.clone())]
            }
        }
    }

    /// Names as long as these, that nobody has.
    pub(crate) fn made_up(id: &str) -> String {
        match id.split_once('-') {
            Some(("hers", rest)) => format!("none-{rest}"),
            _ => format!("{}000000000000", &id[..id.len() - 12]),
        }
    }
}

/// A conflict about the role: two devices changed it without knowing of each other.
async fn dispute(client: &Client, device: &Client, opportunity: &str) -> String {
    let record = format!("opportunities/{opportunity}");
    let base = client.get(&format!("/v1/{record}")).await.expect(200)["rev"].clone();
    for (device, role, age) in [(client, "Early", 60_000), (device, "Late", 0)] {
        let more = json!({"base": base, "set": {"role": role}});
        let mid = format!("{opportunity}-{role}");
        push(device, json!([ago(mutation(&mid, "patch", &record, more), age)])).await;
    }
    let all = conflicts(client).await;
    all.last().unwrap()["id"].as_str().unwrap().to_owned()
}

/// A body with which the operation would do what it is for.
pub(crate) fn body(operation: &Operation) -> Option<Value> {
    let name = operation.path.split('/').nth(2).unwrap();
    let fields = records().into_iter().find(|(collection, _)| *collection == name);
    match operation.id.as_str() {
        _ if !operation.has_body => None,
        "replaceOpportunity" => Some(json!({"employer": "Eve", "role": "Thief"})),
        id if id.starts_with("replace") => fields.map(|(_, fields)| fields),
        "snoozeFollowUp" => Some(json!({"until": "2026-05-09T18:00:00Z"})),
        "resolveConflict" => Some(json!({"take": "lost"})),
        "updateFollowUp" => Some(json!({"body": "x"})),
        "updateWebhook" => Some(json!({"description": "x"})),
        "updateCalendarFeed" => Some(json!({"name": "x"})),
        "checkTact" => Some(json!({"body": "Hello"})),
        id if id.starts_with("update") => Some(json!({"notes": "x"})),
        _ => Some(json!({})),
    }
}
