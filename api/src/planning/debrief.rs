//! Logging how an interview ended: the interview, the promise and the duties in one unit.
//!
//! **Must never** keep a part of a debrief: all of it is stored or nothing.

use crate::dto::plan::PlanView;
use crate::dto::promise::DebriefBody;
use crate::error::ApiError;
use crate::planning::{dossier, replan, view};
use crate::store::{AccountWrite, plans};
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::expectation::Subject;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::entities::{Collection, FaultCode};
use afterview_domain::ids;
use afterview_domain::sync;
use afterview_domain::sync::Record;
use serde_json::{Map, Value, json};

/// Stores the debrief of an interview and answers with the new plan. What was noted before in the
/// same words is changed, not stored twice.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), and every fault of the fields with pointers
/// into the debrief.
pub fn log(
    unit: &mut AccountWrite<'_>,
    interview_id: &str,
    debrief: &DebriefBody,
) -> Result<PlanView, ApiError> {
    let interview = sync::existing(unit, Collection::Interviews, interview_id)?;
    let (starts_at, ends_at) = (instant(&interview, "starts_at")?, instant(&interview, "ends_at")?);
    let now = unit.now();
    if now <= starts_at {
        let detail = "the interview has not begun yet";
        return Err(ApiError::field("", FaultCode::Inconsistent, detail));
    }
    // Out earlier than planned: the end is now.
    let ended_at = ends_at.min(now);
    let patch = changes(debrief, (ended_at < ends_at).then_some(ended_at));
    sync::patch(unit, Collection::Interviews, interview_id, &patch, None)?;
    let opportunity_id = interview.opportunity_id().unwrap_or_default().to_owned();
    let noted = Noted { interview_id, opportunity_id: &opportunity_id, ended_at };
    if let Some(promise) = &debrief.promise {
        let mut fields =
            object(json!({ "text": promise.text, "promised_by": promise.promised_by }));
        let spoken_at = promise.spoken_at.map(|at| Value::from(format_instant(at)));
        fields.extend(spoken_at.map(|at| ("spoken_at".to_owned(), at)));
        if promise.subject != Subject::Decision {
            fields.insert("subject".to_owned(), Value::from(promise.subject.as_str()));
        }
        noted
            .store(unit, Collection::Expectations, &promise.text, fields)
            .map_err(|error| error.nested_under("/promise"))?;
    }
    let mut names: Vec<String> = Vec::new();
    for (i, duty) in debrief.commitments.iter().enumerate() {
        let text = |name: &str| duty.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = format!("{}/{}", text("kind"), text("title"));
        // Two duties of one name are told apart by their order.
        let alike = names.iter().filter(|known| **known == name).count();
        let words = if alike == 0 { name.clone() } else { format!("{name}/{alike}") };
        names.push(name);
        noted
            .store(unit, Collection::Commitments, &words, duty.clone())
            .map_err(|error| error.nested_under(&format!("/commitments/{i}")))?;
    }
    let account_id = unit.account_id();
    let dossier = dossier::of_opportunity(unit.connection()?, account_id, &opportunity_id)?
        .ok_or_else(|| ApiError::not_found("opportunity", &opportunity_id))?;
    // What the debrief changed belongs to its answer.
    replan::before_commit(unit)?;
    let kept = plans::find(unit.connection()?, account_id, &opportunity_id)?;
    Ok(view::plan(&dossier, now, view::last_change(kept.as_ref())?))
}

/// Where and when something was noted.
struct Noted<'a> {
    interview_id: &'a str,
    opportunity_id: &'a str,
    ended_at: Instant,
}

impl Noted<'_> {
    /// Stores what was noted as `words`, or changes what was noted so before.
    fn store(
        &self,
        unit: &mut AccountWrite<'_>,
        collection: Collection,
        words: &str,
        mut fields: Map<String, Value>,
    ) -> Result<(), ApiError> {
        fields.retain(|_, value| !value.is_null());
        let id = ids::debrief_id(self.interview_id, collection.as_str(), words);
        if sync::find_live(unit, collection, &id)?.is_some() {
            sync::patch(unit, collection, &id, &fields, None)?;
            return Ok(());
        }
        let spoken_at = Value::from(format_instant(self.ended_at));
        fields.entry("spoken_at").or_insert(spoken_at);
        fields.insert("interview_id".to_owned(), Value::from(self.interview_id));
        fields.insert("opportunity_id".to_owned(), Value::from(self.opportunity_id));
        sync::create(unit, collection, &id, &fields)?;
        Ok(())
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// What the debrief changes of the interview itself.
fn changes(debrief: &DebriefBody, ended_at: Option<Instant>) -> Map<String, Value> {
    let changes = [
        ("status", Some(Value::from(InterviewStatus::Held.as_str()))),
        ("ends_at", ended_at.map(|at| Value::from(format_instant(at)))),
        ("next_step_owner", debrief.next_step_owner.map(|owner| Value::from(owner.as_str()))),
        ("impression", debrief.impression.map(Value::from)),
        ("talking_points", debrief.talking_points.clone().map(Value::from)),
        ("attendees", debrief.attendees.clone().map(Value::from)),
        ("notes", debrief.notes.clone().map(Value::from)),
    ];
    changes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn instant(record: &Record, field: &str) -> Result<Instant, ApiError> {
    let text = record.doc.get(field).and_then(Value::as_str).unwrap_or_default();
    parse_instant(text)
        .map_err(|(_, detail)| ApiError::internal(format!("{}: {detail}", record.id)))
}
