//! An account with a record of every collection, called `x`, on which devices make edits one after the
//! other.

use crate::values::{Edit, first_fields};
use afterview_domain::entities::Collection;
use afterview_domain::sync::Record;
use afterview_tests::simulation::{Bug, MemoryServer, START_MS, Server};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// When the edits arrive, an hour after the records were made.
pub(crate) const NOW_MS: i64 = START_MS + 3_600_000;

/// Devices, none of which made the records.
pub(crate) const DEVICES: [&str; 3] = ["phone", "tablet", "laptop"];

/// The collections that devices write.
pub(crate) const COLLECTIONS: [Collection; 10] = [
    Collection::Opportunities,
    Collection::Contacts,
    Collection::Interviews,
    Collection::Expectations,
    Collection::Commitments,
    Collection::FollowUps,
    Collection::Replies,
    Collection::Offers,
    Collection::Supplements,
    Collection::Preferences,
];

/// Fields that tell when something was written, not what.
const TIMES: [&str; 2] = ["rev", "updated_at"];

/// The account.
#[derive(Debug, Clone)]
pub(crate) struct Bench {
    server: MemoryServer,
    sent: u32,
}

/// The account before anybody edits.
static FRESH: LazyLock<Bench> = LazyLock::new(Bench::filled);

/// The record under examination.
pub(crate) fn name_of(c: Collection) -> &'static str {
    if c == Collection::Preferences { "me" } else { "x" }
}

impl Bench {
    /// The account before anybody edits.
    pub(crate) fn new() -> Self {
        FRESH.clone()
    }

    fn filled() -> Self {
        let mut bench = Self { server: MemoryServer::new(Bug::None, START_MS), sent: 0 };
        let others = [
            ("opportunities", "o1", json!({"employer": "Acme", "role": "Developer"})),
            ("opportunities", "o2", json!({"employer": "Initech", "role": "Tester"})),
            ("contacts", "c1", json!({"name": "Ann", "role": "interviewer"})),
            ("contacts", "c2", json!({"name": "Bob", "role": "interviewer"})),
            ("interviews", "i1", first_fields(Collection::Interviews)),
            ("interviews", "i2", first_fields(Collection::Interviews)),
            ("follow_ups", "f1", first_fields(Collection::FollowUps)),
        ];
        for (c, id, set) in others {
            let made = bench.send(&json!({"c": c, "id": id, "op": "create", "set": set}));
            assert_eq!(made["status"], "applied", "{made}");
        }
        for c in COLLECTIONS {
            let (op, base) = match c {
                Collection::Preferences => ("patch", json!(bench.rev(c))),
                _ => ("create", Value::Null),
            };
            let (id, set) = (name_of(c), first_fields(c));
            let made =
                bench.send(&json!({"c": c.as_str(), "id": id, "op": op, "base": base, "set": set}));
            assert_eq!(made["status"], "applied", "{made}");
        }
        bench
    }

    /// The desk, on which the records were made, sends a mutation.
    fn send(&mut self, mutation: &Value) -> Value {
        let mut mutation = mutation.clone();
        mutation["mid"] = json!(format!("desk-{}", self.sent));
        self.sent += 1;
        self.request("desk", &mutation, START_MS, START_MS)
    }

    /// A device whose clock shows `clock_ms` sends a mutation, which arrives at `now_ms`.
    pub(crate) fn request(
        &mut self,
        device: &str,
        mutation: &Value,
        clock_ms: i64,
        now_ms: i64,
    ) -> Value {
        let request = json!({
            "protocol": 1, "schema": 2, "client_time": clock_ms, "mutations": [mutation],
            "collections": ["conflicts"], "max_changes": 1,
        });
        let answer = self.server.sync(device, &request, now_ms).expect("the server is up");
        answer["results"][0].clone()
    }

    /// A device whose clock is right sends something about `x`, made `age_ms` ago on the revision `base`.
    pub(crate) fn act(
        &mut self,
        device: &str,
        c: Collection,
        base: i64,
        (what, age_ms): (Value, i64),
    ) -> Value {
        let mut mutation = what;
        self.sent += 1;
        let mid = format!("{device}-{}", self.sent);
        mutation["mid"] = json!(mid);
        mutation["c"] = json!(c.as_str());
        mutation["id"] = json!(name_of(c));
        mutation["base"] = json!(base);
        mutation["at"] = json!(NOW_MS - age_ms);
        let result = self.request(device, &mutation, NOW_MS, NOW_MS);
        assert_eq!(result["mid"], json!(mid));
        result
    }

    /// A device makes an edit of `x` that was built upon the revision `base`.
    pub(crate) fn edit(&mut self, device: &str, c: Collection, base: i64, edit: &Edit) -> Value {
        self.act(device, c, base, (edit.mutation(), edit.age_ms))
    }

    /// The record under examination, alive or not.
    pub(crate) fn record(&self, c: Collection) -> &Record {
        let id = name_of(c);
        let mut records = self.server.records();
        records.find(|record| record.collection == c && record.id == id).expect("it was made")
    }

    /// Its revision.
    pub(crate) fn rev(&self, c: Collection) -> i64 {
        self.record(c).rev
    }

    /// How many records are alive.
    pub(crate) fn alive(&self) -> usize {
        self.server.records().filter(|record| record.deleted_rev.is_none()).count()
    }

    /// When a field of some record was changed last in effect, Unix milliseconds.
    pub(crate) fn effective(&self, id: &str, field: &str) -> i64 {
        let record = self.server.records().find(|record| record.id == id).expect("it was made");
        record.last_change(field).expect("it was changed").eff
    }

    /// What it holds, without when that was written.
    pub(crate) fn content(&self, c: Collection) -> Map<String, Value> {
        let record = self.record(c);
        let mut content = record.doc.clone();
        content.extend(record.extra.clone());
        content.retain(|name, _| !TIMES.contains(&name.as_str()));
        content.insert("deleted".to_owned(), Value::from(record.deleted_rev.is_some()));
        content
    }

    /// The changes of it, oldest first.
    pub(crate) fn changes(&self, c: Collection) -> impl Iterator<Item = &Map<String, Value>> {
        let changes = self.server.history().filter(move |row| row.collection == c);
        changes.filter(move |row| row.id == name_of(c)).map(|row| &row.changed)
    }

    /// The conflicts.
    pub(crate) fn conflicts(&self) -> impl Iterator<Item = &Map<String, Value>> {
        let records = self.server.records();
        let conflicts = records.filter(|record| record.collection == Collection::Conflicts);
        conflicts.map(|record| &record.doc)
    }
}

/// The fields in which two contents differ.
pub(crate) fn differences(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
