//! What the plan would be if more were true.
//!
//! Hypothetical facts are checked like real ones and laid over the stored ones in memory.
//!
//! **Must never** store anything.

use crate::dto::plan::SimulationView;
use crate::error::ApiError;
use crate::planning::{Dossier, dossier, follow_ups, view};
use crate::store::DbConnection;
use crate::store::records::find_doc;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::follow_up::FollowUpStatus;
use afterview_domain::entities::parse::{SYSTEM_FIELDS, parse_instant};
use afterview_domain::entities::{Collection, FaultCode, Fields, derive, parse, parse_patch};
use afterview_domain::ids::is_record_id;
use afterview_domain::plan::{diff, outline};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The most hypothetical facts of one kind.
pub const MAX_FACTS: usize = 50;

/// The collections of which facts can be supposed.
pub const COLLECTIONS: [Collection; 7] = [
    Collection::Contacts,
    Collection::Interviews,
    Collection::Expectations,
    Collection::Commitments,
    Collection::Replies,
    Collection::Offers,
    Collection::Supplements,
];

/// The plan of an opportunity as of `now` if `body` were true besides, and what that changes.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound) and every fault of the facts, with pointers into
/// the body.
pub fn run(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
    body: &Map<String, Value>,
    now: Instant,
) -> Result<SimulationView, ApiError> {
    check_names(body)?;
    let found = dossier::of_opportunity(connection, account_id, opportunity_id)?;
    let mut dossier = found.ok_or_else(|| ApiError::not_found("opportunity", opportunity_id))?;
    let before = outline(&dossier.plan(now));
    if let Some(patch) = body.get("opportunity") {
        let patch = object(patch, "/opportunity")?;
        suppose_opportunity(connection, account_id, &mut dossier, patch, now)?;
    }
    for collection in COLLECTIONS {
        for (pointer, fact) in list(body, collection.as_str())? {
            suppose(&mut dossier, collection, fact, &pointer, now)?;
        }
    }
    for (pointer, sent) in list(body, "sent")? {
        suppose_sent(&mut dossier, sent, &pointer, now)?;
    }
    let plan = dossier.plan(now);
    let changes = view::changes(&dossier, &diff(&before, &plan));
    Ok(SimulationView { plan: view::of_plan(&dossier, &plan, None), changes })
}

fn check_names(body: &Map<String, Value>) -> Result<(), ApiError> {
    let known = |name: &str| {
        ["now", "opportunity", "sent"].contains(&name)
            || COLLECTIONS.iter().any(|collection| collection.as_str() == name)
    };
    match body.keys().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => {
            let detail = "no such part of a simulation";
            Err(ApiError::field(&format!("/{name}"), FaultCode::UnknownField, detail))
        }
    }
}

fn object<'v>(value: &'v Value, pointer: &str) -> Result<&'v Map<String, Value>, ApiError> {
    let wrong = || ApiError::field(pointer, FaultCode::Type, "expected an object");
    value.as_object().ok_or_else(wrong)
}

/// An object of the body with its pointer.
type Pointed<'v> = (String, &'v Map<String, Value>);

/// The objects under `name`.
fn list<'v>(body: &'v Map<String, Value>, name: &str) -> Result<Vec<Pointed<'v>>, ApiError> {
    let Some(value) = body.get(name) else { return Ok(Vec::new()) };
    let pointer = format!("/{name}");
    let Some(items) = value.as_array() else {
        return Err(ApiError::field(&pointer, FaultCode::Type, "expected a list"));
    };
    if items.len() > MAX_FACTS {
        let detail = format!("at most {MAX_FACTS}");
        return Err(ApiError::field(&pointer, FaultCode::Range, &detail));
    }
    let items = items.iter().enumerate().map(|(at, item)| {
        let pointer = format!("{pointer}/{at}");
        object(item, &pointer).map(|item| (pointer, item))
    });
    items.collect()
}

fn suppose_opportunity(
    connection: &mut DbConnection,
    account_id: &str,
    dossier: &mut Dossier,
    patch: &Map<String, Value>,
    now: Instant,
) -> Result<(), ApiError> {
    let id = dossier.snapshot.opportunity.id.clone();
    let stored = find_doc(connection, account_id, Collection::Opportunities, &id)?;
    let stored = stored.ok_or_else(|| ApiError::not_found("opportunity", &id))?;
    let mut stored: Map<String, Value> =
        serde_json::from_str(&stored.doc).map_err(ApiError::internal)?;
    stored.retain(|name, _| !SYSTEM_FIELDS.contains(&name.as_str()));
    let fields = parse_patch(Collection::Opportunities, &stored, patch, now)
        .map_err(|errors| ApiError::from(errors).nested_under("/opportunity"))?;
    let fields = derive(Collection::Opportunities, fields, Some(&stored), None, now);
    dossier.snapshot.opportunity = typed(fields, &id)?;
    Ok(())
}

/// Lays one fact over the stored ones; with the id of a stored one it stands in for that.
fn suppose(
    dossier: &mut Dossier,
    collection: Collection,
    fact: &Map<String, Value>,
    pointer: &str,
    now: Instant,
) -> Result<(), ApiError> {
    let mut fact = fact.clone();
    let id = match fact.get("id") {
        None => format!("supposed{}", pointer.replace('/', ".")),
        Some(Value::String(id)) if is_record_id(id) => id.clone(),
        Some(_) => {
            let detail = "not an identifier";
            return Err(ApiError::field(&format!("{pointer}/id"), FaultCode::Format, detail));
        }
    };
    let snapshot = &mut dossier.snapshot;
    if collection.shape().field("opportunity_id").is_some() {
        fact.entry("opportunity_id").or_insert_with(|| snapshot.opportunity.id.clone().into());
    }
    let office = BusinessOffice::new(&snapshot.opportunity.office, snapshot.preferences.time_zone);
    let fields = parse(collection, &fact, None, now)
        .map_err(|errors| ApiError::from(errors).nested_under(pointer))?;
    let fields = derive(collection, fields, None, Some(&office), now);
    let here = snapshot.opportunity.id.clone();
    match collection {
        Collection::Contacts => lay(&mut snapshot.contacts, typed(fields, &id)?, |c| &c.id),
        Collection::Interviews => lay(&mut snapshot.interviews, typed(fields, &id)?, |i| &i.id),
        Collection::Expectations => {
            lay(&mut snapshot.expectations, typed(fields, &id)?, |e| &e.id);
        }
        Collection::Commitments => lay(&mut snapshot.commitments, typed(fields, &id)?, |c| &c.id),
        Collection::Replies => lay(&mut snapshot.replies, typed(fields, &id)?, |r| &r.id),
        Collection::Supplements => lay(&mut snapshot.supplements, typed(fields, &id)?, |s| &s.id),
        Collection::Offers => {
            let offer: afterview_domain::entities::Offer = typed(fields, &id)?;
            let elsewhere = offer.opportunity_id != here;
            let offers =
                if elsewhere { &mut snapshot.offers_elsewhere } else { &mut snapshot.offers };
            lay(offers, offer, |offer| &offer.id);
        }
        Collection::Opportunities
        | Collection::FollowUps
        | Collection::Preferences
        | Collection::Conflicts => {}
    }
    Ok(())
}

fn typed<T: DeserializeOwned>(fields: Fields, id: &str) -> Result<T, ApiError> {
    let mut map = fields.into_map();
    map.insert("id".to_owned(), Value::from(id));
    serde_json::from_value(Value::Object(map)).map_err(ApiError::internal)
}

fn lay<T>(records: &mut Vec<T>, record: T, id: impl Fn(&T) -> &String) {
    records.retain(|known| id(known) != id(&record));
    records.push(record);
}

/// Supposes that an open follow-up went out.
fn suppose_sent(
    dossier: &mut Dossier,
    sent: &Map<String, Value>,
    pointer: &str,
    now: Instant,
) -> Result<(), ApiError> {
    let fault = |name: &str, code: FaultCode, detail: &str| {
        Err(ApiError::field(&format!("{pointer}/{name}"), code, detail))
    };
    let Some(id) = sent.get("follow_up_id").and_then(Value::as_str) else {
        return fault("follow_up_id", FaultCode::Required, "which follow-up");
    };
    let sent_at = match sent.get("sent_at") {
        None => now,
        Some(value) => match value.as_str().map(parse_instant) {
            Some(Ok(at)) if at <= now => at,
            Some(Ok(_)) => return fault("sent_at", FaultCode::Range, "must not lie after `now`"),
            _ => return fault("sent_at", FaultCode::Format, "expected an instant"),
        },
    };
    let plans = [dossier.plan(now), dossier.plan(sent_at)];
    let item = plans.iter().find_map(|plan| view::item_called(plan, id));
    let Some(item) = item else {
        let detail = "no open follow-up of this opportunity has that id";
        return fault("follow_up_id", FaultCode::UnknownReference, detail);
    };
    let opportunity_id = &dossier.snapshot.opportunity.id;
    let mut record = follow_ups::first_record(opportunity_id, item);
    record.insert("status".to_owned(), Value::from(FollowUpStatus::Sent.as_str()));
    record.insert("sent_at".to_owned(), Value::from(format_instant(sent_at)));
    let fields = parse(Collection::FollowUps, &record, None, now)
        .map_err(|errors| ApiError::from(errors).nested_under(pointer))?;
    lay(&mut dossier.snapshot.follow_ups, typed(fields, id)?, |record| &record.id);
    Ok(())
}
