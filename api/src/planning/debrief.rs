//! Logging how an interview ended: the interview, the promise and the duties in one unit.

use crate::dto::plan::PlanView;
use crate::dto::promise::DebriefBody;
use crate::error::ApiError;
use crate::planning::{dossier, view};
use crate::store::AccountWrite;
use crate::sync::records;
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::entities::{Collection, FaultCode};
use afterview_domain::sync::Record;
use serde_json::{Map, Value, json};

/// Stores the debrief of an interview and answers with the new plan. `ids` are fresh identifiers:
/// one for the promise and one for each duty.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), and every fault of the fields with pointers
/// into the debrief.
pub fn log(
    unit: &mut AccountWrite<'_>,
    interview_id: &str,
    debrief: &DebriefBody,
    ids: &[String],
) -> Result<PlanView, ApiError> {
    let interview = records::existing(unit, Collection::Interviews, interview_id)?;
    let (starts_at, ends_at) = (instant(&interview, "starts_at")?, instant(&interview, "ends_at")?);
    let now = unit.now();
    if now <= starts_at {
        let detail = "the interview has not begun yet";
        return Err(ApiError::field("", FaultCode::Inconsistent, detail));
    }
    // Out earlier than planned: the end is now.
    let ended_at = ends_at.min(now);
    let patch = changes(debrief, (ended_at < ends_at).then_some(ended_at));
    records::patch(unit, Collection::Interviews, interview_id, &patch, None)?;
    let opportunity_id = interview.opportunity_id().unwrap_or_default().to_owned();
    let common = |spoken_at: Instant| {
        let fields = json!({
            "opportunity_id": opportunity_id, "interview_id": interview_id, "spoken_at": format_instant(spoken_at)
        });
        fields.as_object().cloned().unwrap_or_default()
    };
    let mut ids = ids.iter();
    let mut next_id =
        || ids.next().ok_or_else(|| ApiError::internal("too few identifiers for a debrief"));
    let promise_id = next_id()?;
    if let Some(promise) = &debrief.promise {
        let mut fields = common(promise.spoken_at.unwrap_or(ended_at));
        fields.insert("text".to_owned(), Value::from(promise.text.clone()));
        fields.insert("subject".to_owned(), Value::from(promise.subject.as_str()));
        if let Some(contact) = &promise.promised_by {
            fields.insert("promised_by".to_owned(), Value::from(contact.clone()));
        }
        records::create(unit, Collection::Expectations, promise_id, &fields)
            .map_err(|error| error.nested_under("/promise"))?;
    }
    for (i, duty) in debrief.commitments.iter().enumerate() {
        let mut fields = common(ended_at);
        fields.extend(duty.clone());
        records::create(unit, Collection::Commitments, next_id()?, &fields)
            .map_err(|error| error.nested_under(&format!("/commitments/{i}")))?;
    }
    let account_id = unit.account_id();
    let dossier = dossier::of_opportunity(unit.connection(), account_id, &opportunity_id)?
        .ok_or_else(|| ApiError::not_found("opportunity", &opportunity_id))?;
    Ok(view::plan(&dossier, now))
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
