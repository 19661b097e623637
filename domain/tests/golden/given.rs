//! The facts of a golden plan, and how its short names map onto the product's records.

use crate::world::GoldenOffice;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::{CivilDate, Instant};
use afterview_domain::entities::{Opportunity, Preferences};
use afterview_domain::plan::{Offsets, Policy, Snapshot};
use afterview_domain::promise;
use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The facts of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    #[serde(default = "opp")]
    id: String,
    office: GoldenOffice,
    cand_tz: Option<String>,
    #[serde(default)]
    via_agency: bool,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    interviews: Vec<Interview>,
    #[serde(default)]
    expectations: Vec<Expectation>,
    #[serde(default)]
    commitments: Vec<Commitment>,
    #[serde(default)]
    touches: Vec<Touch>,
    #[serde(default)]
    inbound: Vec<Inbound>,
    #[serde(default)]
    offers_elsewhere: Vec<Offer>,
    #[serde(default)]
    supplements: Vec<String>,
    dnc: Option<String>,
    #[serde(default)]
    policy: Overrides,
    #[serde(default)]
    snooze: BTreeMap<String, Snooze>,
    /// A word or just `true`.
    closed: Option<Value>,
    #[serde(default)]
    others_pending: bool,
    region: Option<String>,
    employer_25_plus: Option<bool>,
    public_posting: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    id: String,
    #[serde(default = "yes")]
    email: bool,
    #[serde(default = "yes")]
    postal: bool,
    #[serde(default)]
    agency: bool,
    #[serde(default)]
    no_thanks: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interview {
    id: String,
    start: Instant,
    end: Instant,
    status: String,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    panel: bool,
    changed_at: Option<Instant>,
    scheduler: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    #[serde(default)]
    text: String,
    spoken_at: Instant,
    by: Option<CivilDate>,
    #[serde(default)]
    hedged: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commitment {
    id: String,
    kind: String,
    created_at: Instant,
    due: Option<CivilDate>,
    fulfilled_at: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Touch {
    kind: String,
    at: Instant,
    iv: Option<String>,
    to: Option<String>,
    n: Option<i64>,
    r#ref: Option<String>,
    key: Option<String>,
    channel: Option<String>,
    #[serde(default)]
    asked_timeline: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    at: Instant,
    kind: String,
    #[serde(default)]
    text: String,
    returns: Option<CivilDate>,
    deadline: Option<Instant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    id: String,
    received_at: Instant,
    deadline: Instant,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snooze {
    until: Instant,
    window_ideal: Instant,
}

/// The parts of the policy that cases change.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Overrides {
    thank_channel: Option<String>,
    max_unanswered: Option<i64>,
    mail_days: Option<i32>,
    hedge_slack: Option<i32>,
    ty_min: Option<i64>,
    ty_ideal: Option<i64>,
    ty_expire_bd: Option<i32>,
    stale_first: Option<i32>,
    stale_next: Option<i32>,
    closeout: Option<[i32; 3]>,
}

impl Overrides {
    fn policy(&self) -> Policy {
        let usual = Policy::default();
        let minutes = |given: Option<i64>, usual| given.map_or(usual, TimeDelta::minutes);
        let close_out = self.closeout.map(|[earliest_bd, ideal_bd, latest_bd]| Offsets {
            earliest_bd,
            ideal_bd,
            latest_bd,
        });
        Policy {
            post_transit_bd: self.mail_days.unwrap_or(usual.post_transit_bd),
            hedge_slack_bd: self.hedge_slack.unwrap_or(usual.hedge_slack_bd),
            thank_after: minutes(self.ty_min, usual.thank_after),
            thank_ideal_after: minutes(self.ty_ideal, usual.thank_ideal_after),
            thank_expires_bd: self.ty_expire_bd.unwrap_or(usual.thank_expires_bd),
            stale_first_bd: self.stale_first.unwrap_or(usual.stale_first_bd),
            stale_next_bd: self.stale_next.unwrap_or(usual.stale_next_bd),
            close_out: close_out.unwrap_or(usual.close_out),
            ..usual
        }
    }
}

fn opp() -> String {
    "opp".to_owned()
}

const fn yes() -> bool {
    true
}

impl Given {
    /// The same facts as the product stores them, and the policy.
    pub(crate) fn world(&self) -> (Snapshot, Policy) {
        let office = self.office.business_office();
        let snapshot = Snapshot {
            opportunity: self.opportunity(),
            contacts: records(self.contacts.iter().map(Contact::record)),
            interviews: records(self.interviews.iter().map(Interview::record)),
            expectations: records(
                self.expectations.iter().enumerate().map(|(at, it)| it.record(at, &office)),
            ),
            commitments: records(self.commitments.iter().map(Commitment::record)),
            follow_ups: records(self.follow_ups()),
            replies: records(self.inbound.iter().enumerate().map(|(at, it)| it.record(at))),
            offers: Vec::new(),
            offers_elsewhere: records(self.offers_elsewhere.iter().map(Offer::record)),
            others_pending: self.others_pending,
            supplements: records(self.supplements.iter().map(|id| json!({"id": id, "title": id}))),
            preferences: self.preferences(),
        };
        (snapshot, self.policy.policy())
    }

    fn opportunity(&self) -> Opportunity {
        let mut opportunity: Opportunity = record(json!({
            "id": self.id, "employer": "Employer", "role": "Role",
            "office": {"work_week": [], "closures": [], "send_open": "08:30", "send_close": "17:30"},
            "via_agency": self.via_agency, "interest": "high", "closed": self.closed(),
            "contact_policy": self.dnc.as_deref().unwrap_or("none"), "region": self.region,
            "employer_25_plus": self.employer_25_plus, "public_posting": self.public_posting,
        }));
        opportunity.office = self.office.record();
        opportunity
    }

    fn closed(&self) -> Option<&str> {
        match self.closed.as_ref()? {
            Value::String(word) => Some(word),
            Value::Bool(true) => Some("presumed_closed"),
            _ => None,
        }
    }

    fn preferences(&self) -> Preferences {
        record(json!({
            "time_zone": self.cand_tz.as_deref().unwrap_or(self.office.zone()),
            "quiet_from": "22:00", "quiet_to": "08:00",
            "thank_channel": self.policy.thank_channel.as_deref().unwrap_or("email"),
            "max_unanswered": self.policy.max_unanswered,
            "lock_screen": "none", "mute": [], "locale": "en",
        }))
    }

    fn follow_ups(&self) -> impl Iterator<Item = Value> {
        let sent = self.touches.iter().enumerate().map(|(at, touch)| touch.record(at, &self.id));
        let snoozed = self.snooze.iter().enumerate().map(|(at, (key, snooze))| {
            json!({
                "id": format!("snooze{at}"), "action_key": key, "opportunity_id": self.id,
                "kind": key.split('/').nth(1), "status": "open", "snoozed_until": snooze.until,
                "snoozed_window": snooze.window_ideal, "asked_timeline": false, "included": [],
            })
        });
        sent.chain(snoozed)
    }
}

fn record<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|e| panic!("not a record: {e}"))
}

fn records<T: DeserializeOwned>(values: impl Iterator<Item = Value>) -> Vec<T> {
    values.map(record).collect()
}

impl Contact {
    fn record(&self) -> Value {
        let mut kinds = vec!["phone"];
        kinds.extend(self.email.then_some("email"));
        kinds.extend(self.postal.then_some("postal"));
        let channels: Vec<_> = kinds
            .iter()
            .map(|kind| json!({"kind": kind, "value": "x", "invited": false, "connected": false}))
            .collect();
        json!({
            "id": self.id, "name": self.id, "channels": channels, "no_thanks": self.no_thanks,
            "role": if self.agency { "agency_recruiter" } else { "interviewer" },
        })
    }
}

impl Interview {
    fn record(&self) -> Value {
        let mut attendees: Vec<_> =
            self.with.iter().map(|id| json!({"contact_id": id, "present": true})).collect();
        if attendees.is_empty() {
            // In the cases nobody means nobody, not somebody unnamed.
            attendees.push(json!({"contact_id": "nobody", "present": false}));
        }
        json!({
            "id": self.id, "opportunity_id": "opp", "starts_at": self.start, "ends_at": self.end,
            "kind": if self.panel { "panel" } else { "onsite" }, "status": self.status,
            "status_changed_at": self.changed_at, "attendees": attendees,
            "scheduler_contact_id": self.scheduler, "next_step_owner": "unknown",
        })
    }
}

impl Expectation {
    fn record(&self, at: usize, office: &BusinessOffice) -> Value {
        let reading = promise::parse(office, &self.text, self.spoken_at);
        let confirmed = self.by.is_some();
        json!({
            "id": format!("e{at}"), "opportunity_id": "opp", "subject": "decision",
            "text": self.text, "spoken_at": self.spoken_at,
            "kind": if confirmed { "confirmed" } else { reading.kind.as_str() },
            "from": self.by.or(reading.from), "by": self.by.or(reading.by),
            "hedged": if confirmed { self.hedged } else { reading.hedged },
            "ambiguous": !confirmed && reading.ambiguous, "alternative": reading.alternative,
        })
    }
}

impl Commitment {
    fn record(&self) -> Value {
        json!({
            "id": self.id, "opportunity_id": "opp", "kind": self.kind,
            "spoken_at": self.created_at, "due": self.due, "third_party": false,
            "status": if self.fulfilled_at.is_some() { "fulfilled" } else { "open" },
            "fulfilled_at": self.fulfilled_at,
        })
    }
}

impl Touch {
    fn record(&self, at: usize, opportunity: &str) -> Value {
        let ordinal = || self.n.unwrap_or(1).to_string();
        let subject = self.iv.clone().or_else(|| self.r#ref.clone()).unwrap_or_else(ordinal);
        let to = self.to.as_deref().unwrap_or("employer");
        let derived = || format!("{opportunity}/{}/{subject}/{to}", self.kind);
        json!({
            "id": format!("t{at}"), "action_key": self.key.clone().unwrap_or_else(derived),
            "opportunity_id": opportunity, "interview_id": self.iv, "kind": self.kind,
            "n": self.n, "to": self.to, "channel": self.channel, "status": "sent",
            "sent_at": self.at, "asked_timeline": self.asked_timeline, "included": [],
        })
    }
}

impl Inbound {
    fn record(&self, at: usize) -> Value {
        json!({
            "id": format!("r{at}"), "opportunity_id": "opp", "at": self.at, "kind": self.kind,
            "text": self.text, "returns": self.returns, "deadline": self.deadline,
        })
    }
}

impl Offer {
    fn record(&self) -> Value {
        json!({
            "id": self.id, "opportunity_id": "elsewhere", "received_at": self.received_at,
            "deadline": self.deadline, "status": "open",
        })
    }
}
