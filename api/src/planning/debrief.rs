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
use afterview_domain::ids;
use afterview_domain::sync::Record;
use serde_json::{Map, Value, json};

/// Stores the debrief of an interview and answers with the new plan. What was noted before in the
/// same words is not stored twice.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound), and every fault of the fields with pointers
/// into the debrief.
pub fn log(
    unit: &mut AccountWrite<'_>,
    interview_id: &str,
    debrief: &DebriefBody,
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
    let noted = Noted { interview_id, opportunity_id: &opportunity_id };
    if let Some(promise) = &debrief.promise {
        let fields = json!({
            "text": promise.text, "subject": promise.subject.as_str(), "promised_by": promise.promised_by,
            "spoken_at": format_instant(promise.spoken_at.unwrap_or(ended_at)),
        });
        noted
            .store(unit, Collection::Expectations, &promise.text, fields)
            .map_err(|error| error.nested_under("/promise"))?;
    }
    for (i, duty) in debrief.commitments.iter().enumerate() {
        let text = |name: &str| duty.get(name).and_then(Value::as_str).unwrap_or_default();
        let words = format!("{}/{}", text("kind"), text("title"));
        let mut fields = Value::Object(duty.clone());
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("spoken_at".to_owned(), Value::from(format_instant(ended_at)));
        }
        noted
            .store(unit, Collection::Commitments, &words, fields)
            .map_err(|error| error.nested_under(&format!("/commitments/{i}")))?;
    }
    let account_id = unit.account_id();
    let dossier = dossier::of_opportunity(unit.connection(), account_id, &opportunity_id)?
        .ok_or_else(|| ApiError::not_found("opportunity", &opportunity_id))?;
    Ok(view::plan(&dossier, now))
}

/// Where something was noted.
struct Noted<'a> {
    interview_id: &'a str,
    opportunity_id: &'a str,
}

impl Noted<'_> {
    /// Stores what was noted as `words`, unless it is there already.
    fn store(
        &self,
        unit: &mut AccountWrite<'_>,
        collection: Collection,
        words: &str,
        fields: Value,
    ) -> Result<(), ApiError> {
        let id = ids::debrief_id(self.interview_id, collection.as_str(), words);
        if unit.find_live(collection, &id)?.is_some() {
            return Ok(());
        }
        let Value::Object(mut fields) = fields else { return Ok(()) };
        fields.insert("interview_id".to_owned(), Value::from(self.interview_id));
        fields.insert("opportunity_id".to_owned(), Value::from(self.opportunity_id));
        records::create(unit, collection, &id, &fields).map(|_| ())
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
