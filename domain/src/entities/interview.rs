//! An interview: when, with whom, how it ended, and what was said about the next step.

use super::field::{Kind, LONG_TEXT, Shape, defaulted, optional, required, server, text, words};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::Instant;
use chrono::TimeDelta;
use serde::Deserialize;

words! {
    /// What kind of conversation it is.
    InterviewKind {
        Screen = "screen",
        Phone = "phone",
        Video = "video",
        Onsite = "onsite",
        Panel = "panel",
        Technical = "technical",
        TakeHomeReview = "take_home_review",
        Final = "final",
        Informal = "informal",
    }
}
words! {
    /// Where the interview stands.
    InterviewStatus {
        /// Still to come, or not yet reported.
        Scheduled = "scheduled",
        /// It took place.
        Held = "held",
        /// They did not come.
        NoShowThem = "no_show_them",
        /// The candidate did not come.
        NoShowMe = "no_show_me",
        /// They called it off.
        CancelledThem = "cancelled_them",
        /// The candidate called it off.
        CancelledMe = "cancelled_me",
        /// Another interview took its place.
        Rescheduled = "rescheduled",
    }
}
words! {
    /// Who moves next.
    NextStepOwner { Me = "me", Them = "them", Recruiter = "recruiter", Unknown = "unknown" }
}

/// Someone who was to take part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Attendee {
    /// Who.
    pub contact_id: String,
    /// Whether they came.
    pub present: bool,
}

/// A conversation about the job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Interview {
    /// Record identifier.
    pub id: String,
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// First, second, … conversation.
    pub round: Option<i64>,
    /// What kind of conversation.
    pub kind: InterviewKind,
    /// Planned or actual start.
    pub starts_at: Instant,
    /// Planned or actual end.
    pub ends_at: Instant,
    /// Where it stands.
    pub status: InterviewStatus,
    /// When the status last changed.
    pub status_changed_at: Option<Instant>,
    /// Who was to take part.
    pub attendees: Vec<Attendee>,
    /// Who arranged it.
    pub scheduler_contact_id: Option<String>,
    /// Who moves next, as far as known.
    pub next_step_owner: NextStepOwner,
    /// Moments worth coming back to.
    #[serde(default)]
    pub talking_points: Vec<TalkingPoint>,
}

/// A moment of the conversation worth coming back to in a thank-you note.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TalkingPoint {
    /// With whom; `None` for nobody in particular.
    pub contact_id: Option<String>,
    /// What it was, in the candidate's words.
    pub text: String,
}

/// The fields of an attendee.
pub static ATTENDEE: Shape = Shape {
    name: "Attendee",
    about: "Someone who was to take part in an interview.",
    fields: &[
        required("contact_id", Kind::Ref(Collection::Contacts), "Who."),
        defaulted("present", Kind::Bool, "true", "Whether they came."),
    ],
};

/// The fields of a talking point.
pub static TALKING_POINT: Shape = Shape {
    name: "TalkingPoint",
    about: "A moment of the conversation worth coming back to in a thank-you note.",
    fields: &[
        optional("contact_id", Kind::Ref(Collection::Contacts), "With whom."),
        required("text", text(1, 500), "What it was, in the candidate's words."),
    ],
};

/// The fields of an interview.
pub static SHAPE: Shape = Shape {
    name: "Interview",
    about: "A conversation about the job.",
    fields: &[
        super::opportunity::OWNER,
        optional("round", Kind::Integer { min: 1, max: 50 }, "First, second, … conversation."),
        defaulted(
            "kind",
            Kind::Word(InterviewKind::WORDS),
            r#""onsite""#,
            "What kind of conversation.",
        ),
        required("starts_at", Kind::Instant, "Planned or actual start."),
        required("ends_at", Kind::Instant, "Planned or actual end, after the start."),
        optional("time_zone", Kind::TimeZone, "The zone in which the appointment was made."),
        defaulted(
            "status",
            Kind::Word(InterviewStatus::WORDS),
            r#""scheduled""#,
            "Where it stands. `held` needs an end in the past.",
        ),
        server("status_changed_at", Kind::Instant, "When the status last changed."),
        defaulted(
            "attendees",
            Kind::List { of: &Kind::Object(&ATTENDEE), max: 30, key: &["contact_id"] },
            "[]",
            "Who was to take part.",
        ),
        optional("scheduler_contact_id", Kind::Ref(Collection::Contacts), "Who arranged it."),
        optional(
            "replaces_id",
            Kind::Ref(Collection::Interviews),
            "The interview that this one takes the place of.",
        ),
        defaulted(
            "next_step_owner",
            Kind::Word(NextStepOwner::WORDS),
            r#""unknown""#,
            "Who moves next, as far as known.",
        ),
        optional(
            "impression",
            Kind::Integer { min: 1, max: 5 },
            "How it felt, 1 to 5. Never changes the advice.",
        ),
        defaulted(
            "talking_points",
            Kind::List { of: &Kind::Object(&TALKING_POINT), max: 50, key: &["text"] },
            "[]",
            "Moments worth coming back to.",
        ),
        defaulted("notes", text(0, LONG_TEXT), r#""""#, "Free notes."),
    ],
};

/// How far the end of a held interview may lie ahead of the server's clock: people log it while
/// shaking hands.
const HELD_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// What must hold between the fields, and which steps the status may take from `before`.
pub(super) fn check(
    interview: &Interview,
    before: Option<InterviewStatus>,
    now: Instant,
    errors: &mut FieldErrors,
) {
    if interview.ends_at <= interview.starts_at {
        errors.push("/ends_at", FaultCode::Inconsistent, "the end must come after the start");
    }
    if interview.status == InterviewStatus::Held && interview.ends_at > now + HELD_TOLERANCE {
        let detail = "an interview that has not ended yet cannot have been held";
        errors.push("/status", FaultCode::Inconsistent, detail);
    }
    if let Some(before) = before
        && !may_become(before, interview.status)
    {
        let detail = format!(
            "an interview cannot go from {} to {}",
            before.as_str(),
            interview.status.as_str()
        );
        errors.push("/status", FaultCode::Transition, detail);
    }
}

/// The state machine of an interview: scheduled goes anywhere; `held` may only be corrected to a
/// no-show; what ended otherwise may be scheduled again or turn out to have been held.
fn may_become(before: InterviewStatus, after: InterviewStatus) -> bool {
    use InterviewStatus::{Held, NoShowMe, NoShowThem};
    before == after || before != Held || matches!(after, NoShowThem | NoShowMe)
}
