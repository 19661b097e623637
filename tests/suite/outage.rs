//! Firebase is out of reach for six hours: nobody keeps asking it, and afterwards everything that is still
//! of use comes once, while the rest is listed.

use crate::phone::another;
use afterview_domain::clock::format_instant;
use afterview_tests::firebase::{Answer, FirebaseDouble, Gate};
use afterview_tests::{Client, TestApp, at};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeMap;

/// How many candidates have an interview at the same time.
const CANDIDATES: usize = 8;

/// Half an hour before the reminders of the first kind are due, at half past nine in New York.
const BEGIN: &str = "2026-05-07T13:00:00Z";

/// The reminders before the interviews are due, and of no use an hour later.
const INTERVIEW: &str = "2026-05-07T14:30:00Z";

/// As long as the breaker stays open, so that each step sees one message that goes to look.
const STEP: TimeDelta = TimeDelta::seconds(30);

struct Outage {
    app: TestApp,
    firebase: FirebaseDouble,
    clients: Vec<Client>,
    /// In how many steps something was sent, and the most in one of them.
    asked: Vec<u32>,
}

impl Outage {
    async fn begin(app: TestApp, firebase: FirebaseDouble) -> Self {
        let mut clients = Vec::new();
        for n in 0..CANDIDATES {
            let client = app.user(&candidate(n)).await;
            register(&client, &format!("phone-{n}")).await;
            let job = json!({"id": "acme", "employer": "Acme", "role": "Data engineer"});
            client.post("/v1/opportunities", job).await.expect(201);
            let interview = json!({
                "id": "i1", "opportunity_id": "acme",
                "starts_at": INTERVIEW, "ends_at": "2026-05-07T15:30:00Z",
            });
            client.post("/v1/interviews", interview).await.expect(201);
            clients.push(client);
        }
        // What is not meant here has come by then: a day ahead of the interviews.
        app.let_time_pass_until(BEGIN).await;
        Self { app, firebase, clients, asked: Vec::new() }
    }

    /// Lets time pass in steps.
    async fn until(&mut self, end: &str) {
        let mut now = self.app.clock.get();
        while now < at(end) {
            now += STEP;
            self.app.let_time_pass_until(&format_instant(now)).await;
            let made = format!(
                "deliveries WHERE outcome = 'waiting' AND attempted_at = {}",
                now.timestamp_millis()
            );
            self.asked.push(self.app.databases().count(&made));
        }
    }

    /// What arrived: how often each reminder on each device.
    fn arrived(&self) -> BTreeMap<String, usize> {
        let mut arrived = BTreeMap::new();
        for message in self.firebase.messages().iter().filter(|message| message.taken) {
            let message = &message.message;
            if message["data"]["type"] == "reminder" {
                let name = format!("{} {}", message["fid"], message["data"]["occurrence"]);
                *arrived.entry(name).or_default() += 1;
            }
        }
        arrived
    }
}

fn candidate(n: usize) -> String {
    if n == 0 { "candidate".to_owned() } else { format!("candidate-{n}") }
}

async fn register(client: &Client, value: &str) {
    let push = json!({"push": {"kind": "fcm_fid", "value": value}});
    client.put("/v1/devices/me", push).await.expect(200);
}

/// What became of the reminders before and after the interview, each outcome once, from all pages.
async fn outcomes(client: &mut Client) -> Vec<String> {
    client.refresh().await;
    let (mut all, mut path) = (Vec::new(), "/v1/notifications?limit=200".to_owned());
    loop {
        let page = client.get(&path).await.expect(200);
        for item in page["items"].as_array().unwrap() {
            let [kind, outcome, at] =
                ["kind", "outcome", "attempted_at"].map(|name| item[name].as_str().unwrap());
            if outcome != "waiting" && at > BEGIN {
                all.push(format!("{kind} {outcome}"));
            }
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/notifications?limit=200&cursor={next}");
    }
    all.sort();
    all
}

async fn live_through(app: TestApp, firebase: FirebaseDouble) {
    let mut outage = Outage::begin(app, firebase).await;
    let tablet = another(&outage.clients[0]).await;
    register(&tablet, "tablet-0").await;
    let before = outage.arrived();

    // First no answer comes in time, then only refusals, then nobody is there.
    let gate = Gate::default();
    outage.firebase.answer_everything(Answer::error(503, &json!({})).behind(&gate));
    outage.until("2026-05-07T13:30:00Z").await;
    gate.open();
    outage.firebase.answer_everything(Answer::error(503, &json!({})));
    outage.until("2026-05-07T16:00:00Z").await;
    outage.firebase.hang_up().await;
    outage.until("2026-05-07T19:00:00Z").await;
    assert_eq!(outage.arrived(), before);
    let burst = outage.asked.iter().position(|asked| *asked > 0).unwrap();
    let (first, later) = outage.asked[burst..].split_first().unwrap();
    assert!(*first >= 5, "the breaker had a reason: {first}");
    assert!(later.iter().all(|asked| *asked <= 1), "it stayed open: {later:?}");
    assert!(later.contains(&1), "somebody went to look");
    let asked = outage.asked.iter().sum::<u32>();
    println!("{asked} messages in six hours, {first} of them at once");

    outage.firebase.listen_again().await;
    outage.until("2026-05-07T19:20:00Z").await;
    let mut arrived = outage.arrived();
    arrived.retain(|name, _| !before.contains_key(name));
    assert_eq!(arrived.len(), CANDIDATES + 1, "{arrived:?}");
    let once = |(name, times): (&String, &usize)| name.contains("15:45:00Z") && *times == 1;
    assert!(arrived.iter().all(once), "{arrived:?}");
    for (n, client) in outage.clients.iter_mut().enumerate() {
        let mut expected = vec!["log_debrief delivered"; 1 + usize::from(n == 0)];
        expected.push("prep_close expired");
        assert_eq!(outcomes(client).await, expected);
    }
    outage.until("2026-05-07T20:30:00Z").await;
    assert_eq!(outage.arrived().len(), before.len() + CANDIDATES + 1, "and nothing more");
    assert_eq!(outage.firebase.faults(), [""; 0]);
}

#[actix_web::test]
async fn after_six_hours_without_firebase_what_is_of_use_comes_once_and_the_rest_is_listed() {
    let apps = TestApp::each_with_firebase().await;
    // Side by side: a message without an answer takes ten seconds by every clock.
    join_all(apps.into_iter().map(|(app, firebase)| live_through(app, firebase))).await;
}
