//! What the actions on a follow-up take.

use super::body;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::follow_up::OutboundChannel;
use serde::Deserialize;
use utoipa::ToSchema;

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

const CHANNEL: Kind = Kind::Word(OutboundChannel::WORDS);

/// What recording a sending takes.
#[derive(Debug, Clone, Deserialize)]
pub struct SentBody {
    /// When.
    pub sent_at: Option<Instant>,
    /// By which way.
    pub channel: Option<OutboundChannel>,
    /// It asked when to expect an answer.
    pub asked_timeline: Option<bool>,
    /// What it carried besides.
    pub included: Option<Vec<String>>,
}

static SENT: Shape = Shape {
    name: "MarkSent",
    about: "That a message went out.",
    fields: &[
        field(
            "sent_at",
            Kind::Instant,
            "When; without it: now. A time in the future is set to now and flagged.",
        ),
        field("channel", CHANNEL, "By which way; without it as planned."),
        field(
            "asked_timeline",
            Kind::Bool,
            "It asked when to expect an answer; without it as planned.",
        ),
        field(
            "included",
            Kind::Set { of: &Kind::Text { min: 1, max: 64 }, min: 0, max: 50 },
            "What it carried besides: thanks, supplement or ids of commitments.",
        ),
    ],
};
body!(SentBody, SENT);

/// What a correction takes.
#[derive(Debug, Clone, Deserialize)]
pub struct CorrectBody {
    /// The right time.
    pub sent_at: Option<Instant>,
    /// The right way.
    pub channel: Option<OutboundChannel>,
    /// The right recipient.
    pub to: Option<String>,
    /// It was never sent.
    #[serde(default)]
    pub not_sent: bool,
    /// Why.
    pub reason: Option<String>,
}

static CORRECT: Shape = Shape {
    name: "CorrectSent",
    about: "What was wrong in the record of a sent one. Both versions stay in the history.",
    fields: &[
        field("sent_at", Kind::Instant, "The right time."),
        field("channel", CHANNEL, "The right way."),
        field("to", Kind::Ref(Collection::Contacts), "The right recipient."),
        Field {
            name: "not_sent",
            kind: Kind::Bool,
            need: Need::Default("false"),
            about: "It was never sent.",
        },
        field("reason", Kind::Text { min: 0, max: 500 }, "Why, in the candidate's words."),
    ],
};
body!(CorrectBody, CORRECT);

/// What a snooze takes.
#[derive(Debug, Clone, Deserialize)]
pub struct SnoozeBody {
    /// Until when.
    pub until: Option<Instant>,
}

static SNOOZE: Shape = Shape {
    name: "Snooze",
    about: "Putting the reminder off. The window and the verdict stay.",
    fields: &[field(
        "until",
        Kind::Instant,
        "Until when, in the future; without it the snooze ends.",
    )],
};
body!(SnoozeBody, SNOOZE);

static NOTHING: Shape = Shape { name: "Nothing", about: "An empty object.", fields: &[] };

/// What an undo takes: nothing.
#[derive(Debug, Clone, Deserialize)]
pub struct UndoBody {}
body!(UndoBody, NOTHING);

/// What a skip takes: nothing.
#[derive(Debug, Clone, Deserialize)]
pub struct SkipBody {}
body!(SkipBody, NOTHING);

/// What taking a skip back takes: nothing.
#[derive(Debug, Clone, Deserialize)]
pub struct ReopenBody {}
body!(ReopenBody, NOTHING);

/// A follow-up of the candidate's own.
#[derive(Debug, Clone, Deserialize)]
pub struct CustomBody {
    /// Identifier.
    pub id: Option<String>,
    /// The opportunity.
    pub opportunity_id: String,
    /// The interview.
    pub interview_id: Option<String>,
    /// What it is about.
    pub title: String,
    /// When it is due.
    pub due_at: Instant,
    /// To whom.
    pub to: Option<String>,
    /// By which way.
    pub channel: Option<OutboundChannel>,
    /// Subject line.
    pub subject: Option<String>,
    /// The draft.
    pub body: Option<String>,
}

static CUSTOM: Shape = Shape {
    name: "CustomFollowUp",
    about: "A follow-up of the candidate's own, judged by the same blocks and tact as the planned ones.",
    fields: &[
        field(
            "id",
            Kind::Ref(Collection::FollowUps),
            "Identifier, chosen by the client or made by the server.",
        ),
        Field {
            name: "opportunity_id",
            kind: Kind::Ref(Collection::Opportunities),
            need: Need::Required,
            about: "The opportunity that it belongs to.",
        },
        field("interview_id", Kind::Ref(Collection::Interviews), "The interview that it is about."),
        Field {
            name: "title",
            kind: Kind::Text { min: 1, max: 200 },
            need: Need::Required,
            about: "What it is about.",
        },
        Field {
            name: "due_at",
            kind: Kind::Instant,
            need: Need::Required,
            about: "When it is due.",
        },
        field("to", Kind::Ref(Collection::Contacts), "To whom; without it a note to oneself."),
        field("channel", CHANNEL, "By which way."),
        field("subject", Kind::Text { min: 0, max: 300 }, "Subject line."),
        field("body", Kind::Text { min: 0, max: 20_000 }, "The draft."),
    ],
};
body!(CustomBody, CUSTOM);

/// A change to a draft; its members are parsed as a merge patch of the stored record.
pub struct DraftPatch;

/// The fields of a follow-up that a draft may change.
pub static DRAFT: Shape = Shape {
    name: "FollowUp",
    about: "A change to the draft of a follow-up that has not been sent.",
    fields: &[
        field("subject", Kind::Text { min: 0, max: 300 }, "Subject line."),
        field("body", Kind::Text { min: 0, max: 20_000 }, "The draft."),
        field("channel", CHANNEL, "By which way."),
        field("to", Kind::Ref(Collection::Contacts), "To whom."),
        field(
            "slots",
            Kind::TextMap { max_entries: 20, max_chars: 2_000 },
            "Values for the blanks of the draft.",
        ),
        field("title", Kind::Text { min: 1, max: 200 }, "What a custom one is about."),
        field("due_at", Kind::Instant, "When a custom one is due."),
    ],
};

impl utoipa::PartialSchema for DraftPatch {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        super::schema::of_shape(&DRAFT, super::schema::Side::Patch)
    }
}

impl ToSchema for DraftPatch {
    fn name() -> std::borrow::Cow<'static, str> {
        "FollowUpPatch".into()
    }
}
