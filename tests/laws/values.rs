//! Edits of every field, valid by construction, from a few values each, so that devices often meet.

use crate::bench::COLLECTIONS;
use crate::groups::groups;
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind, Need};
use afterview_domain::sync::{Policy, policy};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The text that every record begins with.
pub(crate) const TEXT: &str = "one two three four five six seven eight";

/// What an edit may be old, in minutes; the records are an hour old.
const AGES_MIN: [i64; 4] = [0, 10, 20, 90];

/// One edit: for some units, each a field or a group, what happens to it.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// By unit.
    pub(crate) units: BTreeMap<&'static str, Value>,
    /// How long ago it was made.
    pub(crate) age_ms: i64,
}

impl Edit {
    /// The edit of one unit.
    pub(crate) fn of(unit: &'static str, change: Value, age_min: i64) -> Self {
        Self { units: BTreeMap::from([(unit, change)]), age_ms: age_min * 60_000 }
    }

    /// The mutation that asks for it.
    pub(crate) fn mutation(&self) -> Value {
        json!({
            "op": "patch", "set": self.part("set"), "add": self.part("add"),
            "remove": self.part("remove"),
        })
    }

    /// The fields that it sets, or whose items it adds or removes.
    pub(crate) fn part(&self, name: &str) -> Map<String, Value> {
        let parts = self.units.values().filter_map(|change| change[name].as_object());
        parts.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The same of one of its units.
    pub(crate) fn part_of(&self, unit: &str, name: &str) -> Map<String, Value> {
        let change = self.units.get(unit).and_then(|change| change[name].as_object());
        change.cloned().unwrap_or_default()
    }

    /// The fields that it names.
    pub(crate) fn fields(&self) -> Vec<String> {
        ["set", "add", "remove"].iter().flat_map(|part| self.part(part)).map(|(n, _)| n).collect()
    }
}

/// The fields of `x` at first.
pub(crate) fn first_fields(c: Collection) -> Value {
    let mut fields = match c {
        Collection::Opportunities => json!({
            "employer": "v0", "role": "v0", "tags": ["a", "b"], "notes": TEXT,
        }),
        Collection::Contacts => json!({
            "name": "v0", "role": "interviewer", "notes": TEXT,
            "channels": [{"kind": "email", "value": "a@x.example", "invited": false, "connected": false}],
        }),
        Collection::Interviews => json!({
            "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z", "notes": TEXT,
            "attendees": [{"contact_id": "c1", "present": true}],
            "talking_points": [{"text": "alpha"}, {"text": "beta"}],
        }),
        Collection::Expectations => {
            json!({"text": "by Friday", "spoken_at": "2026-05-06T18:50:00Z"})
        }
        Collection::Commitments => json!({"kind": "portfolio", "title": "v0"}),
        Collection::FollowUps => json!({
            "action_key": "o1/custom/x/self", "kind": "custom", "title": "v0", "body": TEXT,
            "due_at": "2026-05-12T14:00:00Z", "slots": {"a": "1", "b": "2"}, "included": ["a", "b"],
        }),
        Collection::Replies => json!({"at": "2026-05-05T10:00:00Z", "kind": "reply_info"}),
        Collection::Offers => json!({"received_at": "2026-05-05T10:00:00Z"}),
        Collection::Supplements => json!({"title": "v0"}),
        _ => json!({"mute": ["debrief", "thank_you"]}),
    };
    if needs_owner(c) {
        fields["opportunity_id"] = json!("o1");
    }
    fields
}

fn needs_owner(c: Collection) -> bool {
    !matches!(c, Collection::Opportunities | Collection::Preferences)
}

/// For every unit of a collection what may happen to it.
pub(crate) type Choices = Vec<(&'static str, Vec<Value>)>;

static CHOICES: LazyLock<Vec<Choices>> =
    LazyLock::new(|| COLLECTIONS.into_iter().map(choices).collect());

fn sets(name: &str, values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    values.into_iter().map(|value| json!({"set": {name: value}})).collect()
}

/// What may happen to the units of a collection.
fn choices(c: Collection) -> Choices {
    let mut choices = groups(c);
    let bound = c
        .shape()
        .fields
        .iter()
        .any(|field| matches!(field.kind, Kind::Ref(Collection::Interviews)));
    for field in c.shape().fields {
        let fixed = matches!(policy(c, field.name), Policy::Server | Policy::Immutable);
        let grouped = matches!(policy(c, field.name), Policy::Group(_));
        // An interview that it points at must be one of the same opportunity.
        let stuck = bound && field.name == "opportunity_id";
        if fixed || grouped || stuck {
            continue;
        }
        let mut values = simple(c, field);
        // A follow-up of the candidate's own needs its title and its time.
        let own = c == Collection::FollowUps && matches!(field.name, "title" | "due_at");
        // To say nothing is the empty text already.
        let empty = field.name == "body";
        if field.need == Need::Optional && !own && !empty {
            values.push(json!({"set": {field.name: null}}));
        }
        assert!(!values.is_empty(), "no values for {}.{}", c.as_str(), field.name);
        choices.push((field.name, values));
    }
    choices.push(("mood", sets("mood", [json!("calm"), json!("glad"), Value::Null])));
    choices
}

fn simple(c: Collection, field: &'static Field) -> Vec<Value> {
    let name = field.name;
    match (name, &field.kind) {
        ("status", _) if c == Collection::Interviews => {
            sets(name, ["held", "cancelled_them", "no_show_them", "scheduled"].map(Value::from))
        }
        ("region", _) => sets(name, ["CA-ON", "CA-QC", "US-NY"].map(Value::from)),
        ("locale", _) => sets(name, ["en", "de", "cs"].map(Value::from)),
        ("notes" | "body", _) => sets(name, texts().into_iter().map(Value::from)),
        (_, Kind::Text { .. }) => sets(name, ["v1", "v2", "v3"].map(Value::from)),
        (_, Kind::Bool) => sets(name, [true, false].map(Value::from)),
        (_, Kind::Integer { min, .. }) => sets(name, [*min, min + 1, min + 2].map(Value::from)),
        (_, Kind::Word(words)) => sets(name, words.iter().map(|word| Value::from(*word))),
        (_, Kind::Instant) => sets(
            name,
            ["2026-04-28T10:00:00Z", "2026-05-02T10:00:00Z", "2026-05-03T10:00:00Z"]
                .map(Value::from),
        ),
        (_, Kind::Date) => sets(name, ["2026-04-01", "2026-04-02"].map(Value::from)),
        (_, Kind::TimeZone) => {
            sets(name, ["Europe/Prague", "America/New_York", "UTC"].map(Value::from))
        }
        (_, Kind::Url) => sets(name, ["https://a.example/", "https://b.example/"].map(Value::from)),
        (_, Kind::Ref(target)) => {
            let ids: &[&str] = match target {
                Collection::Opportunities => &["o1", "o2"],
                Collection::Contacts => &["c1", "c2"],
                Collection::Interviews => &["i1", "i2"],
                _ => &["f1"],
            };
            sets(name, ids.iter().map(|id| Value::from(*id)))
        }
        _ => composed(name),
    }
}

/// Texts with a word other, less or more, and two that have nothing in common with [`TEXT`].
fn texts() -> Vec<String> {
    let changed = |from: &str, to: &str| TEXT.replace(from, to);
    vec![
        changed("two", "TWO"),
        changed("two", "zwei"),
        changed(" three", ""),
        changed("five", "five and a half"),
        format!("{TEXT} nine"),
        format!("zero {TEXT}"),
        "nothing in common here".to_owned(),
        String::new(),
    ]
}

fn composed(name: &str) -> Vec<Value> {
    let channel = |value: &str, invited: bool| json!({"kind": "email", "value": value, "invited": invited, "connected": false});
    let came = |who: &str, present: bool| json!({"contact_id": who, "present": present});
    match name {
        "office" => sets(
            name,
            [json!({"time_zone": "Europe/Prague"}), json!({"time_zone": "America/New_York"})],
        ),
        "artifact" => sets(name, [json!({"name": "a.pdf"}), json!({"name": "b.pdf"})]),
        "slots" => sets(
            name,
            [
                json!({"a": "9", "b": "2"}),
                json!({"a": "8", "b": "2", "c": "3"}),
                json!({"a": "1"}),
                json!({"a": "1", "b": "2", "d": "4"}),
            ],
        ),
        "tags" | "included" => items(
            name,
            &[json!(["a"]), json!(["a", "b", "c"]), json!(["b", "d"])],
            &[json!("a"), json!("c"), json!("d")],
            &[json!("a"), json!("b")],
        ),
        "mute" => items(
            name,
            &[json!(["debrief"]), json!(["custom", "debrief", "thank_you"])],
            &[json!("custom"), json!("fulfil")],
            &[json!("debrief")],
        ),
        "channels" => items(
            name,
            &[
                json!([channel("a@x.example", true)]),
                json!([channel("a@x.example", false), channel("b@x.example", false)]),
                json!([]),
            ],
            &[channel("b@x.example", true), channel("c@x.example", false)],
            &[channel("a@x.example", false)],
        ),
        "attendees" => items(
            name,
            &[json!([came("c1", false)]), json!([came("c1", true), came("c2", true)]), json!([])],
            &[came("c2", false), came("c2", true)],
            &[came("c1", true)],
        ),
        "talking_points" => items(
            name,
            &[
                json!([{"text": "alpha"}, {"text": "gamma"}]),
                json!([{"text": "alpha", "contact_id": "c1"}, {"text": "beta"}]),
            ],
            &[json!({"text": "delta"}), json!({"text": "epsilon"})],
            &[json!({"text": "alpha"})],
        ),
        _ => Vec::new(),
    }
}

fn items(name: &str, wholes: &[Value], add: &[Value], remove: &[Value]) -> Vec<Value> {
    let mut all = sets(name, wholes.iter().cloned());
    all.extend(add.iter().map(|item| json!({"add": {name: [item]}})));
    all.extend(remove.iter().map(|item| json!({"remove": {name: [item]}})));
    all
}

/// One of the collections.
fn collection() -> impl Strategy<Value = Collection> {
    (0..COLLECTIONS.len()).prop_map(|n| COLLECTIONS[n])
}

/// What the choices of an edit are made of before it is known of what: the unit and what happens to it;
/// and how old it is.
pub(crate) type Seed = (Vec<(Index, Index)>, usize);

/// The seed of an edit of at most three units, the first of them `shared` as often as not.
fn seed(shared: Index) -> impl Strategy<Value = Seed> {
    let first = prop_oneof![Just(shared), any::<Index>()];
    let first = (first, any::<Index>());
    let others = prop::collection::vec((any::<Index>(), any::<Index>()), 0..=2);
    (first, others, 0..AGES_MIN.len()).prop_map(|(first, mut others, age)| {
        others.insert(0, first);
        (others, age)
    })
}

/// The edit of a record of `c` that a seed stands for.
fn edit(c: Collection, (picks, age): &Seed) -> Edit {
    let n = COLLECTIONS.iter().position(|one| *one == c).expect("one of them");
    let mut units = BTreeMap::new();
    for (unit, choice) in picks {
        let (name, values) = unit.get(&CHOICES[n]);
        units.entry(*name).or_insert_with(|| choice.get(values).clone());
    }
    // What is planned for later cannot have been held: nobody says both at once.
    if c == Collection::Interviews && units.contains_key("status") {
        units.remove("appointment");
    }
    Edit { units, age_ms: AGES_MIN[*age] * 60_000 }
}

/// `n` edits of the record of `c`.
pub(crate) fn edits_of(c: Collection, n: usize) -> impl Strategy<Value = Vec<Edit>> {
    let seeds = move |shared| prop::collection::vec(seed(shared), n);
    let seeds = any::<Index>().prop_flat_map(seeds);
    seeds.prop_map(move |seeds| seeds.iter().map(|seed| edit(c, seed)).collect())
}

/// A collection and `n` edits of its record; the devices often meet in one of its units.
pub(crate) fn edits(n: usize) -> impl Strategy<Value = (Collection, Vec<Edit>)> {
    collection().prop_flat_map(move |c| (Just(c), edits_of(c, n)))
}
