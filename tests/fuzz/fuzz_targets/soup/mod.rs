//! Facts out of bytes.
//!
//! The bodies are made from the tables that check them, so a new field is fuzzed without a change
//! here. They take the way of a body from outside: parsed, completed, typed. What the checks refuse
//! is left out, as it is in life.

mod sense;
mod values;

use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::field::{Need, Shape};
use afterview_domain::entities::{Collection, Opportunity, derive, parse};
use afterview_domain::plan::Snapshot;
use arbitrary::{Result, Unstructured};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use values::moment;

/// The most records of one list.
const MOST: u8 = 5;

/// When all facts are known: the last day of 2199.
const LATE_MILLIS: i64 = 7_258_032_000_000;

/// What an edit sets: any fields that a device may write.
pub fn edit(bytes: &mut Unstructured<'_>, collection: Collection) -> Result<Map<String, Value>> {
    let mut body = object(bytes, collection.shape())?;
    sense::make(collection, &mut body);
    if bytes.arbitrary()? {
        // Of a record that exists mostly one field or two are changed.
        let kept = bytes.arbitrary::<u32>()?;
        let mut number = 0;
        body.retain(|_, _| {
            number += 1;
            kept >> (number % 32) & 1 == 1
        });
    }
    Ok(body)
}

/// An office as candidates describe one, in any zone of the world.
pub fn office(bytes: &mut Unstructured<'_>) -> Result<BusinessOffice> {
    let opportunity: Opportunity = certain(bytes, Collection::Opportunities, "opp")?;
    Ok(BusinessOffice::new(&opportunity.office, values::zone(bytes)?))
}

/// The facts of one opportunity.
pub fn snapshot(bytes: &mut Unstructured<'_>) -> Result<Snapshot> {
    let preferences = certain(bytes, Collection::Preferences, "me")?;
    let opportunity = certain(bytes, Collection::Opportunities, "opp")?;
    let mut facts = Snapshot {
        contacts: Vec::new(),
        interviews: Vec::new(),
        expectations: Vec::new(),
        commitments: Vec::new(),
        follow_ups: Vec::new(),
        replies: Vec::new(),
        offers: Vec::new(),
        offers_elsewhere: Vec::new(),
        others_pending: bytes.arbitrary()?,
        supplements: Vec::new(),
        preferences,
        opportunity,
    };
    let home = BusinessOffice::new(&facts.opportunity.office, facts.preferences.time_zone);
    facts.contacts = records(bytes, Collection::Contacts, "k", &home)?;
    facts.interviews = records(bytes, Collection::Interviews, "i", &home)?;
    facts.expectations = records(bytes, Collection::Expectations, "e", &home)?;
    facts.commitments = records(bytes, Collection::Commitments, "c", &home)?;
    facts.follow_ups = records(bytes, Collection::FollowUps, "f", &home)?;
    if bytes.arbitrary()? {
        facts.replies = records(bytes, Collection::Replies, "r", &home)?;
    }
    if bytes.ratio(1, 4)? {
        facts.offers = records(bytes, Collection::Offers, "o", &home)?;
    }
    facts.offers_elsewhere = records(bytes, Collection::Offers, "x", &home)?;
    facts.supplements = records(bytes, Collection::Supplements, "s", &home)?;
    Ok(facts)
}

fn records<T: DeserializeOwned>(
    bytes: &mut Unstructured<'_>,
    collection: Collection,
    prefix: &str,
    home: &BusinessOffice,
) -> Result<Vec<T>> {
    let mut records = Vec::new();
    for number in 0..bytes.int_in_range(0..=MOST)? {
        let id = format!("{prefix}{number}");
        let mut body = object(bytes, collection.shape())?;
        sense::make(collection, &mut body);
        let stored = owned_by_the_server(bytes, collection.shape())?;
        records.extend(record(collection, &id, &body, &stored, Some(home)));
    }
    Ok(records)
}

/// A record that there always is: as given, else with nothing but what is required.
fn certain<T: DeserializeOwned>(
    bytes: &mut Unstructured<'_>,
    collection: Collection,
    id: &str,
) -> Result<T> {
    let mut body = object(bytes, collection.shape())?;
    sense::make(collection, &mut body);
    if !bytes.ratio(1, 16)? {
        body.remove("closed");
    }
    let record_of = |body: &Map<String, Value>| record(collection, id, body, &Map::new(), None);
    let least = ["employer", "role"].into_iter();
    let least = least.filter(|name| collection.shape().field(name).is_some());
    let least = least.map(|name| (name.to_owned(), Value::from("x"))).collect();
    Ok(record_of(&body).or_else(|| record_of(&least)).expect("the least is enough"))
}

/// The record that `body` makes, if the checks let it pass.
fn record<T: DeserializeOwned>(
    collection: Collection,
    id: &str,
    body: &Map<String, Value>,
    stored: &Map<String, Value>,
    home: Option<&BusinessOffice>,
) -> Option<T> {
    let now: Instant = from_millis(LATE_MILLIS);
    let fields = parse(collection, body, Some(stored), now).ok()?;
    let mut map = derive(collection, fields, None, home, now).into_map();
    map.insert("id".to_owned(), Value::from(id));
    Some(serde_json::from_value(Value::Object(map)).expect("what was parsed can be typed"))
}

/// A body of `shape`: what is required, and some of the rest.
pub fn object(bytes: &mut Unstructured<'_>, shape: &Shape) -> Result<Map<String, Value>> {
    let mut body = Map::new();
    for field in shape.fields.iter().filter(|field| field.need != Need::Server) {
        if field.need == Need::Required || bytes.arbitrary()? {
            let value = values::of(bytes, field.name, &field.kind)?;
            body.insert(field.name.to_owned(), value);
        }
    }
    Ok(body)
}

fn owned_by_the_server(bytes: &mut Unstructured<'_>, shape: &Shape) -> Result<Map<String, Value>> {
    let mut stored = Map::new();
    for field in shape.fields.iter().filter(|field| field.need == Need::Server) {
        if bytes.arbitrary()? {
            let value = values::of(bytes, field.name, &field.kind)?;
            stored.insert(field.name.to_owned(), value);
        }
    }
    Ok(stored)
}
