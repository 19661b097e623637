//! Reading a promise without storing it, and the debrief in which it is stored.

use super::body;
use super::follow_up::served;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::commitment::{CommitmentKind, CommitmentSource};
use afterview_domain::entities::expectation::Subject;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::interview::{ATTENDEE, NextStepOwner, TALKING_POINT};
use afterview_domain::entities::opportunity::{OFFICE, Office};
use afterview_domain::promise::Reading;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

const WORDS: Kind = Kind::Text { min: 1, max: 500 };

/// Words to read.
#[derive(Deserialize)]
pub struct ParseBody {
    /// The words.
    pub text: String,
    /// When they were said.
    pub spoken_at: Option<Instant>,
    /// Whose office.
    pub opportunity_id: Option<String>,
    /// Or what office.
    pub office: Option<Office>,
}

static PARSE: Shape = Shape {
    name: "ParsePromise",
    about: "Words to read as a promise.",
    fields: &[
        required("text", WORDS, "The words heard, such as: by the end of the week."),
        optional("spoken_at", Kind::Instant, "When they were said; without it: now."),
        optional(
            "opportunity_id",
            Kind::Ref(Collection::Opportunities),
            "In whose office's calendar.",
        ),
        optional(
            "office",
            Kind::Object(&OFFICE),
            "Or in this office's; without either in the candidate's zone, Monday to Friday.",
        ),
    ],
};
body!(ParseBody, PARSE);

/// What was read from the words.
#[derive(Serialize, ToSchema)]
pub struct PromiseReading {
    /// exact, window, vague or unparsed.
    #[schema(examples("exact"))]
    pub kind: String,
    /// First promised day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2026-05-08"))]
    pub from: Option<String>,
    /// Last promised day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2026-05-08"))]
    pub by: Option<String>,
    /// Time of the last day, when one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("15:00"))]
    pub by_time: Option<String>,
    /// Said with a hopefully or probably.
    pub hedged: bool,
    /// The words have a second, earlier reading.
    pub ambiguous: bool,
    /// The day of that second reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub alternative: Option<String>,
    /// The row of the grammar that fitted.
    #[schema(examples("PH-EOW"))]
    pub rule: String,
    /// When the words were said.
    #[schema(format = DateTime)]
    pub spoken_at: String,
    /// The office's time zone in which the days are counted.
    #[schema(examples("America/New_York"))]
    pub time_zone: String,
}

impl PromiseReading {
    /// The reading as served.
    #[must_use]
    pub fn new(reading: &Reading, spoken_at: Instant, zone: chrono_tz::Tz) -> Self {
        Self {
            kind: reading.kind.as_str().to_owned(),
            from: reading.from.map(|date| date.to_string()),
            by: reading.by.map(|date| date.to_string()),
            by_time: reading.by_time.map(|time| time.format("%H:%M").to_string()),
            hedged: reading.hedged,
            ambiguous: reading.ambiguous,
            alternative: reading.alternative.map(|date| date.to_string()),
            rule: reading.rule.to_string(),
            spoken_at: served(Some(spoken_at)).unwrap_or_default(),
            time_zone: zone.name().to_owned(),
        }
    }
}

/// A promise heard in an interview.
#[derive(Debug, Clone, Deserialize)]
pub struct DebriefPromise {
    /// The words.
    pub text: String,
    /// What was promised.
    pub subject: Subject,
    /// Who said it.
    pub promised_by: Option<String>,
    /// When.
    pub spoken_at: Option<Instant>,
}

static DEBRIEF_PROMISE: Shape = Shape {
    name: "DebriefPromise",
    about: "What they said about the next step.",
    fields: &[
        required("text", WORDS, "The words heard, such as: by the end of the week."),
        Field {
            name: "subject",
            kind: Kind::Word(Subject::WORDS),
            need: Need::Default(r#""decision""#),
            about: "What was promised.",
        },
        optional(
            "promised_by",
            Kind::Ref(Collection::Contacts),
            "Who said it; decides whom to write to.",
        ),
        optional("spoken_at", Kind::Instant, "When; without it the end of the interview."),
    ],
};

static DEBRIEF_COMMITMENT: Shape = Shape {
    name: "DebriefCommitment",
    about: "Something that the candidate owes them now.",
    fields: &[
        required("kind", Kind::Word(CommitmentKind::WORDS), "What is owed."),
        optional("title", Kind::Text { min: 1, max: 200 }, "What exactly."),
        optional(
            "source",
            Kind::Word(CommitmentSource::WORDS),
            "Whether they asked or the candidate offered; without it: asked.",
        ),
        optional("due", Kind::Date, "The day by which it is due, in the office's zone."),
        optional("due_time", Kind::Time, "Time of that day."),
        optional("third_party", Kind::Bool, "Whether somebody else must deliver it."),
        optional("referee_contact_id", Kind::Ref(Collection::Contacts), "That somebody."),
    ],
};

/// The elevator moment in one call.
#[derive(Debug, Clone, Deserialize)]
pub struct DebriefBody {
    /// Who moves next.
    pub next_step_owner: Option<NextStepOwner>,
    /// What they said about the next step.
    pub promise: Option<DebriefPromise>,
    /// What the candidate owes them now, as fields of commitments.
    pub commitments: Vec<Map<String, Value>>,
    /// How it felt.
    pub impression: Option<i64>,
    /// Moments worth coming back to.
    pub talking_points: Option<Vec<Value>>,
    /// Who took part.
    pub attendees: Option<Vec<Value>>,
    /// Free notes.
    pub notes: Option<String>,
}

static DEBRIEF: Shape = Shape {
    name: "Debrief",
    about: "How the interview ended. Everything may be left out: not knowing is a legal answer.",
    fields: &[
        optional("next_step_owner", Kind::Word(NextStepOwner::WORDS), "Who moves next."),
        optional(
            "promise",
            Kind::Object(&DEBRIEF_PROMISE),
            "What they said about the next step; leave it out if nothing was said.",
        ),
        Field {
            name: "commitments",
            kind: Kind::List { of: &Kind::Object(&DEBRIEF_COMMITMENT), max: 20, key: &[] },
            need: Need::Default("[]"),
            about: "What the candidate owes them now.",
        },
        optional(
            "impression",
            Kind::Integer { min: 1, max: 5 },
            "How it felt, 1 to 5. Never changes the advice.",
        ),
        optional(
            "talking_points",
            Kind::List { of: &Kind::Object(&TALKING_POINT), max: 50, key: &["text"] },
            "Moments worth coming back to. Replaces those noted before.",
        ),
        optional(
            "attendees",
            Kind::List { of: &Kind::Object(&ATTENDEE), max: 30, key: &["contact_id"] },
            "Who took part. Replaces those planned.",
        ),
        optional(
            "notes",
            Kind::Text { min: 0, max: 20_000 },
            "Free notes. Replaces those noted before.",
        ),
    ],
};
body!(DebriefBody, DEBRIEF);
